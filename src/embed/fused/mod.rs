//! Transformers on the CPU with everything between the matrix products fused; BERT's is tested against candle's own
//! (`plain`), the others against the reference's vectors.
//!
//! Sequences are packed end to end, so there is no padding and no mask. Each row is computed alone but for the
//! attention within its sequence, so a vector is the same bytes alone and in any batch.
//!
//! What a model computes is said by its `Blueprint`. `weights` reads the files; `words` turns ids into rows; `layer` is a
//! transformer layer: its linear maps are `dense` (weights in `panels`), its `attention` may have `rotary` positions or a bias by `distance`;
//! all else is in `rows`, `norm` and `math`; `tiled` is the layers again with operands of bf16 or int8; `steps` follow the pooling; `table` is the model without layers;
//! `workspace` holds the buffers. Not here: which sequences are run together (`batch`), tokens (`tokens`).

mod aligned;
mod attention;
mod dense;
mod distance;
mod layer;
mod math;
mod norm;
mod panels;
mod product;
mod rotary;
mod rows;
mod simd;
mod steps;
mod table;
mod tiled;
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
use rows::Norm;
pub(super) use simd::vectors;
pub(super) use steps::{Steps, to_unit};
pub(super) use table::TokenTable;
use tiled::TiledLayers;
pub(super) use tiled::{Kernel, Operands};
pub(super) use weights::Weights;
use words::Words;
pub(super) use words::place_table;
pub(super) use workspace::Workspace;

/// A loaded transformer.
pub(super) struct FusedModel {
    blueprint: Blueprint,
    /// The bases of its rotary positions.
    thetas: Vec<f32>,
    words: Words,
    distances: Option<Distances>,
    layers: Layers,
    last_norm: Option<Norm>,
}

/// The layers, in the numbers they multiply.
enum Layers {
    Full(Vec<Layer>),
    Tiled(TiledLayers),
}

impl FusedModel {
    /// Loads a model from safetensors files, to be multiplied in narrower numbers by `kernel` where it is one that can be
    /// ([`FusedModel::takes_tiles`]). Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(blueprint: &Blueprint, files: &[File], kernel: Option<Kernel>) -> Result<Self, EmbedError> {
        let weights = Weights::open(files, blueprint.prefixes, &blueprint.words)?;
        let thetas = thetas(&blueprint.layers);
        let layers = match kernel.filter(|kernel| Self::takes_tiles(blueprint, kernel.operands())) {
            Some(kernel) => Layers::Tiled(TiledLayers::load(&weights, blueprint, kernel)?),
            None => Layers::Full(full_layers(&weights, blueprint, &thetas)?),
        };
        let distances = blueprint.buckets.as_ref().map(|name| Distances::load(&weights, name, blueprint.heads.queries));
        let last_norm = blueprint.last_norm.as_ref().map(|name| Norm::load(&weights, name, blueprint));
        Ok(Self {
            layers,
            words: Words::load(&weights, blueprint)?,
            distances: distances.transpose()?,
            last_norm: last_norm.transpose()?,
            thetas,
            blueprint: blueprint.clone(),
        })
    }

    /// Whether a model can be multiplied in narrower numbers.
    pub(super) fn takes_tiles(blueprint: &Blueprint, operands: Operands) -> bool {
        tiled::takes(blueprint, operands)
    }

    /// The numbers it multiplies.
    pub(super) fn precision(&self) -> String {
        match &self.layers {
            Layers::Full(_) => "f32".to_owned(),
            Layers::Tiled(layers) => layers.precision(),
        }
    }

    /// Most tokens a batch holds: without padding to save, as many as pay for reading the weights once. Narrow weights
    /// cost less to read than states that no longer fit a core's cache.
    pub(super) fn batch_tokens(&self) -> usize {
        match &self.layers {
            Layers::Full(_) => 512,
            Layers::Tiled(_) => 256,
        }
    }

    /// The instructions its products use.
    pub(super) fn instructions(&self) -> &'static str {
        match &self.layers {
            Layers::Full(_) => vectors(),
            Layers::Tiled(layers) => layers.instructions(),
        }
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
        work.fit_states(&sequences, &self.blueprint);
        let hidden = self.blueprint.hidden;
        for (ids, rows) in ids.iter().zip(&sequences) {
            self.words.look_up(ids, &mut work.hidden[rows.start * hidden..rows.end * hidden])?;
        }
        match &self.layers {
            Layers::Full(layers) => {
                work.fit(&sequences, &self.blueprint, &self.thetas);
                for layer in layers {
                    layer.forward(work, &sequences, self.distances.as_ref())?;
                }
            }
            Layers::Tiled(layers) => layers.forward(&self.blueprint, &mut work.hidden, &mut work.tiled, &sequences),
        }
        if let Some(norm) = &self.last_norm {
            norm.norm(&mut work.hidden);
        }
        Ok(sequences)
    }
}

fn full_layers(weights: &Weights, blueprint: &Blueprint, thetas: &[f32]) -> Result<Vec<Layer>, EmbedError> {
    blueprint.layers.par_iter().map(|plan| Layer::load(weights, plan, blueprint, thetas)).collect()
}

/// The scale and the shift of a norm over the hidden components.
///
/// # Errors
/// As [`Weights::matrix`].
pub(super) fn norm_of(
    weights: &Weights,
    name: &str,
    blueprint: &Blueprint,
) -> Result<(Vec<f32>, Vec<f32>), EmbedError> {
    Norm::load(weights, name, blueprint).map(|norm| (norm.weight, norm.bias))
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
