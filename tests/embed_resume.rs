//! Batches that were killed, blocked, damaged or changed: what goes on, what is refused, and that nothing is lost.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::batch::{Desk, STATIC, fail, lines, manifest, succeed};
use support::{output_of, refrain};

#[test]
fn a_killed_run_goes_on_and_leaves_what_one_run_leaves() {
    let desk = Desk::new();
    let text = lines(6_000);
    let file = desk.with("all.jsonl", &text);
    let piped = |mut command: Command| {
        command.stdin(fs::File::open(&file).unwrap());
        succeed(&mut command)
    };
    piped(desk.embed("-", "whole", &[]));
    let mut child = desk.embed("-", "killed", &["-v"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Kept open: the run waits for more when it is killed.
    let most: String = text.lines().take(4_500).map(|line| format!("{line}\n")).collect();
    stdin.write_all(most.as_bytes()).unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.contains("part-00003.parquet")));
    child.kill().unwrap();
    child.wait().unwrap();
    let finished = manifest(&desk.path("killed"));
    assert_eq!(finished["finished"], false);
    let told = piped(desk.embed("-", "killed", &[]));
    assert!(told.contains("note: going on in"), "{told}");
    assert_eq!(desk.files("killed"), desk.files("whole"));
    let told = piped(desk.embed("-", "killed", &[]));
    assert!(told.ends_with("nothing was done\n"), "{told}");
}

#[test]
fn what_a_killed_run_left_half_is_made_again() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500));
    succeed(&mut desk.embed(&input, "whole", &[]));
    succeed(&mut desk.embed(&input, "begun", &[]));
    let begun = desk.path("begun");
    // Killed while it wrote shard 2, when shard 1 had its name and the manifest did not list it.
    let mut listed = manifest(&begun);
    listed["shards"].as_array_mut().unwrap().truncate(1);
    listed["finished"] = false.into();
    listed["totals"] =
        serde_json::json!({"paragraphs": 501, "articles": 250, "left_out": 0, "windowed": 0, "problems": 2});
    for name in ["paragraphs", "articles", "left_out", "windowed", "problems"] {
        listed["totals"][name] = listed["shards"][0][name].clone();
    }
    fs::write(begun.join("_manifest.json"), serde_json::to_vec_pretty(&listed).unwrap()).unwrap();
    for number in 2..6 {
        fs::remove_file(begun.join(format!("part-{number:05}.parquet"))).unwrap();
    }
    fs::write(begun.join(".part-00002.parquet.aside"), "half").unwrap();
    succeed(&mut desk.embed(&input, "begun", &[]));
    assert_eq!(desk.files("begun"), desk.files("whole"));
}

#[test]
fn a_shard_that_cannot_be_written_leaves_those_before_it() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500));
    succeed(&mut desk.embed(&input, "whole", &[]));
    fs::create_dir(desk.path("full")).unwrap();
    succeed(&mut desk.embed(&input, "full", &[]));
    let (full, blocked) = (desk.path("full"), desk.path("full").join("part-00002.parquet"));
    for number in 2..6 {
        fs::remove_file(full.join(format!("part-{number:05}.parquet"))).unwrap();
    }
    // A folder in its place is as final as a full disk.
    fs::create_dir(&blocked).unwrap();
    let mut listed = manifest(&full);
    let two = listed["shards"].as_array().unwrap()[..2].to_vec();
    for name in ["paragraphs", "articles", "left_out", "windowed", "problems"] {
        listed["totals"][name] = two.iter().map(|shard| shard[name].as_u64().unwrap()).sum::<u64>().into();
    }
    (listed["shards"], listed["finished"]) = (two.into(), false.into());
    fs::write(full.join("_manifest.json"), serde_json::to_vec_pretty(&listed).unwrap()).unwrap();
    let told = fail(&mut desk.embed(&input, "full", &[]), 1);
    assert!(told.contains(&format!("error: writing {}: ", blocked.display())), "{told}");
    assert!(told.contains("in 2 shards are finished; the same command goes on after them"), "{told}");
    fs::remove_dir(&blocked).unwrap();
    succeed(&mut desk.embed(&input, "full", &[]));
    assert_eq!(desk.files("full"), desk.files("whole"));
}

