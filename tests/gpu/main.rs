//! Cards: the kernels by themselves, models on them, and what is said where there is none.
//!
//! Runs on whatever driver there is: NVIDIA's, or the emulated one where LD_LIBRARY_PATH names the folder that
//! `tests/gpu/driver/build.sh` filled. Without either the tests that need a card say so and pass.

#![cfg(feature = "cuda")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on stops; one that is skipped says so"
)]

mod command;
mod encoder;
mod kernels;
mod neighbours;

use refrain::gpu::{Gpu, Kind, narrowed, widened};

/// The first card; none, said aloud, where there is none.
fn card() -> Option<Gpu> {
    Gpu::open(0).inspect_err(|error| eprintln!("skipped: {error}")).ok()
}

/// Numbers between -1 and 1 that look random and are the same in every run.
fn numbers(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / 2_147_483_648.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Numbers as a card holds them.
fn rounded(kind: Kind, values: &[f32]) -> Vec<f32> {
    if kind == Kind::F32 { values.to_vec() } else { widened(kind, &narrowed(kind, values)) }
}
