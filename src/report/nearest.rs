//! The answer to one question, for the terminal, as Markdown and as JSON (`refrain.nearest/2`).
//!
//! Not here: how it was found (`lookup`).

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

use crate::collection::Collection;
use crate::coverage::{Difference, FactKind, Given};
use crate::nearest::{Answer, Elsewhere, Found, Mode, Scored, Why};
use crate::report::blocks::{Block, Card, Rich, Tone};
use crate::report::json::{rounded, write_pretty};
use crate::report::phrase::{counted, score};
use crate::report::terminal::Page;
use crate::report::view::{View, Widths};
use crate::report::{markdown as md, terminal as tty};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.nearest/2";

/// Writes the answer for the terminal: rank, scores, outlet, article, place, the whole text with the question's words
/// marked, and what else speaks for it.
///
/// # Errors
/// Those of `out`.
pub fn terminal(answer: &Answer, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(answer, page.widths(answer.collection.outlets.len())), page, out)
}

/// Writes the answer as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(answer, Widths::FULL), out)
}

/// Writes the answer as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&document(answer), out)
}

/// The answer as `refrain.nearest/2`, to be written as JSON.
pub fn document(answer: &Answer) -> impl Serialize {
    let hits = answer.hits.iter().enumerate().map(|(at, hit)| HitView::of(answer, at + 1, hit)).collect();
    let searched = SearchedView {
        articles: answer.searched.articles,
        paragraphs: answer.searched.paragraphs,
        shut_out: answer.searched.shut_out,
        recall: answer.searched.recall.map(|recall| rounded(recall as f32)),
    };
    Document { schema: SCHEMA, query: &answer.question, mode: answer.mode, searched, hits }
}

fn blocks(answer: &Answer, widths: Widths) -> Vec<Block> {
    let view = View::new(&answer.collection, widths);
    let title = Rich::default().strong(&format!("“{}”", answer.question));
    let mut blocks = vec![Block::Title(title), Block::Line(Rich::default().quiet(&searched(answer)))];
    if answer.hits.is_empty() {
        blocks.push(Block::Line("Nothing found.".into()));
    } else if shares_nothing(answer) {
        blocks.push(Block::Line("None of them has a word of the question: they may be about something else.".into()));
    }
    blocks.extend(answer.hits.iter().enumerate().map(|(at, hit)| Block::Cards(cards(&view, at + 1, hit))));
    blocks
}

/// Whether words were looked for and no hit has one.
fn shares_nothing(answer: &Answer) -> bool {
    answer.mode.by_words() && answer.hits.iter().all(|hit| hit.scored.words.is_none_or(|words| words.bm25 <= 0.0))
}

fn searched(answer: &Answer) -> String {
    let searched = &answer.searched;
    let of = match searched.shut_out {
        0 => String::new(),
        more => format!(" (filters shut out {})", counted(more, "other")),
    };
    let by = match answer.mode {
        Mode::Hybrid => "meaning and words",
        Mode::Semantic => "meaning",
        Mode::Lexical => "words",
    };
    let recall =
        searched.recall.map(|recall| format!("; approximate: {:.1} % of the true nearest on a sample", 100.0 * recall));
    let (paragraphs, articles) = (counted(searched.paragraphs, "paragraph"), counted(searched.articles, "article"));
    format!("Nearest of {paragraphs}{of} in {articles} by {by}{}", recall.unwrap_or_default())
}

fn cards(view: &View, rank: usize, hit: &Found) -> Vec<Card> {
    let head = Rich::default().quiet(&format!("{rank}  ")).plain(&format!("{}  ", score(hit.scored.score)));
    let own = card(view, head, hit.scored.row, &hit.why, foot(hit));
    let elsewhere = hit.elsewhere.as_ref().map(|other| {
        let head = Rich::default().quiet("nearest elsewhere  ").plain(&format!("{}  ", score(other.cosine)));
        card(view, head, other.row, &other.why, said(&other.why, Rich::default(), "above"))
    });
    [own].into_iter().chain(elsewhere).collect()
}

fn card(view: &View, head: Rich, row: usize, why: &Why, foot: Rich) -> Card {
    let article = view.collection.article_of(row);
    let date = article.date.map(|date| format!(" · {date}")).unwrap_or_default();
    let place = view.collection.paragraphs[row].place;
    let head = head.strong(view.outlet(article.outlet)).quiet(&format!(" ¶{place}{date} · {}", view.title(article)));
    let text = view.collection.text(row);
    Card { head, body: marked(text, &why.shared), foot }
}

/// The whole text with ranges of it marked; they ascend. Words side by side are marked as one.
fn marked(text: &str, ranges: &[Range<usize>]) -> Rich {
    let (mut rich, mut at) = (Rich::default(), 0);
    let side_by_side = |a: &Range<usize>, b: &Range<usize>| text.get(a.end..b.start) == Some(" ");
    for run in ranges.chunk_by(side_by_side) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        rich = rich.plain(text.get(at..first.start).unwrap_or_default());
        rich = rich.with(Tone::Shared, text.get(first.start..last.end).unwrap_or_default());
        at = last.end;
    }
    rich.plain(text.get(at..).unwrap_or_default())
}

