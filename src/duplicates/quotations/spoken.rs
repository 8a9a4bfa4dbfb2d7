//! A quotation as it is compared: its words in a row, with what the outlet shows of its own cuts and changes.
//!
//! Not here: where quotations stand (`parts`), which are the same (`matching`).

use std::ops::Range;

use super::super::align::{Token, token};
use crate::article::OutletId;
use crate::coverage::Passage;
use crate::neighbours::wording::is_stop_word;
use crate::quotation::Speaker;
use crate::text::{Word, form, words};

/// Words a title may have.
const TITLE_WORDS: usize = 10;

/// A quotation of one article.
#[derive(Debug)]
pub(super) struct Spoken {
    /// Who published it.
    pub(super) outlet: OutletId,
    /// What stands between the marks.
    pub(super) parts: Vec<Passage>,
    /// Its words.
    pub(super) tokens: Vec<Token>,
    /// What is shown at each word; as many as there are words.
    notes: Vec<Note>,
    /// Capitalised like the title of a work: "This Week With George Stephanopoulos".
    pub(super) is_title: bool,
    /// Quotes somebody else inside, who may be whom another outlet names.
    pub(super) is_nesting: bool,
    /// Whom the article gives it to.
    pub(super) speaker: Option<Speaker>,
}

/// What the outlet shows at a word.
#[derive(Debug, Clone, Copy)]
struct Note {
    /// The part the word stands in.
    part: usize,
    /// Inside brackets: the outlet's word.
    editorial: bool,
    /// Something may be left out before it: behind an ellipsis, or where the quotation is broken off.
    resumes: bool,
}

impl Spoken {
    /// A quotation of the parts given; `text_of` is the text of a row.
    pub(super) fn new<'a>(
        outlet: OutletId,
        parts: Vec<Passage>,
        speaker: Option<Speaker>,
        text_of: impl Fn(usize) -> &'a str,
    ) -> Self {
        let mut spoken = Self {
            outlet,
            parts: Vec::new(),
            tokens: Vec::new(),
            notes: Vec::new(),
            is_title: true,
            is_nesting: false,
            speaker,
        };
        for (at, part) in parts.iter().enumerate() {
            // Paragraphs follow one another; a quotation broken inside one leaves out what it likes.
            let broken =
                at.checked_sub(1).and_then(|before| parts.get(before)).is_some_and(|before| before.row == part.row);
            spoken.read(at, part, text_of(part.row), broken);
        }
        spoken.is_title &= spoken.tokens.len() <= TITLE_WORDS;
        spoken.parts = parts;
        spoken
    }

    fn read(&mut self, at: usize, part: &Passage, text: &str, broken: bool) {
        let piece = text.get(part.span.clone()).unwrap_or_default();
        let (mut before, mut resumes) = (0, broken);
        self.is_title &= is_title(piece);
        self.is_nesting |= piece.contains(['“', '"', '‘', '«']);
        let brackets = Brackets::of(piece);
        for word in bracketed(piece) {
            let gap = piece.get(before..word.span.start).unwrap_or_default();
            resumes |= gap.contains('…') || gap.contains("...") || gap.contains(". .");
            let editorial = brackets.hold(word.span.start);
            before = word.span.end;
            let place =
                Word { span: word.span.start + part.span.start..word.span.end + part.span.start, form: word.form };
            self.tokens.push(token(&place));
            self.notes.push(Note { part: at, editorial, resumes });
            resumes = false;
        }
    }

    /// The words as they are compared.
    pub(super) fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        self.tokens.iter().map(|token| token.key)
    }

    /// Row and place of its first part.
    pub(super) fn place(&self) -> (usize, usize) {
        self.parts.first().map_or((0, 0), |part| (part.row, part.span.start))
    }

    /// Whether some words, at least one, are all the outlet's own.
    pub(super) fn is_editorial(&self, range: Range<usize>) -> bool {
        self.notes.get(range).is_some_and(|notes| !notes.is_empty() && notes.iter().all(|note| note.editorial))
    }

    /// Whether something is shown to be left out before one of some words, or before the word behind them.
    pub(super) fn is_cut(&self, range: Range<usize>) -> bool {
        self.notes
            .get(range.start..(range.end + 1).min(self.notes.len()))
            .unwrap_or_default()
            .iter()
            .any(|note| note.resumes)
    }

    /// Where some words stand: one stretch for each part that holds any.
    pub(super) fn passages(&self, range: Range<usize>) -> Vec<Passage> {
        let mut found: Vec<(usize, Passage)> = Vec::new();
        let words =
            self.notes.get(range.clone()).unwrap_or_default().iter().zip(self.tokens.get(range).unwrap_or_default());
        for (note, token) in words {
            match found.last_mut().filter(|(part, _)| *part == note.part) {
                Some((_, last)) => last.span.end = token.span().end,
                None => found.extend(
                    self.parts.get(note.part).map(|part| (note.part, Passage { row: part.row, span: token.span() })),
                ),
            }
        }
        found.into_iter().map(|(_, passage)| passage).collect()
    }
}

