//! What the page's script reads: every paragraph that is shown, in columns, with its theme, groups, place and neighbours.
//!
//! A paragraph is named in the page by its *index*: its position among those shown. Names of outlets and themes are
//! those that the page prints, each once. Not here: what the script does with it (`page/src`).

use std::io;

use serde::Serialize;

use crate::coverage::{By, Group};
use crate::map::ThemeMap;
use crate::paragraph::Kind;
use crate::report::clean::clean;
use crate::report::html::sheet::{Sheet, web_address};
use crate::report::html::shown::Shown;

/// The whole of it. `page/src/data.ts` has the same, for the script.
#[derive(Serialize)]
struct Data {
    /// Paragraphs of the corpus; more than the page shows where it shows a sample.
    total: usize,
    /// Names, no two alike. An outlet is its position here, in `data-outlets` too.
    outlets: Vec<String>,
    /// What a paragraph can be.
    kinds: Vec<&'static str>,
    /// First and last day of publication, `YYYY-MM-DD`; none where no article has a date.
    dates: Option<[String; 2]>,
    /// Those of the paragraphs shown.
    articles: Vec<ArticleData>,
    /// Theme `n` is the item `#theme-(n+1)`, with `data-theme="n"`.
    themes: Vec<ThemeData>,
    /// Indices of the paragraphs of each group; group `n` is the item `#group-(n+1)`, where the page lists so many.
    /// None where coverage was not looked for.
    groups: Option<Vec<Vec<u32>>>,
    /// Passages of each group in the corpus.
    sizes: Vec<usize>,
    /// The grade of each group's strongest pair, in words.
    grades: Vec<&'static str>,
    paragraphs: Paragraphs,
}

#[derive(Serialize)]
struct ArticleData {
    id: String,
    outlet: u32,
    title: Option<String>,
    /// `YYYY-MM-DD`.
    date: Option<String>,
    /// `http` and `https` alone.
    url: Option<String>,
}

#[derive(Serialize)]
struct ThemeData {
    name: String,
    /// Its paragraphs in the corpus.
    size: usize,
    /// 0 to 9, the class `t0` to `t9`; -1 is `tx`.
    colour: i32,
    /// Indices of its paragraphs, best first.
    members: Vec<u32>,
}

/// One value a paragraph in each list.
#[derive(Serialize)]
struct Paragraphs {
    /// The row in the corpus.
    row: Vec<usize>,
    /// Positions in `articles`.
    article: Vec<usize>,
    /// 1-based, among all paragraphs of the article.
    place: Vec<usize>,
    /// Positions in `kinds`.
    kind: Vec<usize>,
    text: Vec<String>,
    /// The position of the theme it fits best; -1 for none.
    theme: Vec<i32>,
    /// 1 where no other outlet has it; empty where that is not known.
    exclusive: Vec<u8>,
    /// From -10,000 to 10,000; empty where nothing was laid out.
    x: Vec<i32>,
    y: Vec<i32>,
    /// Nearest first: index, cosine in thousandths, index, cosine ...
    near: Vec<Vec<i64>>,
    /// How many nearest the corpus has for each; empty where all of them are shown.
    near_of: Vec<usize>,
}

