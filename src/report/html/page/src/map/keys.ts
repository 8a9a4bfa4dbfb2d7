/** The keyboard on the map: from point to point, open, zoom, and out of a selection. */

import type { ThemeMap } from "./map.ts";

const ARROWS: Record<string, [number, number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Listens on the map's canvas. */
export function keys(map: ThemeMap): void {
  const { canvas, store } = map;
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) step(map, arrow);
    else if (event.key === "Enter" && map.marked !== null) store.set({ open: map.marked });
    else if (event.key === "+" || event.key === "=") map.zoom.by(1.6);
    else if (event.key === "-") map.zoom.by(1 / 1.6);
    else if (event.key === "0") map.zoom.reset();
    else if (event.key !== "Escape" || !escape(map)) return;
    event.preventDefault();
  });
  canvas.addEventListener("blur", () => map.tip.hide());
}

/** To the next point that way, or first to the one nearest the middle. */
function step(map: ThemeMap, [right, up]: [number, number]): void {
  const { frame, near } = map;
  const next = map.marked === null ? near.at(frame.mapX(frame.width / 2), frame.mapY(frame.height / 2), Infinity) : near.towards(map.marked, right, up);
  if (next === null) return;
  map.mark(next, true);
  into(map, next);
  map.tip.show(next, ...map.inWindow(next), "Enter opens it");
}

/** Moves the map so that a point is in view. */
function into(map: ThemeMap, index: number): void {
  const { frame, corpus } = map;
  const x = frame.screenX(corpus.data.paragraphs.x[index]);
  const y = frame.screenY(corpus.data.paragraphs.y[index]);
  const out = x < 8 || y < 8 || x > frame.width - 8 || y > frame.height - 8;
  if (out && frame.transform.k > 1) map.zoom.move(frame.width / 2 - x, frame.height / 2 - y);
}

/** Leaves what one is in, the innermost first: the drawing, selecting, the selection. False where there is nothing. */
function escape(map: ThemeMap): boolean {
  if (map.brush.drawn) map.brush.cancel();
  else if (map.brush.selecting) map.selecting(false);
  else if (map.store.state.open !== null) return false;
  else if (map.store.state.box) map.store.set({ box: null });
  else return false;
  return true;
}
