//! Tables: aligned columns, a head, no rules. A table too wide for the page gives way: columns that
//! may are narrowed, then the rest stands in bands that repeat the first column.

use crate::report::blocks::{Column, Rich, Room, Table};
use crate::report::terminal::ink::Ink;
use crate::report::terminal::layout::{clip, pad, width, wrap};

/// Columns between two columns.
const GAP: usize = 2;
/// The narrowest a column is made.
const NARROWEST: usize = 14;

/// The table in lines of at most `room` columns; an empty line between bands.
pub(super) fn lines(table: &Table, room: usize, ink: Ink) -> Vec<String> {
    let cells: Vec<Vec<Rich>> =
        table.rows.iter().map(|row| row.iter().map(|cell| ink.marked(cell)).collect()).collect();
    let widths = narrowed(&table.columns, natural(&table.columns, &cells), room);
    let mut lines = Vec::new();
    for band in bands(&widths, room) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let band = Band { columns: &table.columns, widths: &widths, shown: band, ink };
        lines.extend(band.head());
        lines.extend(cells.iter().flat_map(|row| band.row(row)));
    }
    lines
}

/// The width each column would like.
fn natural(columns: &[Column], cells: &[Vec<Rich>]) -> Vec<usize> {
    let head = |column: &Column| width(&column.head.as_str().into());
    let widest = |at: usize| cells.iter().filter_map(|row| row.get(at)).map(width).max().unwrap_or(0);
    columns.iter().enumerate().map(|(at, column)| head(column).max(widest(at))).collect()
}

/// The widths with what is too much taken from the widest column that gives way, again and again.
fn narrowed(columns: &[Column], mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    while total(&widths) > room {
        let gives = |&at: &usize| columns[at].room != Room::Keep && widths[at] > NARROWEST;
        let Some(widest) = (0..widths.len()).filter(gives).max_by_key(|&at| widths[at]) else { break };
        widths[widest] -= 1;
    }
    widths
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Columns that stand side by side; each band begins with the first column.
fn bands(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let mut bands: Vec<Vec<usize>> = Vec::new();
    let mut used = usize::MAX;
    for (at, width) in widths.iter().enumerate().skip(1) {
        match bands.last_mut() {
            Some(band) if used + GAP + width <= room => band.push(at),
            _ => {
                bands.push(vec![0, at]);
                used = widths[0];
            }
        }
        used += GAP + width;
    }
    if bands.is_empty() && !widths.is_empty() { vec![vec![0]] } else { bands }
}

/// Some columns of a table.
struct Band<'a> {
    columns: &'a [Column],
    widths: &'a [usize],
    shown: Vec<usize>,
    ink: Ink,
}

impl Band<'_> {
    fn head(&self) -> Option<String> {
        let named = self.columns.iter().any(|column| !column.head.is_empty());
        let heads: Vec<Rich> = self.columns.iter().map(|column| Rich::default().quiet(&column.head)).collect();
        named.then(|| self.line(&heads))
    }

    fn row(&self, row: &[Rich]) -> Vec<String> {
        let cells: Vec<Vec<Rich>> = row.iter().enumerate().map(|(at, cell)| self.cell(at, cell)).collect();
        let height = self.shown.iter().filter_map(|&at| cells.get(at)).map(Vec::len).max().unwrap_or(0);
        let line =
            |at: usize| -> Vec<Rich> { cells.iter().map(|cell| cell.get(at).cloned().unwrap_or_default()).collect() };
        (0..height).map(|at| self.line(&line(at))).collect()
    }

    fn cell(&self, at: usize, cell: &Rich) -> Vec<Rich> {
        match self.columns[at].room {
            Room::Keep => vec![cell.clone()],
            Room::Clip => vec![clip(cell, self.widths[at])],
            Room::Wrap => wrap(cell, self.widths[at]),
        }
    }

    fn line(&self, cells: &[Rich]) -> String {
        let cells: Vec<String> = self.shown.iter().map(|&at| self.aligned(at, &cells[at])).collect();
        cells.join(&" ".repeat(GAP)).trim_end().to_owned()
    }

    fn aligned(&self, at: usize, cell: &Rich) -> String {
        let (text, space) = (self.ink.painted(cell), pad(width(cell), self.widths[at]));
        if self.columns[at].numeric { format!("{space}{text}") } else { format!("{text}{space}") }
    }
}
