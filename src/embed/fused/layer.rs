//! One transformer layer on packed rows: attention within each sequence, then the feed-forward part.
//!
//! Source: transformers, `modeling_bert.py`, `BertLayer` without dropout, cross-attention and caches.

use std::ops::Range;

use candle_core::Result;
use candle_transformers::models::bert::{Config, HiddenAct};

use super::super::EmbedError;
use super::dense::Dense;
use super::product::{Place, Sizes, product};
use super::rows::{Activation, LayerNorm, activate, add_bias, softmax};
use super::weights::Weights;
use super::workspace::Workspace;

/// The weights of one layer.
pub(super) struct Layer {
    heads: usize,
    /// Query, key and value side by side.
    qkv: Dense,
    mixed: Dense,
    mixed_norm: LayerNorm,
    widen: Dense,
    activation: Activation,
    narrow: Dense,
    narrow_norm: LayerNorm,
}

impl LayerNorm {
    /// # Errors
    /// As [`Weights::vector`].
    pub(super) fn load(weights: &Weights, name: &str, config: &Config) -> std::result::Result<Self, EmbedError> {
        Ok(Self {
            weight: weights.vector(&format!("{name}.weight"), config.hidden_size)?,
            bias: weights.vector(&format!("{name}.bias"), config.hidden_size)?,
            epsilon: config.layer_norm_eps as f32,
        })
    }
}

impl Layer {
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn load(weights: &Weights, index: usize, config: &Config) -> std::result::Result<Self, EmbedError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let qkv = ["query", "key", "value"].map(|part| (name(&format!("attention.self.{part}")), hidden));
        Ok(Self {
            heads: config.num_attention_heads,
            qkv: Dense::load(weights, hidden, &qkv)?,
            mixed: Dense::load(weights, hidden, &[(name("attention.output.dense"), hidden)])?,
            mixed_norm: LayerNorm::load(weights, &name("attention.output.LayerNorm"), config)?,
            widen: Dense::load(weights, hidden, &[(name("intermediate.dense"), wide)])?,
            activation: activation(config.hidden_act),
            narrow: Dense::load(weights, wide, &[(name("output.dense"), hidden)])?,
            narrow_norm: LayerNorm::load(weights, &name("output.LayerNorm"), config)?,
        })
    }

    /// Replaces `work.hidden`. `sequences` are ranges of its rows that attend to themselves alone.
    ///
    /// # Errors
    /// Where the workspace is smaller than the sequences, which would be a mistake in this crate.
    pub(super) fn forward(&self, work: &mut Workspace, sequences: &[Range<usize>]) -> Result<()> {
        self.qkv.apply(&work.hidden, &mut work.qkv)?;
        add_bias(&mut work.qkv, &self.qkv.bias);
        for rows in sequences {
            self.attend(work, rows.clone())?;
        }
        self.mixed.apply(&work.context, &mut work.mixed)?;
        self.mixed_norm.add_and_norm(&mut work.mixed, &self.mixed.bias, &work.hidden);
        self.widen.apply(&work.mixed, &mut work.wide)?;
        activate(&mut work.wide, &self.widen.bias, self.activation);
        self.narrow.apply(&work.wide, &mut work.hidden)?;
        self.narrow_norm.add_and_norm(&mut work.hidden, &self.narrow.bias, &work.mixed);
        Ok(())
    }

    /// Attention of one sequence, all heads: `work.qkv` to `work.context`.
    fn attend(&self, work: &mut Workspace, rows: Range<usize>) -> Result<()> {
        let (hidden, length) = (self.mixed.bias.len(), rows.len());
        let inner = hidden / self.heads;
        let scale = 1.0 / (inner as f32).sqrt();
        let part = |which: usize, head: usize| Place {
            start: rows.start * 3 * hidden + which * hidden + head * inner,
            ..Place::rows(3 * hidden)
        };
        let square = |head: usize| Place { start: head * length * length, ..Place::rows(length) };
        let scores = &mut work.scores[..self.heads * length * length];
        for head in 0..self.heads {
            let (query, keys) = ((&work.qkv[..], part(0, head)), (&work.qkv[..], part(1, head).transposed()));
            product(Sizes { rows: length, inner, columns: length }, (scores, square(head)), query, keys, scale)?;
        }
        softmax(scores, length);
        for head in 0..self.heads {
            let to = Place { start: rows.start * hidden + head * inner, ..Place::rows(hidden) };
            let (share, values) = ((&*scores, square(head)), (&work.qkv[..], part(2, head)));
            product(
                Sizes { rows: length, inner: length, columns: inner },
                (&mut work.context, to),
                share,
                values,
                1.0,
            )?;
        }
        Ok(())
    }
}

fn activation(named: HiddenAct) -> Activation {
    match named {
        HiddenAct::Gelu => Activation::Gelu,
        HiddenAct::GeluApproximate => Activation::GeluTanh,
        HiddenAct::Relu => Activation::Relu,
    }
}
