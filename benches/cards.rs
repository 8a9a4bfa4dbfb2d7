//! Neighbours and centroids on an NVIDIA card: `cargo build --release --bench cards --features cuda`, carried to a machine
//! with one, and run as `cards ROWS CENTROIDS`. `gpu.py` runs it beside its peers, with a file of the same rows for both.
//!
//! Rows of 384 components: as many as are named, made, or those of a `.npy` file of 32-bit floats. Every answer is first
//! held against the CPU's definition on some of its queries. Times are from this machine's memory and back.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::time::Instant;

use ndarray::Array2;
use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use refrain::gpu::Gpu;
use refrain::neighbours::cards::{Rule, assign_on, assign_plain, nearest_on};
use refrain::neighbours::exact::nearest_plain;
use refrain::vectors::UnitRows;

const DIM: usize = 384;
/// Queries that are held against the definition.
const CHECKED: usize = 64;

/// The rows of a file of numpy's, version 1: after the header, whose length stands at byte 8.
fn read(file: &str) -> UnitRows {
    let bytes = std::fs::read(file).unwrap();
    let values = &bytes[10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))..];
    let floats: Vec<f32> = values.as_chunks::<4>().0.iter().map(|&bits| f32::from_le_bytes(bits)).collect();
    UnitRows::normalized(Array2::from_shape_vec((floats.len() / DIM, DIM), floats).unwrap()).unwrap()
}

/// Rows about as near to each other as paragraphs of news: a direction they share, and what is their own.
fn rows(count: usize) -> UnitRows {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(42);
    let mut one = || (0..4).map(|_| random.next_u32() as f32 / u32::MAX as f32 - 0.5).sum::<f32>();
    UnitRows::normalized(Array2::from_shape_simple_fn((count, DIM), || 0.15 + one())).unwrap()
}

fn main() {
    // `cargo bench` and `cargo test` add flags of their own.
    let given: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    // Under `cargo test --benches` and `cargo bench` there may be no card: then it is only said.
    let gpu = match Gpu::open(0) {
        Ok(gpu) => gpu,
        Err(error) => return eprintln!("skipped: {error}"),
    };
    let rows = match given.first() {
        Some(file) if file.ends_with(".npy") => read(file),
        count => rows(count.map_or(2_000, |count| count.parse().unwrap())),
    };
    let (count, centroids) = (rows.len(), given.get(1).map_or(50, |centroids| centroids.parse().unwrap()));
    let few = rows.select(&(0..CHECKED.min(count)).collect::<Vec<_>>());
    assert_eq!(nearest_on(&gpu, (&few, &rows), 10, Rule::Any).unwrap(), nearest_plain(&few, &rows, 10, &|_, _| true));
    let centres = rows.view().slice_move(ndarray::s![..centroids.min(count), ..]);
    assert_eq!(assign_on(&gpu, &few, centres).unwrap(), assign_plain(&few, centres));
    // The second of each, when memory was asked for once.
    for turn in 0..2 {
        let begun = Instant::now();
        let found = nearest_on(&gpu, (&rows, &rows), 10, Rule::OtherRow).unwrap();
        println!("{turn}: 10 nearest of {} x {DIM}: {:.3} s", found.len(), begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        let found = assign_on(&gpu, &rows, centres).unwrap();
        println!(
            "{turn}: nearest of {centroids} centroids, {} rows: {:.3} s",
            found.len(),
            begun.elapsed().as_secs_f64()
        );
    }
}
