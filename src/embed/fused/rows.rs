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
pub(in super::super) enum Activation {
    Gelu,
    GeluTanh,
    Relu,
}

/// Scale and shift of a layer norm, and what keeps its division finite.
pub(in super::super) struct LayerNorm {
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

/// One row of scores into weights that sum to one; to be called within [`vectorised`].
#[inline(always)]
pub(in super::super) fn softmax_row(row: &mut [f32]) {
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
    pub(in super::super) fn add_and_norm(&self, rows: &mut [f32], bias: &[f32], residual: &[f32]) {
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Two rows of equal width, on both sides of a whole number of vectors.
    fn rows() -> impl Strategy<Value = (usize, Vec<f32>)> {
        (1_usize..70).prop_flat_map(|width| (Just(width), vec(-6_f32..6.0, 2 * width)))
    }

    fn close(left: &[f32], right: &[f32]) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| (left - right).abs() < 2e-5)
    }

    fn plain_softmax(row: &[f32]) -> Vec<f32> {
        row.iter().map(|x| x.exp() / row.iter().map(|x| x.exp()).sum::<f32>()).collect()
    }

    /// Without scale and shift, in 64 bits.
    fn plain_norm(row: &[f32], epsilon: f64) -> Vec<f64> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let squares: Vec<f64> = row.iter().map(|x| (x - mean(&row)).powi(2)).collect();
        row.iter().map(|x| (x - mean(&row)) / (mean(&squares) + epsilon).sqrt()).collect()
    }

    proptest! {
        #[test]
        fn softmax_is_shares_of_exponentials((width, rows) in rows()) {
            let mut fast = rows.clone();
            softmax(&mut fast, width);
            for (fast, row) in fast.chunks(width).zip(rows.chunks(width)) {
                prop_assert!(close(fast, &plain_softmax(row)), "{fast:?}");
                prop_assert!((fast.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }

        #[test]
        fn layer_norm_of_a_sum_is_its_definition((width, rows) in rows()) {
            let value = |at: usize| ((at * 29 + 3) % 17) as f32 / 8.5 - 1.0;
            let [weight, bias, shift] = [0, 5, 9].map(|from| (from..from + width).map(value).collect::<Vec<f32>>());
            let residual: Vec<f32> = (2..2 + 2 * width).map(value).collect();
            let norm = LayerNorm { weight, bias, epsilon: 1e-3 };
            let mut fast = rows.clone();
            norm.add_and_norm(&mut fast, &shift, &residual);
            for row in 0..2 {
                let at = row * width..(row + 1) * width;
                let sum: Vec<f32> = at.clone().map(|i| rows[i] + shift[i - at.start] + residual[i]).collect();
                let scaled = plain_norm(&sum, 1e-3).into_iter().zip(&norm.weight).zip(&norm.bias);
                let plain: Vec<f32> = scaled.map(|((x, weight), bias)| x as f32 * weight + bias).collect();
                prop_assert!(close(&fast[at], &plain), "{fast:?}");
            }
        }

        #[test]
        fn activation_follows_the_bias((width, rows) in rows()) {
            let bias = vec![0.25; width];
            for (activation, plain) in [
                (Activation::Gelu, gelu as fn(f32) -> f32),
                (Activation::GeluTanh, gelu_tanh),
                (Activation::Relu, |x| x.max(0.0)),
            ] {
                let mut fast = rows.clone();
                activate(&mut fast, &bias, activation);
                prop_assert!(close(&fast, &rows.iter().map(|x| plain(x + 0.25)).collect::<Vec<f32>>()), "{fast:?}");
            }
        }

        #[test]
        fn vectors_and_no_vectors_give_the_same_bytes((width, rows) in rows()) {
            let (mut fast, mut portable) = (rows.clone(), rows);
            softmax(&mut fast, width);
            portable.chunks_exact_mut(width).for_each(softmax_row);
            prop_assert_eq!(&fast, &portable);
            let norm = LayerNorm { weight: vec![0.5; width], bias: vec![0.1; width], epsilon: 1e-12 };
            norm.norm(&mut fast);
            portable.chunks_exact_mut(width).for_each(|row| norm.norm_row(row));
            prop_assert_eq!(fast.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), portable.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
        }
    }
}
