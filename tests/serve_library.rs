//! A library served: looked up, added to, changed behind the server's back, and reported.

#![cfg(all(feature = "serve", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

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

    fn articles(&self) -> u64 {
        self.json("GET", "/articles", &Value::Null).1["total"].as_u64().unwrap()
    }
}

fn record(at: usize, state: &str) -> Value {
    json!({
        "id": format!("a{at}"), "outlet": format!("outlet {}", at % 2), "date": format!("2026-03-0{}", at + 1),
        "text": format!("The harbour of town {at} stays {state} after the storm that cost {at} million dollars, the port authority said."),
    })
}

#[test]
fn questions_are_answered_with_filters_and_reasons() {
    let served = Served::new();
    let (status, answer) =
        served.json("GET", "/nearest?query=harbour+of+town+3+closed&k=3&elsewhere=true", &Value::Null);
    assert_eq!(status, 200, "{answer}");
    let hits = answer["hits"].as_array().unwrap();
    assert_eq!((answer["schema"].as_str(), hits.len()), (Some("refrain.nearest/2"), 3));
    assert_eq!(hits[0]["article"], "a3");
    assert!(hits[0]["why"]["words"].as_array().unwrap().iter().any(|word| word == "harbour"), "{}", hits[0]);
    assert_ne!(hits[0]["elsewhere"]["outlet"], hits[0]["outlet"]);
    let (_, posted) = served.json(
        "POST",
        "/nearest",
        &json!({ "query": "harbour", "outlet": ["outlet 1"], "from": "2026-03-03", "mode": "semantic", "k": 9.0 }),
    );
    let found: Vec<&str> =
        posted["hits"].as_array().unwrap().iter().map(|hit| hit["article"].as_str().unwrap()).collect();
    assert_eq!(
        {
            let mut found = found;
            found.sort_unstable();
            found
        },
        ["a3", "a5"]
    );
    // The same as the command says of the same library.
    let library = served.library().display().to_string();
    let command = [&["nearest", "harbour", &library, "--format", "json", "-k", "2"], &STATIC[..]].concat();
    let told: Value = serde_json::from_str(&stdout(&mut refrain(&command))).unwrap();
    let (_, answer) = served.json("GET", "/nearest?query=harbour&k=2", &Value::Null);
    assert_eq!(answer["hits"], told["hits"]);
}

