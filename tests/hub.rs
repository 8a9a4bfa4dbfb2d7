//! `--model org/name` and `refrain models`, against a small hub on loopback. Nothing leaves this machine.

#![cfg(feature = "hub")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::hub::{Files, LoopbackHub, MAIN, Script, TAGGED, files_of, sha256};
use support::{output_of, refrain, stderr, stdout};

const WEIGHTS: &str = "model.safetensors";

fn tiny(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures").join(name)
}

fn tiny_files(name: &str) -> Files {
    let mut files = files_of(&tiny(name));
    files.retain(|name, _| !name.starts_with("variants/") && name != "vectors.json");
    files
}

/// What is not needed, and must not be fetched.
fn with_ballast(mut files: Files) -> Files {
    for name in ["README.md", "pytorch_model.bin", "onnx/model.onnx", "openvino/openvino_model.bin", "vocab.txt"] {
        files.insert(name.to_owned(), b"not needed".to_vec());
    }
    files
}

/// A cache of its own, and a hub to fill it from.
struct Desk {
    home: tempfile::TempDir,
    hub: LoopbackHub,
}

impl Desk {
    fn of(script: Script) -> Self {
        Self { home: tempfile::tempdir().unwrap(), hub: LoopbackHub::start(script) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = at_home(self.home.path(), arguments);
        command.env("HF_ENDPOINT", format!("{}/", self.hub.address)).env_remove("HF_HUB_OFFLINE");
        command
    }

    fn embed(&self, model: &str) -> Command {
        self.command(&["embed", "seeds", "--model", model])
    }

    /// Standard error of a run that must fail.
    #[track_caller]
    fn refused(&self, model: &str) -> String {
        refused(&mut self.embed(model))
    }

    fn repo(&self) -> PathBuf {
        self.home.path().join("hub/models--org--name")
    }

    fn snapshot(&self) -> PathBuf {
        self.repo().join("snapshots").join(MAIN)
    }

    /// Files of the cache that hold something, by their paths in the model's folder.
    fn held(&self, folder: &str) -> BTreeSet<String> {
        files_of(&self.repo().join(folder)).into_keys().collect()
    }
}

/// The program with a cache and no hub.
fn at_home(home: &Path, arguments: &[&str]) -> Command {
    let mut command = refrain(arguments);
    command.env("HF_HOME", home).env_remove("HF_HUB_CACHE").env("NO_PROXY", "*");
    command
}

#[track_caller]
fn refused(command: &mut Command) -> String {
    let run = output_of(command);
    assert_eq!(run.status.code(), Some(1), "{}", stderr(&run));
    assert!(run.stdout.is_empty());
    stderr(&run)
}

/// Standard output of a run that downloads, and so says something.
#[track_caller]
fn downloaded(command: &mut Command) -> String {
    let run = output_of(command);
    assert!(run.status.success(), "{}", stderr(&run));
    let told = stderr(&run);
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("note: download")).collect();
    assert_eq!(lines.len(), 2, "{told}");
    String::from_utf8(run.stdout).unwrap()
}

