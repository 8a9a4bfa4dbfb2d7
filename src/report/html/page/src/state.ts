/**
 * What is being looked at, and how the URL fragment says it, so that a view can be linked.
 *
 * A fragment without `=` names an element; any other is a query of the names below.
 */

import type { Data } from "./data.ts";

/** x0, y0, x1, y1 with the smaller ones first. */
export type Box = [number, number, number, number];
export type Only = "exclusive" | "shared" | null;

/** Stands among themes for paragraphs that are in none. */
export const NO_THEME = -1;

export interface State {
  /** Positions in the data, or NO_THEME. */
  themes: number[];
  outlets: number[];
  kinds: number[];
  from: string;
  to: string;
  words: string;
  only: Only;
  /** Two outlets of which both take part. */
  both: number[];
  /** The brush: x0, y0, x1, y1 in the map's units. */
  box: Box | null;
  /** The paragraph whose panel is open. */
  open: number | null;
  /** The element to go to. */
  at: string;
}

export const EMPTY: State = { themes: [], outlets: [], kinds: [], from: "", to: "", words: "", only: null, both: [], box: null, open: null, at: "" };

/** Reads a fragment. Names that the data does not have are ignored. */
export function parse(fragment: string, data: Data): State {
  const plain = fragment.replace(/^#/, "");
  if (!plain.includes("=")) return { ...EMPTY, at: decoded(plain) };
  const query = new URLSearchParams(plain);
  const positions = (name: string, names: string[]) => known(query.getAll(name).map((value) => names.indexOf(value)));
  const theme = (name: string) => (name === "" ? NO_THEME : data.themes.findIndex((theme) => theme.name === name));
  const both = positions("both", data.outlets);
  const only = query.get("only");
  const open = query.get("p") ?? "";
  return {
    themes: unique(query.getAll("theme").filter((name) => name === "" || theme(name) >= 0).map(theme)),
    outlets: positions("outlet", data.outlets),
    kinds: positions("kind", data.kinds),
    from: date(query.get("from")),
    to: date(query.get("to")),
    words: query.get("q") ?? "",
    only: (only === "exclusive" && data.paragraphs.exclusive.length > 0) || (only === "shared" && data.groups !== null) ? only : null,
    both: both.length === 2 ? both : [],
    box: box(query.get("in")),
    open: /^\d+$/.test(open) && Number(open) < data.paragraphs.row.length ? Number(open) : null,
    at: query.get("at") ?? "",
  };
}

/** The fragment of a state, with its `#`; empty for the empty state. */
export function format(state: State, data: Data): string {
  const query = new URLSearchParams();
  state.themes.forEach((theme) => query.append("theme", theme < 0 ? "" : data.themes[theme].name));
  state.outlets.forEach((outlet) => query.append("outlet", data.outlets[outlet]));
  state.kinds.forEach((kind) => query.append("kind", data.kinds[kind]));
  if (state.from) query.set("from", state.from);
  if (state.to) query.set("to", state.to);
  if (state.words) query.set("q", state.words);
  if (state.only) query.set("only", state.only);
  state.both.forEach((outlet) => query.append("both", data.outlets[outlet]));
  if (state.box) query.set("in", state.box.join(","));
  if (state.open !== null) query.set("p", String(state.open));
  const said = query.toString();
  if (!state.at) return said && `#${said}`;
  return said ? `#${said}&at=${encodeURIComponent(state.at)}` : `#${encodeURIComponent(state.at)}`;
}

/** Whether anything is filtered. */
export function filters(state: State): boolean {
  const { themes, outlets, kinds, from, to, words, only, both, box } = state;
  return themes.length + outlets.length + kinds.length + both.length > 0 || Boolean(from || to || words.trim() || only || box);
}

/** The same view without its filters. */
export const withoutFilters = (state: State): State => ({ ...EMPTY, open: state.open, at: state.at });

function box(said: string | null): State["box"] {
  const parts = (said ?? "").split(",");
  const sides = parts.map(Number);
  // An empty part would be read as 0.
  if (parts.length !== 4 || parts.some((part) => part.trim() === "") || !sides.every(Number.isFinite)) return null;
  const [x0, y0, x1, y1] = sides;
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

/** A day of the calendar, else nothing: 2025-02-30 would be read as a day of March. */
function date(said: string | null): string {
  if (said === null || !/^\d{4}-\d\d-\d\d$/.test(said)) return "";
  const day = new Date(`${said}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(said) ? said : "";
}

const known = (positions: number[]): number[] => unique(positions.filter((position) => position >= 0));

const unique = (values: number[]): number[] => [...new Set(values)];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
