//! The hits of one query, for the terminal, as Markdown and as JSON (`refrain.nearest/1`).
//!
//! Not here: how hits are found (`neighbours`).

use std::io::{self, Write};

use serde::Serialize;

use crate::collection::Collection;
use crate::nearest::Hit;
use crate::report::blocks::{Block, Card, Rich};
use crate::report::json::{rounded, write_pretty};
use crate::report::phrase::{counted, score};
use crate::report::terminal::Page;
use crate::report::view::{View, Widths};
use crate::report::{markdown as md, terminal as tty};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.nearest/1";

/// A query and what was found.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The query as the user gave it.
    pub query: &'a str,
    /// The hits, nearest first.
    pub hits: &'a [Hit],
    /// What was searched.
    pub collection: &'a Collection,
}

/// Writes the hits for the terminal: rank, cosine, outlet, article, place and the whole text.
///
/// # Errors
/// Those of `out`.
pub fn terminal(answer: &Answer, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(answer, page.widths(answer.collection.outlets.len())), page, out)
}

/// Writes the hits as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(answer, Widths::FULL), out)
}

/// Writes the hits as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let hits = answer.hits.iter().enumerate();
    let hits = hits.map(|(at, hit)| HitView::of(answer.collection, at + 1, hit)).collect();
    write_pretty(&Document { schema: SCHEMA, query: answer.query, hits }, out)
}

fn blocks(answer: &Answer, widths: Widths) -> Vec<Block> {
    let view = View::new(answer.collection, widths);
    let (articles, rows) = (answer.collection.articles.len(), answer.collection.len());
    let searched = format!("Nearest of {} in {}", counted(rows, "paragraph"), counted(articles, "article"));
    let title = Rich::default().strong(&format!("“{}”", answer.query));
    let mut blocks = vec![Block::Title(title), Block::Line(Rich::default().quiet(&searched))];
    if answer.hits.is_empty() {
        blocks.push(Block::Line("Nothing found.".into()));
    }
    blocks.extend(answer.hits.iter().enumerate().map(|(at, hit)| Block::Cards(vec![card(&view, at + 1, hit)])));
    blocks
}

fn card(view: &View, rank: usize, hit: &Hit) -> Card {
    let article = view.collection.article_of(hit.row);
    let date = article.date.map(|date| format!(" · {date}")).unwrap_or_default();
    let place = view.collection.paragraphs[hit.row].place;
    let head = Rich::default()
        .quiet(&format!("{rank}  "))
        .plain(&format!("{}  ", score(hit.cosine)))
        .strong(view.outlet(article.outlet))
        .quiet(&format!(" ¶{place}{date} · {}", view.title(article)));
    Card { head, body: view.collection.text(hit.row).into(), foot: Rich::default() }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    query: &'a str,
    hits: Vec<HitView<'a>>,
}

#[derive(Serialize)]
struct HitView<'a> {
    rank: usize,
    cosine: f64,
    row: usize,
    outlet: &'a str,
    article: &'a str,
    title: Option<&'a str>,
    date: Option<String>,
    url: Option<&'a str>,
    file: &'a str,
    line: Option<usize>,
    place: usize,
    text: &'a str,
}

impl<'a> HitView<'a> {
    fn of(collection: &'a Collection, rank: usize, hit: &Hit) -> Self {
        let article = collection.article_of(hit.row);
        Self {
            rank,
            cosine: rounded(hit.cosine),
            row: hit.row,
            outlet: collection.outlet_name(article.outlet),
            article: &article.id,
            title: article.title.as_deref(),
            date: article.date.map(|date| date.to_string()),
            url: article.url.as_deref(),
            file: &article.place.file,
            line: article.place.line,
            place: collection.paragraphs[hit.row].place,
            text: collection.text(hit.row),
        }
    }
}
