/**
 * Paragraphs as a file: CSV by RFC 4180, and JSON. The columns are some of those of the command's own table, with the
 * same names and values; docs/page.md ("Downloads") says which are not here. What is not known is null, in CSV empty.
 */

import type { Corpus } from "./data.ts";

const COLUMNS = ["row", "article", "outlet", "title", "date", "url", "place", "kind", "text", "theme", "group", "exclusive", "x", "y"] as const;

type Value = string | number | boolean | null;
type Row = Record<(typeof COLUMNS)[number], Value>;

function row(corpus: Corpus, index: number): Row {
  const { paragraphs } = corpus.data;
  const article = corpus.article(index);
  const group = corpus.groupsOf[index][0];
  return {
    row: paragraphs.row[index],
    article: article.id,
    outlet: corpus.outletName(index),
    title: article.title,
    date: article.date,
    url: article.url,
    place: paragraphs.place[index],
    // As the command codes it: `list_item`.
    kind: corpus.kindName(index).replace(/ /g, "_"),
    text: paragraphs.text[index],
    theme: corpus.themeName(index) || null,
    group: group === undefined ? null : group + 1,
    exclusive: corpus.exclusiveKnown ? paragraphs.exclusive[index] === 1 : null,
    x: corpus.laidOut ? paragraphs.x[index] / 10_000 : null,
    y: corpus.laidOut ? paragraphs.y[index] / 10_000 : null,
  };
}

function field(value: Value): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The paragraphs as CSV, with a header. */
export function csv(corpus: Corpus, indices: number[]): string {
  const lines = indices.map((index) => Object.values(row(corpus, index)).map(field).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

/** The paragraphs as a JSON list. */
export function json(corpus: Corpus, indices: number[]): string {
  return JSON.stringify(indices.map((index) => row(corpus, index)), null, 1) + "\n";
}

/** Hands the user a file. */
export function save(name: string, type: string, content: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
