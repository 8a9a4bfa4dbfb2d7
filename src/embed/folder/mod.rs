//! A model folder in sentence-transformers' layout: read, and refused by name where it is not supported.
//!
//! `modules` reads the steps, each in a folder of its own; `settings` how texts are read, the prompts and what of a
//! vector is kept; `description` says in short what the model is; `files` is the door to all files. What a `config.json` means is `blueprint`'s, how tokens become
//! one vector `pooling`'s.

mod description;
mod files;
mod modules;
mod settings;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;

use super::EmbedError;
use super::blueprint::{Activation, Blueprint};
use super::pooling::Pooling;
pub use description::{Description, Supported, supported};
use files::Files;
pub(in crate::embed) use files::{Bytes, File, MISSING, malformed};
use modules::{After, Entry, Modules};
use settings::{ModelSettings, Reading};

/// What of a model folder the encoder needs, checked but for the weights.
#[derive(Debug)]
pub struct ModelFolder {
    /// The model's name: its folder's.
    pub name: String,
    /// Longest text in tokens, special tokens included; no limit for a static token table.
    pub max_tokens: usize,
    pub(super) entry: Making,
    /// What is done to a pooled vector, in order.
    pub(super) after: Vec<Step>,
    pub(super) tokenizer: File,
    /// One file, or several that share the tensors.
    pub(super) weights: Vec<File>,
    pub(super) lower_case: bool,
    /// The id of the token that fills up batches, where the model names one.
    pub(super) padding: Option<i64>,
    pub(super) truncate_dim: Option<usize>,
    pub(super) default_prompt: Option<String>,
    prompts: BTreeMap<String, String>,
    notes: Vec<String>,
    crc32: u32,
}

/// What makes the first vector of a text.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one a model")]
pub(super) enum Making {
    /// A transformer, whose tokens are pooled.
    Transformer(Blueprint, Pooling),
    /// A static token table.
    Table,
}

/// What every transformer's `config.json` may say of padding.
#[derive(Deserialize)]
struct PaddingOf {
    /// Below zero where there is none.
    pad_token_id: Option<i64>,
}

impl Making {
    /// What it is, in words.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Transformer(blueprint, _) => format!("the architecture \"{}\"", blueprint.family),
            Self::Table => "a static token table".to_owned(),
        }
    }
}

/// What is done to a vector after pooling.
#[derive(Debug)]
pub(super) enum Step {
    /// A projection.
    Dense(Projection),
    /// To unit length.
    Normalize,
}

/// A linear map with an activation: sentence-transformers, `base/modules/dense.py`.
#[derive(Debug)]
pub(super) struct Projection {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) bias: bool,
    pub(super) activation: Activation,
    /// Whether what enters is added to what leaves, mapped where their widths differ.
    pub(super) residual: bool,
    pub(super) weights: Vec<File>,
}

/// Tokens of the longest text of a model that takes any: a number that other programs can read.
pub(super) const NO_LIMIT: usize = u32::MAX as usize;

impl ModelFolder {
    /// Reads a model folder from disk.
    ///
    /// # Errors
    /// [`EmbedError::NoFile`] or [`EmbedError::Read`] for a missing or unreadable file; else as [`ModelFolder::from_parts`].
    pub fn read(path: &Path) -> Result<Self, EmbedError> {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Self::from_parts(&name, |file| read_optional(&path.join(file))).map_err(|error| name_missing(error, path))
    }

