/** The bar that says what is filtered and lets one change it. It writes the state; others act on it. */

import type { Corpus } from "./data.ts";
import { button, counted, debounced, el, name } from "./dom.ts";
import { mark, swatch } from "./swatch.ts";
import { shapes } from "./map/shapes.ts";
import { EMPTY, filters, NO_THEME, type Only, type State } from "./state.ts";
import type { Store } from "./store.ts";

/** With more choices than this, a field narrows them. */
const NARROWED_ABOVE = 12;

type Many = "themes" | "outlets" | "kinds";
interface Choice {
  value: number;
  name: string;
  count: number;
  picture?: SVGElement;
}

export class Filters {
  private readonly count = el("span", { class: "count", role: "status" });
  private readonly words = el("input", { type: "search", "aria-label": "Words", placeholder: "Words", class: "words", autocomplete: "off", spellcheck: "false" });
  private readonly clear = button("Clear", () => this.store.set({ ...EMPTY, open: this.store.state.open }), { class: "clear" });
  private readonly updates: ((state: State) => void)[] = [];

  constructor(
    private readonly corpus: Corpus,
    private readonly store: Store,
    private readonly bar: HTMLElement,
  ) {
    const fields = el("div", { class: "fields" }, this.words, ...this.popovers(), ...this.dates(), ...this.only(), this.chips());
    // On phones the fields hide behind one button; where there is room the button is not shown.
    const fold = button("Filters", () => fold.setAttribute("aria-expanded", String(bar.classList.toggle("unfolded"))), { class: "fold", "aria-expanded": "false" });
    bar.append(fold, fields, this.count, this.clear);
    bar.hidden = false;
    this.words.addEventListener("input", debounced(120, () => store.adjust({ words: this.words.value })));
    this.closeOutside();
    store.onChange((state) => this.update(state));
    this.update(store.state);
  }

  /** Says how many paragraphs match. */
  say(count: number): void {
    const { size } = this.corpus;
    this.count.textContent = count === size ? counted(size, "paragraph") : `${count.toLocaleString("en")} of ${counted(size, "paragraph")}`;
  }

  private update(state: State): void {
    if (document.activeElement !== this.words) this.words.value = state.words;
    this.clear.hidden = !filters(state);
    this.bar.classList.toggle("active", filters(state));
    this.updates.forEach((update) => update(state));
  }

  private popovers(): HTMLElement[] {
    const { corpus } = this;
    const { data } = corpus;
    const shape = shapes(corpus);
    const outlets = data.outlets.map((name, value) => ({ value, name, count: corpus.paragraphsOfOutlet[value], picture: mark(shape[value]) }));
    const themes: Choice[] = data.themes.map((theme, value) => ({ value, name: theme.name, count: theme.members.length, picture: swatch(corpus.colourClass(value)) }));
    const none = corpus.themesOf.filter((themes) => themes.length === 0).length;
    if (themes.length && none) themes.push({ value: NO_THEME, name: "No theme", count: none, picture: swatch("tn") });
    const counts = data.kinds.map(() => 0);
    data.paragraphs.kind.forEach((kind) => counts[kind]++);
    const kinds = data.kinds.map((name, value) => ({ value, name, count: counts[value] })).filter((kind) => kind.count > 0);
    const made: [string, Many, Choice[]][] = [["Outlet", "outlets", outlets], ["Theme", "themes", themes], ["Kind", "kinds", kinds]];
    return made.filter(([, , choices]) => choices.length > 1).map(([label, many, choices]) => this.popover(label, many, choices));
  }

  private popover(label: string, many: Many, choices: Choice[]): HTMLElement {
    const summary = el("summary", {}, label);
    const boxes = choices.map((choice) => this.choice(many, choice));
    const list = el("ul", {}, ...boxes.map(({ line }) => line));
    const inside = el("div", { class: "popover", role: "group", "aria-label": label }, choices.length > NARROWED_ABOVE && narrow(label, choices, boxes), list);
    const details = el("details", { class: "choose" }, summary, inside);
    this.updates.push((state) => {
      const chosen = state[many];
      boxes.forEach(({ box }, at) => (box.checked = chosen.includes(choices[at].value)));
      summary.textContent = chosen.length ? `${label} · ${chosen.length}` : label;
      details.classList.toggle("chosen", chosen.length > 0);
    });
    return details;
  }

