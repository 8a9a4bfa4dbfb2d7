//! The comparing of texts held to labelled pairs, for the terminal, as Markdown and as JSON
//! (`refrain.eval.duplicates/1`).
//!
//! Not here: what the scores are (`measure`), reading pairs (`corpus`).

use std::io::{self, Write};

use serde::Serialize;

use super::{Made, four_decimals, made};
use crate::collection::Problem;
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::json::{ProblemView, write_pretty};
use crate::report::phrase::{counted, fine_score, number, percent};
use crate::report::terminal::Page;
use crate::report::{markdown as md, terminal as tty};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.eval.duplicates/1";
/// What the rankings mean.
const RANKED: &str = "How well each score ranks the pairs labelled the same above the others: average precision (chance gives their \
                      share), and the best F1 of any cut.";
/// What the classes mean.
const GRADED: &str = "Pairs of each label by the grade that comparing the two texts gives.";
/// What the differences mean.
const DIFFERED: &str = "Of the differences known, how many are told (recall); of those told in pairs where they are known, how many \
                        are right (precision).";

/// How one score ranks the pairs.
#[derive(Debug, Clone, Serialize)]
pub struct Ranked {
    /// The score: `probability`, `likeness`, `cosine` or `wording`.
    pub score: &'static str,
    /// Average precision.
    #[serde(serialize_with = "four_decimals")]
    pub average_precision: f64,
    /// The best F1 of any cut.
    #[serde(serialize_with = "four_decimals")]
    pub best_f1: f64,
    /// That cut.
    #[serde(serialize_with = "four_decimals")]
    pub best_cut: f64,
}

/// Scores of pairs whose labels say whether they are the same.
#[derive(Debug, Clone, Serialize)]
pub struct Same {
    /// Pairs labelled the same.
    pub positive: usize,
    /// How each score ranks them.
    pub rankings: Vec<Ranked>,
    /// Mean squared error of the probability.
    #[serde(serialize_with = "four_decimals")]
    pub brier: f64,
    /// Expected calibration error of the probability.
    #[serde(serialize_with = "four_decimals")]
    pub calibration_error: f64,
}

/// The pairs of one label.
#[derive(Debug, Clone, Serialize)]
pub struct Class {
    /// The label.
    pub label: String,
    /// Its pairs.
    pub pairs: usize,
    /// How many were graded what, in the order of [`PairScores::grades`].
    pub grades: Vec<usize>,
    /// Pairs in which a difference is told.
    pub differing: usize,
    /// Pairs in which one is known to be.
    pub known_to_differ: usize,
}

/// The differences of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct Kind {
    /// The kind: `figure`, `date`, `name`, `negation` or `hedge`.
    pub kind: &'static str,
    /// Known in the pairs of which differences are known.
    pub known: usize,
    /// Of these, told.
    pub found: usize,
    /// Told in those pairs.
    pub told: usize,
    /// Of these, known.
    pub right: usize,
}

impl Kind {
    fn recall(&self) -> Option<f64> {
        (self.known > 0).then(|| self.found as f64 / self.known as f64)
    }

    fn precision(&self) -> Option<f64> {
        (self.told > 0).then(|| self.right as f64 / self.told as f64)
    }
}

/// Comparing texts held to labelled pairs.
#[derive(Debug, Clone)]
pub struct PairScores {
    /// How they were compared.
    pub made: Made,
    /// Pairs that took part.
    pub pairs: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Scores where all labels say yes or no.
    pub same: Option<Same>,
    /// The grades, closest first; the last is none.
    pub grades: Vec<&'static str>,
    /// The pairs by label.
    pub classes: Vec<Class>,
    /// Pairs of which the differences are known.
    pub differences_known: usize,
    /// Differences by kind.
    pub kinds: Vec<Kind>,
}

/// Writes the scores for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn terminal(scores: &PairScores, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(scores), page, out)
}

/// Writes the scores as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(scores: &PairScores, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(scores), out)
}

/// Writes the scores as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(scores: &PairScores, out: &mut dyn Write) -> io::Result<()> {
    let PairScores { made, pairs, problems, same, grades, classes, differences_known, kinds } = scores;
    let problems = problems.iter().map(ProblemView::of).collect();
    let (schema, run, pairs, differences_known) = (SCHEMA, made, *pairs, *differences_known);
    write_pretty(&Document { schema, run, pairs, problems, same, grades, classes, differences_known, kinds }, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: &'a Made,
    pairs: usize,
    problems: Vec<ProblemView<'a>>,
    same: &'a Option<Same>,
    grades: &'a [&'static str],
    classes: &'a [Class],
    differences_known: usize,
    kinds: &'a [Kind],
}

fn blocks(scores: &PairScores) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(scores))];
    if !scores.problems.is_empty() {
        blocks.push(Block::Line(format!("{} while reading", counted(scores.problems.len(), "problem")).into()));
    }
    if let Some(same) = &scores.same {
        blocks.extend([
            Block::Heading("Ranking"),
            Block::Line(Rich::default().quiet(RANKED)),
            Block::Table(rankings(same)),
            Block::Line(calibration(same).into()),
        ]);
    }
    blocks.extend([
        Block::Heading("Grades"),
        Block::Line(Rich::default().quiet(GRADED)),
        Block::Table(classes(scores)),
    ]);
    if scores.differences_known > 0 {
        blocks.extend([
            Block::Heading("Differences"),
            Block::Line(Rich::default().quiet(DIFFERED)),
            Block::Table(kinds(scores)),
        ]);
    }
    blocks.extend([Block::Heading("How this was made"), Block::List(made(&scores.made))]);
    blocks
}

