//! The paragraph, the unit of everything: its text, its kind and its place in the article.
//!
//! Not here: how a text is split and what makes a line a heading or boilerplate (`corpus`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What a paragraph is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Running text.
    Body,
    /// A title or sub-title.
    Heading,
    /// One item of a list.
    ListItem,
    /// One row of a table, written out as text that reads well.
    TableRow,
    /// A table's rule or head: its names are already in the rows.
    TableFrame,
    /// A block set off as somebody's words.
    Quote,
    /// A line that holds a date, a place or a byline and no more.
    Dateline,
    /// The page's furniture: comment forms, newsletter calls, social widgets, cookie notices.
    Boilerplate,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 8] = [
        Self::Body,
        Self::Heading,
        Self::ListItem,
        Self::TableRow,
        Self::TableFrame,
        Self::Quote,
        Self::Dateline,
        Self::Boilerplate,
    ];

    /// Whether paragraphs of this kind carry what the article says, and so are embedded, clustered and compared.
    pub fn is_content(self) -> bool {
        matches!(self, Kind::Body | Kind::ListItem | Kind::TableRow | Kind::Quote)
    }

    /// The kind as JSON and Parquet have it.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Body => "body",
            Kind::Heading => "heading",
            Kind::ListItem => "list_item",
            Kind::TableRow => "table_row",
            Kind::TableFrame => "table_frame",
            Kind::Quote => "quote",
            Kind::Dateline => "dateline",
            Kind::Boilerplate => "boilerplate",
        }
    }

    /// The kind of a code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind in words, for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Body => "body",
            Kind::Heading => "heading",
            Kind::ListItem => "list item",
            Kind::TableRow => "table row",
            Kind::TableFrame => "table rule or head",
            Kind::Quote => "quote",
            Kind::Dateline => "dateline",
            Kind::Boilerplate => "boilerplate",
        }
    }
}

/// One paragraph of one article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Index into [`Collection::articles`](crate::collection::Collection::articles).
    pub article: usize,
    /// 1-based place among all paragraphs of the article, those left out included.
    pub place: usize,
    /// What it is on the page.
    pub kind: Kind,
    /// Byte range in [`Article::text`](crate::article::Article::text).
    pub span: Range<usize>,
    /// The text as it is embedded and shown: white space folded, invisible characters gone, markup removed.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_json_s() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(Kind::of_code(kind.code()), Some(kind));
        }
    }
}
