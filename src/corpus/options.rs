//! How a corpus is read: the names of its fields, its table of outlets, the sizes beyond which text
//! is refused.

use super::outlets::OutletTable;

/// How a corpus is read. The default suits most corpora.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The user's names for fields.
    pub fields: FieldNames,
    /// Outlets by file.
    pub outlets: OutletTable,
    /// Sizes beyond which text is refused.
    pub limits: Limits,
}

/// The user's name for a field; where none is given, the usual names are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldNames {
    /// Else `id`.
    pub id: Option<String>,
    /// Else `outlet`, `source`, `publisher` or `series`.
    pub outlet: Option<String>,
    /// Else `title`.
    pub title: Option<String>,
    /// Else `date`.
    pub date: Option<String>,
    /// Else `url`.
    pub url: Option<String>,
    /// Else `text`.
    pub text: Option<String>,
    /// Field that holds the other text of a pair, which every record must then have; usually none.
    pub other_text: Option<String>,
    /// Fields that hold known labels, which every record must then have; usually none.
    pub labels: Vec<String>,
}

/// Sizes, in bytes after decompression, beyond which text is refused: nobody writes such an article,
/// and reading it would take the memory of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One line of a line-based format, or one record of a table.
    pub line: usize,
    /// One file that is one article, or one JSON document.
    pub file: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line: 64 << 20, file: 64 << 20 }
    }
}
