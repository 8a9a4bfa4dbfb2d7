/** Which point is meant: the nearest under the pointer, or the next one in a direction. */

import { quadtree, type Quadtree } from "d3-quadtree";
import type { Corpus } from "../data.ts";

export class Near {
  private tree: Quadtree<number>;
  private kept: (index: number) => boolean = () => true;

  constructor(private readonly corpus: Corpus) {
    this.tree = this.grown();
  }

  /** Only these can be meant from now on. */
  keep(mask: Uint8Array | null): void {
    this.kept = (index) => !mask || mask[index] === 1;
    this.tree = this.grown();
  }

  /** The nearest to a place within a reach, in the map's units. */
  at(x: number, y: number, reach: number): number | null {
    return this.tree.find(x, y, reach) ?? null;
  }

  /** The next one in a direction: near, and little aside. */
  towards(from: number, right: number, up: number): number | null {
    const { x, y } = this.corpus.data.paragraphs;
    let [best, least] = [null as number | null, Infinity];
    for (let index = 0; index < x.length; index++) {
      if (index === from || !this.kept(index)) continue;
      const [dx, dy] = [x[index] - x[from], y[index] - y[from]];
      const along = dx * right + dy * up;
      const aside = Math.abs(dx * up) + Math.abs(dy * right);
      if (along <= 0) continue;
      const cost = along + 2.5 * aside;
      if (cost < least) [best, least] = [index, cost];
    }
    return best;
  }

  private grown(): Quadtree<number> {
    const { x, y } = this.corpus.data.paragraphs;
    const rows = [...x.keys()].filter((index) => this.kept(index));
    return quadtree(rows, (index) => x[index], (index) => y[index]);
  }
}
