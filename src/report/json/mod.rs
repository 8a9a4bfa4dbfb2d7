//! Findings as JSON, unabridged: the schema `refrain.findings/1`, documented in `docs/formats.md`.
//!
//! The views here borrow the findings and fix names and order of the fields. Numbers with a fraction
//! have four decimals, so that equal findings are equal bytes.

mod coverage;
mod quotations;
mod themes;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::article::Article;
use crate::collection::{Collection, LeftOut, Problem};
use crate::findings::{Findings, Run};
use crate::paragraph::{Kind, Paragraph};
use crate::report::clean::is_hidden;
use crate::report::view::tally;

/// The name and version of the schema.
const SCHEMA: &str = "refrain.findings/1";

/// Writes the findings as JSON: one object, indented, a newline at the end.
///
/// # Errors
/// Those of `out`.
pub fn json(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let themes = themes::names_by_row(findings);
    write_pretty(&Document::of(findings, themes.as_deref()), out)
}

/// Writes a value as indented JSON in which nothing steers a terminal: control characters beyond
/// ASCII and characters that reorder text are escaped, which they can only need inside a string.
pub(crate) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let mut rest = text.as_str();
    while let Some((at, c)) = rest.char_indices().find(|&(_, c)| steers(c)) {
        out.write_all(&rest.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    writeln!(out, "{rest}")
}

fn steers(c: char) -> bool {
    (c.is_control() && c != '\n') || is_hidden(c)
}

/// A number with four decimals.
pub(crate) fn rounded(value: f32) -> f64 {
    // Adding zero turns -0 into 0.
    (f64::from(value) * 1e4).round() / 1e4 + 0.0
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: RunView<'a>,
    outlets: Vec<OutletView<'a>>,
    articles: Vec<ArticleView<'a>>,
    paragraphs: Vec<ParagraphView<'a>>,
    left_out: Vec<LeftOutView<'a>>,
    problems: Vec<ProblemView<'a>>,
    themes: Option<themes::ThemesView<'a>>,
    coverage: Option<coverage::CoverageView<'a>>,
    quotations: Option<Vec<quotations::QuotationView<'a>>>,
}

impl<'a> Document<'a> {
    /// `themes` has the names of the themes of each row.
    fn of(findings: &'a Findings, themes: Option<&'a [Vec<&'a str>]>) -> Self {
        let collection = &findings.collection;
        Self {
            schema: SCHEMA,
            run: RunView::of(&findings.run),
            outlets: outlets(collection),
            articles: collection.articles.iter().map(|article| ArticleView::of(collection, article)).collect(),
            paragraphs: (0..collection.len()).map(|row| ParagraphView::of(collection, row, themes)).collect(),
            left_out: collection.left_out.iter().map(|left_out| LeftOutView::of(collection, left_out)).collect(),
            problems: collection.problems.iter().map(ProblemView::of).collect(),
            themes: findings.themes.as_ref().map(|themes| themes::ThemesView::of(themes, &findings.collection)),
            coverage: findings.coverage.as_ref().map(|coverage| coverage::CoverageView::of(collection, coverage)),
            quotations: findings.quotations.as_ref().map(|found| {
                found.iter().map(|quotation| quotations::QuotationView::of(collection, quotation)).collect()
            }),
        }
    }
}

#[derive(Serialize)]
struct RunView<'a> {
    version: &'a str,
    model: &'a str,
    dim: usize,
    max_tokens: Option<usize>,
    device: &'a str,
    precision: &'a str,
    windowed: usize,
    inputs: &'a [String],
}

impl<'a> RunView<'a> {
    fn of(run: &'a Run) -> Self {
        let Run { version, model, dim, max_tokens, device, precision, windowed, inputs } = run;
        Self { version, model, dim: *dim, max_tokens: *max_tokens, device, precision, windowed: *windowed, inputs }
    }
}

#[derive(Serialize)]
struct OutletView<'a> {
    name: &'a str,
    articles: usize,
    paragraphs: usize,
}

fn outlets(collection: &Collection) -> Vec<OutletView<'_>> {
    let count = collection.outlets.len();
    let articles = tally(count, collection.articles.iter().map(|article| article.outlet));
    let paragraphs = tally(count, collection.row_outlets());
    let counts = articles.into_iter().zip(paragraphs);
    let views = collection.outlets.iter().zip(counts);
    views.map(|(name, (articles, paragraphs))| OutletView { name, articles, paragraphs }).collect()
}

#[derive(Serialize)]
struct ArticleView<'a> {
    id: &'a str,
    outlet: &'a str,
    title: Option<&'a str>,
    date: Option<String>,
    url: Option<&'a str>,
    file: &'a str,
    line: Option<usize>,
    extra: &'a Map<String, Value>,
}

impl<'a> ArticleView<'a> {
    fn of(collection: &'a Collection, article: &'a Article) -> Self {
        Self {
            id: &article.id,
            outlet: collection.outlet_name(article.outlet),
            title: article.title.as_deref(),
            date: article.date.map(|date| date.to_string()),
            url: article.url.as_deref(),
            file: &article.place.file,
            line: article.place.line,
            extra: &article.extra,
        }
    }
}

#[derive(Serialize)]
struct ParagraphView<'a> {
    row: usize,
    article: &'a str,
    place: usize,
    kind: Kind,
    span: [usize; 2],
    text: &'a str,
    themes: Option<&'a [&'a str]>,
}

impl<'a> ParagraphView<'a> {
    fn of(collection: &'a Collection, row: usize, themes: Option<&'a [Vec<&'a str>]>) -> Self {
        let Paragraph { article, place, kind, span, text } = &collection.paragraphs[row];
        Self {
            row,
            article: &collection.articles[*article].id,
            place: *place,
            kind: *kind,
            span: [span.start, span.end],
            text,
            themes: themes.map(|themes| themes[row].as_slice()),
        }
    }
}

#[derive(Serialize)]
struct LeftOutView<'a> {
    article: &'a str,
    place: usize,
    kind: Kind,
    span: [usize; 2],
    text: &'a str,
    reason: &'a str,
}

impl<'a> LeftOutView<'a> {
    fn of(collection: &'a Collection, left_out: &'a LeftOut) -> Self {
        let Paragraph { article, place, kind, span, text } = &left_out.paragraph;
        Self {
            article: &collection.articles[*article].id,
            place: *place,
            kind: *kind,
            span: [span.start, span.end],
            text,
            reason: &left_out.reason,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ProblemView<'a> {
    file: &'a str,
    line: Option<usize>,
    what: &'a str,
    lost: bool,
}

impl<'a> ProblemView<'a> {
    pub(crate) fn of(problem: &'a Problem) -> Self {
        Self { file: &problem.place.file, line: problem.place.line, what: &problem.what, lost: problem.lost }
    }
}
