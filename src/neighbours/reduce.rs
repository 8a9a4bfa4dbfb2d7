//! Rows in few dimensions, for methods that measure density or covariance, where in hundreds all distances are alike, and
//! for the plane.

use linfa_linalg::LinalgError;
use linfa_linalg::eigh::{EigSort, Eigh};
use ndarray::{Array2, ArrayView2};

/// The principal components of rows of shape `(n, dim)`: shape `(n, most)`, or `(n, dim)` where that is less.
pub(crate) fn principal(rows: ArrayView2<'_, f32>, most: usize) -> Result<Array2<f64>, LinalgError> {
    let rows = rows.mapv(f64::from);
    if rows.ncols() <= most {
        return Ok(rows);
    }
    Ok(rows.dot(&axes(&rows, most)?))
}

/// The directions in which rows of shape `(n, dim)` differ most from zero, one a column: shape `(dim, most)`, or
/// `(dim, dim)` where that is less.
pub(crate) fn axes(rows: &Array2<f64>, most: usize) -> Result<Array2<f64>, LinalgError> {
    let covariance = rows.t().dot(rows) / rows.nrows().max(1) as f64;
    let (_, vectors) = covariance.eigh()?.sort_eig_desc();
    Ok(vectors.slice(ndarray::s![.., ..most.min(rows.ncols())]).to_owned())
}
