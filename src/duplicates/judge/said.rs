//! What a passage says, laid out once: its words with stems, kinds and weights, and its grams.
//!
//! A *word of substance* is no stop word. A *name* is one written with a capital inside a sentence, a *figure*
//! begins with a digit. Keys are equal where stems are (of stop words: where the words are). Not here: comparing
//! two passages (`matching`, `features`, `order`).

use std::hash::{Hash, Hasher};

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHasher;

use crate::neighbours::wording::{Wording, is_stop_word};
use crate::text::{Word, words};

/// Letters of a gram, blanks between words among them.
const GRAM: usize = 4;
/// Words before a word in which the one that governs it is looked for: "in the former capital" has three.
const GOVERNED: usize = 3;
/// Words that point and do not relate.
const ARTICLES: &[&str] = &["the", "a", "an"];
/// Words that deny.
const NEGATIONS: &[&str] = &["not", "no", "never", "without", "neither", "nor", "none", "nobody", "nothing", "cannot"];

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// "the", "a", "an".
    Article,
    /// "and", "or".
    Joining,
    /// Any other stop word.
    Function,
    /// A word of substance that is neither of the next two.
    Plain,
    /// Written with a capital inside a sentence.
    Name,
    /// Begins with a digit.
    Figure,
}

/// One word of a passage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// Equal where the stems are; of stop words, where the words are.
    pub(super) key: u64,
    /// What it is.
    pub(super) kind: Kind,
    /// How rare its stem is in the run, 0 to 1; of stop words 0.
    pub(super) weight: f32,
    /// Key of the stop word that governs it: the nearest of the three words before it that is no article. 0: none.
    pub(super) governor: u64,
    /// Whether punctuation stands between it and the word before.
    pub(super) parted: bool,
}

impl Term {
    /// Whether it is a word of substance.
    pub(super) fn is_substance(&self) -> bool {
        !matches!(self.kind, Kind::Article | Kind::Joining | Kind::Function)
    }
}

/// A passage, ready to be compared with others.
#[derive(Debug, Clone, Default)]
pub(in crate::duplicates) struct Said {
    /// Its words in order.
    pub(super) terms: Vec<Term>,
    /// Their keys in order.
    pub(super) keys: Vec<u64>,
    /// Keys of its stop words, ascending.
    pub(super) functions: Vec<u64>,
    /// Keys of its runs of three words, ascending.
    pub(super) triples: Vec<u64>,
    /// Keys of its words of substance each with what governs it, ascending.
    pub(super) governed: Vec<u64>,
    /// Keys of its grams, ascending.
    pub(super) grams: Vec<u64>,
    /// Negations in it.
    pub(super) negations: usize,
    /// Weights of its words of substance, summed.
    pub(super) weight: f32,
}

impl Said {
    /// Lays out a passage whose words weigh what `wording` says.
    pub(in crate::duplicates) fn new(text: &str, wording: &Wording) -> Self {
        let words = words(text);
        let terms = terms(text, &words, wording);
        let keys: Vec<u64> = terms.iter().map(|term| term.key).collect();
        let substance = || terms.iter().filter(|term| term.is_substance());
        Self {
            functions: ascending(terms.iter().filter(|term| !term.is_substance()).map(|term| term.key)),
            triples: ascending(keys.windows(3).map(key)),
            governed: ascending(substance().map(|term| key((term.governor, term.key)))),
            grams: grams(&words),
            negations: words.iter().filter(|word| negates(&word.form)).count(),
            weight: substance().map(|term| term.weight).sum(),
            keys,
            terms,
        }
    }
}

fn terms(text: &str, words: &[Word], wording: &Wording) -> Vec<Term> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut terms: Vec<Term> = Vec::with_capacity(words.len());
    let mut end = 0;
    for word in words {
        let gap = &text[end..word.span.start];
        end = word.span.end;
        let kind = kind(word, &text[word.span.clone()], terms.is_empty() || ends_sentence(gap));
        let (key, weight) = match kind {
            Kind::Article | Kind::Joining | Kind::Function => (key((0, &word.form)), 0.0),
            _ => {
                let stem = stemmer.stem(&word.form);
                (key((1, stem.as_ref())), wording.rarity(&stem))
            }
        };
        let governor =
            terms.iter().rev().take(GOVERNED).find(|term| matches!(term.kind, Kind::Function | Kind::Joining));
        let governor = governor.map_or(0, |term| term.key);
        let parted = terms.is_empty() || gap.chars().any(|c| !c.is_whitespace() && c != '-');
        terms.push(Term { key, kind, weight, governor, parted });
    }
    terms
}

fn kind(word: &Word, written: &str, first: bool) -> Kind {
    if ARTICLES.contains(&word.form.as_str()) {
        Kind::Article
    } else if matches!(word.form.as_str(), "and" | "or") {
        Kind::Joining
    } else if is_stop_word(&word.form) {
        Kind::Function
    } else if word.form.starts_with(|c: char| c.is_ascii_digit()) {
        Kind::Figure
    } else if !first && written.starts_with(char::is_uppercase) {
        Kind::Name
    } else {
        Kind::Plain
    }
}

fn ends_sentence(gap: &str) -> bool {
    gap.contains(['.', '!', '?', ':', '“', '"'])
}

fn negates(form: &str) -> bool {
    NEGATIONS.contains(&form) || form.ends_with("n't")
}

fn grams(words: &[Word]) -> Vec<u64> {
    let blank = || std::iter::once(' ');
    let letters: Vec<char> = words.iter().flat_map(|word| blank().chain(word.form.chars())).chain(blank()).collect();
    ascending(letters.windows(GRAM).map(key))
}

fn ascending(keys: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut keys: Vec<u64> = keys.collect();
    keys.sort_unstable();
    keys
}

/// The key of anything that can be hashed; the same in every run.
pub(super) fn key(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said::new(text, &Wording::learn([text]))
    }

    #[test]
    fn words_have_a_kind() {
        let said = said("The Amazon deal cost OpenAI 38 billion. Analysts at Citi doubted it.");
        let kinds: Vec<Kind> = said.terms.iter().map(|term| term.kind).collect();
        use Kind::{Article, Figure, Function, Name, Plain};
        assert_eq!(kinds, [Article, Name, Plain, Plain, Name, Figure, Plain, Plain, Function, Name, Plain, Function]);
    }

    #[test]
    fn a_preposition_governs_the_next_three_words() {
        let said = said("flew from the old city London to Paris");
        let from = said.terms[1].key;
        let governors: Vec<u64> = said.terms.iter().map(|term| term.governor).collect();
        assert_eq!(governors, [0, 0, from, from, from, 0, 0, said.terms[6].key]);
    }

    #[test]
    fn negations_are_counted() {
        assert_eq!(said("It didn't, it never will, and nobody minds.").negations, 3);
    }
}
