//! The rooms after the encoder, on real paragraphs: neighbours, themes, near-duplicates, report.
//!
//! `cargo bench --bench rooms`. Sizes beyond the sample corpus repeat its paragraphs under other outlets with a
//! word changed, so that the work per paragraph stays what it is. Every bench checks its answer once before it is timed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use refrain::collection::Collection;
use refrain::corpus::{self, ReadOptions};
use refrain::embed::{Encoder, bundled};
use refrain::findings::Findings;
use refrain::neighbours::exact::{nearest, nearest_plain};
use refrain::pipeline::{self, Corpus, Engine, Plan};
use refrain::themes::{self, SeedVectors, ThemeSeeds};
use refrain::vectors::UnitRows;
use refrain::{duplicates, report};

/// What the benches work on, made once.
struct Sample {
    collection: Collection,
    encoder: Encoder,
    vectors: UnitRows,
}

impl Sample {
    fn read() -> Self {
        let seeds = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds");
        let collection = corpus::read(&[seeds], &ReadOptions::default()).unwrap();
        let encoder = Encoder::load(bundled::folder().unwrap(), &candle_core::Device::Cpu).unwrap();
        let texts: Vec<&str> = (0..collection.len()).map(|row| collection.text(row)).collect();
        let vectors = encoder.embed(&texts, &|_| ()).unwrap().vectors;
        Self { collection, encoder, vectors }
    }

    /// The vectors of `n` rows: the sample's, each copy turned a little so that no two are the same.
    fn many(&self, n: usize) -> UnitRows {
        let rows = ndarray::Array2::from_shape_fn((n, self.vectors.dim()), |(row, at)| {
            let copy = row / self.vectors.len();
            self.vectors.row(row % self.vectors.len())[at] + 0.02 * ((copy * 31 + at * 7) as f32).sin()
        });
        UnitRows::normalized(rows).unwrap()
    }

    fn findings(&self) -> Findings {
        let plan = Plan {
            themes: Some((ThemeSeeds::default(), themes::Options::default())),
            duplicates: Some(duplicates::Options::default()),
            recurring_from: 3,
            map: false,
        };
        let engine = Engine { encoder: &self.encoder, device: "cpu" };
        let (collection, inputs) = (self.collection.clone(), vec!["seeds".to_owned()]);
        pipeline::run(engine, Corpus { collection, embedded: None, inputs }, &plan, &()).unwrap()
    }
}

fn neighbours(criterion: &mut Criterion, sample: &Sample) {
    let mut group = criterion.benchmark_group("neighbours, 10 nearest of each");
    for n in [1_000, 10_000] {
        let rows = sample.many(n);
        let few = rows.select(&(0..50).collect::<Vec<_>>());
        let agree = |query: usize, row: usize| query != row;
        let (fast, plain) = (nearest(&few, &rows, 10, &agree), nearest_plain(&few, &rows, 10, &agree));
        assert!(fast.iter().zip(&plain).all(|(a, b)| (a[9].cosine - b[9].cosine).abs() < 1e-5));
        group.throughput(Throughput::Elements(n as u64));
        group
            .bench_function(BenchmarkId::new("blocks", n), |b| b.iter(|| nearest(black_box(&rows), &rows, 10, &agree)));
        if n == 1_000 {
            group.bench_function(BenchmarkId::new("plain", n), |b| {
                b.iter(|| nearest_plain(black_box(&rows), &rows, 10, &agree))
            });
        }
    }
    group.finish();
}

fn discovered_themes(criterion: &mut Criterion, sample: &Sample) {
    let find = |discovered| {
        let (seeds, none) = (ThemeSeeds::default(), SeedVectors::none(sample.vectors.dim()));
        let options = themes::Options { discovered, ..themes::Options::default() };
        themes::find(&sample.collection, &sample.vectors, (&seeds, &none), options).unwrap()
    };
    assert_eq!(find(Some(6)).themes.len(), 6);
    let mut group = criterion.benchmark_group("themes of the sample corpus");
    group.bench_function("6 asked for", |b| b.iter(|| find(black_box(Some(6)))));
    group.bench_function("number found", |b| b.iter(|| find(black_box(None))));
    group.finish();
}

fn near_duplicates(criterion: &mut Criterion, sample: &Sample) {
    let collection = &sample.collection;
    let outlets = collection.row_outlets();
    let mut near: Vec<(usize, usize)> = nearest(&sample.vectors, &sample.vectors, 10, &|a, b| outlets[a] != outlets[b])
        .iter()
        .enumerate()
        .flat_map(|(row, found)| found.iter().map(move |near| (row.min(near.row), row.max(near.row))))
        .collect();
    near.sort_unstable();
    near.dedup();
    let candidates = duplicates::candidates(collection, &near).unwrap();
    let texts: Vec<&str> = candidates.texts(collection).collect();
    let statements = sample.encoder.embed(&texts, &|_| ()).unwrap().vectors;
    let options = duplicates::Options::default();
    let find = || duplicates::find(collection, &sample.vectors, &candidates, &statements, &options).unwrap();
    assert!(!find().groups.is_empty());
    let mut group = criterion.benchmark_group("near-duplicates of the sample corpus");
    group.bench_function("candidates", |b| b.iter(|| duplicates::candidates(black_box(collection), &near).unwrap()));
    group.bench_function("align, grade and group", |b| b.iter(find));
    group.finish();
}

fn pages(criterion: &mut Criterion, sample: &Sample) {
    let findings = sample.findings();
    let mut group = criterion.benchmark_group("report of the sample corpus");
    let page = report::Page::default();
    group.bench_function("terminal", |b| {
        b.iter(|| report::terminal(black_box(&findings), &page, &mut Vec::new()).unwrap())
    });
    group.bench_function("json", |b| b.iter(|| report::json(black_box(&findings), &mut Vec::new()).unwrap()));
    group.finish();
}

fn rooms(criterion: &mut Criterion) {
    let sample = Sample::read();
    neighbours(criterion, &sample);
    discovered_themes(criterion, &sample);
    near_duplicates(criterion, &sample);
    pages(criterion, &sample);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = rooms
}
criterion_main!(benches);
