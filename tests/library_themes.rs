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

    /// Runs a command that succeeds: what it says on standard output.
    fn run(&self, command: &str, more: &[&str]) -> String {
        let run = output_of(&mut refrain(&[&[command, &self.library()], more].concat()));
        assert!(run.status.success(), "{}", stderr(&run));
        String::from_utf8(run.stdout).unwrap()
    }

    /// Runs a command that succeeds: what it says on standard error.
    fn said(&self, command: &str, more: &[&str]) -> String {
        let run = output_of(&mut refrain(&[&[command, &self.library()], more].concat()));
        assert!(run.status.success(), "{}", stderr(&run));
        stderr(&run)
    }

    /// As if all there is had come, and been found, on a day that is over.
    fn age(&self, day: &str) {
        let connection = rusqlite::Connection::open(self.library()).unwrap();
        for (table, column) in [("article", "added"), ("paragraph", "added"), ("generation", "at"), ("theme_log", "at")]
        {
            connection.execute(&format!("UPDATE {table} SET {column} = ?1"), [format!("{day}T08:00:00Z")]).unwrap();
        }
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
    // What the library keeps needs no asking for, and no note.
    assert_eq!(said, "");
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
    assert_eq!(news["everything"], true);
    let text = shelf.run("themes", &["--since", "2020-01-01"]);
    assert!(text.contains("Everything: this library holds nothing from before. 2 themes with 36 paragraphs"), "{text}");
    assert!(text.lines().count() < 6, "{text}");
    shelf.age("2026-01-02");
    shelf.add(0, 18..22);
    let text = shelf.run("themes", &["--since", "1 day", "--most", "1"]);
    assert!(text.contains("1 grown; 1 theme without news") && text.contains("and 1 more"), "{text}");
    let text = shelf.run("themes", &["--since", "2999-01-01"]);
    assert!(text.contains("nothing happened; 2 themes without news"), "{text}");
}

#[test]
fn flags_for_libraries_are_refused_without_one() {
    for flags in [&["--keep"][..], &["--anew"], &["--log"], &["--since", "2026-01-01"]] {
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

/// Paragraphs of each theme by its id, as article and place.
fn members(found: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let found: Value = serde_json::from_str(found).unwrap();
    let row = |member: &Value| {
        let row = &found["paragraphs"][member["row"].as_u64().unwrap() as usize];
        (row["article"].to_string(), row["place"].to_string())
    };
    let theme = |theme: &Value| {
        let mut rows: Vec<_> = theme["members"].as_array().unwrap().iter().map(row).collect();
        rows.sort_unstable();
        (theme["id"].as_str().unwrap().to_owned(), rows)
    };
    found["themes"]["list"].as_array().unwrap().iter().map(theme).collect()
}

#[test]
fn what_little_comes_is_put_into_the_themes_there_are() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    let (names, before) = (shelf.themes(&[]), members(&shelf.run("themes", &["--format", "json"])));
    shelf.add(2, 24..30);
    let said = shelf.said("themes", &[]);
    assert!(
        said.contains("6 of 102 paragraphs are new since themes were last found: placed into them; --anew"),
        "{said}"
    );
    let after = members(&shelf.run("themes", &["--format", "json"]));
    let grown: Vec<&String> = before.keys().filter(|id| after[*id] != before[*id]).collect();
    assert_eq!((before.len(), after.len(), grown.len()), (4, 4, 1));
    // Of the six, those that fit as well as nine in ten of its paragraphs.
    assert!((1..=6).contains(&(after[grown[0]].len() - before[grown[0]].len())));
    for (id, members) in &before {
        assert!(members.iter().all(|member| after[id].contains(member)), "{id}");
        assert_eq!(shelf.themes(&[])[id].0, names[id].0);
    }
    assert_eq!(shelf.log()[4..], [format!("{} grown", grown[0])]);
    let method = shelf.run("themes", &["--format", "json"]);
    assert!(method.contains("6 of 102 paragraphs came since and are put where they fit"), "{method}");
    let about: Value = serde_json::from_str(&shelf.run("info", &["--format", "json"])).unwrap();
    assert_eq!((&about["themes"]["count"], &about["themes"]["current"]), (&json!(4), &json!(true)));
    assert!(about["themes"]["extended"].is_string() && about["themes"]["found"].is_string(), "{about}");
}

#[test]
fn changes_add_up_until_all_are_found_anew() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    shelf.themes(&[]);
    shelf.add(0, 24..30);
    shelf.add(1, 24..30);
    assert!(shelf.said("themes", &[]).contains("12 of 108 paragraphs are new"));
    shelf.add(2, 24..30);
    shelf.run("remove", &["s3-0", "s3-1"]);
    let about: Value = serde_json::from_str(&shelf.run("info", &["--format", "json"])).unwrap();
    assert_eq!(about["themes"]["current"], false);
    let said = shelf.said("themes", &[]);
    let expected = "18 of 112 paragraphs are new since themes were last found, and 2 are gone: more than one in 5, so all are found anew";
    assert!(said.contains(expected), "{said}");
    // Counted from then on.
    shelf.add(3, 24..30);
    let said = shelf.said("report", &["--format", "json"]);
    assert!(said.contains("6 of 118 paragraphs are new since themes were last found: placed"), "{said}");
    let said = shelf.said("themes", &["--anew"]);
    assert_eq!(said, "");
    assert!(!shelf.run("themes", &["--format", "json"]).contains("put where they fit"));
}

