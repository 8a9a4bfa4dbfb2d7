//! Looking up: answers, refusals, and the page that asks.

use super::*;

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
        ("/nearest?query=a&paragraph=a3:1", 422),
        ("/nearest?paragraph=a3", 422),
        ("/nearest?paragraph=a3:9", 422),
        ("/nearest?paragraph=nothing:1", 422),
        ("/articles?limit=0", 422),
    ] {
        let (found, answer) = served.json("GET", path, &Value::Null);
        assert_eq!(found, status, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
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
fn a_paragraph_of_the_library_is_asked_by_as_on_the_command_line() {
    let served = Served::new();
    let library = served.library().display().to_string();
    let command =
        [&["nearest", "--paragraph", "a3:1", &library, "-k", "3", "--elsewhere", "--format", "json"], &STATIC[..]]
            .concat();
    let told: Value = serde_json::from_str(&stdout(&mut refrain(&command))).unwrap();
    let (status, answer) = served.json("GET", "/nearest?paragraph=a3:1&k=3&elsewhere=true", &Value::Null);
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["question"], &answer["hits"]), (&told["question"], &told["hits"]));
    let hits = answer["hits"].as_array().unwrap();
    assert!(hits.len() == 3 && hits.iter().all(|hit| hit["article"] != "a3"), "{answer}");
    let (status, posted) = served.json("POST", "/nearest", &json!({ "paragraph": "a3:1", "mode": "lexical", "k": 1 }));
    assert_eq!((status, posted["hits"].as_array().unwrap().len()), (200, 1), "{posted}");
    let (_, refused) = served.json("GET", "/nearest?paragraph=a3:9", &Value::Null);
    assert!(refused["error"].as_str().unwrap().contains("no paragraph 9 of an article \"a3\""), "{refused}");
}
