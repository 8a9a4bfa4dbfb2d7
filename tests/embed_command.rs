//! `refrain embed` as a user runs it: shards, lines and arrays, what they are called, and reports on them.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use parquet::file::reader::SerializedFileReader;
use parquet::record::Field;
use serde_json::Value;
use support::batch::{Desk, STATIC, fail, lines, manifest, succeed};
use support::{output_of, refrain, stderr, stdout};

#[test]
fn shards_hold_every_paragraph_once_and_are_the_same_at_any_number_of_threads() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500));
    let told = succeed(&mut desk.embed(&input, "one", &["--threads", "1"]));
    assert!(told.contains("line 100: not JSON"), "{told}");
    assert!(
        told.ends_with(
            "note: one written: 2,970 paragraphs of 1,485 articles (0 left out) in 6 shards\n"
                .replace("one", &desk.name("one"))
                .as_str()
        ),
        "{told}"
    );
    succeed(&mut desk.embed(&input, "three", &["--threads", "3"]));
    assert_eq!(desk.files("one"), desk.files("three"));
    let mut rows = 0;
    for number in 0..6 {
        let file = fs::File::open(desk.path("one").join(format!("part-{number:05}.parquet"))).unwrap();
        for row in SerializedFileReader::new(file).unwrap().into_iter() {
            let fields: BTreeMap<String, Field> =
                row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect();
            assert_eq!(fields["row"], Field::Long(rows));
            let Field::Str(id) = &fields["id"] else { panic!("{:?}", fields["id"]) };
            let (Field::Str(article), Field::Int(place)) = (&fields["article"], &fields["place"]) else { panic!() };
            assert_eq!(*id, format!("{article}/{place}"));
            let Field::ListInternal(vector) = &fields["vector"] else { panic!("{:?}", fields["vector"]) };
            let length: f32 = vector
                .elements()
                .iter()
                .map(|value| match value {
                    Field::Float(value) => value * value,
                    other => panic!("{other:?}"),
                })
                .sum();
            assert!((length - 1.0).abs() < 1e-5);
            rows += 1;
        }
    }
    assert_eq!(rows, 2_970);
}

#[test]
fn bad_lines_fill_shards_too() {
    let desk = Desk::new();
    let input = desk.with("bad.jsonl", &format!("{}{}", lines(1), "{\"body\": 1}\n".repeat(4_500)));
    succeed(&mut desk.embed(&input, "out", &[]));
    let listed = manifest(&desk.path("out"));
    let problems: Vec<u64> =
        listed["shards"].as_array().unwrap().iter().map(|shard| shard["problems"].as_u64().unwrap()).collect();
    assert_eq!(problems, [1_999, 2_000, 501]);
}

#[test]
fn problems_and_strict_are_those_of_the_texts() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(900).replace("\"a7\"", "\"a8\""));
    let table = desk.with("outlets.csv", "file,outlet\nnowhere.txt,Daily\n");
    succeed(&mut desk.embed(&input, "out", &["--outlets", &table]));
    let told = |input: &str, more: &[&str]| {
        let mut arguments = vec!["themes", input, "--format", "json"];
        arguments.extend(STATIC);
        arguments.extend(more);
        let run = output_of(&mut refrain(&arguments));
        (
            run.status.code(),
            stderr(&run),
            serde_json::from_slice::<Value>(&run.stdout).map(|page| page["problems"].clone()).ok(),
        )
    };
    let (code, said, problems) = told(&desk.name("out"), &[]);
    assert_eq!((code, said.clone(), problems.clone()), told(&input, &["--outlets", &table]));
    assert!(said.contains("1 of 1 entries name no file") && said.contains("is taken by the article at"), "{said}");
    assert_eq!(problems.unwrap().as_array().unwrap().len(), 11);
    assert_eq!(told(&desk.name("out"), &["--strict"]).0, Some(1));
    let told = fail(&mut desk.embed(&input, "out", &["--outlets", &table, "--strict"]), 1);
    assert!(told.contains("10 problems in the shards that are there, and --strict was given"), "{told}");
}

#[test]
fn strict_stops_before_the_shard_with_the_problem() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500).replacen("no JSON\n", "", 5));
    let told = fail(&mut desk.embed(&input, "out", &["--strict"]), 1);
    assert!(told.contains("line 595: not JSON") && told.contains("--strict was given"), "{told}");
    assert_eq!(manifest(&desk.path("out"))["shards"].as_array().unwrap().len(), 2);
}

