//! The threshold: how alike two statements must be to say the same thing, measured on the run itself.
//!
//! What a likeness means differs by model and corpus. So the likeness of statements of *neighbouring*
//! paragraphs that share no wording is sampled: the same stories, nearly always other statements. Median
//! plus [`Z`] spreads is the threshold, held between two bounds measured on labelled public pairs.

use rayon::prelude::*;

use super::DuplicatesError;
use super::candidates::Candidates;
use super::material::Material;
use super::shingles::wording_keys;
use crate::background::Background;
use crate::collection::Collection;
use crate::coverage::{Threshold, ThresholdSource};

/// Spreads above the median. A normal background exceeds it once in a thousand pairs; on five articles
/// about one deal, every statement pair above it read as the same statement, and from half a
/// spread below it hardly any did.
const Z: f32 = 3.0;
/// No pair below this is called a paraphrase: 99 % of the pairs labelled paraphrase in MRPC (Dolan &
/// Brockett 2005; 812 of a sample of 1,200 training pairs, all-MiniLM-L6-v2, IDF of the sample) lie above.
pub(super) const FLOOR: f32 = 0.9;
/// A pair above this is one whatever the background: 99 % of the pairs of the PAN paraphrase corpus
/// that are labelled as none (594 of a sample of 1,200, measured likewise) lie below.
const CEILING: f32 = 1.3;
/// Where too few pairs exist to measure anything: midway between the bounds.
pub(super) const UNMEASURED: f32 = (FLOOR + CEILING) / 2.0;
/// Fewer pairs than this have no spread worth the name.
const LEAST_PAIRS: usize = 30;
/// Pairs measured at most: the threshold of as many more differs by some thousandths, and each has to be embedded.
const MOST_PAIRS: usize = 20_000;
/// The largest likeness: cosine and wording are 1 at most.
const LARGEST: f32 = 2.0;
/// Bars of the histogram, from 0 to the largest.
const BINS: usize = 20;

/// Refuses a threshold no likeness can be compared with.
pub(super) fn check(given: Option<f32>) -> Result<(), DuplicatesError> {
    match given {
        Some(value) if !(value > 0.0 && value <= LARGEST) => Err(DuplicatesError::Threshold(value)),
        _ => Ok(()),
    }
}

/// Measures the background and sets the threshold; the pairs beside it are not known yet.
pub(super) fn threshold(material: &Material, given: Option<f32>) -> Threshold {
    let sample = sample(material);
    let (sampled, histogram) = (sample.len(), histogram(&sample));
    let background = Background::measure(sample).unwrap_or(Background { median: 0.0, spread: 0.0 });
    let (value, source) = match given {
        Some(value) => (value, ThresholdSource::Given),
        None => placed(background, sampled),
    };
    let Background { median, spread } = background;
    Threshold { value, source, background: median, spread, sampled, histogram, above: Vec::new(), below: Vec::new() }
}

/// How many there are in each tenth of a point, from 0 on.
fn histogram(sample: &[f32]) -> Vec<usize> {
    let mut counts = vec![0; BINS];
    for likeness in sample {
        counts[((likeness.max(0.0) / LARGEST * BINS as f32) as usize).min(BINS - 1)] += 1;
    }
    counts
}

fn placed(background: Background, sampled: usize) -> (f32, ThresholdSource) {
    match background.above(Z) {
        _ if sampled < LEAST_PAIRS => (UNMEASURED, ThresholdSource::Default),
        low if low < FLOOR => (FLOOR, ThresholdSource::Floor),
        high if high > CEILING => (CEILING, ThresholdSource::Ceiling),
        value => (value, ThresholdSource::Measured),
    }
}

/// Likeness of the statement pairs sampled.
fn sample(material: &Material) -> Vec<f32> {
    let pairs = sampled(material.candidates(), material.collection());
    pairs.into_par_iter().map(|(i, j)| material.of_statements(i, j).sum()).collect()
}

/// The statement pairs by which the background is measured: those of neighbours, or where they are few, of any outlets.
/// None shares wording: copies are what is looked for.
pub(super) fn sampled(candidates: &Candidates, collection: &Collection) -> Vec<(usize, usize)> {
    let near = strangers(neighbouring(candidates), candidates, collection);
    if near.len() < LEAST_PAIRS { strangers(anywhere(candidates, collection), candidates, collection) } else { near }
}

/// The pairs without those that share wording. A wire story in hundreds of outlets makes few candidates that are known
/// to (`shingles`), so the statements themselves are asked.
fn strangers(mut pairs: Vec<(usize, usize)>, candidates: &Candidates, collection: &Collection) -> Vec<(usize, usize)> {
    let mut asked: Vec<usize> = pairs.iter().flat_map(|&(i, j)| [i, j]).collect();
    asked.sort_unstable();
    asked.dedup();
    let texts: Vec<&str> = asked.iter().map(|&statement| candidates.statement_text(collection, statement)).collect();
    let keys = wording_keys(&texts);
    let of = |statement: usize| asked.binary_search(&statement).map_or(&[][..], |at| keys[at].as_slice());
    pairs.retain(|&(i, j)| !of(i).iter().any(|key| of(j).binary_search(key).is_ok()));
    pairs
}

