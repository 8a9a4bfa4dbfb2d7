//! The themes of a library as a user sees them: ids and names that last, what is remembered, the log, what is new.

#![cfg(feature = "bundled-model")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::path::PathBuf;

use refrain::library::{Basis, Library, LibraryError, ThemeSettings};
use refrain::theme::Themes;
use serde_json::{Value, json};
use support::shelf::{Shelf, by_id};
use support::{output_of, refrain, stderr};

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
    let (count, said) = themes(&["--themes", "2", "--keep"]);
    assert_eq!(count, 2);
    assert!(said.contains("last found with other settings") && said.lines().count() == 1, "{said}");
    assert!(shelf.log().iter().any(|said| said.ends_with("merged")), "{:?}", shelf.log());
    let (count, said) = themes(&[]);
    assert_eq!(count, 2);
    // What the library keeps needs no asking for, and no note.
    assert_eq!(said, "");
    // Back to what they were: the ids that had ended come back.
    assert_eq!(themes(&["--keep"]).0, 4);
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
    // Those that live.
    let text = shelf.run("themes", &["--since", "2020-01-01"]);
    assert!(text.contains("2 themes with 36 paragraphs"), "{text}");
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
    assert!(text.lines().count() < 6 && !text.contains("After its themes"), "{text}");
    shelf.age("2026-01-02");
    shelf.add(0, 18..22);
    // All is new since then too, and what became of it all the same.
    shelf.run("themes", &[]);
    let text = shelf.run("themes", &["--since", "2020-01-01"]);
    assert!(
        text.contains("After its themes were first found:") && text.contains("grown from 18 to 20 paragraphs: 2 new"),
        "{text}"
    );
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
    for flags in [&["--format", "html"][..], &["--anew"], &["--keep"]] {
        let run = output_of(&mut refrain(&[&["themes", &shelf.library(), "--log"], flags].concat()));
        assert_eq!(run.status.code(), Some(2), "{}", stderr(&run));
    }
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
    for when in ["last week", "7", "08:30", "08:30:00", "2026-13-01", ""] {
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
    fs::create_dir(shelf.path("my news")).unwrap();
    let (seeds, beside) = (shelf.path("themes.toml"), shelf.path("my news/themes.toml"));
    let text = "[[theme]]\nname = \"works\"\ndescription = \"The old bridge is closed for repairs.\"\n";
    [&seeds, &beside].into_iter().for_each(|file| fs::write(file, text).unwrap());
    let (more, other) = (shelf.path("more.jsonl"), shelf.path("my news/more.jsonl"));
    fs::copy(&more, &other).unwrap();
    let said = shelf.said("add", &[&more, &other, &more]);
    // As a shell takes it, and once.
    for file in [seeds.clone(), format!("'{beside}'")] {
        let command = format!("`refrain themes {} --theme-file {file} --keep`", shelf.library());
        assert_eq!(said.matches(&command).count(), 1, "{said}");
    }
    shelf.themes(&["--theme-file", &seeds, "--keep"]);
    assert_eq!(shelf.said("add", &[&more]), "");
}