#[test]
fn questions_that_cannot_be_answered_are_refused() {
    let served = Served::new();
    for (path, status) in [
        ("/nearest", 422),
        ("/nearest?query=", 400),
        ("/nearest?query=a&k=0", 422),
        ("/nearest?query=a&k=101", 422),
        ("/nearest?query=a&k=ten", 422),
        ("/nearest?query=a&mode=best", 422),
        ("/nearest?query=a&from=yesterday", 422),
        ("/nearest?query=a&kind=story", 422),
        ("/nearest?query=a&kind=heading", 422),
        ("/nearest?query=a&theme=none", 422),
        ("/nearest?query=a&since=2026-03-03", 422),
        ("/nearest?query=a&outlet=nobody", 422),
        ("/nearest?query=a&colour=red", 422),
        ("/articles?limit=0", 422),
    ] {
        let (found, answer) = served.json("GET", path, &Value::Null);
        assert_eq!(found, status, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
}

#[test]
fn records_are_added_replaced_and_removed_and_each_is_told() {
    let served = Served::new();
    let records =
        json!([record(0, "closed"), record(1, "open"), record(6, "closed"), { "id": "empty" }, record(7, "open")]);
    let (status, answer) = served.json("POST", "/articles", &records);
    assert_eq!(status, 200, "{answer}");
    let outcomes: Vec<&str> =
        answer["records"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unchanged", "replaced", "added", "refused", "added"], "{answer}");
    assert!(answer["records"][3]["problems"][0].as_str().is_some_and(|what| what.contains("text")), "{answer}");
    assert_eq!((&answer["added"], &answer["replaced"], &answer["unchanged"]), (&json!(2), &json!(1), &json!(1)));
    // What was answered is seen by who asks next.
    assert_eq!(served.articles(), 8);
    let (_, found) = served.json("GET", "/nearest?query=town+1+stays+open&k=1", &Value::Null);
    assert!(found["hits"][0]["text"].as_str().unwrap().contains("town 1 stays open"), "{found}");
    assert_eq!(served.json("DELETE", "/articles/a6", &Value::Null).0, 200);
    assert_eq!(served.json("DELETE", "/articles/a6", &Value::Null).0, 404);
    assert_eq!(served.articles(), 7);
    assert_eq!(served.json("POST", "/articles", &json!([])).0, 400);
    assert_eq!(served.json("POST", "/articles", &json!({ "text": "a" })).0, 422);
    let library = served.library().display().to_string();
    let verified = refrain(&["verify", &library]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn what_another_program_adds_is_seen_and_no_answer_is_half_of_each() {
    let served = Served::new();
    let more = served.folder.path().join("more.jsonl");
    let library = served.library().display().to_string();
    for round in 0..3 {
        let records: Vec<String> = (0..9).map(|at| record(at, &format!("shut {round}")).to_string()).collect();
        std::fs::write(&more, records.join("\n")).unwrap();
        let mut adding = refrain(&[&["add", &library, more.to_str().unwrap()], &STATIC[..]].concat())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        loop {
            let (status, answer) = served.json("GET", "/nearest?query=harbour&k=20&mode=hybrid", &Value::Null);
            assert_eq!(status, 200, "{answer}");
            let hits = answer["hits"].as_array().unwrap();
            let new =
                hits.iter().filter(|hit| hit["text"].as_str().unwrap().contains(&format!("shut {round}"))).count();
            // One portion, one transaction: all of it or nothing.
            assert!(new == 0 || new == 9, "{new} of 9: {answer}");
            assert_eq!(answer["searched"]["paragraphs"].as_u64().unwrap() as usize, hits.len());
            if new == 9 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it was not seen");
        }
        assert!(adding.wait().unwrap().success());
    }
    assert_eq!(served.articles(), 9);
}

#[test]
fn the_report_and_its_parts_are_those_of_the_commands() {
    let served = Served::new();
    let library = served.library().display().to_string();
    for part in ["themes", "duplicates"] {
        let command = [&[part, &library, "--format", "json"], &STATIC[..]].concat();
        let mut told: Value = serde_json::from_str(&stdout(&mut refrain(&command))).unwrap();
        let (status, mut answer) = served.json("GET", &format!("/{part}"), &Value::Null);
        assert_eq!(status, 200, "{answer}");
        for one in [&mut told, &mut answer] {
            one.as_object_mut().unwrap().remove("run");
        }
        assert_eq!(answer, told, "{part}");
    }
    let (status, page) = served.ask("GET", "/report", "");
    assert_eq!(status, 200);
    assert!(page.contains("<!DOCTYPE html>") && page.contains("Content-Security-Policy"));
}

#[test]
fn the_search_page_runs_its_own_script_alone() {
    let served = Served::new();
    let (status, page) = served.ask("GET", "/", "");
    assert_eq!(status, 200);
    assert!(
        page.contains("page.js")
            && !page.contains("<script>")
            && !page.contains(" style=")
            && !page.contains(" onclick")
    );
    let (_, info) = served.json("GET", "/info", &Value::Null);
    assert_eq!(info["refrain"]["library"]["articles"], 6);
    assert_eq!(info["refrain"]["library"]["outlets"], json!(["outlet 0", "outlet 1"]));
}

#[test]
fn without_a_library_its_paths_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = refrain(&[&["serve", "--port", "0"], &STATIC[..]].concat()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.rsplit("http://").next().unwrap().trim().to_owned();
    let served = Served { folder, child, address };
    for path in ["/nearest?query=a", "/articles", "/themes", "/report"] {
        let (status, answer) = served.json("GET", path, &Value::Null);
        assert_eq!(status, 404, "{path}");
        assert!(answer["error"].as_str().unwrap().contains("no library"), "{path}: {answer}");
    }
}

#[test]
fn each_record_is_told_what_the_library_calls_it() {
    let served = Served::new();
    let mut records = vec![record(20, "closed"), record(20, "open"), record(21, "closed"), record(22, "open")];
    records[1]["outlet"] = json!("outlet 1");
    for nameless in &mut records[2..] {
        nameless.as_object_mut().unwrap().remove("id");
    }
    let (status, answer) = served.json("POST", "/articles", &json!(records));
    assert_eq!(status, 200, "{answer}");
    let told: Vec<&str> = answer["records"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let (_, list) = served.json("GET", "/articles?offset=6", &Value::Null);
    let listed: Vec<&str> =
        list["articles"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(told, listed);
    assert_eq!(told.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{told:?}");
    // By what was told each is taken out, and nothing else.
    for (id, left) in told.iter().zip([9, 8, 7, 6]) {
        let path = format!("/articles/{}", id.replace('#', "%23").replace(' ', "%20"));
        assert_eq!(
            served.json("DELETE", &path, &Value::Null),
            (200, json!({ "schema": "refrain.removed/1", "removed": 1 }))
        );
        assert_eq!(served.articles(), left);
    }
}

#[test]
fn a_report_is_found_without_writing_and_is_another_when_its_themes_are() {
    let served = Served::new();
    let subjects = [
        "The harbour stays closed after the storm, said",
        "Doctors give a vaccine against malaria, told",
        "The bank raised rates to slow inflation, wrote",
    ];
    let words = [
        "ships", "wind", "rain", "night", "crews", "money", "schools", "roads", "bridges", "winter", "summer", "towns",
    ];
    let more = |at: usize| {
        let told = format!("{} {} and {}", words[at / 3], words[(at * 5 + 1) % 12], words[(at * 7 + 3) % 12]);
        json!({ "id": format!("b{at}"), "outlet": format!("outlet {}", at % 2), "text": format!("{} {told}.", subjects[at % 3]) })
    };
    assert_eq!(served.json("POST", "/articles", &(0..36).map(more).collect()).0, 200);
    let library = served.library();
    let before = std::fs::read(&library).unwrap();
    let tag = |known: &str| {
        let mut stream = TcpStream::connect(&served.address).unwrap();
        let ask =
            format!("GET /themes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIf-None-Match: {known}\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
        (status, tag, answer)
    };
    let (status, first, _) = tag("\"none\"");
    assert_eq!(status, 200);
    assert_eq!(std::fs::read(&library).unwrap(), before, "a GET wrote");
    let (status, _, answer) = tag(&format!("\"none\", W/{first}"));
    assert!(status == 304 && answer.ends_with("\r\n\r\n"), "{answer}");
    // Kept by another program, then called otherwise by it: each is seen.
    let path = library.display().to_string();
    let mut known = first;
    let themes = [&["themes", &path], &STATIC[..]].concat();
    stdout(&mut refrain(&themes));
    let info = || served.json("GET", "/info", &Value::Null).1["refrain"]["library"]["themes"].clone();
    let begun = Instant::now();
    for renamed in [false, true] {
        if renamed {
            let id = info()[0]["id"].as_str().unwrap().to_owned();
            stdout(&mut refrain(&["rename", &path, &id, "Harbours Shut"]));
        }
        known = loop {
            let (status, now, answer) = tag(&known);
            if status == 200 {
                assert_eq!(answer.contains("Harbours Shut"), renamed, "{answer}");
                break now;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it was not seen");
        };
    }
    assert_eq!(info()[0]["name"], "Harbours Shut");
    let ask = json!({ "query": "harbour", "theme": ["harbours shut"], "k": 100, "mode": "semantic" });
    let (status, answer) = served.json("POST", "/nearest", &ask);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["hits"].as_array().unwrap().len() as u64, info()[0]["paragraphs"].as_u64().unwrap());
}
