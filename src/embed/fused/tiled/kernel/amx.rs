//! Blocks by Intel's Advanced Matrix Extensions: tiles of 16 lines of 64 bytes, multiplied whole.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18; the kernel's permission:
//! Linux, Documentation/arch/x86/xstate.rst. Rust has no stable functions for them, so they are written as assembly.

#![allow(unsafe_code, reason = "instructions that the language has no words for: every length is checked before")]

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::cell::Cell;

use super::super::halves::{BLOCK, LINE};
use super::super::packed::STEP;
use super::Sums;

/// Bytes of a line of a tile.
const LINE_BYTES: usize = 2 * LINE;

/// Whether processor and system allow it; asks the system's permission.
pub(super) fn is_there() -> bool {
    const REQUEST_PERMISSION: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;
    const BF16_AND_TILES: u32 = 1 << 22 | 1 << 24;
    // SAFETY: every x86_64 processor answers; a leaf it does not have is not asked for. The functions became safe
    // to call after the oldest Rust this crate builds with.
    #[allow(unused_unsafe)]
    let has = unsafe { __cpuid_count(0, 0).eax >= 7 && __cpuid_count(7, 0).edx & BF16_AND_TILES == BF16_AND_TILES };
    has
        // SAFETY: the call reads its two numbers alone and changes what later instructions may do, nothing in memory.
        && unsafe { libc::syscall(libc::SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 }
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
        (bytes[tile], rows[tile]) = (LINE_BYTES as u16, 16);
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

/// As [`Session::block`](super::Session::block), on a configured thread.
pub(super) fn block(left: &[u16], stride: usize, panel: &[u16], sums: &mut Sums) {
    let steps = panel.len() / STEP;
    if steps == 0 {
        return sums.fill(0.0);
    }
    let row = 2 * stride;
    let (upper, out) = (left.as_ptr(), sums.as_mut_ptr());
    // SAFETY: `Session::block` checked that `left` holds 32 rows of `steps` lines; `panel` holds `steps` steps of two
    // tiles, `sums` 32 rows of 128 bytes. The tiles are this thread's own, configured by its session.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{upper} + {row}*1]",
            "tileloadd tmm6, [{panel} + {line}*1]",
            "tileloadd tmm7, [{panel} + {line}*1 + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tileloadd tmm5, [{lower} + {row}*1]",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {upper}, 64",
            "add {lower}, 64",
            "add {panel}, 2048",
            "dec {steps}",
            "jnz 2b",
            "tilestored [{out} + {out_row}*1], tmm0",
            "tilestored [{out} + {out_row}*1 + 64], tmm1",
            "tilestored [{out_lower} + {out_row}*1], tmm2",
            "tilestored [{out_lower} + {out_row}*1 + 64], tmm3",
            upper = inout(reg) upper => _,
            lower = inout(reg) upper.wrapping_byte_add(16 * row) => _,
            row = in(reg) row,
            panel = inout(reg) panel.as_ptr() => _,
            line = in(reg) LINE_BYTES,
            steps = inout(reg) steps => _,
            out = in(reg) out,
            out_lower = in(reg) out.wrapping_byte_add(16 * 4 * BLOCK),
            out_row = in(reg) 4 * BLOCK,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
