//! `refrain embed` as a user runs it: streams, folders of shards, runs that are killed and go on, folders that others read.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use parquet::file::reader::SerializedFileReader;
use parquet::record::Field;
use serde_json::Value;
use support::{output_of, refrain, stderr, stdout};

/// A model without layers, so that thousands of texts take no time.
const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

/// Lines of articles of one to three paragraphs by five outlets; every hundredth line is no JSON.
fn lines(count: usize) -> String {
    let article = |at: usize| {
        let text = (0..=at % 3).map(|part| {
            format!("Report {at} part {part} says the deal is worth {} billion dollars today.", at * 7 % 90)
        });
        let text = text.collect::<Vec<_>>().join("\n\n");
        serde_json::json!({ "id": format!("a{at}"), "outlet": format!("outlet {}", at % 5), "text": text, "desk": at % 4 })
    };
    let line = |at: usize| if at % 100 == 99 { "no JSON\n".to_owned() } else { format!("{}\n", article(at)) };
    (0..count).map(line).collect()
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.name(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `embed INPUT -o OUTPUT` with the small model in shards of 500 rows.
    fn embed(&self, input: &str, output: &str, more: &[&str]) -> Command {
        let output = self.name(output);
        let mut arguments = vec!["embed", input, "-o", &output, "--shard-rows", "500"];
        arguments.extend(STATIC);
        arguments.extend(more);
        refrain(&arguments)
    }

    /// The files of a folder by name, but for the lock.
    fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path(name)).unwrap().map(|entry| entry.unwrap().path());
        let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
        named.filter(|(name, _)| name != ".lock").map(|(name, path)| (name, fs::read(path).unwrap())).collect()
    }
}

fn succeed(command: &mut Command) -> String {
    let run = output_of(command);
    assert!(run.status.success(), "{command:?}: {}", stderr(&run));
    stderr(&run)
}

/// The last line of standard error of a run that must fail with a code.
fn fail(command: &mut Command, code: i32) -> String {
    let run = output_of(command);
    assert_eq!(run.status.code(), Some(code), "{command:?}: {}", stderr(&run));
    stderr(&run)
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("_manifest.json")).unwrap()).unwrap()
}

#[test]
fn shards_hold_every_paragraph_once_and_are_the_same_at_any_number_of_threads() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500));
    let told = succeed(&mut desk.embed(&input, "one", &["--threads", "1"]));
    assert!(told.contains("line 100: not JSON"), "{told}");
    assert!(
        told.ends_with(
            "note: one written: 2,970 paragraphs of 1,485 articles (0 left out) in 6 shards\n"
                .replace("one", &desk.name("one"))
                .as_str()
        ),
        "{told}"
    );
    succeed(&mut desk.embed(&input, "three", &["--threads", "3"]));
    assert_eq!(desk.files("one"), desk.files("three"));
    let mut rows = 0;
    for number in 0..6 {
        let file = fs::File::open(desk.path("one").join(format!("part-{number:05}.parquet"))).unwrap();
        for row in SerializedFileReader::new(file).unwrap().into_iter() {
            let fields: BTreeMap<String, Field> =
                row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect();
            assert_eq!(fields["row"], Field::Long(rows));
            let Field::Str(id) = &fields["id"] else { panic!("{:?}", fields["id"]) };
            let (Field::Str(article), Field::Int(place)) = (&fields["article"], &fields["place"]) else { panic!() };
            assert_eq!(*id, format!("{article}/{place}"));
            let Field::ListInternal(vector) = &fields["vector"] else { panic!("{:?}", fields["vector"]) };
            let length: f32 = vector
                .elements()
                .iter()
                .map(|value| match value {
                    Field::Float(value) => value * value,
                    other => panic!("{other:?}"),
                })
                .sum();
            assert!((length - 1.0).abs() < 1e-5);
            rows += 1;
        }
    }
    assert_eq!(rows, 2_970);
}

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
fn bad_lines_fill_shards_too() {
    let desk = Desk::new();
    let input = desk.with("bad.jsonl", &format!("{}{}", lines(1), "{\"body\": 1}\n".repeat(4_500)));
    succeed(&mut desk.embed(&input, "out", &[]));
    let listed = manifest(&desk.path("out"));
    let problems: Vec<u64> =
        listed["shards"].as_array().unwrap().iter().map(|shard| shard["problems"].as_u64().unwrap()).collect();
    assert_eq!(problems, [1_999, 2_000, 501]);
}

#[test]
fn problems_and_strict_are_those_of_the_texts() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(900).replace("\"a7\"", "\"a8\""));
    let table = desk.with("outlets.csv", "file,outlet\nnowhere.txt,Daily\n");
    succeed(&mut desk.embed(&input, "out", &["--outlets", &table]));
    let told = |input: &str, more: &[&str]| {
        let mut arguments = vec!["themes", input, "--format", "json"];
        arguments.extend(STATIC);
        arguments.extend(more);
        let run = output_of(&mut refrain(&arguments));
        (
            run.status.code(),
            stderr(&run),
            serde_json::from_slice::<Value>(&run.stdout).map(|page| page["problems"].clone()).ok(),
        )
    };
    let (code, said, problems) = told(&desk.name("out"), &[]);
    assert_eq!((code, said.clone(), problems.clone()), told(&input, &["--outlets", &table]));
    assert!(said.contains("1 of 1 entries name no file") && said.contains("is taken by the article at"), "{said}");
    assert_eq!(problems.unwrap().as_array().unwrap().len(), 11);
    assert_eq!(told(&desk.name("out"), &["--strict"]).0, Some(1));
    let told = fail(&mut desk.embed(&input, "out", &["--outlets", &table, "--strict"]), 1);
    assert!(told.contains("10 problems in the shards that are there, and --strict was given"), "{told}");
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
fn strict_stops_before_the_shard_with_the_problem() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(1_500).replacen("no JSON\n", "", 5));
    let told = fail(&mut desk.embed(&input, "out", &["--strict"]), 1);
    assert!(told.contains("line 595: not JSON") && told.contains("--strict was given"), "{told}");
    assert_eq!(manifest(&desk.path("out"))["shards"].as_array().unwrap().len(), 2);
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

