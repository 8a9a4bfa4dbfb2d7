//! A linear map, and what is done with its sums block by block while they are in the nearest cache.

use super::super::super::EmbedError;
use super::super::super::blueprint::{Activation, Linear};
use super::super::weights::Weights;
use super::halves::{BLOCK, Halves};
use super::kernel::Session;
use super::operand::{Hands, Operand};
use super::rows::{narrow_biased, write};

/// A linear map.
pub(super) struct Dense<O: Operand> {
    weights: O::Weights,
    pub(super) bias: Vec<f32>,
}

impl<O: Operand> Dense<O> {
    /// Joins maps of equal inputs, their outputs side by side, each times its scale.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(super) fn load(weights: &Weights, inputs: usize, parts: &[(&Linear, f32)]) -> Result<Self, EmbedError> {
        let (mut outputs, mut bias) = (Vec::new(), Vec::new());
        for (part, scale) in parts {
            let stored = weights.matrix(&format!("{}.weight", part.name), part.outputs, inputs)?;
            outputs.extend(weights.all(&stored).into_iter().map(|value| value * scale));
            let shift = match part.bias {
                true => weights.vector(&format!("{}.bias", part.name), part.outputs)?,
                false => vec![0.0; part.outputs],
            };
            bias.extend(shift.into_iter().map(|value| value * scale));
        }
        Ok(Self { weights: O::pack(&outputs, (inputs, bias.len())), bias })
    }

    /// Each block of rows with each panel of outputs. Panels outside: one stays in the nearest cache for all blocks, while the
    /// next comes from the furthest.
    fn each(&self, rows: usize, mut each: impl FnMut(Corner, &[f32])) {
        let (panels, blocks) = (self.bias.len().div_ceil(BLOCK), rows.div_ceil(BLOCK));
        for (panel, bias) in self.bias.chunks(BLOCK).enumerate() {
            for block in 0..blocks {
                if panel + 1 < panels {
                    O::prefetch(&self.weights, panel + 1, (block, blocks));
                }
                each(Corner { block, panel, rows: BLOCK.min(rows - block * BLOCK) }, bias);
            }
        }
    }

    /// With the bias, in bf16: row after row.
    pub(super) fn to_halves(&self, session: &Session, (from, rows): (&O, usize), act: Activation, out: &mut Halves) {
        let (mut sums, mut with, stride) = ([0.0; BLOCK * BLOCK], Hands::of(session), out.stride());
        self.each(rows, |at, bias| {
            from.multiply(&mut with, &self.weights, at.place(), (&mut sums, BLOCK));
            narrow_biased(&sums, bias, act, at.rows, (&mut out.rows_mut(at.row())[at.column()..], stride));
        });
    }

    /// With the bias and an activation, as what enters the next product. `flat` has room for it row after row.
    pub(super) fn to_operand(
        &self,
        session: &Session,
        (from, rows): (&O, usize),
        act: Activation,
        (flat, out): (&mut Halves, &mut O),
    ) {
        if out.halves_mut((0, 0)).is_none() {
            self.to_halves(session, (from, rows), act, flat);
            return super::rows::enter(flat, (rows, self.bias.len()), out);
        }
        let (mut sums, mut with) = ([0.0; BLOCK * BLOCK], Hands::of(session));
        self.each(rows, |at, bias| {
            from.multiply(&mut with, &self.weights, at.place(), (&mut sums, BLOCK));
            if let Some(out) = out.halves_mut(at.place()) {
                narrow_biased(&sums, bias, act, BLOCK, (out, BLOCK));
            }
        });
    }

    /// The sums alone, in rows as wide as there are outputs: the bias is added by the norm that follows. `out` has
    /// room for whole blocks of rows.
    pub(super) fn to_floats(&self, session: &Session, (from, rows): (&O, usize), out: &mut [f32]) {
        let (mut with, width) = (Hands::of(session), self.bias.len());
        self.each(rows, |at, bias| {
            let out = &mut out[at.row() * width + at.column()..];
            if bias.len() == BLOCK {
                from.multiply(&mut with, &self.weights, at.place(), (out, width));
            } else {
                let mut sums = [0.0; BLOCK * BLOCK];
                from.multiply(&mut with, &self.weights, at.place(), (&mut sums, BLOCK));
                write(&sums, (at.rows, bias.len()), out, width);
            }
        });
    }
}

/// A block of sums among all.
#[derive(Debug, Clone, Copy)]
struct Corner {
    block: usize,
    panel: usize,
    /// Rows that count.
    rows: usize,
}

impl Corner {
    fn place(self) -> (usize, usize) {
        (self.block, self.panel)
    }

    fn row(self) -> usize {
        self.block * BLOCK
    }

    fn column(self) -> usize {
        self.panel * BLOCK
    }
}