#[test]
fn what_is_removed_shrinks_its_theme_and_moves_nothing_else() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    let before = shelf.themes(&[]);
    shelf.run("remove", &["s1-0", "s1-1", "s1-2"]);
    let after = shelf.themes(&[]);
    let shrunk: Vec<&String> = before.keys().filter(|id| after[*id] != before[*id]).collect();
    assert_eq!(shrunk.len(), 1);
    assert_eq!(shelf.log()[4..], [format!("{} shrunk", shrunk[0])]);
}

#[test]
fn described_themes_take_first_what_comes() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    let seeds = shelf.path("described.toml");
    let text =
        "[[theme]]\nname = \"works\"\ndescription = \"The old bridge is closed for repairs.\"\nthreshold = 0.5\n";
    fs::write(&seeds, text).unwrap();
    let before = shelf.themes(&["--theme-file", &seeds, "--keep"]);
    let (works, size) =
        before.iter().find(|(_, (name, _))| name == "works").map(|(id, (_, size))| (id, *size)).unwrap();
    shelf.add(0, 24..30);
    // As the library's own, whether said again or not.
    let said = shelf.said("report", &["--theme-file", &seeds, "--format", "json"]);
    assert!(said.contains("placed into them") && !said.contains("--keep"), "{said}");
    let after = shelf.themes(&["--theme-file", &seeds]);
    assert_eq!(after[works], ("works".to_owned(), size + 6));
    assert_eq!(shelf.said("themes", &["--theme-file", &seeds]), "");
    assert_eq!(shelf.said("themes", &[]), "");
}

#[test]
fn a_subject_that_arrives_is_a_theme_that_is_born() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..30));
    let before = shelf.themes(&[]);
    // Too few yet, and then enough, over two days.
    shelf.add(3, 0..8);
    assert_eq!(shelf.themes(&[]), before);
    assert_eq!(shelf.log().len(), 3);
    shelf.add(3, 8..17);
    let after = shelf.themes(&[]);
    assert_eq!(shelf.log()[3..], ["t4 born"]);
    assert!(after["t4"].1 >= 15, "{after:?}");
    assert!(before.iter().all(|(id, theme)| after[id] == *theme));
    // It stays, and takes what comes.
    shelf.run("remove", &["s0-0"]);
    let last = shelf.themes(&[]);
    assert_eq!(last["t4"], after["t4"]);
}

