//! The themes of a library as a user sees them: ids and names that last, what is remembered, the log, what is new.

#![cfg(feature = "bundled-model")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use refrain::library::{Basis, Library, LibraryError, ThemeSettings};
use refrain::theme::Themes;
use serde_json::{Value, json};
use support::{output_of, refrain, stderr, stdout};
use tempfile::TempDir;

/// Subjects whose paragraphs are told apart by any model.
const SUBJECTS: [(&str, [&str; 6]); 4] = [
    ("the old bridge is closed for repairs", ["north", "south", "steel", "toll", "river", "lanes"]),
    ("the chip maker reports a record profit", ["quarter", "shares", "forecast", "plants", "orders", "demand"]),
    ("the storm flooded streets along the coast", ["rain", "wind", "boats", "harbour", "damage", "rescue"]),
    ("the striker scored twice in the final", ["goal", "team", "coach", "fans", "stadium", "season"]),
];

/// A library in a folder of its own.
struct Shelf {
    folder: TempDir,
}

impl Shelf {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn library(&self) -> String {
        self.path("news.refrain")
    }

    /// Adds some of the thirty paragraphs of a subject, an article each.
    fn add(&self, subject: usize, some: std::ops::Range<usize>) {
        let (what, words) = SUBJECTS[subject];
        let pairs = (0..6).flat_map(|a| (0..6).filter(move |b| *b != a).map(move |b| (a, b)));
        let text = |(a, b): (usize, usize)| {
            format!("Yesterday {what}, say people who know the {} and the {}.", words[a], words[b])
        };
        let line = |(at, pair)| {
            json!({"id": format!("s{subject}-{at}"), "outlet": format!("o{}", at % 2), "text": text(pair)}).to_string()
        };
        let lines: Vec<String> = pairs.enumerate().skip(some.start).take(some.len()).map(line).collect();
        let file = self.path("more.jsonl");
        fs::write(&file, lines.join("\n")).unwrap();
        stdout(&mut refrain(&["add", &self.library(), &file]));
    }

    fn run(&self, command: &str, more: &[&str]) -> String {
        stdout(&mut refrain(&[&[command, &self.library()], more].concat()))
    }

    /// Name and paragraphs of each theme by its id.
    fn themes(&self, more: &[&str]) -> BTreeMap<String, (String, usize)> {
        by_id(&self.run("themes", &[&["--format", "json"], more].concat()))
    }

    /// The events of the log, as "t1 born".
    fn log(&self) -> Vec<String> {
        let log: Value = serde_json::from_str(&self.run("themes", &["--log", "--format", "json"])).unwrap();
        assert_eq!(log["schema"], "refrain.theme_log/1");
        let said = |entry: &Value| format!("{} {}", entry["theme"].as_str().unwrap(), entry["event"].as_str().unwrap());
        log["entries"].as_array().unwrap().iter().map(said).collect()
    }
}

fn by_id(found: &str) -> BTreeMap<String, (String, usize)> {
    let found: Value = serde_json::from_str(found).unwrap();
    let theme = |theme: &Value| {
        let (name, size) = (theme["name"].as_str().unwrap().to_owned(), theme["members"].as_array().unwrap().len());
        (theme["id"].as_str().unwrap_or("none").to_owned(), (name, size))
    };
    found["themes"]["list"].as_array().unwrap().iter().map(theme).collect()
}

#[test]
fn themes_keep_their_ids_and_names_as_the_library_grows() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..18));
    let first = shelf.themes(&[]);
    assert_eq!(first.keys().collect::<Vec<_>>(), ["t1", "t2", "t3"]);
    assert_eq!(shelf.log(), ["t1 born", "t2 born", "t3 born"]);
    shelf.add(3, 0..30);
    shelf.add(0, 18..24);
    let second = shelf.themes(&[]);
    assert_eq!(second.keys().collect::<Vec<_>>(), ["t1", "t2", "t3", "t4"]);
    for (id, (name, size)) in &first {
        assert_eq!(second[id].0, *name, "{id}");
        assert!(second[id].1 >= *size, "{id}");
    }
    assert_eq!(second["t4"].1, 30);
    let grown: Vec<&String> = first.keys().filter(|id| second[*id].1 > 18).collect();
    assert_eq!(shelf.log()[3..], [format!("{} grown", grown[0]), "t4 born".to_owned()]);
}

