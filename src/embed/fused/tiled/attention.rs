//! Attention of one sequence, one head at a time, 32 queries at a time, in bf16 numbers.
//!
//! Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2. The scale of the scores is in the queries' weights.

use std::ops::Range;

use super::super::super::blueprint::{Activation, Heads};
use super::halves::{BLOCK, Halves};
use super::kernel::Session;
use super::packed::Packed;
use super::rows::{exponentials, narrow_biased, scale};
use super::tiles::Tiles;

/// Buffers of one head.
#[derive(Debug, Default)]
pub(super) struct Attention {
    queries: Tiles<u16>,
    keys: Packed<u16>,
    values: Packed<u16>,
    /// Shape `(32, length)`, rows filled up to whole blocks.
    scores: Vec<f32>,
    /// Shape `(32, length)`: exponentials of the scores.
    weights: Tiles<u16>,
    /// What the sums over a row of weights are multiplied by.
    shares: [f32; BLOCK],
}

impl Attention {
    /// Writes what the tokens in `rows` gather: `qkv` holds queries, keys and values side by side, `context` what is
    /// gathered, head by head.
    pub(super) fn attend(
        &mut self,
        session: &Session,
        (qkv, rows): (&Halves, Range<usize>),
        heads: Heads,
        context: &mut Halves,
    ) {
        let hidden = heads.queries * heads.size;
        let length = rows.len();
        self.scores.resize(BLOCK * length.next_multiple_of(BLOCK), 0.0);
        self.weights.fit(BLOCK, length);
        let stride = context.stride();
        for head in (0..hidden).step_by(heads.size) {
            let part = |which: usize| &qkv.rows(rows.start)[which * hidden + head..];
            self.queries.fill(part(0), qkv.stride(), (length, heads.size));
            self.keys.fill_from_columns(part(1), qkv.stride(), (heads.size, length));
            self.values.fill_from_rows(part(2), qkv.stride(), (length, heads.size));
            for block in 0..length.div_ceil(BLOCK) {
                let count = BLOCK.min(length - block * BLOCK);
                self.share(session, block, (count, length));
                let out = &mut context.rows_mut(rows.start + block * BLOCK)[head..];
                self.gather(session, (count, heads.size), (out, stride));
            }
        }
    }

    /// How much each of a block of `count` queries takes of every token.
    fn share(&mut self, session: &Session, block: usize, (count, length): (usize, usize)) {
        let stride = length.next_multiple_of(BLOCK);
        for panel in 0..stride / BLOCK {
            let out = &mut self.scores[panel * BLOCK..];
            session.halves(self.queries.block(block), self.keys.panel(panel), out, stride);
        }
        let scores = &mut self.scores[..count * stride];
        scores.chunks_exact_mut(stride).for_each(|row| row[length..].fill(f32::MIN));
        exponentials(scores, count, &mut self.weights, &mut self.shares);
    }

    /// The values in these shares, `width` of them.
    fn gather(&self, session: &Session, (count, width): (usize, usize), (out, stride): (&mut [u16], usize)) {
        const NONE: [f32; BLOCK] = [0.0; BLOCK];
        let mut sums = [0.0; BLOCK * BLOCK];
        for panel in 0..width.div_ceil(BLOCK) {
            session.halves(self.weights.block(0), self.values.panel(panel), &mut sums, BLOCK);
            scale(&mut sums, &self.shares);
            let none = &NONE[..BLOCK.min(width - panel * BLOCK)];
            narrow_biased(&sums, none, Activation::Identity, count, (&mut out[panel * BLOCK..], stride));
        }
    }
}
