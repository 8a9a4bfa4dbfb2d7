//! How well a division of unit rows holds: the mean silhouette, from sums of rows.
//!
//! The mean cosine of a row to a group is its dot product with the group's sum over the group's size, so that no pair
//! of rows is looked at. Of a large set a sample of rows is asked, against the sums of all.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};

/// Rows asked at the most.
const ASKED: usize = 5_000;
/// Rows asked at once.
const BLOCK: usize = 256;

/// Unit rows that divisions are measured on.
pub(super) struct Bundles<'a> {
    rows: ArrayView2<'a, f32>,
    step: usize,
    asked: Array2<f32>,
}

impl<'a> Bundles<'a> {
    /// Rows of shape `(n, dim)`.
    pub(super) fn new(rows: ArrayView2<'a, f32>) -> Self {
        let step = rows.nrows().div_ceil(ASKED).max(1);
        Self { rows, step, asked: rows.slice(s![..;step, ..]).to_owned() }
    }

    /// Mean silhouette on cosine distance of a division into so many groups; a row alone in its group counts 0.
    pub(super) fn silhouette(&self, of: &[u32], number: usize) -> f64 {
        let mut sums = Array2::<f32>::zeros((number, self.rows.ncols()));
        let mut sizes = vec![0_usize; number];
        for (row, &group) in self.rows.rows().into_iter().zip(of) {
            let mut sum = sums.row_mut(group as usize);
            sum += &row;
            sizes[group as usize] += 1;
        }
        let mut owns = of.iter().step_by(self.step);
        let mut total = 0.0;
        // In blocks, as there may be thousands of groups.
        for asked in self.asked.axis_chunks_iter(Axis(0), BLOCK) {
            let dots = asked.dot(&sums.t());
            total += dots
                .rows()
                .into_iter()
                .zip(owns.by_ref())
                .map(|(dots, &own)| of_row(dots, &sizes, own as usize))
                .sum::<f64>();
        }
        total / self.asked.nrows().max(1) as f64
    }
}

fn of_row(dots: ArrayView1<'_, f32>, sizes: &[usize], own: usize) -> f64 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let inside = 1.0 - (dots[own] - 1.0) / (sizes[own] - 1) as f32;
    let outside = (0..sizes.len())
        .filter(|&group| group != own && sizes[group] > 0)
        .map(|group| 1.0 - dots[group] / sizes[group] as f32)
        .fold(f32::INFINITY, f32::min);
    if outside.is_finite() { f64::from((outside - inside) / outside.max(inside).max(f32::EPSILON)) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silhouette_agrees_with_its_definition() {
        let angle = |row: usize| ((row / 4) as f32 * 2.0 + (row % 4) as f32 * 0.01).sin_cos();
        let rows = Array2::from_shape_fn((12, 2), |(row, axis)| if axis == 0 { angle(row).1 } else { angle(row).0 });
        let labels: Vec<u32> = (0..12).map(|row| row / 5).collect();
        let distance = |a: usize, b: usize| f64::from(1.0 - rows.row(a).dot(&rows.row(b)));
        let mean = |row: usize, group: u32| {
            let others: Vec<f64> =
                (0..12).filter(|&o| o != row && labels[o] == group).map(|o| distance(row, o)).collect();
            others.iter().sum::<f64>() / others.len() as f64
        };
        let of_row = |row: usize| {
            let inside = mean(row, labels[row]);
            let outside = (0..3).filter(|&g| g != labels[row]).map(|g| mean(row, g)).fold(f64::INFINITY, f64::min);
            (outside - inside) / outside.max(inside)
        };
        let defined = (0..12).map(of_row).sum::<f64>() / 12.0;
        assert!((Bundles::new(rows.view()).silhouette(&labels, 3) - defined).abs() < 1e-4);
    }
}
