//! `refrain nearest`, `embed` and `completions` as a user runs them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;
use support::{output_of, refrain, stderr, stdout};

#[test]
fn the_nearest_paragraphs_to_a_question() {
    let page = stdout(&mut refrain(&["nearest", "Is this an AI bubble?", "seeds", "-k", "3"]));
    insta::assert_snapshot!("nearest_seeds", page);
}

#[test]
fn outlets_can_be_asked_for_and_left_out() {
    let outlets = |flags: &[&str]| {
        let arguments = [&["nearest", "Nvidia chips", "seeds", "-k", "4", "--format", "json"], flags].concat();
        let answer: Value = serde_json::from_str(&stdout(&mut refrain(&arguments))).unwrap();
        answer["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| hit["outlet"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let only = outlets(&["--outlet", "003_eb4073fdaf82232d"]);
    assert_eq!(only, vec!["003_eb4073fdaf82232d"; 4]);
    let without = outlets(&["--not-outlet", "003_eb4073fdaf82232d"]);
    assert!(without.len() == 4 && !without.contains(&only[0]));
}

#[test]
fn an_outlet_that_is_not_there_is_an_error_that_names_those_that_are() {
    let run = output_of(&mut refrain(&["nearest", "chips", "seeds", "--outlet", "BBC"]));
    assert_eq!(run.status.code(), Some(1));
    assert!(stderr(&run).contains("no outlet \"BBC\" here: there are 000_7d46cf23d32f6871, "), "{}", stderr(&run));
}

#[test]
fn a_query_may_come_from_standard_input_or_a_file() {
    let plain = stdout(&mut refrain(&["nearest", "Nvidia chips", "seeds", "--format", "json"]));
    let mut child = refrain(&["nearest", "-", "seeds", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"Nvidia chips\n").unwrap();
    assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap(), plain);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("query.txt"), "Nvidia chips\n").unwrap();
    let query = folder.path().join("query.txt").display().to_string();
    assert_eq!(stdout(&mut refrain(&["nearest", "--query-file", &query, "seeds", "--format", "json"])), plain);
}

/// The answer as JSON.
fn answer(arguments: &[&str]) -> Value {
    let arguments = [&["nearest"], arguments, &["--format", "json"]].concat();
    serde_json::from_str(&stdout(&mut refrain(&arguments))).unwrap()
}

fn hits(answer: &Value) -> &Vec<Value> {
    answer["hits"].as_array().unwrap()
}

#[test]
fn both_is_the_sum_of_meaning_and_words_and_each_can_be_asked_for_alone() {
    let of = |mode: &str| answer(&["38 billion Amazon deal", "seeds", "-k", "80", "--mode", mode]);
    let (hybrid, semantic, lexical) = (of("hybrid"), of("semantic"), of("lexical"));
    let by_row = |answer: &Value, field: &str| -> std::collections::BTreeMap<u64, f64> {
        let values = hits(answer).iter().map(|hit| (hit["row"].as_u64().unwrap(), hit[field].as_f64().unwrap()));
        values.collect()
    };
    let (meaning, words) = (by_row(&semantic, "score"), by_row(&lexical, "score"));
    assert!(hits(&hybrid).len() == meaning.len() && !words.is_empty() && words.len() < meaning.len());
    for (row, score) in by_row(&hybrid, "score") {
        let sum = meaning[&row] + words.get(&row).copied().unwrap_or(0.0);
        assert!((score - sum).abs() < 2e-4, "row {row}: {score}, {sum}");
    }
    assert!(hits(&lexical).iter().all(|hit| hit["cosine"].is_null() && hit["words"].as_f64().unwrap() <= 1.0));
    assert!(hits(&semantic).iter().all(|hit| hit["bm25"].is_null()));
}

#[test]
fn an_answer_marks_the_words_it_shares() {
    let found = answer(&["Who supplies chips?", "seeds", "-k", "3", "--mode", "lexical"]);
    for hit in hits(&found) {
        let (text, why) = (hit["text"].as_str().unwrap(), &hit["why"]);
        let spans = why["spans"].as_array().unwrap();
        assert!(!spans.is_empty());
        for span in spans {
            let at = |end: usize| span[end].as_u64().unwrap() as usize;
            let word = text[at(0)..at(1)].to_lowercase();
            assert!(word.starts_with("chip") || word.starts_with("suppl"), "{word}");
        }
    }
}

#[test]
fn figures_asked_for_are_told_beside_those_that_answer() {
    let found = answer(&["OpenAI and Amazon: five-year $45 billion deal", "seeds", "-k", "1"]);
    let told: Vec<&str> = hits(&found)[0]["why"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["there"]["value"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["5 year", "USD 45 billion"], "{}", hits(&found)[0]["why"]);
}

#[test]
fn answers_without_a_word_of_the_question_are_said_to_be() {
    let warning = "None of them has a word of the question";
    assert!(stdout(&mut refrain(&["nearest", "recipe for rye bread", "seeds"])).contains(warning));
    assert!(!stdout(&mut refrain(&["nearest", "Nvidia", "seeds"])).contains(warning));
}

#[test]
fn a_paragraph_asks_and_is_no_answer_and_other_outlets_are_told() {
    let first = answer(&["Nvidia chips", "seeds", "-k", "1"]);
    let (article, place) = (hits(&first)[0]["article"].as_str().unwrap(), hits(&first)[0]["place"].as_u64().unwrap());
    let named = format!("{article}:{place}");
    let found = answer(&["--paragraph", &named, "seeds", "--elsewhere", "-k", "4"]);
    assert_eq!(found["query"], hits(&first)[0]["text"]);
    for hit in hits(&found) {
        assert!(hit["row"] != hits(&first)[0]["row"]);
        assert!(hit["elsewhere"]["outlet"] != hit["outlet"] && hit["elsewhere"]["text"].is_string());
    }
    let run = output_of(&mut refrain(&["nearest", "--paragraph", &format!("{article}:9999"), "seeds"]));
    assert_eq!(run.status.code(), Some(1));
    assert!(stderr(&run).starts_with("error: no paragraph 9999 of an article"), "{}", stderr(&run));
}

#[test]
fn a_library_answers_as_its_files_do() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("news.refrain").display().to_string();
    assert!(output_of(&mut refrain(&["add", &library, "seeds"])).status.success());
    let plain = |answer: &Value| {
        let mut answer = answer.clone();
        for hit in answer["hits"].as_array_mut().unwrap() {
            assert!(hit.as_object_mut().unwrap().remove("id").is_some());
        }
        answer
    };
    for flags in [
        &["--elsewhere"][..],
        &["--mode", "semantic"],
        &["--mode", "lexical"],
        &["--not-outlet", "003_eb4073fdaf82232d"],
    ] {
        let of = |input: &str| plain(&answer(&[&["who pays for the chips?", input], flags].concat()));
        assert_eq!(of(&library), of("seeds"), "{flags:?}");
    }
    let named = hits(&answer(&["chips", &library, "-k", "1"]))[0].clone();
    assert!(named["id"].is_i64());
    let named = format!("{}:{}", named["article"].as_str().unwrap(), named["place"]);
    let of = |input: &str| plain(&answer(&["--paragraph", &named, input]));
    assert_eq!(of(&library), of("seeds"));
}

#[test]
fn a_question_beside_a_paragraph_is_told_to_be_one_too_many() {
    let library = "tests/fixtures/library/format-1.refrain";
    let run = output_of(&mut refrain(&["nearest", "chips", library, "--paragraph", "a:1"]));
    assert_eq!(run.status.code(), Some(2));
    assert!(stderr(&run).contains("\"chips\" is no input, and what to look for is given already"), "{}", stderr(&run));
}

#[test]
fn a_theme_of_a_library_can_be_searched_alone() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("news.refrain").display().to_string();
    assert!(output_of(&mut refrain(&["add", &library, "seeds"])).status.success());
    let themes: Value = serde_json::from_str(&stdout(&mut refrain(&["themes", &library, "--format", "json"]))).unwrap();
    let theme = &themes["themes"]["list"][0];
    let members: Vec<_> = theme["members"].as_array().unwrap().iter().map(|member| &member["row"]).collect();
    for which in [&theme["id"], &theme["name"]] {
        let found = answer(&["chips", &library, "-k", "80", "--theme", which.as_str().unwrap()]);
        assert_eq!(hits(&found).len(), members.len());
        assert!(hits(&found).iter().all(|hit| members.contains(&&hit["row"])));
    }
    let run = output_of(&mut refrain(&["nearest", "chips", &library, "--theme", "weather"]));
    assert!(run.status.code() == Some(1) && stderr(&run).contains("weather"), "{}", stderr(&run));
}

