/** Mouse and finger on the map: pointing shows a paragraph, clicking opens it; a finger shows first and opens the second time. */

import type { ThemeMap } from "./map.ts";

/** Farther than this between down and up is a drag. */
const STILL = 4;

/** Listens on the map's canvas. */
export function pointing(map: ThemeMap): void {
  const { canvas } = map;
  let down: [number, number] | null = null;
  const under = (event: PointerEvent) => map.near.at(map.frame.mapX(event.offsetX), map.frame.mapY(event.offsetY), map.reach(event.pointerType === "touch" ? 16 : 5));
  canvas.addEventListener("pointerdown", (event) => {
    down = [event.clientX, event.clientY];
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons || map.brush.drawn) return;
    point(map, under(event), event, "Click to open");
  });
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(map, null, event, ""));
  canvas.addEventListener("pointerup", (event) => {
    const still = down !== null && Math.hypot(event.clientX - down[0], event.clientY - down[1]) < STILL;
    down = null;
    if (!still || event.button !== 0 || map.brush.takes(event)) return;
    const index = under(event);
    if (event.pointerType === "touch" && index !== map.marked) return point(map, index, event, "Tap again to open");
    if (index === null) return point(map, null, event, "");
    map.tip.hide();
    map.store.set({ open: index });
  });
  // A tip that is fixed to the window would stay where its point no longer is.
  addEventListener("scroll", () => map.tip.hide(), { passive: true });
}

function point(map: ThemeMap, index: number | null, event: PointerEvent, more: string): void {
  map.canvas.classList.toggle("pointing", index !== null);
  map.mark(index);
  if (index === null) map.tip.hide();
  else map.tip.show(index, event.clientX, event.clientY, more);
}
