//! `refrain watch` as a user runs it. Every wait is for a line it writes, with a deadline far beyond what it takes.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use support::{refrain, stdout};
use tempfile::TempDir;

const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];
const DEADLINE: Duration = Duration::from_secs(120);
const TEXT: &str = "The old bridge over the river is closed for repairs until the end of the year, the city said.\n";

/// A watch on a folder of its own.
struct Watch {
    folder: TempDir,
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(folder: TempDir, more: &[&str]) -> Self {
        fs::create_dir_all(folder.path().join("news")).unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (news, library) = (path("news"), path("news.refrain"));
        let arguments =
            [&["watch", &news, "--library", &library, "--settle", "0.2", "--format", "json"], &STATIC[..], more]
                .concat();
        let mut child = refrain(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)))
        });
        let watch = Self { folder, child, lines };
        assert_eq!(watch.next()["event"], "watching");
        watch
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("news").join(name)
    }

    fn next(&self) -> Value {
        let line = self.lines.recv_timeout(DEADLINE).expect("a line before the deadline");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["schema"], "refrain.watch/1");
        line
    }

    /// The next line, which must be of a file.
    fn of(&self, event: &str, name: &str) -> Value {
        let line = self.next();
        assert_eq!(line["event"], event, "{line}");
        assert_eq!(line["file"], self.file(name).display().to_string(), "{line}");
        line
    }

    /// Stops it by a signal: exit code, and what it said on standard error.
    fn stop(mut self, signal: &str) -> (Option<i32>, String, TempDir) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        assert_eq!(self.next()["event"], "stopped");
        let run = self.child.wait().unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut said).unwrap();
        (run.code(), said, self.folder)
    }
}

