//! Attention of tokens to those of their own sequence.

use super::super::call::Call;
use super::super::numbers::Kind;
use super::super::{Buffer, GpuError};
use super::{by_kind, padded};

/// Queries of a stretch: as many as a block takes.
pub const STRETCH_QUERIES: usize = 64;

/// How attention divides its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// Heads.
    pub count: usize,
    /// Components a head.
    pub size: usize,
}

/// What each token gathers of the values of its own sequence.
#[derive(Debug)]
pub struct Attend<'a> {
    /// Queries, keys and values of all heads side by side: shape `(count, padded 3 heads)`.
    pub qkv: &'a Buffer,
    /// Four whole numbers a stretch of at most [`STRETCH_QUERIES`] tokens: its sequence's first row and length, the
    /// stretch's first token counted from there, and 0.
    pub stretches: &'a Buffer,
    /// Shape `(count, padded heads)`, of the kind of `qkv`.
    pub out: &'a Buffer,
    /// Tokens.
    pub count: usize,
    /// Stretches.
    pub stretch_count: usize,
    /// How attention divides its components.
    pub heads: Heads,
}

impl<'a> Attend<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short, or for heads that no block holds.
    pub fn call(&self) -> Result<Call<'a>, GpuError> {
        let (kind, Heads { count, size }) = (self.qkv.kind(), self.heads);
        let (kernel, threads, shared) = self.kernel();
        let [stride, out_stride] = [padded(3 * count * size), padded(count * size)];
        // Scores are divided by the root of the size; the kernels take powers of 2.
        let scale = std::f32::consts::LOG2_E / (size as f32).sqrt();
        let call = Call::new(kernel, threads)
            .blocks(self.stretch_count, count)?
            .shared(shared)?
            .memory(self.qkv, kind, self.count * stride)?
            .memory(self.stretches, Kind::U32, 4 * self.stretch_count)?
            .memory(self.out, kind, self.count * out_stride)?;
        Ok(call.int(count)?.int(size)?.int(stride)?.int(out_stride)?.float(scale))
    }

    /// The kernel, its threads, and its bytes of shared memory.
    fn kernel(&self) -> (&'static str, u32, usize) {
        /// Most warps a block of the plain kernel has, and the floats that its block's memory holds.
        const WARPS: usize = 4;
        const FLOATS: usize = (48 << 10) / 4;
        let (kind, size) = (self.qkv.kind(), self.heads.size);
        // Pieces of 16 bytes must begin at multiples of 16.
        if kind != Kind::F32 && size.is_multiple_of(8) && size <= 128 {
            let (names, width, keys) = match size {
                ..=32 => (["", "attend_f16_32", "attend_bf16_32"], 32, 64),
                33..=64 => (["", "attend_f16_64", "attend_bf16_64"], 64, 64),
                _ => (["", "attend_f16_128", "attend_bf16_128"], 128, 32),
            };
            return (by_kind(kind, names), 128, 2 * 2 * keys * width * kind.bytes());
        }
        let warps = (FLOATS / (2 * size.max(1))).clamp(1, WARPS);
        let names = ["attend_f32_plain", "attend_f16_plain", "attend_bf16_plain"];
        (by_kind(kind, names), (warps * 32) as u32, warps * 2 * size * size_of::<f32>())
    }
}
