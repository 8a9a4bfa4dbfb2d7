//! A paragraph as a row of the table.

use jiff::civil::Date;

use crate::coverage::{By, Coverage, Grade};
use crate::findings::Findings;
use crate::map::ThemeMap;
use crate::paragraph::Kind;
use crate::theme::{Theme, Themes};

/// One row. Where something was not looked for, or there is none, it is none.
pub(super) struct Record<'a> {
    /// The row, which is the record's position in the table too.
    pub(super) row: usize,
    /// The article's id, a slash and the place: as in a folder of shards.
    pub(super) id: String,
    pub(super) outlet: &'a str,
    pub(super) article: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) date: Option<Date>,
    pub(super) url: Option<&'a str>,
    pub(super) place: usize,
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// The name of the theme it fits best, and how well.
    pub(super) theme: Option<(&'a str, f32)>,
    /// The names of all themes it is in.
    pub(super) themes: Option<Vec<&'a str>>,
    /// The name of the part of its best theme.
    pub(super) part: Option<&'a str>,
    /// Numbers of the coverage groups it is in, counted from 1 and ascending.
    pub(super) groups: Option<Vec<usize>>,
    /// How its closest pair is the same.
    pub(super) grade: Option<Grade>,
    pub(super) exclusive: Option<bool>,
    pub(super) place_on_map: Option<[f32; 2]>,
    /// The nearest rows and how far they are: one less the cosine.
    pub(super) neighbours: Option<(Vec<usize>, Vec<f32>)>,
}

/// The rows of the table, in order.
pub(super) fn records(findings: &Findings) -> impl Iterator<Item = Record<'_>> {
    let rows = findings.collection.len();
    let themes = findings.themes.as_ref().map(|themes| OfThemes::new(themes, rows));
    let coverage = findings.coverage.as_ref().map(|coverage| OfCoverage::new(coverage, rows));
    (0..rows).map(move |row| record(findings, (themes.as_ref(), coverage.as_ref()), row))
}

fn record<'a>(
    findings: &'a Findings,
    (themes, coverage): (Option<&OfThemes<'a>>, Option<&OfCoverage>),
    row: usize,
) -> Record<'a> {
    let collection = &findings.collection;
    let (article, paragraph) = (collection.article_of(row), &collection.paragraphs[row]);
    // By wording alone nobody knows what is exclusive.
    let known = coverage.filter(|_| findings.coverage.as_ref().is_some_and(|coverage| coverage.by != By::Wording));
    Record {
        row,
        id: format!("{}/{}", article.id, paragraph.place),
        outlet: collection.outlet_name(article.outlet),
        article: &article.id,
        title: article.title.as_deref(),
        date: article.date,
        url: article.url.as_deref(),
        place: paragraph.place,
        kind: paragraph.kind,
        text: &paragraph.text,
        theme: themes.and_then(|themes| themes.best[row].map(|(theme, score)| (&*theme.name, score))),
        themes: themes.map(|themes| themes.all[row].clone()),
        part: themes.and_then(|themes| themes.part[row]),
        groups: coverage.map(|coverage| coverage.groups[row].clone()),
        grade: coverage.and_then(|coverage| coverage.grade[row]),
        exclusive: known.map(|coverage| coverage.exclusive[row]),
        place_on_map: findings.map.as_ref().map(|map| map.places[row]),
        neighbours: findings.map.as_ref().map(|map| neighbours(map, row)),
    }
}

fn neighbours(map: &ThemeMap, row: usize) -> (Vec<usize>, Vec<f32>) {
    // A cosine of rounding above one is no distance below zero.
    map.neighbours[row].iter().map(|hit| (hit.row, (1.0 - hit.cosine).max(0.0))).unzip()
}

/// What themes say of each row.
struct OfThemes<'a> {
    best: Vec<Option<(&'a Theme, f32)>>,
    all: Vec<Vec<&'a str>>,
    part: Vec<Option<&'a str>>,
}

impl<'a> OfThemes<'a> {
    fn new(themes: &'a Themes, rows: usize) -> Self {
        let positions = themes.best_of_rows(rows);
        let mut found = Self { best: vec![None; rows], all: vec![Vec::new(); rows], part: vec![None; rows] };
        for (at, theme) in themes.themes.iter().enumerate() {
            for member in &theme.members {
                found.all[member.row].push(&*theme.name);
                if positions[member.row] == Some(at) {
                    found.best[member.row] = Some((theme, member.score));
                }
            }
            for part in &theme.parts {
                for member in part.members.iter().filter(|member| positions[member.row] == Some(at)) {
                    found.part[member.row] = Some(&*part.name);
                }
            }
        }
        found
    }
}

/// What coverage says of each row.
struct OfCoverage {
    groups: Vec<Vec<usize>>,
    grade: Vec<Option<Grade>>,
    exclusive: Vec<bool>,
}

impl OfCoverage {
    fn new(coverage: &Coverage, rows: usize) -> Self {
        let mut found = Self { groups: vec![Vec::new(); rows], grade: vec![None; rows], exclusive: vec![false; rows] };
        for (at, group) in coverage.groups.iter().enumerate() {
            for passage in &group.passages {
                let groups = &mut found.groups[passage.row];
                // Two passages of one paragraph may be in one group.
                if groups.last() != Some(&(at + 1)) {
                    groups.push(at + 1);
                }
            }
        }
        // The closest pairs come first.
        for pair in &coverage.pairs {
            for row in [pair.left.row, pair.right.row] {
                found.grade[row].get_or_insert(pair.grade);
            }
        }
        coverage.exclusives.iter().for_each(|exclusive| found.exclusive[exclusive.row] = true);
        found
    }
}

/// A grade as JSON has it.
pub(super) fn code(grade: Grade) -> &'static str {
    match grade {
        Grade::Verbatim => "verbatim",
        Grade::LightEdit => "light_edit",
        Grade::Contained => "contained",
        Grade::Paraphrase => "paraphrase",
    }
}
