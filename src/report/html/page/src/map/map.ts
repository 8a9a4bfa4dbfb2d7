/** The theme map: a canvas with points and names, another over it for what the pointer, the keyboard and the brush mark. */

import type { Corpus } from "../data.ts";
import { button, el } from "../dom.ts";
import type { Matches } from "../match.ts";
import type { Box } from "../state.ts";
import type { Store } from "../store.ts";
import { Brush } from "./brush.ts";
import { extent, Frame } from "./frame.ts";
import { anchors, drawNames } from "./labels.ts";
import { legend } from "./legend.ts";
import { Near } from "./near.ts";
import { onScheme, palette } from "./palette.ts";
import { keys } from "./keys.ts";
import { Points } from "./points.ts";
import { pointing } from "./pointing.ts";
import { shapes } from "./shapes.ts";
import { Tip } from "./tip.ts";
import { Zoom } from "./zoom.ts";

export class ThemeMap {
  readonly canvas = el("canvas", {
    class: "points",
    tabindex: "0",
    role: "application",
    "aria-roledescription": "map",
    "aria-label": "Theme map: every paragraph as a point, near those it is like. Arrow keys go from point to point, Enter opens one, plus and minus zoom. The list of paragraphs below has the same.",
  });
  readonly frame: Frame;
  readonly near: Near;
  readonly tip: Tip;
  readonly brush: Brush;
  readonly zoom: Zoom;
  /** The paragraph pointed at. */
  marked: number | null = null;
  private readonly over = el("canvas", { class: "over", "aria-hidden": "true" });
  private readonly live = el("p", { class: "unseen", "aria-live": "polite" });
  private readonly points: Points;
  private readonly names: ReturnType<typeof anchors>;
  private readonly select: HTMLButtonElement;
  private readonly visible = button("Select what is visible", () => this.store.set({ box: this.seen() }), { class: "visible", title: "Filter by the part of the map that is zoomed to", disabled: true });
  private colours = palette();
  private matches: Matches | null = null;
  private matching: Set<number> | null = null;
  private waiting = 0;
  private stale = true;

  constructor(
    readonly corpus: Corpus,
    readonly store: Store,
    section: HTMLElement,
  ) {
    const ofOutlet = shapes(corpus);
    this.points = new Points(corpus, ofOutlet);
    this.names = anchors(corpus);
    this.frame = new Frame(extent(corpus.data.paragraphs.x, corpus.data.paragraphs.y));
    this.near = new Near(corpus);
    this.tip = new Tip(corpus);
    this.brush = new Brush(this.canvas, this.frame, () => this.mark(null), (box) => this.selected(box));
    this.zoom = new Zoom(this);
    this.select = button("Select", () => this.selecting(!this.brush.selecting), { class: "select", "aria-pressed": "false", title: "Draw a rectangle to filter by it (or drag with Shift held)" });
    section.append(this.tools(), el("div", { class: "plot" }, this.canvas, this.over, el("p", { class: "zoom-hint", "aria-hidden": "true" }, "Click the map, or hold Ctrl, to zoom by the wheel")), legend(corpus, store, ofOutlet), this.live);
    section.hidden = false;
    pointing(this);
    keys(this);
    onScheme(() => this.recolour());
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    this.resize();
  }

  /** Dims what does not match. */
  show(matches: Matches): void {
    this.matches = matches.count === this.corpus.size ? null : matches;
    this.near.keep(this.mask);
    this.matching = this.matches && new Set(this.corpus.data.paragraphs.theme.filter((_, index) => matches.mask[index]));
    this.redraw();
  }

  /** Points at a paragraph, or at none, and says it to those who listen. */
  mark(index: number | null, aloud = false): void {
    this.marked = index;
    if (aloud && index !== null) {
      const { corpus } = this;
      this.live.textContent = `${corpus.outletName(index)}${corpus.themeName(index) ? `, ${corpus.themeName(index)}` : ""}: ${corpus.data.paragraphs.text[index].slice(0, 160)}`;
    }
    this.schedule(false);
  }

