//! `refrain add`, `list`, `info`, `remove`, `verify`, `compact` and `reembed` as a user runs them, and a library where
//! other commands take a folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::{Value, json};
use support::batch::{Desk, STATIC, fail, lines, succeed};
use support::{output_of, refrain, stdout};

struct Shelf(Desk);

impl Shelf {
    fn new() -> Self {
        Self(Desk::new())
    }

    fn library(&self) -> String {
        self.0.name("news.refrain")
    }

    fn arguments<'a>(&self, library: &'a str, name: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        let model: &[&str] = if matches!(name, "add" | "reembed") { &STATIC } else { &[] };
        [&[name, library], rest, model].concat()
    }

    /// Adds with the small model; the answer.
    fn add(&self, rest: &[&str]) -> Value {
        self.json("add", rest)
    }

    fn json(&self, name: &str, rest: &[&str]) -> Value {
        let library = self.library();
        let arguments = [self.arguments(&library, name, rest), vec!["--format", "json"]].concat();
        let run = output_of(&mut refrain(&arguments));
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        serde_json::from_slice(&run.stdout).unwrap()
    }

    fn fail(&self, name: &str, rest: &[&str], code: i32) -> String {
        let library = self.library();
        fail(&mut refrain(&self.arguments(&library, name, rest)), code)
    }

    fn sql(&self) -> Connection {
        Connection::open(self.library()).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        let listed = self.json("list", &[]);
        listed["articles"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Ids of paragraphs by their text.
    fn paragraphs(&self) -> Vec<(i64, String)> {
        let sql = self.sql();
        let mut rows = sql.prepare("SELECT id, text FROM paragraph ORDER BY id").unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn counts(added: &Value) -> [u64; 5] {
    ["added", "replaced", "unchanged", "paragraphs", "embedded"].map(|name| added[name].as_u64().unwrap())
}

fn record(id: &str, text: &str) -> String {
    format!("{}\n", json!({ "id": id, "outlet": "Daily", "text": text }))
}

const CHIPS: &str = "The chip maker raised its forecast for the year after strong demand from data centres abroad.";
const BONDS: &str = "Bond yields fell for a third day as investors waited for the central bank's decision on rates.";
const FLOODS: &str =
    "Floods closed two bridges in the north of the country, and schools stayed shut on Monday morning.";

#[test]
fn a_report_on_a_library_is_the_report_on_its_files() {
    let shelf = Shelf::new();
    let library = shelf.library();
    let said = stdout(&mut refrain(&["add", &library, "seeds"]));
    assert_eq!(
        said.replace(&library, "news.refrain").trim(),
        "news.refrain: 5 articles added, 0 replaced, 0 unchanged; 73 paragraphs, 73 embedded"
    );
    let report = |input: &str| -> Value {
        let flags = ["report", input, "--theme-file", "seeds/themes.toml", "--format", "json", "--today", "2026-01-01"];
        serde_json::from_str(&stdout(&mut refrain(&flags))).unwrap()
    };
    let (mut kept, mut read) = (report(&library), report("seeds"));
    kept["run"]["inputs"] = Value::Null;
    read["run"]["inputs"] = Value::Null;
    // Read from the library, the numbers are told without this machine's instructions.
    kept["run"]["precision"] = Value::Null;
    read["run"]["precision"] = Value::Null;
    // Themes have ids in a library alone.
    for theme in kept["themes"]["list"].as_array_mut().unwrap() {
        theme["id"] = Value::Null;
    }
    assert_eq!(kept, read);
    let nearest = |input: &str| -> Value {
        let flags = ["nearest", "Is this an AI bubble?", input, "--format", "json"];
        let mut answer: Value = serde_json::from_str(&stdout(&mut refrain(&flags))).unwrap();
        for hit in answer["hits"].as_array_mut().unwrap() {
            hit["id"] = Value::Null;
        }
        answer
    };
    assert_eq!(nearest(&library), nearest("seeds"));
}

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
fn vectors_that_are_not_those_that_were_written_are_refused() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(5))]);
    // Of unit length, and another's: the components stand elsewhere.
    let turned =
        "UPDATE embedding SET vectors = CAST(substr(vectors, 5) || substr(vectors, 1, 4) AS BLOB) WHERE article = 4";
    shelf.sql().execute(turned, []).unwrap();
    for command in [vec!["report"], vec!["nearest", "the deal"]] {
        let told = fail(&mut refrain(&[&command[..], &[shelf.library().as_str()]].concat()), 1);
        assert!(told.contains("damaged") && told.contains("CRC-32"), "{told}");
    }
    // Nor are they taken over into another article.
    assert_eq!(counts(&shelf.add(&[&shelf.0.with("more.jsonl", &lines(5).replace("\"a3\"", "\"b3\""))]))[4], 1);
}

