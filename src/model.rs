//! Which model made vectors: what is kept beside them, so that vectors of another are not taken for the same.
//!
//! Not here: models themselves (`embed`).

use serde::{Deserialize, Serialize};

/// Which model, and how it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMark {
    /// Its name.
    pub name: String,
    /// CRC-32 of its files, in hexadecimal.
    pub crc32: String,
    /// Components of a vector.
    pub dim: usize,
    /// Tokens it reads at once; none where there is no limit.
    pub max_tokens: Option<usize>,
    /// What stood before each text.
    pub prompt: String,
}
