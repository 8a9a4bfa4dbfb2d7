//! Quotations over outlets: the same words of somebody, as each outlet prints them and whom it gives them to.
//!
//! A quotation is a group around its *fullest* form, the longest that any outlet prints; every member says how it
//! lies to that one, and never to another member, so that no chain of likenesses joins strangers.
//! Not here: how they are found (`duplicates`).

use serde::Serialize;

use crate::article::OutletId;
use crate::coverage::Passage;

/// How a member lies to the fullest form of its quotation. Nothing set: whole, the same words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Form {
    /// Begins later, ends earlier, or leaves words out where it shows that it does.
    pub shortened: bool,
    /// Has words inside that the fullest has not, or lacks words inside without showing it.
    pub altered: bool,
    /// Goes on before or after what the fullest form prints: the two overlap.
    pub extended: bool,
}

impl Form {
    /// The form in words, for people.
    pub fn name(self) -> &'static str {
        match (self.shortened, self.altered, self.extended) {
            (false, false, false) => "whole",
            (true, false, false) => "shortened",
            (false, true, false) => "altered",
            (true, true, false) => "shortened and altered",
            (_, false, true) => "overlapping",
            (_, true, true) => "overlapping and altered",
        }
    }
}

/// Words that differ between the fullest form and a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The words of the fullest form, one stretch for each of its parts they stand in; empty where words were added.
    pub fullest: Vec<Passage>,
    /// The words of the member, likewise; empty where words were left out.
    pub member: Vec<Passage>,
    /// Whether one side shows the change itself: by an ellipsis, by brackets, or by breaking the quotation off there.
    pub marked: bool,
}

/// How an outlet says who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// By name: "Altman said", "according to Sam Altman".
    Named,
    /// By a noun phrase: "the memo said", "a spokesman for the company".
    Described,
    /// By "he" or "she": the name is inferred from what stands before.
    Pronoun,
    /// Beneath the words: "— Sam Altman (@sama)".
    Signature,
    /// By the attribution of the quotation just before it in the same paragraph.
    Carried,
}

impl Found {
    /// Whether the outlet itself prints a name beside the words.
    pub fn is_printed_name(self) -> bool {
        matches!(self, Found::Named | Found::Signature)
    }
}

/// Whom an outlet gives a quotation to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Where the name, noun phrase or pronoun stands.
    pub at: Passage,
    /// As printed there: "Altman", "the company", "he".
    pub printed: String,
    /// The full name that the article gives for it, else as printed.
    pub name: String,
    /// How it was found.
    pub found: Found,
}

/// A quotation as one article prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedBy {
    /// Who published it.
    pub outlet: OutletId,
    /// The row of its first part.
    pub row: usize,
    /// What stands between the marks, in reading order: more than one part where the attribution breaks in, or where
    /// it runs over paragraphs. Never empty.
    pub parts: Vec<Passage>,
    /// How it lies to the fullest form.
    pub form: Form,
    /// Where its words differ from those of the fullest form, in order.
    pub changes: Vec<Change>,
    /// Whom the article gives it to; none where nothing says.
    pub speaker: Option<Speaker>,
}

/// One quotation, as at least two outlets print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// The fullest form: an index into `members`; the longest, the first of equals.
    pub fullest: usize,
    /// Who quotes it, by row and place.
    pub members: Vec<QuotedBy>,
    /// Whether two outlets print different names for who spoke.
    pub speakers_differ: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_nothing_set_is_whole() {
        assert_eq!(Form::default().name(), "whole");
        assert_eq!(Form { shortened: true, altered: true, extended: false }.name(), "shortened and altered");
        assert_eq!(Form { shortened: true, altered: false, extended: true }.name(), "overlapping");
    }
}