  private choice(many: Many, choice: Choice): { line: HTMLElement; box: HTMLInputElement } {
    const box = el("input", { type: "checkbox" });
    box.addEventListener("change", () => this.store.set({ [many]: toggled(this.store.state[many], choice.value) }));
    const count = el("span", { class: "n" }, choice.count.toLocaleString("en"));
    return { box, line: el("li", {}, el("label", {}, box, choice.picture ?? null, name(choice.name), count)) };
  }

  private dates(): HTMLElement[] {
    const { firstDate, lastDate, undated } = this.corpus;
    if (firstDate === null || lastDate === null || firstDate === lastDate) return [];
    const field = (which: "from" | "to", label: string) => {
      const input = el("input", { type: "date", min: firstDate, max: lastDate });
      input.addEventListener("change", () => this.store.set({ [which]: input.value }));
      this.updates.push((state) => document.activeElement !== input && (input.value = state[which]));
      return el("label", { class: "date" }, `${label} `, input);
    };
    const note = undated ? el("span", { class: "undated", title: `${counted(undated, "article")} without a date left out while a date is set` }, `${undated} undated`) : null;
    return [field("from", "From"), field("to", "To"), ...(note ? [note] : [])];
  }

  private only(): HTMLElement[] {
    const choices: [string, string][] = [["", "All paragraphs"]];
    if (this.corpus.exclusiveKnown) choices.push(["exclusive", "Only in one outlet"]);
    if (this.corpus.groupsKnown) choices.push(["shared", "In several outlets"]);
    if (choices.length === 1) return [];
    const select = el("select", { "aria-label": "Coverage" }, ...choices.map(([value, text]) => el("option", { value }, text)));
    select.addEventListener("change", () => this.store.set({ only: (select.value || null) as Only }));
    this.updates.push((state) => (select.value = state.only ?? ""));
    return [select];
  }

  /** What no field shows: the brush, and two outlets that share. */
  private chips(): HTMLElement {
    const chips = el("span", { class: "chips" });
    this.updates.push((state) => {
      const names = state.both.map((outlet) => this.corpus.data.outlets[outlet]);
      const both = names.length ? button(`Both ${names.join(" and ")} ×`, () => this.store.set({ both: [] }), { class: "picked", title: "No longer only what both have" }) : null;
      const box = state.box ? button("Selected on the map ×", () => this.store.set({ box: null }), { class: "picked", title: "Clear the selection" }) : null;
      chips.replaceChildren(...[both, box].filter((chip): chip is HTMLButtonElement => chip !== null));
    });
    return chips;
  }

  /** An open popover closes when one goes elsewhere. */
  private closeOutside(): void {
    const others = (inside: Node | null) => this.bar.querySelectorAll<HTMLDetailsElement>("details[open]").forEach((details) => details.contains(inside) || (details.open = false));
    addEventListener("pointerdown", (event) => others(event.target as Node));
    this.bar.addEventListener("focusin", (event) => others(event.target as Node));
    this.bar.addEventListener("keydown", (event) => {
      const open = (event.target as Element).closest<HTMLDetailsElement>("details[open]");
      if (event.key !== "Escape" || !open) return;
      event.preventDefault();
      open.open = false;
      open.querySelector("summary")?.focus();
    });
  }
}

/** A field that hides the choices without what is typed. */
function narrow(label: string, choices: Choice[], boxes: { line: HTMLElement }[]): HTMLElement {
  const field = el("input", { type: "search", "aria-label": `Narrow: ${label.toLowerCase()}`, placeholder: "Narrow", class: "narrow" });
  field.addEventListener("input", () => {
    const sought = field.value.trim().toLowerCase();
    boxes.forEach(({ line }, at) => (line.hidden = !choices[at].name.toLowerCase().includes(sought)));
  });
  return field;
}

/** The list with the value if it was without, else without. */
export const toggled = (list: number[], value: number): number[] => (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]);
