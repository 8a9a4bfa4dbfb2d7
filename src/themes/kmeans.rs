//! K-means, linfa's, on vectors seen from the corpus's mean.
//!
//! The number of clusters is the one of highest mean silhouette (Rousseeuw 1987, on cosine distance) of
//! those tried. Where no number stands out, none being of a silhouette that speaks of structure (0.25,
//! Kaufman and Rousseeuw 1990, table 4), it is the square root of half the rows (Mardia et al. 1979, p. 365).
//! Large corpora are clustered by a sample and every row then goes to its nearest centroid.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansError};
use ndarray::{Array2, ArrayView1, ArrayView2};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::division::{Division, normalize};
use super::silhouette::Bundles;
use super::{Options, ThemesError};

/// Numbers of clusters tried where the user names none: ever wider steps, as silhouettes change slowly.
const TRIED: [usize; 18] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 24, 29, 35, 42, 50];
/// Paragraphs a theme holds on average at the least: fewer are coincidences.
const SMALLEST_MEAN: usize = 4;
/// Fewer rows have no themes.
pub(super) const FEWEST: usize = 2 * SMALLEST_MEAN;
/// The mean silhouette below which clusters are no more than a division of what is continuous.
const STRUCTURE: f64 = 0.25;
/// Rows on which numbers are tried; the chosen one is fitted on [`FIT_ROWS`].
const TRY_ROWS: usize = 1_000;
const FIT_ROWS: usize = 5_000;
/// Starts of a K-means, the best of which is kept: this many rows' worth, as chance weighs less in many rows...
const RUN_ROWS: usize = 1_000;
/// ... but no more than this.
const MOST_RUNS: usize = 8;
const MAX_ITERATIONS: u64 = 50;

/// How many clusters, and why.
pub(super) struct Number {
    pub(super) number: usize,
    /// In words that follow the name of a method.
    pub(super) why: String,
}

/// Divides rows of shape `(n, dim)`.
pub(super) fn divide(rows: ArrayView2<'_, f32>, options: Options) -> Result<Division, ThemesError> {
    let Number { number, why } = number(rows, options)?;
    let method = format!("K-means (seed {}), {why}", options.seed);
    if number == 0 {
        return Ok(Division::none(rows.nrows(), method));
    }
    let centroids = fit(sample(rows, FIT_ROWS).view(), number, options.seed)?;
    Ok(Division::untried(nearest_centroids(rows, &centroids).into_iter().map(Some).collect(), method))
}

/// The number asked for, else the one found.
pub(super) fn number(rows: ArrayView2<'_, f32>, options: Options) -> Result<Number, ThemesError> {
    match options.discovered {
        Some(number) => Ok(Number { number, why: asked(number) }),
        None => choose(sample(rows, TRY_ROWS).view(), rows.nrows(), options.seed),
    }
}

/// "7 themes as asked".
fn asked(number: usize) -> String {
    format!("{number} {} as asked", if number == 1 { "theme" } else { "themes" })
}

/// Every n-th row, at most `most`.
pub(super) fn sample<T: Clone>(rows: ArrayView2<'_, T>, most: usize) -> Array2<T> {
    let step = rows.nrows().div_ceil(most).max(1);
    rows.slice(ndarray::s![..;step, ..]).to_owned()
}

fn choose(rows: ArrayView2<'_, f32>, all: usize, seed: u64) -> Result<Number, ThemesError> {
    let most = rows.nrows() / SMALLEST_MEAN;
    let bundles = Bundles::new(rows);
    let mut best: Option<(usize, f64)> = None;
    for number in TRIED.into_iter().filter(|&number| number <= most) {
        let centroids = fit(rows, number, seed)?;
        let score = bundles.silhouette(&nearest_centroids(rows, &centroids), number);
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((number, score));
        }
    }
    let tried = most.min(TRIED[TRIED.len() - 1]);
    Ok(match best {
        Some((number, score)) if score >= STRUCTURE => {
            Number { number, why: format!("{number} themes: the highest mean silhouette ({score:.2}) of 2 to {tried}") }
        }
        Some((_, score)) => {
            let root = ((all as f32 / 2.0).sqrt().round() as usize).max(2);
            let most = if root > tried { "the most tried" } else { "the square root of half the paragraphs" };
            let number = root.min(tried);
            let why = format!("no number from 2 to {tried} stands out (mean silhouettes up to {score:.2})");
            Number { number, why: format!("{number} themes: {why}, so {most}") }
        }
        None => Number { number: 0, why: too_few(rows.nrows()) },
    })
}

/// Why so few rows have no themes.
pub(super) fn too_few(rows: usize) -> String {
    format!("the different paragraphs left are {rows}, expected {FEWEST} or more to tell themes")
}

/// Centroids of shape `(number, dim)`.
fn fit(rows: ArrayView2<'_, f32>, number: usize, seed: u64) -> Result<Array2<f32>, KMeansError> {
    let model = KMeans::params_with_rng(number, Xoshiro256Plus::seed_from_u64(seed))
        .n_runs((RUN_ROWS / rows.nrows().max(1)).clamp(1, MOST_RUNS))
        .max_n_iterations(MAX_ITERATIONS)
        .tolerance(1e-4)
        .fit(&DatasetBase::from(rows))?;
    Ok(model.centroids().clone())
}

/// For each row the centroid of highest cosine, the lower on ties.
fn nearest_centroids(rows: ArrayView2<'_, f32>, centroids: &Array2<f32>) -> Vec<u32> {
    let mut directions = centroids.clone();
    normalize(&mut directions);
    rows.dot(&directions.t()).rows().into_iter().map(highest).collect()
}

/// The place of the highest value, the lower on ties.
pub(super) fn highest(values: ArrayView1<'_, f32>) -> u32 {
    let best = values
        .iter()
        .copied()
        .zip(0_u32..)
        .fold((f32::NEG_INFINITY, 0), |best, next| if next.0 > best.0 { next } else { best });
    best.1
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::rand_core::RngCore;

    use super::super::fixture::bundles;
    use super::*;

    #[test]
    fn the_number_is_found() {
        let found = divide(bundles(6).view(), Options::default()).unwrap();
        let expected: Vec<bool> = (0..18 * 18).map(|pair| (pair / 18) / 6 == (pair % 18) / 6).collect();
        let together: Vec<bool> = (0..18 * 18).map(|pair| found.of[pair / 18] == found.of[pair % 18]).collect();
        assert_eq!(together, expected, "{}", found.method);
    }

    #[test]
    fn where_no_number_stands_out_the_method_says_so() {
        // Directions all round the circle: any division is as good as another.
        let angle = |row: usize| (row as f32 * 0.314_159_27).sin_cos();
        let round = Array2::from_shape_fn((20, 2), |(row, axis)| if axis == 0 { angle(row).1 } else { angle(row).0 });
        let mut random = Xoshiro256Plus::seed_from_u64(1);
        let mut rows = Array2::from_shape_fn((20, 40), |_| random.next_u32() as f32 / u32::MAX as f32 - 0.5);
        normalize(&mut rows);
        assert!(divide(round.view(), Options::default()).unwrap().method.contains("highest"));
        let found = divide(rows.view(), Options::default()).unwrap();
        assert!(found.method.contains("3 themes: no number from 2 to 5 stands out"), "{}", found.method);
    }

    #[test]
    fn a_number_asked_for_is_given() {
        let found = divide(bundles(6).view(), Options { discovered: Some(3), ..Options::default() }).unwrap();
        assert_eq!(found.trust.len(), 3);
    }
}
