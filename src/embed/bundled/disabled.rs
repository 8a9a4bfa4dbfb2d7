//! Stands in for the bundled model where it is not compiled in.

use crate::embed::{EmbedError, ModelFolder};

/// Whether this build carries the model.
pub const AVAILABLE: bool = false;

/// Always [`EmbedError::NoBundledModel`].
///
/// # Errors
/// Always.
pub fn folder() -> Result<ModelFolder, EmbedError> {
    Err(EmbedError::NoBundledModel)
}
