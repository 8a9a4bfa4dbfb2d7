//! Adding: which article is which, what is embedded, and what is said of it.

use super::*;

#[test]
fn what_is_there_is_not_embedded_again() {
    let shelf = Shelf::new();
    let text = [record("a", CHIPS), record("b", BONDS)].concat();
    let file = shelf.0.with("day.jsonl", &text);
    assert_eq!(counts(&shelf.add(&[&file])), [2, 0, 0, 2, 2]);
    let (before, bytes) = (shelf.paragraphs(), fs::read(shelf.library()).unwrap());
    assert_eq!(counts(&shelf.add(&[&file])), [0, 0, 2, 0, 0]);
    assert_eq!(fs::read(shelf.library()).unwrap(), bytes);
    // A changed article keeps the paragraph that stays, with its id and its vector.
    let changed = [record("a", &format!("{CHIPS}\n\n{FLOODS}")), record("b", BONDS)].concat();
    let file = shelf.0.with("next.jsonl", &changed);
    assert_eq!(counts(&shelf.add(&[&file])), [0, 1, 1, 2, 1]);
    let after = shelf.paragraphs();
    assert_eq!(after[..2], before[..]);
    assert_eq!(after.len(), 3);
    // The words of another article are embedded already.
    let file = shelf.0.with("other.jsonl", &record("c", BONDS));
    assert_eq!(counts(&shelf.add(&[&file])), [1, 0, 0, 1, 0]);
    succeed(&mut refrain(&["verify", &shelf.library()]));
}

#[test]
fn a_file_that_was_moved_is_the_same_article_and_a_changed_one_takes_its_place() {
    let shelf = Shelf::new();
    fs::create_dir(shelf.0.path("in")).unwrap();
    let first = shelf.0.with("in/first.txt", CHIPS);
    assert_eq!(counts(&shelf.add(&[&first, "--strict"])), [1, 0, 0, 1, 1]);
    fs::create_dir(shelf.0.path("out")).unwrap();
    fs::rename(&first, shelf.0.path("out/first.txt")).unwrap();
    let moved = shelf.0.name("out/first.txt");
    assert_eq!(counts(&shelf.add(&[&moved])), [0, 0, 1, 0, 0]);
    fs::write(&moved, FLOODS).unwrap();
    assert_eq!(counts(&shelf.add(&[&moved])), [0, 1, 0, 1, 1]);
    assert_eq!(shelf.ids(), ["first"]);
    // Another file of the same words is another article.
    let twin = shelf.0.with("in/first.txt", FLOODS);
    assert_eq!(counts(&shelf.add(&[&moved, &twin])), [1, 0, 1, 1, 0]);
    assert_eq!((shelf.ids().len(), shelf.ids()[0].as_str()), (2, "first"));
    assert_eq!(counts(&shelf.add(&[&moved, &twin])), [0, 0, 2, 0, 0]);
}

#[test]
fn records_without_id_or_address_are_known_by_what_they_say() {
    let shelf = Shelf::new();
    let line = |text: &str| format!("{}\n", json!({ "outlet": "Daily", "text": text }));
    let file = shelf.0.with("a.jsonl", &[line(CHIPS), line(BONDS), line(BONDS)].concat());
    assert_eq!(counts(&shelf.add(&[&file]))[..3], [3, 0, 0]);
    // A line more at the top moves all others, and changes none.
    let file = shelf.0.with("a.jsonl", &[line(FLOODS), line(CHIPS), line(BONDS), line(BONDS)].concat());
    assert_eq!(counts(&shelf.add(&[&file]))[..3], [1, 0, 3]);
    // With an address they are known by that.
    let line =
        |text: &str| format!("{}\n", json!({ "outlet": "Daily", "url": "https://daily.example/1", "text": text }));
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("b.jsonl", &line(CHIPS))]))[..3], [1, 0, 0]);
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("c.jsonl", &line(FLOODS))]))[..3], [0, 1, 0]);
}

