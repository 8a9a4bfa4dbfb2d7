//! Drafts into a collection: each text split, each article given its outlet, id, title and date.
//!
//! An outlet is a field, else an entry of the outlets file, else the sub-folder, else the name a web
//! page gives its site, else the file's stem. Not here: finding and decoding (`read`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use super::clean::clean;
use super::dates;
use super::options::ReadOptions;
use super::outlets::OutletTable;
use super::read::{Batch, Draft, Form, Source};
use super::split::{Markup, Page, Piece, extract, extract_fragment, split};
use crate::article::{Article, OutletId, Place};
use crate::collection::{Collection, LeftOut, Problem};
use crate::paragraph::{Kind, Paragraph};

/// Pieces from the top among which an article's own dateline stands.
const TOP: usize = 6;

/// Makes the collection. `batches` are in the order of `sources`.
pub(super) fn gather(sources: &[Source], mut batches: Vec<Batch>, options: &ReadOptions) -> Collection {
    let drafts = numbered(&mut batches);
    let ready: Vec<Ready> =
        drafts.into_par_iter().map(|(at, draft)| ready(at, &sources[at], draft, &options.outlets)).collect();
    let outlets: BTreeSet<&str> = ready.iter().map(|ready| ready.outlet.as_str()).collect();
    let mut collection =
        Collection { outlets: outlets.into_iter().map(str::to_owned).collect(), ..Collection::default() };
    let mut problems: Vec<Vec<Problem>> = batches.into_iter().map(|batch| batch.problems).collect();
    let ids = ids(&ready);
    let mut taken = BTreeMap::new();
    for (ready, id) in ready.into_iter().zip(ids) {
        let source = ready.source;
        problems[source].extend(add(&mut collection, &mut taken, ready, id));
    }
    let unused = options.outlets.unused(sources.iter().map(Source::known_as));
    collection.problems.extend(unused);
    // A file's own problems and its articles' in the order of its lines.
    problems.iter_mut().for_each(|of_file| of_file.sort_by_key(|problem| problem.place.line));
    collection.problems.extend(problems.into_iter().flatten());
    collection
}

/// All drafts, each with the number of its source.
fn numbered(batches: &mut [Batch]) -> Vec<(usize, Draft)> {
    let of_source =
        |(at, batch): (usize, &mut Batch)| std::mem::take(&mut batch.drafts).into_iter().map(move |draft| (at, draft));
    batches.iter_mut().enumerate().flat_map(of_source).collect()
}

/// An article that lacks only its place among the others.
struct Ready {
    source: usize,
    id: String,
    /// The record gives the id; else it is made of the file's name.
    given_id: bool,
    outlet: String,
    article: Article,
    pieces: Vec<Piece>,
    problems: Vec<Problem>,
}

fn ready(at: usize, source: &Source, mut draft: Draft, outlets: &OutletTable) -> Ready {
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
    let id = draft.id.map(|id| clean(&id)).unwrap_or_else(|| match draft.number {
        Some(number) => format!("{}:{number}", source.label),
        None => source.label.clone(),
    });
    let article = Article {
        id: id.clone(),
        outlet: OutletId(0),
        title,
        date,
        url: draft.url.or(page.url),
        place: draft.place,
        text: page.text,
        extra: draft.extra,
    };
    Ready { source: at, id, given_id, outlet, article, pieces: page.pieces, problems }
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

/// The id of each article, unique. Given ids are taken first: one made of a file's name gives way.
fn ids(ready: &[Ready]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut ids = vec![String::new(); ready.len()];
    for given in [true, false] {
        for (at, ready) in ready.iter().enumerate().filter(|(_, ready)| ready.given_id == given) {
            ids[at] = unique(&ready.id, &taken);
            taken.insert(ids[at].clone());
        }
    }
    ids
}

/// Adds an article and its paragraphs under its unique id; what is wrong with it.
fn add(
    collection: &mut Collection,
    taken: &mut BTreeMap<String, Place>,
    ready: Ready,
    unique_id: String,
) -> Vec<Problem> {
    let Ready { id, outlet, mut article, pieces, mut problems, .. } = ready;
    let outlet = collection.outlets.binary_search(&outlet).unwrap_or_default();
    article.outlet = OutletId(outlet as u32);
    article.id = unique_id;
    if article.id != id {
        let by = taken.get(&id).map_or_else(|| "a later article".to_owned(), |place| format!("the article at {place}"));
        let what = format!("id {id:?} is taken by {by}: kept as {:?}", article.id);
        problems.push(Problem { place: article.place.clone(), what, lost: false });
    }
    taken.insert(article.id.clone(), article.place.clone());
    let index = collection.articles.len();
    collection.articles.push(article);
    for (at, piece) in pieces.into_iter().enumerate() {
        let Piece { kind, span, text, reason } = piece;
        let paragraph = Paragraph { article: index, place: at + 1, kind, span, text };
        match reason {
            None => collection.paragraphs.push(paragraph),
            Some(reason) => collection.left_out.push(LeftOut { paragraph, reason: reason.to_owned() }),
        }
    }
    problems
}

/// The id itself, else with the first number that makes it unique.
fn unique(id: &str, taken: &BTreeSet<String>) -> String {
    let numbered = |number: usize| format!("{id}#{number}");
    if !taken.contains(id) {
        return id.to_owned();
    }
    // Doubling, then halving: an id may come a hundred thousand times, and trying each number would square that.
    let mut last = 1;
    while taken.contains(&numbered(2 * last)) {
        last *= 2;
    }
    let mut free = 2 * last;
    while free - last > 1 {
        let middle = last + (free - last) / 2;
        if taken.contains(&numbered(middle)) { last = middle } else { free = middle }
    }
    numbered(free)
}
