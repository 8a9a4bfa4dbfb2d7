/** What the page carries (`src/report/html/data.rs` writes it), and what follows from it. */

export interface Article {
  id: string;
  outlet: number;
  title: string | null;
  date: string | null;
  url: string | null;
}

export interface Theme {
  name: string;
  /** Paragraphs in the corpus; `members` has those on the page. */
  size?: number;
  /** 0 to 9, or -1: the class that colours it. */
  colour: number;
  members: number[];
}

/** One value a paragraph in each list. */
export interface Columns {
  row: number[];
  article: number[];
  place: number[];
  kind: number[];
  text: string[];
  theme: number[];
  /** Empty where it is not known. */
  exclusive: number[];
  x: number[];
  y: number[];
  /** Index, cosine in thousandths, index, cosine ... */
  near: number[][];
  /** How many nearest each has in the corpus; empty where all of them are on the page. */
  near_of?: number[];
}

export interface Data {
  /** Paragraphs of the corpus; more than the page holds where it holds a sample. */
  total: number;
  outlets: string[];
  kinds: string[];
  /** First and last day. */
  dates: [string, string] | null;
  articles: Article[];
  themes: Theme[];
  /** Null where coverage was not looked for. */
  groups: number[][] | null;
  /** Passages of each group in the corpus. */
  sizes?: number[];
  grades: string[];
  paragraphs: Columns;
}

/** The data with what the parts of the page ask of it. An index is a paragraph's position in the columns. */
export class Corpus {
  readonly size: number;
  /** Positions of all themes that a paragraph is in, its best first. */
  readonly themesOf: number[][];
  /** Positions of the groups that a paragraph is in. */
  readonly groupsOf: number[][];
  readonly paragraphsOfOutlet: number[];
  readonly firstDate: string | null;
  readonly lastDate: string | null;
  readonly undated: number;
  /** Indices by article and place. */
  private readonly inArticle: number[];
  private readonly rank: number[];

  constructor(readonly data: Data) {
    const columns = data.paragraphs;
    this.size = columns.row.length;
    this.themesOf = columns.theme.map((theme) => (theme < 0 ? [] : [theme]));
    data.themes.forEach((theme, at) => theme.members.forEach((index) => addOnce(this.themesOf[index], at)));
    this.groupsOf = columns.row.map(() => []);
    this.groups.forEach((rows, at) => rows.forEach((index) => addOnce(this.groupsOf[index], at)));
    this.paragraphsOfOutlet = data.outlets.map(() => 0);
    for (let index = 0; index < this.size; index++) this.paragraphsOfOutlet[this.outlet(index)]++;
    [this.firstDate, this.lastDate] = data.dates ?? [null, null];
    this.undated = data.articles.filter((article) => article.date === null).length;
    this.inArticle = columns.row.map((_, index) => index);
    this.inArticle.sort((a, b) => columns.article[a] - columns.article[b] || columns.place[a] - columns.place[b]);
    this.rank = new Array<number>(this.size);
    this.inArticle.forEach((index, at) => (this.rank[index] = at));
  }

  get groups(): number[][] {
    return this.data.groups ?? [];
  }

  get groupsKnown(): boolean {
    return this.data.groups !== null;
  }

  get exclusiveKnown(): boolean {
    return this.data.paragraphs.exclusive.length > 0;
  }

  get laidOut(): boolean {
    return this.size > 0 && this.data.paragraphs.x.length === this.size;
  }

  get isSample(): boolean {
    return this.data.total > this.size;
  }

  article(index: number): Article {
    return this.data.articles[this.data.paragraphs.article[index]];
  }

  outlet(index: number): number {
    return this.article(index).outlet;
  }

  outletName(index: number): string {
    return this.data.outlets[this.outlet(index)] ?? "";
  }

  kindName(index: number): string {
    return this.data.kinds[this.data.paragraphs.kind[index]] ?? "";
  }

  themeName(index: number): string {
    return this.data.themes[this.data.paragraphs.theme[index]]?.name ?? "";
  }

  /** The class that colours a theme: `t0` to `t9`, `tx` for the others, `tn` for none. */
  colourClass(theme: number): string {
    const colour = this.data.themes[theme]?.colour;
    return colour === undefined ? "tn" : colour < 0 ? "tx" : `t${colour}`;
  }

  /** The paragraph shown that many places further in the same article. */
  beside(index: number, steps: number): number | null {
    const there = this.inArticle[this.rank[index] + steps];
    return there !== undefined && this.data.paragraphs.article[there] === this.data.paragraphs.article[index] ? there : null;
  }

  /** Nearest first. */
  near(index: number): { index: number; cosine: number }[] {
    const flat = this.data.paragraphs.near[index] ?? [];
    const hits = [];
    for (let at = 0; at + 1 < flat.length; at += 2) hits.push({ index: flat[at], cosine: flat[at + 1] / 1000 });
    return hits;
  }
}

/** Reads the data out of the page; null where it is not there or cannot be read, and the page stays as it was written. */
export function read(): Corpus | null {
  const text = document.getElementById("data")?.textContent;
  if (!text) return null;
  try {
    return new Corpus(JSON.parse(text) as Data);
  } catch (error) {
    return null;
  }
}

function addOnce(list: number[] | undefined, value: number): void {
  if (list && !list.includes(value)) list.push(value);
}
