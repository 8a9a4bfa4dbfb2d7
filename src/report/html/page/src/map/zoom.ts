/** Moving and zooming, without taking the wheel or the finger from a page that is only being scrolled past. */

import type { ThemeMap } from "./map.ts";

const CLOSEST = 60;

export class Zoom {
  /** Where each finger, or the mouse, was last. */
  private readonly held = new Map<number, { x: number; y: number }>();

  constructor(private readonly map: ThemeMap) {
    const { canvas } = map;
    canvas.addEventListener("pointerdown", (event) => this.hold(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const over of ["pointerup", "pointercancel"] as const) canvas.addEventListener(over, (event) => this.held.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("dblclick", () => this.reset());
    this.become(1, 0, 0);
  }

  /** Closer by a factor, around the middle or a place on the canvas. */
  by(factor: number, x = this.map.frame.width / 2, y = this.map.frame.height / 2): void {
    const { k, left, top } = this.map.frame.transform;
    const next = Math.min(CLOSEST, Math.max(1, k * factor));
    this.become(next, x - ((x - left) * next) / k, y - ((y - top) * next) / k);
  }

  /** Moves what is seen, in pixels. */
  move(right: number, down: number): void {
    const { k, left, top } = this.map.frame.transform;
    this.become(k, left + right, top + down);
  }

  reset(): void {
    this.become(1, 0, 0);
  }

  private become(k: number, left: number, top: number): void {
    const { frame, canvas, tip } = this.map;
    // At least half of the canvas keeps showing the map.
    const kept = (at: number, size: number) => Math.min(size / 2, Math.max(size / 2 - size * k, at));
    frame.transform = { k, left: kept(left, frame.width), top: kept(top, frame.height) };
    // At the whole map one finger scrolls the page; closer in it moves the map.
    canvas.style.touchAction = k > 1 ? "none" : "pan-y";
    tip.hide();
    this.map.redraw();
  }

  private hold(event: PointerEvent): void {
    if (this.map.brush.takes(event) || event.button !== 0) return;
    this.held.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.map.canvas.setPointerCapture(event.pointerId);
  }

  private drag(event: PointerEvent): void {
    const before = this.held.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    const other = [...this.held].find(([id]) => id !== event.pointerId)?.[1];
    this.held.set(event.pointerId, now);
    if (!other) return this.move(now.x - before.x, now.y - before.y);
    const apart = (one: { x: number; y: number }) => Math.hypot(one.x - other.x, one.y - other.y);
    this.move((now.x - before.x) / 2, (now.y - before.y) / 2);
    this.by(apart(now) / Math.max(apart(before), 1), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  /** The wheel zooms once the map was clicked, or with Ctrl, which is also what pinching a touch pad sends. */
  private wheel(event: WheelEvent): void {
    const { canvas } = this.map;
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return hint(canvas);
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const strength = event.ctrlKey ? 0.01 : 0.002;
    this.by(Math.exp(-event.deltaY * lines * strength), event.offsetX, event.offsetY);
  }
}

let hiding = 0;
function hint(canvas: HTMLElement): void {
  const shown = canvas.parentElement?.querySelector(".zoom-hint");
  shown?.classList.add("on");
  clearTimeout(hiding);
  hiding = window.setTimeout(() => shown?.classList.remove("on"), 1200);
}
