//! The k nearest rows by cosine, exactly: every row against every row.
//!
//! [`nearest_plain`] is the definition. [`nearest`] is the same in blocks of matrix products, on all
//! threads, never holding more than a block of cosines a thread. Ties go to the lower row.
//! Cost: `n_queries * n_rows * dim` multiplications.

use ndarray::{Axis, s};
use rayon::prelude::*;

use crate::vectors::UnitRows;

/// Queries a block: with [`ROWS`] it keeps a block of cosines (256 KiB) in a core's cache.
const QUERIES: usize = 64;
/// Rows a block.
const ROWS: usize = 1_024;

/// A row and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The row.
    pub row: usize,
    /// The cosine to the query.
    pub cosine: f32,
}

/// Which rows may be an answer to which query: `(query, row)`.
pub type Allowed<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// The definition: for each query the `k` allowed rows of highest cosine, best first, then by row.
///
/// `queries` has shape `(n_queries, dim)`, `rows` `(n_rows, dim)`; fewer than `k` where fewer are allowed.
pub fn nearest_plain(queries: &UnitRows, rows: &UnitRows, k: usize, allowed: Allowed<'_>) -> Vec<Vec<Neighbour>> {
    let of_query = |query: usize| {
        let mut found: Vec<Neighbour> = (0..rows.len())
            .filter(|&row| allowed(query, row))
            .map(|row| Neighbour { row, cosine: queries.row(query).dot(&rows.row(row)) })
            .collect();
        found.sort_by(best_first);
        found.truncate(k);
        found
    };
    (0..queries.len()).map(of_query).collect()
}

/// [`nearest_plain`], fast: the same rows but for cosines that differ by rounding.
pub fn nearest(queries: &UnitRows, rows: &UnitRows, k: usize, allowed: Allowed<'_>) -> Vec<Vec<Neighbour>> {
    // No query has more neighbours than there are rows.
    let k = k.min(rows.len());
    let starts: Vec<usize> = (0..queries.len()).step_by(QUERIES).collect();
    let blocks: Vec<Vec<Vec<Neighbour>>> =
        starts.into_par_iter().map(|start| block(queries, rows, (start, k), allowed)).collect();
    blocks.into_iter().flatten().collect()
}

fn block(queries: &UnitRows, rows: &UnitRows, (start, k): (usize, usize), allowed: Allowed<'_>) -> Vec<Vec<Neighbour>> {
    let end = (start + QUERIES).min(queries.len());
    let asked = queries.view().slice_move(s![start..end, ..]);
    let mut best: Vec<Vec<Neighbour>> = vec![Vec::new(); end - start];
    for first in (0..rows.len()).step_by(ROWS) {
        let last = (first + ROWS).min(rows.len());
        let cosines = asked.dot(&rows.view().slice(s![first..last, ..]).t());
        for (at, found) in best.iter_mut().enumerate() {
            let line = cosines.index_axis(Axis(0), at);
            let mut least = least(found, k);
            for (offset, &cosine) in line.iter().enumerate() {
                // A later row wins no tie, so only a greater cosine can enter a full list.
                if cosine > least && allowed(start + at, first + offset) {
                    found.push(Neighbour { row: first + offset, cosine });
                    if found.len() >= 2 * k {
                        shrink(found, k);
                        least = self::least(found, k);
                    }
                }
            }
        }
    }
    for found in &mut best {
        shrink(found, k);
    }
    best
}

/// The cosine a row must exceed to enter: that of the k-th best, once the list was last cut to `k`.
fn least(found: &mut Vec<Neighbour>, k: usize) -> f32 {
    if k == 0 {
        return f32::INFINITY;
    }
    if found.len() < k {
        return f32::NEG_INFINITY;
    }
    shrink(found, k);
    found[k - 1].cosine
}

fn shrink(found: &mut Vec<Neighbour>, k: usize) {
    found.sort_by(best_first);
    found.truncate(k);
}

fn best_first(a: &Neighbour, b: &Neighbour) -> std::cmp::Ordering {
    b.cosine.total_cmp(&a.cosine).then(a.row.cmp(&b.row))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    fn rows(values: Vec<f32>, dim: usize) -> UnitRows {
        UnitRows::normalized(Array2::from_shape_vec((values.len() / dim, dim), values).unwrap()).unwrap()
    }

    #[test]
    fn ties_go_to_the_lower_row() {
        let same = rows([1.0, 0.0].repeat(5), 2);
        let found = nearest(&same, &same, 2, &|query, row| query != row);
        let picked: Vec<Vec<usize>> = found.iter().map(|of| of.iter().map(|n| n.row).collect()).collect();
        assert_eq!(picked, [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]);
    }

    #[test]
    fn none_allowed_or_asked_for_is_no_neighbour() {
        let two = rows(vec![1.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(nearest(&two, &two, 3, &|_, _| false), [vec![], vec![]]);
        assert_eq!(nearest(&two, &two, 0, &|_, _| true), [vec![], vec![]]);
        assert_eq!(nearest(&two, &two, usize::MAX, &|_, _| true)[1].len(), 2);
        assert!(nearest(&UnitRows::empty(2), &two, 3, &|_, _| true).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn blocks_agree_with_the_definition(seed in 0_u64..1_000, n in 1_usize..1_400, k in 1_usize..12) {
            let mut state = seed + 1;
            let mut next = move || { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); (state >> 40) as f32 / 8e6 - 1.05 };
            let all = rows((0..n * 8).map(|_| next()).collect(), 8);
            let some = all.select(&(0..n.min(70)).collect::<Vec<_>>());
            let odd = |query: usize, row: usize| !(query + row).is_multiple_of(3);
            let (fast, plain) = (nearest(&some, &all, k, &odd), nearest_plain(&some, &all, k, &odd));
            for (query, (fast, plain)) in fast.iter().zip(&plain).enumerate() {
                prop_assert_eq!(fast.len(), plain.len());
                for (a, b) in fast.iter().zip(plain) {
                    prop_assert!((a.cosine - b.cosine).abs() < 1e-5 && odd(query, a.row));
                }
            }
        }
    }
}
