/** Names of themes on the map: each where its paragraphs are densest, the largest first, none over another. */

import type { Columns, Corpus } from "../data.ts";
import type { Frame } from "./frame.ts";
import type { Palette } from "./palette.ts";

const CELLS = 12;
const LONGEST = 34;
/** With more paragraphs than this a name stands in the middle of its own, where it covers but a few of them. */
const CROWDED = 2000;
/** Otherwise it stands where it covers least: so many of its heights aside of the middle. */
const ASIDE = [0, -1.6, 1.6, -3, 3];

/** The largest themes are named whatever their names cover; the others where it is no more points than this. */
const ALWAYS = 4;
const HIDES = 1;

interface Anchor {
  text: string;
  theme: number;
  size: number;
  x: number;
  y: number;
}

interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where each theme's name stands, largest theme first. */
export function anchors(corpus: Corpus): Anchor[] {
  const { x, y, theme } = corpus.data.paragraphs;
  const members: number[][] = corpus.data.themes.map(() => []);
  theme.forEach((theme, index) => members[theme]?.push(index));
  const all = members.flatMap((rows, at) => (rows.length ? [{ text: shortened(corpus.data.themes[at].name), theme: at, size: rows.length, ...densest(rows, x, y) }] : []));
  return all.sort((a, b) => b.size - a.size || a.theme - b.theme);
}

/** Draws the names that have room. */
export function drawNames(context: CanvasRenderingContext2D, frame: Frame, palette: Palette, names: Anchor[], columns: Columns, shown: (theme: number) => boolean): void {
  const size = frame.width < 500 ? 12 : 13;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = palette.halo;
  context.fillStyle = palette.text;
  const taken: Rect[] = [];
  const covered = covering(frame, columns);
  for (const name of names) {
    if (!shown(name.theme)) continue;
    const wide = context.measureText(name.text).width;
    const rects = (covered ? ASIDE : [0]).flatMap((aside) => place(name, wide, size, frame, aside * size) ?? []);
    const free = rects.filter((rect) => !taken.some((other) => overlap(rect, other)));
    if (free.length === 0) continue;
    const costs = free.map((rect) => covered?.(rect) ?? 0);
    const least = Math.min(...costs);
    // The names of smaller themes wait until one looks closer, rather than hide what they name.
    if (taken.length >= ALWAYS && least > HIDES) continue;
    const rect = free[costs.indexOf(least)];
    taken.push(rect);
    const [left, top] = [(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2];
    context.strokeText(name.text, left, top);
    context.fillText(name.text, left, top);
  }
}

/** The room a name takes, moved into the canvas where it stands at the edge; null where its anchor is out of view. */
function place(name: Anchor, wide: number, high: number, frame: Frame, aside: number): Rect | null {
  const [x, y] = [frame.screenX(name.x), frame.screenY(name.y)];
  if (x < 0 || y < 0 || x > frame.width || y > frame.height) return null;
  const half = wide / 2 + 5;
  const left = Math.min(Math.max(x, half), Math.max(frame.width - half, half));
  const top = Math.min(Math.max(y + aside, high), frame.height - high);
  return { left: left - half, right: left + half, top: top - high * 0.8, bottom: top + high * 0.8 };
}

/** Counts the points under a rectangle; null where there are too many to ask. */
function covering(frame: Frame, { x, y }: Columns): ((rect: Rect) => number) | null {
  if (x.length > CROWDED) return null;
  const points = x.map((_, index) => [frame.screenX(x[index]), frame.screenY(y[index])]);
  return (rect) => points.filter(([left, top]) => left > rect.left - 4 && left < rect.right + 4 && top > rect.top - 4 && top < rect.bottom + 4).length;
}

const overlap = (a: Rect, b: Rect): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The mean place of what lies in the fullest cell of a grid over the members, with the cells around it. */
function densest(rows: number[], xs: number[], ys: number[]): { x: number; y: number } {
  const [x0, x1] = spread(rows, xs);
  const [y0, y1] = spread(rows, ys);
  const cell = (value: number, low: number, high: number) => Math.min(CELLS - 1, Math.floor(((value - low) / Math.max(high - low, 1)) * CELLS));
  const column = rows.map((index) => cell(xs[index], x0, x1));
  const line = rows.map((index) => cell(ys[index], y0, y1));
  const counts = new Array<number>(CELLS * CELLS).fill(0);
  rows.forEach((_, at) => counts[line[at] * CELLS + column[at]]++);
  const around = (at: number) => {
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += inside((at % CELLS) + dx, Math.floor(at / CELLS) + dy) ? counts[at + dy * CELLS + dx] : 0;
    return sum;
  };
  const sums = counts.map((_, at) => around(at));
  const best = sums.indexOf(Math.max(...sums));
  const near = rows.filter((_, at) => Math.abs(column[at] - (best % CELLS)) <= 1 && Math.abs(line[at] - Math.floor(best / CELLS)) <= 1);
  const mean = (values: number[]) => near.reduce((sum, index) => sum + values[index], 0) / near.length;
  return { x: mean(xs), y: mean(ys) };
}

const inside = (column: number, line: number): boolean => column >= 0 && line >= 0 && column < CELLS && line < CELLS;

function spread(rows: number[], values: number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const index of rows) {
    low = Math.min(low, values[index]);
    high = Math.max(high, values[index]);
  }
  return [low, high];
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST - 1).join("").trimEnd()}…`;
}
