//! `refrain themes` as a user runs it: what steers it, names by a command, the order of the input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use support::{output_of, refrain, stderr, stdout};

/// A model without layers, so that texts take no time.
const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

fn themes(input: &str, more: &[&str]) -> Value {
    serde_json::from_str(&stdout(&mut refrain(&[&["themes", input, "--format", "json"], more].concat()))).unwrap()
}

/// A line for each of many paragraphs on four subjects.
fn lines() -> Vec<String> {
    let subjects = [
        ("the old bridge is closed for repairs", ["north", "south", "steel", "toll", "river", "lanes"]),
        ("the chip maker reports a record profit", ["quarter", "shares", "forecast", "plants", "orders", "demand"]),
        ("the storm flooded streets along the coast", ["rain", "wind", "boats", "harbour", "damage", "rescue"]),
        ("the striker scored twice in the final", ["goal", "team", "coach", "fans", "stadium", "season"]),
    ];
    let of_subject = |(subject, words): &(&str, [&str; 6])| {
        let pairs = (0..6).flat_map(|a| (0..6).filter(move |b| *b != a).map(move |b| (words[a], words[b])));
        pairs.take(24).map(|(a, b)| format!("Yesterday {subject}, say people who know the {a} and the {b}.")).collect()
    };
    let texts: Vec<String> = subjects.iter().flat_map(|subject| -> Vec<String> { of_subject(subject) }).collect();
    let line = |(at, text): (usize, &String)| json!({"id": format!("a{at}"), "outlet": "o", "text": text}).to_string();
    texts.iter().enumerate().map(line).collect()
}

/// The themes as sets of article ids.
fn partition(found: &Value) -> BTreeSet<BTreeSet<String>> {
    let article = |row: &Value| {
        found["paragraphs"][row["row"].as_u64().unwrap() as usize]["article"].as_str().unwrap().to_owned()
    };
    let list = found["themes"]["list"].as_array().unwrap();
    list.iter().map(|theme| theme["members"].as_array().unwrap().iter().map(article).collect()).collect()
}

#[test]
fn subjects_are_found_in_any_order_of_the_input_and_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let lines = lines();
    let turned: Vec<&String> = (0..lines.len()).map(|at| &lines[(at * 37 + 11) % lines.len()]).collect();
    let joined = |lines: &[&String]| {
        lines.iter().fold(String::new(), |mut all, line| {
            writeln!(all, "{line}").unwrap();
            all
        })
    };
    fs::write(path("plain.jsonl"), joined(&lines.iter().collect::<Vec<_>>())).unwrap();
    fs::write(path("turned.jsonl"), joined(&turned)).unwrap();
    let plain = themes(&path("plain.jsonl"), &["--threads", "1"]);
    let found = partition(&plain);
    assert_eq!(found.len(), 4, "{}", plain["themes"]["method"]);
    assert!(found.iter().all(|theme| theme.len() == 24));
    assert_eq!(partition(&themes(&path("turned.jsonl"), &[])), found);
    assert_eq!(themes(&path("plain.jsonl"), &["--threads", "3"]), plain);
    let some = plain["themes"]["list"].as_array().unwrap();
    assert!(some.iter().all(|theme| theme["trust"].as_f64().unwrap() > 0.8), "{some:?}");
    assert!(some.iter().all(|theme| theme["exemplars"].as_array().unwrap().len() == 3));
    for (granularity, expected) in [("coarse", 1..5), ("fine", 5..40)] {
        let found =
            themes(&path("plain.jsonl"), &["--granularity", granularity])["themes"]["list"].as_array().unwrap().len();
        assert!(expected.contains(&found), "{granularity}: {found}");
    }
    for method in ["kmeans", "gmm", "dbscan", "optics"] {
        let found = themes(&path("plain.jsonl"), &["--method", method]);
        assert!(!found["themes"]["list"].as_array().unwrap().is_empty(), "{method}");
    }
}

