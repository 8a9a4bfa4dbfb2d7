//! One transformer layer with bf16 operands: sums, layer norms and what is carried on stay in 32 bits.
//!
//! Source: transformers, `modeling_bert.py`, `BertLayer` without dropout, cross-attention and caches.

use std::ops::Range;

use super::super::EmbedError;
use super::super::blueprint::{Activation, Blueprint, LayerPlan, Linear};
use super::super::fused::{Norm, Weights};
use super::attention::{Attention, Heads};
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
    mixed_norm: Option<Norm>,
    widen: Dense,
    activation: Activation,
    narrow: Dense,
    narrow_norm: Norm,
}

/// Activations of packed rows, kept from batch to batch.
#[derive(Default)]
pub(in super::super) struct Workspace {
    /// Shape `(rows, hidden)`: what enters and leaves a layer, and the same narrowed.
    pub(in super::super) hidden: Vec<f32>,
    hidden_halves: Halves,
    /// Shape `(rows, 3 hidden)`.
    qkv: Halves,
    /// Shape `(rows, hidden)`: what attention gathered.
    context: Halves,
    /// Shape `(rows, hidden)`: the state between the two parts of a layer, and the same narrowed.
    mixed: Vec<f32>,
    mixed_halves: Halves,
    /// Shape `(rows, intermediate)`.
    wide: Halves,
    attention: Attention,
}

impl Workspace {
    /// Makes room for so many rows.
    pub(super) fn fit(&mut self, rows: usize, blueprint: &Blueprint) {
        let (hidden, wide) = (blueprint.hidden, blueprint.wide);
        self.hidden.resize(rows * hidden, 0.0);
        self.mixed.resize(rows * hidden, 0.0);
        self.qkv.fit(rows, 3 * hidden);
        self.wide.fit(rows, wide);
        for halves in [&mut self.hidden_halves, &mut self.context, &mut self.mixed_halves] {
            halves.fit(rows, hidden);
        }
    }

    /// Narrows what enters the first layer.
    pub(super) fn narrow_hidden(&mut self, hidden: usize) {
        self.hidden_halves.narrow(&self.hidden, hidden);
    }
}

impl Dense {
    /// Joins maps of equal inputs, their outputs side by side, the first of them scaled.
    fn load(weights: &Weights, inputs: usize, parts: &[Linear], first_scale: f32) -> Result<Self, EmbedError> {
        let (mut halves, mut bias) = (Vec::new(), Vec::new());
        for (at, Linear { name, outputs, bias: shifts }) in parts.iter().enumerate() {
            let scale = if at == 0 { first_scale } else { 1.0 };
            let stored = weights.matrix(&format!("{name}.weight"), *outputs, inputs)?;
            halves.extend(weights.all(&stored).into_iter().map(|value| narrowed(value * scale)));
            let shift = if *shifts { weights.vector(&format!("{name}.bias"), *outputs)? } else { vec![0.0; *outputs] };
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
    fn to_halves(&self, session: &Session, (rows, count): (&Halves, usize), act: Option<Activation>, out: &mut Halves) {
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
        let Blueprint { hidden, wide, .. } = *blueprint;
        let heads = Heads { count: blueprint.heads.queries, width: blueprint.heads.size };
        let one = |linear: &Linear, inputs| Dense::load(weights, inputs, std::slice::from_ref(linear), 1.0);
        let mixed_norm = plan.mixed_norm.as_ref().map(|name| Norm::load(weights, name, blueprint));
        Ok(Self {
            heads,
            qkv: Dense::load(weights, hidden, &plan.qkv, 1.0 / (heads.width as f32).sqrt())?,
            mixed: one(&plan.mixed, hidden)?,
            mixed_norm: mixed_norm.transpose()?,
            widen: Dense::load(weights, hidden, &plan.feed.widen, 1.0)?,
            activation: blueprint.activation,
            narrow: one(&plan.feed.narrow, wide)?,
            narrow_norm: Norm::load(weights, &plan.feed_norm, blueprint)?,
        })
    }

    /// Replaces `work.hidden`. `sequences` are ranges of its rows that attend to themselves alone.
    pub(super) fn forward(&self, session: &Session, work: &mut Workspace, sequences: &[Range<usize>]) {
        let (hidden, rows) = (self.mixed.bias.len(), sequences.last().map_or(0, |last| last.end));
        self.qkv.to_halves(session, (&work.hidden_halves, rows), None, &mut work.qkv);
        for sequence in sequences {
            work.attention.attend(session, (&work.qkv, sequence.clone()), self.heads, &mut work.context);
        }
        self.mixed.to_floats(session, (&work.context, rows), &mut work.mixed);
        if let Some(norm) = &self.mixed_norm {
            norm.add_and_norm(&mut work.mixed, &self.mixed.bias, &work.hidden);
        }
        work.mixed_halves.narrow(&work.mixed, hidden);
        self.widen.to_halves(session, (&work.mixed_halves, rows), Some(self.activation), &mut work.wide);
        self.narrow.to_floats(session, (&work.wide, rows), &mut work.hidden);
        self.narrow_norm.add_and_norm(&mut work.hidden, &self.narrow.bias, &work.mixed);
        work.hidden_halves.narrow(&work.hidden, hidden);
    }
}
