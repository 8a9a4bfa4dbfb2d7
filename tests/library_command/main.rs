//! `refrain add`, `list`, `info`, `remove`, `verify`, `compact` and `reembed` as a user runs them, and a library where
//! other commands take a folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod adding;
mod damage;
#[path = "../support/mod.rs"]
mod support;
mod using;

use std::fs;
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::{Value, json};
use support::batch::{Desk, STATIC, fail, lines, succeed};
use support::{output_of, refrain, stderr, stdout};

struct Shelf(Desk);

impl Shelf {
    fn new() -> Self {
        Self(Desk::new())
    }

    fn library(&self) -> String {
        self.0.name("news.refrain")
    }

    fn arguments<'a>(&self, library: &'a str, name: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        let model: &[&str] = if matches!(name, "add" | "reembed") { &STATIC } else { &[] };
        [&[name, library], rest, model].concat()
    }

    /// Adds with the small model; the answer.
    fn add(&self, rest: &[&str]) -> Value {
        self.json("add", rest)
    }

    fn json(&self, name: &str, rest: &[&str]) -> Value {
        let library = self.library();
        let arguments = [self.arguments(&library, name, rest), vec!["--format", "json"]].concat();
        let run = output_of(&mut refrain(&arguments));
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        serde_json::from_slice(&run.stdout).unwrap()
    }

    fn fail(&self, name: &str, rest: &[&str], code: i32) -> String {
        let library = self.library();
        fail(&mut refrain(&self.arguments(&library, name, rest)), code)
    }

    fn sql(&self) -> Connection {
        Connection::open(self.library()).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        let listed = self.json("list", &[]);
        listed["articles"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Ids of paragraphs by their text.
    fn paragraphs(&self) -> Vec<(i64, String)> {
        let sql = self.sql();
        let mut rows = sql.prepare("SELECT id, text FROM paragraph ORDER BY id").unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn counts(added: &Value) -> [u64; 5] {
    ["added", "replaced", "unchanged", "paragraphs", "embedded"].map(|name| added[name].as_u64().unwrap())
}

fn record(id: &str, text: &str) -> String {
    format!("{}\n", json!({ "id": id, "outlet": "Daily", "text": text }))
}

const CHIPS: &str = "The chip maker raised its forecast for the year after strong demand from data centres abroad.";
const BONDS: &str = "Bond yields fell for a third day as investors waited for the central bank's decision on rates.";
const FLOODS: &str =
    "Floods closed two bridges in the north of the country, and schools stayed shut on Monday morning.";
