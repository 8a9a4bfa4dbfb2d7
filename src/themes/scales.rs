//! At which scale a corpus has themes: found by clustering halves of it apart.
//!
//! Communities come at every resolution, from two to one a paragraph. Which of them are there, rather than drawn? The
//! corpus is cut into halves by chance, each half is clustered by itself, and every paragraph is put into a community of
//! each half. Where both halves tell the same paragraphs apart the scale is real. The score of a scale is
//!
//! `(r + s / 2) * (1 - sum(p^2))^0.7`
//!
//! `r` the adjusted Rand index of two halves' divisions, mean over pairs of halves (replication: Breckenridge 1989; Lange et
//! al. 2004), `s` the mean silhouette on cosine distance (Rousseeuw 1987), and in the brackets the share of pairs of paragraphs
//! that the halves tell apart, as one that puts nearly all into one theme is easily found again and tells
//! nothing. Of scales as good as the best, within two in a hundred, the coarsest is taken. docs/themes.md has what was measured.

use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

use super::communities::{self, communities, named};
use super::silhouette::Bundles;
use crate::measure::adjusted_rand_index;
use crate::neighbours::graph::{Graph, weighed};

/// Neighbours a row is linked to: the root of the number of rows, as in a small corpus far neighbours are strangers, but no
/// fewer, which would leave the graph in pieces, and no more.
const LINKS: (usize, usize) = (4, 25);
/// The first resolution, how many there are, and how many steps double it.
const COARSEST: f64 = 0.03;
const SCALES: usize = 19;
const DOUBLED_BY: f64 = 2.0;
/// Pairs of halves: so many rows' worth, as chance weighs less in many rows.
const HALVED_ROWS: usize = 40_000;
const PAIRS: (usize, usize) = (2, 8);
/// Of parts of themes fewer do: there are many, and they are small.
const PART_PAIRS: usize = 3;
/// How much the silhouette counts: what is found again may still be one cloud.
const SILHOUETTE: f64 = 0.5;
/// The power of the share of pairs that are told apart.
const APART: f64 = 0.7;
/// Scores nearer to the best than this share of it are as good.
const AS_GOOD: f64 = 0.98;

/// Each row's nearest others, `(row, cosine)`, best first: twice as many as the graph links, as half of them are in the
/// other half.
pub(super) type Near = [Vec<(u32, f32)>];

/// How many neighbours of each of so many rows are needed.
pub(super) fn neighbours_for(rows: usize) -> usize {
    (2 * links(rows)).min(rows.saturating_sub(1))
}

/// Neighbours each of so many rows is linked to.
pub(super) fn links(rows: usize) -> usize {
    ((rows as f64).sqrt() as usize).clamp(LINKS.0, LINKS.1)
}

/// A division of rows, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// The resolution it was found at.
    pub(super) resolution: f64,
    /// The community of each row, named from 0.
    pub(super) of: Vec<u32>,
    /// How many there are.
    pub(super) number: usize,
    /// Mean adjusted Rand index of two halves' divisions.
    pub(super) replicated: f64,
    /// Mean silhouette.
    pub(super) silhouette: f64,
    /// The share of pairs of rows that the halves' divisions tell apart.
    pub(super) apart: f64,
    /// Of each community, how much of it the halves find again: mean best Jaccard index (Hennig 2007).
    pub(super) found_again: Vec<f64>,
}

impl Scale {
    /// What scales are compared by.
    pub(super) fn score(&self) -> f64 {
        (self.replicated + SILHOUETTE * self.silhouette) * self.apart.powf(APART)
    }

    /// How many communities have so many rows at the least.
    pub(super) fn large(&self, least: usize) -> usize {
        sizes(&self.of).into_iter().filter(|&size| size >= least).count()
    }
}

/// Half of the rows, clustered by itself.
struct Half {
    graph: Graph,
    /// Each row's neighbours within the half.
    near: Vec<Vec<(u32, f32)>>,
    within: Vec<bool>,
}

