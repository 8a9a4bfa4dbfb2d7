//! A block of 32 x 32 sums of products, by the best instructions the processor has.
//!
//! `amx` multiplies tiles, `avx512` and `avxvnni` vectors, `portable` one number after the other; the last is the
//! definition. Sums of bytes are exact, so that every kernel gives the same; those of bf16 numbers are of 32 bits,
//! differ in the order of additions, and the first two take numbers below 1.2e-38 for zero.

mod portable;
mod prefetch;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avxvnni;

use std::marker::PhantomData;

use super::halves::BLOCK;
use super::packed::step;
pub(super) use prefetch::prefetch;

/// The last row of a block, and the last column.
const LAST: usize = BLOCK - 1;

/// What the layers' maps multiply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embed) enum Operands {
    /// bf16 numbers.
    Bf16,
    /// Unsigned bytes with signed ones.
    Int8,
}

/// Instructions that this processor has: there is no other way to one than [`Kernel::all`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embed) struct Kernel {
    operands: Operands,
    halves: Instructions,
    bytes: Instructions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    /// Tiles of AMX.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Amx,
    /// Vectors of AVX-512, of bf16 numbers or of bytes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Vectors of AVX-VNNI, of bytes.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// Plain arithmetic: the definition, and no faster than 32-bit products.
    Portable,
}

impl Kernel {
    /// The best that this processor has.
    pub(in crate::embed) fn best(operands: Operands) -> Self {
        Self::all(operands)[0]
    }

    /// All that this processor has, the best first. Attention is of bf16 numbers at any operands, by the best there is.
    pub(super) fn all(operands: Operands) -> Vec<Self> {
        let (halves, bytes) = (for_halves(), for_bytes());
        match operands {
            Operands::Bf16 => halves.iter().map(|&halves| Self { operands, halves, bytes: bytes[0] }).collect(),
            Operands::Int8 => bytes.iter().map(|&bytes| Self { operands, halves: halves[0], bytes }).collect(),
        }
    }

    /// What the layers' maps multiply.
    pub(in crate::embed) fn operands(self) -> Operands {
        self.operands
    }

    /// Whether it beats products of 32-bit numbers.
    pub(in crate::embed) fn is_fast(self) -> bool {
        self.of_maps() != Instructions::Portable
    }

    /// The instructions' name, for the record.
    pub(in crate::embed) fn name(self) -> &'static str {
        match (self.of_maps(), self.operands) {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            (Instructions::Amx, _) => "AMX",
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx512, Operands::Bf16) => "AVX-512 BF16",
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx512, Operands::Int8) => "AVX-512 VNNI",
            #[cfg(target_arch = "x86_64")]
            (Instructions::AvxVnni, _) => "AVX-VNNI",
            (Instructions::Portable, _) => "portable",
        }
    }

    fn of_maps(self) -> Instructions {
        match self.operands {
            Operands::Bf16 => self.halves,
            Operands::Int8 => self.bytes,
        }
    }

    /// Makes this thread ready to multiply.
    pub(super) fn session(self) -> Session {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if self.has_tiles() {
            amx::configure();
        }
        Session { kernel: self, here: PhantomData }
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    fn has_tiles(self) -> bool {
        self.halves == Instructions::Amx || self.bytes == Instructions::Amx
    }
}

/// For bf16 numbers, the best first.
fn for_halves() -> Vec<Instructions> {
    let mut all = Vec::new();
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    all.extend(amx::is_there().then_some(Instructions::Amx));
    #[cfg(target_arch = "x86_64")]
    all.extend(avx512::has_halves().then_some(Instructions::Avx512));
    all.push(Instructions::Portable);
    all
}

/// For bytes, the best first.
fn for_bytes() -> Vec<Instructions> {
    let mut all = Vec::new();
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    all.extend(amx::is_there().then_some(Instructions::Amx));
    #[cfg(target_arch = "x86_64")]
    all.extend(avx512::has_bytes().then_some(Instructions::Avx512));
    #[cfg(target_arch = "x86_64")]
    all.extend(avxvnni::is_there().then_some(Instructions::AvxVnni));
    all.push(Instructions::Portable);
    all
}

/// A thread that is ready to multiply. It stays on its thread: AMX keeps its tiles there.
pub(super) struct Session {
    kernel: Kernel,
    here: PhantomData<*const ()>,
}

impl Session {
    /// `out[r * stride + c] = left row r * panel column c`, 32 rows and 32 columns of bf16 numbers.
    ///
    /// `left` is a block of [`Tiles`](super::tiles::Tiles), `panel` one of [`Packed`](super::packed::Packed), of the same steps.
    ///
    /// # Panics
    /// Where the sides have no steps or not the same, or `out` is too short.
    pub(super) fn halves(&self, left: &[u16], panel: &[u16], out: &mut [f32], stride: usize) {
        check(left.len(), panel.len(), step::<u16>(), (out.len(), stride));
        match self.kernel.halves {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Instructions::Amx => amx::halves(left, panel, out, stride),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => avx512::halves(left, panel, out, stride),
            _ => portable::halves(left, panel, out, stride),
        }
    }

