//! Changes of the library: through the server, behind its back, and of the file itself.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

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
fn messages_of_records_speak_of_the_request() {
    let served = Served::new();
    let long = record(8, "open")["text"].clone();
    let (status, answer) = served.json("POST", "/articles", &json!([{ "body": "a" }, { "text": long }]));
    assert_eq!(status, 200, "{answer}");
    let said = answer["records"][0]["problems"][0].as_str().unwrap();
    assert_eq!(said, "no \"text\" field: found fields body; expected the article's text in \"text\"");
    assert_eq!(answer["records"][1]["id"], "posted:2");
    let (_, list) = served.json("GET", "/articles?outlet=posted", &Value::Null);
    assert_eq!(list["total"], 1, "{list}");
    // An outlet may be called so.
    let (_, answer) = served.json("POST", "/articles", &json!([{ "outlet": "stdin", "text": long }]));
    assert_eq!(answer["added"], 1, "{answer}");
    let (_, list) = served.json("GET", "/articles?outlet=stdin", &Value::Null);
    assert_eq!(list["total"], 1, "{list}");
}

#[test]
fn a_library_that_is_gone_is_said_and_answered_from_when_it_is_back() {
    let served = Served::new();
    let (library, aside) = (served.library(), served.folder.path().join("aside"));
    let health = || served.json("GET", "/health", &Value::Null);
    let asks = [("GET", "/nearest?query=a"), ("GET", "/articles"), ("GET", "/themes"), ("DELETE", "/articles/a1")];
    let faults = ["there is no such file", "found another kind of file, expected a library", "is an empty file"];
    for (at, fault) in faults.into_iter().enumerate() {
        std::fs::rename(&library, &aside).unwrap();
        match at {
            1 => std::fs::write(&library, "no library\n".repeat(20)).unwrap(),
            2 => std::fs::write(&library, "").unwrap(),
            _ => {}
        }
        until(|| health().0 == 503);
        let (_, said) = health();
        let said = said["error"].as_str().unwrap();
        // Asked without a token, it tells no path.
        assert!(said.contains(fault) && !said.contains("news.refrain"), "{said}");
        for (method, path) in asks {
            let (status, said) = served.json(method, path, &Value::Null);
            assert_eq!(status, 503, "{path}: {said}");
            assert!(said["error"].as_str().unwrap().contains(fault), "{path}: {said}");
        }
        assert_eq!(served.json("POST", "/articles", &json!([record(7, "open")])).0, 503);
        // Vectors need no library.
        assert_eq!(served.json("POST", "/embed", &json!({ "inputs": "a harbour" })).0, 200);
        std::fs::rename(&aside, &library).unwrap();
        until(|| health().0 == 200);
        assert_eq!(served.json("GET", "/nearest?query=harbour", &Value::Null).0, 200);
    }
    // Another library of the same model under the name is another state.
    let other = served.folder.path().join("other.refrain").display().to_string();
    let more = served.folder.path().join("more.jsonl");
    std::fs::write(&more, record(8, "open").to_string()).unwrap();
    stdout(&mut refrain(&[&["add", &other, more.to_str().unwrap()], &STATIC[..]].concat()));
    std::fs::rename(&other, &library).unwrap();
    until(|| served.articles() == 1);
    assert_eq!(health().0, 200);
}

#[test]
fn a_library_that_is_written_to_all_the_time_is_answered_from() {
    /// However the asking ends, the writing does.
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let served = Served::new();
    let (library, stop) = (served.library(), AtomicBool::new(false));
    thread::scope(|scope| {
        let asking = Stop(&stop);
        let writer = scope.spawn(|| {
            let sql = rusqlite::Connection::open(&library).unwrap();
            sql.busy_timeout(Duration::from_secs(20)).unwrap();
            while !stop.load(Ordering::Relaxed) {
                sql.execute("UPDATE meta SET value = value + 1 WHERE key = 'changes'", []).unwrap();
                // SQLite has no queue for its locks: a writer that never pauses would keep every reader out.
                thread::sleep(Duration::from_millis(20));
            }
        });
        let asked: Vec<(u16, Value)> =
            (0..30).map(|_| served.json("GET", "/nearest?query=harbour&k=20", &Value::Null)).collect();
        drop(asking);
        for (status, answer) in asked {
            assert_eq!((status, answer["hits"].as_array().map(Vec::len)), (200, Some(6)), "{answer}");
        }
        writer.join().unwrap();
    });
}
