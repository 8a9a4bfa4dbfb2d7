//! bf16 numbers, row after row.
//!
//! bf16 is the upper half of a 32-bit float: 8 bits of exponent, 7 of fraction (Intel 338302-001).

use super::super::aligned::{Aligned, per_line};

/// Rows and columns a kernel computes at once.
pub(super) const BLOCK: usize = 32;

/// A matrix of bf16 numbers, row after row.
#[derive(Debug, Default)]
pub(super) struct Halves {
    values: Aligned<u16>,
    /// Values from a row to the next.
    stride: usize,
}

impl Halves {
    /// Makes room for `rows` of `width` values.
    pub(super) fn fit(&mut self, rows: usize, width: usize) {
        // An odd number of cache lines: rows a power of two apart would crowd into a few sets of the cache.
        let line = per_line::<u16>();
        self.stride = line * (width.div_ceil(line) | 1);
        self.values.fit(rows * self.stride);
    }

    /// Values from a row to the next.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Everything from a row on.
    pub(super) fn rows(&self, row: usize) -> &[u16] {
        &self.values.all()[row * self.stride..]
    }

    /// Everything from a row on, to be written.
    pub(super) fn rows_mut(&mut self, row: usize) -> &mut [u16] {
        let stride = self.stride;
        &mut self.values.all_mut()[row * stride..]
    }
}

/// The nearest bf16 number, of two the one further from zero. A number that is not finite is the caller's mistake.
#[inline(always)]
pub(super) fn narrowed(value: f32) -> u16 {
    (value.to_bits().wrapping_add(0x8000) >> 16) as u16
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
    fn narrowing_rounds_to_nearest() {
        for (value, expected) in [(1.0, 1.0), (1.0039, 1.0), (1.003_906_3, 1.007_812_5), (1.003_907, 1.007_812_5)] {
            assert_eq!(widened(narrowed(value)), expected, "{value}");
        }
        assert_eq!(widened(narrowed(-0.1)), -0.100_097_656);
        assert_eq!(widened(narrowed(-1.003_906_3)), -1.007_812_5);
    }

    #[test]
    fn rows_begin_at_cache_lines_an_odd_number_apart() {
        let mut halves = Halves::default();
        halves.fit(5, 40);
        assert_eq!((halves.stride(), halves.rows_mut(4).as_ptr() as usize % 64, halves.rows(4).len()), (96, 0, 96));
    }
}