  /** The place of a paragraph in the window. */
  inWindow(index: number): [number, number] {
    const { x, y } = this.corpus.data.paragraphs;
    const { left, top } = this.canvas.getBoundingClientRect();
    return [left + this.frame.screenX(x[index]), top + this.frame.screenY(y[index])];
  }

  /** How near the pointer must come to a point, in the map's units. */
  reach(pixels: number): number {
    return (this.points.radius(this.frame) + pixels) / this.frame.scale;
  }

  selecting(on: boolean): void {
    this.brush.selecting = on;
    this.select.setAttribute("aria-pressed", String(on));
    this.canvas.classList.toggle("selecting", on);
  }

  redraw(): void {
    this.schedule(true);
  }

  private get mask(): Uint8Array | null {
    return this.matches?.mask ?? null;
  }

  private selected(box: [number, number, number, number]): void {
    this.selecting(false);
    this.store.set({ box });
  }

  private tools(): HTMLElement {
    const zoom = (by: number, label: string, text: string) => button(text, () => this.zoom.by(by), { "aria-label": label, title: label });
    const sample = this.corpus.isSample ? el("span", { class: "sampled" }, `A sample: ${this.corpus.size.toLocaleString("en")} of ${this.corpus.data.total.toLocaleString("en")} paragraphs`) : null;
    return el("div", { class: "tools" }, this.select, this.visible, zoom(1.6, "Zoom in", "+"), zoom(1 / 1.6, "Zoom out", "−"), button("Reset", () => this.zoom.reset(), { class: "reset", title: "The whole map again" }), sample);
  }

  /** The part of the map within the canvas. */
  private seen(): Box {
    const { frame } = this;
    return [frame.mapX(0), frame.mapY(frame.height), frame.mapX(frame.width), frame.mapY(0)].map(Math.round) as Box;
  }

  private recolour(): void {
    this.colours = palette();
    this.points.forget();
    this.redraw();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0) return;
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.over]) {
      canvas.width = Math.round(clientWidth * ratio);
      canvas.height = Math.round(clientHeight * ratio);
    }
    this.frame.resized(clientWidth, clientHeight);
    this.redraw();
  }

  /** Draws with the next frame; the points only where something of them changed. */
  private schedule(points: boolean): void {
    this.stale ||= points;
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.stale) this.drawPoints();
      this.stale = false;
      this.drawOver();
    });
  }

  private drawPoints(): void {
    // All of the map is no filter.
    this.visible.disabled = this.frame.transform.k <= 1;
    const context = cleared(this.canvas);
    if (!context) return;
    const ratio = this.canvas.width / this.frame.width;
    this.points.draw(context, this.frame, ratio, this.colours, this.mask);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawNames(context, this.frame, this.colours, this.names, this.corpus.data.paragraphs, (theme) => !this.matching || this.matching.has(theme));
  }

  private drawOver(): void {
    const context = cleared(this.over);
    if (!context) return;
    const ratio = this.over.width / this.frame.width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.strokeStyle = this.colours.accent;
    const { box } = this.store.state;
    if (box) this.rectangle(context, this.frame.screenX(box[0]), this.frame.screenY(box[3]), this.frame.screenX(box[2]), this.frame.screenY(box[1]));
    const { drawn } = this.brush;
    if (drawn) this.rectangle(context, drawn.x0, drawn.y0, drawn.x1, drawn.y1);
    for (const index of new Set([this.marked, this.store.state.open])) if (index !== null) this.ring(context, index);
  }

  private rectangle(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
    context.setLineDash([]);
  }

  private ring(context: CanvasRenderingContext2D, index: number): void {
    const { x, y } = this.corpus.data.paragraphs;
    const radius = this.points.radius(this.frame) + 4;
    for (const [colour, wide] of [[this.colours.halo, 5], [this.colours.text, 2.5]] as const) {
      context.beginPath();
      context.arc(this.frame.screenX(x[index]), this.frame.screenY(y[index]), radius, 0, 2 * Math.PI);
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.stroke();
    }
  }
}

function cleared(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  context?.setTransform(1, 0, 0, 1, 0, 0);
  context?.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}
