//! Themes nobody described: K-means on vectors seen from the corpus's mean, the number chosen by the data.
//!
//! The number of clusters is the one of highest mean silhouette (Rousseeuw 1987, on cosine distance) of
//! those tried. Where no number stands out, none being of a silhouette that speaks of structure (0.25,
//! Kaufman and Rousseeuw 1990, table 4), it is the square root of half the rows (Mardia et al. 1979, p. 365).
//! Large corpora are clustered by a sample and every row then goes to its nearest
//! centroid. A cluster of one paragraph is no theme: its paragraph stays unassigned.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{KMeans, KMeansError};
use ndarray::{Array1, Array2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::{Options, ThemesError};
use crate::theme::Member;

/// Numbers of clusters tried where the user names none: ever wider steps, as silhouettes change slowly.
const TRIED: [usize; 18] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 24, 29, 35, 42, 50];
/// Paragraphs a theme holds on average at the least: fewer are coincidences.
const SMALLEST_MEAN: usize = 4;
/// The mean silhouette below which clusters are no more than a division of what is continuous.
const STRUCTURE: f32 = 0.25;
/// Rows on which numbers are tried; the chosen one is fitted on [`FIT_ROWS`].
const TRY_ROWS: usize = 1_000;
const FIT_ROWS: usize = 5_000;
/// Starts of a K-means, the best of which is kept: this many rows' worth, as chance weighs less in many rows...
const RUN_ROWS: usize = 1_000;
/// ... but no more than this.
const MOST_RUNS: usize = 8;
const MAX_ITERATIONS: u64 = 50;

/// What clustering gave.
pub(super) struct Discovered {
    /// Members best first, clusters largest first.
    pub(super) clusters: Vec<Vec<Member>>,
    /// What was done, in a sentence.
    pub(super) method: String,
}

/// Clusters the rows named; `rows` has shape `(n_rows, dim)`, unit rows.
pub(super) fn cluster(rows: &Array2<f32>, rest: &[usize], options: Options) -> Result<Discovered, ThemesError> {
    if let Some(asked) = options.discovered.filter(|&asked| asked == 0 || asked > rest.len()) {
        return Err(ThemesError::TooMany { asked, rows: rest.len() });
    }
    let chosen = rows.select(Axis(0), rest);
    let (number, method) = match options.discovered {
        Some(asked) => (
            asked,
            format!(
                "K-means (seed {}), {asked} {} as asked",
                options.seed,
                if asked == 1 { "theme" } else { "themes" }
            ),
        ),
        None => choose(&sample(&chosen, TRY_ROWS), rest.len(), options.seed)?,
    };
    if number == 0 {
        return Ok(Discovered { clusters: Vec::new(), method });
    }
    let centroids = fit(&sample(&chosen, FIT_ROWS), number, options.seed)?;
    let clusters = assign(&chosen, rest, &centroids);
    let alone = match number - clusters.len() {
        0 => String::new(),
        lost => format!("; {lost} of one paragraph or none are not shown"),
    };
    Ok(Discovered { clusters, method: method + &alone })
}

/// Every n-th row, at most `most`.
fn sample(rows: &Array2<f32>, most: usize) -> Array2<f32> {
    let step = rows.nrows().div_ceil(most).max(1);
    rows.slice(ndarray::s![..;step, ..]).to_owned()
}

