//! The parts a blueprint is put together from, and the bounds that untrusted sizes are held to.

use crate::embed::EmbedError;
use crate::embed::folder::File;

/// How attention divides its components into heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::embed) struct Heads {
    /// Heads that ask.
    pub(in crate::embed) queries: usize,
    /// Heads that are asked: several of the former may share one of these.
    pub(in crate::embed) keys: usize,
    /// Components a head.
    pub(in crate::embed) size: usize,
}

impl Heads {
    /// Components of queries, keys and values side by side.
    pub(in crate::embed) fn width(self) -> usize {
        (self.queries + 2 * self.keys) * self.size
    }
}

/// What a norm computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embed) enum NormKind {
    /// Mean 0 and variance 1, then a scale and perhaps a shift (Ba et al., arXiv 1607.06450).
    Layer {
        /// Whether there is a shift.
        bias: bool,
    },
    /// Root mean square 1, then a scale (Zhang and Sennrich, arXiv 1910.07467).
    RootMeanSquare,
}

impl Default for NormKind {
    fn default() -> Self {
        Self::Layer { bias: true }
    }
}

/// Where the norms of a layer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::embed) enum NormPlace {
    /// Before attention and before the feed-forward part, outside the residual.
    Before,
    /// After each, on the sum with the residual.
    #[default]
    After,
}

/// What stands between the two products of the feed-forward part, or after a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::embed) enum Activation {
    /// None.
    #[default]
    Identity,
    /// By the error function.
    Gelu,
    /// Its approximation by tanh.
    GeluTanh,
    /// Nothing below 0.
    Relu,
    /// `x / (1 + e^-x)`.
    Silu,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// By its name in a `config.json`: transformers, `activations.py`.
    ///
    /// # Errors
    /// [`EmbedError::Unsupported`] names it.
    pub(super) fn named(name: &str, config: &File) -> Result<Self, EmbedError> {
        match name {
            "gelu" | "gelu_python" => Ok(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Self::GeluTanh),
            "relu" => Ok(Self::Relu),
            "silu" | "swish" => Ok(Self::Silu),
            _ => Err(config.unsupported(
                &format!("the activation \"{name}\""),
                "are \"gelu\", \"gelu_new\", \"gelu_pytorch_tanh\", \"relu\" and \"silu\"",
            )),
        }
    }
}

/// A linear map in the file: `NAME.weight` of `(outputs, inputs)`, and `NAME.bias`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::embed) struct Linear {
    pub(in crate::embed) name: String,
    pub(in crate::embed) outputs: usize,
    pub(in crate::embed) bias: bool,
}

impl Linear {
    pub(in crate::embed) fn new(name: String, outputs: usize, bias: bool) -> Self {
        Self { name, outputs, bias }
    }
}

/// A table of learned positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::embed) struct Places {
    pub(in crate::embed) name: String,
    pub(in crate::embed) rows: usize,
    /// The first token's row.
    pub(in crate::embed) offset: usize,
    /// The token that stands at the row of its own number and is not counted, as in RoBERTa.
    pub(in crate::embed) uncounted: Option<u32>,
}

impl Places {
    /// The row of the next token, after as many as were `counted`.
    pub(in crate::embed) fn row(&self, id: u32, counted: &mut usize) -> usize {
        if self.uncounted == Some(id) {
            return id as usize;
        }
        *counted += 1;
        self.offset + *counted - 1
    }
}

/// Which tokens of its text a token sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::embed) struct Reach {
    /// None after it.
    pub(in crate::embed) causal: bool,
    /// None further away than this.
    pub(in crate::embed) window: Option<usize>,
}

/// The feed-forward part of a layer.
#[derive(Debug, Clone)]
pub(in crate::embed) struct Feed {
    /// One map, or two whose first is activated and multiplies the second; two may lie in the file as one.
    pub(in crate::embed) widen: Vec<Linear>,
    pub(in crate::embed) gated: bool,
    pub(in crate::embed) narrow: Linear,
}

/// One layer.
#[derive(Debug, Clone)]
pub(in crate::embed) struct LayerPlan {
    /// Queries, keys and values, in one map or three.
    pub(in crate::embed) qkv: Vec<Linear>,
    /// What attention gathered, to hidden components.
    pub(in crate::embed) mixed: Linear,
    /// None where the first norm of the model stands in for it.
    pub(in crate::embed) mixed_norm: Option<String>,
    pub(in crate::embed) feed: Feed,
    pub(in crate::embed) feed_norm: String,
    /// Norms of each query head and of each key head.
    pub(in crate::embed) head_norms: Option<[String; 2]>,
    pub(in crate::embed) reach: Reach,
    /// The base of rotary positions (Su et al., arXiv 2104.09864).
    pub(in crate::embed) theta: Option<f32>,
}

/// The sizes every family has, under the names its `config.json` gives them.
pub(super) struct Sizes {
    pub(super) vocab: (&'static str, usize),
    pub(super) hidden: (&'static str, usize),
    pub(super) layers: (&'static str, usize),
    pub(super) heads: (&'static str, usize),
    pub(super) wide: (&'static str, usize),
    pub(super) positions: (&'static str, usize),
}

/// Above any model's, and small enough that products of two stay far from overflow.
const MOST: usize = 1 << 24;
/// Above any model's, and small enough that a name for each tensor costs nothing.
const MOST_LAYERS: usize = 1_000;

impl Sizes {
    /// # Errors
    /// [`EmbedError::Malformed`] names the size that no model has, or heads that do not divide the hidden size.
    pub(super) fn check(&self, config: &File) -> Result<(), EmbedError> {
        let ((hidden_name, hidden), (heads_name, heads)) = (self.hidden, self.heads);
        for (name, size) in [self.vocab, self.hidden, self.heads, self.wide, self.positions] {
            within(config, name, size, MOST)?;
        }
        within(config, self.layers.0, self.layers.1, MOST_LAYERS)?;
        if hidden.is_multiple_of(heads) {
            return Ok(());
        }
        Err(config.bad(format!("{hidden_name} {hidden}, {heads_name} {heads}: expected heads that divide it")))
    }
}

/// # Errors
/// [`EmbedError::Malformed`] names the size.
pub(super) fn within(config: &File, name: &str, size: usize, most: usize) -> Result<(), EmbedError> {
    if (1..=most).contains(&size) {
        return Ok(());
    }
    Err(config.bad(format!("{name} {size}: expected 1 to {most}")))
}
