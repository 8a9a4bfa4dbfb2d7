//! The definition: every sum by itself, in order of the inner dimension.

use super::super::super::simd::vectorised;
use super::super::aligned::{BLOCK, per_line, widened};
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
    for (row, out) in out.chunks_mut(stride).take(BLOCK).enumerate() {
        for (column, sum) in out[..BLOCK].iter_mut().enumerate() {
            let term = |k: usize| i32::from(left[at(k, row)]) * i32::from(panel[place(k, column)]);
            *sum = (0..panel.len() / step::<i8>() * per_line::<i8>()).map(term).sum();
        }
    }
}

/// Where a block holds an inner value of a row.
fn at(k: usize, row: usize) -> usize {
    let line = per_line::<u8>();
    k / line * step::<u8>() + row * line + k % line
}

/// Where a panel holds an inner value of a column.
fn place(k: usize, column: usize) -> usize {
    let line = per_line::<i8>();
    k / line * step::<i8>() + column / TILE * TILE * line + k % line / 4 * line + column % TILE * 4 + k % 4
}
