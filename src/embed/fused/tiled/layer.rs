//! One transformer layer with narrow operands: sums, layer norms and what is carried on stay in 32 bits.
//!
//! Source: transformers, `modeling_bert.py`, `BertLayer` without dropout, cross-attention and caches.

use std::ops::Range;

use super::super::super::EmbedError;
use super::super::super::blueprint::{Activation, Blueprint, Heads, LayerPlan, Linear};
use super::super::rows::Norm;
use super::super::weights::Weights;
use super::attention::Attention;
use super::dense::Dense;
use super::halves::{BLOCK, Halves};
use super::kernel::Session;
use super::operand::Operand;
use super::rows::{enter, enter_floats, settle};

/// The weights of one layer.
pub(super) struct Layer<O: Operand> {
    heads: Heads,
    /// Query, key and value side by side; the scale of the scores is in the query's.
    qkv: Dense<O>,
    mixed: Dense<O>,
    mixed_norm: Norm,
    widen: Dense<O>,
    activation: Activation,
    narrow: Dense<O>,
    feed_norm: Norm,
}

/// Activations of packed rows, kept from batch to batch.
#[derive(Default)]
pub(super) struct Work<O> {
    /// The state, shape `(rows, hidden)`: what enters a layer, and its second part.
    state: O,
    /// Shape `(rows, 3 hidden)`.
    qkv: Halves,
    /// Shape `(rows, hidden)`: what attention gathered.
    context: Halves,
    gathered: O,
    /// Shape `(rows, intermediate)`.
    wide: Halves,
    widened: O,
    /// Shape `(rows, hidden)`, whole blocks.
    sums: Vec<f32>,
    attention: Attention,
}

impl<O: Operand> Work<O> {
    /// Makes room for rows, and narrows those that enter the first layer.
    pub(super) fn begin(&mut self, hidden: &[f32], blueprint: &Blueprint) {
        let rows = hidden.len() / blueprint.hidden;
        let queries = blueprint.heads.queries * blueprint.heads.size;
        self.qkv.fit(rows, blueprint.heads.width());
        self.context.fit(rows, queries);
        self.gathered.fit(rows, queries);
        self.wide.fit(rows, blueprint.wide);
        self.widened.fit(rows, blueprint.wide);
        self.sums.resize(rows.next_multiple_of(BLOCK) * blueprint.hidden, 0.0);
        self.state.fit(rows, blueprint.hidden);
        enter_floats(hidden, blueprint.hidden, &mut self.state);
    }
}

impl<O: Operand> Layer<O> {
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(weights: &Weights, plan: &LayerPlan, blueprint: &Blueprint) -> Result<Self, EmbedError> {
        let Blueprint { hidden, heads, wide, .. } = *blueprint;
        let one = |part| [(part, 1.0)];
        let scale = 1.0 / (heads.size as f32).sqrt();
        let qkv: Vec<(&Linear, f32)> = plan.qkv.iter().zip([scale, 1.0, 1.0]).collect();
        let widen: Vec<(&Linear, f32)> = plan.feed.widen.iter().map(|part| (part, 1.0)).collect();
        let mixed_norm = plan.mixed_norm.as_ref().unwrap_or(&plan.feed_norm);
        Ok(Self {
            heads,
            qkv: Dense::load(weights, hidden, &qkv)?,
            mixed: Dense::load(weights, heads.queries * heads.size, &one(&plan.mixed))?,
            mixed_norm: Norm::load(weights, mixed_norm, blueprint)?,
            widen: Dense::load(weights, hidden, &widen)?,
            activation: blueprint.activation,
            narrow: Dense::load(weights, wide, &one(&plan.feed.narrow))?,
            feed_norm: Norm::load(weights, &plan.feed_norm, blueprint)?,
        })
    }

    /// Replaces the states. `sequences` are ranges of their rows that attend to themselves alone.
    pub(super) fn forward(
        &self,
        session: &Session,
        hidden: &mut [f32],
        work: &mut Work<O>,
        sequences: &[Range<usize>],
    ) {
        let rows = sequences.last().map_or(0, |last| last.end);
        let Work { state, qkv, context, gathered, wide, widened, sums, attention } = work;
        self.qkv.to_halves(session, (state, rows), Activation::Identity, qkv);
        for sequence in sequences {
            attention.attend(session, (qkv, sequence.clone()), self.heads, context);
        }
        enter(context, (rows, self.heads.queries * self.heads.size), gathered);
        self.mixed.to_floats(session, (gathered, rows), sums);
        settle(&self.mixed_norm, (sums, &self.mixed.bias), hidden, state);
        self.widen.to_operand(session, (state, rows), self.activation, (wide, widened));
        self.narrow.to_floats(session, (widened, rows), sums);
        settle(&self.feed_norm, (sums, &self.narrow.bias), hidden, state);
    }
}
