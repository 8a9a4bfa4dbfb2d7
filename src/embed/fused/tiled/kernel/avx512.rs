//! Blocks by AVX-512 BF16 and AVX-512 VNNI: each instruction adds two products of bf16 numbers, or four of bytes, to
//! each of 16 sums.

#![allow(unsafe_code, reason = "vector instructions read through pointers: every length is checked before")]

use std::arch::x86_64::{
    __m512bh, __m512i, _mm512_dpbf16_ps, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_ps, _mm512_storeu_si512,
};
use std::mem::transmute;

use super::super::super::aligned::LINE;
use super::super::halves::BLOCK;
use super::super::packed::{TILE, step};

/// Rows whose sums are held in registers: 16 of the 32 there are.
const ROWS: usize = 8;
/// Bytes of a step.
const STEP: usize = BLOCK * LINE;

/// Whether the processor multiplies bf16 numbers.
pub(super) fn has_halves() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16")
}

/// Whether the processor multiplies bytes.
pub(super) fn has_bytes() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

/// The eight rows of a block from `first` on.
macro_rules! rows {
    ($left:ident, $panel:ident, $out:ident, $stride:ident, $steps:expr, $first:ident, $zero:ident, $cast:expr, $multiply:ident, $store:ident) => {{
        let (left, panel) = ($left.as_ptr().cast::<u8>(), $panel.as_ptr().cast::<u8>());
        let mut held = [[$zero(); 2]; ROWS];
        for step in 0..$steps {
            for pair in 0..TILE {
                let line =
                    |tile: usize| _mm512_loadu_si512(panel.add(step * STEP + (tile * TILE + pair) * LINE).cast());
                let (first, second) = ($cast(line(0)), $cast(line(1)));
                for (row, held) in held.iter_mut().enumerate() {
                    let four = left.add(step * STEP + ($first + row) * LINE + 4 * pair).cast::<i32>();
                    let four = $cast(_mm512_set1_epi32(four.read_unaligned()));
                    held[0] = $multiply(held[0], four, first);
                    held[1] = $multiply(held[1], four, second);
                }
            }
        }
        for (row, held) in held.iter().enumerate() {
            let out = $out.as_mut_ptr().add(($first + row) * $stride);
            $store(out.cast(), held[0]);
            $store(out.add(16).cast(), held[1]);
        }
    }};
}

/// As [`Session::halves`](super::Session::halves), where [`has_halves`].
pub(super) fn halves(left: &[u16], panel: &[u16], out: &mut [f32], stride: usize) {
    // SAFETY: the kernel was chosen because the processor has these instructions; `Session::halves` checked the lengths.
    unsafe { blocks_of_halves(left, panel, out, stride) }
}

/// As [`Session::bytes`](super::Session::bytes), where [`has_bytes`].
pub(super) fn bytes(left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
    // SAFETY: as in `halves`.
    unsafe { blocks_of_bytes(left, panel, out, stride) }
}

#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn blocks_of_halves(left: &[u16], panel: &[u16], out: &mut [f32], stride: usize) {
    for first in (0..BLOCK).step_by(ROWS) {
        // SAFETY: both sides hold as many whole steps, `out` 32 rows of 32 sums, by the caller.
        unsafe {
            let steps = panel.len() / step::<u16>();
            rows!(left, panel, out, stride, steps, first, _mm512_setzero_ps, pairs, _mm512_dpbf16_ps, _mm512_storeu_ps);
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn blocks_of_bytes(left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
    for first in (0..BLOCK).step_by(ROWS) {
        // SAFETY: both sides hold as many whole steps, `out` 32 rows of 32 sums, by the caller.
        unsafe {
            let (steps, same) = (panel.len() / step::<i8>(), |bits: __m512i| bits);
            rows!(
                left,
                panel,
                out,
                stride,
                steps,
                first,
                _mm512_setzero_si512,
                same,
                _mm512_dpbusd_epi32,
                _mm512_storeu_si512
            );
        }
    }
}

/// The same bits as pairs of bf16 numbers.
#[target_feature(enable = "avx512f,avx512bf16")]
fn pairs(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes, and all bit patterns are values of either.
    unsafe { transmute(bits) }
}