#[test]
fn filters_shut_out_and_say_how_many() {
    let all = answer(&["chips", "seeds"]);
    let bodies = answer(&["chips", "seeds", "--kind", "body", "-k", "80"]);
    assert!(hits(&bodies).iter().all(|hit| hit["kind"] == "body"));
    let count = |answer: &Value, field: &str| answer["searched"][field].as_u64().unwrap();
    assert_eq!(count(&bodies, "paragraphs") + count(&bodies, "shut_out"), count(&all, "paragraphs"));
    // What has no date is shut out by days.
    let dated = answer(&["chips", "seeds", "--from", "1900-01-01", "-k", "80"]);
    assert!(hits(&dated).iter().all(|hit| hit["date"].is_string()));
    let run = output_of(&mut refrain(&["nearest", "x", "seeds", "--from", "2026-01-02", "--to", "2026-01-01"]));
    assert_eq!((run.status.code(), stderr(&run).contains("expected the earlier day first")), (Some(2), true));
}

#[test]
fn queries_that_make_no_sense_are_refused() {
    let seeds = "seeds";
    for arguments in [
        &["nearest", "chips"][..],
        &["nearest", " ", seeds],
        &["nearest", "-", "-"],
        &["nearest", "--paragraph", "no number", seeds],
        &["nearest", "chips", seeds, "--mode", "magic"],
        &["nearest", "chips", seeds, "--theme", "t1"],
    ] {
        let run = output_of(&mut refrain(arguments));
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&run).starts_with("error: "), "{}", stderr(&run));
    }
}

