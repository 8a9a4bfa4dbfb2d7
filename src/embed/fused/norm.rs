//! Norms of a blueprint, loaded.

use super::super::EmbedError;
use super::super::blueprint::{Blueprint, NormKind};
use super::rows::Norm;
use super::weights::Weights;

impl Norm {
    /// A norm over the hidden components.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(in super::super) fn load(weights: &Weights, name: &str, blueprint: &Blueprint) -> Result<Self, EmbedError> {
        Self::of_width(weights, name, blueprint, blueprint.hidden)
    }

    /// A norm over as many components as said.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn of_width(
        weights: &Weights,
        name: &str,
        blueprint: &Blueprint,
        width: usize,
    ) -> Result<Self, EmbedError> {
        // The first checkpoints were written with the names of the paper.
        let old = weights.has(&format!("{name}.gamma")) && !weights.has(&format!("{name}.weight"));
        let [scale, shift] = if old { ["gamma", "beta"] } else { ["weight", "bias"] };
        let weight = weights.vector(&format!("{name}.{scale}"), width)?;
        let bias = match blueprint.norm {
            NormKind::Layer { bias: true } => weights.vector(&format!("{name}.{shift}"), width)?,
            NormKind::Layer { bias: false } | NormKind::RootMeanSquare => vec![0.0; width],
        };
        let centred = blueprint.norm != NormKind::RootMeanSquare;
        Ok(Self { weight, bias, epsilon: blueprint.epsilon, centred })
    }
}