/// What divisions of a set of rows are made from and measured on.
pub(super) struct Ladder<'a> {
    graph: Graph,
    halves: Vec<[Half; 2]>,
    bundles: Bundles<'a>,
    seed: u64,
}

impl<'a> Ladder<'a> {
    /// For unit rows of shape `(n, dim)` with their neighbours.
    pub(super) fn new(rows: ArrayView2<'a, f32>, near: &Near, seed: u64) -> Self {
        Self::of_pairs(rows, near, (HALVED_ROWS / near.len().max(1)).clamp(PAIRS.0, PAIRS.1), seed)
    }

    /// For the rows of one theme.
    pub(super) fn of_theme(rows: ArrayView2<'a, f32>, near: &Near, seed: u64) -> Self {
        Self::of_pairs(rows, near, PART_PAIRS, seed)
    }

    fn of_pairs(rows: ArrayView2<'a, f32>, near: &Near, pairs: usize, seed: u64) -> Self {
        let links = links(near.len());
        Self {
            graph: linked(near, links, |_| true),
            halves: (0..pairs).into_par_iter().map(|pair| halve(near, links, seed + pair as u64)).collect(),
            bundles: Bundles::new(rows),
            seed,
        }
    }

    /// The divisions at all scales, coarse to fine.
    pub(super) fn scales(&self) -> Vec<Scale> {
        (0..SCALES).into_par_iter().map(|step| self.scale(COARSEST * (step as f64 / DOUBLED_BY).exp2())).collect()
    }

    /// The division at one resolution.
    pub(super) fn scale(&self, resolution: f64) -> Scale {
        self.measured(self.communities(resolution), resolution)
    }

    /// The communities at one resolution, unmeasured.
    pub(super) fn communities(&self, resolution: f64) -> Vec<u32> {
        communities(&self.graph, resolution, self.seed)
    }

    /// A division that was joined of communities, measured on halves whose communities are joined as it is: each to those that
    /// lie mostly in the same part of it.
    pub(super) fn measured_joined(&self, of: Vec<u32>, resolution: f64) -> Scale {
        self.measure(of, resolution, joined_as)
    }

    fn measured(&self, of: Vec<u32>, resolution: f64) -> Scale {
        self.measure(of, resolution, |_, half| half)
    }

    fn measure(&self, of: Vec<u32>, resolution: f64, as_is: impl Fn(&[u32], Vec<u32>) -> Vec<u32>) -> Scale {
        let number = communities::number(&of);
        let mut found_again = vec![0.0; number];
        let (mut replicated, mut apart) = (0.0, 0.0);
        for pair in &self.halves {
            let divided = [0, 1].map(|side| as_is(&of, pair[side].divide(resolution, self.seed)));
            let told_apart = divided.each_ref().map(|half| told_apart(half));
            apart += (told_apart[0] + told_apart[1]) / (2 * self.halves.len()) as f64;
            // Halves of one community each agree, about nothing.
            if told_apart.iter().all(|&apart| apart > 0.0) {
                replicated += adjusted_rand_index(&divided[0], &divided[1]) / self.halves.len() as f64;
            }
            for half in &divided {
                for (sum, best) in found_again.iter_mut().zip(best_overlaps(&of, half)) {
                    *sum += best / (2 * self.halves.len()) as f64;
                }
            }
        }
        let silhouette = self.bundles.silhouette(&of, number);
        Scale { resolution, of, number, replicated, silhouette, apart, found_again }
    }
}

/// The scale of highest score that holds to `wanted`, coarsest of equals; none where all rows are alike.
pub(super) fn best(scales: &[Scale], wanted: impl Fn(&Scale) -> bool) -> Option<&Scale> {
    let able = || scales.iter().filter(|scale| scale.number > 1 && wanted(scale));
    let highest = able().map(Scale::score).max_by(f64::total_cmp)?;
    // Scores can fall below 0, where a share of the best would be above it.
    able().filter(|scale| scale.score() >= highest - (1.0 - AS_GOOD) * highest.abs()).min_by_key(|scale| scale.number)
}

