//! Rows of bf16 numbers in memory that the kernels read whole cache lines of.
//!
//! bf16 is the upper half of a 32-bit float: 8 bits of exponent, 7 of fraction (Intel 338302-001).

use super::super::simd::vectorised;

/// Values a cache line holds, and the step in which the kernels take the inner dimension of a product.
pub(super) const LINE: usize = 32;
/// Rows a kernel computes at once: buffers have as many to spare, so that the last block may read past its rows.
pub(super) const BLOCK: usize = 32;

/// A matrix of bf16 numbers, its rows at cache lines.
#[derive(Debug, Default)]
pub(super) struct Halves {
    values: Vec<u16>,
    /// Where the first cache line begins.
    start: usize,
    /// Values from a row to the next.
    stride: usize,
}

impl Halves {
    /// Makes room for `rows` of `width` values, and for a block more. What they held is no longer at its place.
    pub(super) fn fit(&mut self, rows: usize, width: usize) {
        // An odd number of cache lines: rows a power of two apart would crowd into a few sets of the cache.
        self.resize(rows, LINE * (width.div_ceil(LINE) | 1));
    }

    /// Makes room for `rows` of `width` values without a gap, and for a block more. `width` is a multiple of a line.
    pub(super) fn fit_dense(&mut self, rows: usize, width: usize) {
        self.resize(rows, width);
    }

    fn resize(&mut self, rows: usize, stride: usize) {
        self.stride = stride;
        self.values.resize((rows + BLOCK) * self.stride + LINE, 0);
        // Where memory cannot be aligned, the kernels are slower and right.
        self.start = self.values.as_ptr().align_offset(2 * LINE).min(LINE);
    }

    /// Values from a row to the next.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Everything from a row on.
    pub(super) fn rows(&self, row: usize) -> &[u16] {
        &self.values[self.start + row * self.stride..]
    }

    /// One row, with what fills its last cache line.
    pub(super) fn row_mut(&mut self, row: usize) -> &mut [u16] {
        &mut self.values[self.start + row * self.stride..][..self.stride]
    }

    /// Everything from a row on, to be written.
    pub(super) fn rows_mut(&mut self, row: usize) -> &mut [u16] {
        &mut self.values[self.start + row * self.stride..]
    }

    /// Narrows rows of `width` values.
    pub(super) fn narrow(&mut self, rows: &[f32], width: usize) {
        vectorised(
            #[inline(always)]
            || {
                let to = self.values[self.start..].chunks_exact_mut(self.stride);
                for (to, from) in to.zip(rows.chunks_exact(width)) {
                    to.iter_mut().zip(from).for_each(|(to, &from)| *to = narrowed(from));
                }
            },
        );
    }
}

/// The nearest bf16 number, of two the even one. A number that is not finite is the caller's mistake.
#[inline(always)]
pub(super) fn narrowed(value: f32) -> u16 {
    let bits = value.to_bits();
    (bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

/// The same number in 32 bits.
#[inline(always)]
pub(super) fn widened(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrowing_rounds_to_nearest_and_to_even() {
        for (value, expected) in [(1.0, 1.0), (1.003_906_2, 1.0), (1.003_907, 1.007_812_5), (1.011_718_8, 1.015_625)] {
            assert_eq!(widened(narrowed(value)), expected, "{value}");
        }
        assert_eq!(widened(narrowed(-0.1)), -0.100_097_656);
    }

    #[test]
    fn rows_begin_at_cache_lines_and_a_block_lies_behind_them() {
        let mut halves = Halves::default();
        halves.fit(5, 40);
        assert_eq!((halves.stride(), halves.row_mut(4).as_ptr() as usize % 64), (96, 0));
        assert!(halves.rows(4).len() >= (BLOCK + 1) * halves.stride());
        halves.narrow(&[1.5; 80], 40);
        assert_eq!(widened(halves.rows(1)[39]), 1.5);
    }
}