#[test]
fn flags_that_would_be_without_effect_are_refused() {
    for (flags, expected) in [
        (&["--method", "kmeans", "--granularity", "fine"][..], "--granularity is for --method graph"),
        (&["--tolerance", "0.5"], "--tolerance is for --method dbscan and optics"),
        (&["--method", "optics", "--themes", "3"], "--themes is for --method graph, kmeans and gmm"),
        (&["--no-seeded", "--only-seeded"], "cannot be used with"),
        (&["--only-seeded", "--method", "gmm"], "cannot be used with"),
    ] {
        let run = output_of(&mut refrain(&[&["themes", "seeds"], flags].concat()));
        assert_eq!(run.status.code(), Some(2), "{flags:?}");
        assert!(stderr(&run).contains(expected), "{flags:?}: {}", stderr(&run));
    }
}

#[test]
fn a_command_names_themes_and_one_that_fails_leaves_their_own() {
    let names = |found: &Value| -> Vec<String> {
        let list = found["themes"]["list"].as_array().unwrap().iter();
        list.map(|theme| theme["name"].as_str().unwrap().to_owned()).collect()
    };
    let run = |command: &str, more: &[&str]| {
        let arguments = ["themes", "seeds", "--no-seeded", "--themes", "2", "--format", "json", "--namer", command];
        output_of(&mut refrain(&[&arguments, STATIC.as_slice(), more].concat()))
    };
    let named = run("grep -o '\"paragraphs\":[0-9]*' | sed 's/.*:/size /'", &[]);
    let found: Value = serde_json::from_slice(&named.stdout).unwrap();
    let sizes: Vec<String> = found["themes"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|theme| format!("size {}", theme["members"].as_array().unwrap().len()))
        .collect();
    assert_eq!((names(&found), stderr(&named).as_str()), (sizes, ""));
    for (command, why) in [
        ("exit 3", "the command failed"),
        ("true", "the command said nothing"),
        ("echo twice", "another theme is named \"twice\""),
        ("yes | head -c 300 | tr -d '\\n'", "has 150 characters"),
        ("printf '\\377'", "no UTF-8"),
    ] {
        let told = run(command, &[]);
        assert!(told.status.success() && stderr(&told).contains(why), "{command}: {}", stderr(&told));
        assert!(names(&serde_json::from_slice(&told.stdout).unwrap()).iter().all(|name| !name.is_empty()));
    }
    let strict = run("exit 3", &["--strict"]);
    assert!(strict.status.code() == Some(1) && stderr(&strict).contains("naming theme 1"), "{}", stderr(&strict));
}

#[test]
fn a_command_that_never_ends_its_answer_is_not_waited_for() {
    let arguments = ["themes", "seeds", "--no-seeded", "--themes", "2", "--namer", "yes"];
    let run = output_of(&mut refrain(&[&arguments, STATIC.as_slice()].concat()));
    assert!(run.status.success() && stderr(&run).contains("--namer"), "{}", stderr(&run));
}

#[test]
fn described_themes_have_counter_examples_and_one_that_is_not_there_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("themes.toml");
    let text = r#"
        [[theme]]
        name = "gardening"
        description = "Roses, soil, seeds and watering cans."
        [[theme]]
        name = "Microsoft"
        description = "The partnership of OpenAI with Microsoft and its Azure cloud."
        [[theme]]
        name = "Microsoft but for the intellectual property"
        description = "The partnership of OpenAI with Microsoft and its Azure cloud."
        counter_examples = ["Microsoft retains IP rights through 2032 and OpenAI committed an additional $250 billion to Microsoft services."]
    "#;
    fs::write(&file, text).unwrap();
    let arguments = ["themes", "seeds", "--only-seeded", "--format", "json", "--theme-file", file.to_str().unwrap()];
    let found: Value = serde_json::from_str(&stdout(&mut refrain(&arguments))).unwrap();
    let list = found["themes"]["list"].as_array().unwrap();
    let rows = |at: usize| list[at]["members"].as_array().unwrap().len();
    assert_eq!((list.len(), rows(0)), (3, 0));
    assert!(list[0]["fit"]["absent"].is_object() && !list[0]["fit"]["nearest_misses"].as_array().unwrap().is_empty());
    assert!(rows(1) > 4 && rows(2) < rows(1) && rows(2) > 0, "{} {}", rows(1), rows(2));
    assert!(list[2]["fit"]["counter"].as_u64().unwrap() > 0);
    assert!(!found["themes"]["unassigned"].as_array().unwrap().is_empty());
}
