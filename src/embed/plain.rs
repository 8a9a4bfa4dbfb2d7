//! The plain path: candle's own BERT in 32-bit floats, windows padded to the longest of their batch and masked.
//!
//! It is the definition that the fused path is tested against.

use std::collections::HashMap;
use std::ops::Range;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, HiddenAct};

use super::blueprint::{Activation, Blueprint};
use super::folder::{Making, ModelFolder};
use super::fused::end_to_end;
use super::{EmbedError, first_line};

/// A model as candle runs it.
pub(super) struct PlainBert {
    model: BertModel,
    hidden: usize,
    device: Device,
}

impl PlainBert {
    /// Loads a model onto a device.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] for another architecture than BERT, [`EmbedError::Malformed`] where weights are
    /// missing, of another shape or not safetensors.
    pub(super) fn load(folder: &ModelFolder, device: &Device) -> std::result::Result<Self, EmbedError> {
        let config = config(folder)?;
        let mut tensors = HashMap::new();
        for file in &folder.weights {
            let read = candle_core::safetensors::load_buffer(&file.bytes, device);
            tensors.extend(read.map_err(|error| file.bad(first_line(&error)))?);
        }
        let bad =
            |error: candle_core::Error| super::folder::malformed(&folder.name, "model.safetensors", first_line(&error));
        let weights = VarBuilder::from_tensors(tensors, DType::F32, device);
        let model = BertModel::load(weights, &config).map_err(bad)?;
        Ok(Self { model, hidden: config.hidden_size, device: device.clone() })
    }

    /// The states of all tokens of some sequences, and the rows of each sequence: flat, shape `(tokens, hidden)`.
    ///
    /// # Errors
    /// Whatever candle fails with.
    pub(super) fn run(&self, sequences: &[&[u32]]) -> Result<(Vec<f32>, Vec<Range<usize>>)> {
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
        let padded = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?.flatten_all()?.to_vec1::<f32>()?;
        let rows = padded.chunks_exact((width * self.hidden).max(1)).zip(sequences);
        let states = rows.flat_map(|(rows, ids)| &rows[..ids.len() * self.hidden]).copied().collect();
        Ok((states, end_to_end(sequences)))
    }
}

/// The blueprint as candle's own configuration.
fn config(folder: &ModelFolder) -> std::result::Result<Config, EmbedError> {
    let refused = |found: String| {
        let model = folder.name.clone();
        EmbedError::Unsupported { model, found, supported: "there is \"bert\"" }
    };
    let (blueprint, positions) = match &folder.entry {
        Making::Transformer(blueprint @ Blueprint { places: Some(places), .. }, _) if blueprint.family == "bert" => {
            (blueprint, places.rows)
        }
        other => return Err(refused(format!("{}, which runs on the CPU alone", other.name()))),
    };
    let hidden_act = match blueprint.activation {
        Activation::Gelu => HiddenAct::Gelu,
        Activation::GeluTanh => HiddenAct::GeluApproximate,
        Activation::Relu => HiddenAct::Relu,
        other => return Err(refused(format!("the activation {other:?}, which runs on the CPU alone"))),
    };
    Ok(Config {
        vocab_size: blueprint.vocab,
        hidden_size: blueprint.hidden,
        num_hidden_layers: blueprint.layers.len(),
        num_attention_heads: blueprint.heads.queries,
        intermediate_size: blueprint.wide,
        hidden_act,
        max_position_embeddings: positions,
        type_vocab_size: blueprint.segments.as_ref().map_or(0, |(_, rows)| *rows),
        layer_norm_eps: blueprint.epsilon.into(),
        // Upstream's checkpoints are named from the model's root or from `bert.`, which this tells candle.
        model_type: Some("bert".to_owned()),
        ..Config::default()
    })
}
