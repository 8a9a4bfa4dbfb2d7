//! Blocks by Intel's Advanced Matrix Extensions: tiles of 16 lines of 64 bytes, multiplied whole.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18; the kernel's permission:
//! Linux, Documentation/arch/x86/xstate.rst. Rust has no stable functions for them, so they are written as assembly.

#![allow(unsafe_code, reason = "instructions that the language has no words for: every length is checked before")]

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::cell::Cell;
use std::sync::LazyLock;

use super::super::super::aligned::LINE;
use super::super::packed::step;

/// Whether processor and system allow tiles of bf16 numbers and of bytes; asks the system's permission.
pub(super) fn is_there() -> bool {
    static THERE: LazyLock<bool> = LazyLock::new(|| has_tiles() && permitted());
    *THERE
}

fn has_tiles() -> bool {
    const BF16_TILES_INT8: u32 = 1 << 22 | 1 << 24 | 1 << 25;
    // SAFETY: every x86_64 processor answers; a leaf it does not have is not asked for. The functions became safe
    // to call after the oldest Rust this crate builds with.
    #[allow(unused_unsafe)]
    let has = unsafe { __cpuid_count(0, 0).eax >= 7 && __cpuid_count(7, 0).edx & BF16_TILES_INT8 == BF16_TILES_INT8 };
    has
}

fn permitted() -> bool {
    const REQUEST_PERMISSION: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;
    // SAFETY: the call reads its two numbers alone and changes what later instructions may do, nothing in memory.
    unsafe { libc::syscall(libc::SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 }
}

/// What LDTILECFG reads.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    bytes: [u16; 16],
    rows: [u8; 16],
}

/// All eight tiles of full size.
static FULL: Configuration = {
    let (mut bytes, mut rows) = ([0; 16], [0; 16]);
    let mut tile = 0;
    while tile < 8 {
        (bytes[tile], rows[tile]) = (LINE as u16, 16);
        tile += 1;
    }
    Configuration { palette: 1, start: 0, reserved: [0; 14], bytes, rows }
};

thread_local! {
    /// Sessions of this thread.
    static SESSIONS: Cell<usize> = const { Cell::new(0) };
}

/// Gives this thread its tiles, if it has none.
pub(super) fn configure() {
    if SESSIONS.replace(SESSIONS.get() + 1) > 0 {
        return;
    }
    // SAFETY: only called where `is_there`; reads the 64 bytes of FULL. Tiles are no part of what a compiler may keep values in unasked.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const FULL, options(nostack, preserves_flags, readonly)) }
}

/// Gives them back with the last session, so that the system need not keep them.
pub(super) fn release() {
    if SESSIONS.replace(SESSIONS.get() - 1) > 1 {
        return;
    }
    // SAFETY: touches the tiles alone.
    unsafe { asm!("tilerelease", options(nostack, preserves_flags, nomem)) }
}

/// A block of sums: both sides as many steps of two tiles, each tile 16 lines.
macro_rules! block {
    ($multiply:literal, $left:ident, $panel:ident, $out:ident, $stride:ident, $steps:expr) => {{
        let upper = $out.as_mut_ptr();
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{left} + {line}*1]",
            "tileloadd tmm6, [{panel} + {line}*1]",
            "tileloadd tmm7, [{panel} + {line}*1 + 1024]",
            concat!($multiply, " tmm0, tmm4, tmm6"),
            "tileloadd tmm5, [{left} + {line}*1 + 1024]",
            concat!($multiply, " tmm1, tmm4, tmm7"),
            concat!($multiply, " tmm2, tmm5, tmm6"),
            concat!($multiply, " tmm3, tmm5, tmm7"),
            "add {left}, 2048",
            "add {panel}, 2048",
            "dec {steps}",
            "jnz 2b",
            "tilestored [{out} + {row}*1], tmm0",
            "tilestored [{out} + {row}*1 + 64], tmm1",
            "tilestored [{lower} + {row}*1], tmm2",
            "tilestored [{lower} + {row}*1 + 64], tmm3",
            left = inout(reg) $left.as_ptr() => _,
            panel = inout(reg) $panel.as_ptr() => _,
            line = in(reg) LINE,
            steps = inout(reg) $steps => _,
            out = in(reg) upper,
            lower = in(reg) upper.add(16 * $stride),
            row = in(reg) 4 * $stride,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        )
    }};
}

/// As [`Session::halves`](super::Session::halves), on a configured thread.
pub(super) fn halves(left: &[u16], panel: &[u16], out: &mut [f32], stride: usize) {
    // SAFETY: `Session::halves` checked that both sides hold the same number of whole steps, more than none, and that
    // `out` holds 32 rows of 32 sums. The tiles are this thread's own, configured by its session.
    unsafe { block!("tdpbf16ps", left, panel, out, stride, panel.len() / step::<u16>()) }
}

/// As [`Session::bytes`](super::Session::bytes), on a configured thread.
pub(super) fn bytes(left: &[u8], panel: &[i8], out: &mut [i32], stride: usize) {
    // SAFETY: as in `halves`, checked by `Session::bytes`.
    unsafe { block!("tdpbusd", left, panel, out, stride, panel.len() / step::<i8>()) }
}