fn linked(near: &Near, links: usize, within: impl Fn(usize) -> bool) -> Graph {
    let lists: Vec<&[(u32, f32)]> = near
        .iter()
        .enumerate()
        .map(|(row, found)| if within(row) { &found[..links.min(found.len())] } else { &[] })
        .collect();
    Graph::of_neighbours(&lists)
}

/// Two halves that have no row in common.
fn halve(near: &Near, links: usize, seed: u64) -> [Half; 2] {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    // A choice a row rather than a shuffle: sizes differ by a few rows, which does no harm.
    let first: Vec<bool> = near.iter().map(|_| random.next_u64() >> 63 == 0).collect();
    [true, false].map(|side| {
        let within: Vec<bool> = first.iter().map(|&first| first == side).collect();
        let kept = |found: &Vec<(u32, f32)>| {
            found.iter().filter(|near| within[near.0 as usize]).take(links).copied().collect::<Vec<_>>()
        };
        let near: Vec<Vec<(u32, f32)>> = near.iter().map(kept).collect();
        Half { graph: linked(&near, links, |row| within[row]), near, within }
    })
}

impl Half {
    /// Every row's community in a division of this half: its own, else the one its neighbours are mostly in.
    fn divide(&self, resolution: f64, seed: u64) -> Vec<u32> {
        let mut of = communities(&self.graph, resolution, seed);
        // Without a neighbour in the half a row is by itself.
        let alone = |row: usize| (of.len() + row) as u32;
        let voted: Vec<u32> = (0..of.len())
            .map(
                |row| if self.within[row] { of[row] } else { vote(&self.near[row], &of).unwrap_or_else(|| alone(row)) },
            )
            .collect();
        of = voted;
        named(&mut of);
        of
    }
}

/// The community of the greatest weight among neighbours, the lower of equals.
fn vote(near: &[(u32, f32)], of: &[u32]) -> Option<u32> {
    let mut votes: Vec<(u32, f64)> = weighed(near).map(|(row, weight)| (of[row as usize], weight)).collect();
    votes.sort_by_key(|vote| vote.0);
    let sums =
        votes.chunk_by(|a, b| a.0 == b.0).map(|votes| (votes[0].0, votes.iter().map(|vote| vote.1).sum::<f64>()));
    sums.fold(
        None,
        |best: Option<(u32, f64)>, sum| if best.is_none_or(|best| sum.1 > best.1) { Some(sum) } else { best },
    )
    .map(|best| best.0)
}

/// The share of pairs of rows that a division tells apart.
fn told_apart(of: &[u32]) -> f64 {
    1.0 - sizes(of).iter().map(|&size| (size as f64 / of.len() as f64).powi(2)).sum::<f64>()
}

/// Another division's communities as those of `of` that most of each lies in, the lower of equals.
fn joined_as(of: &[u32], other: Vec<u32>) -> Vec<u32> {
    let mut both: Vec<(u32, u32)> = other.iter().copied().zip(of.iter().copied()).collect();
    both.sort_unstable();
    let mut mostly: Vec<(u32, usize)> = vec![(0, 0); both.last().map_or(0, |last| last.0 as usize + 1)];
    for shared in both.chunk_by(|a, b| a == b) {
        let most = &mut mostly[shared[0].0 as usize];
        if shared.len() > most.1 {
            *most = (shared[0].1, shared.len());
        }
    }
    other.into_iter().map(|community| mostly[community as usize].0).collect()
}

/// Of each community the highest Jaccard index with one of another division.
fn best_overlaps(of: &[u32], other: &[u32]) -> Vec<f64> {
    let (own, their) = (sizes(of), sizes(other));
    let mut both: Vec<(u32, u32)> = of.iter().copied().zip(other.iter().copied()).collect();
    both.sort_unstable();
    let mut best = vec![0.0; own.len()];
    for shared in both.chunk_by(|a, b| a == b) {
        let (a, b) = (shared[0].0 as usize, shared[0].1 as usize);
        let jaccard = shared.len() as f64 / (own[a] + their[b] - shared.len()) as f64;
        best[a] = f64::max(best[a], jaccard);
    }
    best
}

