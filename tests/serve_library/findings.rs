//! Themes, duplicates and the report of a library that is served.

use super::*;

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

/// Nothing was kept of a restored copy, and what was found in the file it replaced was served of it once it had changed as often.
#[test]
fn what_was_found_in_a_library_that_was_replaced_is_never_served() {
    let served = Served::new();
    let (library, more) = (served.library(), served.folder.path().join("more.jsonl"));
    let (copy, name) = (served.folder.path().join("copy"), library.display().to_string());
    let found = || served.metric("refrain_findings_total{part=\"duplicates\"}") as usize;
    let holds = |id: &str| served.ask("GET", "/articles", "").1.contains(&format!("\"{id}\""));
    let total = || served.json("GET", "/articles", &Value::Null).1["total"].as_u64();
    std::fs::copy(&library, &copy).unwrap();
    let mut before = found();
    // As another file under its name, and written over the one that is there.
    for renamed in [true, false] {
        for at in [6, 7] {
            std::fs::write(&more, record(at, "open").to_string()).unwrap();
            stdout(&mut refrain(&[&["add", &name, more.to_str().unwrap()], &STATIC[..]].concat()));
            until(|| holds(&format!("a{at}")));
            for _ in 0..2 {
                let (status, text) = served.ask("GET", "/duplicates", "");
                assert_eq!(status, 200, "{text}");
                assert!(text.contains(&format!("town {at} stays")), "not that of town {at}: {text}");
            }
            assert_eq!(found(), before + 1, "found once a state");
            before += 1;
            match renamed {
                true => {
                    std::fs::copy(&copy, copy.with_extension("next")).unwrap();
                    std::fs::rename(copy.with_extension("next"), &library).unwrap();
                }
                false => {
                    std::fs::copy(&copy, &library).unwrap();
                }
            }
            until(|| total() == Some(6));
        }
    }
}

#[test]
fn each_part_is_found_alone_when_it_is_asked_for_and_once_a_state() {
    let served = Served::new();
    let found = || {
        ["themes", "duplicates", "report"]
            .map(|part| served.metric(&format!("refrain_findings_total{{part=\"{part}\"}}")) as usize)
    };
    // Whoever asks at the same time waits for the same.
    thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(|| served.ask("GET", "/themes", ""))).collect();
        let answers: Vec<(u16, String)> = asked.into_iter().map(|one| one.join().unwrap()).collect();
        assert!(answers.iter().all(|answer| answer.0 == 200 && *answer == answers[0]), "{answers:?}");
    });
    assert_eq!(found(), [1, 0, 0]);
    assert_eq!(served.ask("GET", "/duplicates", "").0, 200);
    assert_eq!(found(), [1, 1, 0]);
    for _ in 0..2 {
        // The report shows what was found.
        for path in ["/report", "/themes", "/duplicates"] {
            assert_eq!(served.ask("GET", path, "").0, 200);
        }
        assert_eq!(found(), [1, 1, 1]);
    }
    assert_eq!(served.json("POST", "/articles", &json!([record(8, "open")])).0, 200);
    assert_eq!(served.ask("GET", "/report", "").0, 200);
    assert_eq!(found(), [2, 2, 2]);
}
