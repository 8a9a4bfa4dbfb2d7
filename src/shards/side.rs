//! What stands beside a shard: its articles, what was left out of them, and the problems of the input, so that a report
//! on the folder is the report on the texts. JSON lines in reading order, in one Zstandard frame.

use std::io::{self, BufRead, BufReader, BufWriter, Write};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::manifest::Totals;
use crate::article::{Article, OutletId, Place};
use crate::collection::{LeftOut, Problem};
use crate::corpus::{Item, SplitArticle};
use crate::paragraph::{Kind, Paragraph};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Article(Box<ArticleLine>),
    Problem(Problem),
}

#[derive(Debug, Serialize, Deserialize)]
struct ArticleLine {
    id: String,
    given_id: bool,
    outlet: String,
    title: Option<String>,
    date: Option<String>,
    url: Option<String>,
    place: Place,
    extra: Map<String, Value>,
    /// Rows of the shard that are its paragraphs.
    paragraphs: usize,
    left_out: Vec<LeftOutLine>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LeftOutLine {
    place: usize,
    kind: Kind,
    span: [usize; 2],
    text: String,
    reason: String,
}

/// Writes the lines of a shard's items, with or without the texts of what was left out.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(items: &[Item], text: bool, out: impl Write) -> io::Result<()> {
    // In pieces worth packing: lines are made of words.
    let mut out = BufWriter::with_capacity(1 << 16, zstd::stream::write::Encoder::new(out, 3)?);
    for item in items {
        let mut line = Line::of(item);
        if let Line::Article(article) = &mut line
            && !text
        {
            article.left_out.iter_mut().for_each(|left_out| left_out.text.clear());
        }
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.flush()
}

/// Reads the items of a shard, their paragraphs in `kept`, in the order of the rows.
///
/// # Errors
/// What is wrong with the bytes, in words.
pub(super) fn read(bytes: &[u8], mut kept: impl Iterator<Item = Paragraph>) -> Result<Vec<Item>, String> {
    let lines = zstd::stream::read::Decoder::new(bytes).map_err(|error| error.to_string())?;
    let mut items = Vec::new();
    for line in BufReader::new(lines).lines() {
        let line = line.map_err(|error| error.to_string())?;
        items.push(match serde_json::from_str(&line).map_err(|error| error.to_string())? {
            Line::Problem(problem) => Item::Problem(problem),
            Line::Article(line) => Item::Article(Box::new(line.article(&mut kept)?)),
        });
    }
    match kept.next() {
        Some(_) => Err("fewer paragraphs than the shard has rows".to_owned()),
        None => Ok(items),
    }
}

/// What items hold.
pub(super) fn totals(items: &[Item]) -> Totals {
    let mut totals = Totals::default();
    for item in items {
        match item {
            Item::Problem(_) => totals.problems += 1,
            Item::Article(article) => {
                totals.articles += 1;
                totals.paragraphs += article.kept.len() as u64;
                totals.left_out += article.left_out.len() as u64;
                totals.problems += article.problems.len() as u64;
            }
        }
    }
    totals
}

impl Line {
    fn of(item: &Item) -> Self {
        match item {
            Item::Problem(problem) => Self::Problem(problem.clone()),
            Item::Article(split) => Self::Article(Box::new(ArticleLine::of(split))),
        }
    }
}

impl ArticleLine {
    fn of(split: &SplitArticle) -> Self {
        let Article { id, outlet: _, title, date, url, place, text: _, extra } = split.article.clone();
        Self {
            id,
            given_id: split.given_id,
            outlet: split.outlet.clone(),
            title,
            date: date.map(|date| date.to_string()),
            url,
            place,
            extra,
            paragraphs: split.kept.len(),
            left_out: split.left_out.iter().map(LeftOutLine::of).collect(),
            problems: split.problems.clone(),
        }
    }

    /// The article, without its text, which nothing reads after it was split.
    fn article(self, kept: &mut impl Iterator<Item = Paragraph>) -> Result<SplitArticle, String> {
        let date = self.date.map(|date| date.parse::<Date>()).transpose();
        let article = Article {
            id: self.id,
            outlet: OutletId(0),
            title: self.title,
            date: date.map_err(|error| error.to_string())?,
            url: self.url,
            place: self.place,
            text: String::new(),
            extra: self.extra,
        };
        let own: Vec<Paragraph> = kept.take(self.paragraphs).collect();
        if own.len() < self.paragraphs {
            return Err("more paragraphs than the shard has rows".to_owned());
        }
        Ok(SplitArticle {
            article,
            given_id: self.given_id,
            outlet: self.outlet,
            kept: own,
            left_out: self.left_out.into_iter().map(LeftOutLine::left_out).collect(),
            problems: self.problems,
        })
    }
}

impl LeftOutLine {
    fn of(left_out: &LeftOut) -> Self {
        let LeftOut { paragraph: Paragraph { place, kind, span, text, .. }, reason } = left_out.clone();
        Self { place, kind, span: [span.start, span.end], text, reason }
    }

    fn left_out(self) -> LeftOut {
        let Self { place, kind, span: [start, end], text, reason } = self;
        LeftOut { paragraph: Paragraph { article: 0, place, kind, span: start..end, text }, reason }
    }
}
