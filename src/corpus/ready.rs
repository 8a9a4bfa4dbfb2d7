//! A draft, split: its paragraphs, its outlet, its title and its date.
//!
//! An outlet is a field, else an entry of the outlets file, else the sub-folder, else the name a web
//! page gives its site, else the file's stem. Not here: finding and decoding (`read`), ids that are no one else's (`gather`).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::Value;

use super::clean::clean;
use super::dates;
use super::outlets::OutletTable;
use super::read::{Draft, Form, Source};
use super::split::{Markup, Page, Piece, extract, extract_fragment, split};
use crate::article::{Article, OutletId};
use crate::collection::{LeftOut, Problem};
use crate::paragraph::{Kind, Paragraph};

/// Pieces from the top among which an article's own dateline stands.
const TOP: usize = 6;

/// An article that lacks only its place among the others: its id may be another's too, its outlet is a name, and its
/// paragraphs name article 0.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitArticle {
    /// The article.
    pub article: Article,
    /// Whether the record gives the id; else it is made of the file's name.
    pub given_id: bool,
    /// Who published it.
    pub outlet: String,
    /// Its paragraphs that take part.
    pub kept: Vec<Paragraph>,
    /// Those that do not.
    pub left_out: Vec<LeftOut>,
    /// What was set aside of it.
    pub problems: Vec<Problem>,
}

impl SplitArticle {
    /// About the bytes it holds.
    pub fn bytes(&self) -> usize {
        let kept = self.kept.iter().map(|paragraph| paragraph.text.len());
        let left_out = self.left_out.iter().map(|left_out| left_out.paragraph.text.len());
        let extra = self.article.extra.values().map(weight);
        self.article.text.len() + kept.chain(left_out).chain(extra).sum::<usize>()
    }
}

/// About the bytes of a value.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(parts) => parts.iter().map(weight).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

/// Splits a draft.
pub(super) fn ready(source: &Source, mut draft: Draft, outlets: &OutletTable) -> SplitArticle {
    let mut page = pages(&mut draft);
    let outlet = outlet(source, &draft, &page, outlets);
    let mut problems = Vec::new();
    let date = date(&mut draft, &page, &mut problems);
    let title = draft.title.as_deref().map(clean).filter(|title| !title.is_empty()).or_else(|| page.title.take());
    mark_title(title.as_deref(), &mut page.pieces);
    let title = title.or_else(|| opening_heading(&page.pieces));
    if page.pieces.iter().all(|piece| piece.reason.is_some()) {
        problems.push(Problem { place: draft.place.clone(), what: empty(&page.pieces), lost: false });
    }
    if let Some(byline) = page.byline.take() {
        draft.extra.entry("byline").or_insert(Value::String(byline));
    }
    let given_id = draft.id.is_some();
    let (kept, left_out) = sorted_out(page.pieces);
    let article = Article {
        id: id(source, draft.id, draft.number),
        outlet: OutletId(0),
        title,
        date,
        url: draft.url.or(page.url),
        place: draft.place,
        text: page.text,
        extra: draft.extra,
    };
    SplitArticle { article, given_id, outlet, kept, left_out, problems }
}

/// The record's own id, else one made of where it was found.
pub(super) fn id(source: &Source, own: Option<String>, number: Option<usize>) -> String {
    own.map(|id| clean(&id)).unwrap_or_else(|| match number {
        Some(number) => format!("{}:{number}", source.label),
        None => source.label.clone(),
    })
}

/// The paragraphs that take part, and those that do not.
fn sorted_out(pieces: Vec<Piece>) -> (Vec<Paragraph>, Vec<LeftOut>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for (at, piece) in pieces.into_iter().enumerate() {
        let Piece { kind, span, text, reason } = piece;
        let paragraph = Paragraph { article: 0, place: at + 1, kind, span, text };
        match reason {
            None => kept.push(paragraph),
            Some(reason) => left_out.push(LeftOut { paragraph, reason: reason.to_owned() }),
        }
    }
    (kept, left_out)
}

/// Splits a draft's text, by its form.
fn pages(draft: &mut Draft) -> Page {
    let text = std::mem::take(&mut draft.text);
    let markup = match draft.form {
        Form::Html => return extract(&text),
        Form::Fragment => return extract_fragment(&text),
        Form::Markdown => Markup::Markdown,
        Form::Plain => Markup::Plain,
    };
    let pieces = split(&text, markup);
    Page { text, pieces, ..Page::default() }
}

fn outlet(source: &Source, draft: &Draft, page: &Page, outlets: &OutletTable) -> String {
    let listed = || outlets.get(source.known_as()).map(str::to_owned);
    let said = draft.outlet.as_deref().map(clean).filter(|name| !name.is_empty());
    said.or_else(listed)
        .or_else(|| source.folder.clone())
        .or_else(|| page.site.clone())
        .unwrap_or_else(|| source.stem.clone())
}

/// The record's date, else the page's, else the dateline's near the top. One that cannot be read
/// stays as it is among the extra fields.
fn date(draft: &mut Draft, page: &Page, problems: &mut Vec<Problem>) -> Option<Date> {
    if let Some(raw) = draft.date.take() {
        let date = dates::parse(&clean(&raw));
        if date.is_none() {
            let what = format!("date {raw:?} cannot be read: expected a day such as 2025-11-04");
            problems.push(Problem { place: draft.place.clone(), what, lost: false });
            draft.extra.insert("date".to_owned(), Value::String(raw));
        }
        return date;
    }
    let own = page.date.as_deref().and_then(|raw| dates::parse(&clean(raw)));
    let datelines = page.pieces.iter().take(TOP).filter(|piece| piece.kind == Kind::Dateline);
    own.or_else(|| datelines.filter_map(|piece| dates::of_dateline(&piece.text)).next())
}

/// The title again at the top of the text is a heading, whatever it ends with.
fn mark_title(title: Option<&str>, pieces: &mut [Piece]) {
    let Some(title) = title.map(str::to_lowercase).filter(|_| pieces.len() > 1) else { return };
    let same = pieces.iter_mut().take(TOP).find(|piece| piece.reason.is_none() && piece.text.to_lowercase() == title);
    if let Some(piece) = same {
        piece.kind = Kind::Heading;
        piece.reason = Some("heading");
    }
}

fn opening_heading(pieces: &[Piece]) -> Option<String> {
    let first = pieces.iter().find(|piece| !matches!(piece.kind, Kind::Boilerplate | Kind::Dateline))?;
    (first.kind == Kind::Heading).then(|| first.text.clone())
}

fn empty(pieces: &[Piece]) -> String {
    let reasons: BTreeSet<&str> = pieces.iter().filter_map(|piece| piece.reason).collect();
    match pieces.len() {
        0 => "no paragraph found".to_owned(),
        count => format!("no paragraph kept of {count}: {}", reasons.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