#[test]
fn ids_of_two_outlets_are_two_articles() {
    let shelf = Shelf::new();
    let line = |outlet: &str| format!("{}\n", json!({ "id": 1, "outlet": outlet, "text": CHIPS }));
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("a.jsonl", &line("Daily"))]))[..3], [1, 0, 0]);
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("b.jsonl", &line("Herald"))]))[..3], [1, 0, 0]);
    assert_eq!(shelf.ids(), ["1", "1#2"]);
}

/// Each came alone, and took the place of the other.
#[test]
fn several_articles_of_one_id_stay_apart_in_whatever_order_they_come() {
    let shelf = Shelf::new();
    let [first, second] =
        [("a.jsonl", CHIPS), ("b.jsonl", BONDS)].map(|(name, text)| shelf.0.with(name, &record("1", text)));
    assert_eq!(counts(&shelf.add(&[&first, &second]))[..3], [2, 0, 0]);
    assert_eq!(counts(&shelf.add(&[&second]))[..3], [0, 0, 1]);
    assert_eq!(counts(&shelf.add(&[&first]))[..3], [0, 0, 1]);
    // Changed, it takes the place of the one of its own file.
    shelf.0.with("b.jsonl", &record("1", FLOODS));
    assert_eq!(counts(&shelf.add(&[&second]))[..3], [0, 1, 0]);
    let texts: Vec<String> = shelf.paragraphs().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, [CHIPS, FLOODS]);
}

/// A copy was taken for the same file, moved.
#[test]
fn a_copy_of_a_file_is_another_article() {
    let shelf = Shelf::new();
    for folder in ["x", "y"] {
        fs::create_dir(shelf.0.path(folder)).unwrap();
    }
    let [one, copy] = ["x/a.txt", "y/a.txt"].map(|name| shelf.0.with(name, CHIPS));
    assert_eq!(counts(&shelf.add(&[&one]))[..3], [1, 0, 0]);
    assert_eq!(counts(&shelf.add(&[&copy]))[..3], [1, 0, 0]);
}

/// What was undone was the making of the file: the next command said "no such table".
#[test]
fn an_empty_file_is_made_a_library_by_adding_alone() {
    let shelf = Shelf::new();
    fs::write(shelf.library(), "").unwrap();
    assert!(shelf.fail("info", &[], 1).contains("is an empty file"));
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("a.jsonl", &record("a", CHIPS))]))[..3], [1, 0, 0]);
    let told = fail(&mut refrain(&["add", &shelf.0.name("no/folder.refrain"), "seeds", STATIC[0], STATIC[1]]), 1);
    assert!(told.contains("there is no folder"), "{told}");
}

#[test]
fn two_programs_add_at_once_and_nothing_is_lost() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("first.jsonl", &record("first", CHIPS))]);
    let text = lines(3_000);
    let halves: [String; 2] = [0, 1].map(|half| {
        let lines: String =
            text.lines().enumerate().filter(|(at, _)| at % 2 == half).map(|(_, line)| format!("{line}\n")).collect();
        shelf.0.with(&format!("{half}.jsonl"), &lines)
    });
    let library = shelf.library();
    let running = halves.each_ref().map(|file| {
        let mut command = refrain(&shelf.arguments(&library, "add", &[file]));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    });
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(shelf.ids().len(), 2_971);
    succeed(&mut refrain(&["verify", &library]));
}

#[test]
fn a_library_that_is_written_to_is_waited_for_and_then_told() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(5));
    shelf.add(&[&file]);
    let sql = shelf.sql();
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let more = shelf.0.with("more.jsonl", &record("more", CHIPS));
    let told = shelf.fail("add", &[&more, "--wait", "0"], 1);
    assert!(told.contains("another program is using it"), "{told}");
    // Reading goes on.
    assert_eq!(shelf.ids().len(), 5);
    sql.execute_batch("ROLLBACK").unwrap();
    assert_eq!(counts(&shelf.add(&[&more]))[..3], [1, 0, 0]);
}

