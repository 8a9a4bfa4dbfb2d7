/** Paper cannot be unfolded: what is folded in the page is printed unfolded. */

/** Opens the details of the text while the page is printed. */
export function unfoldInPrint(): void {
  let opened: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    const folded = document.querySelectorAll<HTMLDetailsElement>("main details:not([open], .choose), footer details:not([open])");
    opened = [...opened, ...[...folded].filter((details) => details.children.length > 1)];
    opened.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => {
    opened.forEach((details) => (details.open = false));
    opened = [];
  });
}
