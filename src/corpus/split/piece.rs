//! A piece of an article: what the splitter makes.

use std::ops::Range;

use crate::paragraph::Kind;

/// A piece of an article: a paragraph that takes part, or one left out with a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is on the page.
    pub kind: Kind,
    /// Byte range in the text that was split. Spans ascend and do not overlap.
    pub span: Range<usize>,
    /// The clean text.
    pub text: String,
    /// Why it is left out; none if it takes part.
    pub reason: Option<&'static str>,
}

impl Piece {
    /// A piece that takes part if its kind does.
    pub(super) fn new(kind: Kind, span: Range<usize>, text: String) -> Self {
        let reason = match kind {
            Kind::Heading => Some("heading"),
            Kind::TableFrame => Some("table head"),
            _ => None,
        };
        Self { kind, span, text, reason }
    }

    /// A piece left out for a reason of its own.
    pub(super) fn left_out(kind: Kind, span: Range<usize>, text: String, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::new(kind, span, text) }
    }

    /// Leaves out a piece that was taken for something else.
    pub(super) fn leave_out(&mut self, kind: Kind, reason: &'static str) {
        self.kind = kind;
        self.reason = Some(reason);
    }
}