/// Asks again until it is so.
fn until(mut what: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !what() {
        assert!(begun.elapsed() < DEADLINE, "it did not come to it");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn articles(folder: &TempDir) -> Vec<String> {
    let library = folder.path().join("news.refrain").display().to_string();
    let list: Value = serde_json::from_str(&stdout(&mut refrain(&["list", &library, "--format", "json"]))).unwrap();
    list["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|article| article["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect()
}

fn appears_changes_goes(more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("news")).unwrap();
    fs::write(folder.path().join("news/there.txt"), TEXT).unwrap();
    let watch = Watch::start(folder, more);
    assert_eq!(watch.of("read", "there.txt")["added"], 1);
    // Folders that appear are watched too; what is no article is passed over.
    fs::create_dir(watch.file("daily")).unwrap();
    fs::write(watch.file("daily/new.md"), format!("# Bridge closed\n\n{TEXT}")).unwrap();
    let line = watch.of("read", "daily/new.md");
    assert_eq!((&line["added"], &line["title"]), (&1.into(), &"Bridge closed".into()));
    fs::write(watch.file("picture.jpg"), "no article").unwrap();
    fs::write(
        watch.file("there.txt"),
        format!("{TEXT}\nBoats may still pass below it, the harbour master said on Monday.\n"),
    )
    .unwrap();
    assert_eq!(watch.of("read", "there.txt")["replaced"], 1);
    fs::remove_file(watch.file("daily/new.md")).unwrap();
    let line = watch.of("gone", "daily/new.md");
    assert_eq!((&line["articles"], &line["removed"]), (&1.into(), &false.into()));
    let (code, said, folder) = watch.stop("-TERM");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(articles(&folder), ["there.txt", "new.md"]);
}

#[test]
fn what_appears_changes_or_goes_is_told_and_kept() {
    appears_changes_goes(&[]);
}

#[test]
fn so_it_is_where_the_folder_has_to_be_looked_at() {
    appears_changes_goes(&["--poll", "0.1"]);
}

#[test]
fn a_copy_is_another_article_and_a_file_that_moves_the_same() {
    let watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
    // The folder is the outlet; a file by itself would be its own.
    fs::create_dir(watch.file("bbc")).unwrap();
    fs::write(watch.file("bbc/a.txt"), TEXT).unwrap();
    assert_eq!(watch.of("read", "bbc/a.txt")["added"], 1);
    fs::copy(watch.file("bbc/a.txt"), watch.file("bbc/b.txt")).unwrap();
    assert_eq!(watch.of("read", "bbc/b.txt")["added"], 1);
    fs::rename(watch.file("bbc/a.txt"), watch.file("bbc/c.txt")).unwrap();
    fs::write(watch.file("bbc/d.txt"), format!("{TEXT}\nAnother text.\n")).unwrap();
    // Said of neither name: the article is there as it was.
    let seen: Vec<Value> = std::iter::repeat_with(|| watch.next())
        .take_while(|line| line["file"] != watch.file("bbc/d.txt").display().to_string())
        .collect();
    let (code, _, folder) = watch.stop("-INT");
    assert_eq!(code, Some(0));
    assert_eq!(seen, Vec::<Value>::new());
    let files = articles(&folder);
    assert!(files == ["c.txt", "b.txt", "d.txt"], "{files:?}");
}

#[test]
fn articles_of_files_that_are_gone_are_removed_when_asked() {
    let watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
    fs::write(watch.file("a.txt"), TEXT).unwrap();
    fs::write(watch.file("b.txt"), format!("Elsewhere, {TEXT}")).unwrap();
    watch.of("read", "a.txt");
    watch.of("read", "b.txt");
    // Of a folder that is empty all at once nothing is taken for gone.
    fs::write(watch.file("c.txt"), format!("Beyond that, {TEXT}")).unwrap();
    watch.of("read", "c.txt");
    let (_, _, folder) = watch.stop("-TERM");
    // Gone while nobody watched.
    fs::remove_file(folder.path().join("news/a.txt")).unwrap();
    let watch = Watch::start(folder, &["--prune"]);
    assert_eq!(watch.of("gone", "a.txt")["removed"], true);
    fs::remove_file(watch.file("b.txt")).unwrap();
    assert_eq!(watch.of("gone", "b.txt")["removed"], true);
    let (_, _, folder) = watch.stop("-TERM");
    assert_eq!(articles(&folder).len(), 1);
}

#[test]
fn what_cannot_be_read_is_named_and_survived() {
    let watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
    fs::write(watch.file("a.jsonl"), "{\"id\": \"1\", \"outlet\": \"o\", \"tex\n").unwrap();
    let line = watch.next();
    assert_eq!(line["event"], "problem", "{line}");
    assert!(line["place"].as_str().unwrap().ends_with("a.jsonl: line 1"), "{line}");
    let whole = format!("{{\"id\": \"1\", \"outlet\": \"o\", \"text\": \"{}\"}}\n", TEXT.trim());
    fs::write(watch.file("a.jsonl"), whole).unwrap();
    assert_eq!(watch.of("read", "a.jsonl")["added"], 1);
    watch.stop("-TERM");
}

/// The first signal waits for what is in hand, the second for nothing.
#[test]
fn a_second_signal_ends_it_at_once_with_130() {
    let mut watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
    let record =
        |at: usize| format!("{{\"id\": \"{at}\", \"outlet\": \"o\", \"text\": \"In town {at}, {}\"}}\n", TEXT.trim());
    fs::write(watch.file("many.jsonl"), (0..100_000).map(record).collect::<String>()).unwrap();
    // It is at work, far from its end, once the first portion is written.
    let library = watch.folder.path().join("news.refrain");
    until(|| {
        let sql = rusqlite::Connection::open(&library).unwrap();
        sql.query_row("SELECT count(*) FROM article", [], |row| row.get::<_, i64>(0)).is_ok_and(|count| count > 0)
    });
    // A signal that comes before the last one was taken is none: sent until it ends, which one alone would not do so soon.
    until(|| {
        let _ = Command::new("kill").args(["-INT", &watch.child.id().to_string()]).stderr(Stdio::null()).status();
        watch.child.try_wait().unwrap().is_some()
    });
    assert_eq!(watch.child.wait().unwrap().code(), Some(130));
    assert!(watch.lines.iter().all(|line| !line.contains("stopped")));
    stdout(&mut refrain(&["verify", &library.display().to_string()]));
}

#[test]
fn it_ends_in_good_order_when_it_is_asked_to_or_its_terminal_is_closed() {
    for signal in ["-HUP", "-TERM", "-INT"] {
        let watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
        fs::write(watch.file("a.txt"), TEXT).unwrap();
        watch.of("read", "a.txt");
        let (code, said, folder) = watch.stop(signal);
        assert_eq!((code, said.as_str()), (Some(0), ""), "{signal}");
        assert_eq!(articles(&folder), ["a.txt"]);
    }
}

/// SQLite calls a file that has lost its name read-only.
#[test]
fn a_library_that_is_removed_meanwhile_is_said_to_be_gone() {
    let mut watch = Watch::start(tempfile::tempdir().unwrap(), &[]);
    fs::write(watch.file("a.txt"), TEXT).unwrap();
    watch.of("read", "a.txt");
    fs::remove_file(watch.folder.path().join("news.refrain")).unwrap();
    fs::write(watch.file("b.txt"), TEXT.replace("bridge", "tower")).unwrap();
    assert_eq!(watch.child.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut watch.child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("there is no such file") && !said.contains("read-only"), "{said}");
}

#[test]
fn an_article_left_behind_by_a_move_to_another_outlet_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for outlet in ["daily", "herald"] {
        fs::create_dir_all(folder.path().join("news").join(outlet)).unwrap();
    }
    fs::write(folder.path().join("news/daily/a.txt"), TEXT).unwrap();
    let watch = Watch::start(folder, &[]);
    watch.of("read", "daily/a.txt");
    fs::rename(watch.file("daily/a.txt"), watch.file("herald/a.txt")).unwrap();
    // What is new is read before it is said what is gone, or in a later round.
    let mut lines = [watch.next(), watch.next(), watch.next()];
    lines.sort_by_key(|line| line["event"].as_str().unwrap().to_owned());
    let [gone, left, read] = lines;
    assert_eq!((&gone["event"], &gone["articles"], &gone["removed"]), (&"gone".into(), &1.into(), &false.into()));
    assert_eq!(
        (&left["event"], &left["article"], &left["outlet"]),
        (&"left_behind".into(), &"a".into(), &"daily".into())
    );
    assert_eq!(left["file"], watch.file("herald/a.txt").display().to_string());
    assert_eq!(read["event"], "read");
    assert_eq!(watch.stop("-INT").0, Some(0));
}
