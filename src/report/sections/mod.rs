//! What a page says, section by section, the same for every renderer.
//!
//! Sections whose findings are missing are left out, so one page serves `report`, `themes` and
//! `duplicates`. Not here: how it looks (`terminal`, `markdown`).

mod coverage;
mod foot;
mod groups;
mod head;
mod quotations;
mod standing;
mod themes;
mod threshold;

pub(crate) use groups::{MEANINGS, facts, first_dated, grades, origins, scope};
pub(crate) use themes::{LEGEND, PLAIN, fit_line};
pub(crate) use threshold::{HOW_MEASURED, said as threshold_said};

use crate::findings::Findings;
use crate::report::blocks::{Block, Card, Rich};
use crate::report::excerpt::beginning;
use crate::report::phrase::counted;
use crate::report::view::{View, Widths};

/// How much of everything is listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Paragraphs of a theme.
    pub(crate) members: usize,
    /// Coverage groups.
    pub(crate) groups: usize,
    /// Exclusives of an outlet.
    pub(crate) exclusives: usize,
    /// Rows of any other list: outlets, problems, paragraphs left out for one reason.
    pub(crate) rows: usize,
    /// Whether paragraphs left out are listed, not only counted.
    pub(crate) list_left_out: bool,
    /// Whether it is told how the threshold was set.
    pub(crate) explain_threshold: bool,
}

impl Limits {
    /// The limits for a page: `most` of everything, or what an overview wants.
    pub(crate) fn new(most: Option<usize>, (list_left_out, explain_threshold): (bool, bool)) -> Self {
        Self {
            members: most.unwrap_or(3),
            groups: most.unwrap_or(10),
            exclusives: most.unwrap_or(2),
            rows: most.unwrap_or(20),
            list_left_out,
            explain_threshold,
        }
    }
}

/// Outlets up to which figures are set out one column an outlet.
const MOST_COLUMNS: usize = 8;

/// The whole page.
pub(crate) fn page(findings: &Findings, widths: Widths, limits: Limits) -> Vec<Block> {
    let view = View::of(findings, widths);
    let mut blocks = head::head(&view, findings, &limits);
    if let Some(themes) = &findings.themes {
        blocks.extend(themes::section(&view, themes, &limits));
    }
    if let Some(coverage) = &findings.coverage {
        blocks.extend(coverage::sections(&view, coverage, findings.quotations.as_deref().unwrap_or_default(), &limits));
    }
    let is_cut = blocks.iter().any(|block| matches!(block, Block::More(_)));
    blocks.extend(foot::foot(findings, is_cut));
    blocks
}

/// A line that says how many more there are than were listed, where there are more.
fn and_more(total: usize, listed: usize, noun: &str) -> Option<Block> {
    let more = total.saturating_sub(listed);
    (more > 0).then(|| Block::More(format!("… and {}", counted(more, &format!("more {noun}")))))
}

/// A line that may be passed over.
fn quiet(text: &str) -> Block {
    Block::Line(Rich::default().quiet(text))
}

/// A paragraph with its citation, a remark in it, and its text cut to about `most` characters.
fn card(view: &View, row: usize, remark: &str, most: usize) -> Card {
    let body = beginning(view.collection.text(row), most);
    Card {
        head: view.cite_paragraph(&view.collection.paragraphs[row], remark),
        body: body.into(),
        foot: Rich::default(),
    }
}
