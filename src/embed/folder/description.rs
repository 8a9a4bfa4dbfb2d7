//! What a model is, in words and numbers: for lists of models. Read from its settings and the heads of its weights.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Making, ModelFolder, Step, modules};
use crate::embed::blueprint::FAMILIES;
use crate::embed::pooling::Pooling;

/// What a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// As `model_type` names it, or "static" for a token table.
    pub architecture: String,
    /// How tokens become a vector; none for a token table, which has one way.
    pub pooling: Option<String>,
    /// Components of a vector, where they are known without reading the weights.
    pub dim: Option<usize>,
    /// Longest text in tokens; none where there is no limit.
    pub max_tokens: Option<usize>,
}

/// What this crate runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supported {
    /// Architectures, as [`Description::architecture`] has them.
    pub architectures: Vec<&'static str>,
    /// Ways to pool; several may be laid side by side.
    pub poolings: Vec<&'static str>,
    /// Classes of modules.
    pub modules: Vec<&'static str>,
}

/// What this crate runs.
pub fn supported() -> Supported {
    let mut architectures = FAMILIES.to_vec();
    architectures.push(STATIC);
    Supported { architectures, poolings: Pooling::names(), modules: modules::CLASSES.to_vec() }
}

/// The architecture of a token table.
const STATIC: &str = "static";

#[derive(Deserialize)]
struct Shaped {
    shape: Vec<usize>,
}

impl ModelFolder {
    /// What the model is.
    pub fn description(&self) -> Description {
        let (architecture, pooling, first) = match &self.entry {
            Making::Transformer(blueprint, pooling) => {
                (blueprint.family.clone(), Some(pooling.name()), Some(pooling.width(blueprint.hidden)))
            }
            Making::Table => (STATIC.to_owned(), None, self.table_width()),
        };
        let projected = self.after.iter().rev().find_map(|step| match step {
            Step::Dense(projection) => Some(projection.outputs),
            Step::Normalize => None,
        });
        let full = projected.or(first);
        Description {
            architecture,
            pooling,
            dim: full.map(|full| self.truncate_dim.map_or(full, |dim| dim.min(full))),
            max_tokens: Some(self.max_tokens).filter(|tokens| *tokens != super::NO_LIMIT),
        }
    }

    /// The width of a token table, by the head of its weights.
    fn table_width(&self) -> Option<usize> {
        let bytes = &self.weights.first()?.bytes;
        let length = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
        let head = bytes.get(8..length.checked_add(8)?)?;
        let tensors: BTreeMap<String, serde_json::Value> = serde_json::from_slice(head).ok()?;
        let table = tensors.get("embedding.weight").or_else(|| tensors.get("embeddings"))?;
        Shaped::deserialize(table).ok()?.shape.get(1).copied()
    }
}
