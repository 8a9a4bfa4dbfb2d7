//! Rotary positions: the components of a head turned in pairs, by angles that grow with the token's place.
//!
//! Source: Su et al., arXiv 2104.09864; the pairing and the rounding are those of transformers, `modeling_llama.py`.

use std::ops::Range;

use super::simd::vectorised;

/// Cosines and sines of every place so far, for one base: shape `(places, half)` each.
#[derive(Debug)]
pub(super) struct Turns {
    theta: f32,
    half: usize,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Turns {
    /// `half` is half the components of a head.
    pub(super) fn new(theta: f32, half: usize) -> Self {
        Self { theta, half, cosines: Vec::new(), sines: Vec::new() }
    }

    /// Makes room for texts of so many tokens.
    pub(super) fn grow(&mut self, places: usize) {
        let (theta, half) = (self.theta, self.half);
        for place in self.cosines.len() / half.max(1)..places {
            let angles = (0..half).map(|at| place as f32 * (1.0 / theta.powf((2 * at) as f32 / (2 * half) as f32)));
            for (sine, cosine) in angles.map(f32::sin_cos) {
                self.sines.push(sine);
                self.cosines.push(cosine);
            }
        }
    }

    /// Turns all heads among the columns given; the rows of one text, `width` wide, from its first token.
    pub(super) fn turn(&self, rows: &mut [f32], width: usize, columns: &Range<usize>) {
        let half = self.half;
        vectorised(
            #[inline(always)]
            || {
                let angles = self.cosines.chunks_exact(half).zip(self.sines.chunks_exact(half));
                for (row, (cosines, sines)) in rows.chunks_exact_mut(width).zip(angles) {
                    for head in row[columns.clone()].chunks_exact_mut(2 * half) {
                        turn_head(head, cosines, sines);
                    }
                }
            },
        );
    }
}

/// Component `i` and component `i + half` are a pair.
#[inline(always)]
fn turn_head(head: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let (left, right) = head.split_at_mut(cosines.len());
    for (((left, right), cosine), sine) in left.iter_mut().zip(right).zip(cosines).zip(sines) {
        let (x, y) = (*left, *right);
        *left = x * cosine - y * sine;
        *right = y * cosine + x * sine;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_not_turned_and_lengths_are_kept() {
        let mut turns = Turns::new(10_000.0, 2);
        turns.grow(3);
        let mut rows = [9.0, 1.0, 2.0, 3.0, 4.0].repeat(3);
        turns.turn(&mut rows, 5, &(1..5));
        assert_eq!(rows[..5], [9.0, 1.0, 2.0, 3.0, 4.0]);
        let (cosine, sine) = (2_f32.cos(), 2_f32.sin());
        assert!((rows[11] - (cosine - 3.0 * sine)).abs() < 1e-6 && (rows[13] - (3.0 * cosine + sine)).abs() < 1e-6);
        let square: f32 = rows[11..].iter().map(|x| x * x).sum();
        assert!((square - 30.0).abs() < 1e-4 && rows[10] == 9.0);
    }

    #[test]
    fn growing_in_steps_is_growing_at_once() {
        let (mut steps, mut once) = (Turns::new(1_000.0, 4), Turns::new(1_000.0, 4));
        steps.grow(3);
        steps.grow(2);
        steps.grow(9);
        once.grow(9);
        assert_eq!((steps.cosines, steps.sines), (once.cosines, once.sines));
    }
}
