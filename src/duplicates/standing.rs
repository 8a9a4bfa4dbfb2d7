//! Who carries what: how much of each outlet another carries, and what only one of them has.
//!
//! Read off the pairs; nothing is compared anew but a paragraph with its nearest. Not here: the pairs.

use rayon::prelude::*;

use super::material::Material;
use crate::coverage::{Exclusive, Overlap, Pair, Threshold};
use crate::text::words;

/// An exclusive has at least this many words: shorter is a label, a teaser or a table row.
const SUBSTANCE: usize = 12;

/// `overlap[a][b]`: how many paragraphs of outlet `a` outlet `b` carries, in whole or in part. A
/// paragraph counts once; shared wording wins over a paraphrase.
pub(super) fn overlap(material: &Material, pairs: &[Pair]) -> Vec<Vec<Overlap>> {
    let outlets = material.collection().outlets.len();
    let mut carried: Vec<(usize, usize, bool)> = pairs
        .iter()
        .flat_map(|pair| [(pair.left.row, pair.right.row), (pair.right.row, pair.left.row)].map(|rows| (rows, pair)))
        .map(|((row, by), pair)| (row, material.outlets()[by].index(), !pair.grade.shares_wording()))
        .collect();
    // Shared wording sorts first, so that it is what `dedup` keeps.
    carried.sort_unstable();
    carried.dedup_by_key(|&mut (row, by, _)| (row, by));
    let mut overlap = vec![vec![Overlap::default(); outlets]; outlets];
    for (row, by, paraphrase) in carried {
        let cell = &mut overlap[material.outlets()[row].index()][by];
        *if paraphrase { &mut cell.paraphrase } else { &mut cell.same_text } += 1;
    }
    overlap
}

/// Paragraphs of substance in no pair, whose nearest in another outlet lies nearer to the background
/// than to the threshold. The least like any other first, then by row.
pub(super) fn exclusives(material: &Material, pairs: &[Pair], threshold: &Threshold) -> Vec<Exclusive> {
    let limit = (threshold.background + threshold.value) / 2.0;
    let mut paired = vec![false; material.outlets().len()];
    for pair in pairs {
        paired[pair.left.row] = true;
        paired[pair.right.row] = true;
    }
    let nearest = nearest(material);
    let mut found: Vec<(f32, Exclusive)> = (0..paired.len())
        .filter(|&row| !paired[row] && words(material.collection().text(row)).len() >= SUBSTANCE)
        .map(|row| (nearest[row], row))
        .map(|(near, row)| (near.map_or(0.0, |near| near.1), exclusive(material, row, near)))
        .filter(|&(likeness, _)| likeness < limit)
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.row.cmp(&b.1.row)));
    found.into_iter().map(|(_, exclusive)| exclusive).collect()
}

fn exclusive(material: &Material, row: usize, nearest: Option<(usize, f32)>) -> Exclusive {
    Exclusive { row, nearest: nearest.map(|(other, _)| (other, material.of_rows(row, other).cosine)) }
}

/// For each row the most alike row of another outlet with its likeness: among its candidates, or
/// where it has none, among all.
fn nearest(material: &Material) -> Vec<Option<(usize, f32)>> {
    let pairs = material.candidates().pairs();
    let likeness: Vec<f32> = pairs.par_iter().map(|pair| material.of_rows(pair.left, pair.right).sum()).collect();
    let mut nearest: Vec<Option<(usize, f32)>> = vec![None; material.outlets().len()];
    for (pair, likeness) in pairs.iter().zip(likeness) {
        closer(&mut nearest[pair.left], pair.right, likeness);
        closer(&mut nearest[pair.right], pair.left, likeness);
    }
    let among_all = |(row, found): (usize, Option<(usize, f32)>)| found.or_else(|| nearest_of_all(material, row));
    nearest.into_par_iter().enumerate().map(among_all).collect()
}

fn nearest_of_all(material: &Material, row: usize) -> Option<(usize, f32)> {
    let outlets = material.outlets();
    let mut best = None;
    for other in (0..outlets.len()).filter(|&other| outlets[other] != outlets[row]) {
        closer(&mut best, other, material.of_rows(row, other).sum());
    }
    best
}

/// Keeps the higher likeness; of equals the lower row.
fn closer(best: &mut Option<(usize, f32)>, row: usize, likeness: f32) {
    let better = best.is_none_or(|(held, most)| likeness > most || (likeness == most && row < held));
    if better {
        *best = Some((row, likeness));
    }
}
