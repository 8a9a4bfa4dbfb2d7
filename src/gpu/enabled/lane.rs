//! A stream: copies and launches on one card, done in the order they were given.
//!
//! Copies pass through memory that the card reads by itself, so that another lane's launches go on meanwhile.

#![allow(unsafe_code, reason = "the driver is a C library")]

use std::ffi::c_void;
use std::ptr::{copy_nonoverlapping, null_mut};

use super::super::call::{Argument, Call};
use super::super::error::GpuError;
use super::super::numbers::Number;
use super::driver::Handle;
use super::{Buffer, Gpu};

/// Bytes of this machine's memory that a lane copies through.
const PINNED: usize = 8 << 20;

/// A stream of copies and launches.
#[derive(Debug)]
pub struct Lane {
    gpu: Gpu,
    stream: Handle,
    pinned: Handle,
    /// Bytes of it that copies under way may still read.
    used: usize,
}

// SAFETY: the driver's functions and handles may be used from any thread; all that use them borrow the lane mutably.
unsafe impl Send for Lane {}

impl Lane {
    /// # Errors
    /// What the driver fails with.
    pub(super) fn new(gpu: &Gpu) -> Result<Self, GpuError> {
        /// `CU_STREAM_NON_BLOCKING`: does not wait for the stream of all streams.
        const BY_ITSELF: u32 = 1;
        let card = &gpu.0;
        card.enter()?;
        let mut lane = Self { gpu: gpu.clone(), stream: null_mut(), pinned: null_mut(), used: 0 };
        // SAFETY: both are written before they return, and given back when the lane is dropped.
        unsafe {
            card.check("cuStreamCreate", (card.driver.stream)(&raw mut lane.stream, BY_ITSELF))?;
            card.check_room("cuMemHostAlloc", (card.driver.pin)(&raw mut lane.pinned, PINNED, 0), Some(PINNED))?;
        }
        Ok(lane)
    }

    /// Begins to copy numbers to the beginning of a buffer. The numbers may change afterwards.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where the buffer does not hold them, or what the driver fails with.
    pub fn put<T: Number>(&mut self, values: &[T], to: &Buffer) -> Result<(), GpuError> {
        self.fits::<T>(to, values.len())?;
        let card = self.gpu.0.clone();
        card.enter()?;
        let mut address = to.address;
        for part in values.chunks(PINNED / size_of::<T>()) {
            let bytes = size_of_val(part);
            if self.used + bytes > PINNED {
                self.finish()?;
            }
            // SAFETY: `bytes` fit behind `used`, where no copy under way reads; the buffer was checked to hold them.
            let code = unsafe {
                let from = self.pinned.cast::<u8>().add(self.used);
                copy_nonoverlapping(part.as_ptr().cast::<u8>(), from, bytes);
                (card.driver.upload)(address, from.cast::<c_void>(), bytes, self.stream)
            };
            card.check("cuMemcpyHtoDAsync", code)?;
            // The next begins at a multiple of 16, as it is copied fastest.
            self.used = (self.used + bytes).next_multiple_of(16).min(PINNED);
            address += bytes as u64;
        }
        Ok(())
    }

    /// The first `len` numbers of a buffer, when all that was launched before is done.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where the buffer does not hold as many, or what the driver fails with.
    pub fn take<T: Number>(&mut self, from: &Buffer, len: usize) -> Result<Vec<T>, GpuError> {
        self.fits::<T>(from, len)?;
        let card = self.gpu.0.clone();
        card.enter()?;
        let mut values = vec![T::default(); len];
        let mut address = from.address;
        for part in values.chunks_mut(PINNED / size_of::<T>()) {
            let bytes = size_of_val(part);
            // Behind the kernels and copies given before, so that all are waited for at once.
            // SAFETY: the buffer was checked to hold them, and so does the pinned memory: what copies under way still read
            // of it is only written when they are done.
            let code = unsafe { (card.driver.download)(self.pinned, address, bytes, self.stream) };
            card.check("cuMemcpyDtoHAsync", code)?;
            self.finish()?;
            // SAFETY: as above; every pattern of bits is a value.
            unsafe { copy_nonoverlapping(self.pinned.cast::<u8>(), part.as_mut_ptr().cast::<u8>(), bytes) };
            address += bytes as u64;
        }
        if len == 0 {
            self.finish()?;
        }
        Ok(values)
    }

    /// Launches a kernel.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] for buffers of another card, or what the driver fails with.
    pub fn run(&mut self, call: &Call<'_>) -> Result<(), GpuError> {
        let card = &self.gpu.0;
        let misfit = |what| GpuError::Misfit { kernel: call.kernel, what };
        let elsewhere = |argument: &Argument<'_>| matches!(argument, Argument::Memory(buffer) if !self.owns(buffer));
        if call.arguments.iter().any(elsewhere) {
            return Err(misfit("a buffer of another card"));
        }
        let mut values: Vec<u64> = call.arguments.iter().map(bits).collect();
        let mut pointers: Vec<Handle> = values.iter_mut().map(|value| (&raw mut *value).cast()).collect();
        let ([across, down], none) = (call.grid, null_mut());
        card.enter()?;
        let kernel = card.kernel(call.kernel)?;
        // SAFETY: `ops` made the call, with the kernel's own parameters and buffers as long as its sizes ask for; a
        // parameter of 4 bytes is the lower half of its 8. Memory outlives the launch: a buffer that is dropped waits.
        // Not checked here is what index buffers hold (tokens, ends, stretches), which whoever makes them checks, as
        // `embed/cuda/work.rs` does: a wrong one reaches other memory that the card sees.
        let code = unsafe {
            let (list, stream) = (pointers.as_mut_ptr(), self.stream);
            (card.driver.launch)(kernel, across, down, 1, call.threads, 1, 1, call.shared, stream, list, none)
        };
        card.check("cuLaunchKernel", code)
    }

    /// Waits until all is done.
    ///
    /// # Errors
    /// What the driver fails with, also of what was given before.
    pub fn finish(&mut self) -> Result<(), GpuError> {
        let card = &self.gpu.0;
        card.enter()?;
        // SAFETY: the stream is this lane's.
        card.check("cuStreamSynchronize", unsafe { (card.driver.wait)(self.stream) })?;
        self.used = 0;
        Ok(())
    }

    fn fits<T: Number>(&self, buffer: &Buffer, len: usize) -> Result<(), GpuError> {
        let misfit = |what| Err(GpuError::Misfit { kernel: "copy", what });
        match () {
            () if !T::is(buffer.kind) => misfit("a buffer of other numbers"),
            () if buffer.len < len => misfit("a buffer that is too short"),
            () if !self.owns(buffer) => misfit("a buffer of another card"),
            () => Ok(()),
        }
    }

    fn owns(&self, buffer: &Buffer) -> bool {
        std::sync::Arc::ptr_eq(&buffer.gpu.0, &self.gpu.0)
    }
}

/// An argument as the kernel reads it: little-endian, in its lower bytes.
fn bits(argument: &Argument<'_>) -> u64 {
    match argument {
        Argument::Memory(buffer) => buffer.address,
        Argument::Int(value) => u64::from(value.cast_unsigned()),
        Argument::Float(value) => u64::from(value.to_bits()),
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let _ = self.finish();
        let driver = self.gpu.0.driver;
        // SAFETY: made with the lane, and used by nothing any more; what was not made is null.
        unsafe {
            if !self.pinned.is_null() {
                (driver.unpin)(self.pinned);
            }
            if !self.stream.is_null() {
                (driver.drop_stream)(self.stream);
            }
        }
    }
}
