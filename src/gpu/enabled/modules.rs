//! The kernels as PTX, which the driver finishes for its card: a module when one of its kernels is first asked for.

#![allow(unsafe_code, reason = "the driver is a C library")]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_int};
use std::ptr::null_mut;
use std::sync::PoisonError;

use super::super::error::GpuError;
use super::Card;
use super::driver::{Driver, Handle};

/// The modules' texts, each ended by a zero.
const TEXTS: [&str; 8] = [
    concat!(include_str!("../kernels/attention_f16.ptx"), "\0"),
    concat!(include_str!("../kernels/attention_bf16.ptx"), "\0"),
    concat!(include_str!("../kernels/attention_f32.ptx"), "\0"),
    concat!(include_str!("../kernels/product_f16.ptx"), "\0"),
    concat!(include_str!("../kernels/product_bf16.ptx"), "\0"),
    concat!(include_str!("../kernels/product_f32.ptx"), "\0"),
    concat!(include_str!("../kernels/rows.ptx"), "\0"),
    concat!(include_str!("../kernels/neighbours.ptx"), "\0"),
];

/// What was loaded so far.
#[derive(Debug, Default)]
pub(super) struct Modules {
    loaded: Vec<Handle>,
    kernels: BTreeMap<&'static str, Handle>,
}

impl Modules {
    /// Gives all back.
    pub(super) fn unload(&mut self, driver: &Driver) {
        for module in self.loaded.drain(..) {
            // SAFETY: loaded from this driver, in the context that is this thread's; its kernels are forgotten with it.
            unsafe { (driver.unload)(module) };
        }
        self.kernels.clear();
    }
}

impl Card {
    /// A kernel by its name. The card's context is this thread's.
    ///
    /// # Errors
    /// [`GpuError::Refused`] where the driver cannot finish it, [`GpuError::OutOfMemory`], or what else it fails with.
    pub(super) fn kernel(&self, name: &'static str) -> Result<Handle, GpuError> {
        // Held meanwhile, so that no module is finished twice.
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&kernel) = modules.kernels.get(name) {
            return Ok(kernel);
        }
        let misfit = GpuError::Misfit { kernel: name, what: "no such kernel" };
        let entry = format!(".entry {name}(");
        let text = TEXTS.into_iter().find(|text| text.contains(&entry)).ok_or(misfit.clone())?;
        self.load(text, &mut modules)?;
        modules.kernels.get(name).copied().ok_or(misfit)
    }

    /// Loads a module, and looks up its kernels.
    fn load(&self, text: &'static str, modules: &mut Modules) -> Result<(), GpuError> {
        let module = self.finished(text)?;
        modules.loaded.push(module);
        for entry in text.split(".entry ").skip(1) {
            let name = entry.split('(').next().unwrap_or_default().trim();
            let Ok(symbol) = CString::new(name) else { continue };
            let mut kernel = null_mut();
            // SAFETY: the kernel is written before it returns, and lives as long as its module.
            let code = unsafe { (self.driver.function)(&raw mut kernel, module, symbol.as_ptr()) };
            self.check("cuModuleGetFunction", code)?;
            modules.kernels.insert(name, kernel);
        }
        Ok(())
    }

    /// A module of a text that ends with a zero.
    fn finished(&self, text: &'static str) -> Result<Handle, GpuError> {
        /// `CU_JIT_ERROR_LOG_BUFFER` and `CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES`, whose value stands for a pointer.
        const ERROR_LOG: [c_int; 2] = [5, 6];
        const ROOM: usize = 4_096;
        let (mut module, mut options, mut log) = (null_mut(), ERROR_LOG, [0_u8; ROOM]);
        let mut values: [Handle; 2] = [log.as_mut_ptr().cast(), std::ptr::without_provenance_mut(ROOM)];
        // SAFETY: the text ends with a zero; there are two options and as many values; the log has as much room as it
        // says; the module is written before it returns.
        let code = unsafe {
            let (options, values) = (options.as_mut_ptr(), values.as_mut_ptr());
            (self.driver.load)(&raw mut module, text.as_ptr().cast(), ERROR_LOG.len() as u32, options, values)
        };
        match self.check("cuModuleLoadDataEx", code) {
            Ok(()) => Ok(module),
            Err(GpuError::Driver { code, name, .. }) => {
                let ordinal = self.ordinal;
                Err(GpuError::Refused { ordinal, code, name, likely: likely(code), log: written(&log) })
            }
            Err(other) => Err(other),
        }
    }
}

/// What most likely keeps a driver from finishing the kernels, after its own word for it.
fn likely(code: c_int) -> &'static str {
    match code {
        221 => {
            ": libnvidia-ptxjitcompiler.so.1, which comes with the driver, is missing (in a container it is mounted with it)"
        }
        222 => ": the driver is too old for the kernels, expected 520 or later",
        _ => "",
    }
}

/// A log that the driver wrote, in one line, after what was said before; empty where it wrote none.
fn written(log: &[u8]) -> String {
    let text = CStr::from_bytes_until_nul(log).unwrap_or_default().to_string_lossy();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { String::new() } else { format!("; {}", lines.join("; ")) }
}