#[test]
fn articles_are_listed_and_removed_by_what_names_them() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(50));
    shelf.add(&[&file]);
    let library = shelf.library();
    let about = shelf.json("info", &[]);
    assert_eq!((about["articles"].as_u64(), about["outlets"].as_array().unwrap().len()), (Some(50), 5));
    let dry = shelf.json("remove", &["--outlet", "outlet 1", "--dry-run"]);
    assert_eq!((dry["dry_run"].as_bool(), dry["articles"].as_array().unwrap().len()), (Some(true), 10));
    assert_eq!(shelf.ids().len(), 50);
    shelf.json("remove", &["--outlet", "outlet 1"]);
    assert_eq!(shelf.ids().len(), 40);
    let told = shelf.fail("remove", &["a0", "a1"], 1);
    assert!(told.contains("no article \"a1\"") && told.contains("nothing was removed"), "{told}");
    assert!(shelf.fail("remove", &[], 2).contains("no article is named"));
    shelf.json("remove", &["a0"]);
    assert!(!shelf.ids().contains(&"a0".to_owned()));
    let page = stdout(&mut refrain(&["list", &library, "--outlet", "outlet 2"]));
    insta::assert_snapshot!("library_list", page);
    assert_eq!(shelf.json("info", &[])["outlets"].as_array().unwrap().len(), 4);
    shelf.json("compact", &[]);
    succeed(&mut refrain(&["verify", &library]));
}

#[test]
fn a_library_of_another_model_is_refused_and_can_be_moved() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(20));
    shelf.add(&[&file]);
    let library = shelf.library();
    // Its own model need not be named again; another is refused.
    succeed(&mut refrain(&["nearest", "the deal", &library]));
    let told = fail(&mut refrain(&["add", &library, &file, "--model", "all-MiniLM-L6-v2"]), 1);
    assert!(told.contains("was embedded with the model") && told.contains("hint: "), "{told}");
    let told = fail(&mut refrain(&["add", &library, &file, STATIC[0], STATIC[1], "--truncate-dim", "12"]), 1);
    assert!(told.contains("holds vectors of 24 components"), "{told}");
    assert_eq!(shelf.json("reembed", &["--truncate-dim", "12"])["model"]["dim"], 12);
    assert_eq!(shelf.json("verify", &[])["faults"], json!([]));
    succeed(&mut refrain(&["nearest", "the deal", &library]));
}

#[test]
fn what_was_damaged_is_named() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(20))]);
    let whole = fs::read(shelf.library()).unwrap();
    let faults = || -> Vec<String> {
        let run = output_of(&mut refrain(&["verify", &shelf.library(), "--format", "json"]));
        assert_eq!(run.status.code(), Some(1));
        let answer: Value = serde_json::from_slice(&run.stdout).unwrap();
        let faults = answer["faults"].as_array().unwrap();
        faults.iter().map(|one| format!("{}: {}", one["at"], one["what"])).collect()
    };
    shelf.sql().execute("UPDATE embedding SET vectors = zeroblob(length(vectors)) WHERE article = 3", []).unwrap();
    assert!(faults()[0].contains("article a2") && faults()[0].contains("CRC-32"), "{:?}", faults());
    fs::write(shelf.library(), &whole).unwrap();
    shelf.sql().execute("UPDATE article SET title = 'Another' WHERE id = 4", []).unwrap();
    assert!(faults()[0].contains("article a3") && faults()[0].contains("not what was written"), "{:?}", faults());
    fs::write(shelf.library(), &whole).unwrap();
    shelf.sql().execute("DELETE FROM words WHERE rowid = 5", []).unwrap();
    assert!(faults()[0].contains("index of words"), "{:?}", faults());
    succeed(&mut refrain(&["compact", &shelf.library()]));
    succeed(&mut refrain(&["verify", &shelf.library()]));
}

