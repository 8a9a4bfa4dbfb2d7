/** Scrolling to a place of a page whose height is not known yet. */

/** As many frames as a place is sought for, and as many as it must stay put. */
const FRAMES = 30;
const STILL = 3;

let sought: HTMLElement | null = null;

/**
 * Scrolls to an element. Items that were never in view have a guessed height (`content-visibility: auto`), which
 * becomes the true one when they come near: so again with each frame, until the element stays where it is.
 */
export function scrollTo(element: HTMLElement): void {
  sought = element;
  let [frames, still, before] = [0, 0, NaN];
  const step = () => {
    // Whoever goes elsewhere meanwhile is not pulled back.
    if (sought !== element) return;
    const { top } = element.getBoundingClientRect();
    still = Math.abs(top - before) < 1 ? still + 1 : 0;
    if (still >= STILL || ++frames > FRAMES) return;
    element.scrollIntoView({ block: "start", behavior: "instant" });
    before = element.getBoundingClientRect().top;
    requestAnimationFrame(step);
  };
  step();
}

for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(kind, () => (sought = null), { passive: true, capture: true });
