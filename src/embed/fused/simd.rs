//! One loop, compiled for the processor's vectors as well as for none; which runs is decided on the machine.
//!
//! The loops themselves stay plain Rust, so the portable path is the same code.

use pulp::{Arch, Simd, WithSimd};

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
pub(in super::super) fn vectorised<R>(body: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Loop(body))
}
