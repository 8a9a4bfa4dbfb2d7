//! The best rows for a question: by meaning, by words, or by the sum of both.
//!
//! [`search_plain`] is the definition: cosine, plus the share of the BM25 that any text could have for the question. Neither
//! part is tuned: 1 is the most that either can be. [`search`] gives the same to the bit, scanning vectors rounded to 8 bits
//! where it is given some. Ties go to the lower row. Not here: BM25 (`lexicon`).

use ndarray::ArrayView1;
use rayon::prelude::*;

use super::compact::{Asked, Compact};
use super::lexicon::Weights;
use crate::nearest::{Mode, Scored};
use crate::vectors::UnitRows;

/// Rows that one thread scans at once.
const CHUNK: usize = 4_096;

/// Which rows may answer: all, or those marked, one mark a row.
pub type Allowed<'a> = Option<&'a [bool]>;

/// A question, ready to be looked up.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What is looked for by.
    pub mode: Mode,
    /// Its unit vector; read where the mode is by meaning.
    pub vector: &'a [f32],
    /// What its words weigh in which rows; read where the mode is by words.
    pub weights: &'a Weights,
    /// How many rows are wanted.
    pub k: usize,
}

impl Question<'_> {
    /// How a row scores; none where nothing speaks for it.
    pub fn score(&self, rows: &UnitRows, row: usize) -> Option<Scored> {
        let cosine = self.mode.by_meaning().then(|| rows.row(row).dot(&ArrayView1::from(self.vector)));
        self.joined(row, cosine)
    }

    fn joined(&self, row: usize, cosine: Option<f32>) -> Option<Scored> {
        let words = self.mode.by_words().then(|| self.weights.of(row));
        let share = words.map_or(0.0, |words| words.share);
        // What shares no word is no answer by words.
        let speaks = cosine.is_some() || share > 0.0;
        speaks.then(|| Scored { row, score: cosine.unwrap_or(0.0) + share, cosine, words })
    }
}

/// The definition: every row scored, the best `k` first.
pub fn search_plain(question: &Question, rows: &UnitRows, allowed: Allowed) -> Vec<Scored> {
    let may = |row: &usize| allowed.is_none_or(|allowed| allowed[*row]);
    best((0..rows.len()).filter(may).filter_map(|row| question.score(rows, row)).collect(), question.k)
}

/// [`search_plain`], fast. `compact` is made of `rows`; without it the rows themselves are scanned.
pub fn search(question: &Question, rows: &UnitRows, compact: Option<&Compact>, allowed: Allowed) -> Vec<Scored> {
    search_each(&[(*question, allowed)], rows, compact).pop().unwrap_or_default()
}

/// [`search`] of several questions, each among the rows allowed to it: what is scanned is read once for all of them.
pub(super) fn search_each(
    asked: &[(Question, Allowed)],
    rows: &UnitRows,
    compact: Option<&Compact>,
) -> Vec<Vec<Scored>> {
    let scans: Vec<Scan> = asked
        .iter()
        .map(|(question, allowed)| Scan {
            question,
            rows,
            compact,
            asked: Asked::of(question.vector),
            allowed: *allowed,
        })
        .collect();
    let firsts: Vec<usize> = (0..rows.len()).step_by(CHUNK).collect();
    let parts: Vec<Vec<Part>> =
        firsts.into_par_iter().map(|first| scans.iter().map(|scan| scan.part(first)).collect()).collect();
    scans
        .iter()
        .enumerate()
        .map(|(at, scan)| scan.best(&parts.iter().map(|parts| &parts[at]).collect::<Vec<_>>()))
        .collect()
}

/// [`search`] by words alone, which needs no vectors.
pub(super) fn by_words(question: &Question, allowed: Allowed) -> Vec<Scored> {
    let may = |row: &usize| allowed.is_none_or(|allowed| allowed[*row]);
    best(question.weights.rows().filter(may).filter_map(|row| question.joined(row, None)).collect(), question.k)
}

/// Best first, ties by row, at most `k`.
pub(super) fn best(mut found: Vec<Scored>, k: usize) -> Vec<Scored> {
    let order = |a: &Scored, b: &Scored| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row));
    if found.len() > k && k > 0 {
        found.select_nth_unstable_by(k - 1, order);
    }
    found.truncate(k);
    found.sort_by(order);
    found
}

struct Scan<'a> {
    question: &'a Question<'a>,
    rows: &'a UnitRows,
    compact: Option<&'a Compact>,
    asked: Asked,
    allowed: Allowed<'a>,
}

/// Scores of some rows in a row, and the best lower bounds among them.
struct Part {
    first: usize,
    scores: Vec<f32>,
    lower: Vec<f32>,
}

