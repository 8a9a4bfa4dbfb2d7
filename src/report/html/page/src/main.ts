/** What the page can do beyond being read: started once the page is there. Without it everything written stays readable. */

import { Browser } from "./browser.ts";
import { read, type Corpus } from "./data.ts";
import { Filters } from "./filters.ts";
import { focusOn, Items } from "./items.ts";
import { ThemeMap } from "./map/map.ts";
import { matches } from "./match.ts";
import { Panel } from "./panel.ts";
import { unfoldInPrint } from "./print.ts";
import { scrollTo } from "./scroll.ts";
import { Search, type Found } from "./search.ts";
import { EMPTY, filters, parse, withoutFilters, type State } from "./state.ts";
import { Store } from "./store.ts";

function start(corpus: Corpus): void {
  const store = new Store(corpus);
  const items = new Items(corpus.data.themes.map((theme) => theme.members));
  const search = new Search(corpus);
  const section = (id: string) => document.getElementById(id);
  const [bar, map, paragraphs] = [section("filters"), section("map"), section("paragraphs")];
  const filterBar = bar && new Filters(corpus, store, bar);
  const browser = paragraphs && new Browser(corpus, store, paragraphs);
  const themeMap = map && corpus.laidOut ? new ThemeMap(corpus, store, map) : null;
  const panel = new Panel(corpus, store);

  const show = (state: State, found: Found | null) => {
    const matching = matches(corpus, state, found, items.pairs);
    items.show(matching, state, filters(state));
    filterBar?.say(matching.count);
    browser?.show(matching);
    themeMap?.show(matching);
  };
  let waiting = 0;
  const update = async (state: State, before: State | null) => {
    if (before && sameFilters(state, before)) return themeMap?.redraw();
    // That of a search that this one supersedes would speak after the answer to this one.
    clearTimeout(waiting);
    const timer = (waiting = window.setTimeout(() => browser?.wait(), 150));
    const found = await search.find(state.words);
    clearTimeout(timer);
    if (store.state === state || sameFilters(store.state, state)) show(state, found);
  };
  const go = (state: State) => state.at && goTo(state.at, items, store);
  store.onChange((state, before) => void update(state, before).then(() => go(state)));
  follow(corpus, store);
  document.addEventListener("focusin", ({ target }) => (target as Element).matches("#words, #filters .words") && void search.prepare());
  unlinkHidden();
  unfoldInPrint();
  void update(store.state, null).then(() => {
    go(store.state);
    panel.show(store.state.open);
    document.documentElement.dataset.ready = "";
    performance.mark("refrain-ready");
  });
}

function sameFilters(a: State, b: State): boolean {
  const only = (state: State) => JSON.stringify({ ...state, open: null, at: "" });
  return only(a) === only(b);
}

/** Goes to an element, unfolding what it is in; filters that hide it are cleared. */
function goTo(id: string, items: Items, store: Store): void {
  const element = document.getElementById(id);
  if (!element) return;
  if (!items.reveal(element)) return store.adjust({ ...withoutFilters(store.state), at: id });
  focusOn(element);
  scrollTo(element);
}

/** A section that the script had nothing for is linked from nowhere. */
function unlinkHidden(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a[href^='#']")) {
    const item = link.closest("li");
    if (item) item.hidden = document.getElementById(link.hash.slice(1))?.hidden ?? true;
  }
}

/** Links within the page keep what is filtered and open; those that filter replace it. */
function follow(corpus: Corpus, store: Store): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="#"]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const there = parse(link.hash, corpus.data);
    if (filters(there)) return store.set({ ...EMPTY, ...there });
    const change: Partial<State> = { at: there.at };
    if (there.open !== null) change.open = there.open;
    // Over a page that the panel covers, a place of the page cannot be seen.
    else if (document.querySelector("dialog.panel:modal")) change.open = null;
    store.set(change);
  });
}

document.documentElement.classList.add("js");
const corpus = read();
if (corpus) start(corpus);
else document.documentElement.classList.remove("js");
