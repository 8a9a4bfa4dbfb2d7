//! What the page's script reads: every paragraph that is shown, in columns, with its theme, groups, place and neighbours.
//!
//! A paragraph is named in the page by its *index*: its position among those shown. Not here: what the script does with it (`page/src`).

use std::io;

use serde::Serialize;

use crate::collection::Collection;
use crate::coverage::Coverage;
use crate::findings::Findings;
use crate::map::ThemeMap;
use crate::paragraph::Kind;
use crate::report::clean::clean;

/// The rows that a page shows.
pub(super) struct Shown {
    /// Ascending.
    rows: Vec<usize>,
    /// The index of each row of the collection, where it is shown.
    index: Vec<Option<u32>>,
}

impl Shown {
    /// The rows shown of these findings.
    pub(super) fn of(findings: &Findings) -> Self {
        let rows: Vec<usize> = (0..findings.collection.len()).collect();
        let mut index = vec![None; findings.collection.len()];
        for (at, &row) in rows.iter().enumerate() {
            index[row] = Some(at as u32);
        }
        Self { rows, index }
    }

    /// The index of a row, if it is shown.
    pub(super) fn index(&self, row: usize) -> Option<u32> {
        self.index.get(row).copied().flatten()
    }

    /// The indices of those rows that are shown, in the order given.
    fn indices(&self, rows: impl IntoIterator<Item = usize>) -> Vec<u32> {
        rows.into_iter().filter_map(|row| self.index(row)).collect()
    }
}

/// The whole of it. `page/src/data.ts` has the same, for the script.
#[derive(Serialize)]
struct Data<'a> {
    /// Paragraphs of the corpus; more than the page shows where it shows a sample.
    total: usize,
    outlets: Vec<String>,
    kinds: Vec<&'static str>,
    articles: Vec<ArticleData<'a>>,
    themes: Vec<ThemeData>,
    groups: Vec<Vec<u32>>,
    paragraphs: Paragraphs,
}

#[derive(Serialize)]
struct ArticleData<'a> {
    id: String,
    outlet: u32,
    title: Option<String>,
    /// `YYYY-MM-DD`.
    date: Option<String>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct ThemeData {
    name: String,
    origin: crate::theme::Origin,
    /// Indices of its paragraphs, best first.
    members: Vec<u32>,
}

/// One value a paragraph in each list.
#[derive(Serialize)]
struct Paragraphs {
    row: Vec<usize>,
    article: Vec<usize>,
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
pub(super) fn json(findings: &Findings, shown: &Shown) -> io::Result<String> {
    let collection = &findings.collection;
    let kinds = Kind::ALL.map(Kind::name).to_vec();
    let data = Data {
        total: collection.len(),
        outlets: collection.outlets.iter().map(|name| clean(name)).collect(),
        kinds,
        articles: articles(collection),
        themes: themes(findings, shown),
        groups: findings.coverage.as_ref().map_or_else(Vec::new, |coverage| groups(coverage, shown)),
        paragraphs: paragraphs(findings, shown),
    };
    let json = serde_json::to_string(&data)?;
    Ok(json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"))
}

fn articles(collection: &Collection) -> Vec<ArticleData<'_>> {
    let of = |article: &'_ crate::article::Article| ArticleData {
        id: clean(&article.id),
        outlet: article.outlet.0,
        title: article.title.as_deref().map(clean),
        date: article.date.map(|date| date.to_string()),
        url: None,
    };
    collection.articles.iter().map(of).collect()
}

fn themes(findings: &Findings, shown: &Shown) -> Vec<ThemeData> {
    let themes = findings.themes.iter().flat_map(|themes| &themes.themes);
    let of = |theme: &crate::theme::Theme| ThemeData {
        name: clean(&theme.name),
        origin: theme.origin,
        members: shown.indices(theme.members.iter().map(|member| member.row)),
    };
    themes.map(of).collect()
}

fn groups(coverage: &Coverage, shown: &Shown) -> Vec<Vec<u32>> {
    coverage.groups.iter().map(|group| shown.indices(group.passages.iter().map(|passage| passage.row))).collect()
}

fn paragraphs(findings: &Findings, shown: &Shown) -> Paragraphs {
    let collection = &findings.collection;
    let best = findings.themes.as_ref().map(|themes| themes.best_of_rows(collection.len()));
    let theme = |row: usize| best.as_ref().and_then(|best| best[row]).map_or(-1, |theme| theme as i32);
    let mut exclusive = vec![0; collection.len()];
    for found in findings.coverage.iter().flat_map(|coverage| &coverage.exclusives) {
        exclusive[found.row] = 1;
    }
    let paragraph = |row: usize| &collection.paragraphs[row];
    let (x, y, near) = findings.map.as_ref().map_or_else(Default::default, |map| laid_out(map, shown));
    let of = |value: &dyn Fn(usize) -> usize| shown.rows.iter().map(|&row| value(row)).collect();
    Paragraphs {
        row: shown.rows.clone(),
        article: of(&|row| paragraph(row).article),
        place: of(&|row| paragraph(row).place),
        kind: of(&|row| Kind::ALL.iter().position(|&kind| kind == paragraph(row).kind).unwrap_or_default()),
        text: shown.rows.iter().map(|&row| clean(&paragraph(row).text)).collect(),
        theme: shown.rows.iter().map(|&row| theme(row)).collect(),
        exclusive: shown.rows.iter().map(|&row| exclusive[row]).collect(),
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
