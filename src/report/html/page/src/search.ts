/**
 * Search over the words of all paragraphs: those that begin with each word sought, ranked by BM25.
 *
 * The texts are scanned, not indexed: for what a page can hold that takes some milliseconds a search, and an index of
 * 20,000 paragraphs took seconds to make. They are folded once, a little at a time, so that the page goes on.
 */

import type { Corpus } from "./data.ts";
import { begins, folded, words } from "./words.ts";

/** BM25's usual two: how soon a repeated word stops counting, and how much a long text is held against it. */
const SATURATION = 1.2;
const LENGTH = 0.75;
/** A whole word counts for more than one that only begins so. */
const WHOLE = 1.5;

export interface Found {
  /** Best first. */
  indices: number[];
  /** As `words` folds them, for marking. */
  terms: string[];
  /** False where no paragraph has all the words, so that those with some are shown. */
  all: boolean;
}

export class Search {
  private texts: Promise<string[]> | null = null;

  constructor(private readonly corpus: Corpus) {}

  /** The paragraphs with all of the words in text or title, or else with some; null where nothing is asked. */
  async find(query: string): Promise<Found | null> {
    const terms = [...new Set(words(query).map(folded).filter(Boolean))];
    if (terms.length === 0) return null;
    const texts = await this.prepare();
    const counts = terms.map((term) => texts.map((text) => occurrences(text, term)));
    const having = texts.map((_, index) => counts.reduce((sum, of) => sum + (of[index] > 0 ? 1 : 0), 0));
    const all = having.includes(terms.length);
    const hits = [...having.keys()].filter((index) => (all ? having[index] === terms.length : having[index] > 0));
    const score = scores(texts, counts);
    return { indices: hits.sort((a, b) => score[b] - score[a] || a - b), terms, all };
  }

  /** Folds the texts, as soon as somebody seems to search. */
  prepare(): Promise<string[]> {
    return (this.texts ??= this.fold());
  }

  private async fold(): Promise<string[]> {
    const { text } = this.corpus.data.paragraphs;
    const texts: string[] = [];
    await inPieces(text.length, (index) => texts.push(folded(`${text[index]}\n${this.corpus.article(index).title ?? ""}`)));
    return texts;
  }
}

/** How often a text has a word that begins so. */
function occurrences(text: string, term: string): number {
  let count = 0;
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
    if (begins(text, at)) count += begins(text, at + term.length) ? WHOLE : 1;
  }
  return count;
}

function scores(texts: string[], counts: number[][]): number[] {
  const mean = texts.reduce((sum, text) => sum + text.length, 0) / Math.max(texts.length, 1);
  const rarity = counts.map((of) => {
    const holding = of.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    return Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5));
  });
  return texts.map((text, index) => {
    const norm = SATURATION * (1 - LENGTH + (LENGTH * text.length) / mean);
    return counts.reduce((sum, of, term) => sum + (rarity[term] * of[index] * (SATURATION + 1)) / (of[index] + norm), 0);
  });
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