fn of_folder(name: &str) -> String {
    let folder = tiny(name);
    let run = output_of(&mut refrain(&["embed", "seeds", "--model", folder.to_str().unwrap()]));
    assert!(run.status.success() && !run.stdout.is_empty(), "{}", stderr(&run));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn a_model_is_fetched_once_and_then_read_without_a_hub() {
    let desk = Desk::of(Script::of(with_ballast(tiny_files("bert"))));
    let expected = of_folder("bert");
    let run = output_of(&mut desk.embed("org/name"));
    assert!(run.status.success(), "{}", stderr(&run));
    let told = stderr(&run);
    assert!(told.contains(&format!("note: downloading model org/name from {}\n", desk.hub.address)), "{told}");
    assert!(told.contains("note: downloaded model org/name: 6 files, "), "{told}");
    assert_eq!(String::from_utf8(run.stdout).unwrap(), expected);
    let needed = tiny_files("bert");
    let fetched = desk.held(&format!("snapshots/{MAIN}"));
    assert!(fetched.iter().all(|name| needed.contains_key(name)), "{fetched:?}");
    assert_eq!(fs::read_to_string(desk.repo().join("refs/main")).unwrap(), MAIN);
    let blob = desk.repo().join("blobs").join(sha256(&needed[WEIGHTS]));
    assert_eq!(fs::read(&blob).unwrap(), needed[WEIGHTS]);
    #[cfg(unix)]
    assert!(fs::read_link(desk.snapshot().join(WEIGHTS)).unwrap().is_relative());
    assert!(!desk.held("blobs").iter().any(|name| name.ends_with(".incomplete")));

    let asked = desk.hub.requests.lock().unwrap().len();
    let again = output_of(&mut desk.embed("org/name"));
    assert_eq!(desk.hub.requests.lock().unwrap().len(), asked, "a cached model asks for nothing");
    assert_eq!(String::from_utf8(again.stdout).unwrap(), expected);
    let Desk { home, hub } = desk;
    drop(hub);
    for arguments in
        [&["--model", "org/name"][..], &["--model", &format!("org/name@{MAIN}")], &["--model", "org/name", "--offline"]]
    {
        let all = [&["embed", "seeds"], arguments].concat();
        let run = output_of(&mut at_home(home.path(), &all));
        assert_eq!(String::from_utf8(run.stdout.clone()).unwrap(), expected, "{}", stderr(&run));
    }
}

#[test]
fn a_revision_is_a_tag_or_a_commit_and_one_that_is_not_there_is_named() {
    let commits = [(MAIN, tiny_files("bert")), (TAGGED, tiny_files("mpnet"))].into();
    let desk = Desk::of(Script { commits, ..Script::default() });
    assert_eq!(downloaded(&mut desk.embed("org/name@v1")), of_folder("mpnet"));
    assert_eq!(fs::read_to_string(desk.repo().join("refs/v1")).unwrap(), TAGGED);
    assert_eq!(downloaded(&mut desk.embed(&format!("org/name@{MAIN}"))), of_folder("bert"));
    let error = desk.refused("org/name@v2");
    assert!(error.contains("has model org/name, but no branch, tag or commit \"v2\" of it"), "{error}");
}

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
fn a_cached_commit_that_the_hub_has_no_more_gives_way_to_what_the_branch_is_now() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    fs::create_dir_all(desk.repo().join("snapshots").join(TAGGED)).unwrap();
    fs::create_dir_all(desk.repo().join("refs")).unwrap();
    fs::write(desk.repo().join("refs/main"), TAGGED).unwrap();
    let error = desk.refused(&format!("org/name@{TAGGED}"));
    assert!(error.contains(&format!("no branch, tag or commit \"{TAGGED}\" of it")), "{error}");
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
    assert_eq!(fs::read_to_string(desk.repo().join("refs/main")).unwrap(), MAIN);
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
        let mut files = tiny_files("bert");
        files.retain(|name, _| name != "tokenizer.json");
        files.insert("tokenizer.json".to_owned(), tiny_files("bert")["tokenizer.json"].clone());
        let script = Script { no_ranges, ..Script::of(files) };
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
fn the_token_opens_the_model_goes_to_the_hub_alone_and_is_not_shown() {
    let desk = Desk::of(Script { token: Some("hf_secret"), ..Script::of(tiny_files("bert")) });
    let without = desk.refused("org/name");
    assert!(
        without.contains("127.0.0.1 does not give out model org/name (401): it is not there, private, or gated"),
        "{without}"
    );
    assert!(without.contains("set HF_TOKEN"), "{without}");
    let wrong = refused(desk.embed("org/name").env("HF_TOKEN", "hf_other"));
    assert!(wrong.contains("(401, with the token it was sent)") && !wrong.contains("hf_other"), "{wrong}");
    fs::write(desk.home.path().join("token"), "hf_secret\n").unwrap();
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
    let blobs = desk.hub.blob_requests.lock().unwrap().clone();
    assert!(!blobs.is_empty() && blobs.iter().all(|request| !request.headers.contains_key("authorization")));
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
fn offline_asks_nobody_and_says_how_to_get_the_model() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    let error = refused(desk.embed("org/name@v1").env("HF_HUB_OFFLINE", "YES"));
    assert!(error.contains("error: model org/name@v1 is not in the cache "), "{error}");
    assert!(error.contains("and nothing is downloaded: HF_HUB_OFFLINE is YES\n"), "{error}");
    assert!(error.contains("run: HF_HUB_OFFLINE=0 refrain models get org/name@v1;"), "{error}");
    let error = refused(desk.embed("org/name").arg("--offline"));
    assert!(error.contains("nothing is downloaded: --offline is given\n"), "{error}");
    assert!(desk.hub.requests.lock().unwrap().is_empty());
}

#[test]
fn what_is_not_supported_is_refused_before_the_weights_are_fetched() {
    let mut files = tiny_files("bert");
    files.insert("config.json".to_owned(), br#"{"model_type": "t5"}"#.to_vec());
    let desk = Desk::of(Script::of(files));
    let error = desk.refused("org/name");
    assert!(error.contains("model org/name has the architecture \"t5\": supported are"), "{error}");
    assert!(desk.hub.blob_requests.lock().unwrap().is_empty(), "{:?}", desk.hub.fetched());

    // With a projection: its weights wait until the whole model is known to run, as the model's own do.
    let mut files = tiny_files("bert");
    for (name, content) in files_of(&tiny("bert/variants/dense-tanh")) {
        files.insert(name, content);
    }
    for (name, content) in [
        ("config.json", r#"{"model_type": "t5"}"#),
        ("2_Dense/config.json", r#"{"in_features": 0, "out_features": 1}"#),
    ] {
        let mut files = files.clone();
        files.insert(name.to_owned(), content.into());
        let desk = Desk::of(Script::of(files));
        desk.refused("org/name");
        let fetched = desk.hub.fetched();
        assert!(!fetched.iter().any(|path| path.ends_with(".safetensors")), "{name}: {fetched:?}");
    }

    let mut files = with_ballast(tiny_files("bert"));
    files.remove(WEIGHTS);
    let desk = Desk::of(Script::of(files));
    let error = desk.refused("org/name");
    assert!(error.contains("pytorch_model.bin of model org/name: pickled weights are not read"), "{error}");
    assert!(!desk.hub.fetched().iter().any(|path| path.ends_with(".bin")));
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

#[test]
fn weights_in_several_files_are_fetched_by_their_index() {
    let mut files = tiny_files("bert");
    let weights = files.remove(WEIGHTS).unwrap();
    let index = serde_json::json!({"weight_map": {"a": "model-00001-of-00001.safetensors"}}).to_string();
    files.insert("model.safetensors.index.json".to_owned(), index.into_bytes());
    files.insert("model-00001-of-00001.safetensors".to_owned(), weights);
    let desk = Desk::of(Script::of(files));
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
}

#[test]
fn a_partial_cache_of_another_program_is_completed() {
    // As a program for transformers alone leaves it: no modules.json, so that its pooling is not known.
    let desk = Desk::of(Script::of(tiny_files("bert")));
    fs::create_dir_all(desk.snapshot()).unwrap();
    fs::create_dir_all(desk.repo().join("refs")).unwrap();
    fs::write(desk.repo().join("refs/main"), MAIN).unwrap();
    for name in ["config.json", "tokenizer.json", WEIGHTS] {
        fs::copy(tiny("bert").join(name), desk.snapshot().join(name)).unwrap();
    }
    assert_eq!(downloaded(&mut desk.embed("org/name")), of_folder("bert"));
    assert!(desk.hub.blob_requests.lock().unwrap().is_empty(), "what is there is not fetched again");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_blob_that_is_gone_is_mended() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    downloaded(&mut desk.embed("org/name"));
    for name in ["1_Pooling/config.json", WEIGHTS] {
        let link = desk.snapshot().join(name);
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("../../blobs/gone", &link).unwrap();
        let run = output_of(&mut desk.embed("org/name"));
        assert_eq!(String::from_utf8(run.stdout.clone()).unwrap(), of_folder("bert"), "{}", stderr(&run));
        assert!(link.exists());
    }
}

/// A model every small file of which changes its vectors.
fn with_settings() -> Files {
    let mut files = tiny_files("bert");
    for (name, content) in files_of(&tiny("bert/variants/cls")) {
        files.insert(name, content);
    }
    files.retain(|name, _| name != "vectors.json");
    files.insert(
        "config_sentence_transformers.json".to_owned(),
        br#"{"prompts": {"query": "query: "}, "default_prompt_name": "query"}"#.to_vec(),
    );
    // The length is the tokenizer's, so that its settings are asked for.
    files.insert("sentence_bert_config.json".to_owned(), br#"{"do_lower_case": true}"#.to_vec());
    files
}

#[test]
fn a_small_file_that_the_cache_lacks_is_fetched_and_offline_is_named() {
    let files = with_settings();
    assert_ne!(files["1_Pooling/config.json"], tiny_files("bert")["1_Pooling/config.json"]);
    let desk = Desk::of(Script::of(files.clone()));
    let expected = downloaded(&mut desk.embed("org/name"));
    let complete = |error: &str| assert!(!error.contains("may have settings"), "{error}");
    for name in files.keys().filter(|name| name.ends_with(".json") && *name != "tokenizer.json") {
        if !desk.snapshot().join(name).exists() {
            continue;
        }
        fs::remove_file(desk.snapshot().join(name)).unwrap();
        let offline = output_of(desk.embed("org/name").arg("--offline"));
        let told = stderr(&offline);
        if ["config.json", "1_Pooling/config.json"].contains(&name.as_str()) {
            assert_eq!(offline.status.code(), Some(1), "{name}: {told}");
            assert!(told.contains(&format!("model org/name lacks {name} in the cache")), "{told}");
            let list: Value =
                serde_json::from_str(&stdout(&mut desk.command(&["models", "--format", "json"]))).unwrap();
            assert!(list["cached"][0]["refused"].as_str().unwrap().contains(name.as_str()), "{list}");
        } else {
            assert!(offline.status.success(), "{name}: {told}");
            let note = "may have settings that the cache neither has nor knows to be absent (";
            assert!(told.contains(note) && told.contains(name), "{name}: {told}");
        }
        let run = output_of(&mut desk.embed("org/name"));
        assert_eq!(String::from_utf8(run.stdout.clone()).unwrap(), expected, "{name}: {}", stderr(&run));
        complete(&stderr(&run));
    }
    // As huggingface_hub leaves it, which marks nothing as absent: asked once, then known.
    let desk = Desk::of(Script::of(tiny_files("bert")));
    downloaded(&mut desk.embed("org/name"));
    fs::remove_dir_all(desk.repo().join(".no_exist")).unwrap();
    let requests = || desk.hub.requests.lock().unwrap().len();
    for expected in [1, 0] {
        let before = requests();
        complete(&stderr(&output_of(&mut desk.embed("org/name"))));
        assert_eq!(requests() - before, expected);
    }
}

#[test]
fn a_folder_of_the_same_name_wins() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    let work = tempfile::tempdir().unwrap();
    fs::create_dir_all(work.path().join("org")).unwrap();
    for (name, content) in tiny_files("mpnet") {
        let path = work.path().join("org/name").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut command = desk.command(&["embed", corpus.to_str().unwrap(), "--model", "org/name"]);
    let run = output_of(command.current_dir(work.path()));
    assert!(run.status.success(), "{}", stderr(&run));
    assert!(desk.hub.requests.lock().unwrap().is_empty());
}

#[test]
fn models_lists_what_is_bundled_cached_and_supported() {
    let desk = Desk::of(Script::of(with_ballast(tiny_files("bert"))));
    let folder = downloaded(&mut desk.command(&["models", "get", "org/name"]));
    assert_eq!(Path::new(folder.trim_end()), desk.snapshot());
    let refused = desk.home.path().join("hub/models--org--other/snapshots").join(TAGGED);
    fs::create_dir_all(&refused).unwrap();
    fs::write(refused.join("config.json"), r#"{"model_type": "t5"}"#).unwrap();
    let asked = desk.hub.requests.lock().unwrap().len();
    let list: Value = serde_json::from_str(&stdout(&mut desk.command(&["models", "--format", "json"]))).unwrap();
    assert_eq!(list["schema"], "refrain.models/1");
    let cached = list["cached"].as_array().unwrap();
    assert_eq!(cached.len(), 2);
    let expected = [("name", "org/name"), ("commit", MAIN), ("architecture", "bert"), ("pooling", "mean")];
    for (field, value) in expected {
        assert_eq!(cached[0][field], value);
    }
    assert_eq!((&cached[0]["revisions"], &cached[0]["refused"]), (&serde_json::json!(["main"]), &Value::Null));
    assert!(cached[0]["bytes"].as_u64().unwrap() > 1000 && cached[0]["dim"].as_u64().unwrap() > 0);
    assert!(cached[1]["refused"].as_str().unwrap().contains("the architecture \"t5\""));
    assert_eq!(list["bundled"]["name"].as_str(), cfg!(feature = "bundled-model").then_some("all-MiniLM-L6-v2"));
    assert!(list["supported"]["architectures"].as_array().unwrap().contains(&"mpnet".into()));
    let page = stdout(&mut desk.command(&["models"]));
    assert!(page.contains("1111111 (main)") && page.contains("not run"), "{page}");
    assert_eq!(desk.hub.requests.lock().unwrap().len(), asked);
    let empty = stdout(&mut refrain(&["models"]));
    assert!(empty.contains("In the cache\n") && empty.contains("No model."), "{empty}");
}
