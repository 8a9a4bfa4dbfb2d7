//! Attention of the tokens of one sequence, head by head, in blocks of rows so that scores of a long text fit.
//!
//! Source: transformers, `modeling_bert.py`, `BertSelfAttention`; shared keys as in `modeling_qwen3.py`, `repeat_kv`.

use std::ops::Range;

use candle_core::Result;

use super::super::blueprint::{Heads, Reach};
use super::distance::Distances;
use super::product::{Place, Sizes, product};
use super::rows::softmax;

/// Tokens whose scores are held at once.
const BLOCK: usize = 256;

/// What every layer's attention shares, and what this one's sees.
pub(super) struct Attention<'a> {
    pub(super) heads: Heads,
    pub(super) reach: Reach,
    pub(super) distances: Option<&'a Distances>,
}

/// Some tokens of a sequence, under one head.
struct Block {
    /// The sequence's first row.
    start: usize,
    head: usize,
    asking: Range<usize>,
    /// What at least one of them sees.
    seen: Range<usize>,
}

/// Scores that a sequence of this length needs room for.
pub(super) fn room(length: usize) -> usize {
    length.min(BLOCK) * length
}

impl Attention<'_> {
    /// Gathers one sequence: rows of queries, keys and values in `qkv` to rows of `context`.
    ///
    /// # Errors
    /// Where a buffer is smaller than the sequence, which would be a mistake in this crate.
    pub(super) fn gather(
        &self,
        qkv: &[f32],
        rows: &Range<usize>,
        scores: &mut [f32],
        context: &mut [f32],
    ) -> Result<()> {
        for head in 0..self.heads.queries {
            for first in (0..rows.len()).step_by(BLOCK) {
                let asking = first..(first + BLOCK).min(rows.len());
                let seen = seen(self.reach, &asking, rows.len());
                let scores = &mut scores[..asking.len() * seen.len()];
                let block = Block { start: rows.start, head, asking, seen };
                self.score(qkv, &block, scores)?;
                softmax(scores, block.seen.len());
                self.sum(qkv, &block, scores, context)?;
            }
        }
        Ok(())
    }

    /// Scores of one block: shape `(asking, seen)`.
    fn score(&self, qkv: &[f32], block: &Block, scores: &mut [f32]) -> Result<()> {
        let Block { start, head, asking, seen } = block;
        let queries = self.place(start + asking.start, *head);
        let keys = self.place(start + seen.start, self.heads.queries + self.shared(*head)).transposed();
        let sizes = Sizes { rows: asking.len(), inner: self.heads.size, columns: seen.len() };
        let scale = 1.0 / (self.heads.size as f32).sqrt();
        product(sizes, (scores, Place::rows(seen.len())), (qkv, queries), (qkv, keys), scale)?;
        if let Some(distances) = self.distances {
            distances.add(scores, *head, (asking.start, seen.start), seen.len());
        }
        hide(scores, self.reach, asking, seen);
        Ok(())
    }

    /// The values that one block sees, by their weights.
    fn sum(&self, qkv: &[f32], block: &Block, weights: &[f32], context: &mut [f32]) -> Result<()> {
        let Block { start, head, asking, seen } = block;
        let width = self.heads.queries * self.heads.size;
        let to = Place { start: (start + asking.start) * width + head * self.heads.size, ..Place::rows(width) };
        let values = self.place(start + seen.start, self.heads.queries + self.heads.keys + self.shared(*head));
        let sizes = Sizes { rows: asking.len(), inner: seen.len(), columns: self.heads.size };
        product(sizes, (context, to), (weights, Place::rows(seen.len())), (qkv, values), 1.0)
    }

    /// The key head that a query head asks.
    fn shared(&self, head: usize) -> usize {
        head / (self.heads.queries / self.heads.keys)
    }

    /// A head, counted over queries, keys and values, from a row on.
    fn place(&self, row: usize, head: usize) -> Place {
        let width = self.heads.width();
        Place { start: row * width + head * self.heads.size, ..Place::rows(width) }
    }
}

/// The tokens that at least one of `asking` sees.
fn seen(reach: Reach, asking: &Range<usize>, length: usize) -> Range<usize> {
    let first = reach.window.map_or(0, |window| asking.start.saturating_sub(window));
    let end = match reach {
        Reach { causal: true, .. } => asking.end,
        Reach { window: Some(window), .. } => asking.end.saturating_add(window).min(length),
        Reach { window: None, .. } => length,
    };
    first..end
}

/// Takes away what a token does not see.
fn hide(scores: &mut [f32], reach: Reach, asking: &Range<usize>, seen: &Range<usize>) {
    if reach == Reach::default() {
        return;
    }
    for (token, scores) in asking.clone().zip(scores.chunks_exact_mut(seen.len())) {
        for (other, score) in seen.clone().zip(scores) {
            let hidden = reach.causal && other > token || reach.window.is_some_and(|most| token.abs_diff(other) > most);
            if hidden {
                *score = f32::NEG_INFINITY;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_scored_than_is_seen() {
        let reach = |causal, window| Reach { causal, window };
        assert_eq!(seen(reach(false, None), &(4..6), 9), 0..9);
        assert_eq!(seen(reach(true, None), &(4..6), 9), 0..6);
        assert_eq!(seen(reach(false, Some(1)), &(4..6), 9), 3..7);
        assert_eq!(seen(reach(true, Some(usize::MAX)), &(4..6), 9), 0..6);
    }

    #[test]
    fn what_is_not_seen_is_hidden() {
        let mut scores = [1.0; 8];
        hide(&mut scores, Reach { causal: true, window: Some(1) }, &(1..3), &(0..4));
        let none = f32::NEG_INFINITY;
        assert_eq!(scores, [1.0, 1.0, none, none, none, 1.0, 1.0, none]);
    }
}
