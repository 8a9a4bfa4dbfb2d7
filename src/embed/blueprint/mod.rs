//! What a transformer is made of, as data: sizes, where its norms stand, what its tokens see, how its tensors are named.
//!
//! One file a family translates a `config.json` into a [`Blueprint`]; nothing here computes. A setting that is absent has
//! the value that transformers gives it. Config files are untrusted: sizes are bounded here, and nothing is
//! allocated by them before the tensors were found to have them.

mod bert;
mod distilbert;
mod modernbert;
mod mpnet;
mod nomic;
mod parts;
mod qwen3;
mod rope;

use serde::Deserialize;

use super::EmbedError;
use super::folder::File;
use parts::Sizes;
pub(in crate::embed) use parts::{Activation, Feed, Heads, LayerPlan, Linear, NormKind, NormPlace, Places, Reach};

/// A transformer as data.
#[derive(Debug, Clone, Default)]
pub(in crate::embed) struct Blueprint {
    /// As `model_type` names it.
    pub(in crate::embed) family: String,
    /// Prefixes that all tensors may have; the one under which the words are found is taken.
    pub(in crate::embed) prefixes: &'static [&'static str],
    /// Rows of the word table.
    pub(in crate::embed) vocab: usize,
    /// Components of a token between layers.
    pub(in crate::embed) hidden: usize,
    /// Components between the two products of the feed-forward part.
    pub(in crate::embed) wide: usize,
    /// How attention divides its components.
    pub(in crate::embed) heads: Heads,
    /// What every norm over hidden components computes.
    pub(in crate::embed) norm: NormKind,
    /// What keeps the norms' division finite.
    pub(in crate::embed) epsilon: f32,
    /// Before the parts of a layer, or after them.
    pub(in crate::embed) place: NormPlace,
    /// Between the products of the feed-forward part.
    pub(in crate::embed) activation: Activation,
    /// The word table's name.
    pub(in crate::embed) words: String,
    /// The table of learned positions.
    pub(in crate::embed) places: Option<Places>,
    /// The table of segments and its rows; every token is of the first.
    pub(in crate::embed) segments: Option<(String, usize)>,
    /// The norm of what enters the first layer.
    pub(in crate::embed) first_norm: Option<String>,
    /// The norm of what leaves the last layer.
    pub(in crate::embed) last_norm: Option<String>,
    /// The table of biases by bucket of distance, shape `(32, heads)`, as in MPNet.
    pub(in crate::embed) buckets: Option<String>,
    /// Layers in order.
    pub(in crate::embed) layers: Vec<LayerPlan>,
    /// Tokens the model was made for, as its configuration says.
    pub(in crate::embed) longest: usize,
    /// Positions above which rotary ones would be scaled, which is not supported.
    pub(in crate::embed) unscaled: Option<usize>,
    /// Whether the model was trained to continue texts.
    pub(in crate::embed) continues: bool,
}

impl Blueprint {
    /// Translates a `config.json`.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] names the architecture or setting; [`EmbedError::Malformed`] the impossible size.
    pub(in crate::embed) fn read(config: &File) -> Result<Self, EmbedError> {
        let ModelType { model_type, architectures } = config.parse()?;
        let mut blueprint = match model_type.as_str() {
            "bert" => bert::read(config, false),
            "roberta" | "xlm-roberta" | "camembert" => bert::read(config, true),
            "distilbert" => distilbert::read(config),
            "mpnet" => mpnet::read(config),
            "modernbert" => modernbert::read(config),
            "nomic_bert" => nomic::read(config),
            "qwen3" => qwen3::read(config),
            _ => Err(config.unsupported(&format!("the architecture \"{model_type}\""), SUPPORTED)),
        }?;
        let trained_as = architectures.unwrap_or_default().into_iter().next().unwrap_or_default();
        blueprint.continues = trained_as.ends_with("ForCausalLM");
        blueprint.family = model_type;
        Ok(blueprint)
    }

    /// Tokens that can be run: rows of the position table; no limit without one.
    pub(in crate::embed) fn most_tokens(&self) -> usize {
        let rows = self.places.as_ref().map(|places| places.rows.saturating_sub(places.offset));
        rows.or(self.unscaled).unwrap_or(usize::MAX)
    }
}

/// What [`Blueprint::read`] reads, as `model_type` names it.
pub(in crate::embed) const FAMILIES: [&str; 9] =
    ["bert", "distilbert", "roberta", "xlm-roberta", "camembert", "mpnet", "modernbert", "nomic_bert", "qwen3"];

const SUPPORTED: &str = "are \"bert\", \"distilbert\", \"roberta\", \"xlm-roberta\", \"camembert\", \"mpnet\", \
                         \"modernbert\", \"nomic_bert\", \"qwen3\" and static token tables";

#[derive(Deserialize)]
struct ModelType {
    model_type: String,
    architectures: Option<Vec<String>>,
}
