//! One transformer layer with bf16 operands: sums, layer norms and what is carried on stay in 32 bits.
//!
//! Source: transformers, `modeling_bert.py`, `BertLayer` without dropout, cross-attention and caches.

use std::ops::Range;

use super::super::super::EmbedError;
use super::super::super::blueprint::{Activation, Blueprint, Heads, LayerPlan, Linear};
use super::super::rows::Norm;
use super::super::weights::Weights;
use super::attention::Attention;
use super::halves::{BLOCK, Halves, narrowed};
use super::kernel::{Session, Sums};
use super::packed::Packed;
use super::rows::{Corner, narrow_biased, write};

/// A linear map.
struct Dense {
    packed: Packed,
    bias: Vec<f32>,
}

/// The weights of one layer.
pub(super) struct Layer {
    heads: Heads,
    /// Query, key and value side by side; the scale of the scores is in the query's.
    qkv: Dense,
    mixed: Dense,
    mixed_norm: Norm,
    widen: Dense,
    activation: Activation,
    narrow: Dense,
    feed_norm: Norm,
}

/// Activations of packed rows, narrowed, kept from batch to batch.
#[derive(Default)]
pub(in super::super) struct Buffers {
    /// Shape `(rows, hidden)`: what enters a layer.
    hidden: Halves,
    /// Shape `(rows, 3 hidden)`.
    qkv: Halves,
    /// Shape `(rows, hidden)`: what attention gathered.
    context: Halves,
    /// Shape `(rows, hidden)`: the state between the two parts of a layer.
    mixed: Halves,
    /// Shape `(rows, intermediate)`.
    wide: Halves,
    attention: Attention,
}

impl Buffers {
    /// Makes room for rows, and narrows those that enter the first layer.
    pub(super) fn begin(&mut self, hidden: &[f32], blueprint: &Blueprint) {
        let rows = hidden.len() / blueprint.hidden;
        self.qkv.fit(rows, blueprint.heads.width());
        self.wide.fit(rows, blueprint.wide);
        self.context.fit(rows, blueprint.heads.queries * blueprint.heads.size);
        for halves in [&mut self.hidden, &mut self.mixed] {
            halves.fit(rows, blueprint.hidden);
        }
        self.hidden.narrow(hidden, blueprint.hidden);
    }
}

/// What a layer reads and replaces: the states of 32 bits and the narrowed ones.
pub(super) struct States<'a> {
    pub(super) hidden: &'a mut [f32],
    pub(super) mixed: &'a mut [f32],
    pub(super) halves: &'a mut Buffers,
}

impl Dense {
    /// Joins maps of equal inputs, their outputs side by side, each times its scale.
    fn load(weights: &Weights, inputs: usize, parts: &[(&Linear, f32)]) -> Result<Self, EmbedError> {
        let (mut halves, mut bias) = (Vec::new(), Vec::new());
        for (part, scale) in parts {
            let stored = weights.matrix(&format!("{}.weight", part.name), part.outputs, inputs)?;
            halves.extend(weights.all(&stored).into_iter().map(|value| narrowed(value * scale)));
            let shift = match part.bias {
                true => weights.vector(&format!("{}.bias", part.name), part.outputs)?,
                false => vec![0.0; part.outputs],
            };
            bias.extend(shift.into_iter().map(|value| value * scale));
        }
        let mut packed = Packed::default();
        packed.fill_from_columns(&halves, inputs, (inputs, bias.len()));
        Ok(Self { packed, bias })
    }

    /// Multiplies rows and hands out the sums block by block, each with its place and its columns' biases.
    fn apply(&self, session: &Session, rows: &Halves, count: usize, mut each: impl FnMut(&Sums, &[f32], Corner)) {
        let mut sums: Sums = [0.0; BLOCK * BLOCK];
        for ((panel, weights), bias) in self.packed.panels().enumerate().zip(self.bias.chunks(BLOCK)) {
            for row in (0..count).step_by(BLOCK) {
                session.block(rows.rows(row), rows.stride(), weights, &mut sums);
                each(&sums, bias, Corner { row, rows: BLOCK.min(count - row), column: panel * BLOCK });
            }
        }
    }

    /// With the bias and an activation, narrowed.
    fn to_halves(&self, session: &Session, (rows, count): (&Halves, usize), act: Activation, out: &mut Halves) {
        self.apply(session, rows, count, |sums, bias, to| narrow_biased(sums, bias, act, to, out));
    }

    /// The sums alone: the bias is added by the layer norm that follows.
    fn to_floats(&self, session: &Session, (rows, count): (&Halves, usize), out: &mut [f32]) {
        let width = self.bias.len();
        self.apply(session, rows, count, |sums, _, to| write(sums, to, out, width));
    }
}

impl Layer {
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
    pub(super) fn forward(&self, session: &Session, states: &mut States<'_>, sequences: &[Range<usize>]) {
        let States { hidden, mixed, halves } = states;
        let (width, rows) = (self.mixed.bias.len(), sequences.last().map_or(0, |last| last.end));
        self.qkv.to_halves(session, (&halves.hidden, rows), Activation::Identity, &mut halves.qkv);
        for sequence in sequences {
            let of = (&halves.qkv, sequence.clone());
            halves.attention.attend(session, of, self.heads, &mut halves.context);
        }
        self.mixed.to_floats(session, (&halves.context, rows), mixed);
        self.mixed_norm.add_and_norm(mixed, &self.mixed.bias, hidden);
        halves.mixed.narrow(mixed, width);
        self.widen.to_halves(session, (&halves.mixed, rows), self.activation, &mut halves.wide);
        self.narrow.to_floats(session, (&halves.wide, rows), hidden);
        self.feed_norm.add_and_norm(hidden, &self.narrow.bias, mixed);
        halves.hidden.narrow(hidden, width);
    }
}
