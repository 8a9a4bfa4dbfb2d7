//! The definition: every sum by itself, in order of the inner dimension.

use super::super::super::aligned::per_line;
use super::super::super::simd::vectorised;
use super::super::halves::{BLOCK, widened};
use super::super::packed::{TILE, step};

/// As [`Session::halves`](super::Session::halves).
pub(super) fn halves(left: &[u16], panel: &[u16], out: &mut [f32], stride: usize) {
    vectorised(
        #[inline(always)]
        || {
            for (row, out) in out.chunks_mut(stride).take(BLOCK).enumerate() {
                let mut sums = [[0.0; TILE]; 2];
                for (left, panel) in left.chunks_exact(step::<u16>()).zip(panel.chunks_exact(step::<u16>())) {
                    let left = &left[row * per_line::<u16>()..][..per_line::<u16>()];
                    for (sums, tile) in sums.iter_mut().zip(panel.chunks_exact(step::<u16>() / 2)) {
                        for (pair, line) in left.chunks_exact(2).zip(tile.chunks_exact(per_line::<u16>())) {
                            for (sum, two) in sums.iter_mut().zip(line.chunks_exact(2)) {
                                *sum += widened(pair[0]) * widened(two[0]);
                                *sum += widened(pair[1]) * widened(two[1]);
                            }
                        }
                    }
                }
                out[..BLOCK].copy_from_slice(sums.as_flattened());
            }
        },
    );
}

/// As [`Session::bytes`](super::Session::bytes).
pub(super) fn bytes(left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
    vectorised(
        #[inline(always)]
        || {
            for (row, out) in out.chunks_mut(stride).take(BLOCK).enumerate() {
                let mut sums = [[0; TILE]; 2];
                for (left, panel) in left.chunks_exact(step::<u8>()).zip(panel.chunks_exact(step::<i8>())) {
                    let left = &left[row * per_line::<u8>()..][..per_line::<u8>()];
                    for (sums, tile) in sums.iter_mut().zip(panel.chunks_exact(step::<i8>() / 2)) {
                        for (four, line) in left.chunks_exact(4).zip(tile.chunks_exact(per_line::<i8>())) {
                            for (sum, bytes) in sums.iter_mut().zip(line.chunks_exact(4)) {
                                *sum +=
                                    i32::from(four[0]) * i32::from(bytes[0]) + i32::from(four[1]) * i32::from(bytes[1]);
                                *sum +=
                                    i32::from(four[2]) * i32::from(bytes[2]) + i32::from(four[3]) * i32::from(bytes[3]);
                            }
                        }
                    }
                }
                out[..BLOCK].copy_from_slice(sums.as_flattened());
            }
        },
    );
}
