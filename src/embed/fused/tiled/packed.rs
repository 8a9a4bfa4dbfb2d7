//! The right side of a product as the kernels read it, one cache line after the other.
//!
//! Columns are taken 32 at a time (a panel), the inner dimension a cache line of the left side at a time (a step). A
//! step of a panel is two tiles of 16 columns; a tile is 16 lines, each of which holds four consecutive bytes of every
//! column: two inner values of bf16, or four of int8. That is what AMX and AVX-512 multiply (Intel 64 and IA-32 manual,
//! TDPBF16PS, VDPBF16PS, TDPBUSD, VPDPBUSD).

use super::super::aligned::{Aligned, per_line};
use super::halves::BLOCK;

/// Columns of a tile, and its lines.
pub(super) const TILE: usize = 16;

/// Values of a step: two tiles.
pub(super) const fn step<T>() -> usize {
    2 * TILE * per_line::<T>()
}

/// A packed matrix of `(inner, columns)`, filled up with zeros.
#[derive(Debug)]
pub(super) struct Packed<T> {
    values: Aligned<T>,
    steps: usize,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self { values: Aligned::default(), steps: 0 }
    }
}

impl<T: Copy + Default> Packed<T> {
    /// Inner values of a column side by side.
    const SIDE: usize = per_line::<T>() / TILE;

    /// Makes room for a matrix of `(inner, columns)`; every tile is to be written.
    fn fit(&mut self, inner: usize, columns: usize) {
        self.steps = inner.div_ceil(per_line::<T>());
        self.values.fit(columns.div_ceil(BLOCK) * self.steps * step::<T>());
    }

    /// One panel.
    pub(super) fn panel(&self, panel: usize) -> &[T] {
        let length = self.steps * step::<T>();
        &self.values.all()[panel * length..][..length]
    }

    /// The tiles in order, each with its step and its first column.
    fn tiles_mut(&mut self) -> impl Iterator<Item = (usize, usize, &mut [T])> {
        let steps = self.steps;
        let tiles = self.values.all_mut().chunks_exact_mut(TILE * per_line::<T>()).enumerate();
        tiles.map(move |(at, tile)| (at / 2 % steps, at / 2 / steps * BLOCK + at % 2 * TILE, tile))
    }

    /// Packs a matrix given by its columns: each `stride` values after the one before, its inner values in a row.
    /// `columns` holds `count` of them, of `inner` values each.
    pub(super) fn fill_from_columns(&mut self, columns: &[T], stride: usize, (inner, count): (usize, usize)) {
        self.fit(inner, count);
        for (step, first, tile) in self.tiles_mut() {
            let from = step * per_line::<T>()..inner.min((step + 1) * per_line::<T>());
            let held = (first..count.min(first + TILE)).map(|at| &columns[at * stride..][from.clone()]);
            tile_of_columns(held, tile);
        }
    }

    /// Packs a matrix given by its rows: each `stride` values after the one before. `rows` holds `inner` of them, of
    /// `count` values each.
    pub(super) fn fill_from_rows(&mut self, rows: &[T], stride: usize, (inner, count): (usize, usize)) {
        self.fit(inner, count);
        for (step, first, tile) in self.tiles_mut() {
            let columns = first.min(count)..count.min(first + TILE);
            let from = step * per_line::<T>()..inner.min((step + 1) * per_line::<T>());
            tile_of_rows(from.map(|at| &rows[at * stride..][columns.clone()]), tile);
        }
    }
}

#[inline(always)]
fn tile_of_columns<'a, T: Copy + Default + 'a>(columns: impl Iterator<Item = &'a [T]>, tile: &mut [T]) {
    let side = Packed::<T>::SIDE;
    let mut count = 0;
    for (column, values) in columns.enumerate() {
        let lines = tile.chunks_exact_mut(per_line::<T>());
        if values.len() == per_line::<T>() {
            for (line, values) in lines.zip(values.chunks_exact(side)) {
                line[column * side..][..side].copy_from_slice(values);
            }
        } else {
            let mut values = values.iter().copied();
            for line in lines {
                line[column * side..][..side].fill_with(|| values.next().unwrap_or_default());
            }
        }
        count = column + 1;
    }
    tile.chunks_exact_mut(per_line::<T>()).for_each(|line| line[side * count..].fill(T::default()));
}

#[inline(always)]
fn tile_of_rows<'a, T: Copy + Default + 'a>(mut rows: impl Iterator<Item = &'a [T]>, tile: &mut [T]) {
    let side = Packed::<T>::SIDE;
    for line in tile.chunks_exact_mut(per_line::<T>()) {
        for at in 0..side {
            let row = rows.next().unwrap_or_default();
            let to = line[at..].iter_mut().step_by(side);
            if let Ok(row) = <&[T; TILE]>::try_from(row) {
                to.zip(row).for_each(|(to, &from)| *to = from);
            } else {
                let padded = row.iter().copied().chain(std::iter::repeat(T::default()));
                to.zip(padded).for_each(|(to, from)| *to = from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_give_the_same_tiles() {
        let (inner, count) = (37, 45);
        let value = |k: usize, column: usize| (k * 100 + column + 1) as u16;
        let rows: Vec<u16> = (0..inner * count).map(|at| value(at / count, at % count)).collect();
        let columns: Vec<u16> = (0..inner * count).map(|at| value(at % inner, at / inner)).collect();
        let (mut by_rows, mut by_columns) = (Packed::default(), Packed::default());
        by_rows.fill_from_rows(&rows, count, (inner, count));
        by_columns.fill_from_columns(&columns, inner, (inner, count));
        assert_eq!(by_rows.values.all(), by_columns.values.all());
        // Panel 1, step 1, tile 0, line 2 (inner 36 and 37), column 12 (44 of all).
        assert_eq!(by_rows.panel(1)[step::<u16>() + 2 * 32 + 24..][..2], [value(36, 44), 0]);
        assert_eq!(by_rows.panel(1).len(), 2 * step::<u16>());
    }

    #[test]
    fn four_bytes_of_a_column_lie_side_by_side() {
        let columns: Vec<i8> = (0..2 * 70).map(|at| at as i8).collect();
        let mut packed = Packed::default();
        packed.fill_from_columns(&columns, 70, (70, 2));
        let panel: &[i8] = packed.panel(0);
        // Step 1, tile 0, line 1 (inner 68 to 71), column 1.
        assert_eq!(panel[step::<i8>() + 64 + 4..][..4], [(70 + 68) as u8 as i8, (70 + 69) as u8 as i8, 0, 0]);
    }
}