/// How many rows each group has.
pub(super) fn sizes(of: &[u32]) -> Vec<usize> {
    let mut sizes = vec![0; communities::number(of)];
    of.iter().for_each(|&group| sizes[group as usize] += 1);
    sizes
}

#[cfg(test)]
mod tests {
    use super::super::fixture::bundles;
    use super::*;
    use crate::neighbours::nearest;
    use crate::vectors::UnitRows;

    fn scale(number: usize, replicated: f64, apart: f64) -> Scale {
        let found_again = vec![0.0; number];
        Scale { resolution: 1.0, of: Vec::new(), number, replicated, silhouette: 0.0, apart, found_again }
    }

    #[test]
    fn of_scales_as_good_the_coarsest_is_taken() {
        let scales = [scale(1, 1.0, 0.0), scale(3, 0.5, 1.0), scale(5, 0.795, 1.0), scale(9, 0.8, 1.0)];
        assert_eq!(best(&scales, |_| true).unwrap().number, 5);
        assert_eq!(best(&scales, |scale| scale.number > 5).unwrap().number, 9);
        assert!(best(&scales[..1], |_| true).is_none());
    }

    #[test]
    fn what_tells_nothing_apart_is_no_scale_however_well_it_is_found_again() {
        let scales = [scale(2, 0.98, 0.05), scale(8, 0.6, 0.85)];
        assert_eq!(best(&scales, |_| true).unwrap().number, 8);
    }

    #[test]
    fn scores_below_nothing_still_have_a_best() {
        let scales = [scale(2, -0.2, 0.5), scale(3, -0.1, 0.5)];
        assert_eq!(best(&scales, |_| true).unwrap().number, 3);
    }

    /// Each row's neighbours, as many as a ladder wants.
    fn near(rows: &UnitRows) -> Vec<Vec<(u32, f32)>> {
        let found = nearest(rows, rows, neighbours_for(rows.len()), &|query, row| query != row);
        found.into_iter().map(|found| found.iter().map(|near| (near.row as u32, near.cosine)).collect()).collect()
    }

    #[test]
    fn three_bundles_are_found_again_at_some_scale_and_every_row_is_in_each_half_s_division() {
        let rows = UnitRows::new(bundles(12)).unwrap();
        let ladder = Ladder::new(rows.view(), &near(&rows), 1);
        for pair in &ladder.halves {
            assert!(pair[0].within.iter().zip(&pair[1].within).all(|(one, other)| one != other));
            assert_eq!(pair[0].divide(1.0, 1).len(), 36);
        }
        let scales = ladder.scales();
        let found = best(&scales, |_| true).unwrap();
        assert_eq!((found.number, found.of[0], found.of[35]), (3, 0, 2));
        assert!(found.replicated > 0.9 && found.found_again.iter().all(|&again| again > 0.9));
    }

    #[test]
    fn halves_of_one_community_each_agree_about_nothing() {
        let rows = UnitRows::new(bundles(24).slice_move(ndarray::s![..24, ..])).unwrap();
        let coarse = Ladder::new(rows.view(), &near(&rows), 1).scale(0.0);
        assert_eq!((coarse.number, coarse.replicated), (1, 0.0));
        // A row without a neighbour in its half may be told apart.
        assert!(coarse.apart < 0.02 && coarse.score() < 0.01, "{}", coarse.apart);
        assert!((told_apart(&[0, 0, 1, 1]) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn overlaps_are_the_best_jaccard_index() {
        assert_eq!(best_overlaps(&[0, 0, 0, 1], &[0, 0, 1, 1]), [2.0 / 3.0, 0.5]);
    }
}
