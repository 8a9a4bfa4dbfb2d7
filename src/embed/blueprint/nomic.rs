//! NomicBERT (Nussbaum et al., arXiv 2402.01613): BERT with rotary positions and a gated feed-forward part.
//!
//! Source: transformers, `modeling_nomic_bert.py`, and the older settings of nomic-embed-text-v1.5's own
//! `configuration_hf_nomic_bert.py`. Both write tensors under the older names.

use serde::Deserialize;
use serde_json::Value;

use super::{Activation, Blueprint, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Reach, Sizes, rope};
use crate::embed::EmbedError;
use crate::embed::folder::File;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Config {
    vocab_size: Option<usize>,
    type_vocab_size: Option<usize>,
    hidden_size: Option<usize>,
    n_embd: Option<usize>,
    num_hidden_layers: Option<usize>,
    n_layer: Option<usize>,
    num_attention_heads: Option<usize>,
    n_head: Option<usize>,
    intermediate_size: Option<usize>,
    n_inner: Option<usize>,
    max_position_embeddings: Option<usize>,
    n_positions: Option<usize>,
    max_trained_positions: Option<usize>,
    hidden_act: Option<String>,
    activation_function: Option<String>,
    layer_norm_eps: Option<f64>,
    layer_norm_epsilon: Option<f64>,
    rope_parameters: Option<Value>,
    rotary_emb_base: Option<f64>,
    rotary_scaling_factor: Option<f64>,
    qkv_proj_bias: Option<bool>,
    mlp_fc1_bias: Option<bool>,
    mlp_fc2_bias: Option<bool>,
}

/// Settings of the older file that change what is computed, and the number that is supported; none stands for `false`.
const PLAIN: [(&str, Option<f64>); 8] = [
    ("prenorm", None),
    ("causal", None),
    ("use_rms_norm", None),
    ("parallel_block", None),
    ("rotary_emb_interleaved", None),
    ("rotary_emb_scale_base", None),
    ("rotary_emb_fraction", Some(1.0)),
    ("num_experts", Some(0.0)),
];

/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File) -> Result<Blueprint, EmbedError> {
    refuse_variants(file)?;
    let config: Config = file.parse()?;
    let sizes = config.sizes();
    sizes.check(file)?;
    let (hidden, heads) = (sizes.hidden.1, sizes.heads.1);
    rope::check_head(file, hidden / heads)?;
    let theta = rope::theta(file, config.rope_parameters.as_ref(), config.rotary_emb_base, 1_000.0)?;
    Ok(Blueprint {
        prefixes: &["", "nomic_bert.", "bert."],
        vocab: sizes.vocab.1,
        hidden,
        wide: sizes.wide.1,
        heads: Heads { queries: heads, keys: heads, size: hidden / heads },
        norm: NormKind::Layer { bias: true },
        epsilon: config.layer_norm_eps.or(config.layer_norm_epsilon).unwrap_or(1e-12) as f32,
        place: NormPlace::After,
        activation: config.activation(file)?,
        words: "embeddings.word_embeddings.weight".to_owned(),
        segments: segments(config.type_vocab_size.unwrap_or(2)),
        first_norm: Some("emb_ln".to_owned()),
        layers: (0..sizes.layers.1).map(|index| config.layer(index, &sizes, theta)).collect(),
        longest: sizes.positions.1,
        // The scaling that the older settings name begins beyond the positions trained on.
        unscaled: config.rotary_scaling_factor.map(|_| config.max_trained_positions.unwrap_or(2_048)),
        ..Blueprint::default()
    })
}

fn segments(rows: usize) -> Option<(String, usize)> {
    (rows > 0).then(|| ("embeddings.token_type_embeddings.weight".to_owned(), rows))
}

/// # Errors
/// [`EmbedError::Unsupported`] names the setting.
fn refuse_variants(file: &File) -> Result<(), EmbedError> {
    let settings: Value = file.parse()?;
    for (name, plain) in PLAIN {
        let Some(value) = settings.get(name).filter(|value| !value.is_null()) else { continue };
        let same = plain.map_or(*value == Value::Bool(false), |plain| value.as_f64() == Some(plain));
        if !same {
            return Err(file.unsupported(&format!("the setting {name} {value}"), "is the plain NomicBERT"));
        }
    }
    Ok(())
}

impl Config {
    fn sizes(&self) -> Sizes {
        let hidden = self.hidden_size.or(self.n_embd).unwrap_or(768);
        Sizes {
            vocab: ("vocab_size", self.vocab_size.unwrap_or(30_528)),
            hidden: ("hidden_size", hidden),
            layers: ("num_hidden_layers", self.num_hidden_layers.or(self.n_layer).unwrap_or(12)),
            heads: ("num_attention_heads", self.num_attention_heads.or(self.n_head).unwrap_or(12)),
            wide: (
                "intermediate_size",
                self.intermediate_size.or(self.n_inner).unwrap_or_else(|| hidden.saturating_mul(4)),
            ),
            positions: ("max_position_embeddings", self.max_position_embeddings.or(self.n_positions).unwrap_or(2_048)),
        }
    }

    fn activation(&self, file: &File) -> Result<Activation, EmbedError> {
        match (self.hidden_act.as_deref(), self.activation_function.as_deref()) {
            (Some(name), _) => Activation::named(name, file),
            (None, None | Some("swiglu")) => Ok(Activation::Silu),
            (None, Some("geglu")) => Ok(Activation::Gelu),
            (None, Some(other)) => {
                Err(file.unsupported(&format!("the activation \"{other}\""), "are \"swiglu\" and \"geglu\""))
            }
        }
    }

    fn layer(&self, index: usize, sizes: &Sizes, theta: f32) -> LayerPlan {
        let name = |part: &str| format!("encoder.layers.{index}.{part}");
        let (hidden, wide) = (sizes.hidden.1, sizes.wide.1);
        // The older settings have biases unless they say no, the newer none.
        let bias = |said: Option<bool>| said.unwrap_or(self.n_embd.is_some());
        let widen = |part: &str| Linear::new(name(part), wide, bias(self.mlp_fc1_bias));
        LayerPlan {
            qkv: vec![Linear::new(name("attn.Wqkv"), 3 * hidden, bias(self.qkv_proj_bias))],
            mixed: Linear::new(name("attn.out_proj"), hidden, bias(self.qkv_proj_bias)),
            mixed_norm: Some(name("norm1")),
            feed: Feed {
                widen: vec![widen("mlp.fc12"), widen("mlp.fc11")],
                gated: true,
                narrow: Linear::new(name("mlp.fc2"), hidden, bias(self.mlp_fc2_bias)),
            },
            feed_norm: name("norm2"),
            head_norms: None,
            reach: Reach::default(),
            theta: Some(theta),
        }
    }
}
