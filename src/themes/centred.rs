//! Vectors seen from the corpus's mean.
//!
//! In a corpus about one story every paragraph is near every other; what tells them apart is where
//! they lie from their mean. Taking the mean away and scaling to length one again makes cosine speak
//! of the difference ("all-but-the-mean", Mu and Viswanath 2018, without their second step).

use ndarray::{Array1, Array2, Axis};

use crate::vectors::UnitRows;

/// Rows the mean is shrunk by: a mean of few rows is mostly chance, and of one row is the row itself.
const SHRINK: f32 = 10.0;

/// Where a corpus lies.
#[derive(Debug)]
pub(super) struct Centre(Array1<f32>);

impl Centre {
    /// The mean of rows of shape `(n, dim)`, drawn towards zero by ten rows' weight.
    pub(super) fn of(vectors: &UnitRows) -> Self {
        Self(vectors.view().sum_axis(Axis(0)) / (vectors.len() as f32 + SHRINK))
    }

    /// Rows seen from the centre, of length one, shape `(n, dim)`; a row at the centre is zero.
    pub(super) fn rows(&self, vectors: &UnitRows) -> Array2<f32> {
        let mut rows = vectors.view().to_owned() - &self.0;
        for mut row in rows.rows_mut() {
            let length = row.dot(&row).sqrt();
            if length > f32::EPSILON {
                row /= length;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_all_share_does_not_count() {
        let share = [0.6_f32, 0.8, 0.0];
        let rows = UnitRows::new(array![share, [0.6, 0.0, 0.8], share, [0.6, 0.0, 0.8]]).unwrap();
        let seen = Centre::of(&rows).rows(&rows);
        let before = rows.cosine(0, 1);
        assert!(seen.row(0).dot(&seen.row(1)) < before - 0.05);
        assert!((seen.row(0).dot(&seen.row(0)) - 1.0).abs() < 1e-6);
    }
}
