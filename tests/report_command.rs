//! `refrain report`, `themes` and `duplicates` as a user runs them: the sample corpus, broken input, formats.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{output_of, refrain, stderr, stdout};

fn seeds_json() -> Value {
    serde_json::from_str(&stdout(&mut refrain(&["report", "seeds", "--format", "json"]))).unwrap()
}

fn text_of(findings: &Value, row: &Value) -> String {
    findings["paragraphs"][row.as_u64().unwrap() as usize]["text"].as_str().unwrap().to_owned()
}

/// Texts of a theme's members.
fn members(findings: &Value, theme: &str) -> Vec<String> {
    let list = findings["themes"]["list"].as_array().unwrap();
    let theme = list.iter().find(|found| found["name"] == theme).unwrap_or_else(|| panic!("no theme {theme}"));
    theme["members"].as_array().unwrap().iter().map(|member| text_of(findings, &member["row"])).collect()
}

/// For each group, how many articles (of the samples, so outlets) have a passage in it that holds all the words.
fn outlets_of_groups_with(findings: &Value, words: &[&str]) -> Vec<usize> {
    let groups = findings["coverage"]["groups"].as_array().unwrap();
    let holds = |passage: &Value| words.iter().all(|word| passage["text"].as_str().unwrap().contains(word));
    let outlets = |group: &Value| {
        let mut of: Vec<String> = group["passages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|passage| holds(passage))
            .map(|passage| findings["paragraphs"][passage["row"].as_u64().unwrap() as usize]["article"].to_string())
            .collect();
        of.sort();
        of.dedup();
        of.len()
    };
    groups.iter().map(outlets).collect()
}

#[test]
fn the_sample_corpus_as_a_page() {
    let page = stdout(&mut refrain(&["report", "seeds"]));
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for line in shown.lines().filter(|line| *line != "[...]") {
        assert!(page.lines().any(|printed| printed == line), "README.md shows what is not printed: {line}");
    }
    insta::assert_snapshot!("report_seeds_80", page);
}

#[test]
fn the_sample_corpus_shows_its_seeded_themes() {
    let findings = seeds_json();
    let (bubble, microsoft, hardware) = (
        members(&findings, "bubble risk"),
        members(&findings, "Microsoft relationship"),
        members(&findings, "hardware"),
    );
    let has = |texts: &[String], start: &str| texts.iter().any(|text| text.starts_with(start));
    assert!(
        has(&bubble, "Such astronomical investments") && has(&bubble, "Some analysts warn the increased investment")
    );
    assert!(has(&bubble, "While the agreement deepens OpenAI’s cloud footprint"));
    assert!(
        has(&microsoft, "Last week, Microsoft’s preferential status")
            && has(&microsoft, "Until 2025, OpenAI maintained")
    );
    assert!(microsoft.iter().all(|text| text.contains("Microsoft")), "{microsoft:#?}");
    assert!(has(&hardware, "Amazon plans to deploy Nvidia’s latest GB200") && has(&hardware, "GPU Access: "));
    assert!(
        !has(&hardware, "Some analysts warn") && !has(&bubble, "Last week, Microsoft") && !has(&bubble, "GPU Access")
    );
}

#[test]
fn the_sample_corpus_shows_who_carries_what() {
    let findings = seeds_json();
    assert!(outlets_of_groups_with(&findings, &["massive, reliable compute"]).contains(&3), "the Altman quotation");
    assert!(outlets_of_groups_with(&findings, &["GB200", "GB300"]).contains(&3), "the GB200 and GB300 sentence");
    assert!(outlets_of_groups_with(&findings, &["tens of millions of CPUs"]).contains(&2), "the CPUs passage");
}

#[test]
fn no_boilerplate_takes_part() {
    let page = stdout(&mut refrain(&["report", "seeds", "--format", "json"]));
    let findings: Value = serde_json::from_str(&page).unwrap();
    let kept: Vec<&str> =
        findings["paragraphs"].as_array().unwrap().iter().map(|p| p["text"].as_str().unwrap()).collect();
    for furniture in
        ["Leave a Reply", "Tweets From", "email address", "Learn more at AWS", "Newsletter", "Table of Contents", "---"]
    {
        assert!(!kept.iter().any(|text| text.contains(furniture)), "{furniture}");
        assert!(furniture == "---" || page.contains(furniture), "{furniture} is listed as left out");
    }
}

#[test]
fn the_result_is_the_same_bytes_at_any_number_of_threads() {
    let with = |threads: &str| stdout(&mut refrain(&["report", "seeds", "--format", "json", "--threads", threads]));
    assert_eq!(with("1"), with("3"));
}

#[test]
fn themes_and_duplicates_give_their_part_alone() {
    let themes: Value = serde_json::from_str(&stdout(&mut refrain(&["themes", "seeds", "--format", "json"]))).unwrap();
    assert!(themes["themes"].is_object() && themes["coverage"].is_null());
    let same: Value =
        serde_json::from_str(&stdout(&mut refrain(&["duplicates", "seeds", "--format", "json"]))).unwrap();
    assert!(same["themes"].is_null() && same["coverage"].is_object());
}

#[test]
fn the_number_of_themes_can_be_asked_for() {
    let page = stdout(&mut refrain(&["themes", "seeds", "--themes", "3", "--no-seeded", "--format", "json"]));
    let themes: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(themes["themes"]["list"].as_array().unwrap().len(), 3);
}

#[test]
fn a_file_takes_its_format_from_its_name_and_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    let run = output_of(refrain(&["duplicates", "seeds", "-o"]).arg(&path));
    assert!(run.status.success() && run.stdout.is_empty());
    assert!(fs::read_to_string(&path).unwrap().contains("## Near-duplicate coverage"));
}

