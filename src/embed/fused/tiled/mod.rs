//! Layers with bf16 operands: half the memory and several times the arithmetic of 32-bit products.
//!
//! Weights and what enters a product are narrowed to bf16; sums, softmax, norms and the residual stay in 32 bits. As in
//! the layers of 32 bits every row is computed alone but for its attention, so that a vector is the same bytes alone
//! and in any batch. For models of BERT's kind ([`takes`]); tested against the layers of 32 bits.
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

use super::super::EmbedError;
use super::super::blueprint::{Blueprint, NormPlace, Reach};
use super::weights::Weights;
pub(in crate::embed) use kernel::Kernel;
pub(super) use layer::Buffers;
use layer::{Layer, States};

/// The layers of a model, and what they are multiplied with.
pub(super) struct HalfLayers {
    kernel: Kernel,
    layers: Vec<Layer>,
}

/// Whether a model is of BERT's kind: norms after, every token sees every other, nothing gated, no positions but learned.
pub(super) fn takes(blueprint: &Blueprint) -> bool {
    let plain = |layer: &super::super::blueprint::LayerPlan| {
        let one_map_each = layer.qkv.len() == 3 && layer.feed.widen.len() == 1 && !layer.feed.gated;
        let sees_all = layer.reach == Reach::default() && layer.theta.is_none() && layer.head_norms.is_none();
        one_map_each && sees_all && layer.mixed_norm.is_some()
    };
    blueprint.place == NormPlace::After
        && blueprint.heads.queries == blueprint.heads.keys
        && blueprint.buckets.is_none()
        && blueprint.layers.iter().all(plain)
}

impl HalfLayers {
    /// Loads the layers of a model that is taken. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(weights: &Weights, blueprint: &Blueprint, kernel: Kernel) -> Result<Self, EmbedError> {
        let layers: Result<Vec<Layer>, EmbedError> =
            blueprint.layers.par_iter().map(|plan| Layer::load(weights, plan, blueprint)).collect();
        Ok(Self { kernel, layers: layers? })
    }

    /// The instructions used.
    pub(super) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Replaces `hidden`, shape `(rows, hidden)`; `mixed` has as much room. `sequences` are ranges of rows.
    pub(super) fn forward(
        &self,
        blueprint: &Blueprint,
        (hidden, mixed): (&mut [f32], &mut [f32]),
        halves: &mut Buffers,
        sequences: &[Range<usize>],
    ) {
        halves.begin(hidden, blueprint);
        let session = self.kernel.session();
        let mut states = States { hidden, mixed, halves };
        for layer in &self.layers {
            layer.forward(&session, &mut states, sequences);
        }
    }
}

#[cfg(feature = "bundled-model")]
#[cfg(test)]
mod tests {
    use super::super::super::bundled;
    use super::super::super::folder::Making;
    use super::super::{FusedModel, Workspace};
    use super::*;

    /// The states of "[CLS] oil falls [SEP]" and of 42 other tokens.
    fn states(kernel: Option<Kernel>) -> Vec<f32> {
        let folder = bundled::folder().unwrap();
        let Making::Transformer(blueprint, _) = &folder.entry else { panic!("a transformer") };
        let model = FusedModel::load(blueprint, &folder.weights, kernel).unwrap();
        let ids = [vec![101, 3514, 4212, 102], (0..42).map(|at| 2_000 + 37 * at).collect::<Vec<u32>>()];
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let mut work = Workspace::default();
        model.run(&ids, &mut work).unwrap();
        let together = work.hidden.clone();
        model.run(&ids[1..], &mut work).unwrap();
        assert_eq!(work.hidden, together[4 * 384..], "alone and together");
        together
    }

    #[test]
    fn every_kernel_of_this_machine_is_near_the_layers_of_32_bits() {
        let exact = states(None);
        for kernel in Kernel::all() {
            for (made, exact) in states(Some(kernel)).chunks(384).zip(exact.chunks(384)) {
                let dot = |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(a, b)| a * b).sum::<f32>();
                let cosine = dot(made, exact) / (dot(made, made) * dot(exact, exact)).sqrt();
                assert!(cosine > 0.999, "{}: {cosine}", kernel.name());
            }
        }
    }

    #[test]
    fn sessions_of_one_thread_may_overlap() {
        let kernel = Kernel::best();
        let outer = kernel.session();
        drop(kernel.session());
        drop(outer);
        assert!(!states(Some(kernel)).is_empty());
    }
}
