//! The plain path: candle's own BERT in 32-bit floats, windows padded to the longest of their batch and masked.
//!
//! It is the definition that the fused path is tested against, and what runs on a GPU.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;

use super::folder::{ModelFolder, malformed};
use super::pooling::Pooling;
use super::{EmbedError, first_line};

/// A model as candle runs it.
pub(super) struct PlainBert {
    model: BertModel,
    device: Device,
}

impl PlainBert {
    /// Loads a model onto a device.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where weights are missing, of another shape or not safetensors.
    pub(super) fn load(folder: &ModelFolder, device: &Device) -> std::result::Result<Self, EmbedError> {
        let bad = |error: candle_core::Error| malformed(&folder.name, "model.safetensors", &first_line(&error));
        let weights = VarBuilder::from_slice_safetensors(&folder.weights, DType::F32, device).map_err(bad)?;
        let model = BertModel::load(weights, &folder.config).map_err(bad)?;
        Ok(Self { model, device: device.clone() })
    }

    /// One unit vector a sequence of token ids: flat, shape `(sequences, dim)`.
    ///
    /// # Errors
    /// Whatever candle fails with.
    pub(super) fn embed(&self, sequences: &[&[u32]], pooling: Pooling) -> Result<Vec<f32>> {
        let width = sequences.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let shape = (sequences.len(), width);
        let mut ids = vec![0_u32; sequences.len() * width];
        let mut mask = vec![0_u32; sequences.len() * width];
        for (at, tokens) in sequences.iter().enumerate() {
            ids[at * width..][..tokens.len()].copy_from_slice(tokens);
            mask[at * width..][..tokens.len()].fill(1);
        }
        let ids = Tensor::from_vec(ids, shape, &self.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.device)?;
        let tokens = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let pooled = pooling.apply(&tokens, &mask)?;
        let unit = pooled.broadcast_div(&pooled.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        unit.flatten_all()?.to_vec1()
    }
}
