//! Themes as dense places, by linfa's DBSCAN (Ester et al. 1996) and OPTICS (Ankerst et al. 1999), on principal components.
//!
//! Both compare every row with every other: for corpora of some ten thousand paragraphs at most. What lies in no dense place
//! stays unassigned.

use linfa::ParamGuard;
use linfa::traits::Transformer;
use linfa_clustering::{Dbscan, Optics};
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::ThemesError;
use super::division::Division;
use super::options::Density;
use super::silhouette::Bundles;
use crate::neighbours::reduce::principal;

/// Principal components looked at.
const COMPONENTS: usize = 16;
/// Rows that are compared with one another at the most. 10,000 of the bundled model take some 20 seconds on two cores, and
/// time grows with the square.
const MOST: usize = 50_000;
/// Paragraphs within reach that make a place dense, by default.
const MIN_POINTS: usize = 5;
/// No two unit rows are farther apart.
const FARTHEST: f64 = 2.0;
/// Rows by which reach is chosen.
const SAMPLE: usize = 1_000;
/// Shares of the rows' distances to their `min_points`-th nearest that are tried as reach: within the least, few places
/// are dense; within the most, everything is one.
const REACHES: [f64; 7] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9];

/// Each row's dense place at a reach.
type Tried = (f64, Vec<Option<u32>>);

/// DBSCAN.
pub(super) fn dbscan(rows: ArrayView2<'_, f32>, density: Density) -> Result<Division, ThemesError> {
    let points = points(rows, "DBSCAN")?;
    let min_points = density.min_points.unwrap_or(MIN_POINTS).max(2);
    let divided = |tolerance: f64| -> Result<Vec<Option<u32>>, ThemesError> {
        let found = Dbscan::params(min_points).tolerance(tolerance).check()?.transform(&points);
        Ok(found.into_iter().map(|of| of.map(|of| of as u32)).collect())
    };
    let (tolerance, of) = match density.tolerance {
        Some(tolerance) => (f64::from(tolerance), divided(f64::from(tolerance))?),
        None => {
            let reaches = reaches(&points, min_points);
            let tried = reaches.into_iter().map(|reach| Ok((reach, divided(reach)?)));
            best(rows, tried.collect::<Result<_, ThemesError>>()?)
        }
    };
    Ok(Division::untried(of, said("DBSCAN", (points.ncols(), min_points), tolerance, density)))
}

/// OPTICS, cut at one reach: what DBSCAN would give at it, from one pass.
pub(super) fn optics(rows: ArrayView2<'_, f32>, density: Density) -> Result<Division, ThemesError> {
    let points = points(rows, "OPTICS")?;
    let min_points = density.min_points.unwrap_or(MIN_POINTS).max(2);
    // Everything is within reach of everything: linfa joins what it begins anew to what came before.
    let analysis = Optics::params(min_points).tolerance(FARTHEST).check()?.transform(points.view());
    let cut = |reach: f64| {
        let mut of = vec![None; points.nrows()];
        let mut groups = 0_u32;
        for sample in analysis.iter() {
            let near = |distance: &Option<f64>| distance.is_some_and(|distance| distance <= reach);
            // linfa gives the first of a walk its own core distance.
            if groups == 0 || !near(sample.reachability_distance()) {
                if !near(sample.core_distance()) {
                    continue;
                }
                groups += 1;
            }
            of[sample.index()] = groups.checked_sub(1);
        }
        of
    };
    let reaches = match density.tolerance {
        Some(tolerance) => vec![f64::from(tolerance)],
        None => reaches(&points, min_points),
    };
    let (tolerance, of) = best(rows, reaches.into_iter().map(|reach| (reach, cut(reach))).collect());
    Ok(Division::untried(of, said("OPTICS", (points.ncols(), min_points), tolerance, density)))
}

/// The rows in few dimensions.
fn points(rows: ArrayView2<'_, f32>, method: &'static str) -> Result<Array2<f64>, ThemesError> {
    match rows.nrows() {
        rows if rows > MOST => Err(ThemesError::Large { method, rows, most: MOST }),
        _ => Ok(principal(rows, COMPONENTS)?),
    }
}

/// What may be within reach, ascending.
fn reaches(points: &Array2<f64>, min_points: usize) -> Vec<f64> {
    let step = points.nrows().div_ceil(SAMPLE).max(1);
    let to_last = |from: ArrayView1<'_, f64>| {
        let square = |row: ArrayView1<'_, f64>| row.iter().zip(&from).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let mut squares: Vec<f64> = points.rows().into_iter().map(square).collect();
        squares.sort_unstable_by(f64::total_cmp);
        squares.get(min_points - 1).or(squares.last()).map_or(0.0, |square| square.sqrt())
    };
    let mut distances: Vec<f64> = points.rows().into_iter().step_by(step).map(to_last).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| distances.get((distances.len() as f64 * share) as usize).copied();
    // linfa takes no reach of 0.
    REACHES.into_iter().filter_map(at).map(|reach| reach.max(1e-6)).collect()
}

/// The division of highest silhouette, times the share of rows it assigns; the first of equals.
fn best(rows: ArrayView2<'_, f32>, tried: Vec<Tried>) -> Tried {
    let bundles = Bundles::new(rows);
    let score = |of: &[Option<u32>]| {
        let groups = of.iter().flatten().max().map_or(0, |&most| most + 1);
        // What is unassigned counts as one group.
        let whole: Vec<u32> = of.iter().map(|of| of.unwrap_or(groups)).collect();
        let assigned = of.iter().flatten().count() as f64 / of.len().max(1) as f64;
        if groups < 2 { f64::NEG_INFINITY } else { (1.0 + bundles.silhouette(&whole, groups as usize + 1)) * assigned }
    };
    let mut best: Option<(f64, Tried)> = None;
    for (reach, of) in tried {
        let score = score(&of);
        if best.as_ref().is_none_or(|best| score > best.0) {
            best = Some((score, (reach, of)));
        }
    }
    best.map_or_else(|| (0.0, vec![None; rows.nrows()]), |best| best.1)
}

fn said(method: &str, (components, min_points): (usize, usize), tolerance: f64, density: Density) -> String {
    let why = if density.tolerance.is_some() { "as asked" } else { "the reach of highest silhouette" };
    format!("{method} on {components} principal components, {min_points} within {tolerance:.3} ({why})")
}
