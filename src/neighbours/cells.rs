//! The k nearest others of every row: exactly for some ten thousand rows, above them nearly.
//!
//! Many rows are put into cells, each to its nearest centroid (an inverted file: Sivic and Zisserman 2003), and compared with the
//! rows of the cells nearest to their own. Who lies at the edge of a cell misses some; most are found by asking the
//! neighbours found for theirs (Dong, Moses and Li 2011, two rounds). How many of the true ones were found is measured on
//! a sample and given with them. Cost: some `n^1.5 * dim` multiplications, where [`nearest`] has `n^2 * dim`.

use ndarray::{Array2, ArrayView2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

use super::exact::{Allowed, Neighbour, nearest};
use crate::vectors::UnitRows;

/// Rows up to which neighbours are exact: some fifteen seconds on two cores.
const EXACT: usize = 40_000;
/// Cells a row is compared with, its own among them.
const PROBES: usize = 32;
/// Rows a cell by which centroids are found, and rounds of finding them.
const TRAINED: usize = 64;
const ROUNDS: usize = 6;
/// Neighbours that are asked for so many of theirs, and how often.
const ASKED: usize = 20;
const ASKINGS: usize = 2;
/// Rows on which recall is measured.
const SAMPLE: usize = 256;

/// Neighbours of every row.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestOthers {
    /// Of each row, best first, ties by row.
    pub lists: Vec<Vec<Neighbour>>,
    /// The share of the true neighbours that are among them, 0 to 1; none where they are exact.
    pub recall: Option<f64>,
}

/// The `k` nearest others of each of the rows, `(n, dim)`.
pub fn nearest_others(rows: &UnitRows, k: usize, seed: u64) -> NearestOthers {
    nearest_allowed(rows, k, &|query, row| query != row, seed)
}

/// The `k` nearest of each of the rows, `(n, dim)`, among those `allowed` to it: never the row itself.
pub fn nearest_allowed(rows: &UnitRows, k: usize, allowed: Allowed<'_>, seed: u64) -> NearestOthers {
    match rows.len() <= EXACT || k == 0 {
        true => NearestOthers { lists: nearest(rows, rows, k, allowed), recall: None },
        // As many cells as rows a cell.
        false => in_cells(rows, k, (rows.len() as f64).sqrt() as usize, (allowed, seed)),
    }
}

fn in_cells(rows: &UnitRows, k: usize, cells: usize, (allowed, seed): (Allowed<'_>, u64)) -> NearestOthers {
    let centroids = centroids(rows, cells, seed);
    let members = members(&nearest_rows(rows.view(), centroids.view()), cells);
    let probes = probes(&centroids);
    let found: Vec<Vec<(usize, Vec<Neighbour>)>> = members
        .par_iter()
        .zip(&probes)
        .map(|(own, probes)| {
            let mut others: Vec<usize> = probes.iter().flat_map(|&cell| members[cell].iter().copied()).collect();
            // A tie goes to the lower row.
            others.sort_unstable();
            let found =
                nearest(&rows.select(own), &rows.select(&others), k, &|query, row| allowed(own[query], others[row]));
            let named = |found: Vec<Neighbour>| {
                found.into_iter().map(|near| Neighbour { row: others[near.row], ..near }).collect::<Vec<_>>()
            };
            own.iter().copied().zip(found.into_iter().map(named)).collect()
        })
        .collect();
    let mut lists = vec![Vec::new(); rows.len()];
    for (row, found) in found.into_iter().flatten() {
        lists[row] = found;
    }
    for _ in 0..ASKINGS {
        lists = (0..rows.len()).into_par_iter().map(|row| asked(rows, &lists, (row, k), allowed)).collect();
    }
    let recall = Some(recall(rows, &lists, k, allowed));
    NearestOthers { lists, recall }
}

/// Unit centroids of shape `(cells, dim)`: spherical K-means on a sample.
pub(crate) fn centroids(rows: &UnitRows, cells: usize, seed: u64) -> Array2<f32> {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let taken = (cells * TRAINED).min(rows.len());
    for at in 0..taken {
        let other = at + (random.next_u64() % (rows.len() - at) as u64) as usize;
        order.swap(at, other);
    }
    let sample = rows.view().select(Axis(0), &order[..taken]);
    let mut centroids = sample.slice(ndarray::s![..cells, ..]).to_owned();
    for _ in 0..ROUNDS {
        let mut sums = Array2::<f32>::zeros(centroids.dim());
        for (row, cell) in sample.rows().into_iter().zip(nearest_rows(sample.view(), centroids.view())) {
            let mut sum = sums.row_mut(cell);
            sum += &row;
        }
        for (mut centroid, sum) in centroids.rows_mut().into_iter().zip(sums.rows()) {
            let length = sum.dot(&sum).sqrt();
            // A cell that lost all its rows stays where it was.
            if length > f32::EPSILON {
                centroid.assign(&(&sum / length));
            }
        }
    }
    centroids
}

/// For each row the centroid of highest cosine, the lower of equals.
pub(crate) fn nearest_rows(rows: ArrayView2<'_, f32>, centroids: ArrayView2<'_, f32>) -> Vec<usize> {
    const BLOCK: usize = 512;
    let blocks: Vec<Vec<usize>> = rows
        .axis_chunks_iter(Axis(0), BLOCK)
        .into_par_iter()
        .map(|rows| {
            let cosines = rows.dot(&centroids.t());
            let best = |line: ndarray::ArrayView1<'_, f32>| {
                let all = line.iter().copied().enumerate();
                all.fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best }).0
            };
            cosines.rows().into_iter().map(best).collect()
        })
        .collect();
    blocks.concat()
}

