//! Reads pairs of texts as JSON lines ("text1", "text2", and where known "date1", "date2") and writes each with the facts
//! that differ as "found". Scored by `benches/made_pairs.py --score`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test or bench that cannot go on stops"
)]

use std::io::{BufRead, BufWriter, Write, stdin, stdout};
use std::time::{Duration, Instant};

use refrain::coverage::Difference;
use refrain::duplicates::differences;
use serde_json::{Value, json};

fn main() {
    let (mut out, mut spent, mut pairs) = (BufWriter::new(stdout().lock()), Duration::ZERO, 0_u32);
    for line in stdin().lock().lines() {
        let mut pair: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let started = Instant::now();
        let found = differences(side(&pair, "text1", "date1"), side(&pair, "text2", "date2"));
        spent += started.elapsed();
        pairs += 1;
        pair["found"] = found.iter().map(told).collect();
        writeln!(out, "{pair}").unwrap();
    }
    eprintln!("{pairs} pairs, {:?} a pair", spent / pairs.max(1));
}

fn side<'a>(pair: &'a Value, text: &str, date: &str) -> (&'a str, Option<jiff::civil::Date>) {
    (pair[text].as_str().expect("a pair has text1 and text2"), pair[date].as_str().and_then(|date| date.parse().ok()))
}

fn told(difference: &Difference) -> Value {
    let (left, right) = (&difference.left, &difference.right);
    json!({
        "kind": difference.kind,
        "left": [left.span.start, left.span.end],
        "right": [right.span.start, right.span.end],
        "values": [left.value, right.value],
    })
}
