//! The themes of a library extended: what little came is put into them, what is too much has all found anew, and what is said of it.

#![cfg(feature = "bundled-model")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use refrain::library::{Basis, Library, Standing, ThemeSettings, Why};
use refrain::theme::{Member, Origin, Theme, Themes};
use serde_json::{Value, json};
use support::shelf::Shelf;

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
    let after = members(&shelf.run("themes", &["--format", "json"]));
    let grown: Vec<&String> = before.keys().filter(|id| after[*id] != before[*id]).collect();
    assert_eq!((before.len(), after.len(), grown.len()), (4, 4, 1));
    // Of the six, those that fit as well as nine in ten of its paragraphs.
    let placed = after[grown[0]].len() - before[grown[0]].len();
    assert!((1..=6).contains(&placed));
    let left = if placed < 6 { format!(", {} left in none", 6 - placed) } else { String::new() };
    let expected =
        format!("6 of 102 paragraphs are new since themes were last found: {placed} put into a theme{left}; --anew");
    assert!(said.contains(&expected), "{said}");
    for (id, members) in &before {
        assert!(members.iter().all(|member| after[id].contains(member)), "{id}");
        assert_eq!(shelf.themes(&[])[id].0, names[id].0);
    }
    assert_eq!(shelf.log()[4..], [format!("{} grown", grown[0])]);
    let method = shelf.run("themes", &["--format", "json"]);
    let expected = format!("6 of 102 paragraphs came since, {placed} are in a theme, {} in none", 6 - placed);
    assert!(method.contains(&expected), "{method}");
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
    assert!(said.contains("6 of 118 paragraphs are new since themes were last found: "), "{said}");
    let said = shelf.said("themes", &["--anew"]);
    assert_eq!(said, "");
    assert!(!shelf.run("themes", &["--format", "json"]).contains("came since"));
}

#[test]
fn what_is_removed_shrinks_its_theme_and_moves_nothing_else() {
    let shelf = Shelf::new();
    (0..4).for_each(|subject| shelf.add(subject, 0..24));
    let before = shelf.themes(&[]);
    shelf.run("remove", &["s1-0", "s1-1", "s1-2"]);
    let said = shelf.said("themes", &[]);
    assert!(said.contains("of the paragraphs that themes were last found in 3 are gone; --anew"), "{said}");
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
    assert!(said.contains("6 put into a theme; --anew") && !said.contains("--keep"), "{said}");
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
fn a_command_for_names_is_asked_for_what_is_born_and_told_what_is_taken() {
    let shelf = Shelf::new();
    (0..3).for_each(|subject| shelf.add(subject, 0..30));
    let asked = shelf.path("asked.jsonl");
    let namer = format!("cat >> {asked}; echo >> {asked}; echo subject $(wc -l < {asked})");
    let names = shelf.themes(&["--namer", &namer]);
    assert_eq!(names["t1"].0, "subject 1");
    shelf.run("rename", &["t1", "mine"]);
    shelf.add(3, 0..17);
    let names = shelf.themes(&["--namer", &namer]);
    assert_eq!((names["t1"].0.as_str(), names["t4"].0.as_str()), ("mine", "subject 4"));
    let last = fs::read_to_string(&asked).unwrap();
    let last: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    for name in ["mine", "subject 2", "subject 3"] {
        assert!(last["taken"].as_array().unwrap().contains(&json!(name)), "{last}");
    }
    // What the command called it, which was not asked again.
    shelf.run("rename", &["t1", "--reset"]);
    assert_eq!(shelf.themes(&[])["t1"].0, "subject 1");
}

/// Keeps themes of these paragraphs as the next generation: ids in their order.
fn keep(library: &mut Library, ids: &[i64], themes: &[std::ops::Range<usize>], extended: bool) -> Vec<String> {
    let theme = |(at, rows): (usize, &std::ops::Range<usize>)| {
        let members = rows.clone().map(|row| Member { row, score: 0.5 }).collect();
        Theme { name: format!("theme {at}"), ..Theme::found(Origin::Discovered, members) }
    };
    let list: Vec<Theme> = themes.iter().enumerate().map(theme).collect();
    let unassigned = (0..ids.len()).filter(|row| themes.iter().all(|rows| !rows.contains(row))).collect();
    let mut themes = Themes { themes: list, unassigned, method: String::new() };
    let generation = library.generation().unwrap().map(|latest| latest.number);
    let basis = Basis { changes: library.changes().unwrap(), generation, ids, extended };
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    library.keep_themes(&mut themes, basis, &ThemeSettings::default(), now).unwrap();
    themes.themes.iter().map(|theme| theme.id.unwrap().to_string()).collect()
}

#[test]
fn a_theme_that_ended_is_remembered_for_ten_generations_that_extend_none() {
    let shelf = Shelf::new();
    shelf.add(0, 0..12);
    let mut library = Library::open(&PathBuf::from(shelf.library())).unwrap();
    let ids = library.load().unwrap().ids;
    let both = [0..6, 6..12];
    let one = std::slice::from_ref(&both[0]);
    assert_eq!(keep(&mut library, &ids, &both, false), ["t1", "t2"]);
    keep(&mut library, &ids, one, false);
    (0..25).for_each(|_| drop(keep(&mut library, &ids, one, true)));
    assert_eq!(keep(&mut library, &ids, &both, false), ["t1", "t2"]);
    (0..11).for_each(|_| drop(keep(&mut library, &ids, one, false)));
    assert_eq!(keep(&mut library, &ids, &both, false), ["t1", "t3"]);
}

#[test]
fn paragraphs_that_took_no_part_count_as_new_however_old_they_are() {
    let shelf = Shelf::new();
    shelf.add(0, 0..30);
    let mut library = Library::open(&PathBuf::from(shelf.library())).unwrap();
    let held = library.load().unwrap();
    // The first ten were set aside then.
    keep(&mut library, &held.ids[10..], &[0..10, 10..20], false);
    shelf.run("remove", &["s0-29"]);
    let held = library.load().unwrap();
    let Standing::Anew(Why::Much(since)) = library.standing(&held, &ThemeSettings::default()).unwrap() else {
        panic!("expected much to have changed");
    };
    assert_eq!((since.came, since.went), ((0..10).collect(), 1));
}
