//! Words and sentences of a text, with their byte ranges: the units in which wording is compared.
//!
//! Words follow Unicode's word boundaries (UAX #29), compared without case, accents or the style of
//! quotes. Sentences follow its sentence boundaries, mended where an abbreviation or a closing quote
//! would split one. Not here: what a text is made of on the page (`corpus`).

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Byte range in the text.
    pub span: Range<usize>,
    /// The word as it is compared: lower case, no accents, straight apostrophe, no possessive.
    pub form: String,
}

/// The words of a text in order. Punctuation is no word; `1.4`, `2026` and `don't` are.
pub fn words(text: &str) -> Vec<Word> {
    text.unicode_word_indices().map(|(at, word)| Word { span: at..at + word.len(), form: form(word) }).collect()
}

/// The words of a text in order, as they are written: for a caller that keeps the [`form`]s it has met.
pub fn written_words(text: &str) -> impl Iterator<Item = &str> {
    text.unicode_words()
}

/// A word as it is compared: lower case, no accents, straight apostrophe, no possessive `'s`.
pub fn form(word: &str) -> String {
    if word.is_ascii() {
        let plain = word.to_ascii_lowercase();
        return plain.strip_suffix("'s").map(str::to_owned).unwrap_or(plain);
    }
    let plain: String = word
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if matches!(c, '’' | 'ʼ' | '‘') { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    plain.strip_suffix("'s").map(str::to_owned).unwrap_or(plain)
}

/// Words before whose full stop a sentence does not end.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "inc", "ltd", "co", "corp", "vs", "etc", "gen", "sen", "rep",
    "gov", "lt", "col", "capt", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "approx", "fig",
];

/// Byte ranges of the sentences of a text, trimmed of white space, in order. A text without a
/// sentence boundary is one sentence; white space alone is none.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, piece) in text.split_sentence_bound_indices() {
        let Some(span) = trimmed(text, at..at + piece.len()) else { continue };
        match found.last_mut() {
            Some(last) if continues(&text[last.clone()], &text[span.clone()]) => last.end = span.end,
            _ => found.push(span),
        }
    }
    found
}

fn trimmed(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let piece = &text[span.clone()];
    let start = span.start + (piece.len() - piece.trim_start().len());
    let end = span.start + piece.trim_end().len();
    (start < end).then_some(start..end)
}

/// Whether `next` belongs to the sentence `before` ends: `before` ends in an abbreviation or an
/// initial, or `next` is only what closes it or begins in lower case.
fn continues(before: &str, next: &str) -> bool {
    if next.chars().all(|c| !c.is_alphanumeric()) {
        return true;
    }
    if next.chars().next().is_some_and(char::is_lowercase) {
        return true;
    }
    let Some(stem) = before.strip_suffix('.') else { return false };
    let last = stem.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let initial = last.chars().count() == 1 && last.chars().all(char::is_uppercase);
    initial || (last.chars().next().is_some_and(char::is_alphabetic) && ABBREVIATIONS.contains(&form(last).as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forms(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.form).collect()
    }

    #[test]
    fn words_are_compared_without_case_accents_and_possessives() {
        assert_eq!(
            forms("Amazon’s CAFÉ don’t cost $1.4 trillion"),
            ["amazon", "cafe", "don't", "cost", "1.4", "trillion"]
        );
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "“Scaling frontier AI”";
        let found = words(text);
        assert_eq!(&text[found[2].span.clone()], "AI");
    }

    #[test]
    fn abbreviations_initials_and_closing_quotes_end_no_sentence() {
        let text = "Amazon.com Inc. signed. The 25 million U.S. homes wait. “It is done.” J. Smith said so.";
        let found: Vec<&str> = sentences(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(
            found,
            ["Amazon.com Inc. signed.", "The 25 million U.S. homes wait.", "“It is done.”", "J. Smith said so."]
        );
    }

    proptest! {
        #[test]
        fn plain_letters_have_the_form_that_any_have(word in "[ -~]{0,12}") {
            let other = form(&format!("é{word}"));
            prop_assert_eq!(form(&format!("e{word}")), other);
        }

        #[test]
        fn sentences_cover_all_but_white_space(text in "\\PC{0,200}") {
            let mut at = 0;
            for span in sentences(&text) {
                prop_assert!(span.start >= at && span.start < span.end);
                prop_assert!(text[at..span.start].trim().is_empty());
                at = span.end;
            }
            prop_assert!(text[at..].trim().is_empty());
        }

        #[test]
        fn words_stand_where_they_say(text in "\\PC{0,200}") {
            for word in words(&text) {
                prop_assert_eq!(form(&text[word.span.clone()]), word.form);
            }
        }
    }
}
