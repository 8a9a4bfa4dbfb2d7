//! What is found, held to what is known: one file a thing that is scored.

pub mod duplicates;
pub mod lookup;
pub mod themes;

use serde::{Serialize, Serializer};

use crate::report::blocks::Rich;
use crate::report::json::rounded;
use crate::report::phrase::counted;

/// How a run on labelled records was made.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    /// Version of this crate.
    pub version: &'static str,
    /// The file of labelled records, as named.
    pub labels: String,
    /// The file of vectors, as named; none where records were embedded.
    pub vectors: Option<String>,
    /// The model that was loaded; none where nothing had to be embedded.
    pub model: Option<String>,
    /// Where it ran.
    pub device: Option<String>,
    /// The numbers it ran in.
    pub precision: Option<String>,
    /// Components a vector.
    pub dim: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
pub(super) fn four_decimals<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*value as f32))
}

/// How it was made, a line each.
fn made(made: &Made) -> Vec<Rich> {
    let dim = counted(made.dim, "dimension");
    let model = match (&made.model, &made.device, &made.precision) {
        (Some(model), Some(device), Some(precision)) => Some(format!("{model} on {device} in {precision}")),
        _ => None,
    };
    let vectors = match (&made.vectors, model) {
        (None, model) => format!("{}: {dim}", model.unwrap_or_default()),
        (Some(file), None) => format!("vectors of {file}: {dim}"),
        (Some(file), Some(model)) => format!("vectors of {file}: {dim}; seeded themes by {model}"),
    };
    let lines = [format!("refrain {}", made.version), vectors, format!("labels of {}", made.labels)];
    lines.into_iter().map(Rich::from).collect()
}
