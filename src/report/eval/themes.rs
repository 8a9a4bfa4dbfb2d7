//! Themes held to known labels, for the terminal, as Markdown and as JSON (`refrain.eval.themes/1`).
//!
//! Not here: what the scores are (`measure`), reading labels (`corpus`).

use std::io::{self, Write};

use serde::Serialize;

use super::{Made, four_decimals, made};

use crate::collection::Problem;
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::json::{ProblemView, write_pretty};
use crate::report::phrase::{counted, fine_score, number, percent};
use crate::report::terminal::Page;
use crate::report::{markdown as md, terminal as tty};
use crate::theme::Origin;

/// The name and version of the schema.
const SCHEMA: &str = "refrain.eval.themes/1";
/// What the numbers mean.
const LEGEND: &str = "1 is full agreement; of the adjusted scores, 0 is what chance gives. Records in no theme count as \
                      one cluster, a record in several themes by the one it fits best.";

/// Scores against the labels of one field; `measure::Agreement` says what each is.
#[derive(Debug, Clone, Serialize)]
pub struct FieldScores {
    /// The field's name.
    pub field: String,
    /// Distinct labels in it.
    pub labels: usize,
    /// Adjusted mutual information.
    #[serde(serialize_with = "four_decimals")]
    pub adjusted_mutual_information: f64,
    /// Adjusted Rand index.
    #[serde(serialize_with = "four_decimals")]
    pub adjusted_rand: f64,
    /// V-measure.
    #[serde(serialize_with = "four_decimals")]
    pub v_measure: f64,
    /// Homogeneity.
    #[serde(serialize_with = "four_decimals")]
    pub homogeneity: f64,
    /// Completeness.
    #[serde(serialize_with = "four_decimals")]
    pub completeness: f64,
    /// B-cubed precision.
    #[serde(serialize_with = "four_decimals")]
    pub bcubed_precision: f64,
    /// B-cubed recall.
    #[serde(serialize_with = "four_decimals")]
    pub bcubed_recall: f64,
    /// B-cubed F1.
    #[serde(serialize_with = "four_decimals")]
    pub bcubed_f1: f64,
}

/// A theme and what its records are labelled.
#[derive(Debug, Clone, Serialize)]
pub struct ScoredTheme {
    /// Its name.
    pub name: String,
    /// Seeded or discovered.
    pub origin: Origin,
    /// Records that fit it best.
    pub records: usize,
    /// The commonest label of each field, in the order of the fields; nothing where no record fits it best.
    pub commonest: Vec<Commonest>,
}

/// The label that most of a theme's records bear.
#[derive(Debug, Clone, Serialize)]
pub struct Commonest {
    /// The field's name.
    pub field: String,
    /// The label.
    pub label: String,
    /// Records of the theme that bear it.
    pub records: usize,
}

/// Themes held to known labels.
#[derive(Debug, Clone)]
pub struct ThemeScores {
    /// How they were found.
    pub made: Made,
    /// Records that took part.
    pub records: usize,
    /// Records left out because an earlier one has the same text.
    pub repeated: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How themes were found, in a sentence.
    pub method: String,
    /// The themes, in the order of the run.
    pub themes: Vec<ScoredTheme>,
    /// Records in no theme.
    pub unassigned: usize,
    /// Parts of all themes.
    pub sub_themes: usize,
    /// Scores by field, in the order in which the user named them.
    pub scores: Vec<FieldScores>,
    /// The same of the partition by sub-themes; empty where no theme has any.
    pub sub_theme_scores: Vec<FieldScores>,
}

/// Writes the scores for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn terminal(scores: &ThemeScores, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(scores), page, out)
}

/// Writes the scores as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(scores: &ThemeScores, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(scores), out)
}

/// Writes the scores as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(scores: &ThemeScores, out: &mut dyn Write) -> io::Result<()> {
    let ThemeScores {
        made,
        records,
        repeated,
        problems,
        method,
        themes,
        unassigned,
        sub_themes,
        scores,
        sub_theme_scores,
    } = scores;
    let document = Document {
        schema: SCHEMA,
        run: made,
        records: *records,
        repeated: *repeated,
        problems: problems.iter().map(ProblemView::of).collect(),
        scores,
        sub_theme_scores,
        themes: ThemesView { method, list: themes, unassigned: *unassigned, sub_themes: *sub_themes },
    };
    write_pretty(&document, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: &'a Made,
    records: usize,
    repeated: usize,
    problems: Vec<ProblemView<'a>>,
    scores: &'a [FieldScores],
    sub_theme_scores: &'a [FieldScores],
    themes: ThemesView<'a>,
}

#[derive(Serialize)]
struct ThemesView<'a> {
    method: &'a str,
    list: &'a [ScoredTheme],
    unassigned: usize,
    sub_themes: usize,
}

fn blocks(scores: &ThemeScores) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(scores))];
    blocks.extend(set_aside(scores).map(|what| Block::Line(what.into())));
    blocks.extend([
        Block::Heading("Agreement with the labels"),
        Block::Line(Rich::default().quiet(LEGEND)),
        Block::Table(agreement(scores)),
        Block::Heading("Themes"),
        Block::Line(Rich::default().quiet(&scores.method)),
    ]);
    if !scores.themes.is_empty() {
        blocks.push(Block::Table(themes(scores)));
    }
    blocks.extend([Block::Heading("How this was made"), Block::List(made(&scores.made))]);
    blocks
}

fn title(scores: &ThemeScores) -> Rich {
    let ThemeScores { records, themes, unassigned, .. } = scores;
    let (records_named, mut themes) = (counted(*records, "record"), counted(themes.len(), "theme"));
    if scores.sub_themes > 0 {
        themes += &format!(" with {}", counted(scores.sub_themes, "sub-theme"));
    }
    let none = match unassigned {
        0 => "every record in a theme".to_owned(),
        _ => format!("{} in no theme ({} %)", number(*unassigned), percent(*unassigned, *records)),
    };
    Rich::default().strong(&format!("{records_named} · {themes} · {none}"))
}

