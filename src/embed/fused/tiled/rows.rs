//! What follows a product, block by block while its sums are in the nearest cache: bias, activation, narrowing.

use super::super::super::blueprint::Activation;
use super::super::math::{gelu_tanh, sigmoid, tanh};
use super::super::rows::Norm;
use super::super::simd::{Simd, WithSimd, bounds, poison, sum, vectorised, with_vectors};
use super::halves::{BLOCK, Halves, narrowed};
use super::operand::{Operand, each as each_of};
use super::tiles::Tiles;

/// Adds `bias`, one value a column that counts, applies what is to be applied, and narrows the first `rows` of a block
/// into `out`, whose rows lie `stride` values apart.
pub(super) fn narrow_biased(
    sums: &[f32; BLOCK * BLOCK],
    bias: &[f32],
    activation: Activation,
    rows: usize,
    out: (&mut [u16], usize),
) {
    let (out, stride) = out;
    vectorised(
        #[inline(always)]
        || match activation {
            Activation::Identity => each(sums, bias, rows, (out, stride), |x| x),
            Activation::Gelu => each(sums, bias, rows, (out, stride), gelu),
            Activation::GeluTanh => each(sums, bias, rows, (out, stride), gelu_tanh),
            Activation::Relu => each(sums, bias, rows, (out, stride), |x| x.max(0.0)),
            Activation::Silu => each(sums, bias, rows, (out, stride), |x| x * sigmoid(x)),
            Activation::Sigmoid => each(sums, bias, rows, (out, stride), sigmoid),
            Activation::Tanh => each(sums, bias, rows, (out, stride), tanh),
        },
    );
}

#[inline(always)]
fn each(
    sums: &[f32; BLOCK * BLOCK],
    bias: &[f32],
    rows: usize,
    (out, stride): (&mut [u16], usize),
    apply: impl Fn(f32) -> f32,
) {
    for (sums, out) in sums.as_chunks::<BLOCK>().0.iter().zip(out.chunks_mut(stride)).take(rows) {
        let out = &mut out[..bias.len()];
        // Whole blocks have a length that the compiler knows.
        match (<&[f32; BLOCK]>::try_from(bias), <&mut [u16; BLOCK]>::try_from(&mut *out)) {
            (Ok(bias), Ok(out)) => {
                let mut narrow = [0; BLOCK];
                for at in 0..BLOCK {
                    narrow[at] = narrowed(apply(sums[at] + bias[at]));
                }
                *out = narrow;
            }
            _ => out.iter_mut().zip(sums).zip(bias).for_each(|((out, sum), bias)| *out = narrowed(apply(sum + bias))),
        }
    }
}

/// Writes the first rows and columns of a block as they are, into rows `stride` values apart.
pub(super) fn write(sums: &[f32; BLOCK * BLOCK], (rows, columns): (usize, usize), out: &mut [f32], stride: usize) {
    for (sums, out) in sums.as_chunks::<BLOCK>().0.iter().zip(out.chunks_mut(stride)).take(rows) {
        out[..columns].copy_from_slice(&sums[..columns]);
    }
}

/// `hidden = norm(sums + bias + hidden)`, row by row, which then enters `state`.
pub(super) fn settle<O: Operand>(norm: &Norm, (sums, bias): (&[f32], &[f32]), hidden: &mut [f32], state: &mut O) {
    with_vectors(Settle { norm, sums, bias, hidden, state });
}

struct Settle<'a, O> {
    norm: &'a Norm,
    sums: &'a [f32],
    bias: &'a [f32],
    hidden: &'a mut [f32],
    state: &'a mut O,
}

impl<O: Operand> WithSimd for Settle<'_, O> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { norm, sums, bias, hidden, state } = self;
        let rows = hidden.chunks_exact_mut(bias.len()).zip(sums.chunks_exact(bias.len()));
        for (row, (hidden, sums)) in rows.enumerate() {
            for_each(
                simd,
                hidden,
                (sums, bias),
                |hidden, sum, bias| simd.add_f32s(hidden, simd.add_f32s(sum, bias)),
                |hidden, sum, bias| hidden + (sum + bias),
            );
            norm_row(simd, norm, hidden);
            state.set(simd, row, hidden);
        }
    }
}

