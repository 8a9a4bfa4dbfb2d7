//! Stands in for cards where the feature `cuda` is off: none can be had.

use super::call::Call;
use super::error::GpuError;
use super::numbers::{Kind, Number};

/// Whether this build can use cards.
pub const AVAILABLE: bool = false;

/// No card.
#[derive(Debug, Clone)]
pub enum Gpu {}

/// No memory of a card.
#[derive(Debug)]
pub enum Buffer {}

/// No stream of work.
#[derive(Debug)]
pub enum Lane {}

impl Gpu {
    /// Always [`GpuError::NotBuilt`].
    ///
    /// # Errors
    /// Always.
    pub fn open(_ordinal: usize) -> Result<Self, GpuError> {
        Err(GpuError::NotBuilt)
    }

    /// Its number.
    pub fn ordinal(&self) -> usize {
        match *self {}
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Its name and compute capability.
    pub fn make(&self) -> String {
        match *self {}
    }

    /// Memory of zeros.
    ///
    /// # Errors
    /// None.
    pub fn zeros(&self, _kind: Kind, _len: usize) -> Result<Buffer, GpuError> {
        match *self {}
    }

    /// A stream of work.
    ///
    /// # Errors
    /// None.
    pub fn lane(&self) -> Result<Lane, GpuError> {
        match *self {}
    }
}

impl Buffer {
    /// How its numbers are stored.
    pub fn kind(&self) -> Kind {
        match *self {}
    }

    /// Numbers it holds.
    pub fn len(&self) -> usize {
        match *self {}
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        match *self {}
    }
}

impl Lane {
    /// Copies numbers to a card.
    ///
    /// # Errors
    /// None.
    pub fn put<T: Number>(&mut self, _values: &[T], _to: &Buffer) -> Result<(), GpuError> {
        match *self {}
    }

    /// Copies numbers from a card.
    ///
    /// # Errors
    /// None.
    pub fn take<T: Number>(&mut self, _from: &Buffer, _len: usize) -> Result<Vec<T>, GpuError> {
        match *self {}
    }

    /// Launches a kernel.
    ///
    /// # Errors
    /// None.
    pub fn run(&mut self, _call: &Call<'_>) -> Result<(), GpuError> {
        match *self {}
    }

    /// Waits.
    ///
    /// # Errors
    /// None.
    pub fn finish(&mut self) -> Result<(), GpuError> {
        match *self {}
    }
}
