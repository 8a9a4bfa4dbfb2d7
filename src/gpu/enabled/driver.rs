//! The driver's functions, looked up once in the library that comes with it. CUDA Driver API, version 11.8.

#![allow(unsafe_code, reason = "the driver is a C library")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::null;
use std::sync::OnceLock;

use libloading::Library;

use super::super::error::GpuError;

/// What the driver hands out: a context, a stream, a module, a function, memory of this machine.
pub(super) type Handle = *mut c_void;
/// A place in a card's memory.
pub(super) type Address = u64;

const LIBRARY: &str = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };
/// The version of CUDA whose PTX the kernels are in, as the driver writes it: 11.8.
pub(super) const LEAST_VERSION: i32 = 11_080;

/// Declares the table of functions, and how it is filled.
macro_rules! functions {
    ($($name:ident = $symbol:literal ($($argument:ty),*);)*) => {
        /// The driver's functions.
        pub(super) struct Driver {
            $(pub(super) $name: unsafe extern "C" fn($($argument),*) -> c_int,)*
            /// The functions are in it.
            _library: Library,
        }

        impl Driver {
            /// None where the library lacks one of them.
            fn of(library: Library) -> Option<Self> {
                // SAFETY: the types are those of cuda.h; the library stays open as long as the table.
                unsafe {
                    Some(Self {
                        $($name: *library.get(concat!($symbol, "\0").as_bytes()).ok()?,)*
                        _library: library,
                    })
                }
            }
        }
    };
}

functions! {
    init = "cuInit" (c_uint);
    version = "cuDriverGetVersion" (*mut c_int);
    error_name = "cuGetErrorName" (c_int, *mut *const c_char);
    count = "cuDeviceGetCount" (*mut c_int);
    device = "cuDeviceGet" (*mut c_int, c_int);
    device_name = "cuDeviceGetName" (*mut c_char, c_int, c_int);
    attribute = "cuDeviceGetAttribute" (*mut c_int, c_int, c_int);
    set_flags = "cuDevicePrimaryCtxSetFlags_v2" (c_int, c_uint);
    retain = "cuDevicePrimaryCtxRetain" (*mut Handle, c_int);
    release = "cuDevicePrimaryCtxRelease_v2" (c_int);
    make_current = "cuCtxSetCurrent" (Handle);
    wait_for_all = "cuCtxSynchronize" ();
    memory = "cuMemGetInfo_v2" (*mut usize, *mut usize);
    allocate = "cuMemAlloc_v2" (*mut Address, usize);
    free = "cuMemFree_v2" (Address);
    pin = "cuMemHostAlloc" (*mut Handle, usize, c_uint);
    unpin = "cuMemFreeHost" (Handle);
    upload = "cuMemcpyHtoDAsync_v2" (Address, *const c_void, usize, Handle);
    download = "cuMemcpyDtoHAsync_v2" (*mut c_void, Address, usize, Handle);
    fill = "cuMemsetD8Async" (Address, u8, usize, Handle);
    stream = "cuStreamCreate" (*mut Handle, c_uint);
    drop_stream = "cuStreamDestroy_v2" (Handle);
    wait = "cuStreamSynchronize" (Handle);
    load = "cuModuleLoadDataEx" (*mut Handle, *const c_void, c_uint, *mut c_int, *mut Handle);
    unload = "cuModuleUnload" (Handle);
    function = "cuModuleGetFunction" (*mut Handle, Handle, *const c_char);
    launch = "cuLaunchKernel" (
        Handle, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Handle, *mut Handle, *mut Handle
    );
}

impl Driver {
    /// The driver, begun once.
    ///
    /// # Errors
    /// [`GpuError::NoDriver`], [`GpuError::OldDriver`], [`GpuError::NoCard`], or what it fails with.
    pub(super) fn get() -> Result<&'static Self, GpuError> {
        static DRIVER: OnceLock<Result<Driver, GpuError>> = OnceLock::new();
        DRIVER.get_or_init(Self::begin).as_ref().map_err(Clone::clone)
    }

    fn begin() -> Result<Self, GpuError> {
        let missing = |error: libloading::Error| GpuError::NoDriver { library: LIBRARY, why: error.to_string() };
        // SAFETY: NVIDIA's driver, whose initialisers may run at any time.
        let library = unsafe { Library::new(LIBRARY) }.map_err(missing)?;
        let Some(driver) = Self::of(library) else { return Err(old_driver("before 11".to_owned())) };
        let mut version = 0;
        // SAFETY: written before it returns.
        driver.check("cuDriverGetVersion", unsafe { (driver.version)(&raw mut version) })?;
        if version < LEAST_VERSION {
            return Err(old_driver(written(version)));
        }
        // SAFETY: the flags must be 0.
        match unsafe { (driver.init)(0) } {
            NO_DEVICE => Err(GpuError::NoCard),
            code => driver.check("cuInit", code).map(|()| driver),
        }
    }

    /// # Errors
    /// What the driver says, if not that all is well.
    pub(super) fn check(&self, function: &'static str, code: c_int) -> Result<(), GpuError> {
        if code == 0 {
            return Ok(());
        }
        let mut name: *const c_char = null();
        // SAFETY: what is written is null or a text that lives as long as the library.
        let name = unsafe {
            (self.error_name)(code, &raw mut name);
            if name.is_null() { "unknown".to_owned() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
        };
        Err(GpuError::Driver { function, code, name })
    }
}

/// `CUDA_ERROR_NO_DEVICE`.
const NO_DEVICE: c_int = 100;
/// `CUDA_ERROR_OUT_OF_MEMORY`.
pub(super) const OUT_OF_MEMORY: c_int = 2;

fn old_driver(found: String) -> GpuError {
    GpuError::OldDriver { found, expected: written(LEAST_VERSION) }
}

/// A version of CUDA as people write it.
fn written(version: i32) -> String {
    format!("{}.{}", version / 1_000, version % 1_000 / 10)
}
