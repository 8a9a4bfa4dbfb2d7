//! What happens between the matrix products, each in one pass over rows: bias, activation, softmax, layer norm.
//!
//! Each kernel is a plain loop, run by `simd`. Sums run over [`LANES`] partial sums in a fixed order, so they are the
//! same whichever vectors the machine has.

use super::math::{exp, gelu, gelu_tanh};
use super::simd::vectorised;

/// Partial sums a row: the lanes of the widest vector.
const LANES: usize = 16;

/// What stands between the two products of the feed-forward part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    Gelu,
    GeluTanh,
    Relu,
}

/// Scale and shift of a layer norm, and what keeps its division finite.
pub(super) struct LayerNorm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) epsilon: f32,
}

/// Adds `bias` to each row.
pub(super) fn add_bias(rows: &mut [f32], bias: &[f32]) {
    vectorised(
        #[inline(always)]
        || each_biased(rows, bias, |x| x),
    );
}

/// Adds `bias` to each row and applies the activation.
pub(super) fn activate(rows: &mut [f32], bias: &[f32], activation: Activation) {
    vectorised(
        #[inline(always)]
        || match activation {
            Activation::Gelu => each_biased(rows, bias, gelu),
            Activation::GeluTanh => each_biased(rows, bias, gelu_tanh),
            Activation::Relu => each_biased(rows, bias, |x| x.max(0.0)),
        },
    );
}

#[inline(always)]
fn each_biased(rows: &mut [f32], bias: &[f32], apply: impl Fn(f32) -> f32) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            *value = apply(*value + bias);
        }
    }
}

/// Turns each row of `width` scores into weights that sum to one.
pub(super) fn softmax(rows: &mut [f32], width: usize) {
    vectorised(
        #[inline(always)]
        || {
            for row in rows.chunks_exact_mut(width) {
                softmax_row(row);
            }
        },
    );
}

#[inline(always)]
fn softmax_row(row: &mut [f32]) {
    let largest = largest(row);
    for value in row.iter_mut() {
        *value = exp(*value - largest);
    }
    let scale = 1.0 / sum(row, |value| value);
    for value in row.iter_mut() {
        *value *= scale;
    }
}

impl LayerNorm {
    /// Normalises each row.
    pub(super) fn norm(&self, rows: &mut [f32]) {
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_exact_mut(self.weight.len()) {
                    self.norm_row(row);
                }
            },
        );
    }

    /// `rows = norm(rows + bias + residual)`, row by row.
    pub(super) fn add_and_norm(&self, rows: &mut [f32], bias: &[f32], residual: &[f32]) {
        vectorised(
            #[inline(always)]
            || {
                let width = self.weight.len();
                for (row, residual) in rows.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
                    for ((value, bias), residual) in row.iter_mut().zip(bias).zip(residual) {
                        *value += bias + residual;
                    }
                    self.norm_row(row);
                }
            },
        );
    }

    /// Normalises one row, which holds as many values as the layer norm has weights.
    #[inline(always)]
    fn norm_row(&self, row: &mut [f32]) {
        let width = row.len() as f32;
        let mean = sum(row, |value| value) / width;
        for value in row.iter_mut() {
            *value -= mean;
        }
        let variance = sum(row, |value| value * value) / width;
        let scale = 1.0 / (variance + self.epsilon).sqrt();
        for ((value, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
            *value = *value * scale * weight + bias;
        }
    }
}

/// The sum of `apply` over a row.
#[inline(always)]
fn sum(row: &[f32], apply: impl Fn(f32) -> f32) -> f32 {
    strands(row, 0.0, |strand, value| strand + apply(value)).iter().sum()
}

#[inline(always)]
fn largest(row: &[f32]) -> f32 {
    strands(row, f32::NEG_INFINITY, f32::max).into_iter().fold(f32::NEG_INFINITY, f32::max)
}

/// Folds every 16th value of a row together.
#[inline(always)]
fn strands(row: &[f32], start: f32, combine: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut lanes = [start; LANES];
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = combine(*lane, value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = combine(*lane, value);
    }
    lanes
}
