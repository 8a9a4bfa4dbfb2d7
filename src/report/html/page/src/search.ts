/** Search over the words of all paragraphs: indexed when first asked for, a little at a time, so that the page goes on. */

import MiniSearch from "minisearch";
import type { Corpus } from "./data.ts";
import { folded, words } from "./words.ts";

export interface Found {
  /** Best first. */
  indices: number[];
  /** As `words` folds them, for marking. */
  terms: string[];
  /** False where no paragraph has all the words, so that those with some are shown. */
  all: boolean;
}

interface Entry {
  id: number;
  text: string;
  title: string;
}

export class Search {
  private index: Promise<MiniSearch<Entry>> | null = null;

  constructor(private readonly corpus: Corpus) {}

  /** The paragraphs with all of the words, or else with some; null where nothing is asked. */
  async find(query: string): Promise<Found | null> {
    const terms = words(query).map(folded).filter(Boolean);
    if (terms.length === 0) return null;
    const index = await this.prepare();
    const hits = (combineWith: "AND" | "OR") => index.search(terms.join(" "), { combineWith, prefix: true }).map((hit) => hit.id as number);
    const all = hits("AND");
    return all.length > 0 || terms.length === 1 ? { indices: all, terms, all: true } : { indices: hits("OR"), terms, all: false };
  }

  /** Begins with the index, as soon as somebody seems to want it. */
  prepare(): Promise<MiniSearch<Entry>> {
    return (this.index ??= this.build());
  }

  private async build(): Promise<MiniSearch<Entry>> {
    const index = new MiniSearch<Entry>({
      fields: ["text", "title"],
      tokenize: words,
      processTerm: folded,
      searchOptions: { boost: { text: 2 } },
    });
    const { paragraphs } = this.corpus.data;
    const entry = (id: number): Entry => ({ id, text: paragraphs.text[id], title: this.corpus.article(id).title ?? "" });
    await inPieces(this.corpus.size, (id) => index.add(entry(id)));
    return index;
  }
}

/** Does something for every number below `count`, giving the page its turn every few milliseconds. */
async function inPieces(count: number, does: (at: number) => void): Promise<void> {
  let rested = performance.now();
  for (let at = 0; at < count; at++) {
    does(at);
    if (performance.now() - rested < 20) continue;
    await new Promise((next) => setTimeout(next));
    rested = performance.now();
  }
}