impl Scan<'_> {
    /// Whether there is nothing to be scanned for.
    fn is_idle(&self) -> bool {
        self.question.k == 0 || !self.question.mode.by_meaning()
    }

    fn best(&self, parts: &[&Part]) -> Vec<Scored> {
        let k = self.question.k;
        if self.is_idle() {
            return if k == 0 { Vec::new() } else { by_words(self.question, self.allowed) };
        }
        let mut lower = Least::new(k);
        parts.iter().flat_map(|part| &part.lower).for_each(|&bound| lower.offer(bound));
        let least = lower.least();
        best(parts.par_iter().flat_map_iter(|part| self.rescored(part, least)).collect(), k)
    }

    fn part(&self, first: usize) -> Part {
        if self.is_idle() {
            return Part { first, scores: Vec::new(), lower: Vec::new() };
        }
        let mut scores = vec![0.0; CHUNK.min(self.rows.len() - first)];
        self.cosines(first, &mut scores);
        if self.question.mode.by_words() {
            self.question.weights.add_shares(first, &mut scores);
        }
        if let Some(allowed) = self.allowed {
            let allowed = &allowed[first..first + scores.len()];
            scores
                .iter_mut()
                .zip(allowed)
                .filter(|(_, allowed)| !**allowed)
                .for_each(|(score, _)| *score = f32::NEG_INFINITY);
        }
        let mut lower = Least::new(self.question.k);
        scores.iter().enumerate().for_each(|(at, score)| lower.offer(score - self.error(first + at)));
        Part { first, scores, lower: lower.kept }
    }

    fn cosines(&self, first: usize, into: &mut [f32]) {
        match self.compact {
            Some(compact) => compact.cosines(&self.asked, first, into),
            None => {
                let question = ArrayView1::from(self.question.vector);
                for (at, cosine) in into.iter_mut().enumerate() {
                    *cosine = self.rows.row(first + at).dot(&question);
                }
            }
        }
    }

    fn error(&self, row: usize) -> f32 {
        self.compact.map_or(0.0, |compact| compact.error(row, &self.asked))
    }

    /// Rows that can be among the best, scored in full.
    fn rescored(&self, part: &Part, least: f32) -> impl Iterator<Item = Scored> {
        let may = move |(at, score): &(usize, &f32)| {
            **score > f32::NEG_INFINITY && **score + self.error(part.first + at) >= least
        };
        part.scores.iter().enumerate().filter(may).filter_map(|(at, _)| self.question.score(self.rows, part.first + at))
    }
}

/// The `k` greatest numbers of those offered.
pub(super) struct Least {
    k: usize,
    kept: Vec<f32>,
    bar: f32,
}

impl Least {
    pub(super) fn new(k: usize) -> Self {
        Self { k, kept: Vec::new(), bar: f32::NEG_INFINITY }
    }

    pub(super) fn offer(&mut self, number: f32) {
        if number > self.bar {
            self.kept.push(number);
            if self.kept.len() >= 2 * self.k.max(32) {
                self.shrink();
            }
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() >= self.k {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
            self.kept.truncate(self.k);
            self.bar = self.kept[self.k - 1];
        }
    }

    /// The `k`-th greatest; where fewer were offered, what every number reaches.
    pub(super) fn least(mut self) -> f32 {
        self.shrink();
        self.bar
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    /// Unit rows, many of them near one another.
    fn rows(seed: u64, n: usize) -> UnitRows {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        let mut rows = Array2::from_shape_fn((n, 24), |_| 0.02 * next());
        rows.rows_mut().into_iter().enumerate().for_each(|(at, mut row)| row[at % 5] += 1.0);
        UnitRows::normalized(rows).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_fast_way_gives_the_definition_s_answer_to_the_bit(
            seed in 0_u64..1_000, n in 0_usize..9_000, k in 0_usize..40, mode in 0_usize..3, every in 1_usize..4
        ) {
            let rows = rows(seed, n);
            let vector = if n > 0 { rows.row(seed as usize % n).to_vec() } else { vec![0.0; 24] };
            let weights = Weights::new((0..n).step_by(7).map(|row| (row as u32, (row % 11) as f32)).collect(), 20.0);
            let question = Question { mode: Mode::ALL[mode], vector: &vector, weights: &weights, k };
            let marks: Vec<bool> = (0..n).map(|row| row % every == 0).collect();
            let compact = Compact::of(&rows);
            for allowed in [None, Some(marks.as_slice())] {
                let plain = search_plain(&question, &rows, allowed);
                prop_assert_eq!(&search(&question, &rows, None, allowed), &plain);
                prop_assert_eq!(&search(&question, &rows, Some(&compact), allowed), &plain);
                let each = search_each(&[(question, allowed), (question, None)], &rows, Some(&compact));
                prop_assert_eq!(each, [plain, search_plain(&question, &rows, None)]);
            }
        }
    }

    #[test]
    fn ties_go_to_the_lower_row_and_words_alone_need_a_word() {
        let same = UnitRows::normalized(Array2::ones((6, 3))).unwrap();
        let vector = same.row(0).to_vec();
        let weights = Weights::new(vec![(4, 1.0), (5, 1.0)], 2.0);
        let picked = |mode, k| {
            let question = Question { mode, vector: &vector, weights: &weights, k };
            search(&question, &same, Some(&Compact::of(&same)), None).iter().map(|hit| hit.row).collect::<Vec<_>>()
        };
        assert_eq!(picked(Mode::Semantic, 3), [0, 1, 2]);
        assert_eq!(picked(Mode::Hybrid, 3), [4, 5, 0]);
        assert_eq!(picked(Mode::Lexical, 3), [4, 5]);
    }
}