    /// Reads a model from a source of named files; `read` gives none for a file that is not there.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] for a file that is missing or does not parse, [`EmbedError::Unsupported`]
    /// for an architecture, module or pooling this crate does not run, and whatever `read` fails with.
    pub fn from_parts(
        name: &str,
        read: impl Fn(&str) -> Result<Option<Bytes>, EmbedError>,
    ) -> Result<Self, EmbedError> {
        let seen = RefCell::new(BTreeMap::new());
        let read = |file: &str| {
            let bytes = read(file)?;
            if let Some(bytes) = &bytes {
                seen.borrow_mut().insert(file.to_owned(), crc32fast::hash(bytes));
            }
            Ok(bytes)
        };
        let files = Files { model: name, read: &read };
        let settings = ModelSettings::read(&files)?;
        let mut modules = Modules::read(&files)?;
        if modules.entry.is_bare() && is_bare_table(&files)? {
            modules.entry = Entry::Table { folder: String::new() };
        }
        let (entry, mut folder) = match &modules.entry {
            Entry::Table { folder } => (folder, Self::table(&files, folder)?),
            Entry::Transformer { folder, pooling } => (folder, Self::transformer(&files, folder, pooling.as_deref())?),
        };
        folder.after = modules.after.iter().map(|after| step(&files, after)).collect::<Result<_, _>>()?;
        // Weights are large and may have to be fetched: all that can be refused without them has been.
        folder.weights = files.weights(entry)?;
        for (step, after) in folder.after.iter_mut().zip(&modules.after) {
            if let (Step::Dense(projection), After::Dense(place)) = (step, after) {
                projection.weights = files.weights(place)?;
            }
        }
        folder.notes.extend(settings.similarity_note());
        folder.default_prompt = settings.default_prompt_name.and_then(|name| settings.prompts.get(&name).cloned());
        (folder.prompts, folder.truncate_dim) = (settings.prompts, settings.truncate_dim);
        folder.crc32 = crc32fast::hash(format!("{:?}", seen.into_inner()).as_bytes());
        Ok(folder)
    }

    fn table(files: &Files, folder: &str) -> Result<Self, EmbedError> {
        let tokenizer = files.need(folder, "tokenizer.json")?;
        let reading = Reading { max_tokens: NO_LIMIT, ..Reading::default() };
        Ok(Self::new(files.model, Making::Table, tokenizer, reading))
    }

    fn transformer(files: &Files, folder: &str, pooling: Option<&str>) -> Result<Self, EmbedError> {
        let config = files.need(folder, "config.json")?;
        let blueprint = Blueprint::read(&config)?;
        let reading = Reading::of(files, folder, &blueprint)?;
        let bare = Pooling::of_bare(&blueprint);
        let (pooling, note) = match pooling {
            // Without its settings nobody knows how the model was trained; the reference refuses it too.
            Some(pooling) => (Pooling::read(Some(&files.need(pooling, "config.json")?))?, None),
            // Older folders may have a pooling and no list of modules.
            None => match files.find("1_Pooling", "config.json")? {
                Some(file) => (Pooling::read(Some(&file))?, None),
                None => {
                    let note = format!("names no pooling (no modules.json): {} pooling is used", bare.name());
                    (bare, Some(note))
                }
            },
        };
        let tokenizer = files.need(folder, "tokenizer.json")?;
        let mut made = Self::new(files.model, Making::Transformer(blueprint, pooling), tokenizer, reading);
        made.padding = config.parse::<PaddingOf>()?.pad_token_id.filter(|id| *id >= 0);
        made.notes.extend(note);
        Ok(made)
    }

    /// A folder whose steps and weights are yet to be read.
    fn new(name: &str, entry: Making, tokenizer: File, reading: Reading) -> Self {
        Self {
            name: name.to_owned(),
            max_tokens: reading.max_tokens,
            entry,
            after: Vec::new(),
            tokenizer,
            weights: Vec::new(),
            lower_case: reading.lower_case,
            padding: None,
            truncate_dim: None,
            default_prompt: None,
            prompts: BTreeMap::new(),
            notes: reading.note.into_iter().collect(),
            crc32: 0,
        }
    }

    /// CRC-32 of the names and contents of all its files that were read.
    pub fn crc32(&self) -> u32 {
        self.crc32
    }

