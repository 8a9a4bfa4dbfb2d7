//! A hub, or a connection to it, that does not do what it should.

use std::io::{Read, Write};

use super::*;

#[test]
fn a_commit_that_is_asked_for_is_the_one_that_is_taken() {
    let desk = Desk::of(Script { answers: Some(TAGGED), ..Script::of(tiny_files("bert")) });
    let error = desk.refused(&format!("org/name@{MAIN}"));
    assert!(error.contains(&format!("answered the commit {TAGGED}, where {MAIN} was asked for,")), "{error}");
    assert!(!desk.repo().exists());
    let commit = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";
    let commits = [(commit, tiny_files("bert"))].into();
    let desk = Desk::of(Script { commits, ..Script::default() });
    assert_eq!(downloaded(&mut desk.embed(&format!("org/name@{}", commit.to_uppercase()))), of_folder("bert"));
    assert!(desk.repo().join("snapshots").join(commit).is_dir() && !desk.repo().join("refs").exists());
}

#[test]
fn a_broken_download_is_continued_in_the_same_run() {
    let files = tiny_files("bert");
    let script = Script::of(files);
    script.breaks.lock().unwrap().extend([100, 50]);
    let desk = Desk::of(script);
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
    let requests = desk.hub.blob_requests.lock().unwrap().clone();
    let ranges: Vec<Option<&str>> =
        requests.iter().take(3).map(|request| request.headers.get("range").map(String::as_str)).collect();
    assert_eq!(ranges, [None, Some("bytes=100-"), Some("bytes=150-")]);
}

#[test]
fn a_broken_download_is_continued_by_the_next_run() {
    for no_ranges in [false, true] {
        let script = Script { no_ranges, ..Script::of(tiny_files("bert")) };
        // The tokenizer whole; of the weights a part, then nothing.
        let whole = tiny_files("bert")["tokenizer.json"].len();
        script.breaks.lock().unwrap().extend([whole, 1000, 0]);
        let desk = Desk::of(script);
        let error = desk.refused("org/name");
        let held = if no_ranges { 0 } else { 1000 };
        assert!(error.contains(&format!("error: model.safetensors broke off after {held} bytes of ")), "{error}");
        assert!(error.contains("hint: run it again: it goes on where it broke off"), "{error}");
        assert!(!desk.snapshot().join(WEIGHTS).exists());
        let offline = refused(desk.embed("org/name").env("HF_HUB_OFFLINE", "1"));
        assert!(offline.contains("model org/name lacks model.safetensors in the cache"), "{offline}");
        let before = desk.hub.blob_requests.lock().unwrap().len();
        assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
        let requests = desk.hub.blob_requests.lock().unwrap()[before..].to_vec();
        assert_eq!(requests.len(), 1, "what is there is not fetched again: {requests:?}");
        if !no_ranges {
            assert_eq!(requests[0].headers["range"], "bytes=1000-");
        }
    }
}

#[test]
fn another_size_or_content_than_announced_is_refused_and_not_kept() {
    let wrong_size = Desk::of(Script { announce_more: 10, ..Script::of(tiny_files("bert")) });
    let error = wrong_size.refused("org/name");
    let size = tiny_files("bert")["tokenizer.json"].len();
    let expected = format!("tokenizer.json has {size} bytes: 127.0.0.1 announced {}; nothing of it is kept", size + 10);
    assert!(error.contains(&expected), "{error}");
    let damaged = Desk::of(Script { damaged: true, ..Script::of(tiny_files("bert")) });
    let error = damaged.refused("org/name");
    assert!(error.contains("tokenizer.json has the SHA-256 "), "{error}");
    let small = Desk::of(Script { damaged_small: true, ..Script::of(tiny_files("bert")) });
    let error = small.refused("org/name");
    assert!(error.contains("modules.json has the SHA-1 ") && error.contains("nothing of it is kept"), "{error}");
    assert!(small.held("blobs").is_empty() && !small.snapshot().join("modules.json").exists());
    for desk in [wrong_size, damaged] {
        assert!(!desk.snapshot().join("tokenizer.json").exists());
        assert!(!desk.held("blobs").iter().any(|name| name.len() >= 64), "{:?}", desk.held("blobs"));
    }
}

#[test]
fn a_file_without_a_size_is_held_against_its_checksum_and_without_both_is_refused() {
    let sized = Desk::of(Script { no_sizes: true, ..Script::of(tiny_files("bert")) });
    assert_eq!(downloaded(&mut sized.embed("org/name")), of_folder("bert"));
    let neither = Desk::of(Script { no_sizes: true, etag: Some("abc"), ..Script::of(tiny_files("bert")) });
    let error = neither.refused("org/name");
    let expected = "error: 127.0.0.1 answered neither a size nor a checksum to the request for tokenizer.json";
    assert!(error.contains(expected), "{error}");
    assert!(neither.hub.blob_requests.lock().unwrap().is_empty());
}

#[test]
fn settings_that_are_too_long_are_refused_before_they_come() {
    let desk = Desk::of(Script { announce_more: 300 << 20, ..Script::of(tiny_files("bert")) });
    let error = desk.refused("org/name");
    assert!(error.contains("answered more than the 268435456 bytes such a file may have"), "{error}");
    assert!(error.contains("the request for tokenizer.json") && desk.hub.blob_requests.lock().unwrap().is_empty());
}

