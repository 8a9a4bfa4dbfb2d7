//! Qwen3 (arXiv 2505.09388), as in Qwen3-Embedding: a decoder whose last token's state is the text's.
//!
//! Source: transformers, `configuration_qwen3.py`, `modeling_qwen3.py`.

use serde::Deserialize;
use serde_json::Value;

use super::parts::within;
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
    num_key_value_heads: Option<usize>,
    head_dim: usize,
    intermediate_size: usize,
    hidden_act: String,
    max_position_embeddings: usize,
    rms_norm_eps: f64,
    attention_bias: bool,
    use_sliding_window: bool,
    sliding_window: Option<usize>,
    max_window_layers: usize,
    layer_types: Option<Vec<String>>,
    rope_parameters: Option<Value>,
    rope_scaling: Option<Value>,
    rope_theta: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 151_936,
            hidden_size: 4_096,
            num_hidden_layers: 32,
            num_attention_heads: 32,
            num_key_value_heads: Some(32),
            head_dim: 128,
            intermediate_size: 22_016,
            hidden_act: "silu".to_owned(),
            max_position_embeddings: 32_768,
            rms_norm_eps: 1e-6,
            attention_bias: false,
            use_sliding_window: false,
            sliding_window: Some(4_096),
            max_window_layers: 28,
            layer_types: None,
            rope_parameters: None,
            rope_scaling: None,
            rope_theta: None,
        }
    }
}

/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File) -> Result<Blueprint, EmbedError> {
    let config: Config = file.parse()?;
    let heads = config.heads(file)?;
    let parameters = config.rope_parameters.as_ref().or(config.rope_scaling.as_ref());
    let theta = rope::theta(file, parameters, config.rope_theta, 10_000.0)?;
    Ok(Blueprint {
        prefixes: &["", "model."],
        vocab: config.vocab_size,
        hidden: config.hidden_size,
        wide: config.intermediate_size,
        heads,
        norm: NormKind::RootMeanSquare,
        epsilon: config.rms_norm_eps as f32,
        place: NormPlace::Before,
        activation: Activation::named(&config.hidden_act, file)?,
        words: "embed_tokens.weight".to_owned(),
        last_norm: Some("norm".to_owned()),
        layers: (0..config.num_hidden_layers).map(|index| config.layer(index, heads, theta)).collect(),
        longest: config.max_position_embeddings,
        ..Blueprint::default()
    })
}

impl Config {
    /// # Errors
    /// [`EmbedError::Malformed`] for sizes that no model has.
    fn heads(&self, file: &File) -> Result<Heads, EmbedError> {
        let sizes = Sizes {
            vocab: ("vocab_size", self.vocab_size),
            // Its heads need not divide the hidden size: they have a size of their own.
            hidden: ("hidden_size", self.hidden_size),
            layers: ("num_hidden_layers", self.num_hidden_layers),
            heads: ("num_attention_heads", 1),
            wide: ("intermediate_size", self.intermediate_size),
            positions: ("max_position_embeddings", self.max_position_embeddings),
        };
        sizes.check(file)?;
        let (queries, keys) = (self.num_attention_heads, self.num_key_value_heads.unwrap_or(self.num_attention_heads));
        within(file, "num_attention_heads", queries, 1 << 12)?;
        within(file, "num_key_value_heads", keys, queries)?;
        within(file, "head_dim", self.head_dim, 1 << 12)?;
        rope::check_head(file, self.head_dim)?;
        if queries.is_multiple_of(keys) {
            return Ok(Heads { queries, keys, size: self.head_dim });
        }
        Err(file.bad(format!(
            "num_attention_heads {queries}, num_key_value_heads {keys}: expected the one to divide the other"
        )))
    }

    fn window(&self, index: usize) -> Option<usize> {
        let window = self.sliding_window.filter(|_| self.use_sliding_window)?;
        let slides = match &self.layer_types {
            Some(kinds) => kinds.get(index).is_some_and(|kind| kind == "sliding_attention"),
            None => index >= self.max_window_layers,
        };
        // Upstream counts the token itself.
        slides.then(|| window.saturating_sub(1))
    }

    fn layer(&self, index: usize, heads: Heads, theta: f32) -> LayerPlan {
        let name = |part: &str| format!("layers.{index}.{part}");
        let attention =
            |part: &str, outputs| Linear::new(name(&format!("self_attn.{part}")), outputs, self.attention_bias);
        let feed = |part: &str, outputs| Linear::new(name(&format!("mlp.{part}")), outputs, false);
        LayerPlan {
            qkv: vec![
                attention("q_proj", heads.queries * heads.size),
                attention("k_proj", heads.keys * heads.size),
                attention("v_proj", heads.keys * heads.size),
            ],
            mixed: attention("o_proj", self.hidden_size),
            mixed_norm: Some(name("input_layernorm")),
            feed: Feed {
                widen: vec![feed("gate_proj", self.intermediate_size), feed("up_proj", self.intermediate_size)],
                gated: true,
                narrow: feed("down_proj", self.hidden_size),
            },
            feed_norm: name("post_attention_layernorm"),
            head_norms: Some([name("self_attn.q_norm"), name("self_attn.k_norm")]),
            reach: Reach { causal: true, window: self.window(index) },
            theta: Some(theta),
        }
    }
}