    /// The prompts the model was trained with, by name: texts put before the text that is embedded.
    pub fn prompts(&self) -> &BTreeMap<String, String> {
        &self.prompts
    }

    /// What was assumed or changed about the model, each to be read after its name.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Adds what whoever reads the folder has to say of it.
    pub(super) fn add_note(&mut self, note: String) {
        self.notes.push(note);
    }
}

impl Entry {
    fn is_bare(&self) -> bool {
        matches!(self, Self::Transformer { pooling: None, .. })
    }
}

#[derive(Deserialize)]
struct ModelType {
    model_type: Option<String>,
}

/// Whether a folder without a list of modules is model2vec's.
fn is_bare_table(files: &Files) -> Result<bool, EmbedError> {
    let Some(file) = files.find("", "config.json")? else { return Ok(false) };
    let ModelType { model_type } = file.parse()?;
    Ok(model_type.as_deref() == Some("model2vec"))
}

#[derive(Deserialize)]
struct DenseConfig {
    in_features: usize,
    out_features: usize,
    #[serde(default = "yes")]
    bias: bool,
    #[serde(default = "tanh")]
    activation_function: Option<String>,
    #[serde(default = "sentence")]
    module_input_name: String,
    module_output_name: Option<String>,
    #[serde(default)]
    use_residual: bool,
}

fn yes() -> bool {
    true
}

#[allow(clippy::unnecessary_wraps, reason = "the field's type")]
fn tanh() -> Option<String> {
    Some("Tanh".to_owned())
}

fn sentence() -> String {
    "sentence_embedding".to_owned()
}

/// A step without its weights.
fn step(files: &Files, after: &After) -> Result<Step, EmbedError> {
    let After::Dense(folder) = after else { return Ok(Step::Normalize) };
    let file = files.need(folder, "config.json")?;
    let config: DenseConfig = file.parse()?;
    for name in std::iter::once(&config.module_input_name).chain(&config.module_output_name) {
        if *name != sentence() {
            return Err(file.unsupported(&format!("a projection of \"{name}\""), "are those of \"sentence_embedding\""));
        }
    }
    // Bounded so that their product is; the tensors are held against them when they are loaded.
    let fits = |size: usize| (1..1 << 24).contains(&size);
    if !fits(config.in_features) || !fits(config.out_features) {
        return Err(file.bad(format!("in_features {}, out_features {}", config.in_features, config.out_features)));
    }
    Ok(Step::Dense(Projection {
        inputs: config.in_features,
        outputs: config.out_features,
        bias: config.bias,
        activation: torch_activation(&file, config.activation_function.as_deref())?,
        residual: config.use_residual,
        weights: Vec::new(),
    }))
}

/// By the name of a class of torch, with or without its module.
fn torch_activation(file: &File, path: Option<&str>) -> Result<Activation, EmbedError> {
    match path.map_or("Identity", |path| path.rsplit('.').next().unwrap_or_default()) {
        "Identity" => Ok(Activation::Identity),
        "Tanh" => Ok(Activation::Tanh),
        "GELU" => Ok(Activation::Gelu),
        "ReLU" => Ok(Activation::Relu),
        "SiLU" => Ok(Activation::Silu),
        "Sigmoid" => Ok(Activation::Sigmoid),
        _ => Err(file.unsupported(
            &format!("a projection with the activation \"{}\"", path.unwrap_or_default()),
            "are Identity, Tanh, GELU, ReLU, SiLU and Sigmoid",
        )),
    }
}

fn read_optional(path: &Path) -> Result<Option<Bytes>, EmbedError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbedError::Read { path: path.to_owned(), source }),
    }
}

/// A missing file of a folder on disk is named by its path.
fn name_missing(error: EmbedError, folder: &Path) -> EmbedError {
    match error {
        EmbedError::Malformed { file, what, .. } if what == MISSING => {
            EmbedError::NoFile { folder: folder.to_owned(), file }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
