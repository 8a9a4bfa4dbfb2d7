/** Which paragraphs a state lets through. */

import type { Corpus } from "./data.ts";
import type { Found } from "./search.ts";
import { NO_THEME, type State } from "./state.ts";

export interface Matches {
  /** 1 for each paragraph that matches. */
  mask: Uint8Array;
  /** The same, of whatever outlet. */
  anywhere: Uint8Array;
  count: number;
  /** What the words found; null without words. */
  found: Found | null;
}

/** The matches of a state. `pairs` are the rows of groups and pairs, with their outlets, as the page shows them. */
export function matches(corpus: Corpus, state: State, found: Found | null, pairs: { rows: number[]; outlets: number[] }[]): Matches {
  const anywhere = new Uint8Array(corpus.size).fill(1);
  for (const keeps of tests(corpus, state, found, pairs)) keep(anywhere, keeps);
  const mask = anywhere.slice();
  if (state.outlets.length) keep(mask, within(state.outlets, (index) => corpus.outlet(index)));
  return { mask, anywhere, count: mask.reduce((sum, one) => sum + one, 0), found };
}

function keep(mask: Uint8Array, keeps: Test): void {
  for (let index = 0; index < mask.length; index++) if (mask[index] && !keeps(index)) mask[index] = 0;
}

type Test = (index: number) => boolean;

/** All but that of outlets. */
function tests(corpus: Corpus, state: State, found: Found | null, pairs: { rows: number[]; outlets: number[] }[]): Test[] {
  const { paragraphs } = corpus.data;
  const asked: Test[] = [];
  if (state.kinds.length) asked.push(within(state.kinds, (index) => paragraphs.kind[index]));
  if (state.themes.length) asked.push(ofThemes(corpus, state.themes));
  if (state.from) asked.push((index) => (corpus.article(index).date ?? "") >= state.from);
  if (state.to) asked.push((index) => (corpus.article(index).date ?? "9999-99-99") <= state.to);
  if (state.only === "exclusive") asked.push((index) => paragraphs.exclusive[index] === 1);
  if (state.only === "shared") asked.push((index) => corpus.groupsOf[index].length > 0);
  if (state.both.length) asked.push(shared(corpus, state.both, pairs));
  const { box } = state;
  if (box && corpus.laidOut) {
    asked.push((i) => paragraphs.x[i] >= box[0] && paragraphs.x[i] <= box[2] && paragraphs.y[i] >= box[1] && paragraphs.y[i] <= box[3]);
  }
  if (found) {
    const hits = new Set(found.indices);
    asked.push((index) => hits.has(index));
  }
  return asked;
}

function within(chosen: number[], value: (index: number) => number): Test {
  const set = new Set(chosen);
  return (index) => set.has(value(index));
}

function ofThemes(corpus: Corpus, chosen: number[]): Test {
  const set = new Set(chosen);
  return (index) => {
    const themes = corpus.themesOf[index];
    return themes.length === 0 ? set.has(NO_THEME) : themes.some((theme) => set.has(theme));
  };
}

/** What both outlets have: their passages of the groups and pairs in which both take part. */
function shared(corpus: Corpus, both: number[], pairs: { rows: number[]; outlets: number[] }[]): Test {
  const rows = new Set<number>();
  for (const pair of pairs) {
    if (!both.every((outlet) => pair.outlets.includes(outlet))) continue;
    for (const index of pair.rows) if (both.includes(corpus.outlet(index))) rows.add(index);
  }
  return (index) => rows.has(index);
}
