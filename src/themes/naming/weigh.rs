//! Weights: how well a term tells a group of paragraphs from the rest.
//!
//! A term's weight is its contribution to the divergence of the group's paragraphs from the others (Kullback and
//! Leibler 1951), `p ln(p / q)`, `p` and `q` the shares of paragraphs inside and outside that hold it: class-based
//! TF-IDF (Grootendorst 2022, eq. 3) of paragraphs in place of words, so that one paragraph that repeats a word does
//! not name its theme. Paragraphs that fit best count most. Not here: which terms are shown (`choose`).

use rayon::prelude::*;

use super::terms::{Candidate, Index, Stems, candidates};
use super::word::Lexicon;

/// How much more words that belong together say than a word of the same weight.
const PHRASE: f64 = 1.5;
/// What is not so many times as common inside as outside says nothing of a group.
const OWN: f64 = 1.25;
/// What a verb or an adjective says, of what a noun of the same weight does...
const BARE: f64 = 0.6;
/// ... if so many paragraphs hold it, and so large a share: in fewer it is chance.
const OFTEN: u32 = 5;
const WIDELY: f64 = 0.1;
/// The paragraph that fits worst counts so much of the one that fits best.
const WORST: f64 = 0.5;
/// Paragraphs of a group, its best, in which terms are compared.
const COMPARED: usize = 400;
/// Terms of a group that are compared.
const RANKED: usize = 60;

/// A term of a group.
#[derive(Debug, Clone)]
pub(super) struct Weighed {
    pub(super) stems: Stems,
    /// Whether it can be a name.
    pub(super) names: bool,
    pub(super) weight: f64,
    /// The share of the group's paragraphs that hold it.
    pub(super) share: f64,
    /// Which of the group's best paragraphs hold it.
    pub(super) covers: Vec<bool>,
}

/// The terms of each group of rows that tell it from the other rows of a context, best first.
///
/// A group's rows are in order of fit, best first, and all of the context's.
pub(super) fn rank(lexicon: &Lexicon, context: &[usize], groups: &[Vec<usize>]) -> Vec<Vec<Weighed>> {
    let able: Vec<Vec<Candidate>> = groups.par_iter().map(|rows| candidates(lexicon, rows)).collect();
    let mut all: Vec<Stems> = able.iter().flatten().map(|candidate| candidate.stems).collect();
    all.sort_unstable();
    all.dedup();
    let index = Index::new(all);
    let totals = totals(lexicon, &index, context);
    let total = |stems: &Stems| index.id(stems).map_or(0, |id| totals[id]);
    let of_group =
        |(rows, able): (&Vec<usize>, &Vec<Candidate>)| of_group(lexicon, rows, able, (&total, context.len()));
    groups.par_iter().zip(&able).map(of_group).collect()
}

/// The terms of one group, of so many rows with a term in all so many.
fn of_group(
    lexicon: &Lexicon,
    rows: &[usize],
    able: &[Candidate],
    (total, context): (&dyn Fn(&Stems) -> u32, usize),
) -> Vec<Weighed> {
    let own = Index::new(able.iter().map(|candidate| candidate.stems).collect());
    let inside = inside(lexicon, &own, rows);
    let weighed = |(candidate, inside): (&Candidate, &Inside)| Weighed {
        stems: candidate.stems,
        names: candidate.names,
        weight: weight(inside, rows.len(), (total(&candidate.stems), context), candidate),
        share: f64::from(inside.count) / rows.len().max(1) as f64,
        covers: Vec::new(),
    };
    let mut ranked: Vec<Weighed> = able.iter().zip(&inside).map(weighed).collect();
    // Where nothing sets a group apart, it is named by what most of it holds.
    if ranked.iter().all(|term| term.weight <= 0.0) {
        for term in ranked.iter_mut().filter(|term| term.names) {
            term.weight = term.share;
        }
    }
    ranked.retain(|term| term.weight > 0.0);
    // Ties by what the words are, not by which was read first.
    let text = |term: &Weighed| term.stems.as_slice().iter().map(|&stem| lexicon.stem_text(stem)).collect::<Vec<_>>();
    ranked.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| text(a).cmp(&text(b))));
    ranked.truncate(RANKED);
    cover(lexicon, rows, &mut ranked);
    ranked
}

/// Rows counted at once.
const COUNTED_AT_ONCE: usize = 8192;

fn totals(lexicon: &Lexicon, index: &Index, context: &[usize]) -> Vec<u32> {
    let counts = context.par_chunks(COUNTED_AT_ONCE).map(|rows| index.counts(lexicon, rows.iter().copied()));
    let sum = |mut left: Vec<u32>, right: Vec<u32>| {
        left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
        left
    };
    counts.reduce(|| vec![0; index.len()], sum)
}

/// Paragraphs of a group that hold a term, and their weights summed.
#[derive(Debug, Clone, Copy, Default)]
struct Inside {
    count: u32,
    weighted: f64,
}

fn inside(lexicon: &Lexicon, own: &Index, rows: &[usize]) -> Vec<Inside> {
    let mut found = vec![Inside::default(); own.len()];
    let mean = (1.0 + WORST) / 2.0;
    for (rank, &row) in rows.iter().enumerate() {
        let weight = 1.0 - (1.0 - WORST) * rank as f64 / rows.len() as f64;
        for term in own.of_row(lexicon, row) {
            found[term].count += 1;
            found[term].weighted += weight / mean;
        }
    }
    found
}

/// `p ln(p / q)`, with a paragraph that was not seen outside added to each side.
fn weight(inside: &Inside, rows: usize, (total, context): (u32, usize), candidate: &Candidate) -> f64 {
    let outside = context.saturating_sub(rows);
    let p = inside.weighted / (rows as f64 + 1.0);
    let q = (f64::from(total.saturating_sub(inside.count)) + 0.5) / (outside as f64 + 1.0);
    let factor = match candidate.stems.as_slice().len() {
        1 if candidate.names => 1.0,
        1 if inside.count >= OFTEN && p >= WIDELY => BARE,
        1 => 0.0,
        _ if candidate.names => PHRASE,
        _ => 0.0,
    };
    match outside {
        0 => factor * p,
        _ if p < OWN * q => 0.0,
        _ => factor * p * (p / q).ln(),
    }
}

/// Marks which of the best rows hold each term.
fn cover(lexicon: &Lexicon, rows: &[usize], ranked: &mut [Weighed]) {
    let rows = &rows[..rows.len().min(COMPARED)];
    for term in ranked.iter_mut() {
        term.covers = vec![false; rows.len()];
    }
    let index = Index::new(ranked.iter().map(|term| term.stems).collect());
    for (at, &row) in rows.iter().enumerate() {
        for term in index.of_row(lexicon, row) {
            ranked[term].covers[at] = true;
        }
    }
}
