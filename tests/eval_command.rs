//! `refrain eval` as a user runs it: scores of made records, vectors of other tools, broken input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use support::{output_of, refrain, stderr, stdout};

/// A model without layers, so that texts take no time.
const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

/// A folder to work in.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.name(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// Twelve records on two subjects and one on a third, by three desks, with their vectors: two bundles and one apart.
fn records() -> (String, Vec<u8>) {
    let (mut lines, mut rows) = (String::new(), Vec::new());
    for at in 0..13_u16 {
        let (subject, label) = match at {
            12 => ("A comet was seen over the bay", "sky"),
            _ if at % 2 == 0 => ("The old bridge is closed for repairs", "bridge"),
            _ => ("The chip maker reports a record profit", "chips"),
        };
        let text = format!("{subject},\nsay {} people.", at + 3);
        let record = json!({ "id": format!("r{at}"), "text": text, "label": label, "desk": at % 3 });
        writeln!(lines, "{record}").unwrap();
        let angle = f32::from(at) * 0.01 + if at == 12 { 2.0 } else { f32::from(at % 2) * 4.0 };
        rows.push([angle.cos(), angle.sin()]);
    }
    (lines, npy(&rows, "<f4"))
}

/// NumPy's file of some rows.
fn npy(rows: &[[f32; 2]], descr: &str) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}, 2), }}\n", rows.len());
    let values = rows.iter().flatten().flat_map(|value| value.to_le_bytes());
    let head = [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
    head.into_iter().chain(values).collect()
}

fn eval(labels: &str, more: &[&str]) -> Command {
    refrain(&[&["eval", "themes", "--labels", labels], more].concat())
}

fn json_of(command: &mut Command) -> Value {
    serde_json::from_str(&stdout(command.args(["--format", "json"]))).unwrap()
}

/// What was printed, with the folder's name taken out.
fn told(desk: &Desk, text: &str) -> String {
    text.replace(&desk.name(""), "")
}

#[test]
fn themes_that_are_the_labels_score_one_and_records_in_no_theme_are_one_cluster() {
    let desk = Desk::new();
    let (lines, vectors) = records();
    let (labels, vectors) = (desk.with("own.jsonl", lines), desk.with("own.npy", vectors));
    let fields = ["--label-field", "label", "--label-field", "desk"];
    let with = [&["--vectors", &vectors, "--themes", "3", "--method", "kmeans"], fields.as_slice()].concat();
    let page = stdout(&mut eval(&labels, &with));
    insta::assert_snapshot!("eval_themes", told(&desk, &page));
    let found = json_of(&mut eval(&labels, &with));
    assert_eq!((&found["themes"]["unassigned"], &found["records"]), (&json!(1), &json!(13)));
    let scores = &found["scores"][0];
    for score in ["adjusted_mutual_information", "adjusted_rand", "v_measure", "bcubed_f1"] {
        assert_eq!(scores[score], 1.0, "{score}");
    }
    assert!(found["scores"][1]["adjusted_rand"].as_f64().unwrap() < 0.2);
    assert_eq!(found["themes"]["list"][0]["commonest"][0], json!({"field": "label", "label": "bridge", "records": 6}));
    assert_eq!(found["run"]["model"], Value::Null);
}

#[test]
fn vectors_that_were_saved_give_what_embedding_gave_at_any_number_of_threads() {
    let desk = Desk::new();
    let labels = desk.with("own.jsonl", records().0);
    let (saved, one, two) = (desk.name("saved.npy"), desk.name("one.jsonl"), desk.name("two.jsonl"));
    let first = [STATIC.as_slice(), &["--save-vectors", &saved, "--assignments", &one, "--threads", "1"]].concat();
    let first = json_of(&mut eval(&labels, &first));
    let second = ["--vectors", &saved, "--assignments", &two, "--threads", "3"];
    let second = json_of(&mut eval(&labels, &second));
    assert_eq!((&first["scores"], &first["themes"]), (&second["scores"], &second["themes"]));
    assert_eq!(first["run"]["model"], "static");
    let lines = fs::read_to_string(one).unwrap();
    assert_eq!(lines, fs::read_to_string(two).unwrap());
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["labels"]), (&json!("r0"), &json!({"label": "bridge"})));
    let assigned = lines.iter().find_map(|line| Some((line, line["number"].as_u64()? as usize))).unwrap();
    assert_eq!(assigned.0["theme"], first["themes"]["list"][assigned.1 - 1]["name"]);
    assert_eq!(lines.len(), 13);
}

#[test]
fn vectors_of_any_length_are_taken_by_their_direction() {
    let desk = Desk::new();
    let (lines, vectors) = records();
    let labels = desk.with("own.jsonl", lines);
    let values = vectors[vectors.len() - 13 * 8..].chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap()));
    let values: Vec<f32> = values.collect();
    let longer: Vec<[f32; 2]> = values.chunks(2).map(|row| [row[0] * 7.0, row[1] * 7.0]).collect();
    let (unit, longer) = (desk.with("unit.npy", vectors), desk.with("longer.npy", npy(&longer, "<f4")));
    let of = |vectors: &str| json_of(&mut eval(&labels, &["--vectors", vectors, "--themes", "3"]))["scores"].clone();
    assert_eq!(of(&unit), of(&longer));
}

