//! Exponential, error function and GELU as straight-line arithmetic, so that a loop over them vectorises.
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

/// `1 - erf x` for `x >= 0`, within 6e-7, most of it rounding near 0.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26 (1.5e-7 before rounding).
#[inline(always)]
pub(super) fn erfc(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = ((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t;
    ((poly - 0.284_496_72) * t + 0.254_829_6) * t * exp(-x * x)
}

/// `x Φ(x)` within 1e-6: the GELU of Hendrycks and Gimpel (arXiv 1606.08415), by the error function.
///
/// By what is missing to 0 or to x rather than by `1 + erf`: for a large x only a small number is approximated.
#[inline(always)]
pub(in super::super) fn gelu(x: f32) -> f32 {
    x.max(0.0) - 0.5 * x.abs() * erfc(x.abs() * std::f32::consts::FRAC_1_SQRT_2)
}

/// The tanh approximation of GELU from the same paper.
#[inline(always)]
pub(in super::super) fn gelu_tanh(x: f32) -> f32 {
    let inner = (2.0 / std::f32::consts::PI).sqrt() * x * (1.0 + 0.044_715 * x * x);
    // 0.5 (1 + tanh y) = 1 / (1 + e^-2y)
    x / (1.0 + exp(-2.0 * inner))
}

/// `1 / (1 + e^-x)` within 1e-6.
#[inline(always)]
pub(in super::super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent within 1e-6, as `1 - 2 / (e^2x + 1)`.
#[inline(always)]
pub(in super::super) fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
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
    fn erfc_is_within_six_in_ten_million() {
        let apart = |x: f32| (f64::from(erfc(x)) - (1.0 - erf_series(f64::from(x)))).abs();
        let worst = grid(0.0, 4.0).map(apart).fold(0.0, f64::max);
        assert!(worst < 6e-7, "{worst}");
        assert!(erfc(40.0) < 1e-30 && erfc(f32::NAN).is_nan());
    }

    #[test]
    fn gelu_is_within_a_millionth() {
        let plain = |x: f64| 0.5 * x * (1.0 + erf_series((x / 2_f64.sqrt()).clamp(-4.0, 4.0)));
        let worst = grid(-9.0, 9.0).map(|x| (f64::from(gelu(x)) - plain(f64::from(x))).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
        assert!(gelu(60.0) == 60.0 && gelu(-60.0).abs() < 1e-30 && gelu(f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_and_tanh_are_within_a_millionth() {
        let wide = |x: f32| f64::from(x);
        let apart = |x: f32| {
            (wide(tanh(x)) - wide(x).tanh()).abs().max((wide(sigmoid(x)) - 1.0 / (1.0 + (-wide(x)).exp())).abs())
        };
        let worst = grid(-99.0, 99.0).chain(grid(-1.0, 1.0)).map(apart).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
        assert!(tanh(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan());
    }

    #[test]
    fn gelu_tanh_is_within_a_millionth() {
        let plain = |x: f64| 0.5 * x * (1.0 + (0.797_884_560_802_865_4 * (x + 0.044_715 * x.powi(3))).tanh());
        let worst = grid(-9.0, 9.0).map(|x| (f64::from(gelu_tanh(x)) - plain(f64::from(x))).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
    }
}
