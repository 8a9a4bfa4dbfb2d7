//! A linear map of a model: how its weights are stored and multiplied.
//!
//! Every product with weights, of any architecture, goes through here. Not here: products of activations
//! (`attention`), what follows a product (`rows`).

use candle_core::Result;

use super::super::EmbedError;
use super::super::blueprint::Linear;
use super::panels::Panels;
use super::weights::Weights;

/// A linear map, stored so that a row of inputs times it is a row of outputs.
pub(super) struct Dense {
    /// Of `(inputs, outputs)`: the transpose of what the file holds.
    weight: Panels,
    /// One value an output: zeros where the map has no bias.
    pub(super) bias: Vec<f32>,
}

impl Dense {
    /// Joins maps of equal inputs: their outputs come side by side.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn load(weights: &Weights, inputs: usize, parts: &[Linear]) -> std::result::Result<Self, EmbedError> {
        let width = parts.iter().map(|part| part.outputs).sum();
        let stored = parts.iter().map(|part| weights.matrix(&format!("{}.weight", part.name), part.outputs, inputs));
        // All are found before room is made: sizes come from a file that may be wrong.
        let stored: Vec<_> = stored.collect::<std::result::Result<_, EmbedError>>()?;
        let (mut weight, mut bias) = (Panels::zeros(inputs, width), Vec::with_capacity(width));
        for (part, stored) in parts.iter().zip(&stored) {
            weights.in_blocks(stored, |row, rows| weight.set(bias.len() + row, rows));
            if part.bias {
                bias.extend(weights.vector(&format!("{}.bias", part.name), part.outputs)?);
            } else {
                bias.resize(bias.len() + part.outputs, 0.0);
            }
        }
        Ok(Self { weight, bias })
    }

    /// `out = rows * weight`, without the bias, which is added by the pass that follows; on all threads where `spread`.
    ///
    /// # Errors
    /// As [`Panels::multiply`].
    pub(super) fn apply(&self, rows: &[f32], out: &mut [f32], spread: bool) -> Result<()> {
        self.weight.multiply(rows, out, spread)
    }
}
