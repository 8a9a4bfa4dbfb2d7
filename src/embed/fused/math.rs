//! Exponential and error function as straight-line arithmetic, so that a loop over them vectorises.
//!
//! No fused multiply-add: where a processor lacks it, `f32::mul_add` is a library call.

/// Adding and taking away 1.5 * 2^23 rounds a small float to the nearest integer.
const ROUND: f32 = 12_582_912.0;

/// `e^x` within 2 units in the last place; 1.2e-38 below -87, 1.7e38 above 88.
///
/// Source: Cephes `expf`: `x = n ln 2 + r`, a polynomial of degree 7 in `r`, then `n` added to the exponent.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    // ln 2 in two parts, the first with so few bits that n times it is exact.
    let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let low = 1.987_569_2e-4 * r + 1.398_2e-3;
    let low = (low * r + 8.333_452e-3) * r + 4.166_579_6e-2;
    let poly = ((low * r + 0.166_666_66) * r + 0.5) * r * r + r + 1.0;
    // The low bits of `shifted` are n, in two's complement.
    poly * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// The error function within 5e-7.
///
/// Source: Eigen `generic_fast_erf_float` (also XLA's): an odd rational minimax approximation on [-4, 4],
/// beyond which erf is 1 to 2e-8.
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let top = -2.726_142_4e-10 * s + 2.770_681_4e-8;
    let top = (top * s - 2.101_024e-6) * s - 5.692_506_5e-5;
    let top = (top * s - 7.349_906_3e-4) * s - 2.954_599_8e-3;
    let top = top * s - 1.609_603_3e-2;
    let bottom = -1.456_607_2e-5 * s - 2.133_740_6e-4;
    let bottom = ((bottom * s - 1.682_827e-3) * s - 7.373_329e-3) * s - 1.426_473_9e-2;
    x * top / bottom
}

/// `x Φ(x)`: the GELU of Hendrycks and Gimpel (arXiv 1606.08415), by the error function.
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The tanh approximation of GELU from the same paper.
#[inline(always)]
pub(super) fn gelu_tanh(x: f32) -> f32 {
    let inner = (2.0 / std::f32::consts::PI).sqrt() * x * (1.0 + 0.044_715 * x * x);
    // 0.5 (1 + tanh y) = 1 / (1 + e^-2y)
    x / (1.0 + exp(-2.0 * inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// erf in 64 bits by its Maclaurin series, whose terms stay below 1e6 for |x| <= 4.
    fn erf_series(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..120 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    fn grid(from: f32, to: f32) -> impl Iterator<Item = f32> {
        (0..=200_000).map(move |step| from + (to - from) * step as f32 / 200_000.0)
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let worst = grid(-87.0, 88.0).map(|x| (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs()).fold(0.0, f64::max);
        assert!(worst < 2.4e-7, "{worst}");
        assert!(exp(-1e9) < 2e-38 && exp(f32::NAN).is_nan() && exp(0.0) == 1.0);
    }

    #[test]
    fn erf_is_within_five_in_ten_million() {
        let worst = grid(-4.0, 4.0).map(|x| (f64::from(erf(x)) - erf_series(f64::from(x))).abs()).fold(0.0, f64::max);
        assert!(worst < 5e-7, "{worst}");
        assert!((erf(40.0) - 1.0).abs() < 5e-7 && erf(0.0) == 0.0 && erf(f32::NAN).is_nan());
    }

    #[test]
    fn gelu_is_within_a_millionth() {
        let plain = |x: f64| 0.5 * x * (1.0 + erf_series((x / 2_f64.sqrt()).clamp(-4.0, 4.0)));
        let worst = grid(-9.0, 9.0).map(|x| (f64::from(gelu(x)) - plain(f64::from(x))).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
    }

    #[test]
    fn gelu_tanh_is_within_a_millionth() {
        let plain = |x: f64| 0.5 * x * (1.0 + (0.797_884_560_802_865_4 * (x + 0.044_715 * x.powi(3))).tanh());
        let worst = grid(-9.0, 9.0).map(|x| (f64::from(gelu_tanh(x)) - plain(f64::from(x))).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
    }
}