#[test]
fn where_nothing_happened_no_event_is_written() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..24));
    shelf.themes(&[]);
    let file = shelf.path("again.jsonl");
    // What its neighbour says, word for word: it goes where that is.
    let text = "Yesterday the old bridge is closed for repairs, say people who know the north and the steel.";
    fs::write(&file, json!({"id": "s0-0", "outlet": "o0", "text": text}).to_string()).unwrap();
    shelf.run("add", &[&file]);
    let said = shelf.said("themes", &[]);
    assert!(said.contains("1 of 72 paragraphs is new since themes were last found, and 1 is gone"), "{said}");
    assert_eq!(shelf.log(), ["t1 born", "t2 born", "t3 born"]);
}

#[test]
fn themes_are_extended_to_the_same_bytes_at_any_thread_count() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..30));
    shelf.themes(&[]);
    shelf.add(3, 0..17);
    let kept = fs::read(shelf.library()).unwrap();
    let run = |threads| {
        fs::write(shelf.library(), &kept).unwrap();
        (shelf.run("themes", &["--format", "json", "--threads", threads]), shelf.log())
    };
    let (one, four) = (run("1"), run("4"));
    assert!(one == four);
    assert_eq!(one.1[3..], ["t4 born"]);
    assert_eq!(shelf.run("themes", &["--format", "json"]), one.0);
}

#[test]
fn since_is_a_day_a_time_or_how_long_ago() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    shelf.themes(&[]);
    shelf.age("2026-01-02");
    let since = |when| {
        let news: Value = serde_json::from_str(&shelf.run("themes", &["--since", when, "--format", "json"])).unwrap();
        (news["everything"] == true, news["themes"].as_array().unwrap().len())
    };
    for when in ["2026-01-02", "2026-01-02T08:00", "2026-01-02 08:00:00", "2026-01-02T09:00+01:00"] {
        assert_eq!(since(when), (true, 2), "{when}");
    }
    for when in ["2026-01-02T08:01", "2026-01-03"] {
        assert_eq!(since(when), (false, 0), "{when}");
    }
    assert_eq!(since("5000 weeks"), (true, 2));
    for when in ["last week", "7", "2026-13-01", ""] {
        let run = output_of(&mut refrain(&["themes", &shelf.library(), "--since", when]));
        assert_eq!(run.status.code(), Some(2), "{when}");
        assert!(stderr(&run).contains("expected a day (2026-11-20), a time"), "{}", stderr(&run));
    }
}

#[test]
fn one_generation_speaks_of_a_theme_by_one_name() {
    let shelf = Shelf::new();
    (0..2).for_each(|subject| shelf.add(subject, 0..18));
    shelf.themes(&[]);
    shelf.run("rename", &["t1", "my subject"]);
    let log = shelf.run("themes", &["--log", "--format", "markdown"]);
    let of = log.lines().filter(|line| line.contains("| t1 |")).collect::<Vec<_>>();
    assert!(of.len() == 2 && of.iter().all(|line| line.contains("**my subject**")), "{log}");
}

#[test]
fn described_themes_beside_what_is_added_are_pointed_at_until_they_are_kept() {
    let shelf = Shelf::new();
    shelf.add(0, 0..6);
    let seeds = shelf.path("themes.toml");
    fs::write(&seeds, "[[theme]]\nname = \"works\"\ndescription = \"The old bridge is closed for repairs.\"\n")
        .unwrap();
    let more = shelf.path("more.jsonl");
    let said = shelf.said("add", &[&more]);
    assert!(said.contains(&format!("`refrain themes {} --theme-file {seeds} --keep`", shelf.library())), "{said}");
    shelf.themes(&["--theme-file", &seeds, "--keep"]);
    assert_eq!(shelf.said("add", &[&more]), "");
}
