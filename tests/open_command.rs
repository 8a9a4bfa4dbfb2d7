//! `--open` and the tables, as a user runs them. No browser is started: the opener on the path is the test's own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{output_of, refrain, stderr, stdout};

/// An opener that writes down what it is given.
fn opener(folder: &Path) {
    let script = folder.join("xdg-open");
    fs::write(
        &script,
        format!("#!/bin/sh\nprintf '%s' \"$1\" > {0}/aside\n/bin/mv {0}/aside {0}/opened\n", folder.display()),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
}

fn told(path: &Path) -> String {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing was opened");
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_page_is_opened_by_its_whole_path() {
    let folder = tempfile::tempdir().unwrap();
    opener(folder.path());
    let page = folder.path().join("coverage.html");
    let page = page.to_str().unwrap();
    let mut command = refrain(&["duplicates", "seeds", "--by", "wording", "-o", page, "--open"]);
    assert_eq!(stdout(command.env("PATH", folder.path())), "");
    assert_eq!(told(&folder.path().join("opened")), page);
    assert!(fs::read_to_string(page).unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_page_that_nothing_can_open_is_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("coverage.html");
    let mut command = refrain(&["duplicates", "seeds", "--by", "wording", "-o", page.to_str().unwrap(), "--open"]);
    let run = output_of(command.env("PATH", folder.path()));
    assert_eq!(run.status.code(), Some(0));
    assert!(stderr(&run).starts_with("warning: "), "{}", stderr(&run));
    assert!(stderr(&run).contains("is written, and no browser was found to open it"), "{}", stderr(&run));
    assert!(page.exists());
}

#[test]
fn open_without_a_page_is_a_wrong_command_line() {
    for (flags, said) in [
        (&["--open"][..], "error: --open needs a file to open: add -o coverage.html"),
        (&["--open", "-o", "a.md"], "error: --open opens HTML pages alone: write one with -o coverage.html"),
    ] {
        let run = output_of(&mut refrain(&[&["duplicates", "seeds", "--by", "wording"], flags].concat()));
        assert_eq!(run.status.code(), Some(2));
        assert_eq!(stderr(&run).lines().next(), Some(said));
    }
}

#[test]
fn a_table_has_a_row_a_paragraph() {
    let json = stdout(&mut refrain(&["themes", "seeds", "--format", "json"]));
    let rows = serde_json::from_str::<serde_json::Value>(&json).unwrap()["paragraphs"].as_array().unwrap().len();
    let table = stdout(&mut refrain(&["themes", "seeds", "--format", "csv"]));
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let head = table.headers().unwrap().clone();
    let x = head.iter().position(|name| name == "x").unwrap();
    let records: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows);
    assert!(records.iter().all(|record| record[x].parse::<f32>().is_ok_and(|x| (-1.0..=1.0).contains(&x))));
}
