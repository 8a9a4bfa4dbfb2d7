//! Layers with narrow operands: bf16 numbers or bytes, less memory and several times the arithmetic of 32-bit products.
//!
//! Weights and what enters a product are narrowed; sums, softmax, norms and the residual stay in 32 bits. As in the
//! layers of 32 bits every row is computed alone but for its attention, so that a vector is the same bytes alone and in
//! any batch. For models of BERT's kind ([`takes`]); tested against the layers of 32 bits.
//!
//! `tiles` and `packed` lay out the two sides of a product; `operand` is what they hold, bf16 numbers or bytes; `kernel`
//! multiplies blocks of them by the best instructions there are; `dense` is a linear map, `rows` what follows it,
//! `attention` and `layer` put it together. `halves` are bf16 numbers in memory.

mod attention;
mod dense;
mod halves;
mod kernel;
mod layer;
mod operand;
mod packed;
mod rows;
mod tiles;

use std::ops::Range;

use rayon::prelude::*;

use super::super::EmbedError;
use super::super::blueprint::{Blueprint, NormPlace, Reach};
use super::weights::Weights;
pub(in crate::embed) use kernel::{Kernel, Operands};
use layer::{Layer, Work};
use operand::{ByteRows, HalfRows, Operand};

/// The layers of a model, and what they are multiplied with.
pub(super) struct TiledLayers {
    kernel: Kernel,
    layers: Layers,
}

/// One and the same, of other operands.
enum Layers {
    Bf16(Vec<Layer<HalfRows>>),
    Int8(Vec<Layer<ByteRows>>),
}

/// Activations of packed rows, kept from batch to batch; of the other operands there are none.
#[derive(Default)]
pub(super) struct Buffers {
    halves: Work<HalfRows>,
    bytes: Work<ByteRows>,
}

/// Whether a model is of BERT's kind: norms after, every token sees every other, nothing gated, no positions but learned;
/// of bytes no wider than their sums have room for.
pub(super) fn takes(blueprint: &Blueprint, operands: Operands) -> bool {
    /// Inner values whose products of bytes, 255 times -128 at most, fill 32 bits.
    const MOST: usize = i32::MAX as usize / (255 * 128);
    let inner = blueprint.hidden.max(blueprint.wide).max(blueprint.heads.queries * blueprint.heads.size);
    if operands == Operands::Int8 && inner > MOST {
        return false;
    }
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

impl TiledLayers {
    /// Loads the layers of a model that is taken. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(weights: &Weights, blueprint: &Blueprint, kernel: Kernel) -> Result<Self, EmbedError> {
        let layers = match kernel.operands() {
            Operands::Bf16 => Layers::Bf16(load(weights, blueprint)?),
            Operands::Int8 => Layers::Int8(load(weights, blueprint)?),
        };
        Ok(Self { kernel, layers })
    }

    /// What is multiplied, and the instructions used.
    pub(super) fn precision(&self) -> String {
        let operands = match self.layers {
            Layers::Bf16(_) => "bf16",
            Layers::Int8(_) => "int8",
        };
        format!("{operands} by {}", self.kernel.name())
    }

    /// The instructions used.
    pub(super) fn instructions(&self) -> &'static str {
        self.kernel.name()
    }

    /// Replaces `hidden`, shape `(rows, hidden)`. `sequences` are ranges of rows.
    pub(super) fn forward(
        &self,
        blueprint: &Blueprint,
        hidden: &mut [f32],
        buffers: &mut Buffers,
        sequences: &[Range<usize>],
    ) {
        match &self.layers {
            Layers::Bf16(layers) => self.run(layers, &mut buffers.halves, (blueprint, hidden, sequences)),
            Layers::Int8(layers) => self.run(layers, &mut buffers.bytes, (blueprint, hidden, sequences)),
        }
    }

    fn run<O: Operand>(
        &self,
        layers: &[Layer<O>],
        work: &mut Work<O>,
        (blueprint, hidden, sequences): (&Blueprint, &mut [f32], &[Range<usize>]),
    ) {
        work.begin(hidden, blueprint);
        let session = self.kernel.session();
        layers.iter().for_each(|layer| layer.forward(&session, hidden, work, sequences));
    }
}

fn load<O: Operand>(weights: &Weights, blueprint: &Blueprint) -> Result<Vec<Layer<O>>, EmbedError>
where
    Layer<O>: Send,
{
    blueprint.layers.par_iter().map(|plan| Layer::load(weights, plan, blueprint)).collect()
}

#[cfg(feature = "bundled-model")]
#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::super::bundled;
    use super::super::super::folder::{Making, ModelFolder};
    use super::super::{FusedModel, Workspace};
    use super::*;

    /// Models of widths and heads that are whole blocks (the bundled one) and that are not.
    fn folders() -> Vec<ModelFolder> {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures");
        let tiny =
            ["bert", "distilbert", "roberta", "xlm-roberta"].map(|name| ModelFolder::read(&golden.join(name)).unwrap());
        std::iter::once(bundled::folder().unwrap()).chain(tiny).collect()
    }

    /// The states of sequences of as many tokens as a model takes up to 256, of 63, 2 and 1, and how wide they are.
    fn states(folder: &ModelFolder, kernel: Option<Kernel>) -> (Vec<f32>, usize) {
        let Making::Transformer(blueprint, _) = &folder.entry else { panic!("a transformer") };
        let model = FusedModel::load(blueprint, &folder.weights, kernel).unwrap();
        assert_eq!(model.precision() == "f32", kernel.is_none(), "{}", folder.name);
        let lengths = [256, 255, 63, 2, 1].map(|length| length.min(folder.max_tokens));
        let token = |at: usize| (5 + 37 * at % (blueprint.vocab - 5)) as u32;
        let ids = lengths.map(|length| (length..2 * length).map(token).collect::<Vec<u32>>());
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let mut work = Workspace::default();
        let rows = model.run(&ids, &mut work).unwrap();
        let (together, width) = (work.hidden.clone(), blueprint.hidden);
        assert!(together.iter().all(|value| value.is_finite()), "{}", folder.name);
        for (ids, rows) in ids.iter().zip(rows) {
            model.run(&[ids], &mut work).unwrap();
            let alone = &work.hidden[..ids.len() * width];
            assert_eq!(alone, &together[rows.start * width..rows.end * width], "{}: alone and together", folder.name);
        }
        (together, width)
    }

    #[test]
    fn every_kernel_of_this_machine_is_near_the_layers_of_32_bits() {
        for folder in folders() {
            let (exact, width) = states(&folder, None);
            for kernel in [Operands::Bf16, Operands::Int8].into_iter().flat_map(Kernel::all) {
                let (made, _) = states(&folder, Some(kernel));
                for (made, exact) in made.chunks(width).zip(exact.chunks(width)) {
                    let dot = |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(a, b)| a * b).sum::<f32>();
                    let cosine = dot(made, exact) / (dot(made, made) * dot(exact, exact)).sqrt();
                    // Of single tokens; pooled vectors are nearer.
                    let least = if kernel.operands() == Operands::Bf16 { 0.999 } else { 0.95 };
                    assert!(cosine > least, "{} {:?} {}: {cosine}", folder.name, kernel.operands(), kernel.name());
                }
            }
        }
    }

    #[test]
    fn sessions_of_one_thread_may_overlap() {
        let kernel = Kernel::best(Operands::Bf16);
        let outer = kernel.session();
        drop(kernel.session());
        drop(outer);
        assert!(!states(&bundled::folder().unwrap(), Some(kernel)).0.is_empty());
    }
}
