/** Draws the points: small pictures, one for each colour and shape, pressed where the points are. */

import type { Corpus } from "../data.ts";
import type { Frame } from "./frame.ts";
import { CLASSES, type Palette } from "./palette.ts";
import { SHAPES, type Shape } from "./shapes.ts";
import { numeric, Sheet, stamp, type Stamp } from "./stamps.ts";

const DIMMED = CLASSES.length;

export class Points {
  private readonly colour: Uint8Array;
  private readonly shape: Uint8Array;
  private stamps: Stamp[] = [];
  private made = "";
  private paper = 0;
  private sheet = new Sheet(1, 1);

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
    const { width, height } = context.canvas;
    this.prepare(radius, ratio, palette);
    if (!this.sheet.fits(width, height)) this.sheet = new Sheet(width, height);
    this.sheet.clear(this.paper);
    if (mask) this.press(frame, ratio, radius, (index) => (mask[index] ? -1 : DIMMED));
    this.press(frame, ratio, radius, (index) => (!mask || mask[index] ? this.colour[index] : -1));
    this.sheet.onto(context);
  }

  /** Presses the picture that `pick` names for every point in view; -1 leaves it out. */
  private press(frame: Frame, ratio: number, radius: number, pick: (index: number) => number): void {
    const { x, y } = this.corpus.data.paragraphs;
    const reach = radius * 2;
    for (let index = 0; index < x.length; index++) {
      const colour = pick(index);
      if (colour < 0) continue;
      const left = frame.screenX(x[index]);
      const top = frame.screenY(y[index]);
      if (left < -reach || top < -reach || left > frame.width + reach || top > frame.height + reach) continue;
      this.sheet.press(this.stamps[colour * SHAPES.length + this.shape[index]], Math.round(left * ratio), Math.round(top * ratio));
    }
  }

  private prepare(radius: number, ratio: number, palette: Palette): void {
    const key = `${radius} ${ratio}`;
    if (key === this.made) return;
    this.made = key;
    this.paper = numeric(palette.halo);
    const look = (colour: string, at: number, shape: Shape) => ({
      colour,
      edge: palette.halo,
      opacity: at === DIMMED ? 0.2 : 0.95,
      radius: radius * ratio,
      line: (shape === "ring" ? Math.max(1.2, radius * 0.4) : 0.6) * ratio,
      // An edge in the colour of the page keeps neighbours apart, where points are large enough to have one.
      outlined: radius > 3 && at !== DIMMED,
    });
    this.stamps = [...palette.points, palette.dimmed].flatMap((colour, at) => SHAPES.map((shape) => stamp(shape, look(colour, at, shape))));
  }
}