#[test]
fn damaged_missing_and_foreign_shards_are_named() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500));
    succeed(&mut desk.embed(&input, "whole", &[]));
    succeed(&mut desk.embed(&input, "hurt", &[]));
    let (hurt, name) = (desk.path("hurt").join("part-00002.parquet"), desk.name("hurt"));
    let mut bytes = fs::read(&hurt).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&hurt, &bytes).unwrap();
    let report = |name: &str| {
        let mut arguments = vec!["themes", name];
        arguments.extend(STATIC);
        refrain(&arguments)
    };
    for command in [&mut desk.embed(&input, "hurt", &[]), &mut report(&name)] {
        let told = fail(command, 1);
        assert!(told.contains(&format!("{}: damaged: ", hurt.display())), "{told}");
    }
    fs::remove_file(&hurt).unwrap();
    let told = fail(&mut report(&name), 1);
    assert!(told.contains("part-00002.parquet: listed in the manifest and not there: put the file back"), "{told}");
    // As the message says: taken away, it is made again.
    let told = succeed(&mut desk.embed(&input, "hurt", &[]));
    assert!(told.contains("part-00002.parquet was taken away: it and the shards after it are made again"), "{told}");
    assert_eq!(desk.files("hurt"), desk.files("whole"));
    let side = desk.path("hurt").join("_part-00003.jsonl.zst");
    fs::write(&side, "half").unwrap();
    let told = fail(&mut report(&name), 1);
    assert!(told.contains(&format!("{}: damaged: ", side.display())), "{told}");
    fs::remove_file(&side).unwrap();
    succeed(&mut desk.embed(&input, "hurt", &[]));
    assert_eq!(desk.files("hurt"), desk.files("whole"));
    // Killed while it makes shards again, when those after them are still there.
    fs::remove_file(&hurt).unwrap();
    let mut child = desk.embed(&input, "hurt", &["-v"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.contains("note: part-00002.parquet")));
    child.kill().unwrap();
    child.wait().unwrap();
    succeed(&mut desk.embed(&input, "hurt", &[]));
    assert_eq!(desk.files("hurt"), desk.files("whole"));
    // A folder that is named twice is read once.
    let articles = |command: &mut Command| {
        let page: Value = serde_json::from_slice(&output_of(command.args(["--format", "json"])).stdout).unwrap();
        page["articles"].as_array().unwrap().len()
    };
    assert_eq!(articles(&mut report(&name)), articles(report(&name).arg(&name)));
    for foreign in ["part-00077.parquet", "part-00006.parquet"] {
        let path = desk.path("hurt").join(foreign);
        fs::copy(&hurt, &path).unwrap();
        for command in [&mut desk.embed(&input, "hurt", &[]), &mut report(&name)] {
            let told = fail(command, 1);
            let said = format!("{foreign}: no shard of this folder, whose manifest lists 6: take it away");
            assert!(told.contains(&said), "{told}");
        }
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn runs_killed_while_they_write_leave_what_one_run_leaves() {
    let desk = Desk::new();
    let input = desk.with("all.jsonl", &lines(6_000));
    succeed(&mut desk.embed(&input, "whole", &[]));
    for kills in 0..4 {
        let mut child = desk.embed(&input, "killed", &["-v"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        // As soon as it has written some: the next is being written.
        assert!((0..=kills).all(|_| told.any(|line| line.contains("part-"))));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    succeed(&mut desk.embed(&input, "killed", &[]));
    assert_eq!(desk.files("killed"), desk.files("whole"));
}

#[test]
fn a_failed_run_waits_for_no_input() {
    let desk = Desk::new();
    let whole = lines(3_000);
    let fails = |output: &str, more: &[&str], said: &str| {
        let mut child = desk.embed("-", output, more).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The pipe stays open, and may be closed on the other side before all is written.
        let _ = stdin.write_all(whole.as_bytes());
        assert!(!child.wait().unwrap().success());
        drop(stdin);
        let mut told = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut told).unwrap();
        assert!(told.contains(said), "{told}");
    };
    fails("strict", &["--strict"], "--strict was given");
    // A shard that cannot take its name: the next is not waited for, nor the rest of the input.
    let refused = desk.path("full");
    succeed(&mut desk.embed(&desk.with("none.jsonl", &lines(1)), "full", &[]));
    fs::remove_file(refused.join("part-00000.parquet")).unwrap();
    fs::create_dir(refused.join("part-00000.parquet")).unwrap();
    let begun = fs::read_to_string(refused.join("_manifest.json")).unwrap();
    let piped = begun.replace(&desk.name("none.jsonl"), "-");
    let mut listed: Value = serde_json::from_str(&piped).unwrap();
    (listed["shards"], listed["finished"]) = (Value::Array(Vec::new()), false.into());
    listed["settings"]["input_bytes"] = Value::Null;
    for name in ["paragraphs", "articles", "left_out", "windowed", "problems"] {
        listed["totals"][name] = 0.into();
    }
    fs::write(refused.join("_manifest.json"), listed.to_string()).unwrap();
    fails("full", &[], "no shard is finished; the same command begins again");
}

#[test]
fn a_finished_folder_is_held_against_its_input_and_one_model() {
    let desk = Desk::new();
    let piped = |text: &str| {
        let mut command = desk.embed("-", "out", &[]);
        command.stdin(fs::File::open(desk.with("in.jsonl", text)).unwrap());
        command
    };
    succeed(&mut piped(&lines(900)));
    assert!(succeed(&mut piped(&lines(900))).contains("nothing was done"));
    for other in [lines(901), lines(899), lines(900).replace("Report 880 part", "Report 088 part")] {
        let told = fail(&mut piped(&other), 1);
        assert!(told.contains("the input is not what it was") && told.contains("hint: name another folder"), "{told}");
    }
    // The same weights under other settings are another model.
    let (model, own) =
        (desk.path("bert"), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures/bert"));
    fs::create_dir_all(model.join("1_Pooling")).unwrap();
    fs::create_dir_all(model.join("2_Normalize")).unwrap();
    for name in [
        "config.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "1_Pooling/config.json",
    ] {
        fs::copy(own.join(name), model.join(name)).unwrap();
    }
    let (input, name) = (desk.with("few.jsonl", &lines(20)), desk.name("bert"));
    let embed = || refrain(&["embed", &input, "-o", &desk.name("few"), "--model", &name]);
    succeed(&mut embed());
    let config = fs::read_to_string(model.join("config.json")).unwrap();
    fs::write(model.join("config.json"), config.replace("\"gelu\"", "\"relu\"")).unwrap();
    assert_ne!(fs::read_to_string(model.join("config.json")).unwrap(), config);
    let told = fail(&mut embed(), 1);
    assert!(told.contains("model files of CRC-32"), "{told}");
}

#[test]
fn another_command_or_another_input_does_not_go_on() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(900));
    succeed(&mut desk.embed(&input, "out", &[]));
    let refused = |more: &[&str], said: &str| {
        let told = fail(&mut desk.embed(&input, "out", more), 1);
        assert!(told.contains(said), "{told}");
    };
    refused(&["--vector-type", "f16"], "the shards there were made with the vector type f32, now it is f16");
    refused(&["--no-text"], "made with --no-text false, now it is true");
    refused(&["--truncate-dim", "4"], "made with dimensions 24, now it is 4");
    refused(&["--text-field", "desk"], "made with the reading options \"\", now it is \"--text-field=desk\"");
    desk.with("week.jsonl", &lines(901));
    refused(&[], "bytes of input");
    // As many bytes of other words, under a run that has not read all.
    desk.with("week.jsonl", &lines(900).replace("Report 7 part 0 says", "Report 7 part 0 told"));
    let mut listed = manifest(&desk.path("out"));
    listed["finished"] = false.into();
    fs::write(desk.path("out").join("_manifest.json"), serde_json::to_vec_pretty(&listed).unwrap()).unwrap();
    refused(&[], "the input is not what it was when its shards were written");
    let strange = desk.path("strange");
    fs::create_dir(&strange).unwrap();
    fs::write(strange.join("notes.txt"), "mine").unwrap();
    let told = fail(&mut desk.embed(&input, "strange", &[]), 1);
    assert!(told.contains("the folder holds notes.txt and no _manifest.json"), "{told}");
}

#[test]
fn one_run_at_a_time_writes_to_a_folder() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(100));
    fs::create_dir(desk.path("out")).unwrap();
    let lock = fs::File::create(desk.path("out").join(".lock")).unwrap();
    lock.lock().unwrap();
    let told = fail(&mut desk.embed(&input, "out", &[]), 1);
    assert!(told.contains("another refrain is writing to it"), "{told}");
}
