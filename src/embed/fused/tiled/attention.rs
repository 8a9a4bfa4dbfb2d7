//! Attention of one sequence, one head at a time, 32 queries at a time.
//!
//! Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2. The scale of the scores is in the queries' weights.

use std::ops::Range;

use super::super::super::blueprint::{Activation, Heads};
use super::halves::{BLOCK, Halves};
use super::kernel::{Session, Sums};
use super::packed::Packed;
use super::rows::{Corner, narrow_biased, softmax, write};

/// Buffers of one head.
#[derive(Debug, Default)]
pub(super) struct Attention {
    keys: Packed,
    values: Packed,
    /// Shape `(32, length)`.
    scores: Vec<f32>,
    /// Shape `(32, length)`, each row summing to one.
    shares: Halves,
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
        self.scores.resize(BLOCK * length, 0.0);
        self.shares.fit(BLOCK, length);
        for head in (0..hidden).step_by(heads.size) {
            let part = |which: usize| &qkv.rows(rows.start)[which * hidden + head..];
            self.keys.fill_from_columns(part(1), qkv.stride(), (heads.size, length));
            self.values.fill_from_rows(part(2), qkv.stride(), (length, heads.size));
            for first in (0..length).step_by(BLOCK) {
                let queries = &qkv.rows(rows.start + first)[head..];
                let count = BLOCK.min(length - first);
                self.share(session, (queries, qkv.stride()), (count, length));
                let to = Corner { row: rows.start + first, rows: count, column: head };
                self.gather(session, heads.size, to, context);
            }
        }
    }

    /// How much each of `count` queries takes of every token.
    fn share(&mut self, session: &Session, (queries, stride): (&[u16], usize), (count, length): (usize, usize)) {
        let mut sums: Sums = [0.0; BLOCK * BLOCK];
        for (panel, keys) in self.keys.panels().enumerate() {
            session.block(queries, stride, keys, &mut sums);
            write(&sums, Corner { row: 0, rows: count, column: panel * BLOCK }, &mut self.scores, length);
        }
        for (row, scores) in self.scores.chunks_exact_mut(length).take(count).enumerate() {
            softmax(scores, self.shares.row_mut(row));
        }
    }

    /// The values in these shares, `width` of them from a column on.
    fn gather(&self, session: &Session, width: usize, to: Corner, context: &mut Halves) {
        let mut sums: Sums = [0.0; BLOCK * BLOCK];
        for (panel, values) in self.values.panels().enumerate() {
            session.block(self.shares.rows(0), self.shares.stride(), values, &mut sums);
            narrow_at(&sums, width - panel * BLOCK, Corner { column: to.column + panel * BLOCK, ..to }, context);
        }
    }
}

/// Narrows the first `width` columns of a block.
fn narrow_at(sums: &Sums, width: usize, to: Corner, out: &mut Halves) {
    const NONE: [f32; BLOCK] = [0.0; BLOCK];
    narrow_biased(sums, &NONE[..width.min(BLOCK)], Activation::Identity, to, out);
}
