//! One loop, compiled for the processor's vectors as well as for none; which runs is decided on the machine.
//!
//! The loops themselves stay plain Rust, so the portable path is the same code.

use pulp::Arch;
pub(super) use pulp::{Simd, WithSimd};

struct Loop<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Loop<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// Runs a loop with the widest vectors there are.
///
/// `body` and all it calls must be `#[inline(always)]`: what is not inlined is compiled without the vectors.
/// It is called through `FnMut` for the same reason: the step from `Fn` to `FnOnce` is not inlined.
#[inline(always)]
pub(super) fn vectorised<R>(body: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Loop(body))
}

/// As [`vectorised`], of a loop that names the vectors, to fold them.
#[inline(always)]
pub(super) fn with_vectors<O: WithSimd>(body: O) -> O::Output {
    Arch::new().dispatch(body)
}

/// The sum of `apply` over values.
#[inline(always)]
pub(super) fn sum<S: Simd>(
    simd: S,
    values: &[f32],
    apply: impl Fn(f32) -> f32,
    wide: impl Fn(S::f32s) -> S::f32s,
) -> f32 {
    let (vectors, rest) = S::as_simd_f32s(values);
    let sum =
        fold(simd.splat_f32s(0.0), vectors, |sum, vector| simd.add_f32s(sum, wide(vector)), |a, b| simd.add_f32s(a, b));
    rest.iter().fold(simd.reduce_sum_f32s(sum), |sum, &value| sum + apply(value))
}

/// The smallest and the largest of values and `start`.
#[inline(always)]
pub(super) fn bounds<S: Simd>(simd: S, values: &[f32], start: (f32, f32)) -> (f32, f32) {
    let (vectors, rest) = S::as_simd_f32s(values);
    let low =
        fold(simd.splat_f32s(start.0), vectors, |low, vector| simd.min_f32s(low, vector), |a, b| simd.min_f32s(a, b));
    let high =
        fold(simd.splat_f32s(start.1), vectors, |high, vector| simd.max_f32s(high, vector), |a, b| simd.max_f32s(a, b));
    let ends = (simd.reduce_min_f32s(low), simd.reduce_max_f32s(high));
    rest.iter().fold(ends, |(low, high), &value| (low.min(value), high.max(value)))
}

/// Zero, or no number where one of the values is none or infinite.
#[inline(always)]
pub(super) fn poison<S: Simd>(simd: S, values: &[f32]) -> f32 {
    let zero = simd.splat_f32s(0.0);
    sum(simd, values, |value| value * 0.0, |vector| simd.mul_f32s(vector, zero))
}

/// Folds vectors in four strands, so that one step need not wait for the one before.
#[inline(always)]
fn fold<V: Copy>(start: V, vectors: &[V], step: impl Fn(V, V) -> V, join: impl Fn(V, V) -> V) -> V {
    let mut strands = [start; 4];
    let (fours, rest) = vectors.as_chunks::<4>();
    for four in fours {
        for (strand, &vector) in strands.iter_mut().zip(four) {
            *strand = step(*strand, vector);
        }
    }
    for (strand, &vector) in strands.iter_mut().zip(rest) {
        *strand = step(*strand, vector);
    }
    join(join(strands[0], strands[1]), join(strands[2], strands[3]))
}

/// The vectors that loops run in on this processor, which are those of 32-bit products too.
pub(in super::super) fn vectors() -> &'static str {
    with_vectors(Named)
}

struct Named;

impl WithSimd for Named {
    type Output = &'static str;

    fn with_simd<S: Simd>(self, _: S) -> &'static str {
        match size_of::<S::f32s>() {
            64 => "AVX-512",
            32 => "AVX2 and FMA",
            16 if cfg!(target_arch = "aarch64") => "NEON",
            _ => "plain arithmetic",
        }
    }
}
