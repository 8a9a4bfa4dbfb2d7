//! The right side of a product as the kernels read it, one cache line after the other.
//!
//! Columns are taken 32 at a time (a panel), the inner dimension 32 at a time (a step). A step of a panel is two tiles
//! of 16 columns; a tile is 16 lines, each of which holds two consecutive inner values of every column. That is what
//! AMX and AVX-512 BF16 multiply (Intel 64 and IA-32 manual, TDPBF16PS and VDPBF16PS).

use super::halves::{BLOCK, Halves, LINE};

/// Values of a tile.
pub(super) const TILE: usize = 16 * LINE;
/// Values of a step: two tiles.
pub(super) const STEP: usize = 2 * TILE;

/// A packed matrix of `(inner, columns)`, filled up with zeros.
#[derive(Debug, Default)]
pub(super) struct Packed {
    tiles: Halves,
    steps: usize,
    panels: usize,
}

impl Packed {
    /// Makes room for a matrix of `(inner, columns)`; every tile is to be written.
    pub(super) fn fit(&mut self, inner: usize, columns: usize) {
        (self.steps, self.panels) = (inner.div_ceil(LINE), columns.div_ceil(BLOCK));
        self.tiles.fit_dense(self.panels * self.steps * 2, TILE);
    }

    /// The panels in order.
    pub(super) fn panels(&self) -> impl Iterator<Item = &[u16]> {
        self.tiles.rows(0).chunks_exact(self.steps * STEP).take(self.panels)
    }

    /// Packs a matrix given by its columns: each `stride` values after the one before, its inner values in a row.
    /// `columns` holds `count` of them, of `inner` values each.
    pub(super) fn fill_from_columns(&mut self, columns: &[u16], stride: usize, (inner, count): (usize, usize)) {
        self.fit(inner, count);
        for panel in 0..self.panels {
            for step in 0..self.steps {
                for half in 0..2 {
                    let first = panel * BLOCK + half * 16;
                    let tile = self.tiles.row_mut((panel * self.steps + step) * 2 + half);
                    let from = step * LINE..inner.min((step + 1) * LINE);
                    let held = (first..count.min(first + 16)).map(|at| &columns[at * stride..][from.clone()]);
                    tile_of_columns(held, tile);
                }
            }
        }
    }

    /// Packs a matrix given by its rows: each `stride` values after the one before. `rows` holds `inner` of them, of
    /// `count` values each.
    pub(super) fn fill_from_rows(&mut self, rows: &[u16], stride: usize, (inner, count): (usize, usize)) {
        self.fit(inner, count);
        for panel in 0..self.panels {
            for step in 0..self.steps {
                for half in 0..2 {
                    let first = (panel * BLOCK + half * 16).min(count);
                    let columns = first..count.min(first + 16);
                    let tile = self.tiles.row_mut((panel * self.steps + step) * 2 + half);
                    let held =
                        (step * LINE..inner.min((step + 1) * LINE)).map(|at| &rows[at * stride..][columns.clone()]);
                    tile_of_rows(held, tile);
                }
            }
        }
    }
}

#[inline(always)]
fn tile_of_columns<'a>(columns: impl Iterator<Item = &'a [u16]>, tile: &mut [u16]) {
    let (lines, _) = tile.as_chunks_mut::<LINE>();
    let mut count = 0;
    for (column, values) in columns.enumerate() {
        if let Ok(values) = <&[u16; LINE]>::try_from(values) {
            for (at, line) in lines.iter_mut().enumerate() {
                (line[2 * column], line[2 * column + 1]) = (values[2 * at], values[2 * at + 1]);
            }
        } else {
            let mut values = values.iter().copied();
            for line in lines.iter_mut() {
                (line[2 * column], line[2 * column + 1]) = (values.next().unwrap_or(0), values.next().unwrap_or(0));
            }
        }
        count = column + 1;
    }
    lines.iter_mut().for_each(|line| line[2 * count..].fill(0));
}

#[inline(always)]
fn tile_of_rows<'a>(mut rows: impl Iterator<Item = &'a [u16]>, tile: &mut [u16]) {
    let (lines, _) = tile.as_chunks_mut::<LINE>();
    for line in lines {
        let (even, odd) = (rows.next().unwrap_or_default(), rows.next().unwrap_or_default());
        if let (Ok(even), Ok(odd)) = (<&[u16; 16]>::try_from(even), <&[u16; 16]>::try_from(odd)) {
            for at in 0..16 {
                (line[2 * at], line[2 * at + 1]) = (even[at], odd[at]);
            }
        } else {
            line.fill(0);
            line.iter_mut().step_by(2).zip(even).for_each(|(to, &from)| *to = from);
            line.iter_mut().skip(1).step_by(2).zip(odd).for_each(|(to, &from)| *to = from);
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
        let panels: Vec<&[u16]> = by_rows.panels().collect();
        assert_eq!(panels, by_columns.panels().collect::<Vec<_>>());
        // Panel 1, step 1, tile 0, line 2 (inner 36 and 37), column 12 (44 of all).
        assert_eq!(panels[1][STEP + 2 * LINE + 24..][..2], [value(36, 44), 0]);
        assert_eq!((panels.len(), panels[0].len()), (2, 2 * STEP));
    }
}
