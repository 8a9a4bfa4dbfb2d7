//! BERT on the CPU with bf16 operands: half the memory and several times the arithmetic of 32-bit products.
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

use std::borrow::Cow;

use candle_transformers::models::bert::Config;
use rayon::prelude::*;

use super::EmbedError;
use super::fused::{Weights, Words, check_sizes, end_to_end, pool};
use super::pooling::Pooling;
pub(super) use kernel::Kernel;
use layer::Layer;
pub(super) use layer::Workspace;

/// A loaded model.
pub(super) struct HalfBert {
    kernel: Kernel,
    config: Config,
    words: Words,
    layers: Vec<Layer>,
}

impl HalfBert {
    /// Loads a model from a safetensors file. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(
        model: &str,
        file: Cow<'static, [u8]>,
        config: &Config,
        kernel: Kernel,
    ) -> Result<Self, EmbedError> {
        check_sizes(model, config)?;
        let weights = Weights::open(model, &file)?;
        let layers: Result<Vec<Layer>, EmbedError> =
            (0..config.num_hidden_layers).into_par_iter().map(|index| Layer::load(&weights, index, config)).collect();
        let layers = layers?;
        Ok(Self { kernel, config: config.clone(), layers, words: Words::load(file, model, config)? })
    }

    /// The instructions it multiplies with.
    pub(super) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// One unit vector a sequence of token ids: flat, shape `(sequences, hidden)`.
    ///
    /// # Errors
    /// A token id or a position that the model has no row for, or a sequence without tokens.
    pub(super) fn embed(
        &self,
        ids: &[&[u32]],
        pooling: Pooling,
        work: &mut Workspace,
    ) -> candle_core::Result<Vec<f32>> {
        if ids.iter().any(|ids| ids.is_empty()) {
            candle_core::bail!("a text without a single token");
        }
        let sequences = end_to_end(ids);
        let (hidden, rows) = (self.config.hidden_size, sequences.last().map_or(0, |last| last.end));
        work.fit(rows, &self.config);
        for (ids, rows) in ids.iter().zip(&sequences) {
            self.words.look_up(ids, &mut work.hidden[rows.start * hidden..rows.end * hidden])?;
        }
        work.narrow_hidden(hidden);
        let session = self.kernel.session();
        for layer in &self.layers {
            layer.forward(&session, work, &sequences);
        }
        let mut vectors = vec![0.0; ids.len() * hidden];
        for (vector, rows) in vectors.chunks_exact_mut(hidden).zip(&sequences) {
            pool(&work.hidden[rows.start * hidden..rows.end * hidden], pooling, vector);
        }
        Ok(vectors)
    }
}

#[cfg(all(test, feature = "bundled-model"))]
mod tests {
    use super::super::bundled;
    use super::super::fused::FusedBert;
    use super::*;

    /// "[CLS] oil falls [SEP]" and 40 words more.
    fn sequences() -> [Vec<u32>; 2] {
        [vec![101, 3514, 4212, 102], (0..42).map(|at| 2_000 + 37 * at).collect()]
    }

    #[test]
    fn every_kernel_of_this_machine_is_near_the_path_of_32_bits() {
        let folder = bundled::folder().unwrap();
        let ids = sequences();
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let fused = FusedBert::load("m", folder.weights.clone(), &folder.config).unwrap();
        let exact = fused.embed(&ids, Pooling::Mean, &mut Default::default()).unwrap();
        for kernel in Kernel::all() {
            let model = HalfBert::load("m", folder.weights.clone(), &folder.config, kernel).unwrap();
            let mut work = Workspace::default();
            let made = model.embed(&ids, Pooling::Mean, &mut work).unwrap();
            for (made, exact) in made.chunks(384).zip(exact.chunks(384)) {
                let cosine: f32 = made.iter().zip(exact).map(|(a, b)| a * b).sum();
                assert!(cosine > 0.9999, "{}: {cosine}", kernel.name());
            }
            let alone: Vec<Vec<f32>> =
                ids.iter().rev().map(|&ids| model.embed(&[ids], Pooling::Mean, &mut work).unwrap()).collect();
            assert_eq!([&alone[1][..], &alone[0]].concat(), made, "{} alone and together", kernel.name());
        }
    }
}
