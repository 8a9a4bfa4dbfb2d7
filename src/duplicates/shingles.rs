//! Paragraph pairs by shared wording: rows of two outlets that have three content words in a row alike.
//!
//! A shingle is the stems of three consecutive words that are not stop words, so that inflection and
//! small words between them do not hide a copy. A trimmed or reworded paragraph is found by them even
//! where its embedding is far away. Not here: how alike the rows are (`pairs`).
//! Cost: sorting one `(u64, u32)` a shingle; shingles of at most [`COMMON`] rows give every pair of them, others
//! [`LINKS`] a row at most.

use std::hash::{Hash, Hasher};

use rayon::prelude::*;
use rustc_hash::FxHasher;

use super::stems::StemKeys;
use crate::article::OutletId;

/// Content words in a shingle. Four would miss "requires massive, reliable compute" in "demands
/// massive, reliable compute"; two is any name.
const WORDS: usize = 3;
/// Rows a shingle may stand in and still pair all of them: 48 rows make at most 1,128 pairs.
const COMMON: usize = 48;
/// A commoner shingle (a name with its title, a wire story in hundreds of outlets) links each row to
/// the next this many of other outlets, so that copies stay connected and cost stays linear.
const LINKS: usize = 4;
/// Texts of which the words are remembered: enough that most words come again.
const CHUNK: usize = 4_096;

/// Pairs `(row, row)`, lower row first, ascending, of different outlets that share a shingle.
///
/// `texts[row]` was published by `outlets[row]`.
pub(super) fn pairs_by_wording(texts: &[&str], outlets: &[OutletId]) -> Vec<(usize, usize)> {
    let mut entries = entries(texts);
    entries.par_sort_unstable();
    // A lower row's number before a higher one's, so that sorting the numbers sorts the pairs.
    let mut pairs: Vec<u64> = entries
        .par_chunk_by(|a, b| a.0 == b.0)
        .fold(Vec::new, |mut pairs, rows| {
            link(rows, outlets, &mut pairs);
            pairs
        })
        .flatten()
        .collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|pair| ((pair >> 32) as usize, (pair & u64::from(u32::MAX)) as usize)).collect()
}

/// Each shingle with each row that has it.
fn entries(texts: &[&str]) -> Vec<(u64, u32)> {
    let of_chunk = |(chunk, texts): (usize, &[&str])| {
        let mut stems = StemKeys::new();
        let mut found = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            let row = (chunk * CHUNK + at) as u32;
            found.extend(shingles(&stems.of(text)).into_iter().map(|key| (key, row)));
        }
        found
    };
    let found: Vec<Vec<(u64, u32)>> = texts.par_chunks(CHUNK).enumerate().map(of_chunk).collect();
    found.concat()
}

/// Pairs each row of one shingle with the next rows of other outlets, a whole run of its own outlet's passed over at once.
fn link(rows: &[(u64, u32)], outlets: &[OutletId], pairs: &mut Vec<u64>) {
    let reach = if rows.len() <= COMMON { COMMON } else { LINKS };
    let ends = run_ends(rows, outlets);
    for (at, &(_, left)) in rows.iter().enumerate() {
        let (mut next, mut left_to_find) = (ends[at], reach);
        while next < rows.len() && left_to_find > 0 {
            let right = rows[next].1;
            if outlets[right as usize] == outlets[left as usize] {
                next = ends[next];
            } else {
                pairs.push(u64::from(left) << 32 | u64::from(right));
                (next, left_to_find) = (next + 1, left_to_find - 1);
            }
        }
    }
}

/// For each row, where the run of rows of its outlet ends.
fn run_ends(rows: &[(u64, u32)], outlets: &[OutletId]) -> Vec<usize> {
    let outlet = |entry: &(u64, u32)| outlets[entry.1 as usize];
    let mut ends = Vec::with_capacity(rows.len());
    for run in rows.chunk_by(|a, b| outlet(a) == outlet(b)) {
        ends.resize(ends.len() + run.len(), ends.len() + run.len());
    }
    ends
}

/// Keys of the distinct shingles of each text, ascending; of a text too short for one, the key of all its words.
pub(super) fn wording_keys(texts: &[&str]) -> Vec<Vec<u64>> {
    let of_chunk = |texts: &[&str]| {
        let mut stems = StemKeys::new();
        let keys = |text: &&str| match stems.of(text) {
            few if few.len() < WORDS => vec![key(&few)],
            stems => shingles(&stems),
        };
        texts.iter().map(keys).collect::<Vec<_>>()
    };
    texts.par_chunks(CHUNK).map(of_chunk).collect::<Vec<_>>().concat()
}

