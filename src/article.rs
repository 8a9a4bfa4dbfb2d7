//! An article and who published it: one document as it was read, before it is split.
//!
//! Not here: reading files (`corpus`), what an article is split into (`paragraph`).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which outlet published an article: an index into [`Collection::outlets`](crate::collection::Collection::outlets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutletId(pub u32);

impl OutletId {
    /// The position in the list of outlets.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a record was found: a file, and in line-based formats the line (1-based).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The path as the user named it, or `-` for standard input.
    pub file: String,
    /// The 1-based line on which the record starts; none where the file is one article.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}: line {line}", self.file),
            None => write!(f, "{}", self.file),
        }
    }
}

/// One document of one outlet.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Unique within a collection: the record's own id, else one made from where it was found.
    pub id: String,
    /// Who published it.
    pub outlet: OutletId,
    /// The record's title, else the heading the text opens with.
    pub title: Option<String>,
    /// The day it was published: the record's own, else its dateline's.
    pub date: Option<Date>,
    /// Where it can be read.
    pub url: Option<String>,
    /// Where it was found.
    pub place: Place,
    /// The text as decoded, before any cleaning: what [`Paragraph::span`](crate::paragraph::Paragraph::span) points into.
    /// For a UTF-8 text or Markdown file these are the file's own bytes; for a record, its text field; for HTML, the main content as extracted.
    pub text: String,
    /// Fields of the record that have no meaning here, passed through to the output.
    pub extra: Map<String, Value>,
}
