//! Rounds of pulling and pushing: the layout's cross-entropy, made small.
//!
//! As umap-learn does it: a link is followed in a share of the rounds that is its weight; it pulls its ends together, and
//! each time rows drawn by chance push away (McInnes, Healy and Melville 2018, section 3.2). Otherwise: every row moves by itself,
//! from where all others were in the round before, so that rows can be shared among threads and the outcome is the
//! same on any number of them; and likeness in the plane is `1 / (1 + a d^2)`, without the power that umap-learn fits, so that
//! there is nothing but sums, products and quotients, which all processors compute alike.

use rayon::prelude::*;

use crate::neighbours::graph::Graph;

/// Of `1 / (1 + a d^2)`: nearest to what umap-learn fits for its default distances (min_dist 0.1, spread 1).
const A: f32 = 1.6;
/// Rows drawn by chance for a link that is followed: umap-learn's default.
const PUSHES: usize = 5;
/// The farthest that one pull or push moves a row along an axis, for a step of 1: umap-learn's.
const FARTHEST: f32 = 4.0;
/// Keeps the push between rows at nearly one place finite: umap-learn's.
const SOFT: f32 = 0.001;

/// Rounds for so many rows: umap-learn's.
pub(super) fn rounds(rows: usize) -> usize {
    if rows <= 10_000 { 500 } else { 200 }
}

/// Chance that depends on what it is for alone: SplitMix64 (Steele, Lea and Flood 2014).
pub(super) struct Chance(u64);

impl Chance {
    /// For one row in one round.
    pub(super) fn new(seed: u64, round: usize, row: usize) -> Self {
        let mut chance = Self(seed ^ ((round as u64) << 40) ^ row as u64);
        Self(chance.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From -0.5 to 0.5.
    pub(super) fn centred(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0 - 0.5
    }

    /// Below `n`, which is not above 2^32.
    fn below(&mut self, n: usize) -> usize {
        (((self.next() >> 32) * n as u64) >> 32) as usize
    }
}

/// The places after so many rounds.
pub(super) fn pull(graph: &Graph, mut places: Vec<[f32; 2]>, rounds: usize, seed: u64) -> Vec<[f32; 2]> {
    let mut moved = places.clone();
    for round in 0..rounds {
        let step = 1.0 - round as f32 / rounds as f32;
        let new = |row: usize| Mover { own: places[row], step }.moved(graph, &places, row, (seed, round));
        moved.par_iter_mut().with_min_len(256).enumerate().for_each(|(row, place)| *place = new(row));
        std::mem::swap(&mut places, &mut moved);
    }
    places
}

/// A row on its way through one round.
struct Mover {
    own: [f32; 2],
    step: f32,
}

impl Mover {
    fn moved(mut self, graph: &Graph, places: &[[f32; 2]], row: usize, (seed, round): (u64, usize)) -> [f32; 2] {
        let mut chance = Chance::new(seed, round + 1, row);
        for &(other, weight) in graph.links(row) {
            if !is_followed(weight, round) {
                continue;
            }
            // Once, where umap-learn moves both ends for each of them: as all move at once, twice goes past the other.
            self.pulled(places[other as usize]);
            for _ in 0..PUSHES {
                let other = chance.below(places.len());
                if other != row {
                    self.pushed(places[other]);
                }
            }
        }
        self.own
    }

    fn pulled(&mut self, other: [f32; 2]) {
        let (away, squared) = self.from(other);
        self.go(away, -2.0 * A / (1.0 + A * squared));
    }

    fn pushed(&mut self, other: [f32; 2]) {
        let (away, squared) = self.from(other);
        self.go(away, 2.0 / ((SOFT + squared) * (1.0 + A * squared)));
    }

    fn from(&self, other: [f32; 2]) -> ([f32; 2], f32) {
        let away = [self.own[0] - other[0], self.own[1] - other[1]];
        (away, away[0] * away[0] + away[1] * away[1])
    }

    fn go(&mut self, away: [f32; 2], force: f32) {
        for (own, away) in self.own.iter_mut().zip(away) {
            *own += self.step * (force * away).clamp(-FARTHEST, FARTHEST);
        }
    }
}

/// Whether a link is followed in a round: in so many of all as its weight says, evenly spread.
fn is_followed(weight: f32, round: usize) -> bool {
    let until = |round: usize| (f64::from(weight) * round as f64).floor();
    until(round + 1) > until(round)
}
