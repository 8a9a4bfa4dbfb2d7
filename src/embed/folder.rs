//! A model folder in sentence-transformers' layout: read, and refused by name where it is not supported.
//!
//! `modules.json` lists the steps; `config.json` is the transformer's; `1_Pooling/config.json` (or what
//! `modules.json` names) says how tokens become one vector; `sentence_bert_config.json` the longest text.
//! Source of the layout: sentence-transformers, `SentenceTransformer._load_sbert_model`.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

use candle_transformers::models::bert::Config;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::EmbedError;
use super::pooling::Pooling;

/// Where the weights lie: compiled in, or read from a file.
type Bytes = Cow<'static, [u8]>;

/// What of a model folder the encoder needs, checked.
#[derive(Debug)]
pub struct ModelFolder {
    /// The model's name: its folder's.
    pub name: String,
    /// Longest text in tokens, special tokens included.
    pub max_tokens: usize,
    pub(super) config: Config,
    pub(super) pooling: Pooling,
    pub(super) tokenizer: Bytes,
    pub(super) weights: Bytes,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct ModelType {
    model_type: String,
}

#[derive(Deserialize, Default)]
struct Lengths {
    max_seq_length: Option<usize>,
}

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
        let needed = |file: &'static str| read(file)?.ok_or_else(|| malformed(name, file, "not there"));
        let config_bytes = needed("config.json")?;
        refuse_architecture(name, &config_bytes)?;
        let config = transformer(name, &config_bytes)?;
        let pooling_path = match read("modules.json")? {
            Some(modules) => pooling_path(name, &modules)?,
            None => "1_Pooling".to_owned(),
        };
        let pooling = match read(&format!("{pooling_path}/config.json"))? {
            Some(bytes) => Pooling::parse(name, &bytes)?,
            None => Pooling::Mean,
        };
        let lengths: Lengths = match read("sentence_bert_config.json")? {
            Some(bytes) => parse(name, "sentence_bert_config.json", &bytes)?,
            None => Lengths::default(),
        };
        let max_tokens = lengths.max_seq_length.unwrap_or(config.max_position_embeddings);
        check_length(name, max_tokens, config.max_position_embeddings)?;
        let (tokenizer, weights) = (needed("tokenizer.json")?, needed("model.safetensors")?);
        Ok(Self { name: name.to_owned(), max_tokens, config, pooling, tokenizer, weights })
    }

    /// Components a vector.
    pub fn dim(&self) -> usize {
        self.config.hidden_size
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
        EmbedError::Malformed { file, what, .. } if what == "not there" => {
            EmbedError::NoFile { folder: folder.to_owned(), file }
        }
        other => other,
    }
}

/// The transformer's configuration, its activation under candle's name for it.
fn transformer(model: &str, bytes: &[u8]) -> Result<Config, EmbedError> {
    let mut config: Value = parse(model, "config.json", bytes)?;
    if let Some(activation) = config.get_mut("hidden_act") {
        *activation = candle_activation(model, activation)?.into();
    }
    serde_json::from_value(config).map_err(|error| malformed(model, "config.json", &error.to_string()))
}

/// Names as in transformers, `activations.py`.
fn candle_activation(model: &str, activation: &Value) -> Result<&'static str, EmbedError> {
    match activation.as_str() {
        Some("gelu") => Ok("gelu"),
        Some("gelu_new" | "gelu_pytorch_tanh") => Ok("geluapproximate"),
        Some("relu") => Ok("relu"),
        _ => Err(EmbedError::Unsupported {
            model: model.to_owned(),
            found: format!("the activation {activation}"),
            supported: "are \"gelu\", \"gelu_new\", \"gelu_pytorch_tanh\" and \"relu\"",
        }),
    }
}

fn refuse_architecture(model: &str, config: &[u8]) -> Result<(), EmbedError> {
    let ModelType { model_type } = parse(model, "config.json", config)?;
    if model_type == "bert" {
        return Ok(());
    }
    Err(EmbedError::Unsupported {
        model: model.to_owned(),
        found: format!("the architecture \"{model_type}\""),
        supported: "is \"bert\"",
    })
}