fn members(cell_of: &[usize], cells: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); cells];
    cell_of.iter().enumerate().for_each(|(row, &cell)| members[cell].push(row));
    members
}

/// Of each cell those nearest to it, itself first.
fn probes(centroids: &Array2<f32>) -> Vec<Vec<usize>> {
    let cosines = centroids.dot(&centroids.t());
    let of = |(own, line): (usize, ndarray::ArrayView1<'_, f32>)| {
        let mut order: Vec<usize> = (0..line.len()).collect();
        order.sort_by(|&a, &b| (b == own).cmp(&(a == own)).then(line[b].total_cmp(&line[a])).then(a.cmp(&b)));
        order.truncate(PROBES);
        order
    };
    cosines.rows().into_iter().enumerate().map(of).collect()
}

/// A row's list with what its neighbours' neighbours add.
fn asked(rows: &UnitRows, lists: &[Vec<Neighbour>], (row, k): (usize, usize), allowed: Allowed<'_>) -> Vec<Neighbour> {
    let asked = lists[row].iter().take(ASKED);
    let mut new: Vec<usize> = asked.flat_map(|near| lists[near.row].iter().take(ASKED).map(|near| near.row)).collect();
    new.sort_unstable();
    new.dedup();
    let mut known: Vec<usize> = lists[row].iter().map(|near| near.row).collect();
    known.sort_unstable();
    let mut found = lists[row].clone();
    let least = if found.len() < k { f32::NEG_INFINITY } else { found[k - 1].cosine };
    found.extend(
        new.into_iter()
            .filter(|other| allowed(row, *other) && known.binary_search(other).is_err())
            .map(|other| Neighbour { row: other, cosine: rows.cosine(row, other) })
            .filter(|near| near.cosine > least),
    );
    found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.row.cmp(&b.row)));
    found.truncate(k);
    found
}

/// The share of true neighbours that were found, on a sample.
fn recall(rows: &UnitRows, lists: &[Vec<Neighbour>], k: usize, allowed: Allowed<'_>) -> f64 {
    let sample: Vec<usize> = (0..rows.len()).step_by(rows.len().div_ceil(SAMPLE)).collect();
    let exact = nearest(&rows.select(&sample), rows, k, &|query, row| allowed(sample[query], row));
    let found = |(row, exact): (&usize, &Vec<Neighbour>)| {
        exact.iter().filter(|near| lists[*row].iter().any(|found| found.row == near.row)).count()
    };
    let all: usize = exact.iter().map(Vec::len).sum();
    sample.iter().zip(&exact).map(found).sum::<usize>() as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows round `bundles` directions.
    fn rows(n: usize, bundles: usize) -> UnitRows {
        let mut random = Xoshiro256Plus::seed_from_u64(3);
        let mut chance = move || (random.next_u64() >> 40) as f32 / 16_777_216.0 - 0.5;
        let mut rows = Array2::from_shape_fn((n, 16), |_| chance() * 0.6);
        for (row, mut values) in rows.rows_mut().into_iter().enumerate() {
            values[(row % bundles) % 16] += 1.0;
        }
        UnitRows::normalized(rows).unwrap()
    }

    #[test]
    fn cells_find_nearly_all_and_say_how_many() {
        let rows = rows(3_000, 9);
        let found = in_cells(&rows, 10, 54, (&|query, row| query != row, 1));
        let recall = found.recall.unwrap();
        assert!((0.9..=1.0).contains(&recall), "{recall}");
        for (row, list) in found.lists.iter().enumerate() {
            assert!(list.len() == 10 && list.iter().all(|near| near.row != row));
            assert!(list.is_sorted_by(|a, b| a.cosine >= b.cosine));
            assert!(list.iter().all(|near| (near.cosine - rows.cosine(row, near.row)).abs() < 1e-5));
        }
    }

    #[test]
    fn rows_of_the_same_label_are_passed_over_and_nearly_all_others_found() {
        let rows = rows(3_000, 9);
        // A third of the neighbours of a row have its own label.
        let label = |row: usize| row / 9 % 3;
        let found = in_cells(&rows, 10, 54, (&|query, row| label(query) != label(row), 1));
        let recall = found.recall.unwrap();
        assert!((0.9..=1.0).contains(&recall), "{recall}");
        for (row, list) in found.lists.iter().enumerate() {
            assert!(list.len() == 10 && list.iter().all(|near| label(near.row) != label(row)));
        }
    }

    #[test]
    fn few_rows_are_exact() {
        let rows = rows(100, 3);
        let found = nearest_others(&rows, 4, 1);
        assert_eq!(found.lists, nearest(&rows, &rows, 4, &|query, row| query != row));
        assert_eq!(found.recall, None);
    }

    #[test]
    fn the_threads_do_not_change_the_cells() {
        let rows = rows(1_000, 5);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(
            one.install(|| in_cells(&rows, 5, 31, (&|query, row| query != row, 1))),
            in_cells(&rows, 5, 31, (&|query, row| query != row, 1))
        );
    }
}
