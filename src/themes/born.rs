//! Themes that are born: places where many paragraphs that fit no theme fit one another.
//!
//! A group begins at a paragraph and those nearest to it, and takes again and again what fits its mean direction, until that is the group itself
//! (mean shift with a flat kernel, Fukunaga and Hostetler 1975, on the sphere). Dense places come first. What does not gather so many is no theme: where
//! little is left over, most of it belongs to nothing, and clustering would divide that too.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::neighbours::nearest;
use crate::vectors::{UnitRows, VectorsError};

/// Times that a group takes what fits it; most stand still after three.
const ROUNDS: usize = 20;

/// Groups of `least` rows or more of which each fits the others: the cosine to their mean direction is `fits` or more. Densest beginning first; rows
/// ascending; a row in one group at the most. `rows` are unit rows that are all different, shape `(n, dim)`.
pub(super) fn born(rows: ArrayView2<'_, f32>, fits: f32, least: usize) -> Result<Vec<Vec<usize>>, VectorsError> {
    if rows.nrows() < least || least < 2 {
        return Ok(Vec::new());
    }
    let unit = UnitRows::new(rows.to_owned())?;
    let near = nearest(&unit, &unit, least - 1, &|row, other| row != other);
    let density: Vec<f32> =
        near.iter().map(|near| near.iter().map(|near| near.cosine).sum::<f32>() / near.len() as f32).collect();
    // Two rows that fit one direction by so much have this cosine where nothing else joins them.
    let alike = fits.max(0.0).powi(2);
    let mut begin: Vec<usize> = (0..density.len()).filter(|&row| density[row] >= alike).collect();
    begin.sort_by(|&a, &b| density[b].total_cmp(&density[a]).then(a.cmp(&b)));
    let mut free = vec![true; density.len()];
    let mut groups = Vec::new();
    for row in begin {
        if free[row] {
            let first = std::iter::once(row).chain(near[row].iter().map(|near| near.row).filter(|&row| free[row]));
            if let Some(group) = gather(rows, &free, first.collect(), (fits, least)) {
                group.iter().for_each(|&row| free[row] = false);
                groups.push(group);
            }
        }
    }
    Ok(groups)
}

/// The group that one beginning comes to; none where that is too small. Cost: up to [`ROUNDS`] times a dot product a free row, so that with `n` rows
/// `born` takes `ROUNDS * n * n` of them at the very most, and many fewer where most places are not dense enough to begin at.
fn gather(
    rows: ArrayView2<'_, f32>,
    free: &[bool],
    mut group: Vec<usize>,
    (fits, least): (f32, usize),
) -> Option<Vec<usize>> {
    for _ in 0..ROUNDS {
        let mut within = vec![false; free.len()];
        let mut sum = Array1::<f32>::zeros(rows.ncols());
        group.sort_unstable();
        for &row in &group {
            within[row] = true;
            sum += &rows.row(row);
        }
        let next: Vec<usize> = (0..free.len())
            .into_par_iter()
            .filter(|&row| free[row] && fit(rows.row(row), &sum, within[row]) >= fits)
            .collect();
        if next.len() < least {
            return None;
        }
        if next == group {
            break;
        }
        group = next;
    }
    Some(group)
}

/// The cosine of a unit row to the direction of a sum of rows, without itself where it is `within` it: what fits only itself does not fit.
pub(super) fn fit(row: ArrayView1<'_, f32>, sum: &Array1<f32>, within: bool) -> f32 {
    let (cosine, square) = (row.dot(sum), sum.dot(sum));
    let own = if within { 1.0 } else { 0.0 };
    let length = (square - 2.0 * own * cosine + own).max(0.0).sqrt();
    if length > f32::EPSILON.sqrt() { (cosine - own) / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use ndarray::{Axis, concatenate};

    use super::super::fixture::bundles;
    use super::*;

    #[test]
    fn dense_places_are_themes_and_what_lies_between_is_none() {
        let rows = bundles(20);
        // Of the last bundle too few.
        let rows = rows.slice(ndarray::s![..45, ..]);
        let groups = born(rows, 0.6, 12).unwrap();
        let mut groups: Vec<Vec<usize>> = groups.into_iter().collect();
        groups.sort();
        assert_eq!(groups, [(0..20).collect::<Vec<_>>(), (20..40).collect()]);
        assert!(born(rows, 0.6, 21).unwrap().is_empty());
        assert!(born(rows, 0.999, 12).unwrap().is_empty());
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let rows = bundles(20);
        let order: Vec<usize> = (0..60).map(|at| (at * 7 + 3) % 60).collect();
        let turned = rows.select(Axis(0), &order);
        let back = |groups: Vec<Vec<usize>>| {
            let mut groups: Vec<Vec<usize>> =
                groups.into_iter().map(|group| group.into_iter().map(|at| order[at]).collect()).collect();
            groups.iter_mut().for_each(|group| group.sort_unstable());
            groups
        };
        let plain = born(rows.view(), 0.6, 12).unwrap();
        assert_eq!(back(born(turned.view(), 0.6, 12).unwrap()), plain);
        assert_eq!(plain.len(), 3);
    }

    #[test]
    fn a_row_fits_the_others_and_not_itself() {
        let rows = bundles(2);
        let both = concatenate![Axis(0), rows.slice(ndarray::s![0..1, ..]), rows.slice(ndarray::s![2..3, ..])];
        let sum = both.sum_axis(Axis(0));
        assert!((fit(both.row(0), &sum, true) - both.row(0).dot(&both.row(1))).abs() < 1e-5);
        assert_eq!(fit(both.row(0), &both.row(0).to_owned(), true), 0.0);
    }
}