#[test]
fn a_hundred_broken_connections_are_no_whole_file() {
    let script = Script { no_sizes: true, ..Script::of(tiny_files("bert")) };
    script.breaks.lock().unwrap().extend([1; 100]);
    let desk = Desk::of(script);
    let error = desk.refused("org/name");
    assert!(error.contains("tokenizer.json broke off after 100 bytes: too many broken connections"), "{error}");
    assert!(!desk.snapshot().join("tokenizer.json").exists());
}

#[test]
fn a_model_that_is_not_there_and_a_hub_that_is_not_there_are_named() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    let error = desk.refused("org/other");
    assert!(error.contains("error: 127.0.0.1 has no model org/other\nhint: check the name"), "{error}");
    assert!(!desk.home.path().join("hub/models--org--other").exists());
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refused(desk.embed("org/name").env("HF_ENDPOINT", format!("http://{port}")));
    assert!(
        error.contains(&format!("error: reaching {port}: ")) && error.contains("hint: check the network"),
        "{error}"
    );
    let error = refused(desk.embed("org/name").env("HF_ENDPOINT", "hub.example"));
    assert!(error.contains("the endpoint of the hub cannot be used: hub.example"), "{error}");
}

#[test]
fn a_listed_file_that_is_not_there_is_not_taken_for_the_model() {
    let desk = Desk::of(Script { lost: Some("/tokenizer.json"), ..Script::of(tiny_files("bert")) });
    let error = desk.refused("org/name");
    assert!(error.contains("127.0.0.1 answered 404 Not Found to the request for tokenizer.json"), "{error}");
}

#[test]
fn answers_that_give_nothing_are_named() {
    let cases = [
        ("403 Forbidden", "127.0.0.1 does not give out model org/name (403): it is not there, private, or gated"),
        ("429 Too Many Requests", "127.0.0.1 answered 429 Too Many Requests to the request for the list of its files"),
        ("503 Service Unavailable", "127.0.0.1 answered 503 Service Unavailable to the request for the list"),
    ];
    for (status, expected) in cases {
        let desk = Desk::of(Script { status: Some(status), ..Script::of(tiny_files("bert")) });
        let error = desk.refused("org/name");
        assert!(error.contains(expected), "{error}");
        assert_eq!(desk.hub.requests.lock().unwrap().len(), 1);
        assert!(!desk.repo().exists());
    }
    let desk = Desk::of(Script { circles: true, ..Script::of(tiny_files("bert")) });
    let error = desk.refused("org/name");
    assert!(error.contains("answered more than 5 redirects to the request for the list of its files"), "{error}");
    assert_eq!(desk.hub.requests.lock().unwrap().len(), 6);
}

#[test]
fn an_etag_that_leaves_the_cache_is_refused() {
    for etag in ["../../evil", "..", "a/b", ""] {
        let desk = Desk::of(Script { etag: Some(etag), ..Script::of(tiny_files("bert")) });
        let error = desk.refused("org/name");
        assert!(error.contains("answered no usable ETag to the request for tokenizer.json"), "{etag}: {error}");
        assert!(desk.hub.blob_requests.lock().unwrap().is_empty());
    }
}

#[test]
fn a_part_longer_than_the_file_is_fetched_anew() {
    let files = tiny_files("bert");
    let desk = Desk::of(Script::of(files.clone()));
    fs::create_dir_all(desk.repo().join("blobs")).unwrap();
    let part = desk.repo().join("blobs").join(format!("{}.incomplete", sha256(&files[WEIGHTS])));
    fs::write(&part, vec![7; files[WEIGHTS].len() + 1]).unwrap();
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
    assert!(!part.exists());
}

#[test]
fn a_host_that_speaks_no_tls_and_certificates_that_are_none_are_errors() {
    let desk = Desk::of(Script::default());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // Read to the end, so that the answer is not lost with the connection.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = refused(desk.embed("org/name").env("HF_ENDPOINT", format!("https://{address}")));
    thread.join().unwrap();
    assert!(error.contains(&format!("error: reaching {address}: ")), "{error}");
    let error = refused(desk.embed("org/name").env("SSL_CERT_FILE", "Cargo.toml"));
    assert!(error.contains("the file of certificates cannot be used: Cargo.toml: it holds no certificate"), "{error}");
}

#[test]
fn a_shard_that_leaves_the_model_s_folder_is_refused() {
    for name in ["../../../../evil.safetensors", "..", "a/b.safetensors", "c:evil", "..\\evil"] {
        let mut files = tiny_files("bert");
        let weights = files.remove(WEIGHTS).unwrap();
        let index = serde_json::json!({"weight_map": {"a": name}}).to_string();
        files.insert("model.safetensors.index.json".to_owned(), index.into_bytes());
        files.insert(name.to_owned(), weights);
        let desk = Desk::of(Script::of(files));
        let error = desk.refused("org/name");
        assert!(error.contains("is no file beside it") || error.contains("which is no file of it"), "{name}: {error}");
        assert!(!desk.hub.fetched().iter().any(|path| path.contains("evil")));
        let outside = walkdir::WalkDir::new(desk.home.path()).into_iter().map(Result::unwrap);
        assert!(!outside.into_iter().any(|entry| entry.file_name().to_string_lossy().contains("evil")));
    }
}
