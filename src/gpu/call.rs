//! One launch of a kernel: which, how many threads, with what. Made by `ops` alone, which check that everything fits.

use super::Buffer;
use super::error::GpuError;
use super::numbers::Kind;

/// One launch of a kernel.
#[derive(Debug)]
#[cfg_attr(not(feature = "cuda"), allow(dead_code, reason = "nothing is launched without cards"))]
pub struct Call<'a> {
    pub(super) kernel: &'static str,
    /// Blocks across and down.
    pub(super) grid: [u32; 2],
    /// Threads a block: whole warps.
    pub(super) threads: u32,
    /// Bytes of shared memory a block.
    pub(super) shared: u32,
    pub(super) arguments: Vec<Argument<'a>>,
}

/// What a kernel is given.
#[derive(Debug)]
#[cfg_attr(not(feature = "cuda"), allow(dead_code, reason = "nothing is launched without cards"))]
pub(super) enum Argument<'a> {
    Memory(&'a Buffer),
    Int(i32),
    Float(f32),
}

/// Most shared memory a block has without asking for more.
const MOST_SHARED: usize = 48 << 10;
/// Most blocks down a grid.
const MOST_DOWN: usize = 65_535;

impl<'a> Call<'a> {
    /// A launch of `threads` a block, so far without arguments.
    pub(super) fn new(kernel: &'static str, threads: u32) -> Self {
        Self { kernel, grid: [1, 1], threads, shared: 0, arguments: Vec::new() }
    }

    /// With as many blocks across and down.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] beyond what a grid holds.
    pub(super) fn blocks(mut self, across: usize, down: usize) -> Result<Self, GpuError> {
        let across = i32::try_from(across).ok().filter(|&blocks| blocks > 0);
        match across {
            Some(across) if (1..=MOST_DOWN).contains(&down) => {
                self.grid = [across as u32, down as u32];
                Ok(self)
            }
            _ => Err(self.misfit("no such grid of blocks")),
        }
    }

    /// With as many bytes of shared memory a block.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] beyond what a block has.
    pub(super) fn shared(mut self, bytes: usize) -> Result<Self, GpuError> {
        if bytes > MOST_SHARED {
            return Err(self.misfit("more shared memory than a block has"));
        }
        self.shared = bytes as u32;
        Ok(self)
    }

    /// With a buffer of at least `least` numbers of a kind.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] for another kind, or fewer.
    pub(super) fn memory(mut self, buffer: &'a Buffer, kind: Kind, least: usize) -> Result<Self, GpuError> {
        if buffer.kind() != kind {
            return Err(self.misfit("a buffer of other numbers"));
        }
        if buffer.len() < least {
            return Err(self.misfit("a buffer that is too short"));
        }
        self.arguments.push(Argument::Memory(buffer));
        Ok(self)
    }

    /// With a size.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] for one that 31 bits do not hold.
    pub(super) fn int(mut self, value: usize) -> Result<Self, GpuError> {
        let Ok(value) = i32::try_from(value) else { return Err(self.misfit("a size of more than 31 bits")) };
        self.arguments.push(Argument::Int(value));
        Ok(self)
    }

    pub(super) fn float(mut self, value: f32) -> Self {
        self.arguments.push(Argument::Float(value));
        self
    }

    pub(super) fn misfit(&self, what: &'static str) -> GpuError {
        GpuError::Misfit { kernel: self.kernel, what }
    }
}
