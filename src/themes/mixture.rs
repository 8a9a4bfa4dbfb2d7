//! Themes as a mixture of Gaussians, linfa's, on principal components.

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::GaussianMixtureModel;
use ndarray::ArrayView2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::division::Division;
use super::kmeans::{Number, number, sample};
use super::{Options, ThemesError};
use crate::neighbours::reduce::principal;

/// Principal components looked at: each Gaussian has a covariance of their square.
const COMPONENTS: usize = 12;
/// Rows the Gaussians are fitted on; all then go to one.
const FIT_ROWS: usize = 5_000;
/// Added to the covariances, so that a Gaussian of few rows is none of a plane.
const REGULAR: f64 = 1e-3;

/// Divides rows of shape `(n, dim)`; the number is K-means' where none is asked for.
pub(super) fn divide(rows: ArrayView2<'_, f32>, options: Options) -> Result<Division, ThemesError> {
    let Number { number, why } = number(rows, options)?;
    let method = format!("Gaussian mixture on {COMPONENTS} principal components (seed {}), {why}", options.seed);
    if number == 0 {
        return Ok(Division::none(rows.nrows(), method));
    }
    let points = principal(rows, COMPONENTS)?;
    let model = GaussianMixtureModel::params_with_rng(number, Xoshiro256Plus::seed_from_u64(options.seed))
        .reg_covariance(REGULAR)
        .fit(&DatasetBase::from(sample(points.view(), FIT_ROWS)))?;
    let of: Vec<usize> = model.predict(&points).to_vec();
    Ok(Division::untried(of.into_iter().map(|of| Some(of as u32)).collect(), method))
}
