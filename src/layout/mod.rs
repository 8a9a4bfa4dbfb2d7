//! The theme map: rows laid out in the plane, near those they are near in meaning.
//!
//! UMAP (McInnes, Healy and Melville 2018): 1. rows of one vector are one; 2. each one's nearest others, as a graph whose
//! links are weighed by how near they are for their place (`neighbours`); 3. first places from the two principal
//! components (`start`); 4. rounds in which links pull and rows drawn by chance push (`pull`); 5. the places brought into a square of
//! use (`frame`). Nothing depends on the number of threads, and on the order of the rows only how equal vectors stand about their place. docs/layout.md has why and what was measured.

mod frame;
mod pull;
mod start;

use crate::map::ThemeMap;
use crate::nearest::Hit;
use crate::neighbours::cells::{NearestOthers, nearest_others};
use crate::neighbours::distinct::Distinct;
use crate::neighbours::graph::Graph;
use crate::vectors::UnitRows;

/// Neighbours a row is linked to: umap-learn's default.
const LINKS: usize = 15;
/// Neighbours a row is given with; no more than [`LINKS`], as they come from those.
const GIVEN: usize = 10;

/// Lays out rows of shape `(n, dim)`: a place and the nearest others of each. Equal vectors lie beside each other; few rows
/// or none have a map too.
pub fn lay_out(rows: &UnitRows, seed: u64) -> ThemeMap {
    let all: Vec<usize> = (0..rows.len()).collect();
    let distinct = Distinct::of(rows.view(), &all);
    let different = rows.select(&distinct.firsts);
    let near = nearest_others(&different, LINKS, seed);
    let graph = Graph::of_neighbours(&links(&near));
    let rounds = pull::rounds(different.len());
    let pulled = pull::pull(&graph, start::places(&different, seed), rounds, seed);
    let copies = copies(&distinct);
    ThemeMap {
        places: frame::framed(pulled, &distinct.of, &copies),
        neighbours: given(&distinct, &copies, &near),
        recall: near.recall,
        method: format!(
            "UMAP (McInnes, Healy and Melville 2018) of each paragraph's {LINKS} nearest by cosine, {rounds} rounds from the first two \
             principal components, seed {seed}"
        ),
    }
}

fn links(near: &NearestOthers) -> Vec<Vec<(u32, f32)>> {
    near.lists.iter().map(|list| list.iter().map(|near| (near.row as u32, near.cosine)).collect()).collect()
}

/// The rows of each vector, ascending.
fn copies(distinct: &Distinct) -> Vec<Vec<usize>> {
    let mut copies = vec![Vec::new(); distinct.firsts.len()];
    distinct.of.iter().enumerate().for_each(|(row, &of)| copies[of as usize].push(row));
    copies
}

/// Each row's nearest: the others of its vector, then the rows of the nearest vectors; ties by row.
fn given(distinct: &Distinct, copies: &[Vec<usize>], near: &NearestOthers) -> Vec<Vec<Hit>> {
    let of_row = |(row, &of): (usize, &u32)| {
        let hits = |of: usize, cosine: f32| copies[of].iter().map(move |&row| Hit { row, cosine });
        let own = hits(of as usize, 1.0).filter(|hit| hit.row != row);
        let others = near.lists[of as usize].iter().flat_map(|near| hits(near.row, near.cosine.min(1.0)));
        // A vector with thousands of copies gives each no more than it needs; those of equal cosine after them are cut too.
        let mut found: Vec<Hit> = own.take(GIVEN).chain(others.take(LINKS * GIVEN)).collect();
        found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.row.cmp(&b.row)));
        found.truncate(GIVEN);
        found
    };
    distinct.of.iter().enumerate().map(of_row).collect()
}

#[cfg(test)]
mod tests;
