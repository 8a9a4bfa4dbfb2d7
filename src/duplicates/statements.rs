//! Statements: the sentences of a paragraph, each long enough to say something by itself.
//!
//! A quotation that ends in a full stop and the words that say whose it is are one statement; a
//! sentence of a few words belongs to its neighbour. Also here: which parts of a text are quoted.

use std::ops::Range;

use crate::text::{Word, sentences, words};

/// Fewer words than this say too little to be compared: "Learn more.", "It did not."
pub(super) const LEAST_WORDS: usize = 4;

/// An attribution after a closed quotation is short: "Altman said in a statement on Monday."
const ATTRIBUTION_WORDS: usize = 12;

const SPEECH: &[&str] = &[
    "said",
    "says",
    "added",
    "adds",
    "stated",
    "noted",
    "wrote",
    "told",
    "asked",
    "argued",
    "explained",
    "continued",
    "according",
    "tweeted",
    "posted",
    "announced",
    "declared",
    "warned",
    "insisted",
    "replied",
    "concluded",
];

/// Byte ranges of the statements of a text, in order. A text of fewer than four words has none.
pub(super) fn statements(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for span in sentences(text).into_iter().filter_map(|span| unsigned(text, span)) {
        match found.last_mut() {
            Some(last) if belongs(&text[last.clone()], &text[span.clone()]) => last.end = span.end,
            _ => found.push(span),
        }
    }
    found.retain(|span| !is_short(&words(&text[span.clone()])));
    found
}

fn belongs(before: &str, next: &str) -> bool {
    let following = words(next);
    is_short(&following) || is_short(&words(before)) || attributes(before, next, &following)
}

fn is_short(words: &[Word]) -> bool {
    words.len() < LEAST_WORDS
}

/// A sentence without the signature of a post at its end: "— Sam Altman (@sama) May 10, 2025" would make
/// all short posts of one person alike.
fn unsigned(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let sentence = &text[span.clone()];
    let dash = sentence.rfind(['—', '–', '―']);
    let signature =
        dash.filter(|&at| sentence[at..].contains("(@") && words(&sentence[at..]).len() <= ATTRIBUTION_WORDS);
    let end = signature.map_or(sentence.len(), |at| sentence[..at].trim_end().len());
    (end > 0).then_some(span.start..span.start + end)
}

/// Whether `next` says who spoke the quotation that `before` closes.
fn attributes(before: &str, next: &str, following: &[Word]) -> bool {
    before.ends_with(['”', '"', '»'])
        && !next.starts_with(['“', '"', '«'])
        && following.len() <= ATTRIBUTION_WORDS
        && following.iter().take(6).any(|word| SPEECH.contains(&word.form.as_str()))
}

/// Byte ranges between quotation marks, in order. A straight mark opens and closes in turn; a mark
/// that is never closed quotes nothing.
pub(super) fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, mark) in text.char_indices() {
        match (mark, open) {
            ('“' | '«', _) | ('"', None) => open = Some((at + mark.len_utf8(), mark)),
            ('”' | '»' | '"', Some((start, by))) if (by == '"') == (mark == '"') => {
                found.push(start..at);
                open = None;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        statements(text).into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn a_quotation_keeps_its_attribution() {
        let text = "“Scaling AI requires compute.” Altman said in a statement. The shares rose by five percent.";
        assert_eq!(
            split(text),
            ["“Scaling AI requires compute.” Altman said in a statement.", "The shares rose by five percent."]
        );
    }

    #[test]
    fn the_signature_of_a_post_is_no_statement() {
        let signature = "— Donald J. Trump (@realDonaldTrump) May 10, 2020";
        assert_eq!(split(&format!("Racism is evil everywhere! {signature}")), ["Racism is evil everywhere!"]);
        assert_eq!(split(&format!("They lied to Congress... {signature}")), ["They lied to Congress..."]);
        let dashed = "The market – and its makers – went up again.";
        assert_eq!(split(dashed), [dashed]);
    }

    #[test]
    fn a_few_words_belong_to_their_neighbour() {
        assert_eq!(
            split("It grew. Nobody had expected that to happen."),
            ["It grew. Nobody had expected that to happen."]
        );
        assert_eq!(split("Learn more."), Vec::<&str>::new());
    }

    #[test]
    fn quotations_of_either_style() {
        let text = "He said “we are here” and \"they are not\" but \"never closed";
        let quoted: Vec<&str> = quotations(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(quoted, ["we are here", "they are not"]);
    }

    proptest! {
        #[test]
        fn spans_ascend_on_char_boundaries(text in "[a-d“”\"«». A-D]{0,80}") {
            for spans in [statements(&text), quotations(&text)] {
                prop_assert!(spans.windows(2).all(|two| two[0].end <= two[1].start));
                prop_assert!(spans.iter().all(|span| text.get(span.clone()).is_some()));
            }
        }
    }
}
