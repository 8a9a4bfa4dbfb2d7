//! Whether aligning two rows can show anything: three bounds that cost a merge of sorted numbers each.
//!
//! Most rows that share a few words in a row share a name and no more, and aligning them is what finding
//! near-duplicates would spend its time on. No bound loses a pair that [`grade`](super::grade) would keep.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::align::Token;
use super::grade::{LEAST_SHARE, LONG_QUOTE, LONG_RUN};

/// What a row can share, as sorted numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Promise {
    /// Its words.
    words: Vec<u32>,
    /// Its words two by two.
    twos: Vec<u32>,
    /// Its runs as long as those that make a pair by themselves. How many of their words are stop words is not asked:
    /// a longer run may have enough that are none where no part of it has.
    telling: Vec<u32>,
}

impl Promise {
    /// What the words of a row promise.
    pub(super) fn new(tokens: &[Token]) -> Self {
        // Half of a key: what is equal stays equal, and what few are not cost an alignment.
        let mut words: Vec<u32> = tokens.iter().map(|token| (token.key >> 32) as u32).collect();
        words.sort_unstable();
        let mut twos: Vec<u32> = tokens.windows(2).map(|two| key(0, two)).collect();
        twos.sort_unstable();
        let mut telling: Vec<u32> = tokens.windows(LONG_RUN.0).map(|run| key(0, run)).collect();
        let quoted = tokens.windows(LONG_QUOTE.0).filter(|run| run.iter().all(|token| token.quoted));
        telling.extend(quoted.map(|run| key(1, run)));
        telling.sort_unstable();
        Self { words, twos, telling }
    }

    /// Whether two rows may be graded by their wording, or share a run that tells.
    pub(super) fn with(&self, other: &Self) -> bool {
        let least = LEAST_SHARE * self.words.len().min(other.words.len()) as f32;
        // What is graded lies in runs of two words or more, and a run of two is one two, a longer one more than half as many
        // as it has words.
        common(&self.twos, &other.twos) as f32 >= least / 2.0 && common(&self.words, &other.words) as f32 >= least
            || common(&self.telling, &other.telling) > 0
    }
}

fn key(kind: u8, run: &[Token]) -> u32 {
    let mut hasher = FxHasher::default();
    kind.hash(&mut hasher);
    run.iter().for_each(|token| token.key.hash(&mut hasher));
    (hasher.finish() >> 32) as u32
}

/// Numbers two ascending lists have in common, each as often as both have it.
fn common(left: &[u32], right: &[u32]) -> usize {
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

    #[test]
    fn a_quotation_that_tells_only_as_a_whole_is_not_lost() {
        // Two words that are not stop words, and never both among four in a row.
        let left = tokens("He said of it all, at length and to whoever asked: “chips of the and to banks” again.");
        let right = tokens("“Chips of the and to banks”, she wrote; nobody knew why, when or where it was.");
        assert!(!telling_places(&align(&left, &right)).is_empty());
        assert!(Promise::new(&left).with(&Promise::new(&right)));
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