#[test]
fn what_cannot_be_read_is_named_and_counted_and_strict_makes_it_fatal() {
    let desk = Desk::new();
    let more = [
        "this is no JSON",
        r#"{"id": "a", "text": "No label here."}"#,
        r#"{"id": "b", "label": "bridge"}"#,
        r#"{"id": "c", "text": "Two labels.", "label": ["bridge", "chips"]}"#,
    ];
    let labels = desk.with("own.jsonl", records().0 + &more.join("\n"));
    let run = output_of(&mut eval(&labels, &STATIC));
    assert!(run.status.success());
    insta::assert_snapshot!("eval_problems", told(&desk, &stderr(&run)));
    assert!(String::from_utf8_lossy(&run.stdout).contains("\n4 problems while reading\n"));
    let run = output_of(&mut eval(&labels, &[STATIC.as_slice(), &["--strict"]].concat()));
    assert_eq!((run.status.code(), run.stdout.is_empty()), (Some(1), true));
    assert!(stderr(&run).contains("error: 4 problems while reading, and --strict was given"), "{}", stderr(&run));
}

#[test]
fn of_a_text_that_comes_again_the_first_record_stays_and_the_page_says_so() {
    let desk = Desk::new();
    let lines = records().0;
    let labels = desk.with("own.jsonl", format!("{lines}{}", lines.replace("\"r", "\"again r")));
    let arguments = [STATIC.as_slice(), &["--drop-duplicates"]].concat();
    let page = stdout(&mut eval(&labels, &arguments));
    assert!(
        page.starts_with("13 records · ") && page.contains("\n13 records of a text seen before left out\n"),
        "{page}"
    );
    let alone = json_of(&mut eval(&desk.with("alone.jsonl", lines), &STATIC));
    let found = json_of(&mut eval(&labels, &arguments));
    assert_eq!((&found["repeated"], &found["scores"]), (&json!(13), &alone["scores"]));
}

#[test]
fn tables_have_labels_too() {
    let desk = Desk::new();
    let rows: Vec<Value> = records().0.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |row: &Value| format!("{},{},{}\n", row["text"], row["label"].as_str().unwrap(), row["desk"]);
    let table = format!("text,label,desk\n{}", rows.iter().map(row).collect::<String>().replace("\\n", "\n"));
    let of = |labels: &str| json_of(&mut eval(labels, &STATIC))["scores"].clone();
    assert_eq!(of(&desk.with("own.csv", table)), of(&desk.with("own.jsonl", records().0)));
}

#[test]
fn seeded_themes_take_part_where_they_are_named() {
    let desk = Desk::new();
    let labels = desk.with("own.jsonl", records().0);
    desk.with("themes.toml", "[[theme]]\nname = \"bridge\"\ndescription = \"The old bridge is closed for repairs.\"\n");
    let origins = |found: &Value| -> Vec<Value> {
        found["themes"]["list"].as_array().unwrap().iter().map(|theme| theme["origin"].clone()).collect()
    };
    let alone = json_of(&mut eval(&labels, &STATIC));
    assert!(!origins(&alone).contains(&json!("seeded")), "a file beside the labels is not taken by itself");
    let theme_file = desk.name("themes.toml");
    let found = json_of(&mut eval(&labels, &[STATIC.as_slice(), &["--theme-file", &theme_file]].concat()));
    assert_eq!(origins(&found)[0], "seeded");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let desk = Desk::new();
    let (lines, vectors) = records();
    let labels = desk.with("own.jsonl", &lines);
    let twice = desk.with("twice.jsonl", format!("{lines}{}", lines.replace("\"r", "\"again r")));
    let own = desk.with("own.npy", &vectors);
    let doubles = desk.with("doubles.npy", npy(&[[1.0, 0.0]], "<f8"));
    let zeros = desk.with("zeros.npy", npy(&[[0.0, 0.0]; 13], "<f4"));
    let torn = desk.with("torn.npy", &vectors[..vectors.len() - 4]);
    let few = desk.with("few.npy", npy(&[[1.0, 0.0]; 26], "<f4"));
    let (text, table) = (desk.with("a.txt", "An article."), desk.with("a.csv", "text,topic\na,b\n"));
    let seeds = desk.with("themes.toml", "[[theme]]\nname = \"a\"\ndescription = \"b\"\n");
    let cases: &[(&[&str], i32)] = &[
        (&["eval"], 2),
        (&["eval", "themes"], 2),
        (&["eval", "themes", "--labels", "no/such.jsonl"], 1),
        (&["eval", "themes", "--labels", &text, "--vectors", &own], 1),
        (&["eval", "themes", "--labels", &table, "--vectors", &own], 1),
        (&["eval", "themes", "--labels", &labels, "--label-field", "desk", "--label-field", "desk"], 2),
        (&["eval", "themes", "--labels", &labels, "--vectors", &labels], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &doubles], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &zeros], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &torn], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &few], 1),
        (&["eval", "themes", "--labels", &twice, "--drop-duplicates", "--vectors", &few], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", "no/such.npy"], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &own, "--save-vectors", "v.npy"], 2),
        (&["eval", "themes", "--labels", &labels, "--vectors", &own, "--model", STATIC[1]], 2),
        (&["eval", "themes", "--labels", &labels, "--vectors", &own, "--model", STATIC[1], "--theme-file", &seeds], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &own, "--themes", "14"], 1),
        (&["eval", "themes", "--labels", &labels, "--vectors", &own, "--assignments", "no/folder/a.jsonl"], 1),
    ];
    let mut all = String::new();
    for (arguments, code) in cases {
        let run = output_of(&mut refrain(arguments));
        assert_eq!(run.status.code(), Some(*code), "{arguments:?}: {}", stderr(&run));
        assert!(run.stdout.is_empty(), "{arguments:?}");
        let _ = writeln!(all, "$ refrain {}\n{}", arguments.join(" "), stderr(&run));
    }
    insta::assert_snapshot!("eval_refused", told(&desk, &all));
}
