//! A block of 32 x 32 sums of products of bf16 numbers, by the best instructions the processor has.
//!
//! `amx` multiplies tiles, `avx512` pairs of numbers in vectors, `portable` one number after the other; the last is
//! the definition. All add up in 32 bits; they differ in the order of additions, and the first two take numbers below
//! 1.2e-38 for zero.

mod portable;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx512;

use std::marker::PhantomData;
use std::sync::LazyLock;

use super::halves::{BLOCK, LINE};
use super::packed::STEP;

/// A block of sums, row after row.
pub(super) type Sums = [f32; BLOCK * BLOCK];

/// Instructions that this processor has: there is no other way to one than [`Kernel::all`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embed) struct Kernel(Instructions);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    /// Tiles of AMX.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Amx,
    /// Vectors of AVX-512 BF16.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Plain arithmetic: the definition, and slower than 32-bit products.
    Portable,
}

impl Kernel {
    /// The best that this processor has.
    pub(in crate::embed) fn best() -> Self {
        static BEST: LazyLock<Kernel> = LazyLock::new(|| Kernel::all()[0]);
        *BEST
    }

    /// All that this processor has, the best first.
    pub(super) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        all.extend(amx::is_there().then_some(Self(Instructions::Amx)));
        #[cfg(target_arch = "x86_64")]
        all.extend(avx512::is_there().then_some(Self(Instructions::Avx512)));
        all.push(Self(Instructions::Portable));
        all
    }

    /// Whether it beats products of 32-bit numbers.
    pub(in crate::embed) fn is_fast(self) -> bool {
        self.0 != Instructions::Portable
    }

    /// Its name, for the record.
    pub(in crate::embed) fn name(self) -> &'static str {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Instructions::Amx => "AMX",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "AVX-512 BF16",
            Instructions::Portable => "portable",
        }
    }

    /// Makes this thread ready to multiply.
    pub(super) fn session(self) -> Session {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if self.0 == Instructions::Amx {
            amx::configure();
        }
        Session { kernel: self, here: PhantomData }
    }
}

/// A thread that is ready to multiply. It stays on its thread: AMX keeps its tiles there.
pub(super) struct Session {
    kernel: Kernel,
    here: PhantomData<*const ()>,
}

impl Session {
    /// `sums[r][c] = left row r * panel column c`, 32 rows and 32 columns.
    ///
    /// `left` holds rows `stride` values apart, of whole steps; `panel` the steps of a [`Packed`](super::packed::Packed) panel.
    ///
    /// # Panics
    /// Where `left` holds less than 32 rows of as many steps as the panel.
    pub(super) fn block(&self, left: &[u16], stride: usize, panel: &[u16], sums: &mut Sums) {
        let steps = panel.len() / STEP;
        assert!(left.len() >= (BLOCK - 1) * stride + steps * LINE, "a block needs {BLOCK} rows of {steps} steps");
        match self.kernel.0 {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Instructions::Amx => amx::block(left, stride, panel, sums),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => avx512::block(left, stride, panel, sums),
            Instructions::Portable => portable::block(left, stride, panel, sums),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if self.kernel.0 == Instructions::Amx {
            amx::release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::halves::narrowed;
    use super::super::packed::Packed;
    use super::*;

    #[test]
    fn every_kernel_of_this_machine_gives_the_portable_sums() {
        let value = |at: usize| ((at * 37 + 11) % 101) as f32 / 101.0 - 0.5;
        for steps in [1, 2, 5, 12] {
            let (inner, stride) = (steps * LINE, steps * LINE + LINE);
            let left: Vec<u16> = (0..BLOCK * stride).map(|at| narrowed(value(at))).collect();
            let right: Vec<u16> = (3..3 + inner * BLOCK).map(|at| narrowed(value(at))).collect();
            let mut packed = Packed::default();
            packed.fill_from_rows(&right, BLOCK, (inner, BLOCK));
            let panel = packed.panels().next().unwrap();
            let run = |kernel: Kernel| {
                let mut sums = [9.0; BLOCK * BLOCK];
                kernel.session().block(&left, stride, panel, &mut sums);
                sums
            };
            let plain = run(Kernel(Instructions::Portable));
            for kernel in Kernel::all() {
                let apart = plain.iter().zip(run(kernel)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(apart < 1e-5, "{} {steps} steps: {apart}", kernel.name());
            }
        }
    }
}