#[test]
fn vectors_come_as_lines_and_as_an_array_and_agree() {
    let lines = stdout(&mut refrain(&["embed", "seeds"]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.npy");
    assert!(output_of(refrain(&["embed", "seeds", "-o"]).arg(&path)).status.success());
    let array = fs::read(&path).unwrap();
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array.len(), 128 + rows.len() * 384 * 4);
    let header = String::from_utf8_lossy(&array[10..128]).into_owned();
    assert!(header.contains(&format!("'shape': ({}, 384)", rows.len())), "{header}");
    let last = f32::from_le_bytes(array[array.len() - 4..].try_into().unwrap());
    assert_eq!(rows.last().unwrap()["vector"][383].as_f64().unwrap() as f32, last);
}

#[test]
fn completions_are_scripts() {
    assert!(stdout(&mut refrain(&["completions", "bash"])).contains("_refrain()"));
    assert!(stdout(&mut refrain(&["completions", "fish"])).contains("complete -c refrain"));
}

#[test]
fn help_teaches_by_example() {
    insta::assert_snapshot!("help", stdout(&mut refrain(&["--help"])));
    for command in ["report", "themes", "duplicates", "nearest", "embed", "models", "completions"] {
        assert!(stdout(&mut refrain(&[command, "--help"])).contains("Example"), "{command}");
    }
}

#[test]
fn the_bundled_model_may_be_named() {
    let named = stdout(&mut refrain(&["embed", "seeds", "--model", "all-MiniLM-L6-v2"]));
    assert!(named == stdout(&mut refrain(&["embed", "seeds"])));
}

#[test]
fn verbose_says_what_runs() {
    let run = output_of(&mut refrain(&["embed", "seeds", "--verbose", "--threads", "1", "--truncate-dim", "8"]));
    // Why it is the CPU depends on the build and the machine; on one with a card it is the card.
    let told = "note: model all-MiniLM-L6-v2: 8 dimensions, reads 256 word pieces at once; on ";
    assert!(stderr(&run).contains(told) && stderr(&run).contains(", 1 thread"), "{}", stderr(&run));
    if !cfg!(feature = "cuda") {
        let why = "on cpu (this build of refrain has no CUDA support (cargo build --release --features cuda makes one that \
                   has)) in f32, instructions ";
        assert!(stderr(&run).contains(why), "{}", stderr(&run));
    }
}

#[test]
fn a_prompt_stands_before_every_text_and_one_without_a_name_is_refused() {
    let vectors = |flags: &[&str]| stdout(&mut refrain(&[&["embed", "seeds"], flags].concat()));
    let plain = vectors(&[]);
    assert!(vectors(&["--prompt", ""]) == plain && vectors(&["--prompt", "news: "]) != plain);
    let run = output_of(&mut refrain(&["embed", "seeds", "--prompt-name", "query"]));
    assert_eq!(run.status.code(), Some(1));
    assert!(stderr(&run).contains("has no prompt \"query\""), "{}", stderr(&run));
}

#[test]
fn completions_know_the_devices_and_precisions() {
    let script = stdout(&mut refrain(&["completions", "bash"]));
    assert!(script.contains("auto f32 f16 bf16 int8") && script.contains("auto cpu cuda"));
}
