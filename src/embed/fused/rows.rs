//! What happens between the matrix products, each in one pass over rows: bias, activation, softmax, norms.
//!
//! Each kernel is a plain loop, run by `simd`. Sums run over [`LANES`] partial sums in a fixed order, so they are the
//! same whichever vectors the machine has.

use std::ops::Range;

use super::super::blueprint::Activation;
use super::math::{exp, gelu, gelu_tanh, sigmoid, tanh};
use super::simd::vectorised;

/// Partial sums a row: the lanes of the widest vector.
const LANES: usize = 16;

/// A layer norm, or one by root mean square.
pub(in super::super) struct Norm {
    pub(super) weight: Vec<f32>,
    /// Zeros where the norm has no shift.
    pub(super) bias: Vec<f32>,
    /// What keeps the division finite.
    pub(super) epsilon: f32,
    /// Whether the mean is taken away first.
    pub(super) centred: bool,
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
            Activation::Identity => each_biased(rows, bias, |x| x),
            Activation::Gelu => each_biased(rows, bias, gelu),
            Activation::GeluTanh => each_biased(rows, bias, gelu_tanh),
            Activation::Relu => each_biased(rows, bias, |x| x.max(0.0)),
            Activation::Silu => each_biased(rows, bias, |x| x * sigmoid(x)),
            Activation::Sigmoid => each_biased(rows, bias, sigmoid),
            Activation::Tanh => each_biased(rows, bias, tanh),
        },
    );
}

/// Multiplies the second half of each row by the first half, which is activated; both after `bias`.
///
/// `rows` is twice as wide as `out`.
pub(super) fn gate(rows: &mut [f32], bias: &[f32], activation: Activation, out: &mut [f32]) {
    activate(rows, bias, Activation::Identity);
    let wide = bias.len() / 2;
    vectorised(
        #[inline(always)]
        || match activation {
            Activation::Gelu => each_gated(rows, out, wide, gelu),
            Activation::GeluTanh => each_gated(rows, out, wide, gelu_tanh),
            Activation::Relu => each_gated(rows, out, wide, |x| x.max(0.0)),
            Activation::Silu => each_gated(rows, out, wide, |x| x * sigmoid(x)),
            Activation::Sigmoid => each_gated(rows, out, wide, sigmoid),
            Activation::Tanh => each_gated(rows, out, wide, tanh),
            Activation::Identity => each_gated(rows, out, wide, |x| x),
        },
    );
}

#[inline(always)]
fn each_gated(rows: &[f32], out: &mut [f32], wide: usize, apply: impl Fn(f32) -> f32) {
    for (row, out) in rows.chunks_exact(2 * wide).zip(out.chunks_exact_mut(wide)) {
        let (first, second) = row.split_at(wide);
        for ((out, first), second) in out.iter_mut().zip(first).zip(second) {
            *out = apply(*first) * second;
        }
    }
}

/// `sums += rows + bias`, row by row.
pub(super) fn add(sums: &mut [f32], rows: &[f32], bias: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            for (sums, row) in sums.chunks_exact_mut(bias.len()).zip(rows.chunks_exact(bias.len())) {
                for ((sum, value), bias) in sums.iter_mut().zip(row).zip(bias) {
                    *sum += value + bias;
                }
            }
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

impl Norm {
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

    /// Normalises each stretch of rows that is as long as the norm has weights, among the columns given.
    pub(super) fn norm_parts(&self, rows: &mut [f32], width: usize, columns: &Range<usize>) {
        vectorised(
            #[inline(always)]
            || {
                for row in rows.chunks_exact_mut(width) {
                    for part in row[columns.clone()].chunks_exact_mut(self.weight.len()) {
                        self.norm_row(part);
                    }
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
        if self.centred {
            let mean = sum(row, |value| value) / width;
            for value in row.iter_mut() {
                *value -= mean;
            }
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
            let norm = Norm { weight, bias, epsilon: 1e-3, centred: true };
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
                (Activation::Silu, |x| x / (1.0 + (-x).exp())),
                (Activation::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
                (Activation::Tanh, f32::tanh),
                (Activation::Identity, |x| x),
            ] {
                let mut fast = rows.clone();
                activate(&mut fast, &bias, activation);
                prop_assert!(close(&fast, &rows.iter().map(|x| plain(x + 0.25)).collect::<Vec<f32>>()), "{fast:?}");
            }
        }

        #[test]
        fn a_norm_by_root_mean_square_is_its_definition((width, rows) in rows()) {
            let norm = Norm { weight: vec![2.0; width], bias: vec![0.0; width], epsilon: 1e-3, centred: false };
            let mut fast = rows.clone();
            norm.norm(&mut fast);
            for (fast, row) in fast.chunks(width).zip(rows.chunks(width)) {
                let mean = row.iter().map(|x| x * x).sum::<f32>() / width as f32;
                prop_assert!(close(fast, &row.iter().map(|x| 2.0 * x / (mean + 1e-3).sqrt()).collect::<Vec<f32>>()));
            }
        }

        #[test]
        fn a_gate_is_a_product_of_halves((width, rows) in rows()) {
            let (wide, mut out) = (width, vec![0.0; width]);
            let mut row = rows.clone();
            gate(&mut row, &vec![0.5; 2 * wide], Activation::Relu, &mut out);
            let plain: Vec<f32> = (0..wide).map(|at| (rows[at] + 0.5).max(0.0) * (rows[wide + at] + 0.5)).collect();
            prop_assert!(close(&out, &plain), "{out:?}");
        }

        #[test]
        fn vectors_and_no_vectors_give_the_same_bytes((width, rows) in rows()) {
            let (mut fast, mut portable) = (rows.clone(), rows);
            softmax(&mut fast, width);
            portable.chunks_exact_mut(width).for_each(softmax_row);
            prop_assert_eq!(&fast, &portable);
            let norm = Norm { weight: vec![0.5; width], bias: vec![0.1; width], epsilon: 1e-12, centred: true };
            norm.norm(&mut fast);
            portable.chunks_exact_mut(width).for_each(|row| norm.norm_row(row));
            prop_assert_eq!(fast.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), portable.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
        }
    }
}