fn choose(rows: &Array2<f32>, all: usize, seed: u64) -> Result<(usize, String), ThemesError> {
    let most = rows.nrows() / SMALLEST_MEAN;
    let mut best: Option<(usize, f32)> = None;
    for number in TRIED.into_iter().filter(|&number| number <= most) {
        let centroids = fit(rows, number, seed)?;
        let score = silhouette(rows, &nearest_centroids(rows, &centroids), number);
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((number, score));
        }
    }
    let tried = most.min(TRIED[TRIED.len() - 1]);
    Ok(match best {
        Some((number, score)) if score >= STRUCTURE => (
            number,
            format!("K-means (seed {seed}), {number} themes: the highest mean silhouette ({score:.2}) of 2 to {tried}"),
        ),
        Some((_, score)) => {
            let root = ((all as f32 / 2.0).sqrt().round() as usize).max(2);
            let most = if root > tried { "the most tried" } else { "the square root of half the paragraphs" };
            let number = root.min(tried);
            let why = format!("no number from 2 to {tried} stands out (mean silhouettes up to {score:.2})");
            (number, format!("K-means (seed {seed}), {number} themes: {why}, so {most}"))
        }
        None => {
            let rows = rows.nrows();
            (0, format!("no themes discovered: paragraphs left are {rows}, expected {} or more", 2 * SMALLEST_MEAN))
        }
    })
}

/// Centroids of shape `(number, dim)`.
fn fit(rows: &Array2<f32>, number: usize, seed: u64) -> Result<Array2<f32>, KMeansError> {
    let model = KMeans::params_with_rng(number, Xoshiro256Plus::seed_from_u64(seed))
        .n_runs((RUN_ROWS / rows.nrows().max(1)).clamp(1, MOST_RUNS))
        .max_n_iterations(MAX_ITERATIONS)
        .tolerance(1e-4)
        .fit(&DatasetBase::from(rows.view()))?;
    Ok(model.centroids().clone())
}

/// For each row the centroid of highest cosine, the lower on ties.
fn nearest_centroids(rows: &Array2<f32>, centroids: &Array2<f32>) -> Vec<(usize, f32)> {
    let mut directions = centroids.clone();
    for mut direction in directions.rows_mut() {
        let length = direction.dot(&direction).sqrt();
        if length > f32::EPSILON {
            direction /= length;
        }
    }
    let best_of = |cosines: ndarray::ArrayView1<'_, f32>| {
        cosines
            .iter()
            .copied()
            .enumerate()
            .fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
    };
    rows.dot(&directions.t()).rows().into_iter().map(best_of).collect()
}

