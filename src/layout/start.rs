//! First places: the two principal components, so that what lies far apart in the corpus starts far apart on the map.

use ndarray::{Array2, ArrayView1, Axis};

use super::pull::Chance;
use crate::neighbours::reduce::axes;
use crate::vectors::UnitRows;

/// How far from the middle the farthest starts: umap-learn's.
const REACH: f64 = 10.0;
/// Rows of which the components are taken, every so many of all: they settle with far fewer.
const SAMPLE: usize = 8_192;
/// Chance added to a place, so that rows that the components do not tell apart can part.
const JITTER: f32 = 1e-3;

/// One place a row.
pub(super) fn places(rows: &UnitRows, seed: u64) -> Vec<[f32; 2]> {
    let components = components(rows);
    let farthest = components.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let scale = if farthest > 0.0 { REACH / farthest } else { 0.0 };
    let place = |(row, values): (usize, ArrayView1<'_, f64>)| {
        let mut chance = Chance::new(seed, 0, row);
        let mut at = |axis: usize| {
            let value = values.get(axis).map_or(0.0, |value| value * scale) as f32;
            value + JITTER * chance.centred()
        };
        [at(0), at(1)]
    };
    components.rows().into_iter().enumerate().map(place).collect()
}

/// Shape `(n, 2)`, or `(n, dim)` where that is less; all zero where there are none, which leaves the rows to chance.
fn components(rows: &UnitRows) -> Array2<f64> {
    let step = rows.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<usize> = (0..rows.len()).step_by(step).collect();
    let sample = rows.view().select(Axis(0), &sample).mapv(f64::from);
    let Some(mean) = sample.mean_axis(Axis(0)) else {
        return Array2::zeros((rows.len(), 2));
    };
    let Ok(mut axes) = axes(&(sample - &mean), 2) else {
        return Array2::zeros((rows.len(), 2));
    };
    for mut axis in axes.columns_mut() {
        // An axis has no direction of its own: its strongest component points up.
        let strongest =
            axis.iter().copied().fold(0.0_f64, |most, value| if value.abs() > most.abs() { value } else { most });
        axis *= strongest.signum();
    }
    let middle = mean.dot(&axes);
    rows.view().dot(&axes.mapv(|value| value as f32)).mapv(f64::from) - middle
}
