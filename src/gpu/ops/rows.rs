//! Embeddings of tokens, and residuals; both end in a layer norm.

use super::super::call::Call;
use super::super::numbers::Kind;
use super::super::{Buffer, GpuError};
use super::{by_kind, padded};

/// Rows a block: one warp each.
const ROWS: usize = 8;

/// A layer norm.
#[derive(Debug)]
pub struct Norm {
    /// As many as components, 32-bit floats.
    pub weight: Buffer,
    /// As many as components, 32-bit floats.
    pub bias: Buffer,
    /// What keeps the division finite.
    pub epsilon: f32,
}

/// The first states of tokens: `norm(words[id] + places[place])`.
#[derive(Debug)]
pub struct Embed<'a> {
    /// Rows of `words`, one a token.
    pub ids: &'a Buffer,
    /// Rows of `place_table`, one a token.
    pub places: &'a Buffer,
    /// Shape `(words, width)`, of the operands' kind.
    pub words: &'a Buffer,
    /// Shape `(places, width)`, 32-bit floats.
    pub place_table: &'a Buffer,
    /// The norm of what they add up to.
    pub norm: &'a Norm,
    /// Shape `(count, width)`, 32-bit floats: written.
    pub states: &'a Buffer,
    /// Shape `(count, padded width)`: the states as the next product takes them.
    pub operands: &'a Buffer,
    /// Tokens.
    pub count: usize,
    /// Components.
    pub width: usize,
}

impl<'a> Embed<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short.
    pub fn call(&self) -> Result<Call<'a>, GpuError> {
        let (kind, width, count) = (self.operands.kind(), self.width, self.count);
        let kernel = by_kind(kind, ["embed_f32", "embed_f16", "embed_bf16"]);
        Call::new(kernel, (ROWS * 32) as u32)
            .blocks(count.div_ceil(ROWS), 1)?
            .memory(self.ids, Kind::U32, count)?
            .memory(self.places, Kind::U32, count)?
            .memory(self.words, kind, width)?
            .memory(self.place_table, Kind::F32, width)?
            .memory(&self.norm.weight, Kind::F32, width)?
            .memory(&self.norm.bias, Kind::F32, width)?
            .memory(self.states, Kind::F32, count * width)?
            .memory(self.operands, kind, count * padded(width))?
            .float(self.norm.epsilon)
            .int(width)?
            .int(padded(width))?
            .int(count)
    }
}

/// `states = norm(states + added)`.
#[derive(Debug)]
pub struct Settle<'a> {
    /// Shape `(count, padded width)`.
    pub added: &'a Buffer,
    /// The norm of what they add up to.
    pub norm: &'a Norm,
    /// Shape `(count, width)`, 32-bit floats.
    pub states: &'a Buffer,
    /// Shape `(count, padded width)`: the states as the next product takes them; of the kind of `added`.
    pub operands: &'a Buffer,
    /// Tokens.
    pub count: usize,
    /// Components.
    pub width: usize,
}

impl<'a> Settle<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short.
    pub fn call(&self) -> Result<Call<'a>, GpuError> {
        let (kind, width, count) = (self.operands.kind(), self.width, self.count);
        let kernel = by_kind(kind, ["settle_f32", "settle_f16", "settle_bf16"]);
        Call::new(kernel, (ROWS * 32) as u32)
            .blocks(count.div_ceil(ROWS), 1)?
            .memory(self.added, kind, count * padded(width))?
            .memory(&self.norm.weight, Kind::F32, width)?
            .memory(&self.norm.bias, Kind::F32, width)?
            .memory(self.states, Kind::F32, count * width)?
            .memory(self.operands, kind, count * padded(width))?
            .float(self.norm.epsilon)
            .int(width)?
            .int(padded(width))?
            .int(count)
    }
}
