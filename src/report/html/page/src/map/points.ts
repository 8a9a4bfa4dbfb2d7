/** Draws the points: small pictures, one for each colour and shape, stamped where the points are. */

import type { Corpus } from "../data.ts";
import type { Frame } from "./frame.ts";
import { CLASSES, type Palette } from "./palette.ts";
import { outline, SHAPES, type Shape } from "./shapes.ts";

const DIMMED = CLASSES.length;

export class Points {
  private readonly colour: Uint8Array;
  private readonly shape: Uint8Array;
  private stamps: HTMLCanvasElement[] = [];
  private made = "";

  constructor(
    private readonly corpus: Corpus,
    ofOutlet: Shape[],
  ) {
    const { theme } = corpus.data.paragraphs;
    this.colour = Uint8Array.from(theme, (theme) => CLASSES.indexOf(corpus.colourClass(theme)));
    this.shape = Uint8Array.from(theme, (_, index) => SHAPES.indexOf(ofOutlet[corpus.outlet(index)]));
  }

  /** The colour of a point, as a position in the palette. */
  colourOf(index: number): number {
    return this.colour[index];
  }

  /** In CSS pixels: smaller where there are many, larger where one looks closer. */
  radius(frame: Frame): number {
    const crowded = Math.sqrt((frame.width * frame.height) / Math.max(this.corpus.size, 1)) / 5;
    return Math.min(9, Math.max(1.6, Math.min(crowded, 5)) * Math.pow(frame.transform.k, 0.35));
  }

  /** Colours or pixels have changed. */
  forget(): void {
    this.made = "";
  }

  draw(context: CanvasRenderingContext2D, frame: Frame, ratio: number, palette: Palette, mask: Uint8Array | null): void {
    const radius = Math.round(this.radius(frame) * 4) / 4;
    this.prepare(radius, ratio, palette);
    if (mask) this.stampAll(context, frame, ratio, radius, (index) => (mask[index] ? -1 : DIMMED));
    this.stampAll(context, frame, ratio, radius, (index) => (!mask || mask[index] ? this.colour[index] : -1));
  }

  /** Stamps every point in view whose picture `pick` names; -1 leaves it out. */
  private stampAll(context: CanvasRenderingContext2D, frame: Frame, ratio: number, radius: number, pick: (index: number) => number): void {
    const { x, y } = this.corpus.data.paragraphs;
    const half = this.half(radius, ratio);
    const reach = half / ratio;
    for (let index = 0; index < x.length; index++) {
      const colour = pick(index);
      if (colour < 0) continue;
      const left = frame.screenX(x[index]);
      const top = frame.screenY(y[index]);
      if (left < -reach || top < -reach || left > frame.width + reach || top > frame.height + reach) continue;
      // Whole pixels: a picture that stands between them is drawn many times slower.
      context.drawImage(this.stamps[colour * SHAPES.length + this.shape[index]], Math.round(left * ratio) - half, Math.round(top * ratio) - half);
    }
  }

  private half(radius: number, ratio: number): number {
    return Math.ceil((radius * 1.5 + 1) * ratio);
  }

  private prepare(radius: number, ratio: number, palette: Palette): void {
    const key = `${radius} ${ratio}`;
    if (key === this.made) return;
    this.made = key;
    const half = this.half(radius, ratio);
    const colours = [...palette.points, palette.dimmed];
    this.stamps = colours.flatMap((colour, at) => SHAPES.map((shape) => stamp(shape, colour, at === DIMMED, radius, ratio, half, palette.halo)));
  }
}

function stamp(shape: Shape, colour: string, dimmed: boolean, radius: number, ratio: number, half: number, edge: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2 * half;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const path = new Path2D(outline(shape, radius * ratio, half, half));
  context.globalAlpha = dimmed ? 0.16 : 0.92;
  context.strokeStyle = shape === "ring" ? colour : edge;
  context.lineWidth = (shape === "ring" ? Math.max(1.2, radius * 0.4) : 0.6) * ratio;
  if (shape !== "ring") {
    context.fillStyle = colour;
    context.fill(path);
  }
  // An edge in the colour of the page keeps neighbours apart, where points are large enough to have one.
  if (shape === "ring" || (radius > 3 && !dimmed)) context.stroke(path);
  return canvas;
}
