//! Vectors at a quarter of their size, with bounds that hold: what is scanned first, so that few rows are looked at in full.
//!
//! A row is rounded to whole numbers of 8 bits with one scale, and the length of what was lost is kept beside it. By
//! Cauchy and Schwarz the cosine computed of the whole numbers is off by no more than what was lost of row and question,
//! so a row whose upper bound is below the k-th best lower bound cannot be among the k best.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::vectors::UnitRows;

/// Rows that one thread rounds at once.
const CHUNK: usize = 1_024;
/// The largest number of a row's components.
const MOST: f32 = 127.0;
/// Unit rows are so by this much (`vectors`), and lengths here are rounded.
const LENGTH: f32 = 1.002;

/// Rounded rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Compact {
    dim: usize,
    codes: Vec<i8>,
    scales: Vec<f32>,
    lost: Vec<f32>,
}

/// A rounded question.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    codes: Vec<i16>,
    scale: f32,
    lost: f32,
}

impl Compact {
    /// Rounds unit rows of shape `(n, dim)`.
    pub fn of(rows: &UnitRows) -> Self {
        Self::made(rows, rows.len(), |at| at)
    }

    /// Rounds the rows named, in the order named.
    pub fn of_rows(rows: &UnitRows, named: &[u32]) -> Self {
        Self::made(rows, named.len(), |at| named[at] as usize)
    }

    fn made(rows: &UnitRows, len: usize, named: impl Fn(usize) -> usize + Sync) -> Self {
        let dim = rows.dim();
        let mut compact = Self { dim, codes: vec![0; len * dim], scales: vec![0.0; len], lost: vec![0.0; len] };
        compact
            .codes
            .par_chunks_mut(CHUNK * dim.max(1))
            .zip(compact.scales.par_chunks_mut(CHUNK))
            .zip(compact.lost.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, ((codes, scales), lost))| {
                vectorised(|| {
                    let into = codes.chunks_exact_mut(dim).zip(scales.iter_mut().zip(lost.iter_mut()));
                    for (at, (codes, (scale, lost))) in into.enumerate() {
                        let row = rows.row(named(chunk * CHUNK + at));
                        (*scale, *lost) = round(row.as_slice().unwrap_or_default(), codes);
                    }
                });
            });
        compact
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.codes.len() + 8 * self.scales.len()
    }

    /// How far the true cosine of a row may be from the one that [`Compact::cosines`] gives.
    pub fn error(&self, row: usize, asked: &Asked) -> f32 {
        // The definition itself rounds, `dim` times at most by half a unit in the last place of a sum below one; so does this.
        let rounding = 2.0 * self.dim as f32 * f32::EPSILON;
        LENGTH * (self.lost[row] + asked.lost * (1.0 + self.lost[row])) + rounding
    }

    /// Cosines of the question and so many rows from `first` on, within [`Compact::error`] of the true ones.
    pub fn cosines(&self, asked: &Asked, first: usize, into: &mut [f32]) {
        let rows = first..first + into.len();
        let (codes, scales) = (&self.codes[rows.start * self.dim..rows.end * self.dim], &self.scales[rows]);
        vectorised(|| {
            for ((cosine, codes), scale) in into.iter_mut().zip(codes.chunks_exact(self.dim)).zip(scales) {
                *cosine = dot(codes, &asked.codes) as f32 * (scale * asked.scale);
            }
        });
    }
}

impl Asked {
    /// Rounds a question's unit vector, as finely as sums of 32 bits allow.
    pub fn of(question: &[f32]) -> Self {
        let finest = (i32::MAX as f32 / (MOST * question.len().max(1) as f32)).floor();
        let most = finest.min(f32::from(i16::MAX) - 1.0).max(1.0);
        let largest = question.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let scale = if largest > 0.0 { largest / most } else { 1.0 };
        let codes: Vec<i16> = question.iter().map(|value| (value / scale).round().clamp(-most, most) as i16).collect();
        let lost = codes.iter().zip(question).map(|(&code, value)| f64::from(value - f32::from(code) * scale).powi(2));
        let lost = lost.sum::<f64>().sqrt() as f32;
        Self { codes, scale, lost: lost * LENGTH }
    }
}

/// Rounds one row; its scale, and the length of what was lost.
#[inline(always)]
fn round(values: &[f32], codes: &mut [i8]) -> (f32, f32) {
    let largest = values.iter().fold(0.0_f32, |most, value| if value.abs() > most { value.abs() } else { most });
    let scale = if largest > 0.0 { largest / MOST } else { 1.0 };
    let inverse = 1.0 / scale;
    let mut lost = [0.0_f32; 16];
    for (code, value) in codes.iter_mut().zip(values) {
        // Adding and taking away 1.5 * 2^23 rounds to the nearest whole number, without a call.
        let whole = (value * inverse + 12_582_912.0) - 12_582_912.0;
        *code = whole as i8;
    }
    for (at, (code, value)) in codes.iter().zip(values).enumerate() {
        let rest = value - f32::from(*code) * scale;
        lost[at % 16] += rest * rest;
    }
    (scale, lost.iter().sum::<f32>().sqrt() * LENGTH)
}

/// The sum of products: exact, for [`Asked::of`] leaves room.
#[inline(always)]
fn dot(row: &[i8], question: &[i16]) -> i32 {
    row.iter().zip(question).map(|(&a, &b)| i32::from(i16::from(a)) * i32::from(b)).sum()
}

struct Loop<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Loop<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// Runs a loop with the widest vectors there are; all it calls must be `#[inline(always)]`.
#[inline(always)]
fn vectorised<R>(body: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Loop(body))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn cosines_are_within_their_bounds(values in prop::collection::vec(-1.0_f32..1.0, 9 * 40), skew in 0_usize..40) {
            let mut rows = Array2::from_shape_vec((9, 40), values).unwrap();
            // One large component makes the others coarse.
            rows.row_mut(3)[skew] = 50.0;
            let rows = UnitRows::normalized(rows).unwrap();
            let compact = Compact::of(&rows);
            for question in 0..9 {
                let asked = Asked::of(rows.row(question).as_slice().unwrap());
                let mut cosines = [0.0; 7];
                compact.cosines(&asked, 2, &mut cosines);
                for (at, cosine) in cosines.into_iter().enumerate() {
                    let off = (rows.cosine(question, at + 2) - cosine).abs();
                    prop_assert!(off <= compact.error(at + 2, &asked), "{off} {}", compact.error(at + 2, &asked));
                }
            }
        }
    }

    #[test]
    fn the_widest_question_does_not_overflow() {
        let rows = UnitRows::normalized(Array2::ones((1, 4_096))).unwrap();
        let asked = Asked::of(rows.row(0).as_slice().unwrap());
        let mut cosine = [0.0];
        Compact::of(&rows).cosines(&asked, 0, &mut cosine);
        assert!((cosine[0] - 1.0).abs() < 1e-3, "{cosine:?}");
    }
}
