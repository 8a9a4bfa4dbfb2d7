/**
 * Pictures of points as lists of pixels, and pressing them into an image.
 *
 * Twenty thousand `drawImage` calls take several frames where the browser draws without a graphics card; pixels that
 * are written here take one.
 */

import { outline, type Shape } from "./shapes.ts";

/** The pixels of one picture that are not empty, around its middle. */
export interface Stamp {
  dx: Int16Array;
  dy: Int16Array;
  /** As ImageData keeps them: red lowest. */
  rgb: Uint32Array;
  /** 0 to 255. */
  alpha: Uint8Array;
}

export interface Look {
  colour: string;
  edge: string;
  opacity: number;
  /** In pixels of the image. */
  radius: number;
  line: number;
  outlined: boolean;
}

const OPAQUE = 0xff000000;

/** Draws a shape once and keeps its pixels. */
export function stamp(shape: Shape, look: Look): Stamp {
  const half = Math.ceil(look.radius * 1.5 + look.line);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 2 * half + 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return { dx: new Int16Array(), dy: new Int16Array(), rgb: new Uint32Array(), alpha: new Uint8Array() };
  const path = new Path2D(outline(shape, look.radius, half + 0.5, half + 0.5));
  context.globalAlpha = look.opacity;
  context.fillStyle = look.colour;
  context.strokeStyle = shape === "ring" ? look.colour : look.edge;
  context.lineWidth = look.line;
  if (shape !== "ring") context.fill(path);
  if (shape === "ring" || look.outlined) context.stroke(path);
  return pixels(new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.width).data.buffer), half);
}

function pixels(image: Uint32Array, half: number): Stamp {
  const side = 2 * half + 1;
  const held = [...image.keys()].filter((at) => image[at] >>> 24 > 0);
  return {
    dx: Int16Array.from(held, (at) => (at % side) - half),
    dy: Int16Array.from(held, (at) => Math.floor(at / side) - half),
    rgb: Uint32Array.from(held, (at) => image[at] & 0xffffff),
    alpha: Uint8Array.from(held, (at) => image[at] >>> 24),
  };
}

/** An image of one colour that stamps are pressed into. */
export class Sheet {
  private readonly image: ImageData;
  private readonly words: Uint32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.image = new ImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  fits(width: number, height: number): boolean {
    return this.width === width && this.height === height;
  }

  /** Makes all of it one colour. */
  clear(rgb: number): void {
    this.words.fill((OPAQUE | rgb) >>> 0);
  }

  press({ dx, dy, rgb, alpha }: Stamp, x: number, y: number): void {
    const { width, height, words } = this;
    for (let at = 0; at < dx.length; at++) {
      const [left, top] = [x + dx[at], y + dy[at]];
      if (left < 0 || top < 0 || left >= width || top >= height) continue;
      const there = top * width + left;
      words[there] = alpha[at] > 250 ? OPAQUE | rgb[at] : blended(words[there], rgb[at], alpha[at]);
    }
  }

  onto(context: CanvasRenderingContext2D): void {
    context.putImageData(this.image, 0, 0);
  }
}

/** One colour over another, red with blue and green by itself, so that no channel runs into the next. */
function blended(under: number, over: number, alpha: number): number {
  const rest = 256 - alpha;
  const redBlue = (((under & 0xff00ff) * rest + (over & 0xff00ff) * alpha) >>> 8) & 0xff00ff;
  const green = (((under & 0xff00) * rest + (over & 0xff00) * alpha) >>> 8) & 0xff00;
  return OPAQUE | redBlue | green;
}

/** A colour of the style sheet as a number. */
export function numeric(colour: string): number {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return 0;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] & 0xffffff;
}
