//! Unit vectors, one a paragraph: what the encoder makes and everything after it reads.
//!
//! [`UnitRows`] owns the rule that every row is finite and of length one, so that cosine is the dot
//! product wherever it is used. Not here: how a vector is made (`embed`).

use ndarray::{Array2, ArrayView1, ArrayView2};
use thiserror::Error;

/// How far from one a row's length may be: sums of 32-bit products over a few hundred components.
const LENGTH_TOLERANCE: f32 = 1e-3;

/// Why a matrix is not a set of unit rows.
#[derive(Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum VectorsError {
    /// A row holds NaN or an infinity.
    #[error("vector {row} has the value {value} at component {component}: expected finite numbers")]
    NotFinite {
        /// The row.
        row: usize,
        /// The component.
        component: usize,
        /// What stands there.
        value: f32,
    },
    /// A row is not of length one.
    #[error("vector {row} has length {length}: expected 1 (a zero vector has no direction)")]
    NotUnit {
        /// The row.
        row: usize,
        /// Its Euclidean length.
        length: f32,
    },
    /// A flat buffer does not hold whole rows.
    #[error("{values} values do not make whole vectors of {dim} components")]
    Ragged {
        /// Values given.
        values: usize,
        /// Components a vector.
        dim: usize,
    },
}

/// Unit vectors of shape `(n_paragraphs, dim)`, row-major and contiguous.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRows(Array2<f32>);

impl UnitRows {
    /// Takes a matrix of shape `(n, dim)` whose rows are unit vectors already.
    ///
    /// # Errors
    /// [`VectorsError::NotFinite`] and [`VectorsError::NotUnit`] name the first bad row.
    pub fn new(rows: Array2<f32>) -> Result<Self, VectorsError> {
        let rows = if rows.is_standard_layout() { rows } else { rows.as_standard_layout().into_owned() };
        for (row, values) in rows.rows().into_iter().enumerate() {
            check_row(row, values)?;
        }
        Ok(Self(rows))
    }

    /// Scales every row of a `(n, dim)` matrix to length one, then takes it.
    ///
    /// # Errors
    /// As [`UnitRows::new`]; a zero row stays zero and is refused.
    pub fn normalized(mut rows: Array2<f32>) -> Result<Self, VectorsError> {
        for mut row in rows.rows_mut() {
            let length = row.dot(&row).sqrt();
            if length > 0.0 {
                row /= length;
            }
        }
        Self::new(rows)
    }

    /// Takes a flat row-major buffer of `n * dim` values.
    ///
    /// # Errors
    /// [`VectorsError::Ragged`] unless `dim` divides the buffer; else as [`UnitRows::new`].
    pub fn from_flat(values: Vec<f32>, dim: usize) -> Result<Self, VectorsError> {
        let ragged = VectorsError::Ragged { values: values.len(), dim };
        if dim == 0 || !values.len().is_multiple_of(dim) {
            return Err(ragged);
        }
        let rows = Array2::from_shape_vec((values.len() / dim, dim), values).map_err(|_| ragged)?;
        Self::new(rows)
    }

    /// No rows of `dim` components.
    pub fn empty(dim: usize) -> Self {
        Self(Array2::zeros((0, dim)))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.0.nrows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.nrows() == 0
    }

    /// Components a row.
    pub fn dim(&self) -> usize {
        self.0.ncols()
    }

    /// One row, of shape `(dim,)`.
    pub fn row(&self, row: usize) -> ArrayView1<'_, f32> {
        self.0.row(row)
    }

    /// All rows, of shape `(n, dim)`.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        self.0.view()
    }

    /// Cosine of two rows.
    pub fn cosine(&self, left: usize, right: usize) -> f32 {
        self.row(left).dot(&self.row(right))
    }

    /// The rows named, in the order named.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self(self.0.select(ndarray::Axis(0), rows))
    }
}

fn check_row(row: usize, values: ArrayView1<'_, f32>) -> Result<(), VectorsError> {
    let length = values.dot(&values).sqrt();
    // What is not finite has no finite length, so that one pass tells of nearly all rows that they are as they should be.
    if (length - 1.0).abs() <= LENGTH_TOLERANCE {
        return Ok(());
    }
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((component, &value)) => Err(VectorsError::NotFinite { row, component, value }),
        None => Err(VectorsError::NotUnit { row, length }),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn zero_nan_long_and_ragged_rows_are_refused() {
        assert_eq!(UnitRows::new(array![[1.0, 0.0], [0.0, 0.0]]), Err(VectorsError::NotUnit { row: 1, length: 0.0 }));
        assert_eq!(UnitRows::new(array![[2.0, 0.0]]), Err(VectorsError::NotUnit { row: 0, length: 2.0 }));
        assert!(matches!(
            UnitRows::new(array![[0.0, f32::NAN]]),
            Err(VectorsError::NotFinite { row: 0, component: 1, .. })
        ));
        assert_eq!(UnitRows::from_flat(vec![1.0; 3], 2), Err(VectorsError::Ragged { values: 3, dim: 2 }));
        assert_eq!(UnitRows::from_flat(vec![], 0), Err(VectorsError::Ragged { values: 0, dim: 0 }));
    }

    #[test]
    fn normalizing_keeps_direction_and_refuses_zero() {
        let rows = UnitRows::normalized(array![[3.0, 4.0]]).unwrap();
        assert!((rows.row(0)[0] - 0.6).abs() < 1e-6 && (rows.row(0)[1] - 0.8).abs() < 1e-6);
        assert!(UnitRows::normalized(array![[0.0, 0.0]]).is_err());
    }

    #[test]
    fn cosine_is_the_dot_product_and_select_keeps_order() {
        let rows = UnitRows::new(array![[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]).unwrap();
        assert!((rows.cosine(1, 2) - 0.8).abs() < 1e-6);
        assert_eq!(rows.select(&[2, 0]).row(1), rows.row(0));
    }
}
