//! A batch without its model: reading and splitting, writing a shard, reading it back. 32,768 paragraphs of the sample
//! corpus, each with its number, 384 components.
//!
//! `cargo bench --bench shards`. What is read back is first held against what was written.

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use refrain::corpus::{Item, Mark, ReadOptions, Stream, read};
use refrain::model::ModelMark;
use refrain::shards::{Folder, Opened, Settings, Shard, VectorType};
use refrain::vectors::UnitRows;

const ROWS: usize = 32_768;
const DIM: usize = 384;

fn settings(vectors: VectorType) -> Settings {
    let (name, crc32, prompt) = ("all-MiniLM-L6-v2".to_owned(), "0".to_owned(), String::new());
    Settings {
        version: "0".to_owned(),
        model: ModelMark { name, crc32, dim: DIM, max_tokens: Some(256), prompt },
        device: "cpu".to_owned(),
        precision: "f32".to_owned(),
        vectors,
        text: true,
        shard_rows: ROWS,
        inputs: vec!["bench".to_owned()],
        input_bytes: None,
        reading: Vec::new(),
    }
}

/// JSON lines of one paragraph each.
fn corpus(folder: &Path) -> PathBuf {
    let seeds = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let texts: Vec<String> =
        read(&[seeds], &ReadOptions::default()).unwrap().paragraphs.into_iter().map(|own| own.text).collect();
    let line = |at: usize| {
        let text = format!("{at}: {}", texts[at % texts.len()]);
        format!(
            "{}\n",
            serde_json::json!({ "id": format!("article {at}"), "outlet": format!("outlet {}", at % 50), "text": text })
        )
    };
    let path = folder.join("all.jsonl");
    std::fs::write(&path, (0..ROWS).map(line).collect::<String>()).unwrap();
    path
}

fn items(stream: &Stream) -> Vec<Item> {
    let mut items = Vec::new();
    stream.read(std::io::empty(), &mut |portion| {
        items.extend(stream.split(portion).into_iter().map(|(item, _)| item));
        true
    });
    items
}

fn write(folder: &Path, shard: &Shard, vectors: VectorType) {
    let mut folder = Folder::open(folder, settings(vectors)).unwrap();
    folder.add(shard).unwrap();
    folder.finish().unwrap();
}

fn shards(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let stream = Stream::open(&[corpus(folder.path())], ReadOptions::default()).unwrap();
    let items = items(&stream);
    let values = ndarray::Array2::from_shape_fn((ROWS, DIM), |(row, at)| ((row * 31 + at * 7) as f32).sin());
    let vectors = UnitRows::normalized(values).unwrap();
    let shard = Shard { number: 0, first_row: 0, items, vectors, windowed: 0, mark: Mark::default() };
    let whole = folder.path().join("whole");
    write(&whole, &shard, VectorType::F32);
    let loaded = Opened::open(std::slice::from_ref(&whole)).unwrap().load().unwrap();
    assert!(loaded.vectors == shard.vectors && loaded.items.len() == shard.items.len());
    let mut group = criterion.benchmark_group("a shard of 32,768 paragraphs");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    group.bench_function("read and split", |b| b.iter(|| self::items(&stream)));
    for (name, vectors) in [("write f32", VectorType::F32), ("write f16", VectorType::F16)] {
        let fresh = || tempfile::tempdir_in(folder.path()).unwrap();
        group.bench_function(name, |b| {
            b.iter_batched(fresh, |fresh| write(fresh.path(), &shard, vectors), BatchSize::PerIteration)
        });
    }
    group.bench_function("load", |b| b.iter(|| Opened::open(std::slice::from_ref(&whole)).unwrap().load().unwrap()));
    group.finish();
}

criterion_group!(benches, shards);
criterion_main!(benches);
