/**
 * The items that Rust wrote (themes, groups, quotations, exclusives, omissions, pairs): hidden where nothing of theirs
 * matches, and long lists of them folded.
 */

import { button, counted } from "./dom.ts";
import type { Matches } from "./match.ts";
import { filters, type State } from "./state.ts";

/** Kinds of items, those first that a section is about. */
const KINDS = [".theme", ".group", ".quotation", ".exclusive", ".omission", ".pair"];

interface Item {
  element: HTMLElement;
  /** Indices of the paragraphs it speaks of. */
  rows: number[];
  /** Those that have it, or of an omission those that lack it. */
  outlets: number[];
  /** The theme it is about, or null. */
  theme: number | null;
  matches: boolean;
}

interface List {
  element: HTMLElement;
  children: HTMLElement[];
  page: number;
  limit: number;
  more: HTMLButtonElement;
}

export class Items {
  private readonly items: Item[];
  private readonly lists: List[];

  constructor(private readonly membersOfTheme: number[][]) {
    this.items = [...document.querySelectorAll<HTMLElement>("[data-rows], article[data-theme]")].map((element) => this.item(element));
    this.lists = [...document.querySelectorAll<HTMLElement>(".list[data-page]")].map((element) => this.list(element));
    // The filter bar tells how much matches: a screen reader would hear it from each section again.
    if (document.getElementById("filters")) document.querySelectorAll("p.shown[aria-live]").forEach((said) => said.removeAttribute("aria-live"));
    addEventListener("beforeprint", () => this.lists.forEach((list) => this.fold(list, Infinity)));
    addEventListener("afterprint", () => this.lists.forEach((list) => this.fold(list, list.limit)));
    this.lists.forEach((list) => this.fold(list, list.limit));
  }

  /** The rows and outlets of groups and pairs. */
  get pairs(): { rows: number[]; outlets: number[] }[] {
    return this.items.filter((item) => item.element.matches(".group, .pair"));
  }

  /** Hides what has no match. */
  show(matches: Matches, state: State, filtered: boolean): void {
    for (const item of this.items) {
      item.matches = !filtered || this.fits(item, matches, state);
      item.element.hidden = !item.matches;
      this.count(item, matches, filtered);
    }
    for (const list of this.lists) {
      list.limit = list.page;
      this.fold(list, list.limit);
    }
    document.querySelectorAll<HTMLElement>("section.filtered").forEach((section) => this.say(section, filtered));
  }

  /** Makes an element visible: unfolds what it is in. False where a filter hides it. */
  reveal(element: HTMLElement): boolean {
    const hiding = this.items.find((item) => !item.matches && item.element.contains(element));
    if (hiding) return false;
    for (const list of this.lists) {
      const at = this.matching(list).findIndex((child) => child.contains(element));
      if (at >= list.limit) this.fold(list, (list.limit = at + 1));
    }
    for (let up: HTMLElement | null = element; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
    return true;
  }

  private item(element: HTMLElement): Item {
    const numbers = (said: string | undefined) => (said ?? "").split(" ").filter(Boolean).map(Number);
    const theme = element.dataset.theme === undefined ? null : Number(element.dataset.theme);
    const rows = theme === null ? numbers(element.dataset.rows) : (this.membersOfTheme[theme] ?? []);
    return { element, rows, outlets: numbers(element.dataset.outlets), theme, matches: true };
  }

  private fits(item: Item, matches: Matches, state: State): boolean {
    if (item.theme !== null && state.themes.length && !state.themes.includes(item.theme)) return false;
    if (item.element.matches(".group, .pair") && !state.both.every((outlet) => item.outlets.includes(outlet))) return false;
    if (item.rows.length === 0) return fitsWithoutRows(item, state);
    if (!item.element.matches(".omission")) return item.rows.some((index) => matches.mask[index]);
    // Its rows are what others carry: an outlet is asked of those that lack it.
    return ofOutlets(item, state) && item.rows.some((index) => matches.anywhere[index]);
  }

  /** A theme says how many of its paragraphs match. */
  private count(item: Item, matches: Matches, filtered: boolean): void {
    if (item.theme === null) return;
    let said = item.element.querySelector<HTMLElement>(":scope > .matching");
    if (!said) {
      said = document.createElement("p");
      said.className = "matching";
      item.element.querySelector("h3, h4")?.after(said);
    }
    const count = filtered ? item.rows.reduce((sum, index) => sum + matches.mask[index], 0) : 0;
    said.textContent = filtered ? `${count.toLocaleString("en")} of ${counted(item.rows.length, "paragraph")} match` : "";
    said.hidden = !filtered;
  }

  private list(element: HTMLElement): List {
    const children = [...element.children] as HTMLElement[];
    const page = Number(element.dataset.page) || 20;
    const list: List = { element, children, page, limit: page, more: button("", () => this.more(list), { class: "more" }) };
    // Not into a table, which holds rows alone.
    (element.closest(".scroll, table") ?? element).after(list.more);
    return list;
  }

  private more(list: List): void {
    const first = this.matching(list)[list.limit];
    this.fold(list, (list.limit += list.page));
    // The button may be gone now: whoever used the keyboard goes on at what it brought.
    if (first) focusOn(first);
  }

  private matching(list: List): HTMLElement[] {
    const inside = this.items.filter((item) => list.element.contains(item.element));
    const without = new Set(list.children);
    const kept = new Set<HTMLElement>();
    for (const { element, matches } of inside) {
      const child = list.children.find((child) => child.contains(element));
      if (!child) continue;
      without.delete(child);
      if (matches) kept.add(child);
    }
    return list.children.filter((child) => without.has(child) || kept.has(child));
  }

  private fold(list: List, limit: number): void {
    const matching = this.matching(list);
    const shown = new Set(matching.slice(0, limit));
    list.children.forEach((child) => (child.hidden = !shown.has(child)));
    const left = matching.length - shown.size;
    list.more.hidden = left <= 0;
    list.more.textContent = `Show ${Math.min(left, list.page)} more of ${left}`;
  }

  /** `Showing 3 of the 12 listed here`: of the main kind of a section, which its title counts. */
  private say(section: HTMLElement, filtered: boolean): void {
    const said = section.querySelector<HTMLElement>("p.shown");
    if (!said) return;
    const all = this.items.filter((item) => section.contains(item.element));
    const main = KINDS.find((kind) => all.some((item) => item.element.matches(kind)));
    const inside = all.filter((item) => main && item.element.matches(main));
    const shown = inside.filter((item) => item.matches).length;
    said.textContent = filtered && inside.length ? `Showing ${shown.toLocaleString("en")} of the ${inside.length.toLocaleString("en")} listed here` : "";
  }
}

const ofOutlets = (item: Item, state: State): boolean => state.outlets.length === 0 || state.outlets.some((outlet) => item.outlets.includes(outlet));

/** What speaks of paragraphs that the page's sample lacks: its outlets, or being the theme, are all that is known of it. */
function fitsWithoutRows(item: Item, state: State): boolean {
  const themes = item.theme === null ? state.themes : [];
  const both = item.element.matches(".group, .pair") ? [] : state.both;
  return ofOutlets(item, state) && !filters({ ...state, outlets: [], themes, both });
}

/** Moves the keyboard's place to an element that may not take focus by itself. */
export function focusOn(element: HTMLElement): void {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
