//! `refrain duplicates` as a user runs it: who was first, who lacks what, what an outlet repeats, quotations, facts that
//! differ; and `refrain eval duplicates`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{output_of, refrain, stderr, stdout};
use tempfile::TempDir;

const LEAD: &str = "The river authority said on Tuesday that the old bridge would be closed for repairs until the end of 2026, at a \
                    cost of $38 million, after engineers found cracks in eleven of its steel girders.";
const QUOTE: &str = "\"We would rather close it for a year than lose it for ever,\" said Marta Lindqvist, the authority's chief engineer, \
                     at a press conference in the town hall.";
const FURNITURE: &str = "Sign up for our morning letter and never miss a story from the valley again.";

fn article(id: &str, outlet: &str, date: Option<&str>, paragraphs: &[&str]) -> String {
    json!({"id": id, "outlet": outlet, "date": date, "text": paragraphs.join("\n\n")}).to_string()
}

/// Runs `duplicates` on articles, one a line.
fn duplicates(articles: &[String], more: &[&str]) -> Value {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("news.jsonl");
    fs::write(&path, articles.join("\n")).unwrap();
    let fixed = ["duplicates", path.to_str().unwrap(), "--format", "json"];
    let day: &[&str] = if more.contains(&"--today") { &[] } else { &["--today", "2026-11-22"] };
    serde_json::from_str(&stdout(&mut refrain(&[&fixed, day, more].concat()))).unwrap()
}

fn other(what: &str) -> String {
    format!("In other news, {what} was the talk of the valley all week, people at the market told our reporter there.")
}

/// Three outlets with the lead, one of them with changes; a fourth that wrote of the bridge and lacks the quotation.
fn bridge() -> Vec<String> {
    let edited = LEAD.replace("$38 million", "$45 million").replace("The river authority", "The authority");
    vec![
        article("a1", "Herald", Some("2026-11-04"), &[LEAD, QUOTE, &other("the harvest")]),
        article("b1", "Courier", Some("2026-11-05"), &[&edited, QUOTE, &other("the election")]),
        article("c1", "Post", Some("1970-01-01"), &[LEAD, QUOTE, &other("the football cup")]),
        article("d1", "Echo", Some("2026-11-05"), &[LEAD, &other("a lost dog")]),
    ]
}

#[test]
fn who_was_first_is_told_and_dates_that_cannot_be_true_are_set_aside() {
    let found = duplicates(&bridge(), &[]);
    let group = &found["coverage"]["groups"][0];
    assert_eq!(group["outlets"].as_array().unwrap().len(), 4);
    assert_eq!(group["first"], json!({"date": "2026-11-04", "outlets": ["Herald"], "undated": 1}));
    assert_eq!(found["coverage"]["misdated"], json!([{"article": "c1", "date": "1970-01-01"}]));
    assert_eq!(duplicates(&bridge(), &["--today", "2026-11-01"])["coverage"]["misdated"].as_array().unwrap().len(), 4);
}

#[test]
fn one_text_told_four_times_is_one_origin_and_each_member_says_why_it_is_there() {
    let found = duplicates(&bridge(), &[]);
    let group = &found["coverage"]["groups"][0];
    assert_eq!(group["origins"], json!({"lots": [[0, 1, 2, 3]], "effective": 1.0}));
    let because: Vec<&Value> = group["because"].as_array().unwrap().iter().collect();
    assert_eq!(because.len(), group["passages"].as_array().unwrap().len());
    assert!(because.iter().all(|pair| group["pairs"].as_array().unwrap().contains(pair)));
}

#[test]
fn what_three_carry_and_one_that_wrote_of_it_lacks_is_an_omission() {
    let found = duplicates(&bridge(), &[]);
    let omissions = found["coverage"]["omissions"].as_array().unwrap();
    let [omission] = omissions.as_slice() else { panic!("{omissions:?}") };
    assert_eq!(omission["outlets"], json!(["Echo"]));
    let group = &found["coverage"]["groups"][omission["group"].as_u64().unwrap() as usize];
    assert!(group["passages"][0]["text"].as_str().unwrap().contains("rather close it"), "{group}");
    assert_eq!(duplicates(&bridge(), &["--omitted-from", "4"])["coverage"]["omissions"], json!([]));
}

