//! The theme map: every paragraph at a place in the plane, near those it is near in meaning, and each one's nearest.
//!
//! Not here: how it is laid out (`layout`).

use crate::nearest::Hit;

/// Paragraphs laid out in two dimensions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeMap {
    /// The place of each row: `x` to the right and `y` upwards, both from -1 to 1, the longer side filled.
    pub places: Vec<[f32; 2]>,
    /// The nearest other rows of each row, of any outlet, best first.
    pub neighbours: Vec<Vec<Hit>>,
    /// The share of the true neighbours that are among them, 0 to 1; none where they are exact.
    pub recall: Option<f64>,
    /// How it was laid out, in a sentence.
    pub method: String,
}
