//! Transformers with BERT's layers on the CPU with bf16 operands: half the memory and several times the arithmetic of 32-bit products.
//!
//! Weights and what enters a product are narrowed to bf16; sums, softmax, layer norms and the residual stay in 32
//! bits. Sequences are packed end to end and every row is computed alone but for its attention, so that a vector is
//! the same bytes alone and in any batch. Tested against the path of 32 bits (`fused`).
//!
//! `kernel` multiplies blocks by the best instructions there are; `halves` and `packed` lay out its operands; `rows`
//! is what follows a product, `attention` and `layer` put it together.

mod attention;
mod halves;
mod kernel;
mod layer;
mod packed;
mod rows;

use std::ops::Range;

use rayon::prelude::*;

use super::EmbedError;
use super::blueprint::{Blueprint, NormPlace, Reach};
use super::folder::File;
use super::fused::{Weights, Words, end_to_end};
pub(super) use kernel::Kernel;
use layer::Layer;
pub(super) use layer::Workspace;

/// A loaded model.
pub(super) struct HalfModel {
    kernel: Kernel,
    blueprint: Blueprint,
    words: Words,
    layers: Vec<Layer>,
}

impl HalfModel {
    /// Whether the layers are BERT's: norms after, everything seen, no gates and nothing in the heads but a product.
    pub(super) fn runs(blueprint: &Blueprint) -> bool {
        let plain = blueprint.layers.iter().all(|layer| {
            let bare = layer.theta.is_none() && layer.head_norms.is_none() && layer.reach == Reach::default();
            bare && layer.qkv.len() == 3 && !layer.feed.gated && layer.mixed_norm.is_some()
        });
        let heads = blueprint.heads;
        plain
            && blueprint.place == NormPlace::After
            && blueprint.buckets.is_none()
            && blueprint.last_norm.is_none()
            && heads.keys == heads.queries
            && heads.queries * heads.size == blueprint.hidden
    }

    /// Loads a model that [`HalfModel::runs`] from safetensors files. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(blueprint: &Blueprint, files: &[File], kernel: Kernel) -> Result<Self, EmbedError> {
        let weights = Weights::open(files, blueprint.prefixes, &blueprint.words)?;
        let layers: Result<Vec<Layer>, EmbedError> =
            blueprint.layers.par_iter().map(|plan| Layer::load(&weights, plan, blueprint)).collect();
        let words = Words::load(&weights, blueprint)?;
        Ok(Self { kernel, blueprint: blueprint.clone(), layers: layers?, words })
    }

    /// The instructions it multiplies with.
    pub(super) fn kernel(&self) -> Kernel {
        self.kernel
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
        let (hidden, rows) = (self.blueprint.hidden, sequences.last().map_or(0, |last| last.end));
        work.fit(rows, &self.blueprint);
        for (ids, rows) in ids.iter().zip(&sequences) {
            self.words.look_up(ids, &mut work.hidden[rows.start * hidden..rows.end * hidden])?;
        }
        work.narrow_hidden(hidden);
        let session = self.kernel.session();
        for layer in &self.layers {
            layer.forward(&session, work, &sequences);
        }
        Ok(sequences)
    }
}

#[cfg(all(test, feature = "bundled-model"))]
mod tests {
    use super::super::bundled;
    use super::super::folder::Making;
    use super::super::fused::FusedModel;
    use super::*;

    /// "[CLS] oil falls [SEP]" and 40 words more.
    fn sequences() -> [Vec<u32>; 2] {
        [vec![101, 3514, 4212, 102], (0..42).map(|at| 2_000 + 37 * at).collect()]
    }

    /// The mean of each sequence's tokens, to length one.
    fn means(states: &[f32], sequences: &[Range<usize>]) -> Vec<Vec<f32>> {
        let mean = |rows: &Range<usize>| {
            let sum = |column: usize| rows.clone().map(|row| states[row * 384 + column]).sum::<f32>();
            let sums: Vec<f32> = (0..384).map(sum).collect();
            let length = sums.iter().map(|value| value * value).sum::<f32>().sqrt();
            sums.iter().map(|value| value / length).collect()
        };
        sequences.iter().map(mean).collect()
    }

    #[test]
    fn every_kernel_of_this_machine_is_near_the_path_of_32_bits() {
        let folder = bundled::folder().unwrap();
        let Making::Transformer(blueprint, _) = &folder.entry else { panic!("the bundled model is a transformer") };
        let ids = sequences();
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let fused = FusedModel::load(blueprint, &folder.weights).unwrap();
        let mut work = super::super::fused::Workspace::default();
        let rows = fused.run(&ids, &mut work).unwrap();
        let exact = means(&work.hidden, &rows);
        for kernel in Kernel::all() {
            let model = HalfModel::load(blueprint, &folder.weights, kernel).unwrap();
            let mut work = Workspace::default();
            let mut embed = |ids: &[&[u32]]| {
                let rows = model.run(ids, &mut work).unwrap();
                means(&work.hidden, &rows)
            };
            let made = embed(&ids);
            for (made, exact) in made.iter().zip(&exact) {
                let cosine: f32 = made.iter().zip(exact).map(|(a, b)| a * b).sum();
                assert!(cosine > 0.9999, "{}: {cosine}", kernel.name());
            }
            let alone: Vec<Vec<f32>> = ids.iter().rev().flat_map(|&ids| embed(&[ids])).collect();
            assert_eq!([&alone[1], &alone[0]], [&made[0], &made[1]], "{} alone and together", kernel.name());
        }
    }
}