/// As the norm of 32-bit layers, with sums in another order.
#[inline(always)]
fn norm_row<S: Simd>(simd: S, norm: &Norm, row: &mut [f32]) {
    let width = row.len() as f32;
    let mean = if norm.centred { sum(simd, row, |value| value, |vector| vector) / width } else { 0.0 };
    let means = simd.splat_f32s(mean);
    let square = |vector| {
        let apart = simd.sub_f32s(vector, means);
        simd.mul_f32s(apart, apart)
    };
    let variance = sum(simd, row, |value| (value - mean) * (value - mean), square) / width;
    let scale = 1.0 / (variance + norm.epsilon).sqrt();
    let scales = simd.splat_f32s(scale);
    let of_vectors =
        |value, weight, bias| simd.mul_add_f32s(simd.mul_f32s(simd.sub_f32s(value, means), scales), weight, bias);
    for_each(simd, row, (&norm.weight, &norm.bias), of_vectors, |value, weight, bias| {
        (value - mean) * scale * weight + bias
    });
}

/// Replaces each value by what is made of it and its two companions.
#[inline(always)]
fn for_each<S: Simd>(
    _: S,
    values: &mut [f32],
    (first, second): (&[f32], &[f32]),
    of_vectors: impl Fn(S::f32s, S::f32s, S::f32s) -> S::f32s,
    of_numbers: impl Fn(f32, f32, f32) -> f32,
) {
    let ((values, values_rest), (first, first_rest), (second, second_rest)) =
        (S::as_mut_simd_f32s(values), S::as_simd_f32s(first), S::as_simd_f32s(second));
    for ((value, &first), &second) in values.iter_mut().zip(first).zip(second) {
        *value = of_vectors(*value, first, second);
    }
    for ((value, &first), &second) in values_rest.iter_mut().zip(first_rest).zip(second_rest) {
        *value = of_numbers(*value, first, second);
    }
}

/// Narrows rows of `width` values.
pub(super) fn enter_floats<O: Operand>(rows: &[f32], width: usize, to: &mut O) {
    with_vectors(EnterFloats { rows, width, to });
}

struct EnterFloats<'a, O> {
    rows: &'a [f32],
    width: usize,
    to: &'a mut O,
}

impl<O: Operand> WithSimd for EnterFloats<'_, O> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (row, values) in self.rows.chunks_exact(self.width).enumerate() {
            self.to.set(simd, row, values);
        }
    }
}

/// Narrows `rows` of `width` bf16 numbers.
pub(super) fn enter<O: Operand>(from: &Halves, (rows, width): (usize, usize), to: &mut O) {
    with_vectors(EnterHalves { from, rows, width, to });
}

struct EnterHalves<'a, O> {
    from: &'a Halves,
    rows: usize,
    width: usize,
    to: &'a mut O,
}

impl<O: Operand> WithSimd for EnterHalves<'_, O> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { from, rows, width, to } = self;
        let mut room = vec![0.0; width];
        for (row, values) in from.rows(0).chunks_exact(from.stride()).take(rows).enumerate() {
            to.set_halves(simd, row, &values[..width], &mut room);
        }
    }
}

/// Rows of scores, each of whole lines, become their exponentials beside the largest, narrowed into lines; what each sum
/// is to be divided by follows the product. `scores` are of the `rows` that count.
pub(super) fn exponentials(scores: &[f32], rows: usize, out: &mut Tiles<u16>, shares: &mut [f32; BLOCK]) {
    with_vectors(Exponentials { width: scores.len() / rows.max(1), scores, out, shares });
}

struct Exponentials<'a> {
    scores: &'a [f32],
    width: usize,
    out: &'a mut Tiles<u16>,
    shares: &'a mut [f32; BLOCK],
}

impl WithSimd for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.scores.chunks_exact(self.width).zip(self.shares).enumerate();
        for (row, (scores, share)) in rows {
            let (_, most) = bounds(simd, scores, (0.0, f32::MIN));
            let mut sums = [0.0; BLOCK];
            for (line, scores) in self.out.row_mut(row).zip(scores.as_chunks::<BLOCK>().0) {
                if let Ok(line) = <&mut [u16; BLOCK]>::try_from(line) {
                    let powers = each_of(scores, |score| exp(score - most));
                    *line = each_of(&powers, narrowed);
                    for at in 0..BLOCK {
                        sums[at] += powers[at];
                    }
                }
            }
            // A score that is no number would be taken for a small one.
            *share = 1.0 / sum(simd, &sums, |value| value, |vector| vector) + poison(simd, scores);
        }
    }
}