#[test]
fn what_an_outlet_repeats_through_its_articles_is_no_coverage() {
    let of = |id: &str, outlet: &str, subject: &str| {
        article(
            id,
            outlet,
            None,
            &[&other(subject), &format!("Nobody at the town hall would speak of {subject}."), FURNITURE],
        )
    };
    let subjects = ["the harvest", "the election", "the football cup"];
    let mut articles: Vec<String> =
        subjects.iter().enumerate().map(|(at, subject)| of(&format!("a{at}"), "Herald", subject)).collect();
    articles.push(of("b", "Courier", "a lost dog"));
    let found = duplicates(&articles, &[]);
    let reasons: Vec<&str> =
        found["left_out"].as_array().unwrap().iter().map(|left_out| left_out["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["repeated through the outlet's articles"; 3]);
    let carries = |found: &Value| found["coverage"]["pairs"].to_string().contains("morning letter");
    assert!(!carries(&found));
    assert!(carries(&duplicates(&articles, &["--recurring-from", "0"])));
}

#[test]
fn figures_that_differ_are_told_by_outlet_with_the_words_of_each() {
    let found = duplicates(&bridge(), &[]);
    let disagreements = found["coverage"]["groups"][0]["disagreements"].as_array().unwrap();
    let [money] = disagreements.as_slice() else { panic!("{disagreements:?}") };
    assert_eq!(money["kind"], "money");
    let texts: Vec<&str> =
        money["readings"].as_array().unwrap().iter().map(|reading| reading["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["$38 million", "$45 million", "$38 million", "$38 million"]);
}

#[test]
fn a_quotation_is_told_with_whom_each_outlet_gives_it_to() {
    let cut = QUOTE.replace("than lose it for ever", "than lose it");
    let other_speaker = QUOTE.replace("Marta Lindqvist", "Jonas Berg");
    let articles = [
        article("a", "Herald", None, &[QUOTE, &other("the harvest")]),
        article("b", "Courier", None, &[&cut, &other("the election")]),
        article("c", "Post", None, &[&other_speaker, &other("the cup")]),
    ];
    let found = duplicates(&articles, &[]);
    let quotations = found["quotations"].as_array().unwrap();
    let [quotation] = quotations.as_slice() else { panic!("{quotations:?}") };
    assert_eq!(quotation["speakers_differ"], true);
    let members = quotation["members"].as_array().unwrap();
    let told = |key: &str| -> Vec<String> { members.iter().map(|member| member[key].to_string()).collect() };
    assert_eq!(told("form"), ["\"whole\"", "\"shortened\"", "\"whole\""]);
    assert_eq!(members[0]["speaker"]["name"], "Marta Lindqvist");
    assert_eq!(members[2]["speaker"]["name"], "Jonas Berg");
}

#[test]
fn the_threshold_is_explained_with_the_closest_pairs_on_both_sides() {
    let page = stdout(&mut refrain(&["duplicates", "seeds", "--explain-threshold", "--today", "2026-11-22"]));
    let explained = page.split("What counted as the same").nth(1).unwrap();
    assert!(explained.contains("background") && explained.contains("█"), "{explained}");
    assert!(explained.matches("just above").count() > 1 && explained.matches("just below").count() > 1, "{explained}");
}

#[test]
fn a_long_run_in_sentences_about_other_things_is_a_run_and_no_paraphrase() {
    let run =
        "according to people familiar with the matter who spoke on condition of anonymity before any announcement";
    let articles = [
        article(
            "a",
            "Herald",
            None,
            &[&format!("The apple harvest is lost to frost this spring, {run}."), &other("the fair")],
        ),
        article(
            "b",
            "Courier",
            None,
            &[&format!("Nineteen bank branches will close by winter, {run}."), &other("the cup")],
        ),
    ];
    for by in ["statements", "paragraphs", "wording"] {
        let found = duplicates(&articles, &["--by", by]);
        let pairs = found["coverage"]["pairs"].as_array().unwrap();
        let run = pairs.iter().find(|pair| pair["left"]["text"].as_str().unwrap().contains("apple")).unwrap();
        assert_eq!((&run["scope"], &run["grade"]), (&json!("run"), &json!("verbatim")), "by {by}");
        assert!(
            found["coverage"]["groups"].as_array().unwrap().iter().all(|group| group["disagreements"] == json!([]))
        );
    }
}

#[test]
fn by_wording_needs_no_model_and_says_what_it_does_not_know() {
    let found = duplicates(&bridge(), &["--by", "wording"]);
    assert_eq!((&found["run"]["model"], &found["run"]["dim"]), (&json!("none"), &json!(0)));
    let coverage = &found["coverage"];
    assert_eq!((&coverage["by"], &coverage["omitted_from"]), (&json!("wording"), &Value::Null));
    assert_eq!(coverage["groups"][0]["outlets"].as_array().unwrap().len(), 4);
    assert!(coverage["pairs"].as_array().unwrap().iter().all(|pair| pair["grade"] != "paraphrase"));
    let refused = output_of(&mut refrain(&["duplicates", "seeds", "--by", "wording", "--model", "nowhere"]));
    assert_eq!((refused.status.code(), stderr(&refused).contains("--model means nothing")), (Some(2), true));
}

#[test]
fn a_threshold_of_the_user_s_own_wins() {
    let found: Value = serde_json::from_str(&stdout(&mut refrain(&[
        "duplicates",
        "seeds",
        "--format",
        "json",
        "--threshold",
        "1.3",
        "--today",
        "2026-11-22",
    ])))
    .unwrap();
    let pairs = found["coverage"]["pairs"].as_array().unwrap();
    let paraphrases = pairs.iter().filter(|pair| pair["grade"] == "paraphrase");
    assert!(paraphrases.clone().count() > 0);
    assert!(paraphrases.clone().all(|pair| pair["likeness"].as_f64().unwrap() >= 1.3), "{pairs:?}");
}

/// Sixty outlets with one story, each edited in a place of its own: more copies than one shingle pairs.
#[test]
fn one_story_in_sixty_outlets_is_one_group() {
    let words: Vec<&str> = LEAD.split(' ').collect();
    let edited = |at: usize| {
        let mut words = words.clone();
        let place = 3 + at * 7 % (words.len() - 6);
        words[place] = "whereas";
        words.join(" ")
    };
    let articles: Vec<String> =
        (0..60).map(|at| article(&format!("a{at}"), &format!("Outlet {at:02}"), None, &[&edited(at)])).collect();
    for by in ["paragraphs", "wording"] {
        let found = duplicates(&articles, &["--by", by]);
        let groups = found["coverage"]["groups"].as_array().unwrap();
        let sizes: Vec<usize> = groups.iter().map(|group| group["passages"].as_array().unwrap().len()).collect();
        assert_eq!(sizes, [60], "by {by}");
    }
}

#[test]
fn pairs_of_the_user_s_own_are_scored() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pairs.jsonl");
    let judged = folder.path().join("judged.jsonl");
    let changed = LEAD.replace("$38 million", "$45 million");
    let lines = [
        json!({"id": "same", "label": 1, "text1": LEAD, "text2": LEAD, "differs": []}),
        json!({"id": "changed", "label": 1, "text1": LEAD, "text2": changed,
               "differs": [{"kind": "figure", "left": "$38", "right": "$45"}]}),
        json!({"id": "other", "label": 0, "text1": LEAD, "text2": other("the harvest")}),
        json!({"id": "lost", "label": 0, "text1": LEAD}),
    ];
    fs::write(&path, lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).unwrap();
    let labels = path.to_str().unwrap();
    let fixed = ["eval", "duplicates", "--labels", labels, "--judged", judged.to_str().unwrap()];
    let output = output_of(&mut refrain(&[&fixed[..], &["--format", "json"]].concat()));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(stderr(&output).contains("no \"text2\" field"), "{}", stderr(&output));
    assert_eq!((&found["pairs"], &found["problems"][0]["line"]), (&json!(3), &json!(4)));
    assert_eq!(found["same"]["rankings"][0]["average_precision"], 1.0);
    let figures = &found["kinds"][0];
    assert_eq!([&figures["known"], &figures["found"], &figures["told"], &figures["right"]], [1, 1, 1, 1]);
    let lines = fs::read_to_string(&judged).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.lines().next().unwrap().contains("\"grade\":\"verbatim\""), "{lines}");
    assert!(!output_of(&mut refrain(&[&fixed[..], &["--strict"]].concat())).status.success());
}
