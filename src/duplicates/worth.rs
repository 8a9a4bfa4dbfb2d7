//! Which statements are worth a vector, where there are too many to embed all.
//!
//! Two statements are the same where cosine and wording together reach the threshold. Wording is known before anything is
//! embedded, and until both have a vector of their own their paragraphs' cosine stands for theirs. A pair for which that
//! comes to less than [`WORTH`] is hardly ever one: the paragraphs are about other things, or the statements are. The
//! pairs by which the background is measured need their vectors too. Not here: how vectors are made (`embed`).

use rayon::prelude::*;

use super::background::{FLOOR, sampled};
use super::candidates::{Candidate, Candidates};
use super::stems::singular_acronyms;
use crate::collection::Collection;
use crate::neighbours::wording::{TermVector, Wording};
use crate::vectors::UnitRows;

/// The cosine of two paragraphs and the wording of a statement of each, summed, from which the statements are embedded.
/// Below the least threshold there is, so that no pair without vectors is called the same. Of 11,922 pairs found among
/// 32,668 paragraphs of 133 outlets with all statements embedded it loses 244, of which none of the dozen read said
/// the same; 0.9 loses 1,138, and some did.
const WORTH: f32 = 0.8;
const _: () = assert!(WORTH < FLOOR);

/// Of each statement whether it may say the same as another one it is compared with, or is one the background is
/// measured by.
///
/// `vectors` has shape `(n_paragraphs, dim)`.
pub(super) fn worth_embedding(collection: &Collection, vectors: &UnitRows, candidates: &Candidates) -> Vec<bool> {
    let texts: Vec<_> = candidates.statement_texts(collection).map(singular_acronyms).collect();
    let wording = Wording::learn(texts.iter().map(AsRef::as_ref));
    let known = Known { terms: wording.vectors(&texts), candidates, vectors };
    let mut worth = vec![false; texts.len()];
    let found: Vec<Vec<usize>> = candidates.pairs().par_iter().map(|pair| known.worth(pair)).collect();
    let sampled = sampled(candidates, collection).into_iter().flat_map(|(i, j)| [i, j]);
    found.into_iter().flatten().chain(sampled).for_each(|statement| worth[statement] = true);
    worth
}

/// What is known of statements before they are embedded.
struct Known<'a> {
    terms: Vec<TermVector>,
    candidates: &'a Candidates,
    vectors: &'a UnitRows,
}

impl Known<'_> {
    /// The statements of two rows that may be the same as one of the other's.
    fn worth(&self, pair: &Candidate) -> Vec<usize> {
        let least = WORTH - self.vectors.cosine(pair.left, pair.right);
        let mut found = Vec::new();
        for i in self.candidates.statements_of(pair.left) {
            for j in self.candidates.statements_of(pair.right) {
                if self.terms[i].cosine(&self.terms[j]) >= least {
                    found.extend([i, j]);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidates::candidates;
    use super::super::fixture::{all_pairs, bags, collection};
    use super::super::material::{Material, Vectors};
    use super::*;

    /// A sentence of eight words that no other has.
    fn sentence(number: usize) -> String {
        let words: Vec<String> = (0..8).map(|place| format!("w{}", 8 * number + place)).collect();
        format!("The {}.", words.join(" "))
    }

    /// Paragraphs of three sentences by ten outlets. Of each ten, the second carries a sentence of the first, and the
    /// fourth one of the third with two words changed.
    fn made() -> Vec<(u32, String)> {
        let row = |row: usize| {
            let shared = match row % 10 {
                1 | 3 => sentence(3 * row - 3),
                _ => sentence(3 * row),
            };
            let shared = if row % 10 == 3 { shared.replacen("w", "v", 2) } else { shared };
            (row as u32 % 10, format!("{} {shared} {}", sentence(3 * row + 1), sentence(3 * row + 2)))
        };
        (0..300).map(row).collect()
    }

    #[test]
    fn what_is_worth_a_vector_loses_no_pair_of_a_small_set() {
        let rows = made();
        let rows: Vec<(u32, &str)> = rows.iter().map(|(outlet, text)| (*outlet, text.as_str())).collect();
        let collection = collection(&rows);
        let candidates = candidates(&collection, &all_pairs(rows.len())).unwrap();
        let vectors = bags(rows.iter().map(|(_, text)| *text));
        let worth = worth_embedding(&collection, &vectors, &candidates);
        let texts = bags(candidates.texts(&collection));
        let both = Vectors { rows: &vectors, texts: &texts };
        let material = Material::new(&collection, Some(both), &candidates);
        let mut same = 0;
        for pair in candidates.pairs() {
            for i in candidates.statements_of(pair.left) {
                for j in candidates.statements_of(pair.right) {
                    let is_same = material.of_statements(i, j).sum() >= FLOOR;
                    same += usize::from(is_same);
                    assert!(!is_same || (worth[i] && worth[j]), "{i} and {j}");
                }
            }
        }
        assert!(same >= 60, "{same}");
    }
}