/// Multiplies each row of a block by its share.
pub(super) fn scale(sums: &mut [f32; BLOCK * BLOCK], shares: &[f32; BLOCK]) {
    vectorised(
        #[inline(always)]
        || {
            for (sums, share) in sums.as_chunks_mut::<BLOCK>().0.iter_mut().zip(shares) {
                sums.iter_mut().for_each(|sum| *sum *= share);
            }
        },
    );
}

/// `e^x` for `x <= 0` within 1.1e-5 of it, which narrowing takes 4e-3 of; 1.7e-38 below -87.
///
/// `2^(n + f)` with `f` from -1/2 to 1/2: the exponent is added to the bits of a polynomial of degree 4, whose factors
/// make the largest error of `2^f` smallest (Lawson's algorithm on 4,000 points).
#[inline(always)]
fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const P: [f32; 5] = [0.999_999_3, 0.693_121_8, 0.240_247_44, 0.055_917_867, 0.009_570_104];
    let power = x.max(-87.0) * std::f32::consts::LOG2_E;
    let shifted = power + ROUND;
    let rest = power - (shifted - ROUND);
    let poly = P[..4].iter().rev().fold(P[4], |sum, &factor| sum.mul_add(rest, factor));
    f32::from_bits(poly.to_bits().wrapping_add(shifted.to_bits() << 23))
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
    let poly = P[..8].iter().rev().fold(P[8], |sum, &factor| sum.mul_add(square, factor));
    x * near.mul_add(poly, 0.5)
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
        let sums: [f32; BLOCK * BLOCK] = std::array::from_fn(|at| at as f32);
        let mut halves = Halves::default();
        halves.fit(4, 40);
        let stride = halves.stride();
        narrow_biased(&sums, &[1.0; 8], Activation::Relu, 2, (&mut halves.rows_mut(1)[32..], stride));
        let row = |row: usize| -> Vec<f32> { halves.rows(row)[30..42].iter().map(|&half| widened(half)).collect() };
        assert_eq!(row(2)[2..10], [33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0]);
        assert!(row(0) == [0.0; 12] && row(2)[10..] == [0.0; 2] && row(3) == [0.0; 12]);
        let mut floats = vec![0.0; 3 * 40];
        write(&sums, (2, 8), &mut floats[40 + 32..], 40);
        assert_eq!((floats[2 * 40 + 32], floats[2 * 40 + 39], floats[3 * 40 - 9]), (32.0, 39.0, 0.0));
    }

    #[test]
    fn exp_is_within_what_it_says() {
        for step in 0..=870_000 {
            let x = step as f32 * -1e-4;
            assert!((exp(x) - x.exp()).abs() <= 1.1e-5 * x.exp() + 1e-38, "{x}");
        }
        assert!(exp(f32::MIN) < 1.7e-38);
    }

    #[test]
    fn exponentials_and_their_shares_are_a_softmax() {
        let mut scores = [f32::MIN; 2 * BLOCK];
        scores[..3].copy_from_slice(&[1.0, 2.0, 3.0]);
        scores[BLOCK] = -700.0;
        let (mut tiles, mut shares) = (Tiles::default(), [0.0; BLOCK]);
        tiles.fit(2, BLOCK);
        exponentials(&scores, 2, &mut tiles, &mut shares);
        let mut row = |row: usize| tiles.row_mut(row).next().unwrap().iter().map(|&x| widened(x)).collect::<Vec<f32>>();
        assert!((row(0)[2] * shares[0] - 0.665).abs() < 4e-3 && row(0)[3] < 1e-37);
        assert!(row(1)[0] == 1.0 && (shares[1] - 1.0).abs() < 1e-5);
        scores[BLOCK + 1] = f32::NAN;
        exponentials(&scores, 2, &mut tiles, &mut shares);
        assert!(shares[0].is_finite() && shares[1].is_nan());
    }
}