#[test]
fn names_say_what_is_written() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(50));
    let told = fail(&mut desk.embed(&input, "a.parquet", &[]), 2);
    assert!(told.contains("Parquet is written as a folder of shards: name one, without an ending"), "{told}");
    let told = fail(&mut desk.embed(&input, "a.jsonl", &["--no-text"]), 2);
    assert!(told.contains("--no-text is for Parquet shards"), "{told}");
    let told = fail(&mut refrain(&["embed", &input, "--format", "parquet"]), 2);
    assert!(told.contains("name it with -o FOLDER"), "{told}");
    succeed(&mut desk.embed(&input, "plain", &["--format", "jsonl"]));
    assert!(desk.path("plain").is_file());
    succeed(&mut desk.embed(&input, "out", &[]));
    let told = fail(&mut desk.embed(&input, "plain", &[]), 2);
    assert!(told.contains("it is a file, and a name without an ending is that of a folder"), "{told}");
    // A first run that found nothing does not stand in the way of the second.
    succeed(&mut desk.embed(&input, "again", &[]));
    let told = fail(&mut desk.embed(&input, "late", &["--text-field", "body"]), 1);
    assert!(told.contains("no paragraph to work on"), "{told}");
    succeed(&mut desk.embed(&input, "late", &[]));
    assert_eq!(desk.files("late"), desk.files("again"));
    // A shard by itself is no article.
    let shard = desk.path("again").join("part-00000.parquet");
    let told = fail(&mut refrain(&["nearest", "x", shard.to_str().unwrap()]), 1);
    assert!(told.contains("a shard that refrain wrote"), "{told}");
    let told = fail(&mut refrain(&["embed", &desk.name("out")]), 2);
    assert!(told.contains("holds vectors already"), "{told}");
    let told = fail(&mut refrain(&["report", &desk.name("out"), &input]), 2);
    assert!(told.contains("expected the one kind or the other"), "{told}");
    let told = fail(&mut refrain(&["report", &desk.name("out")]), 1);
    assert!(told.contains("was embedded with the model static") && told.contains("hint: name the model"), "{told}");
}

#[test]
fn jsonl_and_npy_hold_what_the_shards_hold() {
    let desk = Desk::new();
    let input = desk.with("week.jsonl", &lines(700));
    succeed(&mut desk.embed(&input, "v.npy", &[]));
    succeed(&mut desk.embed(&input, "v.jsonl", &[]));
    let npy = fs::read(desk.path("v.npy")).unwrap();
    let rows: Vec<Value> = fs::read_to_string(desk.path("v.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(npy[10..].starts_with(
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 24), }}", rows.len()).as_bytes()
    ));
    let values: Vec<f32> =
        npy[128..].chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row["row"], at);
        let vector: Vec<f32> = serde_json::from_value(row["vector"].clone()).unwrap();
        assert_eq!(vector, values[24 * at..24 * (at + 1)]);
    }
}

#[cfg(feature = "bundled-model")]
#[test]
fn reports_on_shards_are_the_reports_on_the_texts() {
    let desk = Desk::new();
    let shards = desk.name("seeds");
    // Several shards, so that rows are counted over them.
    succeed(&mut refrain(&["embed", "seeds", "-o", &shards, "--shard-rows", "20"]));
    assert_eq!(manifest(Path::new(&shards))["shards"].as_array().unwrap().len(), 3);
    let of = |command: &str, input: &str| {
        let mut findings: Value = serde_json::from_str(&stdout(&mut refrain(&[
            command,
            input,
            "--format",
            "json",
            "--theme-file",
            "seeds/themes.toml",
        ])))
        .unwrap();
        findings["run"]["inputs"].take();
        findings
    };
    assert_eq!(of("report", &shards), of("report", "seeds"));
    let nearest =
        |input: &str| stdout(&mut refrain(&["nearest", "who pays for the chips?", input, "--format", "json"]));
    assert_eq!(nearest(&shards), nearest("seeds"));
    let halves = desk.name("halves");
    succeed(&mut refrain(&["embed", "seeds", "-o", &halves, "--vector-type", "f16"]));
    let pairs = |findings: &Value| findings["coverage"]["pairs"].as_array().unwrap().len();
    assert_eq!(pairs(&of("report", &halves)), pairs(&of("report", "seeds")));
    let without = desk.name("without");
    succeed(&mut refrain(&["embed", "seeds", "-o", &without, "--no-text"]));
    let told = fail(&mut refrain(&["report", &without]), 1);
    assert!(told.contains("written without text"), "{told}");
}