/// Whether all words of a text but the small ones are capitalised, and not all letters are capital.
fn is_title(text: &str) -> bool {
    let all = words(text);
    let printed = |word: &Word| text.get(word.span.clone()).unwrap_or_default();
    let capital = |word: &Word| printed(word).starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    let shouted = |word: &Word| !printed(word).contains(char::is_lowercase);
    let content = || all.iter().filter(|word| !is_stop_word(&word.form));
    content().all(capital) && !content().all(shouted) && all.first().is_some_and(capital)
}

/// The words of a text, a first letter in brackets joined to the rest of its word: "[T]he" is "the".
fn bracketed(text: &str) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::new();
    for word in words(text) {
        let glued = |last: &&mut Word| {
            matches!(text.get(last.span.end..word.span.start), Some("]" | ")"))
                && text.get(..last.span.start).is_some_and(|before| before.ends_with(['[', '(']))
        };
        match joined.last_mut().filter(glued) {
            Some(last) => {
                last.span.end = word.span.end;
                let plain: String = text.get(last.span.clone()).unwrap_or_default().replace([']', ')'], "");
                last.form = form(&plain);
            }
            None => joined.push(word),
        }
    }
    joined
}

/// The square brackets of a text, found once for all its words.
struct Brackets<'a> {
    text: &'a str,
    /// Where each stands, in order, and whether it opens.
    found: Vec<(usize, bool)>,
    /// Where the last closing one stands.
    last: Option<usize>,
}

impl<'a> Brackets<'a> {
    fn of(text: &'a str) -> Self {
        let found = text.match_indices(['[', ']']).map(|(at, mark)| (at, mark == "[")).collect();
        Self { text, found, last: text.rfind(']') }
    }

    /// Whether a word that begins at a place is the outlet's: between brackets, and more than a first letter.
    fn hold(&self, at: usize) -> bool {
        let before = self.found.partition_point(|&(bracket, _)| bracket < at).checked_sub(1);
        let opened = before.and_then(|before| self.found.get(before)).is_some_and(|&(_, opens)| opens);
        opened && self.last > Some(at) && !self.is_first_letter(at)
    }

    /// "[T]he": a letter in brackets, no word.
    fn is_first_letter(&self, at: usize) -> bool {
        let mut rest = self.text.get(at..).unwrap_or_default().chars().skip(1);
        rest.next() == Some(']') && rest.next().is_some_and(char::is_alphanumeric)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A quotation that is the whole of a text.
    pub(in super::super) fn spoken(text: &str) -> Spoken {
        Spoken::new(OutletId(0), vec![Passage { row: 0, span: 0..text.len() }], None, |_| text)
    }

    #[test]
    fn a_first_letter_in_brackets_is_no_word_of_its_own() {
        assert!(spoken("[T]he plan works").keys().eq(spoken("the plan works").keys()));
        assert!(!spoken("[T]he plan works").is_editorial(0..1));
    }

    #[test]
    fn brackets_and_ellipses_are_seen() {
        let quoted = spoken("They … want [the company] to pay . . . soon");
        assert!(quoted.is_editorial(2..4) && !quoted.is_editorial(1..4));
        assert_eq!(
            (0..7).map(|at| quoted.is_cut(at..at)).collect::<Vec<_>>(),
            [false, true, false, false, false, false, true]
        );
    }
}