#[test]
fn a_file_that_is_cut_or_overwritten_is_refused_with_words() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(300))]);
    let whole = fs::read(shelf.library()).unwrap();
    for cut in [whole.len() / 2, whole.len() - 8_192] {
        fs::write(shelf.library(), &whole[..cut]).unwrap();
        let told = fail(&mut refrain(&["verify", &shelf.library()]), 1);
        assert!(told.contains("damaged") || told.contains("fault"), "{told}");
        assert_eq!(output_of(&mut refrain(&["report", &shelf.library()])).status.code(), Some(1));
    }
    let mut overwritten = whole.clone();
    overwritten[20_000..60_000].fill(0x5a);
    fs::write(shelf.library(), overwritten).unwrap();
    let told = fail(&mut refrain(&["verify", &shelf.library()]), 1);
    assert!(told.contains("damaged") || told.contains("fault"), "{told}");
}

#[test]
fn what_is_no_library_is_left_as_it_is() {
    let shelf = Shelf::new();
    let file = shelf.0.with("all.jsonl", &lines(5));
    let mine = shelf.0.with("news.refrain", "my notes\n");
    let told = shelf.fail("add", &[&file], 1);
    assert!(told.contains("found another kind of file") && told.contains("hint: "), "{told}");
    assert_eq!(fs::read_to_string(mine).unwrap(), "my notes\n");
    Connection::open(shelf.0.path("other.db")).unwrap().execute_batch("CREATE TABLE mine (id)").unwrap();
    let other = shelf.0.name("other.db");
    assert!(fail(&mut refrain(&["info", &other]), 1).contains("expected a library"));
    assert!(fail(&mut refrain(&["info", &shelf.0.name("none.refrain")]), 1).contains("no such file"));
    assert!(fail(&mut refrain(&["info", shelf.0.path("").to_str().unwrap()]), 1).contains("a folder"));
    assert!(!shelf.0.path("none.refrain").exists());
    let told = fail(&mut refrain(&["add", &shelf.0.name("new.refrain"), "no/such/file"]), 1);
    assert!(told.contains("no/such/file") && !shelf.0.path("new.refrain").exists(), "{told}");
}

#[test]
fn a_library_of_a_later_format_is_refused() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(5))]);
    shelf.sql().pragma_update(None, "user_version", 99).unwrap();
    let told = fail(&mut refrain(&["list", &shelf.library()]), 1);
    assert!(told.contains("found format 99, expected 1 or older"), "{told}");
}

/// The fixture is what the first version wrote; each later version reads it, and adds to it.
#[test]
fn a_library_of_format_1_is_opened() {
    let shelf = Shelf::new();
    fs::copy("tests/fixtures/library/format-1.refrain", shelf.library()).unwrap();
    assert_eq!(shelf.json("verify", &[])["faults"], json!([]));
    assert_eq!(shelf.ids(), ["a0", "a1", "a2", "a3"]);
    let hits = shelf.0.name("news.refrain");
    let answer = stdout(&mut refrain(&[
        "nearest",
        "the deal is worth 14 billion",
        &hits,
        STATIC[0],
        STATIC[1],
        "--format",
        "json",
    ]));
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["hits"].as_array().unwrap().len(), 5);
    let file = shelf.0.with("all.jsonl", &lines(6));
    assert_eq!(counts(&shelf.add(&[&file]))[..3], [2, 0, 4]);
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

#[test]
fn a_library_stands_alone_among_inputs() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(5))]);
    let library = shelf.library();
    assert!(fail(&mut refrain(&["report", &library, "seeds"]), 2).contains("expected it alone"));
    assert!(fail(&mut refrain(&["report", &library, "--text-field", "body"]), 2).contains("--text-field is for texts"));
    assert!(shelf.fail("add", &[&library], 2).contains("is a library"));
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