/// Statement pairs of neighbouring rows that share no wording, every so many.
fn neighbouring(candidates: &Candidates) -> Vec<(usize, usize)> {
    let pairs = || {
        let strangers = candidates.pairs().iter().filter(|pair| pair.near && !pair.shares_wording);
        strangers.flat_map(|pair| {
            let right = candidates.statements_of(pair.right);
            candidates.statements_of(pair.left).flat_map(move |i| right.clone().map(move |j| (i, j)))
        })
    };
    let stride = pairs().count().div_ceil(MOST_PAIRS).max(1);
    pairs().step_by(stride).collect()
}

/// Statement pairs of different outlets, at evenly spaced distances in the list of statements, but for those of rows
/// that are compared because they share wording.
fn anywhere(candidates: &Candidates, collection: &Collection) -> Vec<(usize, usize)> {
    let statements = candidates.statements();
    let row = |statement: usize| statements[statement].row;
    let unrelated = |&(i, j): &(usize, usize)| {
        let (left, right) = (row(i), row(j));
        let known = candidates.pairs().binary_search_by_key(&(left, right), |pair| (pair.left, pair.right));
        let worded = known.is_ok_and(|at| candidates.pairs()[at].shares_wording);
        collection.outlet_of(left) != collection.outlet_of(right) && !worded
    };
    let count = statements.len();
    let starts = count.div_ceil(MOST_PAIRS).max(1);
    let gaps = (count / starts * count).div_ceil(2 * MOST_PAIRS).max(1);
    let pairs = (1..count).step_by(gaps).flat_map(|gap| (0..count - gap).step_by(starts).map(move |i| (i, i + gap)));
    pairs.filter(unrelated).take(MOST_PAIRS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::candidates::candidates;
    use super::super::fixture::{all_pairs, bags, collection};
    use super::super::{Options, find};
    use super::*;

    /// The threshold of some rows, one outlet each, all of them near one another or none.
    fn measured(texts: &[&str], near: bool) -> Threshold {
        let rows: Vec<(u32, &str)> = (0..).zip(texts.iter().copied()).collect();
        let collection = collection(&rows);
        let near = if near { all_pairs(rows.len()) } else { Vec::new() };
        let candidates = candidates(&collection, &near).unwrap();
        let (vectors, statements) = (bags(texts.iter().copied()), bags(candidates.texts(&collection)));
        find(&collection, &vectors, &candidates, &statements, &Options::default()).unwrap().threshold
    }

    const COPY: &str = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday.";

    #[test]
    fn copies_are_no_background() {
        for outlets in [2, 40, 100] {
            for near in [false, true] {
                let found = measured(&vec![COPY; outlets], near);
                assert_eq!((found.sampled, found.value, found.source), (0, UNMEASURED, ThresholdSource::Default));
            }
        }
    }

    #[test]
    fn copies_of_few_words_are_no_background_either() {
        assert_eq!(measured(&["It was so."; 40], true).sampled, 0);
        assert_eq!(measured(&["Chips fell."; 40], true).sampled, 0);
    }

    #[test]
    fn what_shares_no_wording_is_the_background_among_copies() {
        let others: Vec<String> = (0..12).map(|at| format!("Word{at} noun{at} verb{at} thing{at}.")).collect();
        let texts: Vec<&str> = others.iter().map(String::as_str).chain([COPY; 12]).collect();
        let found = measured(&texts, true);
        // Twelve others among themselves and with each copy; no copy with a copy.
        assert_eq!(found.sampled, 12 * 11 / 2 + 12 * 12);
        assert!(found.background < 0.5, "{}", found.background);
    }

    #[test]
    fn the_background_is_held_between_the_bounds() {
        let around = |median, spread| Background { median, spread };
        assert_eq!(placed(around(0.1, 0.1), 1000), (FLOOR, ThresholdSource::Floor));
        assert_eq!(placed(around(0.5, 0.2), 1000), (0.5 + Z * 0.2, ThresholdSource::Measured));
        assert_eq!(placed(around(1.5, 0.3), 1000), (CEILING, ThresholdSource::Ceiling));
        assert_eq!(placed(around(0.5, 0.2), 29), (UNMEASURED, ThresholdSource::Default));
    }

    #[test]
    fn only_a_likeness_is_a_threshold() {
        for value in [0.0, -1.0, 2.1, f32::NAN, f32::INFINITY] {
            assert!(matches!(check(Some(value)), Err(DuplicatesError::Threshold(_))), "{value}");
        }
        assert_eq!(check(Some(1.1)), Ok(()));
        assert_eq!(check(None), Ok(()));
    }
}
