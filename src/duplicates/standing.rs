//! Who carries what: how much of each outlet another carries, and what only one of them has.
//!
//! Read off the pairs; nothing is compared anew but a paragraph with its nearest. Not here: the pairs.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::material::Material;
use crate::article::OutletId;
use crate::coverage::{Exclusive, Overlap, Pair, Threshold};

/// An exclusive has at least this many words: shorter is a label, a teaser or a table row.
const SUBSTANCE: usize = 12;

/// `overlap[(a, b)]`: how many paragraphs of outlet `a` outlet `b` carries, in whole or in part. A
/// paragraph counts once; shared wording wins over a paraphrase.
pub(super) fn overlap(material: &Material, pairs: &[Pair]) -> BTreeMap<(OutletId, OutletId), Overlap> {
    let mut carried: Vec<(usize, OutletId, bool)> = pairs
        .iter()
        .flat_map(|pair| [(pair.left.row, pair.right.row), (pair.right.row, pair.left.row)].map(|rows| (rows, pair)))
        .map(|((row, by), pair)| (row, material.outlets()[by], !pair.grade.shares_wording()))
        .collect();
    // Shared wording sorts first, so that it is what `dedup` keeps.
    carried.sort_unstable();
    carried.dedup_by_key(|&mut (row, by, _)| (row, by));
    let mut overlap: BTreeMap<(OutletId, OutletId), Overlap> = BTreeMap::new();
    for (row, by, paraphrase) in carried {
        let cell = overlap.entry((material.outlets()[row], by)).or_default();
        *if paraphrase { &mut cell.paraphrase } else { &mut cell.same_text } += 1;
    }
    overlap
}

/// Paragraphs of substance in no pair, whose statements have no counterpart: the likeness of each with the
/// nearest of other outlets, averaged by words, lies nearer to the background than to the threshold. The
/// least like any other first, then by row.
pub(super) fn exclusives(material: &Material, pairs: &[Pair], threshold: &Threshold) -> Vec<Exclusive> {
    if material.outlets().windows(2).all(|two| two[0] == two[1]) {
        return Vec::new();
    }
    let limit = threshold.halfway();
    let alone = alone(material, pairs);
    let closest = closest(material, &alone);
    let mut found: Vec<(f32, usize)> = (0..alone.len())
        .filter(|&row| alone[row])
        .map(|row| (told_elsewhere(material, row, &closest), row))
        .filter(|&(likeness, _)| likeness < limit)
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let nearest = nearest(material);
    let among_all = |row: usize| nearest[row].or_else(|| nearest_of_all(material, row));
    found.into_par_iter().map(|(_, row)| exclusive(material, row, among_all(row))).collect()
}

/// For each row, whether it is in no pair and long enough to say something.
fn alone(material: &Material, pairs: &[Pair]) -> Vec<bool> {
    let rows = 0..material.outlets().len();
    let mut alone: Vec<bool> = rows.map(|row| material.tokens(row).len() >= SUBSTANCE).collect();
    for pair in pairs {
        alone[pair.left.row] = false;
        alone[pair.right.row] = false;
    }
    alone
}

/// For each statement its likeness with the most alike statement of the rows it was compared with; only
/// of the rows asked for.
fn closest(material: &Material, asked: &[bool]) -> Vec<f32> {
    let candidates = material.candidates();
    let mut closest = vec![0.0_f32; candidates.statements().len()];
    for pair in candidates.pairs().iter().filter(|pair| asked[pair.left] || asked[pair.right]) {
        for i in candidates.statements_of(pair.left) {
            for j in candidates.statements_of(pair.right) {
                let likeness = material.of_statements(i, j).sum();
                closest[i] = closest[i].max(likeness);
                closest[j] = closest[j].max(likeness);
            }
        }
    }
    closest
}

/// Mean over the statements of a row, each by its words; 0 where it has none.
fn told_elsewhere(material: &Material, row: usize, closest: &[f32]) -> f32 {
    let statements = material.candidates().statements_of(row);
    let weighed = statements.map(|statement| {
        let words = material.passage_tokens(material.statement(statement)).len() as f32;
        (words * closest[statement], words)
    });
    let (sum, words) = weighed.fold((0.0, 0.0), |total, one| (total.0 + one.0, total.1 + one.1));
    if words > 0.0 { sum / words } else { 0.0 }
}

fn exclusive(material: &Material, row: usize, nearest: Option<(usize, f32)>) -> Exclusive {
    Exclusive { row, nearest: nearest.map(|(other, _)| (other, material.of_rows(row, other).cosine)) }
}

/// For each row the most alike of its candidates, with the likeness.
fn nearest(material: &Material) -> Vec<Option<(usize, f32)>> {
    let pairs = material.candidates().pairs();
    let likeness: Vec<f32> = pairs.par_iter().map(|pair| material.of_rows(pair.left, pair.right).sum()).collect();
    let mut nearest: Vec<Option<(usize, f32)>> = vec![None; material.outlets().len()];
    for (pair, likeness) in pairs.iter().zip(likeness) {
        closer(&mut nearest[pair.left], pair.right, likeness);
        closer(&mut nearest[pair.right], pair.left, likeness);
    }
    nearest
}

/// The most alike row of another outlet: for a row without candidates, which is rare where each came with
/// its neighbours.
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
