//! Stems of the words that carry a text's subject, plural acronyms among them.
//!
//! The Snowball stemmer leaves "GPUs" and "GB200s" as they are, for want of a vowel; written as they are,
//! capitals and digits before a small s, they are plurals all the same.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use crate::neighbours::wording::is_stop_word;
use crate::text::words;

/// Stems of the words of a text that are not stop words, in order.
pub(super) fn content_stems(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    words(&singular_acronyms(text))
        .into_iter()
        .filter(|word| !is_stop_word(&word.form))
        .map(|word| stemmer.stem(&word.form).into_owned())
        .collect()
}

/// The distinct codes of a text, ascending: words of capitals and digits, both, like "GB200".
pub(super) fn codes(text: &str) -> Vec<String> {
    let plain = singular_acronyms(text);
    let is_code = |word: &str| word.contains(char::is_uppercase) && word.contains(|c: char| c.is_ascii_digit());
    let mut codes: Vec<String> = words(&plain)
        .iter()
        .map(|word| &plain[word.span.clone()])
        .filter(|word| is_code(word) && is_capital(word))
        .map(str::to_owned)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The text with the plural s of acronyms left out: "GPUs" as "GPU".
pub(super) fn singular_acronyms(text: &str) -> Cow<'_, str> {
    let plurals: Vec<usize> =
        words(text).iter().filter(|word| is_plural(&text[word.span.clone()])).map(|word| word.span.end - 1).collect();
    if plurals.is_empty() {
        return Cow::Borrowed(text);
    }
    let ends = plurals.iter().copied().chain([text.len()]);
    let starts = [0].into_iter().chain(plurals.iter().map(|end| end + 1));
    Cow::Owned(starts.zip(ends).map(|(start, end)| &text[start..end]).collect())
}

/// Two or more capitals or digits, a capital among them, before a small s.
fn is_plural(word: &str) -> bool {
    word.strip_suffix('s')
        .is_some_and(|stem| stem.chars().count() > 1 && stem.contains(char::is_uppercase) && is_capital(stem))
}

fn is_capital(word: &str) -> bool {
    word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plural_acronyms_lose_their_s_and_words_do_not() {
        assert_eq!(singular_acronyms("GB200s and GPUs is AWS’s, IS us"), "GB200 and GPU is AWS’s, IS us");
        assert!(matches!(singular_acronyms("nothing to do"), Cow::Borrowed(_)));
        assert_eq!(codes("the GB300 and GB200s on 4 EC2, 2026, 5G and AI"), ["5G", "EC2", "GB200", "GB300"]);
        assert_eq!(content_stems("the GPUs scaling"), ["gpu", "scale"]);
    }
}
