//! Blocks of bytes by AVX-VNNI, for processors without AVX-512: each instruction adds four products to each of 8 sums.

#![allow(unsafe_code, reason = "vector instructions read through pointers: every length is checked before")]

use std::arch::x86_64::{
    __m256i, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::super::super::aligned::LINE;
use super::super::halves::BLOCK;
use super::super::packed::{TILE, step};

/// Rows whose sums for 16 columns are held in registers: 8 of the 16 there are, beside two of columns and one of a row.
const ROWS: usize = 4;
/// Bytes of a step.
const STEP: usize = BLOCK * LINE;

/// Whether the processor has it.
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni")
}

/// As [`Session::bytes`](super::Session::bytes), where [`is_there`].
pub(super) fn bytes(left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
    for tile in 0..2 {
        for first in (0..BLOCK).step_by(ROWS) {
            // SAFETY: the kernel was chosen because the processor has these instructions; `Session::bytes` checked
            // that both sides hold as many whole steps and `out` 32 rows of 32 sums.
            unsafe { rows(left, panel, (out, stride), tile, first) }
        }
    }
}

#[target_feature(enable = "avx2,avxvnni")]
unsafe fn rows(left: &[u8], panel: &[i8], (out, stride): (&mut [i32], usize), tile: usize, first: usize) {
    let mut held: [[__m256i; 2]; ROWS] = [[_mm256_setzero_si256(); 2]; ROWS];
    // SAFETY: the offsets lie in the lengths that the caller checked.
    unsafe {
        for step in 0..panel.len() / step::<i8>() {
            for four in 0..TILE {
                let line = panel.as_ptr().add(step * STEP + (tile * TILE + four) * LINE);
                let columns = [_mm256_loadu_si256(line.cast()), _mm256_loadu_si256(line.add(LINE / 2).cast())];
                for (row, held) in held.iter_mut().enumerate() {
                    let bytes = left.as_ptr().add(step * STEP + (first + row) * LINE + 4 * four).cast::<i32>();
                    let bytes = _mm256_set1_epi32(bytes.read_unaligned());
                    held[0] = _mm256_dpbusd_avx_epi32(held[0], bytes, columns[0]);
                    held[1] = _mm256_dpbusd_avx_epi32(held[1], bytes, columns[1]);
                }
            }
        }
        for (row, held) in held.iter().enumerate() {
            let out = out.as_mut_ptr().add((first + row) * stride + tile * TILE);
            _mm256_storeu_si256(out.cast(), held[0]);
            _mm256_storeu_si256(out.add(8).cast(), held[1]);
        }
    }
}