/// The folder of the pooling module, after every module has been checked.
fn pooling_path(model: &str, modules: &[u8]) -> Result<String, EmbedError> {
    let modules: Vec<Module> = parse(model, "modules.json", modules)?;
    let mut pooling = None;
    for module in modules {
        match module.kind.rsplit('.').next() {
            Some("Transformer" | "Normalize") => {}
            Some("Pooling") => pooling = Some(module.path),
            _ => {
                return Err(EmbedError::Unsupported {
                    model: model.to_owned(),
                    found: format!("the module \"{}\"", module.kind),
                    supported: "are Transformer, Pooling and Normalize",
                });
            }
        }
    }
    pooling.ok_or_else(|| malformed(model, "modules.json", "no Pooling module: expected one"))
}

fn check_length(model: &str, max_tokens: usize, positions: usize) -> Result<(), EmbedError> {
    // [CLS], one word and [SEP] at the least; the position table at the most.
    if (3..=positions).contains(&max_tokens) {
        return Ok(());
    }
    let what = format!("max_seq_length {max_tokens}: expected 3 to {positions}, the positions the model has");
    Err(malformed(model, "sentence_bert_config.json", &what))
}

pub(super) fn parse<T: DeserializeOwned>(model: &str, file: &'static str, bytes: &[u8]) -> Result<T, EmbedError> {
    serde_json::from_slice(bytes).map_err(|error| malformed(model, file, &error.to_string()))
}

pub(super) fn malformed(model: &str, file: &'static str, what: &str) -> EmbedError {
    EmbedError::Malformed { model: model.to_owned(), file, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use candle_transformers::models::bert::HiddenAct;

    use super::*;

    const CONFIG: &str = r#"{"model_type": "bert", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        "max_position_embeddings": 16, "type_vocab_size": 2, "initializer_range": 0.02, "layer_norm_eps": 1e-12,
        "pad_token_id": 0}"#;

    fn folder(changes: &[(&'static str, &'static str)]) -> Result<ModelFolder, EmbedError> {
        let mut files = BTreeMap::from([("config.json", CONFIG), ("tokenizer.json", "{}"), ("model.safetensors", "")]);
        files.extend(changes.iter().copied());
        ModelFolder::from_parts("tiny", |file| Ok(files.get(file).map(|text| Cow::Borrowed(text.as_bytes()))))
    }

    #[test]
    fn a_bare_folder_means_mean_pooling_and_all_positions() {
        let folder = folder(&[]).unwrap();
        assert_eq!((folder.pooling, folder.max_tokens, folder.dim()), (Pooling::Mean, 16, 8));
    }

    #[test]
    fn another_architecture_is_refused_by_name() {
        let error = folder(&[("config.json", r#"{"model_type": "mpnet"}"#)]).unwrap_err().to_string();
        assert_eq!(error, "model tiny has the architecture \"mpnet\": supported is \"bert\"");
    }

    #[test]
    fn another_activation_is_refused_by_name() {
        let config = |activation: &str| -> &'static str { CONFIG.replace("\"gelu\"", activation).leak() };
        let error = folder(&[("config.json", config("\"silu\""))]).unwrap_err().to_string();
        assert!(error.starts_with("model tiny has the activation \"silu\": supported are \"gelu\""), "{error}");
        let folder = folder(&[("config.json", config("\"gelu_new\""))]).unwrap();
        assert_eq!(folder.config.hidden_act, HiddenAct::GeluApproximate);
    }

    #[test]
    fn another_module_is_refused_by_name() {
        let modules = r#"[{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]"#;
        let error = folder(&[("modules.json", modules)]).unwrap_err().to_string();
        assert!(error.contains("the module \"sentence_transformers.models.Dense\""), "{error}");
    }

    #[test]
    fn a_length_beyond_the_position_table_is_refused() {
        let error = folder(&[("sentence_bert_config.json", r#"{"max_seq_length": 17}"#)]).unwrap_err().to_string();
        assert!(error.contains("max_seq_length 17: expected 3 to 16"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named_by_its_path() {
        let error = ModelFolder::read(Path::new("no/such/folder")).unwrap_err().to_string();
        assert!(error.starts_with("no config.json in no/such/folder: expected a folder in"), "{error}");
    }
}
