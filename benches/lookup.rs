//! How fast questions are answered, and how many of the true nearest are found. `benches/lookup.py` runs this beside faiss.
//!
//! `cargo bench --bench lookup -- vectors ROWS.f32 ASKED.f32 DIM` searches vectors: scanning them as they are, rounded to 8
//! bits, and in cells; every exact answer is held against the definition's. `... library NEWS.refrain QUESTIONS.txt` answers
//! whole questions, one a line: embedded, looked up, explained. JSON on standard output; milliseconds.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use std::path::Path;
use std::time::Instant;

use refrain::embed::{DeviceChoice, Encoder, Precision, bundled, open_device};
use refrain::library::{Library, Wanted};
use refrain::lookup::{Ask, Cells, Compact, Filter, Question, Shelved, Text, Tokeniser, Weights, search, search_plain};
use refrain::nearest::{Mode, Scored};
use refrain::vectors::UnitRows;
use serde_json::{Value, json};

const K: usize = 10;
/// Questions whose exact answers are held against the definition's.
const CHECKED: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["vectors", rows, asked, dim] => vectors(&read(rows, dim), &read(asked, dim)),
        ["library", library, questions] => library_of(library, questions),
        // `cargo bench` without a mode has nothing to measure here.
        _ => println!("lookup: run by benches/lookup.py"),
    }
}

fn read(path: &str, dim: &str) -> UnitRows {
    let bytes = std::fs::read(path).unwrap();
    let values = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    UnitRows::from_flat(values, dim.parse().unwrap()).unwrap()
}

fn vectors(rows: &UnitRows, asked: &UnitRows) {
    let weights = Weights::default();
    let asked: Vec<Vec<f32>> = (0..asked.len()).map(|row| asked.row(row).to_vec()).collect();
    for vector in asked.iter().take(CHECKED) {
        let plain = search_plain(&near(vector, &weights), rows, None);
        assert_eq!(search(&near(vector, &weights), rows, None, None), plain);
    }
    let (scan, exact) = each(&asked, |vector| search(&near(vector, &weights), rows, None, None));
    let (compact, rounding) = timed(|| Compact::of(rows));
    let (rounded, same) = each(&asked, |vector| search(&near(vector, &weights), rows, Some(&compact), None));
    assert_eq!(same, exact);
    let bytes = compact.bytes();
    drop(compact);
    let (made, making) = timed(|| Cells::of(rows));
    let (probes, sampled) = (made.probes, made.recall);
    let (shelved, shelving) = timed(|| made.shelved(rows));
    let (cells, found) = each(&asked, |vector| shelved.search(&near(vector, &weights), rows, None));
    let found = json!({
        "rows": rows.len(), "dim": rows.dim(), "questions": asked.len(), "k": K,
        "scan": scan, "rounded": rounded, "rounded_bytes": bytes, "rounding_s": rounding / 1e3,
        "cells": cells, "cells_recall": recall(&exact, &found), "cells_sampled_recall": sampled, "cells_probed": probes,
        "cells_made_s": making / 1e3, "cells_shelved_s": shelving / 1e3,
    });
    println!("{found:#}");
}

fn near<'a>(vector: &'a [f32], weights: &'a Weights) -> Question<'a> {
    Question { mode: Mode::Semantic, vector, weights, k: K }
}

fn recall(exact: &[Vec<Scored>], found: &[Vec<Scored>]) -> f64 {
    let hit = |(exact, found): (&Vec<Scored>, &Vec<Scored>)| {
        exact.iter().filter(|near| found.iter().any(|other| other.row == near.row)).count()
    };
    let hits: usize = exact.iter().zip(found).map(hit).sum();
    hits as f64 / exact.iter().map(Vec::len).sum::<usize>() as f64
}

fn library_of(path: &str, questions: &str) {
    let questions = std::fs::read_to_string(questions).unwrap();
    let questions: Vec<&str> = questions.lines().collect();
    let library = Library::open_to_read(Path::new(path)).unwrap();
    let encoder = |precision: Precision| {
        let device = open_device(&DeviceChoice::Cpu).unwrap();
        Encoder::load_on(bundled::folder().unwrap(), &device, precision).unwrap().for_lookup()
    };
    // Which is only the library's model if that is the bundled one: what it takes is the same for all of its size.
    let plain = encoder(Precision::F32);
    let encoder = encoder(library.made_by().precision.split(' ').next().unwrap().parse().unwrap());
    let (mut shelf, loading) = timed(|| library.shelf(Wanted { vectors: true, words: true }).unwrap());
    // The first time, cells are made and kept beside a library that is large enough for them.
    let ((), making) = timed(|| library.warm(&mut shelf, &|_| ()).unwrap());
    let ((), warming) = timed(|| library.warm(&mut shelf, &|_| ()).unwrap());
    let (tokeniser, filter) = (Tokeniser::new().unwrap(), Filter::default());
    let answer = |question: &&str, mode: Mode, elsewhere: bool| {
        let vector = mode.by_meaning().then(|| encoder.embed_query(question).unwrap().row(0).to_vec());
        let text = Text { text: question, date: None };
        let ask = Ask { text, vector: vector.as_deref(), mode, k: K, filter: &filter, elsewhere };
        library.answer(&shelf, &tokeniser, &ask).unwrap().unwrap()
    };
    let mut found = json!({
        "precision": encoder.precision(), "rows": shelf.ids.len(), "questions": questions.len(), "k": K, "loading": loading, "warming_first": making, "warming": warming,
        "cells_sampled_recall": shelf.stock.cells.as_ref().map(Shelved::recall),
    });
    for mode in Mode::ALL {
        // The first time round the words are read from the file.
        found[format!("{}_first", mode.name())] = each(&questions, |question| answer(question, mode, false)).0;
        found[mode.name()] = each(&questions, |question| answer(question, mode, false)).0;
    }
    found["hybrid_elsewhere"] = each(&questions, |question| answer(question, Mode::Hybrid, true)).0;
    found["embedding"] = each(&questions, |question| encoder.embed_query(question).unwrap()).0;
    found["embedding_f32"] = each(&questions, |question| plain.embed_query(question).unwrap()).0;
    println!("{found:#}");
}

/// Answers each question; the times one by one, in milliseconds: their median, the 99th of a hundred, and the mean.
fn each<Q, A>(questions: &[Q], mut answer: impl FnMut(&Q) -> A) -> (Value, Vec<A>) {
    let (answers, mut times): (Vec<A>, Vec<f64>) = questions.iter().map(|question| timed(|| answer(question))).unzip();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    (json!({ "p50": at(0.5), "p99": at(0.99), "mean": mean }), answers)
}

fn timed<A>(work: impl FnOnce() -> A) -> (A, f64) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed().as_secs_f64() * 1e3)
}
