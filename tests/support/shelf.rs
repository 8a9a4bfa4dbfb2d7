//! A library of subjects in a folder of its own, for tests of its themes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{output_of, refrain, stderr, stdout};

/// Subjects whose paragraphs are told apart by any model.
pub const SUBJECTS: [(&str, [&str; 6]); 4] = [
    ("the old bridge is closed for repairs", ["north", "south", "steel", "toll", "river", "lanes"]),
    ("the chip maker reports a record profit", ["quarter", "shares", "forecast", "plants", "orders", "demand"]),
    ("the storm flooded streets along the coast", ["rain", "wind", "boats", "harbour", "damage", "rescue"]),
    ("the striker scored twice in the final", ["goal", "team", "coach", "fans", "stadium", "season"]),
];

/// A library in a folder of its own.
pub struct Shelf {
    folder: TempDir,
}

impl Shelf {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn library(&self) -> String {
        self.path("news.refrain")
    }

    /// Adds some of the thirty paragraphs of a subject, an article each.
    pub fn add(&self, subject: usize, some: std::ops::Range<usize>) {
        let (what, words) = SUBJECTS[subject];
        let pairs = (0..6).flat_map(|a| (0..6).filter(move |b| *b != a).map(move |b| (a, b)));
        let text = |(a, b): (usize, usize)| {
            format!("Yesterday {what}, say people who know the {} and the {}.", words[a], words[b])
        };
        let line = |(at, pair)| {
            json!({"id": format!("s{subject}-{at}"), "outlet": format!("o{}", at % 2), "text": text(pair)}).to_string()
        };
        let lines: Vec<String> = pairs.enumerate().skip(some.start).take(some.len()).map(line).collect();
        let file = self.path("more.jsonl");
        fs::write(&file, lines.join("\n")).unwrap();
        stdout(&mut refrain(&["add", &self.library(), &file]));
    }

    /// Runs a command that succeeds: what it says on standard output.
    pub fn run(&self, command: &str, more: &[&str]) -> String {
        let run = output_of(&mut refrain(&[&[command, &self.library()], more].concat()));
        assert!(run.status.success(), "{}", stderr(&run));
        String::from_utf8(run.stdout).unwrap()
    }

    /// Runs a command that succeeds: what it says on standard error.
    pub fn said(&self, command: &str, more: &[&str]) -> String {
        let run = output_of(&mut refrain(&[&[command, &self.library()], more].concat()));
        assert!(run.status.success(), "{}", stderr(&run));
        stderr(&run)
    }

    /// As if all there is had come, and been found, on a day that is over.
    pub fn age(&self, day: &str) {
        let connection = rusqlite::Connection::open(self.library()).unwrap();
        for (table, column) in [("article", "added"), ("paragraph", "added"), ("generation", "at"), ("theme_log", "at")]
        {
            connection.execute(&format!("UPDATE {table} SET {column} = ?1"), [format!("{day}T08:00:00Z")]).unwrap();
        }
    }

    /// Name and paragraphs of each theme by its id.
    pub fn themes(&self, more: &[&str]) -> BTreeMap<String, (String, usize)> {
        by_id(&self.run("themes", &[&["--format", "json"], more].concat()))
    }

    /// The events of the log, as "t1 born".
    pub fn log(&self) -> Vec<String> {
        let log: Value = serde_json::from_str(&self.run("themes", &["--log", "--format", "json"])).unwrap();
        assert_eq!(log["schema"], "refrain.theme_log/1");
        let said = |entry: &Value| format!("{} {}", entry["theme"].as_str().unwrap(), entry["event"].as_str().unwrap());
        log["entries"].as_array().unwrap().iter().map(said).collect()
    }
}

pub fn by_id(found: &str) -> BTreeMap<String, (String, usize)> {
    let found: Value = serde_json::from_str(found).unwrap();
    let theme = |theme: &Value| {
        let (name, size) = (theme["name"].as_str().unwrap().to_owned(), theme["members"].as_array().unwrap().len());
        (theme["id"].as_str().unwrap_or("none").to_owned(), (name, size))
    };
    found["themes"]["list"].as_array().unwrap().iter().map(theme).collect()
}