    /// As [`Session::halves`], of bytes without sign on the left and with sign on the right.
    ///
    /// # Panics
    /// As [`Session::halves`].
    pub(super) fn bytes(&self, left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
        check(left.len(), panel.len(), step::<i8>(), (out.len(), stride));
        match self.kernel.bytes {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Instructions::Amx => amx::bytes(left, panel, out, stride),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => avx512::bytes(left, panel, out, stride),
            #[cfg(target_arch = "x86_64")]
            Instructions::AvxVnni => avxvnni::bytes(left, panel, out, stride),
            Instructions::Portable => portable::bytes(left, panel, out, stride),
        }
    }
}

/// What the kernels rely on.
fn check(left: usize, panel: usize, step: usize, (out, stride): (usize, usize)) {
    assert!(
        left == panel && left > 0 && left.is_multiple_of(step),
        "sides of {left} and {panel} values, not of the same steps"
    );
    let last = LAST.checked_mul(stride).and_then(|row| row.checked_add(LAST));
    assert!(stride >= BLOCK && last.is_some_and(|last| out > last), "{out} sums, {stride} a row, hold no {BLOCK} rows");
}

impl Drop for Session {
    fn drop(&mut self) {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if self.kernel.has_tiles() {
            amx::release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::halves::narrowed;
    use super::super::packed::Packed;
    use super::super::tiles::Tiles;
    use super::*;

    const WIDER: usize = BLOCK + 5;

    #[test]
    fn every_kernel_of_this_machine_gives_the_portable_sums() {
        let value = |at: usize| ((at * 37 + 11) % 101) as f32 / 101.0 - 0.5;
        for inner in [1, 32, 37, 160, 384] {
            let rows: Vec<u16> = (0..BLOCK * inner).map(|at| narrowed(value(at))).collect();
            let columns: Vec<u16> = (3..3 + inner * BLOCK).map(|at| narrowed(value(at))).collect();
            let (mut left, mut right) = (Tiles::default(), Packed::default());
            left.fill(&rows, inner, (BLOCK, inner));
            right.fill_from_columns(&columns, inner, (inner, BLOCK));
            let run = |halves: Instructions| {
                let kernel = Kernel { halves, ..Kernel::best(Operands::Bf16) };
                let mut sums = [9.0; BLOCK * WIDER];
                let (left, right) = (left.block(0), right.panel(0));
                kernel.session().halves(left, right, &mut sums, WIDER);
                sums
            };
            let plain = run(Instructions::Portable);
            assert_eq!(plain[BLOCK..WIDER], [9.0; 5]);
            for halves in for_halves() {
                let apart = plain.iter().zip(run(halves)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(apart < 1e-4, "{halves:?} {inner}: {apart}");
            }
        }
    }

    #[test]
    fn every_kernel_of_this_machine_gives_the_same_sums_of_bytes() {
        for inner in [1, 64, 70, 384, 1_536] {
            // The largest products there are, and all others.
            let rows: Vec<u8> =
                (0..BLOCK * inner).map(|at| if at < inner { 255 } else { (at * 37 % 256) as u8 }).collect();
            let columns: Vec<i8> =
                (0..BLOCK * inner).map(|at| if at < inner { -128 } else { (at * 91 % 256) as u8 as i8 }).collect();
            let (mut left, mut right) = (Tiles::default(), Packed::default());
            left.fill(&rows, inner, (BLOCK, inner));
            right.fill_from_columns(&columns, inner, (inner, BLOCK));
            let run = |bytes: Instructions| {
                let kernel = Kernel { bytes, ..Kernel::best(Operands::Int8) };
                let mut sums = [9; BLOCK * WIDER];
                let (left, right) = (left.block(0), right.panel(0));
                kernel.session().bytes(left, right, &mut sums, WIDER);
                sums
            };
            let plain = run(Instructions::Portable);
            assert_eq!((plain[0], plain[BLOCK]), (-128 * 255 * inner as i32, 9));
            for bytes in for_bytes() {
                assert_eq!(run(bytes), plain, "{bytes:?} {inner}");
            }
        }
    }

    #[test]
    fn what_a_kernel_would_read_or_write_beyond_is_refused() {
        let refused = |left: usize, panel: usize, out: usize, stride: usize| {
            let halves = || {
                let session = Kernel::best(Operands::Bf16).session();
                session.halves(&vec![0; left], &vec![0; panel], &mut vec![0.0; out], stride);
            };
            let bytes = || {
                let session = Kernel::best(Operands::Int8).session();
                session.bytes(&vec![0; 2 * left], &vec![0; 2 * panel], &mut vec![0; out], stride);
            };
            let [halves, bytes] = [std::panic::catch_unwind(halves).is_err(), std::panic::catch_unwind(bytes).is_err()];
            assert_eq!(halves, bytes);
            halves
        };
        assert!(!refused(1_024, 1_024, 1_024, 32) && !refused(1_024, 1_024, 31 * 40 + 32, 40));
        assert!(refused(1_024, 1_024, 1_023, 32) && refused(1_024, 1_024, 31 * 40 + 31, 40), "sums without room");
        assert!(refused(1_024, 1_024, 1_024, 31) && refused(1_024, 1_024, 1_024, usize::MAX / 16), "strides");
        assert!(refused(1_024, 2_048, 1_024, 32) && refused(2_048, 1_024, 1_024, 32), "unequal sides");
        assert!(refused(0, 0, 1_024, 32) && refused(1_000, 1_000, 1_024, 32), "no whole steps");
    }
}
