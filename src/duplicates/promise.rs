//! Whether aligning two rows can show anything: two bounds that cost a merge of sorted numbers.
//!
//! Most rows that share a few words in a row share a name and no more, and aligning them is what finding
//! near-duplicates would spend its time on. Neither bound loses a pair that [`grade`](super::grade) would keep.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::align::Token;
use super::grade::{LEAST_SHARE, LONG_QUOTE, LONG_RUN};

/// What a row can share, as sorted numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Promise {
    /// Its words.
    words: Vec<u64>,
    /// Its runs of words that would make a pair by themselves.
    telling: Vec<u64>,
}

impl Promise {
    /// What the words of a row promise.
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut words: Vec<u64> = tokens.iter().map(|token| token.key).collect();
        words.sort_unstable();
        let mut telling: Vec<u64> = runs(tokens, LONG_RUN).map(|run| key(0, run)).collect();
        let quoted = runs(tokens, LONG_QUOTE).filter(|run| run.iter().all(|token| token.quoted));
        telling.extend(quoted.map(|run| key(1, run)));
        telling.sort_unstable();
        Self { words, telling }
    }

    /// Whether two rows may be graded by their wording, or share a run that tells.
    pub(super) fn with(&self, other: &Self) -> bool {
        let shorter = self.words.len().min(other.words.len());
        common(&self.telling, &other.telling) > 0
            || common(&self.words, &other.words) as f32 >= LEAST_SHARE * shorter as f32
    }
}

/// Every run of so many words with so many that are not stop words.
fn runs(tokens: &[Token], (words, content): (usize, usize)) -> impl Iterator<Item = &[Token]> {
    tokens.windows(words).filter(move |run| run.iter().filter(|token| token.content).count() >= content)
}

fn key(kind: u8, run: &[Token]) -> u64 {
    let mut hasher = FxHasher::default();
    kind.hash(&mut hasher);
    run.iter().for_each(|token| token.key.hash(&mut hasher));
    hasher.finish()
}

/// Numbers two ascending lists have in common, each as often as both have it.
fn common(left: &[u64], right: &[u64]) -> usize {
    let (mut left, mut right, mut count) = (left, right, 0);
    while let (Some(a), Some(b)) = (left.first(), right.first()) {
        count += usize::from(a == b);
        left = &left[usize::from(a <= b)..];
        right = &right[usize::from(b <= a)..];
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::align::{align, tokens};
    use super::super::grade::{by_wording, telling_places};
    use super::*;

    #[test]
    fn a_number_counts_as_often_as_both_have_it() {
        assert_eq!(common(&[1, 2, 2, 5], &[2, 2, 2, 5, 6]), 3);
        assert_eq!(common(&[], &[1]), 0);
    }

    proptest! {
        #[test]
        fn no_bound_loses_what_the_grade_keeps(
            left in "[“”]?([a-d]{2} (the )?[“”]?){0,14}",
            right in "[“”]?([a-d]{2} (the )?[“”]?){0,14}",
            copied in 0_usize..12,
        ) {
            // Half of the cases share a stretch, so that there is something to lose.
            let right: String = left.split(' ').take(copied).chain(right.split(' ')).collect::<Vec<_>>().join(" ");
            let (a, b) = (tokens(&left), tokens(&right));
            let alignment = align(&a, &b);
            if by_wording(&alignment).is_some() || !telling_places(&alignment).is_empty() {
                prop_assert!(Promise::new(&a).with(&Promise::new(&b)));
            }
        }
    }
}
