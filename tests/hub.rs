//! `--model org/name` and `refrain models`, against a small hub on loopback. Nothing leaves this machine.

#![cfg(feature = "hub")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

#[path = "hub/cache.rs"]
mod cache;
#[path = "hub/faults.rs"]
mod faults;
mod support;

use std::collections::BTreeSet;
use std::fs;
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
