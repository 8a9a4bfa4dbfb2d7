//! A library where other commands take a folder; listing, removing, moving to another model.

use super::*;

#[test]
fn a_report_on_a_library_is_the_report_on_its_files() {
    let shelf = Shelf::new();
    let library = shelf.library();
    let added = output_of(&mut refrain(&["add", &library, "seeds"]));
    assert!(stderr(&added).contains("seeds/themes.toml is not part of a library"), "{}", stderr(&added));
    assert_eq!(
        String::from_utf8(added.stdout).unwrap().replace(&library, "news.refrain").trim(),
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
fn a_library_stands_alone_among_inputs() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(5))]);
    let library = shelf.library();
    assert!(fail(&mut refrain(&["report", &library, "seeds"]), 2).contains("expected it alone"));
    assert!(fail(&mut refrain(&["report", &library, "--text-field", "body"]), 2).contains("--text-field is for texts"));
    assert!(shelf.fail("add", &[&library], 2).contains("is a library"));
}

#[test]
fn a_name_that_the_library_does_not_have_is_no_empty_answer() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(50))]);
    for command in ["list", "remove"] {
        let told = shelf.fail(command, &["--outlet", "Outlet 3"], 1);
        assert!(told.contains("no outlet \"Outlet 3\" in ") && told.contains(": there are outlet 3, "), "{told}");
        let told = shelf.fail(command, &["--file", "none.jsonl"], 1);
        assert!(told.contains("no file \"none.jsonl\" in ") && told.contains("all.jsonl"), "{told}");
    }
    let told = shelf.fail("remove", &["--outlet", "outlet 3", "--before", "1950-01-01"], 1);
    assert!(told.contains("no article meets all conditions: nothing was removed"), "{told}");
    assert_eq!(shelf.ids().len(), 50);
}

#[test]
fn a_library_is_not_embedded_again_by_mistake() {
    let shelf = Shelf::new();
    shelf.add(&[&shelf.0.with("all.jsonl", &lines(5))]);
    let told = fail(&mut refrain(&["embed", &shelf.library()]), 2);
    assert!(
        told.contains("is a library, which holds its vectors already") && told.contains("refrain reembed"),
        "{told}"
    );
}

/// They were told in the words of whatever library reads them.
#[test]
fn values_that_cannot_be_read_are_told_with_what_was_expected() {
    for (arguments, said) in [
        (&["nearest", "a", "seeds", "-k", "0"][..], "'0' for '-k <K>': expected a whole number, 1 or more"),
        (&["nearest", "a", "seeds", "--from", "2026-13-01"], "expected a day that there is, as YYYY-MM-DD"),
        (&["themes", "seeds", "--since", "yesterday"], "'yesterday' for '--since <WHEN>': expected a day"),
        (&["duplicates", "seeds", "--threshold", "x"], "'x' for '--threshold <LIKENESS>': expected a number"),
        (&["report", "seeds", "--threads", "0"], "expected a whole number from 1 to 512"),
        (&["list", "a.refrain", "--before", "2026"], "expected a day that there is"),
    ] {
        let told = fail(&mut refrain(arguments), 2);
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
}