fn title(scores: &PairScores) -> Rich {
    let mut said = vec![counted(scores.pairs, "pair")];
    match &scores.same {
        Some(same) => said.push(format!("{} labelled the same", number(same.positive))),
        None => said.push(counted(scores.classes.len(), "label")),
    }
    if scores.differences_known > 0 {
        said.push(format!("differences known of {}", number(scores.differences_known)));
    }
    Rich::default().strong(&said.join(" · "))
}

fn rankings(same: &Same) -> Table {
    let columns = ["average precision", "best F1", "from"].map(Column::number);
    let rows = same.rankings.iter().map(|ranked| {
        let scores = [ranked.average_precision, ranked.best_f1, ranked.best_cut].map(|score| fine_score(score).into());
        std::iter::once(ranked.score.into()).chain(scores).collect()
    });
    Table::new([Column::text("")].into_iter().chain(columns).collect(), rows)
}

fn calibration(same: &Same) -> String {
    format!(
        "Of the probability: Brier score {}, calibration error {} (0 is best).",
        fine_score(same.brier),
        fine_score(same.calibration_error)
    )
}

fn classes(scores: &PairScores) -> Table {
    let columns = [Column::text("label").giving(Room::Clip), Column::number("pairs")];
    let grades = scores.grades.iter().map(|grade| Column::number(grade));
    let warned = [Column::number("with a difference")];
    let rows = scores.classes.iter().map(|class| {
        let counts = class.grades.iter().map(|&count| share(count, class.pairs));
        [class.label.as_str().into(), number(class.pairs).into()]
            .into_iter()
            .chain(counts)
            .chain([share(class.differing, class.pairs)])
            .collect()
    });
    Table::new(columns.into_iter().chain(grades).chain(warned).collect(), rows)
}

/// "93 %", or a dot for none.
fn share(count: usize, of: usize) -> Rich {
    if count == 0 { Rich::default().quiet("·") } else { format!("{} %", percent(count, of)).into() }
}

fn kinds(scores: &PairScores) -> Table {
    let columns = ["known", "found", "told", "right", "recall", "precision"].map(Column::number);
    let cell = |score: Option<f64>| score.map_or_else(|| Rich::default().quiet("·"), |score| fine_score(score).into());
    let rows = scores.kinds.iter().map(|kind| {
        let counts = [kind.known, kind.found, kind.told, kind.right].map(|count| number(count).into());
        let scores = [cell(kind.recall()), cell(kind.precision())];
        std::iter::once(kind.kind.into()).chain(counts).chain(scores).collect()
    });
    Table::new([Column::text("")].into_iter().chain(columns).collect(), rows)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::article::Place;

    pub(crate) fn sample() -> PairScores {
        let ranked = |score, average_precision| Ranked { score, average_precision, best_f1: 0.8, best_cut: 0.5 };
        let class = |label: &str, grades: [usize; 4]| Class {
            label: label.to_owned(),
            pairs: grades.iter().sum(),
            grades: grades.to_vec(),
            differing: 3,
            known_to_differ: 2,
        };
        PairScores {
            made: Made {
                version: "0.0.0",
                labels: "pairs.jsonl".to_owned(),
                vectors: None,
                model: Some("all-MiniLM-L6-v2".to_owned()),
                device: Some("cpu".to_owned()),
                precision: Some("f32".to_owned()),
                dim: 384,
            },
            pairs: 1_234,
            problems: vec![Problem {
                place: Place { file: "pairs.jsonl".to_owned(), line: Some(7) },
                what: "the \"label\" field is empty".to_owned(),
                lost: true,
            }],
            same: Some(Same {
                positive: 800,
                rankings: vec![ranked("probability", 0.912_34), ranked("cosine", 0.8)],
                brier: 0.1,
                calibration_error: 0.023_4,
            }),
            grades: vec!["verbatim", "paraphrase", "same subject", "none"],
            classes: vec![class("1", [100, 600, 80, 20]), class("0", [0, 34, 200, 200])],
            differences_known: 400,
            kinds: vec![
                Kind { kind: "figure", known: 100, found: 96, told: 98, right: 95 },
                Kind { kind: "hedge", known: 0, found: 0, told: 0, right: 0 },
            ],
        }
    }

    #[test]
    fn scores_of_pairs_stand_beside_each_other() {
        let (mut text, mut md) = (Vec::new(), Vec::new());
        terminal(&sample(), &Page::default(), &mut text).unwrap();
        markdown(&sample(), &mut md).unwrap();
        insta::assert_snapshot!("eval_duplicates_terminal", String::from_utf8(text).unwrap());
        insta::assert_snapshot!("eval_duplicates_markdown", String::from_utf8(md).unwrap());
    }
}
