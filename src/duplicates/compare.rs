//! Pairs of texts that the caller names: how alike they are, and what that makes them.
//!
//! In: pairs of texts and a vector a text. Out: for each pair its likeness, the probability that both say the same, and
//! a verdict. For measuring against labels; a run over a collection finds its own pairs. Not here: candidates (`candidates`).

use jiff::civil::Date;
use rayon::prelude::*;

use super::DuplicatesError;
use super::align::{Alignment, Token, align, tokens};
use super::facts::{Facts, differences};
use super::grade::by_wording;
use super::judge::{self, Said};
use super::material::Likeness;
use super::statements::LEAST_WORDS;
use super::stems::singular_acronyms;
use crate::coverage::{Difference, Grade, Side};
use crate::neighbours::wording::{TermVector, Wording};
use crate::vectors::UnitRows;

/// From this probability on, texts in other words say the same: the cut of best F1 on MRPC, the labelled set of news sentences
/// (docs/judge.md).
pub const PARAPHRASE: f32 = 0.36;
/// From this probability on, they are about the same subject at least: 98 of 100 pairs that say the same lie above.
pub const SUBJECT: f32 = 0.1;

/// What two texts are to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Near-duplicates of a grade; for containment, with the side that holds the other.
    Same(Grade, Option<Side>),
    /// About one subject, and no near-duplicates.
    SameSubject,
    /// Neither.
    Apart,
}

/// How two texts compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Cosine of their vectors.
    pub cosine: f32,
    /// Cosine of their TF-IDF vectors; the weights are those of all texts given.
    pub wording: f32,
    /// The probability, 0 to 1, that both say the same.
    pub probability: f32,
    /// What that and the alignment make them.
    pub verdict: Verdict,
    /// The facts they give differently, in the order of the left one. Of texts that say other things there are none that
    /// mean anything.
    pub differences: Vec<Difference>,
    /// What the probability was computed from, in the order of [`feature_names`].
    pub features: Vec<f32>,
}

/// Two texts to compare.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// One.
    pub left: &'a str,
    /// The other.
    pub right: &'a str,
    /// The days they were published, as far as known: by them "yesterday" is a date.
    pub dates: [Option<Date>; 2],
}

/// Compares pairs of texts. `vectors` has shape `(2 * n_pairs, dim)`: the left text of pair `i` in row `2 * i`, the
/// right one in the next. In the order of the pairs.
///
/// # Errors
/// [`DuplicatesError::RowVectors`] unless there are two vectors a pair.
pub fn compare_texts(pairs: &[Texts], vectors: &UnitRows) -> Result<Vec<Comparison>, DuplicatesError> {
    let rows = 2 * pairs.len();
    if vectors.len() != rows {
        return Err(DuplicatesError::RowVectors { vectors: vectors.len(), rows });
    }
    let texts: Vec<_> = pairs.iter().flat_map(|pair| [pair.left, pair.right]).map(singular_acronyms).collect();
    let wording = Wording::learn(texts.iter().map(AsRef::as_ref));
    let compared = pairs.par_iter().enumerate().map(|(at, pair)| {
        let cosine = vectors.cosine(2 * at, 2 * at + 1);
        let sides = [(pair.left, pair.dates[0]), (pair.right, pair.dates[1])];
        compare(sides.map(|(text, date)| Text::new(text, date, &wording)), cosine)
    });
    Ok(compared.collect())
}

/// What two texts of which the cosine is known are to one another, and the facts that they give differently: none where they
/// are [`Verdict::Apart`]. As [`compare_texts`] of that pair alone, at a part of its cost.
pub fn compare_two(texts: Texts, cosine: f32) -> (Verdict, Vec<Difference>) {
    let plain = [texts.left, texts.right].map(singular_acronyms);
    let wording = Wording::learn(plain.iter().map(AsRef::as_ref));
    let [left, right] =
        [(0, texts.left), (1, texts.right)].map(|(side, text)| Words::new(text, &plain[side], &wording));
    let alignment = align(&left.tokens, &right.tokens);
    let likeness = Likeness { cosine, wording: left.terms.cosine(&right.terms) };
    let verdict = verdict(by_wording(&alignment), probability(&left, &right, likeness, &alignment));
    if verdict == Verdict::Apart {
        return (verdict, Vec::new());
    }
    let facts = [Facts::of(texts.left, texts.dates[0]), Facts::of(texts.right, texts.dates[1])];
    (verdict, differences(&facts[0], &facts[1], &alignment))
}

/// The names of [`Comparison::features`].
pub fn feature_names() -> &'static [&'static str] {
    &judge::NAMES
}

