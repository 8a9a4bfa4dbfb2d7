//! Scores against known labels.
//!
//! [`Agreement`] tells how well a partition, such as the themes found, agrees with labels that people gave.
//! [`Ranking`] tells how well scores tell what is so from what is not, [`Calibration`] how far a probability can be
//! believed, [`ndcg`] how well an answer is ordered. Not here: reading labels (`corpus`), making a partition of themes (`theme`).

mod agreement;
mod contingency;
mod gain;
mod information;
mod ranking;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use agreement::{Agreement, adjusted_rand_index};
pub use gain::{ndcg, recall};
pub use ranking::{Calibration, Ranking};

/// Why nothing was measured.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeasureError {
    /// The labels and the partition are of different items.
    #[error("{truth} labels and {found} clusters: expected one of each an item")]
    Lengths {
        /// Labels given.
        truth: usize,
        /// Clusters given.
        found: usize,
    },
}