/// Keys of the distinct shingles of a text, ascending.
fn shingles(stems: &[u64]) -> Vec<u64> {
    let mut keys: Vec<u64> = stems.windows(WORDS).map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(stems: &[u64]) -> u64 {
    let mut hasher = FxHasher::default();
    stems.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::stems::content_stems;
    use super::*;

    /// The definition, in so many words: every pair of rows, every pair of their shingles.
    fn plain(texts: &[&str], outlets: &[OutletId]) -> Vec<(usize, usize)> {
        let stems: Vec<Vec<String>> = texts.iter().map(|text| content_stems(text)).collect();
        let share = |a: usize, b: usize| stems[a].windows(WORDS).any(|x| stems[b].windows(WORDS).any(|y| x == y));
        let all = (0..texts.len()).flat_map(|a| (a + 1..texts.len()).map(move |b| (a, b)));
        all.filter(|&(a, b)| outlets[a] != outlets[b] && share(a, b)).collect()
    }

    #[test]
    fn inflection_and_small_words_hide_no_copy() {
        let texts = ["Scaling the frontier models requires compute", "to scale frontier model: that required it"];
        assert_eq!(pairs_by_wording(&texts, &[OutletId(0), OutletId(1)]), [(0, 1)]);
        assert_eq!(pairs_by_wording(&texts, &[OutletId(1), OutletId(1)]), []);
    }

    #[test]
    fn a_story_in_hundreds_of_outlets_stays_connected_and_linear() {
        let texts = vec!["Amazon signed OpenAI yesterday"; 300];
        let outlets: Vec<OutletId> = (0..300).map(OutletId).collect();
        let pairs = pairs_by_wording(&texts, &outlets);
        assert!(pairs.len() <= 300 * LINKS);
        assert!((0..299).all(|row| pairs.contains(&(row, row + 1))));
    }

    /// The links of one shingle's rows, in so many words.
    fn plain_links(rows: &[(u64, u32)], outlets: &[OutletId]) -> Vec<u64> {
        let reach = if rows.len() <= COMMON { COMMON } else { LINKS };
        let of = |at: usize| {
            let left = rows[at].1;
            let others =
                rows[at + 1..].iter().filter(move |(_, right)| outlets[*right as usize] != outlets[left as usize]);
            others.take(reach).map(move |&(_, right)| u64::from(left) << 32 | u64::from(right))
        };
        (0..rows.len()).flat_map(of).collect()
    }

    #[test]
    fn one_outlet_of_forty_thousand_rows_is_passed_over_at_once() {
        let texts = vec!["Amazon signed OpenAI yesterday"; 40_003];
        let outlets: Vec<OutletId> = (0..40_003).map(|row| OutletId(u32::from(row >= 40_000))).collect();
        let pairs = pairs_by_wording(&texts, &outlets);
        assert_eq!(pairs.len(), 3 * 40_000);
        assert!(pairs.iter().all(|&(left, right)| left < 40_000 && right >= 40_000));
        assert_eq!(pairs_by_wording(&texts[..40_000], &outlets[..40_000]), []);
    }

    proptest! {
        #[test]
        fn links_pass_over_runs_as_the_definition_does(outlets in proptest::collection::vec(0_u32..3, 0..120)) {
            let rows: Vec<(u64, u32)> = (0..outlets.len() as u32).map(|row| (7, row)).collect();
            let outlets: Vec<OutletId> = outlets.into_iter().map(|outlet| OutletId(outlet / 2)).collect();
            let mut pairs = Vec::new();
            link(&rows, &outlets, &mut pairs);
            prop_assert_eq!(pairs, plain_links(&rows, &outlets));
        }

        #[test]
        fn the_index_finds_what_the_definition_says(rows in proptest::collection::vec(("[a-d]{2}( [a-d]{2}){0,12}", 0_u32..3), 0..12)) {
            let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).collect();
            let outlets: Vec<OutletId> = rows.iter().map(|(_, outlet)| OutletId(*outlet)).collect();
            prop_assert_eq!(pairs_by_wording(&texts, &outlets), plain(&texts, &outlets));
        }
    }
}
