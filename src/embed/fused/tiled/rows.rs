//! What follows a product, block by block while its sums are in the nearest cache: bias, activation, narrowing.

use super::super::super::blueprint::Activation;
use super::super::math::{gelu_tanh, sigmoid, tanh};
use super::super::rows::softmax_row;
use super::super::simd::vectorised;
use super::halves::{BLOCK, Halves, narrowed};
use super::kernel::Sums;

/// Where a block of sums belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    /// First row.
    pub(super) row: usize,
    /// Rows that count.
    pub(super) rows: usize,
    /// First column.
    pub(super) column: usize,
}

/// Adds `bias`, one value a column that counts, applies what is to be applied, and narrows into `out`.
pub(super) fn narrow_biased(sums: &Sums, bias: &[f32], activation: Activation, to: Corner, out: &mut Halves) {
    vectorised(
        #[inline(always)]
        || match activation {
            Activation::Identity => each(sums, bias, to, out, |x| x),
            Activation::Gelu => each(sums, bias, to, out, gelu),
            Activation::GeluTanh => each(sums, bias, to, out, gelu_tanh),
            Activation::Relu => each(sums, bias, to, out, |x| x.max(0.0)),
            Activation::Silu => each(sums, bias, to, out, |x| x * sigmoid(x)),
            Activation::Sigmoid => each(sums, bias, to, out, sigmoid),
            Activation::Tanh => each(sums, bias, to, out, tanh),
        },
    );
}

#[inline(always)]
fn each(sums: &Sums, bias: &[f32], to: Corner, out: &mut Halves, apply: impl Fn(f32) -> f32) {
    let stride = out.stride();
    let width = bias.len().min(BLOCK);
    let rows = out.rows_mut(to.row).chunks_mut(stride).take(to.rows);
    for (sums, out) in sums.as_chunks::<BLOCK>().0.iter().zip(rows) {
        let out = &mut out[to.column..];
        // Whole blocks have a length that the compiler knows.
        match (<&[f32; BLOCK]>::try_from(&bias[..width]), <&mut [u16; BLOCK]>::try_from(&mut out[..width])) {
            (Ok(bias), Ok(out)) => {
                for at in 0..BLOCK {
                    out[at] = narrowed(apply(sums[at] + bias[at]));
                }
            }
            _ => out.iter_mut().zip(sums).zip(bias).for_each(|((out, sum), bias)| *out = narrowed(apply(sum + bias))),
        }
    }
}

/// Writes sums as they are into rows of `width` values.
pub(super) fn write(sums: &Sums, to: Corner, out: &mut [f32], width: usize) {
    let columns = BLOCK.min(width - to.column);
    let rows = out[to.row * width..].chunks_mut(width).take(to.rows);
    for (sums, out) in sums.as_chunks::<BLOCK>().0.iter().zip(rows) {
        out[to.column..][..columns].copy_from_slice(&sums[..columns]);
    }
}

/// Turns a row of scores into weights that sum to one, narrowed; what `out` holds more is set to zero.
pub(super) fn softmax(scores: &mut [f32], out: &mut [u16]) {
    vectorised(
        #[inline(always)]
        || {
            softmax_row(scores);
            out.iter_mut().zip(scores.iter()).for_each(|(out, &share)| *out = narrowed(share));
            out[scores.len()..].fill(0);
        },
    );
}

/// `x Φ(x)` within 2e-5 for |x| up to 4 and 3e-5 of x beyond. Narrowing takes up to 4e-3 of the result, which is more but
/// for results near 0, and those weigh as little in the sums they go into.
///
/// `Φ(x) - 1/2 = x P(x²)` with the polynomial that makes the largest error smallest (Lawson's algorithm on 4,000 points):
/// no division and no exponential, which the exact one has.
#[inline(always)]
fn gelu(x: f32) -> f32 {
    const P: [f32; 9] = [
        0.398_881,
        -0.066_323_69,
        0.009_815_862,
        -0.001_112_877_9,
        9.494_438e-5,
        -5.861_046_6e-6,
        2.441_122e-7,
        -6.067_822_7e-9,
        6.741_646e-11,
    ];
    let near = x.clamp(-4.0, 4.0);
    let square = near * near;
    let poly = P[..8].iter().rev().fold(P[8], |sum, &factor| sum * square + factor);
    x * (0.5 + near * poly)
}

#[cfg(test)]
mod tests {
    use super::super::super::math::gelu as exact;
    use super::super::halves::widened;
    use super::*;

    #[test]
    fn gelu_is_within_what_it_says() {
        for step in -120_000..=120_000 {
            let x = step as f32 * 1e-4;
            let most = if x.abs() <= 4.0 { 2e-5 } else { 3.1e-5 * x.abs() };
            assert!((gelu(x) - exact(x)).abs() < most, "{x}");
        }
    }

    #[test]
    fn a_block_at_the_edge_writes_its_own_rows_and_columns_alone() {
        let sums: Sums = std::array::from_fn(|at| at as f32);
        let mut halves = Halves::default();
        halves.fit(3, 40);
        let corner = Corner { row: 1, rows: 2, column: 32 };
        narrow_biased(&sums, &[1.0; 8], Activation::Relu, corner, &mut halves);
        let row = |row: usize| -> Vec<f32> { halves.rows(row)[30..42].iter().map(|&half| widened(half)).collect() };
        assert_eq!(row(2)[2..10], [33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0]);
        assert!(row(0) == [0.0; 12] && row(2)[10..] == [0.0; 2] && row(3) == [0.0; 12]);
        let mut floats = vec![0.0; 3 * 40];
        write(&sums, corner, &mut floats, 40);
        assert_eq!((floats[2 * 40 + 32], floats[2 * 40 + 39], floats[3 * 40 - 9]), (32.0, 39.0, 0.0));
    }

    #[test]
    fn softmax_sums_to_one_and_clears_the_rest() {
        let (mut scores, mut out) = ([1.0, 2.0, 3.0], [9; 8]);
        softmax(&mut scores, &mut out);
        let got: Vec<f32> = out.iter().map(|&half| widened(half)).collect();
        assert!((got[2] - 0.665).abs() < 4e-3 && (got.iter().sum::<f32>() - 1.0).abs() < 1e-2, "{got:?}");
        assert_eq!(got[3..], [0.0; 5]);
    }
}