/// What speaks for a hit: "meaning 0.62, words 0.41 · same subject · differs: $38bn, asked $40bn".
fn foot(hit: &Found) -> Rich {
    let meaning = hit.scored.cosine.map(|cosine| format!("meaning {}", score(cosine)));
    let words = hit.scored.words.map(|words| format!("words {}", score(words.share)));
    let scores: Vec<String> = meaning.into_iter().chain(words).collect();
    said(&hit.why, Rich::default().quiet(&scores.join(" + ")), "asked")
}

/// The verdict and the differences, after what was said before; `other` names the side that is not this text.
fn said(why: &Why, before: Rich, other: &str) -> Rich {
    let between = |rich: Rich| if rich.text().is_empty() { rich } else { rich.quiet(" · ") };
    let mut rich = before;
    if let Some(verdict) = why.verdict {
        rich = between(rich).quiet(verdict);
    }
    if !why.differences.is_empty() {
        let told = |one: &Difference| format!("{} ({other}: {})", one.right.value, one.left.value);
        let told: Vec<String> = why.differences.iter().map(told).collect();
        rich = between(rich).quiet("differs: ").with(Tone::Differs, &told.join(", "));
    }
    rich
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    query: &'a str,
    mode: Mode,
    searched: SearchedView,
    hits: Vec<HitView<'a>>,
}

#[derive(Serialize)]
struct SearchedView {
    articles: usize,
    paragraphs: usize,
    shut_out: usize,
    recall: Option<f64>,
}

#[derive(Serialize)]
struct HitView<'a> {
    rank: usize,
    score: f64,
    cosine: Option<f64>,
    bm25: Option<f64>,
    words: Option<f64>,
    row: usize,
    id: Option<i64>,
    #[serde(flatten)]
    paragraph: ParagraphView<'a>,
    why: WhyView<'a>,
    elsewhere: Option<ElsewhereView<'a>>,
}

#[derive(Serialize)]
struct ParagraphView<'a> {
    outlet: &'a str,
    article: &'a str,
    title: Option<&'a str>,
    date: Option<String>,
    url: Option<&'a str>,
    file: &'a str,
    line: Option<usize>,
    place: usize,
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct WhyView<'a> {
    words: &'a [String],
    spans: Vec<[usize; 2]>,
    verdict: Option<&'static str>,
    differences: Vec<DifferenceView<'a>>,
}

#[derive(Serialize)]
struct DifferenceView<'a> {
    kind: FactKind,
    here: GivenView<'a>,
    there: GivenView<'a>,
}

#[derive(Serialize)]
struct GivenView<'a> {
    span: [usize; 2],
    value: &'a str,
}

#[derive(Serialize)]
struct ElsewhereView<'a> {
    cosine: f64,
    row: usize,
    #[serde(flatten)]
    paragraph: ParagraphView<'a>,
    why: WhyView<'a>,
}

impl<'a> HitView<'a> {
    fn of(answer: &'a Answer, rank: usize, hit: &'a Found) -> Self {
        let Scored { row, score, cosine, words } = hit.scored;
        Self {
            rank,
            score: rounded(score),
            cosine: cosine.map(rounded),
            bm25: words.map(|words| rounded(words.bm25)),
            words: words.map(|words| rounded(words.share)),
            row: hit.row,
            id: hit.id,
            paragraph: ParagraphView::of(&answer.collection, row),
            why: WhyView::of(&hit.why),
            elsewhere: hit.elsewhere.as_ref().map(|other| ElsewhereView::of(answer, other)),
        }
    }
}

impl<'a> ParagraphView<'a> {
    fn of(collection: &'a Collection, row: usize) -> Self {
        let (article, paragraph) = (collection.article_of(row), &collection.paragraphs[row]);
        Self {
            outlet: collection.outlet_name(article.outlet),
            article: &article.id,
            title: article.title.as_deref(),
            date: article.date.map(|date| date.to_string()),
            url: article.url.as_deref(),
            file: &article.place.file,
            line: article.place.line,
            place: paragraph.place,
            kind: paragraph.kind.code(),
            text: &paragraph.text,
        }
    }
}

impl<'a> WhyView<'a> {
    fn of(why: &'a Why) -> Self {
        let differences = why.differences.iter().map(|one| DifferenceView {
            kind: one.kind,
            here: GivenView::of(&one.right),
            there: GivenView::of(&one.left),
        });
        Self {
            words: &why.words,
            spans: why.shared.iter().map(ends).collect(),
            verdict: why.verdict,
            differences: differences.collect(),
        }
    }
}

impl<'a> GivenView<'a> {
    fn of(given: &'a Given) -> Self {
        Self { span: ends(&given.span), value: &given.value }
    }
}

impl<'a> ElsewhereView<'a> {
    fn of(answer: &'a Answer, other: &'a Elsewhere) -> Self {
        Self {
            cosine: rounded(other.cosine),
            row: other.source,
            paragraph: ParagraphView::of(&answer.collection, other.row),
            why: WhyView::of(&other.why),
        }
    }
}

fn ends(span: &Range<usize>) -> [usize; 2] {
    [span.start, span.end]
}