/// What takes no part, and what was wrong.
fn set_aside(scores: &ThemeScores) -> Option<String> {
    let (repeated, problems) = (scores.repeated, scores.problems.len());
    let repeated = (repeated > 0).then(|| format!("{} of a text seen before left out", counted(repeated, "record")));
    let problems = (problems > 0).then(|| format!("{} while reading", counted(problems, "problem")));
    let parts: Vec<String> = repeated.into_iter().chain(problems).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// A score a row, a field a column.
fn agreement(all: &ThemeScores) -> Table {
    let scores = || all.scores.iter().chain(&all.sub_theme_scores);
    type Score = fn(&FieldScores) -> f64;
    let measures: [(&str, Score); 8] = [
        ("adjusted mutual information", |scores| scores.adjusted_mutual_information),
        ("adjusted Rand index", |scores| scores.adjusted_rand),
        ("V-measure", |scores| scores.v_measure),
        ("homogeneity", |scores| scores.homogeneity),
        ("completeness", |scores| scores.completeness),
        ("B-cubed precision", |scores| scores.bcubed_precision),
        ("B-cubed recall", |scores| scores.bcubed_recall),
        ("B-cubed F1", |scores| scores.bcubed_f1),
    ];
    let fields = all.scores.iter().map(|scores| Column::number(&scores.field));
    let parts = all.sub_theme_scores.iter().map(|scores| Column::number(&format!("{}, by sub-theme", scores.field)));
    let labels = scores().map(|scores| number(scores.labels).into());
    let labels: Vec<Rich> = std::iter::once("distinct labels".into()).chain(labels).collect();
    let rows = measures.into_iter().map(|(name, score)| {
        let cells = scores().map(|scores| fine_score(score(scores)).into());
        std::iter::once(name.into()).chain(cells).collect()
    });
    Table::new(
        std::iter::once(Column::text("")).chain(fields).chain(parts).collect(),
        std::iter::once(labels).chain(rows),
    )
}

/// A theme a row, with the commonest label of each field.
fn themes(scores: &ThemeScores) -> Table {
    let columns = [Column::text("theme").giving(Room::Clip), Column::number("records")];
    let of_field = |scores: &FieldScores| {
        [Column::text(&format!("commonest {}", scores.field)).giving(Room::Clip), Column::number("%")]
    };
    let columns = columns.into_iter().chain(scores.scores.iter().flat_map(of_field)).collect();
    let row = |(at, theme): (usize, &ScoredTheme)| {
        let name = Rich::default().quiet(&format!("{}  ", at + 1)).strong(&theme.name);
        let labels = (0..scores.scores.len()).flat_map(|at| label_cells(theme, at));
        [name, number(theme.records).into()].into_iter().chain(labels).collect()
    };
    Table::new(columns, scores.themes.iter().enumerate().map(row))
}

fn label_cells(theme: &ScoredTheme, field: usize) -> [Rich; 2] {
    let Some(commonest) = theme.commonest.get(field) else {
        return ["·", "·"].map(|cell| Rich::default().quiet(cell));
    };
    [commonest.label.as_str().into(), percent(commonest.records, theme.records).into()]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::article::Place;

    /// Two fields, a theme without records, a problem.
    pub(crate) fn sample() -> ThemeScores {
        let field = |field: &str, labels, score: f64| FieldScores {
            field: field.to_owned(),
            labels,
            adjusted_mutual_information: score,
            adjusted_rand: score - 1.0,
            v_measure: score,
            homogeneity: score,
            completeness: score,
            bcubed_precision: score,
            bcubed_recall: score,
            bcubed_f1: score,
        };
        let common =
            |field: &str, label: &str, records| Commonest { field: field.into(), label: label.into(), records };
        let theme = |name: &str, records, commonest| ScoredTheme {
            name: name.to_owned(),
            origin: Origin::Discovered,
            records,
            commonest,
        };
        ThemeScores {
            made: Made {
                version: "0.0.0",
                labels: "stories.jsonl".to_owned(),
                vectors: Some("v.npy".to_owned()),
                model: Some("all-MiniLM-L6-v2".to_owned()),
                device: Some("cpu".to_owned()),
                precision: Some("f32".to_owned()),
                dim: 384,
            },
            records: 1_234,
            repeated: 1,
            problems: vec![Problem {
                place: Place { file: "stories.jsonl".to_owned(), line: Some(7) },
                what: "the \"label\" field is empty".to_owned(),
                lost: true,
            }],
            method: "K-means (seed 42), 2 themes as asked".to_owned(),
            themes: vec![
                theme("bridge, repairs", 1_200, vec![common("label", "works", 900), common("desk", "city", 1_200)]),
                theme("rain, \u{1b}[31mflood", 0, Vec::new()),
            ],
            unassigned: 34,
            sub_themes: 3,
            sub_theme_scores: vec![field("label", 12, 0.765_43), field("desk", 3, 0.6)],
            scores: vec![field("label", 12, 0.876_54), field("desk", 3, 0.999_96)],
        }
    }

    #[test]
    fn scores_stand_beside_each_other_and_themes_with_their_commonest_labels() {
        let (mut text, mut md) = (Vec::new(), Vec::new());
        terminal(&sample(), &Page::default(), &mut text).unwrap();
        markdown(&sample(), &mut md).unwrap();
        insta::assert_snapshot!("eval_themes_terminal", String::from_utf8(text).unwrap());
        insta::assert_snapshot!("eval_themes_markdown", String::from_utf8(md).unwrap());
    }
}
