/** How texts are cut into words for the search: case and accents do not count, and scripts without spaces go by character. */

/** Written without spaces between words. */
const UNSPACED = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}";
const WORD = new RegExp(`[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, "gu");

/** A word as it is compared. */
export function folded(word: string): string {
  const lower = word.toLowerCase();
  return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize("NFD").replace(/\p{M}/gu, "");
}

/** The words of a text, as they stand in it. */
export const words = (text: string): string[] => text.match(WORD) ?? [];

/** A text cut where a word begins with one of the terms sought: what stands between, then the word, in turn. */
export function highlighted(text: string, terms: string[]): (string | Node)[] {
  const parts: (string | Node)[] = [];
  let from = 0;
  for (const found of terms.length ? text.matchAll(WORD) : []) {
    if (!terms.some((term) => folded(found[0]).startsWith(term))) continue;
    const mark = document.createElement("mark");
    mark.textContent = found[0];
    parts.push(text.slice(from, found.index), mark);
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
