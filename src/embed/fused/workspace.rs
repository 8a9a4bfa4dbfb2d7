//! The buffers of one batch, kept from batch to batch: a layer allocates nothing.

use std::ops::Range;

use super::super::blueprint::Blueprint;
use super::attention::room;
use super::rotary::Turns;
use super::tiled::Buffers;

/// Activations of packed rows. All but `scores` have as many rows.
#[derive(Default)]
pub(in super::super) struct Workspace {
    /// Shape `(rows, hidden)`: what enters and leaves a layer.
    pub(in super::super) hidden: Vec<f32>,
    /// Shape `(rows, queries, keys and values)`.
    pub(super) qkv: Vec<f32>,
    /// Shape `(rows, queries)`: what attention gathered.
    pub(super) context: Vec<f32>,
    /// Shape `(rows, hidden)`: the state between the two parts of a layer, or what enters one of them.
    pub(super) mixed: Vec<f32>,
    /// Shape `(rows, intermediate)`, twice as wide where a half gates the other.
    pub(super) wide: Vec<f32>,
    /// Shape `(rows, intermediate)`; empty without gates.
    pub(super) gated: Vec<f32>,
    /// Scores of one head, of a block of the longest sequence.
    pub(super) scores: Vec<f32>,
    /// What layers with narrow operands use instead of all but `hidden`.
    pub(super) tiled: Buffers,
    /// One for each base of rotary positions.
    pub(super) turns: Vec<Turns>,
    /// Whether products are spread over all threads.
    pub(super) spread: bool,
}

impl Workspace {
    /// Without room yet, for products on all threads where `spread`: where there are fewer batches than threads.
    pub(in super::super) fn new(spread: bool) -> Self {
        Self { spread, ..Self::default() }
    }

    /// Makes room for the states of sequences packed end to end.
    pub(super) fn fit_states(&mut self, sequences: &[Range<usize>], blueprint: &Blueprint) {
        let rows = rows(sequences);
        self.hidden.resize(rows * blueprint.hidden, 0.0);
    }

    /// Makes room for all else that layers of 32 bits need, of a model with rotary positions of these bases.
    pub(super) fn fit(&mut self, sequences: &[Range<usize>], blueprint: &Blueprint, thetas: &[f32]) {
        let rows = rows(sequences);
        let longest = sequences.iter().map(Range::len).max().unwrap_or(0);
        let gated = blueprint.layers.iter().any(|layer| layer.feed.gated);
        self.mixed.resize(rows * blueprint.hidden, 0.0);
        self.qkv.resize(rows * blueprint.heads.width(), 0.0);
        self.context.resize(rows * blueprint.heads.queries * blueprint.heads.size, 0.0);
        self.wide.resize(rows * blueprint.wide * if gated { 2 } else { 1 }, 0.0);
        self.gated.resize(if gated { rows * blueprint.wide } else { 0 }, 0.0);
        self.scores.resize(room(longest), 0.0);
        if self.turns.is_empty() {
            self.turns = thetas.iter().map(|&theta| Turns::new(theta, blueprint.heads.size / 2)).collect();
        }
        self.turns.iter_mut().for_each(|turns| turns.grow(longest));
    }
}

/// Rows of sequences packed end to end.
fn rows(sequences: &[Range<usize>]) -> usize {
    sequences.last().map_or(0, |last| last.end)
}
