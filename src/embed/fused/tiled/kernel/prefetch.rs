//! Memory that will be read soon.

#![allow(unsafe_code, reason = "a prefetch takes a pointer: it is one into a slice")]

use super::super::super::aligned::{LINE, per_line};

/// Asks for the first, second, ... of so many parts of values. Nothing happens on processors without a word for it.
#[inline]
pub(in super::super) fn prefetch<T>(values: &[T], (part, parts): (usize, usize)) {
    let lines = (values.len() / per_line::<T>()).div_ceil(parts.max(1));
    for line in values.chunks(per_line::<T>()).skip(part * lines).take(lines) {
        debug_assert!(size_of_val(line) <= LINE);
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the pointer is a slice's own; a prefetch reads nothing a program can see.
        unsafe {
            std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}
