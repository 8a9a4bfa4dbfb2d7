//! BERT on the CPU with everything between the matrix products fused; tested against candle's own (`plain`).
//!
//! Sequences are packed end to end, so there is no padding and no mask. Each row is computed alone but for the
//! attention within its sequence, so a vector is the same bytes alone and in any batch.
//!
//! `weights` reads the file; `words` turns ids into rows; `layer` is a transformer layer: its linear maps are `dense`,
//! its products behind `product` and all else in `rows` and `math`; `workspace` holds the buffers. Not here: which sequences are run
//! together (`batch`), tokens (`tokens`).

mod dense;
mod layer;
mod math;
mod product;
mod rows;
mod simd;
mod weights;
mod words;
mod workspace;

use std::borrow::Cow;
use std::ops::Range;

use candle_transformers::models::bert::Config;
use rayon::prelude::*;

use super::EmbedError;
use super::folder::malformed;
use super::pooling::Pooling;
use layer::Layer;
use weights::Weights;
use words::Words;
pub(super) use workspace::Workspace;

/// A loaded model.
pub(super) struct FusedBert {
    config: Config,
    words: Words,
    layers: Vec<Layer>,
}

impl FusedBert {
    /// Loads a model from a safetensors file. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(model: &str, file: Cow<'static, [u8]>, config: &Config) -> Result<Self, EmbedError> {
        check_sizes(model, config)?;
        let weights = Weights::open(model, &file)?;
        let layers: Result<Vec<Layer>, EmbedError> =
            (0..config.num_hidden_layers).into_par_iter().map(|index| Layer::load(&weights, index, config)).collect();
        let layers = layers?;
        Ok(Self { config: config.clone(), layers, words: Words::load(file, model, config)? })
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
        work.fit(&sequences, &self.config);
        let hidden = self.config.hidden_size;
        for (ids, rows) in ids.iter().zip(&sequences) {
            self.words.look_up(ids, &mut work.hidden[rows.start * hidden..rows.end * hidden])?;
        }
        for layer in &self.layers {
            layer.forward(work, &sequences)?;
        }
        let mut vectors = vec![0.0; ids.len() * hidden];
        for (vector, rows) in vectors.chunks_exact_mut(hidden).zip(&sequences) {
            pool(&work.hidden[rows.start * hidden..rows.end * hidden], pooling, vector);
        }
        Ok(vectors)
    }
}

/// Sizes that the products divide by.
fn check_sizes(model: &str, config: &Config) -> Result<(), EmbedError> {
    let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
    if hidden > 0 && config.intermediate_size > 0 && heads > 0 && hidden.is_multiple_of(heads) {
        return Ok(());
    }
    let what = format!(
        "hidden_size {hidden}, intermediate_size {}, num_attention_heads {heads}: expected a hidden_size that the heads divide",
        config.intermediate_size
    );
    Err(malformed(model, "config.json", &what))
}

/// The rows of each sequence.
fn end_to_end(ids: &[&[u32]]) -> Vec<Range<usize>> {
    let ends = ids.iter().scan(0, |end, ids| {
        *end += ids.len();
        Some(*end)
    });
    ends.zip(ids).map(|(end, ids)| end - ids.len()..end).collect()
}

/// Pools the rows of one sequence into one vector of unit length.
fn pool(rows: &[f32], pooling: Pooling, vector: &mut [f32]) {
    let taken = match pooling {
        Pooling::Cls => &rows[..vector.len().min(rows.len())],
        Pooling::Mean => rows,
    };
    for row in taken.chunks_exact(vector.len()) {
        vector.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= length);
}
