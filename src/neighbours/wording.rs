//! Likeness of wording: TF-IDF vectors of texts, compared by cosine.
//!
//! Terms are stemmed words (Snowball English) without stop words; a term's weight is
//! `(1 + ln tf) * (1 + ln((1 + n) / (1 + df)))`, vectors have unit length (the sublinear, smoothed form
//! of scikit-learn's `TfidfVectorizer`). Not here: meaning (`embed`), order of words (`duplicates`).

use std::collections::BTreeMap;

use rust_stemmers::{Algorithm, Stemmer};

use crate::text::words;

/// Weights of the terms of a corpus.
#[derive(Debug)]
pub struct Wording {
    ids: BTreeMap<String, u32>,
    idf: Vec<f32>,
    documents: u32,
}

/// A text as a sparse unit vector: terms ascending. Empty where no term is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TermVector(Vec<(u32, f32)>);

impl Wording {
    /// Learns the terms and their weights from texts, one document each.
    pub fn learn<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let mut frequency: BTreeMap<String, u32> = BTreeMap::new();
        let mut documents = 0_u32;
        for text in texts {
            documents += 1;
            let mut terms = terms(&stemmer, text);
            terms.sort_unstable();
            terms.dedup();
            for term in terms {
                *frequency.entry(term).or_default() += 1;
            }
        }
        let idf = frequency.values().map(|&df| weight(documents, df)).collect();
        let ids = frequency.into_keys().zip(0..).collect();
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
        let stemmer = Stemmer::create(Algorithm::English);
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        for term in terms(&stemmer, text) {
            if let Some(&id) = self.ids.get(&term) {
                *counts.entry(id).or_default() += 1.0;
            }
        }
        let mut weights: Vec<(u32, f32)> =
            counts.into_iter().map(|(id, tf)| (id, (1.0 + tf.ln()) * self.idf[id as usize])).collect();
        let length = weights.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
        for (_, weight) in &mut weights {
            *weight /= length;
        }
        TermVector(weights)
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

fn terms(stemmer: &Stemmer, text: &str) -> Vec<String> {
    words(text)
        .into_iter()
        .filter(|word| !is_stop_word(&word.form))
        .map(|word| stemmer.stem(&word.form).into_owned())
        .collect()
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