#[test]
fn nothing_added_is_the_same_bytes_and_no_event() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..18));
    for format in ["json", "text", "markdown"] {
        let first = shelf.run("themes", &["--format", format]);
        assert_eq!(shelf.run("themes", &["--format", format]), first);
    }
    let report = |threads| shelf.run("report", &["--format", "json", "--today", "2026-01-02", "--threads", threads]);
    assert_eq!(by_id(&report("1")), shelf.themes(&[]));
    assert_eq!(report("1"), report("3"));
    assert_eq!(shelf.log(), ["t1 born", "t2 born", "t3 born"]);
}

#[test]
fn what_is_found_again_is_what_was_kept_to_the_last_digit() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    let found = shelf.run("themes", &["--format", "json"]);
    // Found anew in a copy that has kept nothing: names and ids start from nothing in both.
    let copy = Shelf::new();
    (0..4).for_each(|subject| copy.add(subject, 0..24));
    let again = copy.run("themes", &["--format", "json"]).replace(&copy.path(""), &shelf.path(""));
    assert_eq!(again, shelf.run("themes", &["--format", "json"]));
    assert_eq!(again, found);
}

#[test]
fn a_users_name_stays_until_it_is_taken_back() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    let own = shelf.themes(&[])["t1"].0.clone();
    let said = shelf.run("rename", &["t1", "my subject"]);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("t1 renamed by you from “{own}” to “my subject”")), "{said}");
    assert_eq!(shelf.themes(&[])["t1"].0, "my subject");
    shelf.add(2, 0..30);
    shelf.add(0, 18..30);
    assert_eq!(shelf.themes(&[])["t1"].0, "my subject");
    assert!(shelf.run("report", &["--format", "markdown"]).contains("my subject"));
    shelf.run("rename", &["MY subject", "--reset"]);
    assert_ne!(shelf.themes(&[])["t1"].0, "my subject");
    assert_eq!(shelf.log().iter().filter(|said| *said == "t1 renamed").count(), 2);
}

#[test]
fn a_name_that_cannot_be_is_refused_with_what_there_is() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    let library = shelf.library();
    let refused = |arguments: &[&str]| {
        let run = output_of(&mut refrain(&[&["rename", &library], arguments].concat()));
        (run.status.code(), stderr(&run))
    };
    assert!(refused(&["t1", "x"]).1.contains("it keeps no themes yet"));
    let themes = shelf.themes(&[]);
    let (code, said) = refused(&["t9", "x"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("no theme \"t9\": there are t1 {}, t2 {}", themes["t1"].0, themes["t2"].0)),
        "{said}"
    );
    let (code, said) = refused(&["t1", &themes["t2"].0]);
    assert_eq!(code, Some(1));
    assert!(said.contains("t2 is called"), "{said}");
    for name in ["", "  ", "t7", "a\u{7}b"] {
        assert_eq!(refused(&["t1", name]).0, Some(2), "{name:?}");
    }
    assert_eq!(refused(&["t1"]).0, Some(2));
    assert_eq!(shelf.log(), ["t1 born", "t2 born"]);
}

#[test]
fn other_options_are_shown_and_kept_only_when_asked() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..18));
    shelf.themes(&[]);
    let library = shelf.library();
    let themes = |more: &[&str]| {
        let run = output_of(&mut refrain(&[&["themes", &library, "--format", "json"], more].concat()));
        assert!(run.status.success(), "{}", stderr(&run));
        (by_id(&String::from_utf8(run.stdout.clone()).unwrap()).len(), stderr(&run))
    };
    let (count, said) = themes(&["--themes", "2"]);
    assert_eq!(count, 2);
    assert!(said.contains("--keep makes them the library's"), "{said}");
    assert_eq!(shelf.log().len(), 4);
    assert_eq!(themes(&[]), (4, String::new()));
    assert_eq!(themes(&["--themes", "2", "--keep"]), (2, String::new()));
    assert!(shelf.log().iter().any(|said| said.ends_with("merged")), "{:?}", shelf.log());
    let (count, said) = themes(&[]);
    assert_eq!(count, 2);
    assert!(said.contains("found as this library's are"), "{said}");
    // Back to what they were: the ids that had ended come back.
    assert_eq!(themes(&["--keep"]), (4, String::new()));
    assert_eq!(shelf.themes(&[]).keys().collect::<Vec<_>>(), ["t1", "t2", "t3", "t4"]);
    assert!(shelf.log().iter().any(|said| said.ends_with("revived")), "{:?}", shelf.log());
}

