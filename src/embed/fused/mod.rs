//! Transformers on the CPU with everything between the matrix products fused; BERT's is tested against candle's own
//! (`plain`), the others against the reference's vectors.
//!
//! Sequences are packed end to end, so there is no padding and no mask. Each row is computed alone but for the
//! attention within its sequence, so a vector is the same bytes alone and in any batch.
//!
//! What a model computes is said by its `Blueprint`. `weights` reads the files; `words` turns ids into rows; `layer` is a
//! transformer layer: its linear maps are `dense`, its `attention` may have `rotary` positions or a bias by `distance`;
//! all else is in `rows`, `norm` and `math`; `steps` follow the pooling; `table` is the model without layers;
//! `workspace` holds the buffers. Not here: which sequences are run together (`batch`), tokens (`tokens`).

mod attention;
mod dense;
mod distance;
mod layer;
mod math;
mod norm;
mod product;
mod rotary;
mod rows;
mod simd;
mod steps;
mod table;
mod weights;
mod words;
mod workspace;

use std::ops::Range;

use rayon::prelude::*;

use super::EmbedError;
use super::blueprint::{Blueprint, LayerPlan};
use super::folder::File;
use distance::Distances;
use layer::Layer;
#[cfg(test)]
pub(super) use math::gelu;
pub(super) use math::{gelu_tanh, sigmoid, tanh};
pub(super) use rows::{Norm, softmax_row};
pub(super) use simd::vectorised;
pub(super) use steps::{Steps, to_unit};
pub(super) use table::TokenTable;
pub(super) use weights::Weights;
pub(super) use words::Words;
pub(super) use workspace::Workspace;

/// A loaded transformer.
pub(super) struct FusedModel {
    blueprint: Blueprint,
    /// The bases of its rotary positions.
    thetas: Vec<f32>,
    words: Words,
    distances: Option<Distances>,
    layers: Vec<Layer>,
    last_norm: Option<Norm>,
}

impl FusedModel {
    /// Loads a model from safetensors files. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(blueprint: &Blueprint, files: &[File]) -> Result<Self, EmbedError> {
        let weights = Weights::open(files, blueprint.prefixes, &blueprint.words)?;
        let thetas = thetas(&blueprint.layers);
        let layers: Result<Vec<Layer>, EmbedError> =
            blueprint.layers.par_iter().map(|plan| Layer::load(&weights, plan, blueprint, &thetas)).collect();
        let distances = blueprint.buckets.as_ref().map(|name| Distances::load(&weights, name, blueprint.heads.queries));
        let last_norm = blueprint.last_norm.as_ref().map(|name| Norm::load(&weights, name, blueprint));
        Ok(Self {
            layers: layers?,
            words: Words::load(&weights, blueprint)?,
            distances: distances.transpose()?,
            last_norm: last_norm.transpose()?,
            thetas,
            blueprint: blueprint.clone(),
        })
    }

    /// Runs sequences of token ids: the states of their tokens lie in `work.hidden`, at the rows returned.
    ///
    /// # Errors
    /// A token id or a position that the model has no row for, or a sequence without tokens.
    pub(super) fn run(&self, ids: &[&[u32]], work: &mut Workspace) -> candle_core::Result<Vec<Range<usize>>> {
        if ids.iter().any(|ids| ids.is_empty()) {
            candle_core::bail!("a text without a single token");
        }
        let sequences = end_to_end(ids);
        work.fit(&sequences, &self.blueprint, &self.thetas);
        let hidden = self.blueprint.hidden;
        for (ids, rows) in ids.iter().zip(&sequences) {
            self.words.look_up(ids, &mut work.hidden[rows.start * hidden..rows.end * hidden])?;
        }
        for layer in &self.layers {
            layer.forward(work, &sequences, self.distances.as_ref())?;
        }
        if let Some(norm) = &self.last_norm {
            norm.norm(&mut work.hidden);
        }
        Ok(sequences)
    }
}

/// The bases that occur, in order of first use.
fn thetas(layers: &[LayerPlan]) -> Vec<f32> {
    let mut thetas = Vec::new();
    for theta in layers.iter().filter_map(|layer| layer.theta) {
        if !thetas.contains(&theta) {
            thetas.push(theta);
        }
    }
    thetas
}

/// The rows of each sequence.
pub(super) fn end_to_end(ids: &[&[u32]]) -> Vec<Range<usize>> {
    let ends = ids.iter().scan(0, |end, ids| {
        *end += ids.len();
        Some(*end)
    });
    ends.zip(ids).map(|(end, ids)| end - ids.len()..end).collect()
}
