//! States of tokens to vectors of sequences.

use super::super::call::Call;
use super::super::numbers::Kind;
use super::super::{Buffer, GpuError};

/// Ways to pool, as `kernels/rows.cu` numbers them: the first token's, the largest, the mean, the sum divided by the root
/// of the number, the mean weighted by position, the last token's.
pub const MODES: [&str; 6] = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"];

/// One vector a sequence and mode.
#[derive(Debug)]
pub struct Pool<'a> {
    /// Shape `(tokens, width)`, 32-bit floats.
    pub states: &'a Buffer,
    /// The row after each sequence's last.
    pub ends: &'a Buffer,
    /// Numbers of [`MODES`].
    pub modes: &'a Buffer,
    /// Shape `(sequences, modes, width)`, 32-bit floats.
    pub out: &'a Buffer,
    /// Sequences.
    pub sequences: usize,
    /// Modes.
    pub mode_count: usize,
    /// Tokens of each sequence that take no part, from its first.
    pub skip: usize,
    /// Components.
    pub width: usize,
}

impl<'a> Pool<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short.
    pub fn call(&self) -> Result<Call<'a>, GpuError> {
        Call::new("pool", 128)
            .blocks(self.sequences, self.mode_count)?
            .memory(self.states, Kind::F32, self.width)?
            .memory(self.ends, Kind::U32, self.sequences)?
            .memory(self.modes, Kind::U32, self.mode_count)?
            .memory(self.out, Kind::F32, self.sequences * self.mode_count * self.width)?
            .int(self.skip)?
            .int(self.width)
    }
}
