//! Likeness of wording: TF-IDF vectors of texts, compared by cosine.
//!
//! Terms are stemmed words (Snowball English) without stop words; a term's weight is
//! `(1 + ln tf) * (1 + ln((1 + n) / (1 + df)))`, vectors have unit length (the sublinear, smoothed form
//! of scikit-learn's `TfidfVectorizer`). Not here: meaning (`embed`), order of words (`duplicates`).

use rayon::prelude::*;
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use crate::text::{form, written_words};

/// Texts of which the words are remembered: enough that most words come again.
const CHUNK: usize = 4_096;

/// Weights of the terms of a corpus.
#[derive(Debug)]
pub struct Wording {
    ids: FxHashMap<String, u32>,
    idf: Vec<f32>,
    documents: u32,
}

/// A text as a sparse unit vector: terms ascending. Empty where no term is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TermVector(Vec<(u32, f32)>);

impl Wording {
    /// Learns the terms and their weights from texts, one document each.
    pub fn learn<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        let parts: Vec<FxHashMap<String, u32>> = texts.par_chunks(CHUNK).map(frequencies).collect();
        let mut frequency: FxHashMap<String, u32> = FxHashMap::default();
        for (term, count) in parts.into_iter().flatten() {
            *frequency.entry(term).or_default() += count;
        }
        let documents = texts.len() as u32;
        let mut frequency: Vec<(String, u32)> = frequency.into_iter().collect();
        frequency.par_sort_unstable();
        let idf = frequency.iter().map(|(_, df)| weight(documents, *df)).collect();
        let ids = frequency.into_iter().map(|(term, _)| term).zip(0..).collect();
        Self { ids, idf, documents }
    }

    /// How rare a stem is among the texts learnt from: its weight over that of a term of one text, 0 to 1. A stem
    /// that was not learnt is as rare as can be.
    pub fn rarity(&self, stem: &str) -> f32 {
        let known = self.ids.get(stem).and_then(|&id| self.idf.get(id as usize));
        known.map_or(1.0, |idf| (idf / weight(self.documents, 1)).min(1.0))
    }

    /// The vector of a text. Terms that were not learnt have no weight.
    pub fn vector(&self, text: &str) -> TermVector {
        self.weighed(&mut Terms::new(), text)
    }

    /// The vectors of texts, in their order, on all threads.
    pub fn vectors<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<TermVector> {
        let of_chunk = |texts: &[T]| {
            let mut terms = Terms::new();
            texts.iter().map(|text| self.weighed(&mut terms, text.as_ref())).collect::<Vec<_>>()
        };
        texts.par_chunks(CHUNK).flat_map_iter(of_chunk).collect()
    }

    fn weighed(&self, terms: &mut Terms, text: &str) -> TermVector {
        let mut ids: Vec<u32> = Vec::new();
        terms.each(text, |term| ids.extend(self.ids.get(term)));
        ids.sort_unstable();
        let weight =
            |same: &[u32]| same.first().map(|&id| (id, (1.0 + (same.len() as f32).ln()) * self.idf[id as usize]));
        let mut weights: Vec<(u32, f32)> = ids.chunk_by(|a, b| a == b).filter_map(weight).collect();
        let length = weights.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
        for (_, weight) in &mut weights {
            *weight /= length;
        }
        TermVector(weights)
    }
}

/// In how many of some texts each term stands.
fn frequencies(texts: &[&str]) -> FxHashMap<String, u32> {
    let mut terms = Terms::new();
    let mut found: FxHashMap<String, (usize, u32)> = FxHashMap::default();
    for (at, text) in texts.iter().enumerate() {
        terms.each(text, |term| match found.get_mut(term) {
            Some((last, count)) => {
                *count += u32::from(*last != at);
                *last = at;
            }
            None => {
                found.insert(term.to_owned(), (at, 1));
            }
        });
    }
    found.into_iter().map(|(term, (_, count))| (term, count)).collect()
}

/// The terms of words met before: a corpus writes few words, each many times.
struct Terms {
    stemmer: Stemmer,
    known: FxHashMap<String, Option<String>>,
}

impl Terms {
    fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: FxHashMap::default() }
    }

    /// Gives each term of a text, in order.
    fn each(&mut self, text: &str, mut take: impl FnMut(&str)) {
        for word in written_words(text) {
            if let Some(known) = self.known.get(word) {
                known.as_deref().into_iter().for_each(&mut take);
                continue;
            }
            let form = form(word);
            let term = (!is_stop_word(&form)).then(|| self.stemmer.stem(&form).into_owned());
            term.as_deref().into_iter().for_each(&mut take);
            self.known.insert(word.to_owned(), term);
        }
    }
}

impl TermVector {
    /// Cosine of two texts' terms: 0 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        let (mut left, mut right) = (self.0.as_slice(), other.0.as_slice());
        let mut sum = 0.0;
        while let (Some(&(a, x)), Some(&(b, y))) = (left.first(), right.first()) {
            if a == b {
                sum += x * y;
            }
            left = &left[usize::from(a <= b)..];
            right = &right[usize::from(b <= a)..];
        }
        sum
    }

    /// The terms (ids of the [`Wording`] that made it) and their weights, ascending by id.
    pub fn terms(&self) -> &[(u32, f32)] {
        &self.0
    }
}

fn weight(documents: u32, df: u32) -> f32 {
    1.0 + ((1.0 + documents as f32) / (1.0 + df as f32)).ln()
}

/// Whether a word (in [`crate::text::form`]) says nothing of a text's subject: the NLTK list of English.
pub fn is_stop_word(form: &str) -> bool {
    use std::{collections::HashSet, sync::LazyLock};
    static STOP: LazyLock<HashSet<&str>> =
        LazyLock::new(|| stop_words::lookup("en").unwrap_or_default().iter().copied().collect());
    STOP.contains(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_by_hand() {
        // "chip" is in both documents (weight 1), "bank" and "ship" in one each (weight 1 + ln 1.5).
        let wording = Wording::learn(["chips bank", "the chip ship"]);
        let (a, b) = (wording.vector("chips bank"), wording.vector("chip ships"));
        let rare = 1.0 + 1.5_f32.ln();
        assert!((a.cosine(&b) - 1.0 / (1.0 + rare * rare)).abs() < 1e-6);
        assert!((a.cosine(&a) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn stop_words_and_unknown_words_weigh_nothing() {
        let wording = Wording::learn(["chips"]);
        assert_eq!(wording.vector("the unknown"), TermVector::default());
        assert_eq!(TermVector::default().cosine(&wording.vector("chip")), 0.0);
    }
}