/// The data as JSON that can stand in a script element: no `<`, `>` or `&` is left in it.
///
/// # Errors
/// Serialization's, which does not occur.
pub(super) fn json(sheet: &Sheet) -> io::Result<String> {
    let (findings, shown) = (sheet.findings, sheet.shown);
    let groups = || findings.coverage.iter().flat_map(|coverage| &coverage.groups);
    let data = Data {
        total: findings.collection.len(),
        outlets: sheet.view.outlets().map(|outlet| sheet.view.outlet(outlet).to_owned()).collect(),
        kinds: Kind::ALL.map(Kind::name).to_vec(),
        dates: sheet.view.dates().map(|(first, last, _)| [first, last].map(|date| date.to_string())),
        articles: shown_articles(sheet).iter().map(|&at| article(sheet, at)).collect(),
        themes: themes(sheet),
        groups: findings.coverage.is_some().then(|| groups().map(|group| indices(shown, group)).collect()),
        sizes: groups().map(|group| group.passages.len()).collect(),
        grades: groups().map(|group| group.grade.name()).collect(),
        paragraphs: paragraphs(sheet),
    };
    let json = serde_json::to_string(&data)?;
    Ok(json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"))
}

fn indices(shown: &Shown, group: &Group) -> Vec<u32> {
    shown.indices(group.passages.iter().map(|passage| passage.row))
}

/// The articles of the paragraphs shown, ascending.
fn shown_articles(sheet: &Sheet) -> Vec<usize> {
    let paragraphs = &sheet.findings.collection.paragraphs;
    // Rows stand by article.
    let mut articles: Vec<usize> = sheet.shown.rows.iter().map(|&row| paragraphs[row].article).collect();
    articles.dedup();
    articles
}

fn article(sheet: &Sheet, at: usize) -> ArticleData {
    let article = &sheet.findings.collection.articles[at];
    ArticleData {
        id: clean(&article.id),
        outlet: article.outlet.0,
        title: article.title.as_deref().map(clean),
        date: sheet.view.date(at).map(|date| date.to_string()),
        url: web_address(article),
    }
}

fn themes(sheet: &Sheet) -> Vec<ThemeData> {
    let of = |(at, theme): (usize, &crate::theme::Theme)| ThemeData {
        name: sheet.themes[at].clone(),
        size: theme.members.len(),
        colour: sheet.colour(at),
        members: sheet.shown.indices(theme.members.iter().map(|member| member.row)),
    };
    sheet.found_themes().iter().enumerate().map(of).collect()
}

fn paragraphs(sheet: &Sheet) -> Paragraphs {
    let (findings, rows) = (sheet.findings, &sheet.shown.rows);
    let collection = &findings.collection;
    let articles = shown_articles(sheet);
    let paragraph = |row: usize| &collection.paragraphs[row];
    let (x, y, near) = findings.map.as_ref().map_or_else(Default::default, |map| laid_out(map, sheet.shown));
    let map = findings.map.iter().filter(|_| sheet.shown.is_sample());
    let of = |value: &dyn Fn(usize) -> usize| rows.iter().map(|&row| value(row)).collect();
    Paragraphs {
        row: rows.clone(),
        article: of(&|row| articles.binary_search(&paragraph(row).article).unwrap_or_default()),
        place: of(&|row| paragraph(row).place),
        kind: of(&|row| Kind::ALL.iter().position(|&kind| kind == paragraph(row).kind).unwrap_or_default()),
        text: rows.iter().map(|&row| clean(&paragraph(row).text)).collect(),
        theme: rows.iter().map(|&row| sheet.best[row].map_or(-1, |theme| theme as i32)).collect(),
        exclusive: exclusive(sheet),
        x,
        y,
        near,
        near_of: map.flat_map(|map| rows.iter().map(|&row| map.neighbours[row].len())).collect(),
    }
}

/// Whether no other outlet has it, for each paragraph shown; nothing where that was not looked for: by wording alone nobody knows.
fn exclusive(sheet: &Sheet) -> Vec<u8> {
    let known = sheet.findings.coverage.as_ref().filter(|coverage| coverage.by != By::Wording);
    let Some(coverage) = known else { return Vec::new() };
    let mut exclusive = vec![0; sheet.findings.collection.len()];
    coverage.exclusives.iter().for_each(|found| exclusive[found.row] = 1);
    sheet.shown.rows.iter().map(|&row| exclusive[row]).collect()
}

/// Places in ten-thousandths, and neighbours that are shown.
fn laid_out(map: &ThemeMap, shown: &Shown) -> (Vec<i32>, Vec<i32>, Vec<Vec<i64>>) {
    let place = |at: usize| move |&row: &usize| (map.places[row][at] * 10_000.0).round() as i32;
    let near = |&row: &usize| {
        let near = map.neighbours[row].iter().filter_map(|hit| Some((shown.index(hit.row)?, hit.cosine)));
        near.flat_map(|(index, cosine)| [i64::from(index), (cosine * 1000.0).round() as i64]).collect()
    };
    let rows = || shown.rows.iter();
    (rows().map(place(0)).collect(), rows().map(place(1)).collect(), rows().map(near).collect())
}
