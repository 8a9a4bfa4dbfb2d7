//! BERT (Devlin et al., arXiv 1810.04805), and RoBERTa, XLM-RoBERTa and CamemBERT, which count positions otherwise.
//!
//! Source: transformers, `configuration_bert.py`, `modeling_bert.py`, `modeling_roberta.py`.

use serde::Deserialize;

use super::{Activation, Blueprint, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Places, Reach, Sizes};
use crate::embed::EmbedError;
use crate::embed::folder::File;

#[derive(Deserialize)]
#[serde(default)]
struct Config {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: String,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f64,
    pad_token_id: Option<u32>,
    position_embedding_type: Option<String>,
    is_decoder: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3_072,
            hidden_act: "gelu".to_owned(),
            max_position_embeddings: 512,
            type_vocab_size: 2,
            layer_norm_eps: 1e-12,
            pad_token_id: None,
            position_embedding_type: None,
            is_decoder: false,
        }
    }
}

/// `after_padding`: positions start after the padding token's number, as in RoBERTa.
///
/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File, after_padding: bool) -> Result<Blueprint, EmbedError> {
    let config: Config = file.parse()?;
    config.check(file)?;
    let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
    let padding = after_padding.then(|| config.pad_token_id.unwrap_or(1));
    let places = Places {
        name: "embeddings.position_embeddings.weight".to_owned(),
        rows: config.max_position_embeddings,
        offset: padding.map_or(0, |padding| padding as usize + 1),
        uncounted: padding,
    };
    Ok(Blueprint {
        prefixes: &["", "bert.", "roberta."],
        vocab: config.vocab_size,
        hidden,
        wide: config.intermediate_size,
        heads: Heads { queries: heads, keys: heads, size: hidden / heads },
        norm: NormKind::Layer { bias: true },
        epsilon: config.layer_norm_eps as f32,
        place: NormPlace::After,
        activation: Activation::named(&config.hidden_act, file)?,
        words: "embeddings.word_embeddings.weight".to_owned(),
        places: Some(places),
        segments: Some(("embeddings.token_type_embeddings.weight".to_owned(), config.type_vocab_size)),
        first_norm: Some("embeddings.LayerNorm".to_owned()),
        layers: (0..config.num_hidden_layers).map(|index| layer(index, &config)).collect(),
        longest: config.max_position_embeddings,
        ..Blueprint::default()
    })
}

impl Config {
    fn check(&self, file: &File) -> Result<(), EmbedError> {
        let sizes = Sizes {
            vocab: ("vocab_size", self.vocab_size),
            hidden: ("hidden_size", self.hidden_size),
            layers: ("num_hidden_layers", self.num_hidden_layers),
            heads: ("num_attention_heads", self.num_attention_heads),
            wide: ("intermediate_size", self.intermediate_size),
            positions: ("max_position_embeddings", self.max_position_embeddings),
        };
        sizes.check(file)?;
        if self.is_decoder {
            return Err(file.unsupported("a decoder (\"is_decoder\": true)", "is an encoder"));
        }
        match self.position_embedding_type.as_deref() {
            None | Some("absolute") => Ok(()),
            Some(other) => Err(file.unsupported(&format!("positions of the kind \"{other}\""), "is \"absolute\"")),
        }
    }
}

fn layer(index: usize, config: &Config) -> LayerPlan {
    let (hidden, wide) = (config.hidden_size, config.intermediate_size);
    let name = |part: &str| format!("encoder.layer.{index}.{part}");
    let linear = |part: &str, outputs| Linear::new(name(part), outputs, true);
    LayerPlan {
        qkv: ["query", "key", "value"].map(|part| linear(&format!("attention.self.{part}"), hidden)).to_vec(),
        mixed: linear("attention.output.dense", hidden),
        mixed_norm: Some(name("attention.output.LayerNorm")),
        feed: Feed {
            widen: vec![linear("intermediate.dense", wide)],
            gated: false,
            narrow: linear("output.dense", hidden),
        },
        feed_norm: name("output.LayerNorm"),
        head_norms: None,
        reach: Reach::default(),
        theta: None,
    }
}
