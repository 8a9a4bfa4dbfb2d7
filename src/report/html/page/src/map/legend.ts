/** What colours and shapes mean; pressing an entry filters by it. */

import type { Corpus } from "../data.ts";
import { button, el, name } from "../dom.ts";
import { toggled } from "../filters.ts";
import type { State } from "../state.ts";
import type { Store } from "../store.ts";
import { mark, swatch } from "../swatch.ts";
import { SHAPES, type Shape } from "./shapes.ts";

type Many = "themes" | "outlets";

/** The legend, kept up to date with the state. */
export function legend(corpus: Corpus, store: Store, ofOutlet: Shape[]): HTMLElement {
  const updates: ((state: State) => void)[] = [];
  const entry = (many: Many, value: number, text: string, picture: SVGElement) => {
    const pressed = button(el("span", {}, picture, name(text)), () => store.set({ [many]: toggled(store.state[many], value) }), { title: text });
    updates.push((state) => pressed.setAttribute("aria-pressed", String(state[many].includes(value))));
    return el("li", {}, pressed);
  };
  const themes = inColour(corpus).map((at) => entry("themes", at, corpus.data.themes[at].name, swatch(corpus.colourClass(at))));
  const rest = corpus.data.themes.length - themes.length;
  if (rest > 0) themes.push(el("li", { class: "rest" }, swatch("tx"), `${rest} smaller themes`));
  if (corpus.data.paragraphs.theme.includes(-1)) themes.push(entry("themes", -1, "no theme", swatch("tn")));
  const outlets = corpus.data.outlets.map((_, at) => at).filter((at) => ofOutlet[at] !== "ring");
  outlets.sort((a, b) => SHAPES.indexOf(ofOutlet[a]) - SHAPES.indexOf(ofOutlet[b]));
  const shapes = outlets.map((at) => entry("outlets", at, corpus.data.outlets[at], mark(ofOutlet[at])));
  const others = corpus.data.outlets.length - outlets.length;
  if (others > 0) shapes.push(el("li", { class: "rest" }, mark("ring"), `${others} other outlets`));
  const update = (state: State) => updates.forEach((update) => update(state));
  store.onChange(update);
  update(store.state);
  return el("div", { class: "legend" }, el("ul", { "aria-label": "Themes by colour" }, ...themes), el("ul", { "aria-label": "Outlets by shape" }, ...shapes));
}

/** The themes that have a colour of their own, in the order of the colours. */
function inColour(corpus: Corpus): number[] {
  const { themes } = corpus.data;
  const coloured = themes.map((_, at) => at).filter((at) => themes[at].colour >= 0);
  return coloured.sort((a, b) => themes[a].colour - themes[b].colour);
}
