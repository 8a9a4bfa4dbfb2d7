//! The definition: every sum by itself, in order of the inner dimension.

use super::super::halves::{BLOCK, LINE, widened};
use super::super::packed::{STEP, TILE};
use super::Sums;

/// As [`Session::block`](super::Session::block).
pub(super) fn block(left: &[u16], stride: usize, panel: &[u16], sums: &mut Sums) {
    for (row, sums) in sums.chunks_exact_mut(BLOCK).enumerate() {
        let left = &left[row * stride..];
        for (column, sum) in sums.iter_mut().enumerate() {
            let term = |k: usize| widened(left[k]) * widened(panel[place(k, column)]);
            *sum = (0..panel.len() / STEP * LINE).map(term).sum();
        }
    }
}

/// Where a panel holds an inner value of a column.
fn place(k: usize, column: usize) -> usize {
    k / LINE * STEP + column / 16 * TILE + k % LINE / 2 * LINE + column % 16 * 2 + k % 2
}
