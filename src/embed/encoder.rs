//! The encoder: texts in, unit vectors out, one batch a core.
//!
//! This is the plain path: candle's own BERT in 32-bit floats, windows padded to the longest of their
//! batch and masked. Vectors are the same whatever else is in the batch (to rounding, 1e-6 a
//! component) and the same bytes at any number of threads, because batches depend on the texts alone.

use std::ops::Range;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use ndarray::Array2;
use rayon::prelude::*;

use super::EmbedError;
use super::batch::{Plan, plan};
use super::folder::{ModelFolder, malformed};
use super::pooling::Pooling;
use super::tokens::{Window, WindowReader};
use crate::vectors::UnitRows;

/// A loaded model.
pub struct Encoder {
    name: String,
    dim: usize,
    max_tokens: usize,
    reader: WindowReader,
    model: BertModel,
    pooling: Pooling,
    device: Device,
}

/// What embedding gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One row a text, in the order given.
    pub vectors: UnitRows,
    /// Indices of the texts that were longer than the model reads and were embedded in windows.
    pub windowed: Vec<usize>,
}

impl Encoder {
    /// Loads a model onto a device.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where weights are missing, of another shape or not safetensors, or the
    /// tokenizer is not this model's.
    pub fn load(folder: ModelFolder, device: &Device) -> Result<Self, EmbedError> {
        let bad = |error: candle_core::Error| malformed(&folder.name, "model.safetensors", &first_line(&error));
        let weights = VarBuilder::from_slice_safetensors(&folder.weights, DType::F32, device).map_err(bad)?;
        let model = BertModel::load(weights, &folder.config).map_err(bad)?;
        let reader = WindowReader::new(&folder)?;
        Ok(Self {
            dim: folder.dim(),
            max_tokens: folder.max_tokens,
            pooling: folder.pooling,
            device: device.clone(),
            name: folder.name,
            reader,
            model,
        })
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Components a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Tokens a window holds, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Embeds texts. Runs on the threads of the current rayon pool.
    ///
    /// `done` is told after each batch how many windows it held. A text longer than the model reads is the
    /// mean of its windows, weighted by their tokens.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`], [`EmbedError::Run`], or [`EmbedError::Vectors`] where weights are damaged.
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        let windows = self.reader.windows(texts)?;
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let Plan { order, batches } = plan(&lengths);
        let pooled: Result<Vec<Vec<f32>>, EmbedError> = batches
            .par_iter()
            .map(|batch| {
                let vectors = self.run(&windows, &order[batch.clone()])?;
                done(batch.len());
                Ok(vectors)
            })
            .collect();
        let sums = self.sum_windows(texts.len(), &windows, &order, (&batches, &pooled?));
        Ok(Embeddings { vectors: UnitRows::normalized(sums)?, windowed: windowed(&windows) })
    }

    /// One batch: flat unit vectors, in the order of `batch`.
    fn run(&self, windows: &[Window], batch: &[usize]) -> Result<Vec<f32>, EmbedError> {
        let width = batch.iter().map(|&window| windows[window].ids.len()).max().unwrap_or(0);
        let shape = (batch.len(), width);
        let mut ids = vec![0_u32; batch.len() * width];
        let mut mask = vec![0_u32; batch.len() * width];
        for (at, &window) in batch.iter().enumerate() {
            let tokens = &windows[window].ids;
            ids[at * width..][..tokens.len()].copy_from_slice(tokens);
            mask[at * width..][..tokens.len()].fill(1);
        }
        let ids = Tensor::from_vec(ids, shape, &self.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.device)?;
        let tokens = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let pooled = self.pooling.apply(&tokens, &mask)?;
        let unit = pooled.broadcast_div(&pooled.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        Ok(unit.flatten_all()?.to_vec1()?)
    }

    /// Sums the windows of each text, weighted by their tokens: shape `(texts, dim)`.
    fn sum_windows(
        &self,
        texts: usize,
        windows: &[Window],
        order: &[usize],
        (batches, pooled): (&[Range<usize>], &[Vec<f32>]),
    ) -> Array2<f32> {
        let mut place = vec![(0, 0); windows.len()];
        for (batch, range) in batches.iter().enumerate() {
            for (row, &window) in order[range.clone()].iter().enumerate() {
                place[window] = (batch, row);
            }
        }
        let mut sums = Array2::zeros((texts, self.dim));
        // In order of window, so that the sum does not depend on how windows were batched.
        for (window, (batch, row)) in windows.iter().zip(place) {
            let weight = window.ids.len() as f32;
            let vector = &pooled[batch][row * self.dim..][..self.dim];
            for (sum, value) in sums.row_mut(window.text).iter_mut().zip(vector) {
                *sum += weight * value;
            }
        }
        sums
    }
}

/// Texts of more than one window, ascending.
fn windowed(windows: &[Window]) -> Vec<usize> {
    let mut texts: Vec<usize> =
        windows.windows(2).filter(|two| two[0].text == two[1].text).map(|two| two[0].text).collect();
    texts.dedup();
    texts
}

/// Candle's errors may carry a backtrace below their first line.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
