//! Tables: aligned columns, a head, no rules. A table too wide for the page gives way: columns that
//! may are narrowed, then the rest stands in bands that repeat the first column.

use crate::report::blocks::{Column, Rich, Room, Table};
use crate::report::terminal::ink::Ink;
use crate::report::terminal::layout::{clip, pad, width, wrap};

/// Columns between two columns.
const GAP: usize = 2;
/// The narrowest a column is made.
const NARROWEST: usize = 14;
/// The narrowest a column is made before a table is broken in two.
const COMFORTABLE: usize = 28;

/// The table in lines of at most `room` columns; an empty line between bands.
pub(super) fn lines(table: &Table, room: usize, ink: Ink) -> Vec<String> {
    let cells: Vec<Vec<Rich>> =
        table.rows.iter().map(|row| row.iter().map(|cell| ink.marked(cell)).collect()).collect();
    let natural = natural(&table.columns, &cells);
    let mut lines = Vec::new();
    for (shown, widths) in parts(table, &natural, room) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let band = Band { columns: &table.columns, widths, shown, ink };
        lines.extend(band.head());
        lines.extend(cells.iter().flat_map(|row| band.row(row)));
    }
    lines
}

/// The columns shown side by side and the widths of all columns, once a band.
fn parts(table: &Table, natural: &[usize], room: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
    let all: Vec<usize> = (0..natural.len()).collect();
    let second = table.second.filter(|_| {
        let comfortable = narrowed(&table.columns, natural, &all, (room, COMFORTABLE));
        total(&comfortable, &all) > room
    });
    let halves = match second.filter(|&at| at < all.len()) {
        Some(at) => vec![all[..at].to_vec(), [&[0], &all[at..]].concat()],
        None => vec![all],
    };
    let bands = halves.iter().flat_map(|shown| {
        let widths = narrowed(&table.columns, natural, shown, (room, NARROWEST));
        bands(&widths, shown, room).into_iter().map(move |band| (band, widths.clone()))
    });
    bands.collect()
}

/// The width each column would like.
fn natural(columns: &[Column], cells: &[Vec<Rich>]) -> Vec<usize> {
    let head = |column: &Column| width(&column.head.as_str().into());
    let widest = |at: usize| cells.iter().filter_map(|row| row.get(at)).map(width).max().unwrap_or(0);
    columns.iter().enumerate().map(|(at, column)| head(column).max(widest(at))).collect()
}

/// The widths with what is too much for `room` taken from the widest column that gives way, again and
/// again, down to `least`.
fn narrowed(columns: &[Column], widths: &[usize], shown: &[usize], (room, least): (usize, usize)) -> Vec<usize> {
    let mut widths = widths.to_vec();
    while total(&widths, shown) > room {
        let gives = |at: &usize| columns[*at].room != Room::Keep && widths[*at] > least;
        let Some(widest) = shown.iter().copied().filter(gives).max_by_key(|&at| widths[at]) else { break };
        widths[widest] -= 1;
    }
    widths
}

fn total(widths: &[usize], shown: &[usize]) -> usize {
    shown.iter().map(|&at| widths[at]).sum::<usize>() + GAP * shown.len().saturating_sub(1)
}

/// Columns that fit side by side; each band begins with the first column.
fn bands(widths: &[usize], shown: &[usize], room: usize) -> Vec<Vec<usize>> {
    let Some((&first, others)) = shown.split_first() else { return Vec::new() };
    let mut bands = vec![vec![first]];
    for &at in others {
        let Some(band) = bands.last_mut() else { break };
        let wider = [band.as_slice(), &[at]].concat();
        if band.len() > 1 && total(widths, &wider) > room {
            bands.push(vec![first, at]);
        } else {
            *band = wider;
        }
    }
    bands
}

/// Some columns of a table.
struct Band<'a> {
    columns: &'a [Column],
    widths: Vec<usize>,
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
