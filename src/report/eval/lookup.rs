//! Lookup held to judgements of people, for the terminal, as Markdown and as JSON (`refrain.eval.lookup/1`).
//!
//! Not here: what the scores are (`measure`), how questions are answered (`lookup`).

use std::io::{self, Write};

use serde::Serialize;

use super::{Made, four_decimals, made};
use crate::nearest::Mode;
use crate::report::blocks::{Block, Column, Rich, Table};
use crate::report::json::write_pretty;
use crate::report::phrase::{counted, fine_score};
use crate::report::terminal::Page;
use crate::report::{markdown as md, terminal as tty};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.eval.lookup/1";

/// How well one mode answers.
#[derive(Debug, Clone, Serialize)]
pub struct ModeScores {
    /// The mode.
    pub mode: Mode,
    /// Mean nDCG of the first ten, over questions.
    #[serde(serialize_with = "four_decimals")]
    pub ndcg_at_10: f64,
    /// Mean share of the relevant that is among the first ten.
    #[serde(serialize_with = "four_decimals")]
    pub recall_at_10: f64,
}

/// Lookup held to judgements.
#[derive(Debug, Clone)]
pub struct LookupScores {
    /// How it was made; the labels are the judgements.
    pub made: Made,
    /// Texts searched.
    pub texts: usize,
    /// Questions that have a judgement.
    pub questions: usize,
    /// Questions without one, which take no part.
    pub unjudged: usize,
    /// The modes.
    pub modes: Vec<ModeScores>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    run: &'a Made,
    texts: usize,
    questions: usize,
    unjudged: usize,
    modes: &'a [ModeScores],
}

/// Writes the scores for the terminal.
///
/// # Errors
/// Those of `out`.
pub fn terminal(scores: &LookupScores, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    tty::write_blocks(&blocks(scores), page, out)
}

/// Writes the scores as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(scores: &LookupScores, out: &mut dyn Write) -> io::Result<()> {
    md::write_blocks(&blocks(scores), out)
}

/// Writes the scores as JSON, documented in `docs/formats.md`.
///
/// # Errors
/// Those of `out`.
pub fn json(scores: &LookupScores, out: &mut dyn Write) -> io::Result<()> {
    let LookupScores { made, texts, questions, unjudged, modes } = scores;
    let (texts, questions, unjudged) = (*texts, *questions, *unjudged);
    write_pretty(&Document { schema: SCHEMA, run: made, texts, questions, unjudged, modes }, out)
}

fn blocks(scores: &LookupScores) -> Vec<Block> {
    let title = format!("Lookup of {} in {}", counted(scores.questions, "question"), counted(scores.texts, "text"));
    let columns = vec![Column::text("mode"), Column::number("nDCG@10"), Column::number("recall@10")];
    let row = |one: &ModeScores| {
        let number = |value| Rich::from(fine_score(value));
        vec![Rich::from(one.mode.name()), number(one.ndcg_at_10), number(one.recall_at_10)]
    };
    let mut blocks = vec![
        Block::Title(Rich::default().strong(&title)),
        Block::List(made(&scores.made)),
        Block::Table(Table::new(columns, scores.modes.iter().map(row))),
    ];
    if scores.unjudged > 0 {
        let what = format!("{} without a judgement took no part.", counted(scores.unjudged, "question"));
        blocks.push(Block::Line(what.into()));
    }
    blocks
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Scores of a run.
    pub(crate) fn sample() -> LookupScores {
        let made = Made {
            version: "0.1.0",
            labels: "qrels.tsv".to_owned(),
            vectors: None,
            model: Some("all-MiniLM-L6-v2".to_owned()),
            device: Some("cpu".to_owned()),
            precision: Some("f32".to_owned()),
            dim: 384,
        };
        let scores = |mode| ModeScores { mode, ndcg_at_10: 0.977_84, recall_at_10: 1.0 };
        LookupScores { made, texts: 240, questions: 1_190, unjudged: 2, modes: Mode::ALL.map(scores).to_vec() }
    }

    #[test]
    fn a_mode_a_line_and_questions_that_took_no_part_are_told() {
        let mut out = Vec::new();
        markdown(&sample(), &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(
            page.contains("| hybrid | 0.978 | 1.000 |") && page.contains("2 questions without a judgement"),
            "{page}"
        );
    }
}
