//! Stems of the words that carry a text's subject, plural acronyms among them.
//!
//! The Snowball stemmer leaves "GPUs" and "GB200s" as they are, for want of a vowel; written as they are,
//! capitals and digits before a small s, they are plurals all the same.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHasher};

use crate::neighbours::wording::is_stop_word;
use crate::text::{form, words, written_words};

/// Stems of the words of a text that are not stop words, in order.
pub(super) fn content_stems(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    words(&singular_acronyms(text))
        .into_iter()
        .filter(|word| !is_stop_word(&word.form))
        .map(|word| stemmer.stem(&word.form).into_owned())
        .collect()
}

/// [`content_stems`] as numbers, equal where the stems are, of many texts: a corpus writes few words, each many times,
/// and each is put into its form and stemmed once.
pub(super) struct StemKeys {
    stemmer: Stemmer,
    known: FxHashMap<String, Option<u64>>,
}

impl StemKeys {
    /// No word is known yet.
    pub(super) fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: FxHashMap::default() }
    }

    /// A number for each word of a text that is not a stop word, in order.
    pub(super) fn of(&mut self, text: &str) -> Vec<u64> {
        written_words(text).filter_map(|word| self.of_word(word)).collect()
    }

    fn of_word(&mut self, word: &str) -> Option<u64> {
        if let Some(&key) = self.known.get(word) {
            return key;
        }
        let form = form(if is_plural(word) { &word[..word.len() - 1] } else { word });
        let key = (!is_stop_word(&form)).then(|| {
            let mut hasher = FxHasher::default();
            self.stemmer.stem(&form).hash(&mut hasher);
            hasher.finish()
        });
        self.known.insert(word.to_owned(), key);
        key
    }
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plural_acronyms_lose_their_s_and_words_do_not() {
        assert_eq!(singular_acronyms("GB200s and GPUs is AWS’s, IS us"), "GB200 and GPU is AWS’s, IS us");
        assert!(matches!(singular_acronyms("nothing to do"), Cow::Borrowed(_)));
        assert_eq!(codes("the GB300 and GB200s on 4 EC2, 2026, 5G and AI"), ["5G", "EC2", "GB200", "GB300"]);
        assert_eq!(content_stems("the GPUs scaling"), ["gpu", "scale"]);
    }

    proptest! {
        #[test]
        fn keys_are_equal_where_the_stems_are(text in "((the|GPUs?|AWS’s|is|IS|Café|cafe|scal(ed|ing)|B2s?|[a-c]{1,3})[ ,.’-]{1,2}){0,20}") {
            let stems = content_stems(&text);
            let keys = StemKeys::new().of(&text);
            prop_assert_eq!(stems.len(), keys.len());
            for (a, x) in stems.iter().zip(&keys) {
                for (b, y) in stems.iter().zip(&keys) {
                    prop_assert_eq!(a == b, x == y);
                }
            }
        }
    }
}
