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

const LETTER = new RegExp(`(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}]`, "u");

/** Whether no word goes on from the character before this place: a word begins here, or what came before has ended. */
export function begins(text: string, at: number): boolean {
  return !inWord(codeBefore(text, at)) || !inWord(text.codePointAt(at) ?? 0);
}

/** The character before a place, which may be a pair of halves; 0 at the beginning. */
function codeBefore(text: string, at: number): number {
  const half = at > 0 ? text.charCodeAt(at - 1) : 0;
  const whole = half >= 0xdc00 && half <= 0xdfff && at > 1 ? text.codePointAt(at - 2)! : half;
  return whole > 0xffff ? whole : half;
}

/** Letters of plain English are told without asking Unicode, which is slow. */
function inWord(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
  return LETTER.test(String.fromCodePoint(code));
}

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
