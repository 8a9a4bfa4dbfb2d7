//! Cards and their memory, by the driver's own functions.
//!
//! `driver` is the table of them; `modules` has the kernels; `lane` is a stream of copies and launches. Whatever is called is given the card's own
//! context first, so that any thread may call it.

#![allow(unsafe_code, reason = "the driver is a C library")]

mod driver;
mod lane;
mod modules;

use std::ffi::{CStr, c_int};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, PoisonError};

use driver::{Address, Driver, Handle, OUT_OF_MEMORY};
pub use lane::Lane;
use modules::Modules;

use super::error::GpuError;
use super::numbers::Kind;

/// Whether this build can use cards.
pub const AVAILABLE: bool = true;

/// Compute capability of the kernels: 8.0.
const LEAST_CAPABILITY: (i32, i32) = (8, 0);

/// `CU_CTX_SCHED_BLOCKING_SYNC`: who waits for a card sleeps. The driver's own choice may be to spin, on a core that
/// tokenises.
const BLOCKING_WAIT: u32 = 4;

/// An opened card. Copies are the same card.
#[derive(Debug, Clone)]
pub struct Gpu(Arc<Card>);

#[derive(Debug)]
struct Card {
    driver: &'static Driver,
    ordinal: usize,
    device: c_int,
    name: String,
    capability: (i32, i32),
    context: Handle,
    modules: Mutex<Modules>,
}

// SAFETY: the driver's functions and handles may be used from any thread.
unsafe impl Send for Card {}
// SAFETY: as above; nothing but the driver changes what the handles name.
unsafe impl Sync for Card {}

/// Memory of a card, of one kind of numbers.
#[derive(Debug)]
pub struct Buffer {
    gpu: Gpu,
    address: Address,
    kind: Kind,
    len: usize,
}

impl Gpu {
    /// Opens a card by its number, counted from 0.
    ///
    /// # Errors
    /// [`GpuError::NoDriver`], [`GpuError::OldDriver`], [`GpuError::NoCard`], [`GpuError::NoSuchCard`],
    /// [`GpuError::OldCard`], or what the driver fails with.
    pub fn open(ordinal: usize) -> Result<Self, GpuError> {
        let driver = Driver::get()?;
        let (mut count, mut device, mut context) = (0, 0, null_mut());
        // SAFETY: all are written before they return.
        unsafe {
            driver.check("cuDeviceGetCount", (driver.count)(&raw mut count))?;
            let count = usize::try_from(count).unwrap_or_default();
            match c_int::try_from(ordinal) {
                _ if count == 0 => return Err(GpuError::NoCard),
                Ok(wanted) if ordinal < count => {
                    driver.check("cuDeviceGet", (driver.device)(&raw mut device, wanted))?;
                }
                _ => return Err(GpuError::NoSuchCard { ordinal, count }),
            }
        }
        let (name, capability) = capable(driver, ordinal, device)?;
        // SAFETY: no memory is given. Refused where the context is in use already, as somebody else wants it.
        unsafe { (driver.set_flags)(device, BLOCKING_WAIT) };
        // SAFETY: written before it returns; given back when the card is dropped.
        match unsafe { (driver.retain)(&raw mut context, device) } {
            // Without a context nobody says how much is free.
            OUT_OF_MEMORY => {
                let function = "cuDevicePrimaryCtxRetain";
                return Err(GpuError::OutOfMemory { ordinal, function, asked: None, free: 0 });
            }
            code => driver.check("cuDevicePrimaryCtxRetain", code)?,
        }
        let modules = Mutex::default();
        Ok(Self(Arc::new(Card { driver, ordinal, device, name, capability, context, modules })))
    }

    /// Its number.
    pub fn ordinal(&self) -> usize {
        self.0.ordinal
    }

    /// What its maker calls it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name and compute capability, which cards that compute the same bytes have in common.
    pub fn make(&self) -> String {
        format!("{}, compute capability {}", self.0.name, written(self.0.capability))
    }

