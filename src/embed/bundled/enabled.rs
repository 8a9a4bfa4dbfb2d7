//! The bundled model as compiled in.

use std::borrow::Cow;

use crate::embed::{EmbedError, ModelFolder};

/// Whether this build carries the model.
pub const AVAILABLE: bool = true;

macro_rules! model_file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/all-MiniLM-L6-v2/", $name)).as_slice()
    };
}

/// The bundled model's folder.
///
/// # Errors
/// As [`ModelFolder::from_parts`]; none with the files this repository holds.
pub fn folder() -> Result<ModelFolder, EmbedError> {
    ModelFolder::from_parts(super::NAME, |file| {
        Ok(match file {
            "modules.json" => Some(Cow::Borrowed(model_file!("modules.json"))),
            "config.json" => Some(Cow::Borrowed(model_file!("config.json"))),
            "sentence_bert_config.json" => Some(Cow::Borrowed(model_file!("sentence_bert_config.json"))),
            "1_Pooling/config.json" => Some(Cow::Borrowed(model_file!("1_Pooling/config.json"))),
            "tokenizer.json" => Some(Cow::Borrowed(model_file!("tokenizer.json"))),
            "model.safetensors" => Some(Cow::Borrowed(model_file!("model.safetensors"))),
            _ => None,
        })
    })
}
