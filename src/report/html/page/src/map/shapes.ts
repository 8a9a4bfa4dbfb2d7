/** The shapes that tell outlets apart on the map: one each for the six with most paragraphs, a ring for all others. */

import type { Corpus } from "../data.ts";

export const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "star", "ring"] as const;
export type Shape = (typeof SHAPES)[number];

/** The shape of each outlet, by position. */
export function shapes(corpus: Corpus): Shape[] {
  const by = corpus.paragraphsOfOutlet;
  const order = by.map((_, outlet) => outlet).sort((a, b) => by[b] - by[a] || a - b);
  const shape = by.map((): Shape => "ring");
  order.slice(0, SHAPES.length - 1).forEach((outlet, at) => (shape[outlet] = SHAPES[at]));
  return shape;
}

/** The outline as an SVG path around (x, y); all shapes have about the area of the circle of that radius. */
export function outline(shape: Shape, r: number, x: number, y: number): string {
  if (shape === "circle" || shape === "ring") {
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }
  const corners = CORNERS[shape].map(([dx, dy]) => `${(x + dx * r).toFixed(2)} ${(y + dy * r).toFixed(2)}`);
  return `M${corners.join("L")}Z`;
}

const STAR: [number, number][] = [...Array(10).keys()].map((at) => {
  const [angle, reach] = [(at * Math.PI) / 5 - Math.PI / 2, at % 2 ? 0.58 : 1.38];
  return [reach * Math.cos(angle), reach * Math.sin(angle)];
});

const CORNERS: Record<Exclude<Shape, "circle" | "ring">, [number, number][]> = {
  square: [[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]],
  triangle: [[0, -1.3], [1.25, 0.9], [-1.25, 0.9]],
  diamond: [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]],
  cross: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  star: STAR,
};
