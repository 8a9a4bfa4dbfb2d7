//! The left side of a product as the kernels read it: tiles of 16 rows and a cache line of each.
//!
//! Rows are taken 32 at a time (a block), values a cache line at a time (a step). A step of a block is its 32 lines one
//! after the other: two tiles. Nothing of it lies further apart, so that reading it is reading memory in order.

use super::super::aligned::{Aligned, per_line};
use super::halves::BLOCK;

/// A matrix of bf16 numbers or of bytes. What its last block holds after its rows, and the last line of a row after its
/// values, is of no meaning as long as it is finite: the right side has zeros there.
#[derive(Debug)]
pub(super) struct Tiles<T> {
    values: Aligned<T>,
    steps: usize,
}

impl<T> Default for Tiles<T> {
    fn default() -> Self {
        Self { values: Aligned::default(), steps: 0 }
    }
}

impl<T: Copy + Default> Tiles<T> {
    /// Makes room for `rows` of `width` values.
    pub(super) fn fit(&mut self, rows: usize, width: usize) {
        self.steps = width.div_ceil(per_line::<T>());
        self.values.fit(rows.div_ceil(BLOCK) * BLOCK * self.steps * per_line::<T>());
    }

    /// One block.
    pub(super) fn block(&self, block: usize) -> &[T] {
        let length = self.steps * Self::step();
        &self.values.all()[block * length..][..length]
    }

    /// One step of one block: 32 lines.
    pub(super) fn step_mut(&mut self, block: usize, step: usize) -> &mut [T] {
        let at = (block * self.steps + step) * Self::step();
        &mut self.values.all_mut()[at..][..Self::step()]
    }

    /// A row's lines in order.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, row: usize) -> impl Iterator<Item = &mut [T]> {
        let start = row / BLOCK * self.steps * Self::step() + row % BLOCK * per_line::<T>();
        let lines = self.values.all_mut()[start..].chunks_mut(Self::step()).take(self.steps);
        lines.map(|line| &mut line[..per_line::<T>()])
    }

    /// Copies rows that lie `stride` values apart.
    pub(super) fn fill(&mut self, rows: &[T], stride: usize, (count, width): (usize, usize)) {
        self.fit(count, width);
        for (row, values) in rows.chunks(stride).take(count).enumerate() {
            for (to, from) in self.row_mut(row).zip(values[..width].chunks(per_line::<T>())) {
                match (<&mut [T; 32]>::try_from(&mut *to), <&[T; 32]>::try_from(from)) {
                    (Ok(to), Ok(from)) => *to = *from,
                    _ => to[..from.len()].copy_from_slice(from),
                }
            }
        }
    }

    /// Values of a step.
    const fn step() -> usize {
        BLOCK * per_line::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_32_rows_line_by_line() {
        let mut tiles = Tiles::<u16>::default();
        let rows: Vec<u16> = (0..40 * 50).collect();
        tiles.fill(&rows, 50, (40, 40));
        assert_eq!(tiles.block(0).len(), 2 * 32 * 32);
        // Row 33, value 35: block 1, row 1 of it, step 1, value 3.
        assert_eq!(tiles.block(1)[(32 + 1) * 32 + 3], 33 * 50 + 35);
        assert_eq!(tiles.step_mut(1, 1)[32 + 3], 33 * 50 + 35);
        assert_eq!(tiles.row_mut(33).nth(1).unwrap()[3], 33 * 50 + 35);
    }
}
