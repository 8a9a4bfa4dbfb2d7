//! A library served: looked up, added to, changed behind the server's back, and reported.

#![cfg(all(feature = "serve", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod changes;
mod findings;
mod questions;
#[path = "../support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{refrain, stdout};

const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

/// A library and its server; the process ends with it.
struct Served {
    folder: tempfile::TempDir,
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("news.refrain").display().to_string();
        let first = folder.path().join("first.jsonl");
        let records: Vec<String> = (0..6).map(|at| record(at, "closed").to_string()).collect();
        std::fs::write(&first, records.join("\n")).unwrap();
        let added = refrain(&[&["add", &library, first.to_str().unwrap()], &STATIC[..]].concat()).output().unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let serve = [&["serve", &library, "--port", "0"], &STATIC[..]].concat();
        let mut child = refrain(&serve).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended before it served");
        }
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let address = line.rsplit("http://").next().unwrap().trim().to_owned();
        Self { folder, child, address }
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("news.refrain")
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.ask(method, path, &body);
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// A number among the figures; 0 where it was never counted.
    fn metric(&self, name: &str) -> f64 {
        let text = self.ask("GET", "/metrics", "").1;
        let line = text.lines().find(|line| line.starts_with(name));
        line.map_or(0.0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    fn articles(&self) -> u64 {
        self.json("GET", "/articles", &Value::Null).1["total"].as_u64().unwrap()
    }
}

/// Asks again until it is so.
fn until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not come to it");
        thread::sleep(Duration::from_millis(5));
    }
}

fn record(at: usize, state: &str) -> Value {
    json!({
        "id": format!("a{at}"), "outlet": format!("outlet {}", at % 2), "date": format!("2026-03-0{}", at + 1),
        "text": format!("The harbour of town {at} stays {state} after the storm that cost {at} million dollars, the port authority said."),
    })
}
