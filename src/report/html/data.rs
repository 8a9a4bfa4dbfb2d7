//! What the page's script reads: every paragraph that is shown, in columns, with its theme, groups, place and neighbours.
//!
//! A paragraph is named in the page by its *index*: its position among those shown. Names of outlets and themes are
//! those that the page prints, each once. Not here: what the script does with it (`page/src`).

use std::io;

use serde::Serialize;

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
    articles: Vec<ArticleData>,
    /// Theme `n` is the item `#theme-(n+1)`, with `data-theme="n"`.
    themes: Vec<ThemeData>,
    /// Indices of the paragraphs of each group; group `n` is the item `#group-(n+1)`, where the page lists so many.
    groups: Vec<Vec<u32>>,
    /// The grade of each group's strongest pair, in words.
    grades: Vec<&'static str>,
    /// Indices of the paragraphs that print each quotation; quotation `n` is the item `#quotation-(n+1)`.
    quotations: Vec<Vec<u32>>,
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
    origin: crate::theme::Origin,
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
    /// 1 where no other outlet has it.
    exclusive: Vec<u8>,
    /// From -10,000 to 10,000; empty where nothing was laid out.
    x: Vec<i32>,
    y: Vec<i32>,
    /// Nearest first: index, cosine in thousandths, index, cosine ...
    near: Vec<Vec<i64>>,
}

/// The data as JSON that can stand in a script element: no `<`, `>` or `&` is left in it.
///
/// # Errors
/// Serialization's, which does not occur.
pub(super) fn json(sheet: &Sheet) -> io::Result<String> {
    let (findings, shown) = (sheet.findings, sheet.shown);
    let groups = || findings.coverage.iter().flat_map(|coverage| &coverage.groups);
    let quotations = findings.quotations.iter().flatten();
    let data = Data {
        total: findings.collection.len(),
        outlets: sheet.view.outlets().map(|outlet| sheet.view.outlet(outlet).to_owned()).collect(),
        kinds: Kind::ALL.map(Kind::name).to_vec(),
        dates: sheet.view.dates().map(|(first, last, _)| [first, last].map(|date| date.to_string())),
        articles: articles(sheet),
        themes: themes(sheet),
        groups: groups().map(|group| shown.indices(group.passages.iter().map(|passage| passage.row))).collect(),
        grades: groups().map(|group| group.grade.name()).collect(),
        quotations: quotations.map(|one| shown.indices(one.members.iter().map(|member| member.row))).collect(),
        paragraphs: paragraphs(sheet),
    };
    let json = serde_json::to_string(&data)?;
    Ok(json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"))
}

fn articles(sheet: &Sheet) -> Vec<ArticleData> {
    let of = |(at, article): (usize, &crate::article::Article)| ArticleData {
        id: clean(&article.id),
        outlet: article.outlet.0,
        title: article.title.as_deref().map(clean),
        date: sheet.view.date(at).map(|date| date.to_string()),
        url: web_address(article),
    };
    sheet.findings.collection.articles.iter().enumerate().map(of).collect()
}

fn themes(sheet: &Sheet) -> Vec<ThemeData> {
    let of = |(at, theme): (usize, &crate::theme::Theme)| ThemeData {
        name: sheet.themes[at].clone(),
        origin: theme.origin,
        colour: sheet.colour(at),
        members: sheet.shown.indices(theme.members.iter().map(|member| member.row)),
    };
    sheet.found_themes().iter().enumerate().map(of).collect()
}

fn paragraphs(sheet: &Sheet) -> Paragraphs {
    let (findings, rows) = (sheet.findings, &sheet.shown.rows);
    let collection = &findings.collection;
    let mut exclusive = vec![0; collection.len()];
    for found in findings.coverage.iter().flat_map(|coverage| &coverage.exclusives) {
        exclusive[found.row] = 1;
    }
    let paragraph = |row: usize| &collection.paragraphs[row];
    let (x, y, near) = findings.map.as_ref().map_or_else(Default::default, |map| laid_out(map, sheet.shown));
    let of = |value: &dyn Fn(usize) -> usize| rows.iter().map(|&row| value(row)).collect();
    Paragraphs {
        row: rows.clone(),
        article: of(&|row| paragraph(row).article),
        place: of(&|row| paragraph(row).place),
        kind: of(&|row| Kind::ALL.iter().position(|&kind| kind == paragraph(row).kind).unwrap_or_default()),
        text: rows.iter().map(|&row| clean(&paragraph(row).text)).collect(),
        theme: rows.iter().map(|&row| sheet.best[row].map_or(-1, |theme| theme as i32)).collect(),
        exclusive: rows.iter().map(|&row| exclusive[row]).collect(),
        x,
        y,
        near,
    }
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