/// A text as its words are compared.
struct Words {
    tokens: Vec<Token>,
    terms: TermVector,
    said: Said,
}

impl Words {
    /// `plain` is the text with [`singular_acronyms`].
    fn new(written: &str, plain: &str, wording: &Wording) -> Self {
        Self { tokens: tokens(written), terms: wording.vector(plain), said: Said::new(plain, wording) }
    }
}

/// A text with all that comparing it needs.
struct Text {
    words: Words,
    facts: Facts,
}

impl Text {
    fn new(written: &str, date: Option<Date>, wording: &Wording) -> Self {
        let words = Words::new(written, &singular_acronyms(written), wording);
        Self { words, facts: Facts::of(written, date) }
    }
}

fn compare([left, right]: [Text; 2], cosine: f32) -> Comparison {
    let (Text { words: left, facts: left_facts }, Text { words: right, facts: right_facts }) = (left, right);
    let likeness = Likeness { cosine, wording: left.terms.cosine(&right.terms) };
    let alignment = align(&left.tokens, &right.tokens);
    let probability = probability(&left, &right, likeness, &alignment);
    let verdict = verdict(by_wording(&alignment), probability);
    let differences = differences(&left_facts, &right_facts, &alignment);
    let features = judge::features(&left.said, &right.said, likeness).to_vec();
    Comparison { cosine, wording: likeness.wording, probability, verdict, differences, features }
}

fn probability(left: &Words, right: &Words, likeness: Likeness, alignment: &Alignment) -> f32 {
    // A word or two say too little to be judged: they are the same or they are not.
    match alignment.shorter() < LEAST_WORDS {
        true => f32::from(u8::from(alignment.is_same() && alignment.longer() > 0)),
        false => judge::probability(&left.said, &right.said, likeness),
    }
}

fn verdict(by_wording: Option<(Grade, Option<Side>)>, probability: f32) -> Verdict {
    match by_wording {
        Some((grade, container)) => Verdict::Same(grade, container),
        None if probability >= PARAPHRASE => Verdict::Same(Grade::Paraphrase, None),
        None if probability >= SUBJECT => Verdict::SameSubject,
        None => Verdict::Apart,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    const LEAD: &str = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday";
    const OTHER: &str = "Fishermen on the northern coast fear a winter without any cod at all";

    fn pair(left: &'static str, right: &'static str) -> Texts<'static> {
        Texts { left, right, dates: [None; 2] }
    }

    fn unit(rows: usize) -> UnitRows {
        UnitRows::new(Array2::from_shape_fn((rows, 2), |(_, column)| if column == 0 { 1.0 } else { 0.0 })).unwrap()
    }

    #[test]
    fn wording_settles_the_grade_before_the_probability_does() {
        let compared = compare_texts(&[pair(LEAD, LEAD), pair(LEAD, OTHER)], &unit(4)).unwrap();
        assert_eq!(compared[0].verdict, Verdict::Same(Grade::Verbatim, None));
        assert!(compared[0].probability > compared[1].probability);
        assert_eq!(compared[0].features.len(), feature_names().len());
    }

    #[test]
    fn two_compare_as_pairs_do() {
        let other = "OpenAI signed a seven-year deal with Amazon worth 40 billion dollars on Monday";
        for (right, cosine) in [(LEAD, 1.0), (other, 0.98), (OTHER, 0.0), ("Monday", 0.3)] {
            let (verdict, found) = compare_two(pair(LEAD, right), cosine);
            let rows = Array2::from_shape_vec((2, 2), vec![1.0, 0.0, cosine, (1.0 - cosine * cosine).sqrt()]).unwrap();
            let known = compare_texts(&[pair(LEAD, right)], &UnitRows::new(rows).unwrap()).unwrap().remove(0);
            let differences = if verdict == Verdict::Apart { Vec::new() } else { known.differences };
            assert_eq!((verdict, found), (known.verdict, differences));
        }
    }

    #[test]
    fn bounds_part_paraphrase_subject_and_neither() {
        assert_eq!(verdict(None, PARAPHRASE), Verdict::Same(Grade::Paraphrase, None));
        assert_eq!(verdict(None, SUBJECT), Verdict::SameSubject);
        assert_eq!(verdict(None, 0.0), Verdict::Apart);
    }

    #[test]
    fn a_vector_too_few_is_refused() {
        let refused = compare_texts(&[pair(LEAD, OTHER)], &unit(1));
        assert_eq!(refused, Err(DuplicatesError::RowVectors { vectors: 1, rows: 2 }));
    }
}
