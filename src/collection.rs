//! Everything one run read: outlets, articles, the paragraphs kept, those left out, and what went wrong.
//!
//! A *row* everywhere in this crate is an index into [`Collection::paragraphs`]: vectors, themes and
//! near-duplicates all speak of rows. Not here: reading and splitting (`corpus`).

use serde::{Deserialize, Serialize};

use crate::article::{Article, OutletId, Place};
use crate::paragraph::Paragraph;

/// A paragraph that takes no part, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The paragraph.
    pub paragraph: Paragraph,
    /// Why, in words a reader of the report understands: "heading", "comment form".
    pub reason: String,
}

/// Something that could not be read. The run went on without it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What was found and what was expected.
    pub what: String,
    /// Whether an article (or a whole file) was lost, rather than a detail set aside.
    pub lost: bool,
}

/// The articles of one run, split into paragraphs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collection {
    /// Names of the outlets, sorted; [`OutletId`] is an index into it.
    pub outlets: Vec<String>,
    /// Articles, in the order they were read.
    pub articles: Vec<Article>,
    /// The paragraphs that take part, by article and place: the rows.
    pub paragraphs: Vec<Paragraph>,
    /// The paragraphs that do not, by article and place.
    pub left_out: Vec<LeftOut>,
    /// What could not be read, in reading order.
    pub problems: Vec<Problem>,
    /// Files of the folders that were named whose ending is no article's: not read, which is no problem.
    pub passed_over: Vec<String>,
}

impl Collection {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.paragraphs.len()
    }

    /// Whether no paragraph was kept.
    pub fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
    }

    /// The text of a row.
    pub fn text(&self, row: usize) -> &str {
        &self.paragraphs[row].text
    }

    /// The article a row belongs to.
    pub fn article_of(&self, row: usize) -> &Article {
        &self.articles[self.paragraphs[row].article]
    }

    /// The outlet a row was published by.
    pub fn outlet_of(&self, row: usize) -> OutletId {
        self.article_of(row).outlet
    }

    /// The name of an outlet.
    pub fn outlet_name(&self, outlet: OutletId) -> &str {
        &self.outlets[outlet.index()]
    }

    /// One outlet a row, in row order.
    pub fn row_outlets(&self) -> Vec<OutletId> {
        (0..self.len()).map(|row| self.outlet_of(row)).collect()
    }
}
