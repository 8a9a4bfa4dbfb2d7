//! Vectors seen from the corpus's mean.
//!
//! In a corpus about one story every paragraph is near every other; what tells them apart is where
//! they lie from their mean. Taking the mean away and scaling to length one again makes cosine speak
//! of the difference ("all-but-the-mean", Mu and Viswanath 2018, without their second step).

use ndarray::{Array1, Array2, ArrayView2};

/// Rows the mean is shrunk by: a mean of few rows is mostly chance, and of one row is the row itself.
const SHRINK: f64 = 10.0;

/// Where a corpus lies.
#[derive(Debug)]
pub(super) struct Centre(Array1<f32>);

impl Centre {
    /// The mean of rows of shape `(n, dim)`, drawn towards zero by ten rows' weight. Summed in the order given: rows in another
    /// order have another mean in its last bits.
    pub(super) fn of(rows: ArrayView2<'_, f32>, order: impl IntoIterator<Item = usize>) -> Self {
        let mut sum = Array1::<f64>::zeros(rows.ncols());
        for row in order {
            sum.zip_mut_with(&rows.row(row), |sum, &value| *sum += f64::from(value));
        }
        Self(sum.mapv(|sum| (sum / (rows.nrows() as f64 + SHRINK)) as f32))
    }

    /// Unit rows seen from the centre, of length one, shape `(n, dim)`; a row at the centre stays as it is.
    pub(super) fn rows(&self, rows: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut seen = rows.to_owned() - &self.0;
        for (mut row, from) in seen.rows_mut().into_iter().zip(rows.rows()) {
            let length = row.dot(&row).sqrt();
            if length > f32::EPSILON {
                row /= length;
            } else {
                row.assign(&from);
            }
        }
        seen
    }
}

/// Unit rows seen from their own mean.
pub(super) fn centred(rows: ArrayView2<'_, f32>) -> Array2<f32> {
    Centre::of(rows, 0..rows.nrows()).rows(rows)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_all_share_does_not_count() {
        let share = [0.6_f32, 0.8, 0.0];
        let rows = array![share, [0.6, 0.0, 0.8], share, [0.6, 0.0, 0.8]];
        let seen = centred(rows.view());
        let before = rows.row(0).dot(&rows.row(1));
        assert!(seen.row(0).dot(&seen.row(1)) < before - 0.05);
        assert!((seen.row(0).dot(&seen.row(0)) - 1.0).abs() < 1e-6);
    }
}
