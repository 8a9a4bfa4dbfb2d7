//! Blocks by AVX-512 BF16: each instruction adds two products to each of 16 sums.

#![allow(unsafe_code, reason = "vector instructions read through pointers: every length is checked before")]

use std::arch::x86_64::{
    __m512, __m512bh, __m512i, _mm512_dpbf16_ps, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_ps,
    _mm512_storeu_ps,
};
use std::mem::transmute;

use super::super::halves::{BLOCK, LINE};
use super::super::packed::{STEP, TILE};
use super::Sums;

/// Rows whose sums are held in registers: 16 of the 32 there are.
const ROWS: usize = 8;

/// Whether the processor has it.
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16")
}

/// As [`Session::block`](super::Session::block), where [`is_there`].
pub(super) fn block(left: &[u16], stride: usize, panel: &[u16], sums: &mut Sums) {
    for first in (0..BLOCK).step_by(ROWS) {
        let (left, sums) = (&left[first * stride..], &mut sums[first * BLOCK..][..ROWS * BLOCK]);
        assert!(left.len() >= (ROWS - 1) * stride + panel.len() / STEP * LINE);
        // SAFETY: the kernel was chosen because the processor has these instructions; `left` holds ROWS rows of as
        // many lines as the panel has steps, as was just asserted, and `sums` ROWS rows of 32.
        unsafe { rows(left, stride, panel, sums) }
    }
}

#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn rows(left: &[u16], stride: usize, panel: &[u16], sums: &mut [f32]) {
    let mut held: [[__m512; 2]; ROWS] = [[_mm512_setzero_ps(); 2]; ROWS];
    for (step, tiles) in panel.chunks_exact(STEP).enumerate() {
        for pair in 0..LINE / 2 {
            // SAFETY: a step has two tiles of 16 lines; a row has the pair, by the caller.
            unsafe {
                let line =
                    |tile: usize| pairs(_mm512_loadu_si512(tiles.as_ptr().add(tile * TILE + pair * LINE).cast()));
                let (first, second) = (line(0), line(1));
                for (row, held) in held.iter_mut().enumerate() {
                    let two = left.as_ptr().add(row * stride + step * LINE + 2 * pair).cast::<i32>();
                    let two = pairs(_mm512_set1_epi32(two.read_unaligned()));
                    held[0] = _mm512_dpbf16_ps(held[0], two, first);
                    held[1] = _mm512_dpbf16_ps(held[1], two, second);
                }
            }
        }
    }
    for (held, sums) in held.iter().zip(sums.chunks_exact_mut(BLOCK)) {
        // SAFETY: a row of sums is two vectors long.
        unsafe {
            _mm512_storeu_ps(sums.as_mut_ptr(), held[0]);
            _mm512_storeu_ps(sums.as_mut_ptr().add(16), held[1]);
        }
    }
}

/// The same bits as pairs of bf16 numbers.
#[target_feature(enable = "avx512f,avx512bf16")]
fn pairs(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes, and all bit patterns are values of either.
    unsafe { transmute(bits) }
}