#[test]
fn a_strict_run_stops_and_says_what_stands() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(200));
    let told = shelf.fail("add", &[&file, "--strict"], 1);
    assert!(told.contains("--strict was given") && told.contains("stand"), "{told}");
    assert_eq!(shelf.ids().len(), 99);
    assert_eq!(shelf.add(&[&file])["problems"], 2);
}

#[cfg(feature = "parquet")]
#[test]
fn vectors_of_a_folder_are_taken_over() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(200));
    succeed(&mut shelf.0.embed(&file, "batch", &[]));
    let added = shelf.add(&[&shelf.0.name("batch")]);
    assert_eq!((added["added"].as_u64(), added["embedded"].as_u64()), (Some(198), Some(0)));
    assert_eq!(shelf.json("verify", &[])["faults"], json!([]));
    let sql = shelf.sql();
    let count: i64 =
        sql.query_row("SELECT count(*) FROM paragraph WHERE reason IS NULL", [], |row| row.get(0)).unwrap();
    let bytes: i64 = sql.query_row("SELECT sum(length(vectors)) FROM embedding", [], |row| row.get(0)).unwrap();
    assert_eq!(bytes, count * 24 * 4);
    assert!(!shelf.0.path("news.refrain-journal").exists());
}

/// Two articles without a word of it.
#[test]
fn an_id_that_comes_twice_in_one_run_is_said_and_fatal_where_it_is_to_be() {
    let shelf = Shelf::new();
    let file = shelf.0.with("day.jsonl", &[record("a", CHIPS), record("a", BONDS), record("b", FLOODS)].concat());
    let library = shelf.library();
    let told = shelf.fail("add", &[&file, "--strict"], 1);
    let said = "day.jsonl: line 2: the id \"a\" of Daily stands here once more, with another text: both are kept";
    assert!(told.contains(said) && told.contains("stands, 1 article added and 0 replaced"), "{told}");
    fs::remove_file(&library).unwrap();
    let run = output_of(&mut refrain(&shelf.arguments(&library, "add", &[&file, "--format", "json"])));
    assert!(run.status.success() && String::from_utf8_lossy(&run.stderr).contains(said), "{run:?}");
    let added: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((counts(&added)[..3].to_vec(), &added["problems"]), (vec![3, 0, 0], &json!(1)));
    // So it is where the first was written before.
    let many = [record("a", CHIPS), lines(1_500), record("a", CHIPS)].concat();
    let many = shelf.0.with("many.jsonl", &many);
    let run = output_of(&mut refrain(&shelf.arguments(&library, "add", &[&many])));
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(said.contains("the id \"a\" of Daily stands here once more"), "{said}");
    // In a run of its own a later version takes the place of the earlier.
    let shelf = Shelf::new();
    for (text, counted) in [(CHIPS, [1, 0, 0]), (BONDS, [0, 1, 0])] {
        assert_eq!(counts(&shelf.add(&[&shelf.0.with("one.jsonl", &record("a", text))]))[..3], counted);
    }
}

