//! The smaller settings of a model: how long a text it reads, its prompts, what of a vector is kept.
//!
//! Source: sentence-transformers, `base/modules/transformer.py` (lengths, lower case) and `base/model.py` (prompts).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::files::Files;
use crate::embed::EmbedError;
use crate::embed::blueprint::Blueprint;

/// Names that the transformer's settings have had.
const SENTENCE_CONFIGS: [&str; 7] = [
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_distilbert_config.json",
    "sentence_camembert_config.json",
    "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
];

/// How texts are read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) max_tokens: usize,
    pub(super) lower_case: bool,
    /// What was changed about the length, in words.
    pub(super) note: Option<String>,
}

#[derive(Deserialize, Default)]
struct Sentence {
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

#[derive(Deserialize, Default)]
struct Tokenizer {
    model_max_length: Option<Value>,
}

impl Reading {
    /// # Errors
    /// [`EmbedError::Malformed`] names the file whose length the model has no positions for.
    pub(super) fn of(files: &Files, folder: &str, blueprint: &Blueprint) -> Result<Self, EmbedError> {
        let mut sentence = Sentence::default();
        let mut said_by = "config.json".to_owned();
        for name in SENTENCE_CONFIGS {
            if let Some(file) = files.find(folder, name)? {
                sentence = file.parse()?;
                said_by = file.name;
                break;
            }
        }
        let asked = match sentence.max_seq_length {
            Some(length) => length,
            None => blueprint.longest.min(tokenizer_length(files, folder)?).min(blueprint.most_tokens()),
        };
        let (max_tokens, note) =
            held(asked, blueprint).map_err(|what| super::malformed(files.model, &said_by, what))?;
        Ok(Self { max_tokens, lower_case: sentence.do_lower_case, note })
    }
}

/// `model_max_length`: absent or beyond all bounds where the tokenizer knows none.
fn tokenizer_length(files: &Files, folder: &str) -> Result<usize, EmbedError> {
    let Some(file) = files.find(folder, "tokenizer_config.json")? else { return Ok(usize::MAX) };
    let Tokenizer { model_max_length } = file.parse()?;
    // A float above all integers becomes the largest of them.
    Ok(model_max_length.and_then(|length| length.as_f64()).map_or(usize::MAX, |length| length as usize))
}

/// The length asked for, or where the model cannot run so much, what it can, with a note.
fn held(asked: usize, blueprint: &Blueprint) -> Result<(usize, Option<String>), String> {
    let table = blueprint.places.as_ref().map_or(usize::MAX, |places| places.rows);
    // [CLS], one word and [SEP] at the least; the position table at the most.
    if !(3..=table).contains(&asked) {
        return Err(format!("max_seq_length {asked}: expected 3 to {table}, the positions the model has"));
    }
    let most = blueprint.most_tokens();
    if asked <= most {
        return Ok((asked, None));
    }
    if most < 3 {
        return Err(format!("{most} usable positions: expected 3 or more"));
    }
    Ok((
        most,
        Some(format!(
            "asks for texts of {asked} tokens but can place {most}: longer texts are read in windows of {most}"
        )),
    ))
}

/// `config_sentence_transformers.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelSettings {
    pub(super) prompts: BTreeMap<String, String>,
    pub(super) default_prompt_name: Option<String>,
    pub(super) similarity_fn_name: Option<String>,
    pub(super) truncate_dim: Option<usize>,
    model_type: Option<String>,
}

impl ModelSettings {
    /// # Errors
    /// [`EmbedError::Unsupported`] for a model that makes no vector a text; [`EmbedError::Malformed`] for a default
    /// prompt that is none of the prompts, or a vector cut to nothing.
    pub(super) fn read(files: &Files) -> Result<Self, EmbedError> {
        let Some(file) = files.find("", "config_sentence_transformers.json")? else { return Ok(Self::default()) };
        let settings: Self = file.parse()?;
        if let Some(kind) = settings.model_type.as_ref().filter(|kind| *kind != "SentenceTransformer") {
            return Err(file.unsupported(&format!("the kind \"{kind}\""), "is \"SentenceTransformer\""));
        }
        if let Some(name) = settings.default_prompt_name.as_ref().filter(|name| !settings.prompts.contains_key(*name)) {
            let names: Vec<&str> = settings.prompts.keys().map(String::as_str).collect();
            return Err(file.bad(format!("default_prompt_name \"{name}\": expected one of {names:?}")));
        }
        if settings.truncate_dim == Some(0) {
            return Err(file.bad("truncate_dim 0: expected 1 or more"));
        }
        Ok(settings)
    }

    /// What comparing by another measure than the model's means.
    pub(super) fn similarity_note(&self) -> Option<String> {
        let named = self.similarity_fn_name.as_deref().filter(|named| *named != "cosine")?;
        Some(format!("compares by \"{named}\": its vectors are brought to unit length and compared by cosine"))
    }
}
