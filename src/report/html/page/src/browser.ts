/** The paragraphs that match, as a list: searched, sorted, a page at a time, to be taken along as CSV or JSON. */

import type { Corpus } from "./data.ts";
import { button, counted, day, debounced, el, name } from "./dom.ts";
import { csv, json, save } from "./download.ts";
import { focusOn } from "./items.ts";
import type { Matches } from "./match.ts";
import { filters } from "./state.ts";
import type { Store } from "./store.ts";
import { swatch } from "./swatch.ts";
import { highlighted } from "./words.ts";

const PAGE = 25;
type Order = "relevance" | "corpus" | "newest" | "oldest";

export class Browser {
  private matches: Matches | null = null;
  private indices: number[] = [];
  private shown = 0;
  private readonly field: HTMLInputElement;
  /** The filter bar, where there is one, tells screen readers the count. */
  private readonly said = el("p", { class: "said", role: document.getElementById("filters") ? undefined : "status" });
  private readonly list = el("ol", { class: "results" });
  private readonly moreButton = button("Show more", () => this.more(true), { class: "more" });
  private readonly order = el("select", { id: "order" });

  constructor(
    private readonly corpus: Corpus,
    private readonly store: Store,
    section: HTMLElement,
  ) {
    this.field = el("input", { id: "words", type: "search", autocomplete: "off", spellcheck: "false", placeholder: "Words in the text or title" });
    this.field.value = store.state.words;
    this.field.addEventListener("input", debounced(120, () => store.adjust({ words: this.field.value })));
    section.append(this.tools(), this.said, this.list, this.moreButton);
    section.hidden = false;
    store.onChange((state) => {
      if (document.activeElement !== this.field) this.field.value = state.words;
    });
  }

  /** Lists what matches. */
  show(matches: Matches): void {
    this.matches = matches;
    this.indices = this.sorted(matches);
    this.say(matches);
    this.list.replaceChildren();
    this.shown = 0;
    this.more(false);
  }

  /** Says that the words are still being looked for. */
  wait(): void {
    this.said.textContent = "Searching …";
  }

  private tools(): HTMLElement {
    const options: [Order, string][] = [["relevance", "best match, else corpus"], ["corpus", "order of the corpus"]];
    if (this.corpus.firstDate !== null) options.push(["newest", "newest first"], ["oldest", "oldest first"]);
    this.order.append(...options.map(([value, text]) => el("option", { value }, text)));
    this.order.addEventListener("change", () => this.matches && this.show(this.matches));
    const of = this.corpus.isSample ? " (of the sample)" : "";
    return el(
      "div",
      { class: "tools" },
      el("label", { for: "words" }, "Search"),
      this.field,
      el("label", { for: "order" }, "Sort by"),
      this.order,
      button(`CSV${of}`, () => save("refrain-paragraphs.csv", "text/csv;charset=utf-8", csv(this.corpus, this.indices)), { class: "save-csv", "aria-label": `Download the paragraphs listed as CSV${of}` }),
      button(`JSON${of}`, () => save("refrain-paragraphs.json", "application/json", json(this.corpus, this.indices)), { class: "save-json", "aria-label": `Download the paragraphs listed as JSON${of}` }),
    );
  }

  private say(matches: Matches): void {
    const of = this.corpus.size.toLocaleString("en");
    const whole = this.corpus.isSample ? ` The page holds a sample: ${of} of ${this.corpus.data.total.toLocaleString("en")}.` : "";
    const some = matches.found && !matches.found.all && matches.count ? " None has all the words: those with some of them." : "";
    const count = matches.count === this.corpus.size ? counted(matches.count, "paragraph") : `${matches.count.toLocaleString("en")} of ${counted(this.corpus.size, "paragraph")}`;
    this.said.textContent = `${count}.${this.ofTheme(matches)}${some}${whole}`;
  }

  /** Where a sample lists a theme and nothing else is asked, how many the theme has. */
  private ofTheme(matches: Matches): string {
    const { themes, ...others } = this.store.state;
    const size = themes.length === 1 ? this.corpus.data.themes[themes[0]]?.size : undefined;
    if (size === undefined || size <= matches.count || filters({ ...others, themes: [] })) return "";
    return ` ${matches.count.toLocaleString("en")} here of ${size.toLocaleString("en")} in the theme.`;
  }

  private sorted(matches: Matches): number[] {
    const order = this.order.value as Order;
    const ranked = matches.found && order === "relevance";
    const indices = (ranked ? matches.found!.indices : [...matches.mask.keys()]).filter((index) => matches.mask[index]);
    if (order !== "newest" && order !== "oldest") return indices;
    const date = (index: number) => this.corpus.article(index).date;
    const sign = order === "newest" ? -1 : 1;
    return indices.sort((a, b) => {
      const [left, right] = [date(a), date(b)];
      if (left === right) return a - b;
      // Undated ones last, whichever way.
      if (left === null || right === null) return left === null ? 1 : -1;
      return left < right ? -sign : sign;
    });
  }

  private more(moved: boolean): void {
    const next = this.indices.slice(this.shown, this.shown + PAGE).map((index) => this.result(index));
    this.list.append(...next);
    this.shown += next.length;
    const left = this.indices.length - this.shown;
    this.moreButton.hidden = left <= 0;
    this.moreButton.textContent = `Show ${Math.min(PAGE, left)} more of ${left.toLocaleString("en")}`;
    if (moved && next[0]) focusOn(next[0].querySelector("a") ?? next[0]);
  }

  private result(index: number): HTMLElement {
    const { corpus } = this;
    const { title, date } = corpus.article(index);
    const theme = corpus.data.paragraphs.theme[index];
    const terms = this.matches?.found?.terms ?? [];
    const link = el("a", { href: `#p=${index}`, class: "open" }, el("bdi", {}, ...(title === null ? [corpus.article(index).id] : highlighted(title, terms))));
    return el(
      "li",
      {},
      el("p", { class: "from" }, name(corpus.outletName(index)), date === null ? null : el("time", { datetime: date }, day(date)), link, theme < 0 ? null : el("span", { class: "in" }, swatch(corpus.colourClass(theme)), name(corpus.themeName(index)))),
      el("p", { dir: "auto", class: "text" }, ...highlighted(corpus.data.paragraphs.text[index], terms)),
    );
  }
}
