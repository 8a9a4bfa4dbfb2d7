//! Texts to vectors: the sample corpus' paragraphs, 384 components, by the bundled model.
//!
//! `cargo bench --bench embed`. Every run first checks that the fused path gives the plain path's vectors.
//! `peers.py` measures sentence-transformers on the same paragraphs.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;

use candle_core::Device;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rayon::{ThreadPool, ThreadPoolBuilder};
use refrain::corpus::{ReadOptions, read};
use refrain::embed::{Encoder, Precision, bundled};

/// The paragraphs of `seeds/`.
fn paragraphs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let paragraphs = read(&files, &ReadOptions::default()).unwrap().paragraphs;
    paragraphs.into_iter().map(|paragraph| paragraph.text).collect()
}

/// As long as questions to a library are.
const QUESTION: &str = "Did OpenAI sign a deal with Amazon for computing power?";

fn threads(count: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(count).build().unwrap()
}

/// The largest difference in one component.
fn apart(left: &Encoder, right: &Encoder, texts: &[String]) -> f32 {
    let [left, right] = [left, right].map(|encoder| encoder.embed(texts, &|_| {}).unwrap().vectors);
    left.view().iter().zip(right.view()).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

fn embed(criterion: &mut Criterion) {
    let texts = paragraphs();
    let fused = Encoder::load(bundled::folder().unwrap(), &Device::Cpu).unwrap();
    let plain = Encoder::load_plain(bundled::folder().unwrap(), &Device::Cpu).unwrap();
    assert!(apart(&fused, &plain, &texts) < 1e-5);
    // None where the processor does not multiply them.
    let narrow = [("bf16", Precision::Bf16, 3e-3), ("int8", Precision::Int8, 3e-2)].map(|(name, precision, most)| {
        let encoder = Encoder::load_at(bundled::folder().unwrap(), &Device::Cpu, precision).ok()?;
        assert!(apart(&fused, &encoder, &texts) < most, "{name}");
        Some((name, encoder))
    });
    let mut group = criterion.benchmark_group("embed");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("tokenise, 1 thread", |bencher| {
        bencher.iter(|| texts.iter().map(|text| fused.token_ids(text).unwrap()[0].len()).sum::<usize>());
    });
    let narrow = narrow.iter().flatten().map(|(name, encoder)| (*name, encoder));
    for (name, encoder) in [("f32", &fused), ("candle", &plain)].into_iter().chain(narrow.clone()) {
        for count in [1, 2] {
            let pool = threads(count);
            group.bench_function(format!("{name}, {count} thread(s)"), |bencher| {
                bencher.iter(|| pool.install(|| encoder.embed(&texts, &|_| {})).unwrap());
            });
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("one question");
    for (name, encoder) in [("f32", &fused), ("candle", &plain)].into_iter().chain(narrow) {
        for count in [1, 2] {
            let pool = threads(count);
            group.bench_function(format!("{name}, {count} thread(s)"), |bencher| {
                bencher.iter(|| pool.install(|| encoder.embed_query(QUESTION)).unwrap());
            });
        }
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    group.bench_function("fused", |bencher| {
        bencher.iter(|| Encoder::load(bundled::folder().unwrap(), &Device::Cpu).unwrap());
    });
    group.finish();
}

/// One sentence, from the start of the process to its vector.
fn cold(criterion: &mut Criterion) {
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(file.path(), "OpenAI signs a deal with Amazon for computing power.").unwrap();
    let mut group = criterion.benchmark_group("cold start");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    for precision in ["f32", "bf16", "int8"] {
        let run = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
            command.arg("embed").arg(file.path()).args(["--precision", precision]);
            command.output().unwrap()
        };
        if !run().status.success() {
            println!("left out: no {precision} on this processor");
            continue;
        }
        group.bench_function(precision, |bencher| bencher.iter(run));
    }
    group.finish();
}

criterion_group!(benches, embed, load, cold);
criterion_main!(benches);
