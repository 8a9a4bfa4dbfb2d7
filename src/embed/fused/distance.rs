//! A bias on attention by how far two tokens are apart, from a table of 32 buckets a head.
//!
//! Source: transformers, `modeling_mpnet.py`, `MPNetEncoder.compute_position_bias` (the buckets are T5's, arXiv 1910.10683).

use super::super::EmbedError;
use super::weights::Weights;

/// Buckets of the table: half for what comes after, half for what comes before.
const BUCKETS: usize = 32;
/// From here on all distances share a bucket.
const FURTHEST: usize = 128;

/// One bias a head and distance.
#[derive(Debug)]
pub(super) struct Distances {
    /// Shape `(heads, 2 * FURTHEST + 1)`: from `FURTHEST` before to `FURTHEST` after.
    biases: Vec<f32>,
}

impl Distances {
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn load(weights: &Weights, name: &str, heads: usize) -> Result<Self, EmbedError> {
        let table = weights.all(&weights.matrix(name, BUCKETS, heads)?);
        let bias = |head: usize, at: usize| table[bucket(at) * heads + head];
        let biases = (0..heads).flat_map(|head| (0..=2 * FURTHEST).map(move |at| (head, at)));
        Ok(Self { biases: biases.map(|(head, at)| bias(head, at)).collect() })
    }

    /// Adds the biases of one head to scores: rows are the tokens from `first` on, columns all tokens from `seen` on.
    pub(super) fn add(&self, scores: &mut [f32], head: usize, (first, seen): (usize, usize), width: usize) {
        let biases = &self.biases[head * (2 * FURTHEST + 1)..][..2 * FURTHEST + 1];
        for (row, scores) in scores.chunks_exact_mut(width).enumerate() {
            for (column, score) in scores.iter_mut().enumerate() {
                let at = (seen + column + FURTHEST).saturating_sub(first + row).min(2 * FURTHEST);
                *score += biases[at];
            }
        }
    }
}

/// The bucket of what lies `at - FURTHEST` after a token.
fn bucket(at: usize) -> usize {
    const EXACT: usize = BUCKETS / 4;
    let far = at.abs_diff(FURTHEST);
    let side = if at > FURTHEST { BUCKETS / 2 } else { 0 };
    if far < EXACT {
        return side + far;
    }
    // In 32 bits, as upstream: a logarithm that is rounded otherwise would end up in the next bucket.
    let log = (far as f32 / EXACT as f32).ln() / ((FURTHEST / EXACT) as f32).ln();
    side + (EXACT + (log * EXACT as f32) as usize).min(BUCKETS / 2 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_exact_when_near_and_grow_with_the_logarithm() {
        let of = |after: i32| bucket((after + 128) as usize);
        // As MPNetEncoder.relative_position_bucket gives them.
        assert_eq!([0, -1, -7, -8, -11, -12, -16, -32, -64, -128].map(of), [0, 1, 7, 8, 8, 9, 10, 12, 14, 15]);
        assert_eq!([1, 7, 8, 16, 64, 127, 128].map(of), [17, 23, 24, 26, 30, 31, 31]);
    }

    #[test]
    fn biases_are_added_by_distance() {
        let mut biases = vec![0.0; 2 * (2 * FURTHEST + 1)];
        biases[2 * FURTHEST + 1 + FURTHEST + 1] = 5.0;
        let mut scores = [1.0; 6];
        Distances { biases }.add(&mut scores, 1, (1, 0), 3);
        // Rows are tokens 1 and 2, columns tokens 0, 1 and 2: one is the next of token 1.
        assert_eq!(scores, [1.0, 1.0, 6.0, 1.0, 1.0, 1.0]);
    }
}