#[test]
fn described_themes_are_remembered_with_their_names() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..18));
    let seeds = shelf.path("themes.toml");
    fs::write(&seeds, "[[theme]]\nname = \"works\"\ndescription = \"The old bridge is closed for repairs.\"\n")
        .unwrap();
    let first = shelf.themes(&["--theme-file", &seeds, "--keep"]);
    let works = first.iter().find(|(_, (name, _))| name == "works").unwrap().0;
    fs::remove_file(&seeds).unwrap();
    shelf.add(3, 0..18);
    let run = output_of(&mut refrain(&["themes", &shelf.library(), "--format", "json"]));
    let later = by_id(&String::from_utf8(run.stdout).unwrap());
    assert_eq!(later[works].0, "works");
}

#[test]
fn what_is_removed_dies_and_its_id_does_not_come_back() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..18));
    let first = shelf.themes(&[]);
    let ids: Vec<String> = (0..18).map(|at| format!("s1-{at}")).collect();
    shelf.run("remove", &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let second = shelf.themes(&[]);
    assert_eq!(second.len(), 2);
    let gone = first.keys().find(|id| !second.contains_key(*id)).unwrap();
    assert_eq!(shelf.log()[3..], [format!("{gone} died")]);
    shelf.add(3, 0..18);
    assert!(shelf.themes(&[]).contains_key("t4"));
}

#[test]
fn what_is_new_since_a_day_is_told_theme_by_theme() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    // Finds the themes itself, as none were kept.
    let news: Value =
        serde_json::from_str(&shelf.run("themes", &["--since", "2020-01-01", "--format", "json"])).unwrap();
    assert_eq!(news["schema"], "refrain.theme_news/1");
    let themes = news["themes"].as_array().unwrap();
    assert_eq!(themes.len(), 2);
    assert_eq!(themes[0]["added"].as_array().unwrap().len(), 18);
    assert_eq!(themes[0]["outlets"], json!([{"name": "o0", "paragraphs": 9}, {"name": "o1", "paragraphs": 9}]));
    assert_eq!(themes[0]["events"][0]["event"], "born");
    let text = shelf.run("themes", &["--since", "2020-01-01", "--most", "2"]);
    assert!(text.contains("2 born; 0 themes without news") && text.contains("and 16 more"), "{text}");
    let text = shelf.run("themes", &["--since", "2999-01-01"]);
    assert!(text.contains("nothing happened; 2 themes without news"), "{text}");
}

#[test]
fn flags_for_libraries_are_refused_without_one() {
    for flags in [&["--keep"][..], &["--log"], &["--since", "2026-01-01"]] {
        let run = output_of(&mut refrain(&[&["themes", "seeds"], flags].concat()));
        assert_eq!(run.status.code(), Some(2), "{}", stderr(&run));
        assert!(stderr(&run).contains("expected a library"), "{}", stderr(&run));
    }
    let shelf = Shelf::new();
    shelf.add(0, 0..6);
    let run = output_of(&mut refrain(&["themes", &shelf.library(), "--log", "--format", "html"]));
    assert_eq!(run.status.code(), Some(2), "{}", stderr(&run));
}

#[test]
fn a_library_that_may_not_be_written_to_is_shown_and_that_is_said() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    let path = PathBuf::from(shelf.library());
    let mut about = fs::metadata(&path).unwrap().permissions();
    about.set_readonly(true);
    fs::set_permissions(&path, about).unwrap();
    if Library::open(&path).is_ok() {
        // Whoever runs this may write to anything.
        return;
    }
    let run = output_of(&mut refrain(&["themes", &shelf.library(), "--format", "json"]));
    assert!(run.status.success());
    assert!(stderr(&run).contains("these themes are not kept"), "{}", stderr(&run));
    let themes: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert!(themes["themes"]["list"][0]["id"].is_null());
}

#[test]
fn themes_of_a_library_that_changed_meanwhile_are_not_kept() {
    let shelf = Shelf::new();
    shelf.add(0, 0..6);
    let path = PathBuf::from(shelf.library());
    let mut library = Library::open(&path).unwrap();
    let held = library.load().unwrap();
    shelf.add(0, 6..12);
    let basis = Basis { changes: held.changes, generation: None, ids: &held.ids, extended: false };
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    let kept = library.keep_themes(&mut Themes::default(), basis, &ThemeSettings::default(), now);
    assert!(matches!(kept, Err(LibraryError::Moved { .. })), "{kept:?}");
    let held = library.load().unwrap();
    let basis = Basis { changes: held.changes, generation: None, ids: &held.ids, extended: false };
    library.keep_themes(&mut Themes::default(), basis, &ThemeSettings::default(), now).unwrap();
    // Another run kept a generation in the meantime.
    let kept = library.keep_themes(&mut Themes::default(), basis, &ThemeSettings::default(), now);
    assert!(matches!(kept, Err(LibraryError::Moved { .. })), "{kept:?}");
}
