//! The buffers of one batch, kept from batch to batch: a layer allocates nothing.

use std::ops::Range;

use candle_transformers::models::bert::Config;

/// Activations of packed rows. All but `scores` have as many rows.
#[derive(Default)]
pub(in super::super) struct Workspace {
    /// Shape `(rows, hidden)`: what enters and leaves a layer.
    pub(super) hidden: Vec<f32>,
    /// Shape `(rows, 3 hidden)`.
    pub(super) qkv: Vec<f32>,
    /// Shape `(rows, hidden)`: what attention gathered.
    pub(super) context: Vec<f32>,
    /// Shape `(rows, hidden)`: the state between the two parts of a layer.
    pub(super) mixed: Vec<f32>,
    /// Shape `(rows, intermediate)`.
    pub(super) wide: Vec<f32>,
    /// Shape `(heads, length, length)` of the longest sequence.
    pub(super) scores: Vec<f32>,
}

impl Workspace {
    /// Makes room for sequences packed end to end.
    pub(super) fn fit(&mut self, sequences: &[Range<usize>], config: &Config) {
        // A single row would be multiplied in another order of additions than the same row among others.
        let rows = sequences.last().map_or(0, |last| last.end).max(2);
        let longest = sequences.iter().map(Range::len).max().unwrap_or(0);
        self.hidden.resize(rows * config.hidden_size, 0.0);
        self.qkv.resize(rows * 3 * config.hidden_size, 0.0);
        self.context.resize(rows * config.hidden_size, 0.0);
        self.mixed.resize(rows * config.hidden_size, 0.0);
        self.wide.resize(rows * config.intermediate_size, 0.0);
        self.scores.resize(config.num_attention_heads * longest * longest, 0.0);
    }
}