#[test]
fn what_cannot_be_read_is_named_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"id": "a", "outlet": "Daily", "text": "The council voted on Monday to close the old bridge for repairs."}"#,
        "this is no JSON",
        r#"{"id": "b", "outlet": "Herald", "headline": "no text here"}"#,
        r#"{"id": "c", "outlet": "Herald", "text": "The council voted on Monday to close the old bridge for repairs."}"#,
    ];
    fs::write(folder.path().join("week.jsonl"), lines.join("\n")).unwrap();
    fs::write(folder.path().join("empty.txt"), "").unwrap();
    let run = output_of(refrain(&["duplicates", "."]).current_dir(folder.path()));
    insta::assert_snapshot!("broken_input", format!("{}\n---\n{}", stderr(&run), String::from_utf8_lossy(&run.stdout)));
    assert_eq!(run.status.code(), Some(0));
    let strict = output_of(refrain(&["duplicates", ".", "--strict"]).current_dir(folder.path()));
    assert_eq!(strict.status.code(), Some(1));
    assert!(stderr(&strict).contains("--strict"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let cases: &[(&[&str], i32)] = &[
        (&["report"], 2),
        (&["report", "no/such/folder"], 1),
        (&["report", "seeds", "--device", "cuda"], 1),
        (&["report", "seeds", "--device", "tpu"], 2),
        (&["report", "seeds", "--model", "no/such"], 1),
        (&["report", "seeds", "--threshold", "nan"], 2),
        (&["report", "seeds", "--themes", "1000"], 1),
        (&["report", "seeds", "--theme-file", "models/all-MiniLM-L6-v2/config.json"], 1),
        (&["report", "seeds", "-o", "no/such/folder/report.md"], 1),
    ];
    let mut told = String::new();
    for (arguments, code) in cases {
        let run = output_of(&mut refrain(arguments));
        assert_eq!(run.status.code(), Some(*code), "{arguments:?}: {}", stderr(&run));
        assert!(run.stdout.is_empty(), "{arguments:?}");
        told += &format!("$ refrain {}\n{}\n", arguments.join(" "), stderr(&run));
    }
    insta::assert_snapshot!("refused", told);
}
