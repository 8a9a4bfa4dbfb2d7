/** Drawing a rectangle on the map: with the pointer while selecting, or with Shift held. */

import type { Box } from "../state.ts";
import type { Frame } from "./frame.ts";

const SMALLEST = 5;

export interface Drawn {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export class Brush {
  /** While true every drag selects. */
  selecting = false;
  /** On the canvas, while it is drawn. */
  drawn: Drawn | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly frame: Frame,
    private readonly changed: () => void,
    private readonly done: (box: Box) => void,
  ) {
    canvas.addEventListener("pointerdown", (event) => this.start(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.finish());
    canvas.addEventListener("pointercancel", () => this.cancel());
  }

  /** Whether a drag that begins so draws a rectangle rather than moves the map. */
  takes(event: { shiftKey?: boolean }): boolean {
    return this.selecting || Boolean(event.shiftKey);
  }

  cancel(): void {
    if (!this.drawn) return;
    this.drawn = null;
    this.changed();
  }

  private start(event: PointerEvent): void {
    if (!this.takes(event) || event.button !== 0 || !event.isPrimary) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawn = { x0: event.offsetX, y0: event.offsetY, x1: event.offsetX, y1: event.offsetY };
  }

  private move(event: PointerEvent): void {
    if (!this.drawn || !event.isPrimary) return;
    this.drawn.x1 = event.offsetX;
    this.drawn.y1 = event.offsetY;
    this.changed();
  }

  private finish(): void {
    const { drawn, frame } = this;
    this.cancel();
    if (!drawn || Math.hypot(drawn.x1 - drawn.x0, drawn.y1 - drawn.y0) < SMALLEST) return;
    const xs = [frame.mapX(drawn.x0), frame.mapX(drawn.x1)].map(Math.round);
    const ys = [frame.mapY(drawn.y0), frame.mapY(drawn.y1)].map(Math.round);
    this.done([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
  }
}
