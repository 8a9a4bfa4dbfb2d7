/** What a point says when one points at it; it stays inside the window. */

import type { Corpus } from "../data.ts";
import { day, el, name } from "../dom.ts";
import { swatch } from "../swatch.ts";

const GAP = 14;

export class Tip {
  private readonly box = el("div", { class: "tip", role: "tooltip", hidden: true });

  constructor(private readonly corpus: Corpus) {
    document.body.append(this.box);
  }

  /** Shows a paragraph beside a place in the window. */
  show(index: number, x: number, y: number, more: string): void {
    const { corpus, box } = this;
    const { title, date } = corpus.article(index);
    const theme = corpus.themeName(index);
    box.replaceChildren(
      el("p", { class: "from" }, el("strong", {}, name(corpus.outletName(index))), date === null ? null : el("span", {}, day(date))),
      title === null ? "" : el("p", { class: "title" }, name(title)),
      theme ? el("p", { class: "in" }, swatch(corpus.colourClass(corpus.data.paragraphs.theme[index])), name(theme)) : "",
      el("p", { class: "text", dir: "auto" }, corpus.data.paragraphs.text[index]),
      more ? el("p", { class: "hint" }, more) : "",
    );
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    const room = (at: number, size: number, whole: number) => Math.max(4, at + GAP + size > whole - 4 ? Math.min(at - GAP - size, whole - size - 4) : at + GAP);
    box.style.left = `${room(x, width, document.documentElement.clientWidth)}px`;
    box.style.top = `${room(y, height, innerHeight)}px`;
  }

  hide(): void {
    this.box.hidden = true;
  }
}
