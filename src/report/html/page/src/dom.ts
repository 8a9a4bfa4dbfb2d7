/** Making elements. Text becomes text nodes and nothing else: no string from the corpus is ever parsed as HTML. */

type Child = Node | string | null | undefined | false;

/** An element with attributes and children; `undefined` and `false` attributes are left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child) || child === ""));
  return element;
}

/** A button that does something; never one that submits a form. */
export function button(label: Child, does: (event: MouseEvent) => void, attributes: Record<string, string | boolean> = {}): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", does);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. */
export function svg(tag: string, attributes: Record<string, string | number>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A name of the corpus, kept from reordering what stands around it. */
export const name = (text: string): HTMLElement => el("bdi", {}, text);

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A day, `2020-03-25`, as the rest of the page writes it: `25 March 2020`. */
export function day(date: string): string {
  const [year, month, of] = date.split("-").map(Number);
  return `${of} ${MONTHS[month - 1]} ${year}`;
}

/** The address, if a browser should open it. */
export function safeUrl(url: string | null): string | null {
  return url !== null && /^https?:\/\//i.test(url) ? url : null;
}

/** `1 paragraph`, `2,000 paragraphs`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Calls after the caller has been quiet for a while. */
export function debounced(milliseconds: number, does: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(does, milliseconds);
  };
}
