//! The tensors of a model on one card.

use super::super::EmbedError;
use super::super::blueprint::{Blueprint, LayerPlan, Linear};
use super::super::fused::{Weights, norm_of, place_table};
use crate::gpu::{Buffer, Gpu, GpuError, Kind, Lane, Norm, Slope, narrowed, padded};

/// A model on one card.
pub(super) struct Loaded {
    /// Shape `(vocab, hidden)`.
    pub(super) words: Buffer,
    /// Position embeddings with the first segment's added, shape `(positions, hidden)`, 32-bit floats.
    pub(super) places: Buffer,
    pub(super) place_count: usize,
    pub(super) first_norm: Norm,
    pub(super) layers: Vec<Layer>,
}

/// One layer.
pub(super) struct Layer {
    /// Query, key and value side by side.
    pub(super) qkv: Map,
    pub(super) mixed: Map,
    pub(super) mixed_norm: Norm,
    pub(super) widen: Map,
    pub(super) narrow: Map,
    pub(super) feed_norm: Norm,
}

/// A linear map.
pub(super) struct Map {
    /// Shape `(outputs, padded inputs)`.
    pub(super) weights: Buffer,
    pub(super) bias: Buffer,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) slope: Slope,
}

/// What copies tensors to a card.
struct Loader<'a> {
    gpu: &'a Gpu,
    lane: Lane,
    weights: &'a Weights<'a>,
    blueprint: &'a Blueprint,
    kind: Kind,
}

impl Loaded {
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite;
    /// [`EmbedError::Precision`] where one is beyond f16's range; [`EmbedError::Gpu`] where the card has no room or fails.
    pub(super) fn load(gpu: &Gpu, weights: &Weights, blueprint: &Blueprint, kind: Kind) -> Result<Self, EmbedError> {
        let mut loader = Loader { gpu, lane: gpu.lane()?, weights, blueprint, kind };
        let stored = weights.matrix(&blueprint.words, blueprint.vocab, blueprint.hidden)?;
        let places = place_table(weights, blueprint)?;
        let loaded = Self {
            words: loader.numbers(&weights.all(&stored))?,
            places: loader.floats(&places)?,
            place_count: places.len() / blueprint.hidden,
            first_norm: loader.norm(blueprint.first_norm.as_deref().unwrap_or_default())?,
            layers: blueprint.layers.iter().map(|plan| loader.layer(plan)).collect::<Result<_, EmbedError>>()?,
        };
        loader.lane.finish()?;
        Ok(loaded)
    }
}

impl Loader<'_> {
    fn layer(&mut self, plan: &LayerPlan) -> Result<Layer, EmbedError> {
        let Blueprint { hidden, heads, wide, .. } = *self.blueprint;
        let slope = super::slope(self.blueprint.activation).unwrap_or(Slope::Identity);
        let one = std::slice::from_ref;
        Ok(Layer {
            qkv: self.map(&plan.qkv, hidden, Slope::Identity)?,
            mixed: self.map(one(&plan.mixed), heads.queries * heads.size, Slope::Identity)?,
            mixed_norm: self.norm(plan.mixed_norm.as_ref().unwrap_or(&plan.feed_norm))?,
            widen: self.map(&plan.feed.widen, hidden, slope)?,
            narrow: self.map(one(&plan.feed.narrow), wide, Slope::Identity)?,
            feed_norm: self.norm(&plan.feed_norm)?,
        })
    }

    /// Joins maps of equal inputs, their outputs side by side.
    fn map(&mut self, parts: &[Linear], inputs: usize, slope: Slope) -> Result<Map, EmbedError> {
        let (mut laid, mut bias) = (Vec::new(), Vec::new());
        for part in parts {
            let stored = self.weights.matrix(&format!("{}.weight", part.name), part.outputs, inputs)?;
            for row in self.weights.all(&stored).chunks_exact(inputs) {
                laid.extend_from_slice(row);
                laid.resize(laid.len() + padded(inputs) - inputs, 0.0);
            }
            match part.bias {
                true => bias.extend(self.weights.vector(&format!("{}.bias", part.name), part.outputs)?),
                false => bias.resize(bias.len() + part.outputs, 0.0),
            }
        }
        let (weights, outputs) = (self.numbers(&laid)?, bias.len());
        Ok(Map { weights, bias: self.floats(&bias)?, inputs, outputs, slope })
    }

    fn norm(&mut self, name: &str) -> Result<Norm, EmbedError> {
        let (weight, bias) = norm_of(self.weights, name, self.blueprint)?;
        let (weight, bias) = (self.floats(&weight)?, self.floats(&bias)?);
        Ok(Norm { weight, bias, epsilon: self.blueprint.epsilon })
    }

    fn floats(&mut self, values: &[f32]) -> Result<Buffer, GpuError> {
        let buffer = self.gpu.zeros(Kind::F32, values.len())?;
        self.lane.put(values, &buffer)?;
        Ok(buffer)
    }

    /// Numbers of the kind that the model is run in.
    fn numbers(&mut self, values: &[f32]) -> Result<Buffer, EmbedError> {
        /// The largest half, and half a step.
        const BEYOND_F16: f32 = 65_520.0;
        if self.kind == Kind::F32 {
            return Ok(self.floats(values)?);
        }
        if self.kind == Kind::F16 && values.iter().any(|value| value.abs() >= BEYOND_F16) {
            let why = "the model has weights beyond its range: expected bf16 or f32";
            return Err(EmbedError::Precision { asked: "f16", why });
        }
        let buffer = self.gpu.zeros(self.kind, values.len())?;
        self.lane.put(&narrowed(self.kind, values), &buffer)?;
        Ok(buffer)
    }
}
