//! Texts to unit vectors: a sentence-transformers model, run on the CPU or on NVIDIA cards.
//!
//! `folder` reads a model folder and refuses what is not supported; `bundled` is the folder inside the
//! binary, `hub` takes folders by their names from the local cache or the Hugging Face hub; `blueprint` says as data what its transformer computes; `tokens` turns texts into windows of token ids;
//! `batch` orders them; `encoder` runs the model, which is `plain` (candle's own BERT, the definition) or `fused` (any
//! blueprint, fast on the CPU, in the numbers that `precision` says) or `cuda` (models of BERT's kind, on cards); `pooling` says how a window becomes one vector. Not
//! here: what texts mean to each other (`neighbours`).

mod batch;
mod blueprint;
pub mod bundled;
mod cuda;
mod device;
mod encoder;
mod folder;
mod fused;
pub mod hub;
mod plain;
mod pooling;
mod precision;
mod tokens;

pub use device::{DeviceChoice, Devices, open_device};
pub use encoder::{Embeddings, Encoder, Manner};
pub use folder::{Description, ModelFolder, Supported, supported};
pub use precision::Precision;
pub use tokens::Cut;

use std::path::PathBuf;

use thiserror::Error;

/// Why texts could not be embedded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A file of the model folder cannot be read.
    #[error("reading {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that every model folder has is not there.
    #[error("no {file} in {}: expected a folder in sentence-transformers' layout, with config.json, tokenizer.json and model.safetensors", folder.display())]
    NoFile {
        /// The folder.
        folder: PathBuf,
        /// The file.
        file: String,
    },
    /// The binary was built without its model.
    #[error("this build carries no model: expected a model folder (build with the feature bundled-model, or name one)")]
    NoBundledModel,
    /// A file of the model folder is not what it should be.
    #[error("{file} of model {model}: {what}")]
    Malformed {
        /// The model.
        model: String,
        /// The file in its folder.
        file: String,
        /// What was found and what was expected.
        what: String,
    },
    /// The folder holds a model of a kind that is not supported.
    #[error("model {model} has {found}: supported {supported}")]
    Unsupported {
        /// The model.
        model: String,
        /// What it has.
        found: String,
        /// What would do.
        supported: &'static str,
    },
    /// The model could not be had by its name.
    #[error(transparent)]
    Hub(#[from] hub::HubError),
    /// A device was asked for that this build or machine does not have.
    #[error("device {asked}: {why}")]
    Device {
        /// What was asked for.
        asked: String,
        /// What is missing.
        why: String,
    },
    /// A card failed, or has no room.
    #[error(transparent)]
    Gpu(#[from] crate::gpu::GpuError),
    /// A precision was asked for that is not to be had here.
    #[error("precision {asked}: {why}; f32 runs everywhere")]
    Precision {
        /// What was asked for.
        asked: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// The tokenizer failed on a text.
    #[error("tokenising text {text}: {why}")]
    Tokenise {
        /// Index of the text.
        text: usize,
        /// What the tokenizer said.
        why: String,
    },
    /// A prompt cannot stand before texts.
    #[error("the prompt {prompt:?}: {why}")]
    Prompt {
        /// The prompt.
        prompt: String,
        /// What is wrong with it.
        why: String,
    },
    /// A prompt was asked for by a name that the model does not have.
    #[error("model {model} has no prompt \"{name}\": it has {}", if names.is_empty() { "none" } else { names })]
    NoPrompt {
        /// The model.
        model: String,
        /// What was asked for.
        name: String,
        /// What there is.
        names: String,
    },
    /// More components are to be kept than the model has, or none.
    #[error("keeping {asked} components of a vector of {full}: expected 1 to {full}")]
    Truncate {
        /// What was asked for.
        asked: usize,
        /// Components the model gives.
        full: usize,
    },
    /// The model failed.
    #[error("running the model: {}", first_line(.0))]
    Run(#[from] candle_core::Error),
    /// The model's vectors are not usable, as with damaged weights.
    #[error("the model gave an unusable vector: {0}")]
    Vectors(#[from] crate::vectors::VectorsError),
}

/// Candle's errors may carry a backtrace below their first line.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
