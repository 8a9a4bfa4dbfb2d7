/** Small pictures beside names: a theme's colour, an outlet's shape. */

import { svg } from "./dom.ts";
import { outline, type Shape } from "./map/shapes.ts";

/** A dot in a theme's colour. */
export const swatch = (colourClass: string): SVGElement => picture("circle", `swatch ${colourClass}`);

/** An outlet's shape on the map. */
export const mark = (shape: Shape): SVGElement => picture(shape, "swatch");

function picture(shape: Shape, classes: string): SVGElement {
  const path = svg("path", { d: outline(shape, 4.2, 6, 6), class: shape === "ring" ? "hollow" : "full" });
  return svg("svg", { class: classes, viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, path);
}