#[test]
fn names_say_what_is_written() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(50));
    let told = fail(&mut desk.embed(&input, "a.parquet", &[]), 2);
    assert!(told.contains("Parquet is written as a folder of shards: name one, without an ending"), "{told}");
    let told = fail(&mut desk.embed(&input, "a.jsonl", &["--no-text"]), 2);
    assert!(told.contains("--no-text is for Parquet shards"), "{told}");
    let told = fail(&mut refrain(&["embed", &input, "--format", "parquet"]), 2);
    assert!(told.contains("name it with -o FOLDER"), "{told}");
    succeed(&mut desk.embed(&input, "plain", &["--format", "jsonl"]));
    assert!(desk.path("plain").is_file());
    succeed(&mut desk.embed(&input, "out", &[]));
    let told = fail(&mut desk.embed(&input, "plain", &[]), 2);
    assert!(told.contains("it is a file, and a name without an ending is that of a folder"), "{told}");
    // A first run that found nothing does not stand in the way of the second.
    succeed(&mut desk.embed(&input, "again", &[]));
    let told = fail(&mut desk.embed(&input, "late", &["--text-field", "body"]), 1);
    assert!(told.contains("no paragraph to work on"), "{told}");
    succeed(&mut desk.embed(&input, "late", &[]));
    assert_eq!(desk.files("late"), desk.files("again"));
    // A shard by itself is no article.
    let shard = desk.path("again").join("part-00000.parquet");
    let told = fail(&mut refrain(&["nearest", "x", shard.to_str().unwrap()]), 1);
    assert!(told.contains("a shard that refrain wrote"), "{told}");
    let told = fail(&mut refrain(&["embed", &desk.name("out")]), 2);
    assert!(told.contains("holds vectors already"), "{told}");
    let told = fail(&mut refrain(&["report", &desk.name("out"), &input]), 2);
    assert!(told.contains("expected the one kind or the other"), "{told}");
    let told = fail(&mut refrain(&["report", &desk.name("out")]), 1);
    assert!(told.contains("was embedded with the model static") && told.contains("hint: name the model"), "{told}");
}

#[test]
fn jsonl_and_npy_hold_what_the_shards_hold() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(700));
    succeed(&mut desk.embed(&input, "v.npy", &[]));
    succeed(&mut desk.embed(&input, "v.jsonl", &[]));
    let npy = fs::read(desk.path("v.npy")).unwrap();
    let rows: Vec<Value> = fs::read_to_string(desk.path("v.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(npy[10..].starts_with(
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 24), }}", rows.len()).as_bytes()
    ));
    let values: Vec<f32> =
        npy[128..].chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row["row"], at);
        let vector: Vec<f32> = serde_json::from_value(row["vector"].clone()).unwrap();
        assert_eq!(vector, values[24 * at..24 * (at + 1)]);
    }
}

#[cfg(feature = "bundled-model")]
#[test]
fn reports_on_shards_are_the_reports_on_the_texts() {
    let desk = Desk::new();
    let shards = desk.name("seeds");
    // Several shards, so that rows are counted over them.
    succeed(&mut refrain(&["embed", "seeds", "-o", &shards, "--shard-rows", "20"]));
    assert_eq!(manifest(Path::new(&shards))["shards"].as_array().unwrap().len(), 3);
    let of = |command: &str, input: &str| {
        let mut findings: Value = serde_json::from_str(&stdout(&mut refrain(&[
            command,
            input,
            "--format",
            "json",
            "--theme-file",
            "seeds/themes.toml",
        ])))
        .unwrap();
        findings["run"]["inputs"].take();
        findings
    };
    assert_eq!(of("report", &shards), of("report", "seeds"));
    let nearest =
        |input: &str| stdout(&mut refrain(&["nearest", "who pays for the chips?", input, "--format", "json"]));
    assert_eq!(nearest(&shards), nearest("seeds"));
    let halves = desk.name("halves");
    succeed(&mut refrain(&["embed", "seeds", "-o", &halves, "--vector-type", "f16"]));
    let pairs = |findings: &Value| findings["coverage"]["pairs"].as_array().unwrap().len();
    assert_eq!(pairs(&of("report", &halves)), pairs(&of("report", "seeds")));
    let without = desk.name("without");
    succeed(&mut refrain(&["embed", "seeds", "-o", &without, "--no-text"]));
    let told = fail(&mut refrain(&["report", &without]), 1);
    assert!(told.contains("written without text"), "{told}");
}