    /// Memory for as many numbers, all zero.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`], or what the driver fails with.
    pub fn zeros(&self, kind: Kind, len: usize) -> Result<Buffer, GpuError> {
        let card = &self.0;
        card.enter()?;
        // No memory has no address.
        let bytes = len.max(1).saturating_mul(kind.bytes());
        let mut address = 0;
        // SAFETY: written before it returns.
        card.check_room("cuMemAlloc", unsafe { (card.driver.allocate)(&raw mut address, bytes) }, Some(bytes))?;
        let buffer = Buffer { gpu: self.clone(), address, kind, len };
        // SAFETY: as many bytes as were taken. The stream of all streams, which is waited for: others may write next.
        unsafe {
            card.check("cuMemsetD8Async", (card.driver.fill)(address, 0, bytes, null_mut()))?;
            card.check("cuStreamSynchronize", (card.driver.wait)(null_mut()))?;
        }
        Ok(buffer)
    }

    /// A stream of copies and launches.
    ///
    /// # Errors
    /// What the driver fails with.
    pub fn lane(&self) -> Result<Lane, GpuError> {
        Lane::new(self)
    }
}

/// The name and compute capability of a card that runs the kernels.
fn capable(driver: &Driver, ordinal: usize, device: c_int) -> Result<(String, (i32, i32)), GpuError> {
    /// `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `..._MINOR`.
    const CAPABILITY: [c_int; 2] = [75, 76];
    let (mut found, mut name) = ([0; 2], [0; 256]);
    // SAFETY: all are written before they return, the name with a zero at its end, within the length given.
    let name = unsafe {
        for (value, which) in found.iter_mut().zip(CAPABILITY) {
            driver.check("cuDeviceGetAttribute", (driver.attribute)(value, which, device))?;
        }
        driver.check("cuDeviceGetName", (driver.device_name)(name.as_mut_ptr(), name.len() as c_int, device))?;
        CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned()
    };
    let found = (found[0], found[1]);
    if found < LEAST_CAPABILITY {
        return Err(GpuError::OldCard { ordinal, name, found: written(found), expected: written(LEAST_CAPABILITY) });
    }
    Ok((name, found))
}

/// A compute capability as people write it.
fn written((major, minor): (i32, i32)) -> String {
    format!("{major}.{minor}")
}

impl Card {
    /// Makes the card's context this thread's.
    fn enter(&self) -> Result<(), GpuError> {
        // SAFETY: the context is given back when the card is dropped.
        self.check("cuCtxSetCurrent", unsafe { (self.driver.make_current)(self.context) })
    }

    /// # Errors
    /// What the driver says, if not that all is well; [`GpuError::OutOfMemory`] from whichever function.
    fn check(&self, function: &'static str, code: c_int) -> Result<(), GpuError> {
        self.check_room(function, code, None)
    }

    /// As [`Card::check`] where so many bytes were asked for.
    fn check_room(&self, function: &'static str, code: c_int, asked: Option<usize>) -> Result<(), GpuError> {
        if code != OUT_OF_MEMORY {
            return self.driver.check(function, code);
        }
        let (mut free, mut total) = (0, 0);
        // SAFETY: both are written before it returns, or stay 0.
        unsafe { (self.driver.memory)(&raw mut free, &raw mut total) };
        Err(GpuError::OutOfMemory { ordinal: self.ordinal, function, asked, free })
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Driver")
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        let _ = self.enter();
        self.modules.get_mut().unwrap_or_else(PoisonError::into_inner).unload(self.driver);
        // SAFETY: no buffer or lane is left, for each holds the card.
        unsafe {
            (self.driver.release)(self.device);
        }
    }
}

impl Buffer {
    /// How its numbers are stored.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Numbers it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let card = &self.gpu.0;
        let _ = card.enter();
        // SAFETY: taken from this card and not given back before. All that is under way is waited for, because nothing
        // promises that giving back waits for streams.
        unsafe {
            (card.driver.wait_for_all)();
            (card.driver.free)(self.address);
        }
    }
}
