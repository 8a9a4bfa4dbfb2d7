//! Rows that tests divide.

use ndarray::Array2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use super::division::normalize;

/// Three bundles of directions, `each` rows a bundle, scattered by chance in all of eight components.
pub(super) fn bundles(each: usize) -> Array2<f32> {
    let mut random = Xoshiro256Plus::seed_from_u64(11);
    let mut chance = move || (random.next_u64() >> 40) as f32 / (1_u64 << 24) as f32 - 0.5;
    let mut rows = Array2::from_shape_fn((3 * each, 8), |_| 0.4 * chance());
    for (at, mut row) in rows.rows_mut().into_iter().enumerate() {
        row[at / each] += 1.0;
    }
    normalize(&mut rows);
    rows
}
