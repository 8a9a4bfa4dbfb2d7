//! One transformer layer on packed rows: attention within each sequence, then the feed-forward part.
//!
//! Source: transformers, `modeling_bert.py`, `BertLayer` (norms after) and `modeling_modernbert.py`,
//! `ModernBertEncoderLayer` (norms before), without dropout and caches.

use std::ops::Range;

use candle_core::Result;

use super::super::EmbedError;
use super::super::blueprint::{Activation, Blueprint, Heads, LayerPlan, NormPlace, Reach};
use super::attention::Attention;
use super::dense::Dense;
use super::distance::Distances;
use super::rows::{Norm, activate, add, add_bias, gate};
use super::weights::Weights;
use super::workspace::Workspace;

/// The weights of one layer.
pub(super) struct Layer {
    heads: Heads,
    reach: Reach,
    place: NormPlace,
    /// Query, key and value side by side.
    qkv: Dense,
    /// Norms of query heads and of key heads.
    head_norms: Option<[Norm; 2]>,
    /// Which of the workspace's turns.
    turns: Option<usize>,
    mixed: Dense,
    mixed_norm: Option<Norm>,
    widen: Dense,
    gated: bool,
    activation: Activation,
    narrow: Dense,
    feed_norm: Norm,
}

impl Layer {
    /// `thetas` are the bases of the model's rotary positions.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn load(
        weights: &Weights,
        plan: &LayerPlan,
        blueprint: &Blueprint,
        thetas: &[f32],
    ) -> std::result::Result<Self, EmbedError> {
        let Blueprint { hidden, heads, wide, .. } = *blueprint;
        let one = std::slice::from_ref;
        let head_norm = |name: &String| Norm::of_width(weights, name, blueprint, heads.size);
        let head_norms = match &plan.head_norms {
            Some([queries, keys]) => Some([head_norm(queries)?, head_norm(keys)?]),
            None => None,
        };
        let mixed_norm = plan.mixed_norm.as_ref().map(|name| Norm::load(weights, name, blueprint));
        Ok(Self {
            heads,
            reach: plan.reach,
            place: blueprint.place,
            qkv: Dense::load(weights, hidden, &plan.qkv)?,
            head_norms,
            turns: plan.theta.and_then(|theta| thetas.iter().position(|known| *known == theta)),
            mixed: Dense::load(weights, heads.queries * heads.size, one(&plan.mixed))?,
            mixed_norm: mixed_norm.transpose()?,
            widen: Dense::load(weights, hidden, &plan.feed.widen)?,
            gated: plan.feed.gated,
            activation: blueprint.activation,
            narrow: Dense::load(weights, wide, one(&plan.feed.narrow))?,
            feed_norm: Norm::load(weights, &plan.feed_norm, blueprint)?,
        })
    }

    /// Replaces `work.hidden`. `sequences` are ranges of its rows that attend to themselves alone.
    ///
    /// # Errors
    /// Where the workspace is smaller than the sequences, which would be a mistake in this crate.
    pub(super) fn forward(
        &self,
        work: &mut Workspace,
        sequences: &[Range<usize>],
        distances: Option<&Distances>,
    ) -> Result<()> {
        match self.place {
            NormPlace::After => self.norms_after(work, sequences, distances),
            NormPlace::Before => self.norms_before(work, sequences, distances),
        }
    }

    fn norms_after(
        &self,
        work: &mut Workspace,
        sequences: &[Range<usize>],
        distances: Option<&Distances>,
    ) -> Result<()> {
        self.qkv.apply(&work.hidden, &mut work.qkv, work.spread)?;
        self.attend(work, sequences, distances)?;
        self.mixed.apply(&work.context, &mut work.mixed, work.spread)?;
        if let Some(norm) = &self.mixed_norm {
            norm.add_and_norm(&mut work.mixed, &self.mixed.bias, &work.hidden);
        }
        self.widen.apply(&work.mixed, &mut work.wide, work.spread)?;
        self.narrow.apply(self.activated(&mut work.wide, &mut work.gated), &mut work.hidden, work.spread)?;
        self.feed_norm.add_and_norm(&mut work.hidden, &self.narrow.bias, &work.mixed);
        Ok(())
    }

    fn norms_before(
        &self,
        work: &mut Workspace,
        sequences: &[Range<usize>],
        distances: Option<&Distances>,
    ) -> Result<()> {
        work.mixed.copy_from_slice(&work.hidden);
        if let Some(norm) = &self.mixed_norm {
            norm.norm(&mut work.mixed);
        }
        self.qkv.apply(&work.mixed, &mut work.qkv, work.spread)?;
        self.attend(work, sequences, distances)?;
        self.mixed.apply(&work.context, &mut work.mixed, work.spread)?;
        add(&mut work.hidden, &work.mixed, &self.mixed.bias);
        work.mixed.copy_from_slice(&work.hidden);
        self.feed_norm.norm(&mut work.mixed);
        self.widen.apply(&work.mixed, &mut work.wide, work.spread)?;
        self.narrow.apply(self.activated(&mut work.wide, &mut work.gated), &mut work.mixed, work.spread)?;
        add(&mut work.hidden, &work.mixed, &self.narrow.bias);
        Ok(())
    }

    /// What the second product of the feed-forward part takes.
    fn activated<'a>(&self, wide: &'a mut [f32], gated: &'a mut [f32]) -> &'a [f32] {
        if self.gated {
            gate(wide, &self.widen.bias, self.activation, gated);
            return gated;
        }
        activate(wide, &self.widen.bias, self.activation);
        wide
    }

    /// Attention of all sequences: products in `work.qkv` to `work.context`.
    fn attend(&self, work: &mut Workspace, sequences: &[Range<usize>], distances: Option<&Distances>) -> Result<()> {
        add_bias(&mut work.qkv, &self.qkv.bias);
        let (width, Heads { queries, keys, size }) = (self.heads.width(), self.heads);
        if let Some([query_norm, key_norm]) = &self.head_norms {
            query_norm.norm_parts(&mut work.qkv, width, &(0..queries * size));
            key_norm.norm_parts(&mut work.qkv, width, &(queries * size..(queries + keys) * size));
        }
        let attention = Attention { heads: self.heads, reach: self.reach, distances };
        for rows in sequences {
            if let Some(turns) = self.turns.and_then(|at| work.turns.get(at)) {
                let rows = &mut work.qkv[rows.start * width..rows.end * width];
                turns.turn(rows, width, &(0..(queries + keys) * size));
            }
            attention.gather(&work.qkv, rows, &mut work.scores, &mut work.context)?;
        }
        Ok(())
    }
}
