//! ModernBERT (Warner et al., arXiv 2412.13663): norms first, rotary positions, gated feed-forward, most layers local.
//!
//! Source: transformers, `configuration_modernbert.py`, `modeling_modernbert.py`.

use serde::Deserialize;
use serde_json::Value;

use super::{Activation, Blueprint, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Reach, Sizes, rope};
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
    hidden_activation: String,
    max_position_embeddings: usize,
    norm_eps: f64,
    norm_bias: bool,
    attention_bias: bool,
    mlp_bias: bool,
    local_attention: usize,
    global_attn_every_n_layers: usize,
    layer_types: Option<Vec<String>>,
    rope_parameters: Option<Value>,
    global_rope_theta: Option<f64>,
    local_rope_theta: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 50_368,
            hidden_size: 768,
            num_hidden_layers: 22,
            num_attention_heads: 12,
            intermediate_size: 1_152,
            hidden_activation: "gelu".to_owned(),
            max_position_embeddings: 8_192,
            norm_eps: 1e-5,
            norm_bias: false,
            attention_bias: false,
            mlp_bias: false,
            local_attention: 128,
            global_attn_every_n_layers: 3,
            layer_types: None,
            rope_parameters: None,
            global_rope_theta: None,
            local_rope_theta: None,
        }
    }
}

/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File) -> Result<Blueprint, EmbedError> {
    let config: Config = file.parse()?;
    config.check(file)?;
    let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
    let layers: Result<Vec<LayerPlan>, EmbedError> =
        (0..config.num_hidden_layers).map(|index| config.layer(index, file)).collect();
    Ok(Blueprint {
        prefixes: &["", "model."],
        vocab: config.vocab_size,
        hidden,
        wide: config.intermediate_size,
        heads: Heads { queries: heads, keys: heads, size: hidden / heads },
        norm: NormKind::Layer { bias: config.norm_bias },
        epsilon: config.norm_eps as f32,
        place: NormPlace::Before,
        activation: Activation::named(&config.hidden_activation, file)?,
        words: "embeddings.tok_embeddings.weight".to_owned(),
        first_norm: Some("embeddings.norm".to_owned()),
        last_norm: Some("final_norm".to_owned()),
        layers: layers?,
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
        rope::check_head(file, self.hidden_size / self.num_attention_heads)
    }

    /// # Errors
    /// [`EmbedError::Malformed`] for a layer of no or of an unknown kind.
    fn is_local(&self, index: usize, file: &File) -> Result<bool, EmbedError> {
        let Some(kinds) = &self.layer_types else {
            return match index.checked_rem(self.global_attn_every_n_layers) {
                Some(rest) => Ok(rest != 0),
                None => Err(file.bad("global_attn_every_n_layers 0: expected 1 or more")),
            };
        };
        match kinds.get(index).map(String::as_str) {
            Some("full_attention") => Ok(false),
            Some("sliding_attention") => Ok(true),
            other => Err(file.bad(format!("layer_types gives layer {index} the kind {other:?}"))),
        }
    }

    fn layer(&self, index: usize, file: &File) -> Result<LayerPlan, EmbedError> {
        let local = self.is_local(index, file)?;
        let (kind, old, default) = if local {
            ("sliding_attention", self.local_rope_theta, 10_000.0)
        } else {
            ("full_attention", self.global_rope_theta, 160_000.0)
        };
        let parameters = self.rope_parameters.as_ref().and_then(|parameters| parameters.get(kind));
        let name = |part: &str| format!("layers.{index}.{part}");
        let (hidden, wide) = (self.hidden_size, self.intermediate_size);
        Ok(LayerPlan {
            qkv: vec![Linear::new(name("attn.Wqkv"), 3 * hidden, self.attention_bias)],
            mixed: Linear::new(name("attn.Wo"), hidden, self.attention_bias),
            // What enters the first layer has been normed.
            mixed_norm: (index > 0).then(|| name("attn_norm")),
            feed: Feed {
                widen: vec![Linear::new(name("mlp.Wi"), 2 * wide, self.mlp_bias)],
                gated: true,
                narrow: Linear::new(name("mlp.Wo"), hidden, self.mlp_bias),
            },
            feed_norm: name("mlp_norm"),
            head_norms: None,
            reach: Reach { causal: false, window: local.then_some(self.local_attention / 2) },
            theta: Some(rope::theta(file, parameters, old, default)?),
        })
    }
}