/// Mean silhouette of a clustering of unit rows. The mean cosine of a row to a cluster is its dot product with the cluster's sum.
fn silhouette(rows: &Array2<f32>, nearest: &[(usize, f32)], number: usize) -> f32 {
    let mut sums = Array2::<f32>::zeros((number, rows.ncols()));
    let mut sizes = vec![0_usize; number];
    for (row, &(cluster, _)) in rows.rows().into_iter().zip(nearest) {
        let mut sum = sums.row_mut(cluster);
        sum += &row;
        sizes[cluster] += 1;
    }
    let dots = rows.dot(&sums.t());
    let of_row =
        |(dots, &(own, _)): (ndarray::ArrayView1<'_, f32>, &(usize, f32))| silhouette_of(&dots.to_owned(), &sizes, own);
    let total: f32 = dots.rows().into_iter().zip(nearest).map(of_row).sum();
    total / rows.nrows().max(1) as f32
}

fn silhouette_of(dots: &Array1<f32>, sizes: &[usize], own: usize) -> f32 {
    if sizes[own] < 2 {
        return 0.0;
    }
    let inside = 1.0 - (dots[own] - 1.0) / (sizes[own] - 1) as f32;
    let outside = (0..sizes.len())
        .filter(|&cluster| cluster != own && sizes[cluster] > 0)
        .map(|cluster| 1.0 - dots[cluster] / sizes[cluster] as f32)
        .fold(f32::INFINITY, f32::min);
    if outside.is_finite() { (outside - inside) / outside.max(inside).max(f32::EPSILON) } else { 0.0 }
}

/// Members by cluster: best first, then by row; clusters largest first, then by first row.
fn assign(rows: &Array2<f32>, names: &[usize], centroids: &Array2<f32>) -> Vec<Vec<Member>> {
    let mut clusters: Vec<Vec<Member>> = vec![Vec::new(); centroids.nrows()];
    for (&row, (cluster, score)) in names.iter().zip(nearest_centroids(rows, centroids)) {
        clusters[cluster].push(Member { row, score });
    }
    clusters.retain(|members| members.len() > 1);
    clusters.sort_by_key(|members| (std::cmp::Reverse(members.len()), members[0].row));
    for members in &mut clusters {
        members.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    }
    clusters
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::rand_core::RngCore;

    use super::*;

    /// Three bundles of directions in the plane, `each` rows a bundle.
    fn bundles(each: usize) -> Array2<f32> {
        let angle = |row: usize| ((row / each) as f32 * 2.0 + (row % each) as f32 * 0.01).sin_cos();
        Array2::from_shape_fn((3 * each, 2), |(row, axis)| if axis == 0 { angle(row).1 } else { angle(row).0 })
    }

    #[test]
    fn the_number_is_found() {
        let found = cluster(&bundles(6), &(0..18).collect::<Vec<_>>(), Options::default()).unwrap();
        let mut sets: Vec<Vec<usize>> = found.clusters.iter().map(|c| c.iter().map(|m| m.row).collect()).collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        assert_eq!(sets, [(0..6).collect::<Vec<_>>(), (6..12).collect(), (12..18).collect()], "{}", found.method);
    }

    #[test]
    fn where_no_number_stands_out_the_method_says_so() {
        // Directions all round the circle: any division is as good as another.
        let angle = |row: usize| (row as f32 * 0.314_159_27).sin_cos();
        let round = Array2::from_shape_fn((20, 2), |(row, axis)| if axis == 0 { angle(row).1 } else { angle(row).0 });
        let mut random = Xoshiro256Plus::seed_from_u64(1);
        let mut rows = Array2::from_shape_fn((20, 40), |_| random.next_u32() as f32 / u32::MAX as f32 - 0.5);
        rows.rows_mut().into_iter().for_each(|mut row| row /= row.dot(&row).sqrt());
        assert!(cluster(&round, &(0..20).collect::<Vec<_>>(), Options::default()).unwrap().method.contains("highest"));
        let found = cluster(&rows, &(0..20).collect::<Vec<_>>(), Options::default()).unwrap();
        assert!(found.method.contains("3 themes: no number from 2 to 5 stands out"), "{}", found.method);
    }

    #[test]
    fn a_number_asked_for_is_given_and_one_that_cannot_be_is_refused() {
        let rest: Vec<usize> = (0..18).collect();
        let ask = |number| cluster(&bundles(6), &rest, Options { discovered: Some(number), ..Options::default() });
        assert_eq!(ask(3).unwrap().clusters.len(), 3);
        assert!(matches!(ask(19), Err(ThemesError::TooMany { asked: 19, rows: 18 })));
        assert!(matches!(ask(0), Err(ThemesError::TooMany { .. })));
    }

    #[test]
    fn too_few_rows_are_left_unassigned() {
        let found = cluster(&bundles(2), &[0, 1, 2], Options::default()).unwrap();
        assert!(found.clusters.is_empty() && found.method.contains("paragraphs left are 3"));
    }

    #[test]
    fn the_silhouette_agrees_with_its_definition() {
        let rows = bundles(4);
        let labels: Vec<(usize, f32)> = (0..12).map(|row| (row / 5, 0.0)).collect();
        let distance = |a: usize, b: usize| 1.0 - rows.row(a).dot(&rows.row(b));
        let mean = |row: usize, cluster: usize| {
            let others: Vec<f32> =
                (0..12).filter(|&o| o != row && labels[o].0 == cluster).map(|o| distance(row, o)).collect();
            others.iter().sum::<f32>() / others.len() as f32
        };
        let of_row = |row: usize| {
            let inside = mean(row, labels[row].0);
            let outside = (0..3).filter(|&c| c != labels[row].0).map(|c| mean(row, c)).fold(f32::INFINITY, f32::min);
            (outside - inside) / outside.max(inside)
        };
        let defined = (0..12).map(of_row).sum::<f32>() / 12.0;
        assert!((silhouette(&rows, &labels, 3) - defined).abs() < 1e-4);
    }
}
