//! What is no library, or no longer what was written.

use super::*;

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
        // What cannot be checked is not to be checked once more.
        assert!(!told.contains("`refrain verify`"), "{told}");
        assert!(told.contains("fault") || told.contains("bring back a copy"), "{told}");
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
    let library = shelf.library();
    let run = |command: &[&str]| {
        stdout(&mut refrain(
            &[&command[..1], &[library.as_str()], &command[1..], &STATIC, &["--format", "json"]].concat(),
        ))
    };
    let answer = stdout(&mut refrain(
        &[&["nearest", "the deal is worth 14 billion", &library], &STATIC[..], &["--format", "json"]].concat(),
    ));
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["hits"].as_array().unwrap().len(), 5);
    // What is found in it and remembered, and vectors made anew.
    for (command, found) in [("duplicates", "coverage"), ("themes", "themes")] {
        assert!(serde_json::from_str::<Value>(&run(&[command])).unwrap()[found].is_object(), "{command}");
    }
    assert!(shelf.json("reembed", &[]).is_object());
    assert_eq!(shelf.json("verify", &[])["faults"], json!([]));
    assert!(serde_json::from_str::<Value>(&run(&["duplicates"])).unwrap()["coverage"].is_object());
    let file = shelf.0.with("all.jsonl", &lines(6));
    assert_eq!(counts(&shelf.add(&[&file]))[..3], [2, 0, 4]);
}
