/** The colours of the style sheet as the canvas needs them: strings, read anew when the scheme changes. */

/** In the order of `Palette.points`: the ten themes, the others, none. */
export const CLASSES = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "tx", "tn"];

export interface Palette {
  points: string[];
  dimmed: string;
  text: string;
  halo: string;
  accent: string;
}

/** The colours as they are now. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string, otherwise: string) => style.getPropertyValue(`--${name}`).trim() || otherwise;
  return {
    points: CLASSES.map((name) => value(name, "#777")),
    dimmed: value("quiet", "#777"),
    text: value("ink", "#111"),
    halo: value("paper", "#fff"),
    accent: value("accent", "#06c"),
  };
}

/** Calls when the reader's device turns to the other scheme. */
export function onScheme(does: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", does);
}
