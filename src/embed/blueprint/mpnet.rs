//! MPNet (Song et al., arXiv 2004.09297): BERT with a bias by distance in every layer's attention.
//!
//! Source: transformers, `configuration_mpnet.py`, `modeling_mpnet.py`.

use serde::Deserialize;

use super::{Activation, Blueprint, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Places, Reach, Sizes};
use crate::embed::EmbedError;
use crate::embed::folder::File;

/// Upstream's code gives no padding token but this one.
const PADDING: u32 = 1;

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
    layer_norm_eps: f64,
    relative_attention_num_buckets: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 30_527,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3_072,
            hidden_act: "gelu".to_owned(),
            max_position_embeddings: 512,
            layer_norm_eps: 1e-12,
            relative_attention_num_buckets: 32,
        }
    }
}

/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File) -> Result<Blueprint, EmbedError> {
    let config: Config = file.parse()?;
    config.check(file)?;
    let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
    let places = Places {
        name: "embeddings.position_embeddings.weight".to_owned(),
        rows: config.max_position_embeddings,
        offset: PADDING as usize + 1,
        uncounted: Some(PADDING),
    };
    Ok(Blueprint {
        prefixes: &["", "mpnet."],
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
        first_norm: Some("embeddings.LayerNorm".to_owned()),
        buckets: Some("encoder.relative_attention_bias.weight".to_owned()),
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
        match self.relative_attention_num_buckets {
            32 => Ok(()),
            // Upstream's forward pass counts in 32 whatever the table has.
            other => Err(file.unsupported(&format!("{other} buckets of distance"), "are 32")),
        }
    }
}

fn layer(index: usize, config: &Config) -> LayerPlan {
    let hidden = config.hidden_size;
    let name = |part: &str| format!("encoder.layer.{index}.{part}");
    let linear = |part: &str, outputs| Linear::new(name(part), outputs, true);
    LayerPlan {
        qkv: ["q", "k", "v"].map(|part| linear(&format!("attention.attn.{part}"), hidden)).to_vec(),
        mixed: linear("attention.attn.o", hidden),
        mixed_norm: Some(name("attention.LayerNorm")),
        feed: Feed {
            widen: vec![linear("intermediate.dense", config.intermediate_size)],
            gated: false,
            narrow: linear("output.dense", hidden),
        },
        feed_norm: name("output.LayerNorm"),
        head_norms: None,
        reach: Reach::default(),
        theta: None,
    }
}
