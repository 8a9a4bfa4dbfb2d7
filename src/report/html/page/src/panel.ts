/** One paragraph whole, with what is known of it and its nearest: beside the page where it is wide, over it where not. */

import type { Corpus } from "./data.ts";
import { button, counted, day, el, name, safeUrl } from "./dom.ts";
import { focusOn } from "./items.ts";
import { EMPTY } from "./state.ts";
import type { Store } from "./store.ts";
import { swatch } from "./swatch.ts";

/** Longer texts are folded on phones. */
const LONG = 600;

export class Panel {
  private readonly dialog = el("dialog", { class: "panel", "aria-labelledby": "panel-title" });
  private others = false;
  /** What had the focus before the panel opened. */
  private before: HTMLElement | null = null;

  constructor(
    private readonly corpus: Corpus,
    private readonly store: Store,
  ) {
    document.body.append(this.dialog);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.dialog.open && !event.defaultPrevented) this.close();
    });
    store.onChange((state, before) => state.open !== before.open && this.show(state.open));
  }

  /** Shows a paragraph, or nothing. */
  show(index: number | null): void {
    if (index === null) return this.leave();
    this.fill(index);
    if (!this.dialog.open) {
      this.before = document.activeElement as HTMLElement | null;
      if (matchMedia("(min-width: 60rem)").matches) this.dialog.show();
      else this.dialog.showModal();
    }
    this.dialog.scrollTop = 0;
    this.dialog.querySelector<HTMLElement>("h2")?.focus();
  }

  private close(): void {
    this.store.set({ open: null });
  }

  private leave(): void {
    if (!this.dialog.open) return;
    this.dialog.close();
    if (this.before?.isConnected) focusOn(this.before);
    this.before = null;
  }

  private fill(index: number): void {
    const { corpus } = this;
    const { paragraphs } = corpus.data;
    this.dialog.replaceChildren(
      this.bar(index),
      el("h2", { id: "panel-title", tabindex: "-1" }, name(corpus.outletName(index))),
      this.source(index),
      ...this.text(paragraphs.text[index]),
      this.facts(index),
      ...this.nearest(index),
    );
  }

  /** The whole text; where the panel covers the page a long one is folded, so that what is known of it is near. */
  private text(text: string): Node[] {
    const quote = el("blockquote", { dir: "auto" }, text);
    if (text.length <= LONG) return [quote];
    quote.classList.add("long");
    const all = button("Show all of it", () => {
      quote.classList.remove("long");
      all.remove();
      focusOn(quote);
    }, { class: "all" });
    return [quote, all];
  }

  private bar(index: number): HTMLElement {
    const step = (steps: number, label: string, text: string) => {
      const there = this.corpus.beside(index, steps);
      return button(text, () => there !== null && this.store.set({ open: there }), { "aria-label": label, title: label, disabled: there === null });
    };
    const copy: HTMLButtonElement = button("Copy link", () => this.copy(copy), { class: "copy" });
    const close = button("Close", () => this.close(), { class: "close" });
    return el("div", { class: "bar" }, step(-1, "Previous paragraph of the article", "‹ Previous"), step(1, "Next paragraph of the article", "Next ›"), copy, close);
  }

  private async copy(pressed: HTMLButtonElement): Promise<void> {
    const address = this.store.address({ ...EMPTY, open: this.store.state.open });
    try {
      await navigator.clipboard.writeText(address);
      pressed.textContent = "Copied";
    } catch {
      // No clipboard, as in some viewers of local files: the address to copy by hand.
      const field = el("input", { readonly: true, "aria-label": "Link to this paragraph", class: "address" });
      field.value = address;
      pressed.replaceWith(field);
      field.select();
    }
  }

  private source(index: number): HTMLElement {
    const { title, url, date, id } = this.corpus.article(index);
    const said = name(title ?? id);
    const address = safeUrl(url);
    const linked = address === null ? said : el("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, said);
    return el("p", { class: "source" }, linked, date === null ? null : el("time", { datetime: date }, day(date)));
  }

  private facts(index: number): HTMLElement {
    const { corpus } = this;
    const { paragraphs, themes } = corpus.data;
    const list = el("dl", {}, el("dt", {}, "Place"), el("dd", {}, `${corpus.kindName(index)}, number ${paragraphs.place[index]} of its article`));
    const add = (term: string, ...said: Node[]) => said.length && list.append(el("dt", {}, term), ...said.map((one) => el("dd", {}, one)));
    const theme = (at: number) => el("a", { href: `#theme-${at + 1}` }, swatch(corpus.colourClass(at)), name(themes[at].name));
    add("Theme", ...corpus.themesOf[index].map(theme));
    add("Same text", ...corpus.groupsOf[index].map((at) => this.group(at)));
    if (paragraphs.exclusive[index]) add("Only here", el("span", {}, "no other outlet has it"));
    return list;
  }

  /** A group by its number, linked where the page shows it. */
  private group(at: number): Node {
    const { groups, data } = this.corpus;
    const here = groups[at].length;
    const all = data.sizes?.[at] ?? here;
    const text = `Group ${at + 1}: ${data.grades[at]}, ${here < all ? `${here} of ` : ""}${counted(all, "passage")}${here < all ? " on this page" : ""}`;
    return document.getElementById(`group-${at + 1}`) ? el("a", { href: `#group-${at + 1}` }, text) : el("span", {}, text);
  }

  private nearest(index: number): Node[] {
    const { corpus } = this;
    const all = corpus.near(index);
    const known = corpus.data.paragraphs.near_of?.[index] ?? all.length;
    if (known === 0) return [];
    const some = all.length < known ? el("p", {}, `${all.length || "None"} of the ${known} nearest ${all.length > 1 ? "are" : "is"} on this page.`) : null;
    if (all.length === 0) return [el("h3", {}, "Nearest paragraphs"), some!];
    const hits = this.others ? all.filter((hit) => corpus.outlet(hit.index) !== corpus.outlet(index)) : all;
    const toggle = el("input", { type: "checkbox", id: "others", checked: this.others });
    toggle.addEventListener("change", () => {
      this.others = toggle.checked;
      this.fill(index);
      document.getElementById("others")?.focus();
    });
    const line = (hit: { index: number; cosine: number }) =>
      el(
        "li",
        {},
        el("p", { class: "from" }, el("span", { class: "cosine", title: "Cosine: 1 says the same" }, hit.cosine.toFixed(2)), name(corpus.outletName(hit.index)), swatch(corpus.colourClass(corpus.data.paragraphs.theme[hit.index]))),
        el("a", { href: `#p=${hit.index}`, dir: "auto" }, shortened(corpus.data.paragraphs.text[hit.index])),
      );
    const none = hits.length === 0 ? el("p", {}, `None of ${some ? "these" : "the nearest"} is another outlet's.`) : null;
    return [el("h3", {}, "Nearest paragraphs"), ...(some ? [some] : []), el("p", { class: "only-others" }, toggle, el("label", { for: "others" }, "other outlets only")), el("ol", { class: "near" }, ...hits.map(line)), ...(none ? [none] : [])];
  }
}

function shortened(text: string): string {
  if (text.length <= 220) return text;
  const cut = text.slice(0, 220);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 160))} …`;
}
