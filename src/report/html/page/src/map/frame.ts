/** Where a place of the map stands on the canvas: the whole map fits at scale 1, and `zoom` goes on from there. */

import type { Box } from "../state.ts";

const MARGIN = 18;

/** How many times closer, and where the whole map's left and top edges went, in pixels. */
export interface Transform {
  k: number;
  left: number;
  top: number;
}

export class Frame {
  width = 1;
  height = 1;
  transform: Transform = { k: 1, left: 0, top: 0 };

  /** Pixels a unit at scale 1; `resized` keeps it. */
  private unit = 1;
  private left = 0;
  private top = 0;

  /** `extent` is what the points span. */
  constructor(private readonly extent: Box) {}

  /** Takes a new size in CSS pixels. */
  resized(width: number, height: number): void {
    const [x0, y0, x1, y1] = this.extent;
    this.width = width;
    this.height = height;
    this.unit = Math.min((width - 2 * MARGIN) / Math.max(x1 - x0, 1), (height - 2 * MARGIN) / Math.max(y1 - y0, 1));
    this.left = width / 2 - ((x0 + x1) / 2) * this.unit;
    // Upwards on the map is downwards on the canvas.
    this.top = height / 2 + ((y0 + y1) / 2) * this.unit;
  }

  /** Pixels a unit now. */
  get scale(): number {
    return this.unit * this.transform.k;
  }

  screenX(x: number): number {
    return this.transform.left + (this.left + x * this.unit) * this.transform.k;
  }

  screenY(y: number): number {
    return this.transform.top + (this.top - y * this.unit) * this.transform.k;
  }

  mapX(screen: number): number {
    return ((screen - this.transform.left) / this.transform.k - this.left) / this.unit;
  }

  mapY(screen: number): number {
    return (this.top - (screen - this.transform.top) / this.transform.k) / this.unit;
  }
}

/** What the points span. */
export function extent(xs: number[], ys: number[]): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < xs.length; at++) {
    box[0] = Math.min(box[0], xs[at]);
    box[1] = Math.min(box[1], ys[at]);
    box[2] = Math.max(box[2], xs[at]);
    box[3] = Math.max(box[3], ys[at]);
  }
  return box;
}
