//! DistilBERT (Sanh et al., arXiv 1910.01108): BERT without segments, under other names.
//!
//! Source: transformers, `configuration_distilbert.py`, `modeling_distilbert.py`.

use serde::Deserialize;

use super::{Activation, Blueprint, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Places, Reach, Sizes};
use crate::embed::EmbedError;
use crate::embed::folder::File;

#[derive(Deserialize)]
#[serde(default)]
struct Config {
    vocab_size: usize,
    dim: usize,
    n_layers: usize,
    n_heads: usize,
    hidden_dim: usize,
    activation: String,
    max_position_embeddings: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            dim: 768,
            n_layers: 6,
            n_heads: 12,
            hidden_dim: 3_072,
            activation: "gelu".to_owned(),
            max_position_embeddings: 512,
        }
    }
}

/// # Errors
/// As [`Blueprint::read`].
pub(super) fn read(file: &File) -> Result<Blueprint, EmbedError> {
    let config: Config = file.parse()?;
    let sizes = Sizes {
        vocab: ("vocab_size", config.vocab_size),
        hidden: ("dim", config.dim),
        layers: ("n_layers", config.n_layers),
        heads: ("n_heads", config.n_heads),
        wide: ("hidden_dim", config.hidden_dim),
        positions: ("max_position_embeddings", config.max_position_embeddings),
    };
    sizes.check(file)?;
    let places = Places {
        name: "embeddings.position_embeddings.weight".to_owned(),
        rows: config.max_position_embeddings,
        offset: 0,
        uncounted: None,
    };
    Ok(Blueprint {
        prefixes: &["", "distilbert."],
        vocab: config.vocab_size,
        hidden: config.dim,
        wide: config.hidden_dim,
        heads: Heads { queries: config.n_heads, keys: config.n_heads, size: config.dim / config.n_heads },
        norm: NormKind::Layer { bias: true },
        epsilon: 1e-12,
        place: NormPlace::After,
        activation: Activation::named(&config.activation, file)?,
        words: "embeddings.word_embeddings.weight".to_owned(),
        places: Some(places),
        first_norm: Some("embeddings.LayerNorm".to_owned()),
        layers: (0..config.n_layers).map(|index| layer(index, &config)).collect(),
        longest: config.max_position_embeddings,
        ..Blueprint::default()
    })
}

fn layer(index: usize, config: &Config) -> LayerPlan {
    let name = |part: &str| format!("transformer.layer.{index}.{part}");
    let linear = |part: &str, outputs| Linear::new(name(part), outputs, true);
    LayerPlan {
        qkv: ["q_lin", "k_lin", "v_lin"].map(|part| linear(&format!("attention.{part}"), config.dim)).to_vec(),
        mixed: linear("attention.out_lin", config.dim),
        mixed_norm: Some(name("sa_layer_norm")),
        feed: Feed {
            widen: vec![linear("ffn.lin1", config.hidden_dim)],
            gated: false,
            narrow: linear("ffn.lin2", config.dim),
        },
        feed_norm: name("output_layer_norm"),
        head_norms: None,
        reach: Reach::default(),
        theta: None,
    }
}