/// It was taken over: where a disk was away, or a root renamed, an outlet lost its coverage to another.
#[test]
fn an_article_of_another_outlet_is_never_taken_over_and_one_left_behind_is_said() {
    let shelf = Shelf::new();
    for folder in ["news", "news/daily", "news/herald", "news/tribune"] {
        fs::create_dir(shelf.0.path(folder)).unwrap();
    }
    let (news, library) = (shelf.0.name("news"), shelf.library());
    let add = |what: &str| {
        let run = output_of(&mut refrain(&shelf.arguments(&library, "add", &[what, "--format", "json"])));
        let counted = counts(&serde_json::from_slice::<Value>(&run.stdout).unwrap());
        (counted[..3].to_vec(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let outlets = || -> Vec<String> {
        let listed = shelf.json("list", &[]);
        listed["articles"].as_array().unwrap().iter().map(|one| one["outlet"].as_str().unwrap().to_owned()).collect()
    };
    let text = format!("{CHIPS}\n\n{BONDS}");
    let first = shelf.0.with("news/daily/first.txt", &text);
    assert_eq!(add(&news).0, [1, 0, 0]);
    // A copy, whose first still stands.
    fs::copy(&first, shelf.0.path("news/herald/first.txt")).unwrap();
    let (counted, said) = add(&news);
    assert!(counted == [1, 0, 1] && !said.contains("says what"), "{said}");
    // The root is renamed: each outlet's own is known again, and what comes with them is new.
    fs::rename(shelf.0.path("news"), shelf.0.path("press")).unwrap();
    let press = shelf.0.name("press");
    shelf.0.with("press/tribune/first.txt", &text);
    let (counted, said) = add(&press);
    assert!(counted == [1, 0, 2] && !said.contains("says what"), "{said}");
    assert_eq!(outlets(), ["daily", "herald", "tribune"]);
    // Away with the disk, and carried by another outlet meanwhile, from a file that nobody moved.
    fs::rename(shelf.0.path("press"), shelf.0.path("away")).unwrap();
    for folder in ["later", "later/wire", "later/post"] {
        fs::create_dir(shelf.0.path(folder)).unwrap();
    }
    let later = shelf.0.name("later");
    shelf.0.with("later/wire/first.txt", &text);
    let (counted, said) = add(&later);
    let told =
        "first.txt: says what the article first of daily says, whose file is no longer where it was: both are kept";
    assert!(counted == [1, 0, 0] && said.contains(told), "{said}");
    assert_eq!(outlets(), ["daily", "herald", "tribune", "wire"]);
    // The same under another name, and another text under the same, are no news.
    shelf.0.with("later/wire/second.txt", &text);
    shelf.0.with("later/post/first.txt", CHIPS);
    let (counted, said) = add(&later);
    assert!(counted == [2, 0, 1] && !said.contains("says what"), "{said}");
    succeed(&mut refrain(&["verify", &library]));
}

#[cfg(feature = "parquet")]
#[test]
fn what_was_embedded_in_windows_is_known_of_shards_too() {
    let (read, taken) = (Shelf::new(), Shelf::new());
    // With the bundled model, which reads 256 tokens; the small one of the other tests reads on.
    let long: String = (0..60).map(|at| format!("In town {at} the harbour stays closed after the storm. ")).collect();
    let text = [record("short", CHIPS), record("long", long.trim())].concat();
    let windowed = |shelf: &Shelf| -> Vec<(String, bool)> {
        let sql = shelf.sql();
        let sql_of = "SELECT a.name, p.windowed FROM paragraph p JOIN article a ON a.id = p.article ORDER BY 1";
        let mut rows = sql.prepare(sql_of).unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let file = read.0.with("day.jsonl", &text);
    succeed(&mut refrain(&["add", &read.library(), &file]));
    let batch = read.0.name("batch");
    succeed(&mut refrain(&["embed", &file, "-o", &batch]));
    succeed(&mut refrain(&["add", &taken.library(), &batch]));
    assert_eq!(windowed(&read), [("long".to_owned(), true), ("short".to_owned(), false)]);
    assert_eq!(windowed(&taken), windowed(&read));
}

#[test]
fn one_id_in_two_outlets_is_two_articles_without_a_fault() {
    let shelf = Shelf::new();
    let of =
        |outlet: &str, text: &str| format!("{}\n", serde_json::json!({ "id": "7", "outlet": outlet, "text": text }));
    let file = shelf.0.with("day.jsonl", &[of("A", CHIPS), of("B", BONDS)].concat());
    assert_eq!(counts(&shelf.add(&[&file])), [2, 0, 0, 2, 2]);
    assert_eq!(shelf.ids(), ["7", "7#2"]);
    succeed(&mut refrain(&["verify", &shelf.library()]));
    assert_eq!(counts(&shelf.add(&[&file])), [0, 0, 2, 0, 0]);
}
