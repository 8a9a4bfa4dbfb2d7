//! A cache that holds a part of a model, or is filled by several.

use super::*;

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
fn two_processes_at_once_fetch_each_file_once() {
    let desk = Desk::of(Script::of(tiny_files("bert")));
    let expected = of_folder("bert");
    let start = || {
        let mut command = desk.embed("org/name");
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()];
    for run in both.map(|child| child.wait_with_output().unwrap()) {
        assert_eq!(String::from_utf8(run.stdout.clone()).unwrap(), expected, "{}", stderr(&run));
    }
    let asked = desk.hub.blob_requests.lock().unwrap().len();
    assert_eq!(asked, 2, "the tokenizer and the weights: {:?}", desk.hub.fetched());
}

#[test]
fn what_another_commit_had_already_is_not_counted_as_downloaded() {
    let mut changed = tiny_files("bert");
    changed.insert("modules.json".to_owned(), [&changed["modules.json"][..], b"\n"].concat());
    let commits = [(MAIN, tiny_files("bert")), (TAGGED, changed)].into();
    let desk = Desk::of(Script { commits, ..Script::default() });
    downloaded(&mut desk.embed("org/name"));
    let run = output_of(&mut desk.embed("org/name@v1"));
    let told = stderr(&run);
    assert!(told.contains("note: downloaded model org/name@v1: 1 file, "), "{told}");
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
