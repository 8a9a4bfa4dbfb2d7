//! The base of rotary positions, in the three ways that `config.json` files have written it.
//!
//! Source: transformers, `modeling_rope_utils.py`, `standardize_rope_params`. Scaled variants are refused.

use serde_json::Value;

use crate::embed::EmbedError;
use crate::embed::folder::File;

/// The base: from `rope_parameters` (of the layer's kind where they differ by kind), else `old`, else `default`.
///
/// # Errors
/// [`EmbedError::Unsupported`] for a variant that is not the plain one, [`EmbedError::Malformed`] for a base that is none.
pub(super) fn theta(
    config: &File,
    parameters: Option<&Value>,
    old: Option<f64>,
    default: f64,
) -> Result<f32, EmbedError> {
    let field = |name: &str| parameters.and_then(|parameters| parameters.get(name));
    let kind = field("rope_type").or_else(|| field("type")).and_then(Value::as_str).unwrap_or("default");
    let partial = field("partial_rotary_factor").and_then(Value::as_f64).unwrap_or(1.0);
    if kind != "default" || partial < 1.0 {
        return Err(config.unsupported(&format!("rotary positions of the kind \"{kind}\""), "are unscaled ones"));
    }
    let theta = field("rope_theta").and_then(Value::as_f64).or(old).unwrap_or(default) as f32;
    if theta.is_finite() && theta > 0.0 {
        return Ok(theta);
    }
    Err(config.bad(format!("rope_theta {theta}: expected a number above 0")))
}

/// # Errors
/// [`EmbedError::Malformed`]: rotary positions turn pairs of components.
pub(super) fn check_head(config: &File, size: usize) -> Result<(), EmbedError> {
    if size.is_multiple_of(2) {
        return Ok(());
    }
    Err(config.bad(format!("{size} components a head: expected an even number, for rotary positions")))
}
