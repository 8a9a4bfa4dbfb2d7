//! Pages as a reader gets them: read the snapshots after a change as a reader would.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::*;
use crate::collection::Collection;
use crate::coverage::{Difference, FactKind, Given};
use crate::findings::Findings;
use crate::nearest::{Answer, Elsewhere, Found, Mode, Scored, Searched, Why, WordScore, excerpt};
use crate::report::sample;
use crate::report::theme_log::{self, Told};
use crate::theme_log::{Change, Entry, Event, Log, NewParagraph, News, Share, Sizes, ThemeId, ThemeNews};

const NARROW: Page = Page { width: 80, colour: false, list_left_out: false, explain_threshold: false, most: None };

fn page(findings: &Findings, page: &Page) -> String {
    let mut out = Vec::new();
    terminal(findings, page, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_markdown(findings: &Findings) -> String {
    let mut out = Vec::new();
    markdown(findings, &NARROW, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_json(findings: &Findings) -> String {
    let mut out = Vec::new();
    json(findings, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn widest(text: &str) -> usize {
    text.lines().map(textwrap::core::display_width).max().unwrap_or(0)
}

#[test]
fn terminal_80() {
    assert_snapshot!(page(&sample::findings(), &NARROW));
}

#[test]
fn terminal_160() {
    assert_snapshot!(page(&sample::findings(), &Page { width: 160, ..NARROW }));
}

#[test]
fn terminal_80_in_colour() {
    assert_snapshot!(page(&sample::findings(), &Page { colour: true, ..NARROW }));
}

#[test]
fn json_document() {
    assert_snapshot!(as_json(&sample::findings()));
}

#[test]
fn markdown_document() {
    assert_snapshot!(as_markdown(&sample::findings()));
}

/// An answer of rows and cosines; the first has all that a hit can have.
fn answer(collection: &Collection, question: &str, rows: &[(usize, f32)]) -> Answer {
    let given = |value: &str| Given { span: 0..3, value: value.to_owned() };
    let difference = Difference { kind: FactKind::Count, left: given("50"), right: given("70") };
    let why = Why {
        shared: std::iter::once(0..3).collect(),
        words: vec!["the".to_owned()],
        verdict: Some("same subject"),
        differences: vec![difference],
    };
    let hit = |(at, &(row, cosine)): (usize, &(usize, f32))| {
        let words = Some(WordScore { bm25: 9.8 - at as f32, share: 0.5 });
        let elsewhere = Elsewhere { row: 1, source: rows[1].0, cosine: 0.81, why: why.clone() };
        Found {
            scored: Scored { row: at, score: cosine + 0.5, cosine: Some(cosine), words },
            row,
            id: (at == 0).then_some(118),
            why: if at == 0 { why.clone() } else { Why::default() },
            elsewhere: (at == 0).then_some(elsewhere),
        }
    };
    let searched = Searched { paragraphs: 8, shut_out: 1, articles: 4, recall: Some(0.985) };
    let hits = rows.iter().enumerate().map(hit).collect();
    let named: Vec<usize> = rows.iter().map(|(row, _)| *row).collect();
    Answer {
        question: question.to_owned(),
        mode: Mode::Hybrid,
        searched,
        hits,
        collection: excerpt(collection, &named),
    }
}

#[test]
fn nearest_hits() {
    let (findings, query) = (sample::findings(), "how many GPUs does OpenAI get?");
    let answer = answer(&findings.collection, query, &[(8, 0.712_34), (4, 0.698), (1, 0.655)]);
    let (mut text, mut md, mut data) = (Vec::new(), Vec::new(), Vec::new());
    nearest::terminal(&answer, &NARROW, &mut text).unwrap();
    nearest::markdown(&answer, &mut md).unwrap();
    nearest::json(&answer, &mut data).unwrap();
    assert_snapshot!("nearest_terminal", String::from_utf8(text).unwrap());
    assert_snapshot!("nearest_markdown", String::from_utf8(md).unwrap());
    assert_snapshot!("nearest_json", String::from_utf8(data).unwrap());
}

#[test]
fn lines_fit_the_page() {
    let findings = sample::findings();
    for width in [40, 60, 80, 100, 120, 160, 240] {
        let text = page(&findings, &Page { width, list_left_out: true, ..NARROW });
        let long: Vec<&str> = text.lines().filter(|line| textwrap::core::display_width(line) > width).collect();
        assert_eq!(long, [""; 0], "{width}");
    }
}

#[test]
fn without_colour_there_is_no_escape_sequence_and_with_it_the_same_text() {
    let findings = sample::findings();
    let plain = page(&findings, &NARROW);
    assert!(plain.chars().all(|c| c == '\n' || !c.is_control()));
    let coloured = page(&findings, &Page { colour: true, ..NARROW });
    let words = |text: &str| {
        let text = text.replace(['«', '»'], "");
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(words(&stripped).len(), words(&plain).len());
}

#[test]
fn sections_not_asked_for_are_left_out() {
    let themes = page(&Findings { coverage: None, ..sample::findings() }, &NARROW);
    assert!(themes.contains("\nThemes\n") && !themes.contains("coverage"));
    let duplicates = page(&Findings { themes: None, ..sample::findings() }, &NARROW);
    assert!(duplicates.contains("\nCoverage groups\n") && !duplicates.contains("Themes"));
}

#[test]
fn a_date_that_cannot_be_true_is_no_day_of_publication() {
    let mut findings = sample::findings();
    findings.collection.articles[1].date = Some(jiff::civil::date(2099, 1, 1));
    let text = page(&findings, &NARROW);
    assert!(text.contains("without a date that can be true") && !text.contains("to 1 January 2099"), "{text}");
}

#[test]
fn left_out_paragraphs_are_listed_on_request() {
    let text = page(&sample::findings(), &Page { list_left_out: true, ..NARROW });
    assert!(text.contains("Left out\n") && text.contains("The Pan-European Tech… ¶12: Your email address"), "{text}");
}

#[test]
fn most_limits_every_list_and_says_how_many_more() {
    let text = page(&sample::findings(), &Page { most: Some(1), ..NARROW });
    for more in [
        "… and 1 more problem\n",
        "… and 2 more outlets",
        "… and 2 more paragraphs",
        "… and 1 more group",
        "… and 2 more exclusives",
    ] {
        assert!(text.contains(more), "{more}: {text}");
    }
}

#[test]
fn nothing_read_is_said() {
    assert_snapshot!(page(&sample::nothing(), &NARROW));
    as_markdown(&sample::nothing());
    as_json(&sample::nothing());
}

#[test]
fn one_outlet_has_no_coverage_and_no_pairs_are_said() {
    let mut findings = sample::findings();
    findings.coverage = sample::nothing().coverage;
    let none = page(&findings, &NARROW);
    assert!(none.contains("No two outlets say the same thing."), "{none}");
    findings.collection.articles.iter_mut().for_each(|article| article.outlet = crate::article::OutletId(0));
    findings.collection.outlets.truncate(1);
    assert!(page(&findings, &NARROW).contains("All paragraphs come from one outlet."));
}

#[test]
fn many_outlets_are_listed_instead_of_set_out_in_columns() {
    let mut findings = sample::findings();
    findings.collection.outlets.extend((0..9).map(|n| format!("Z{n}")));
    let text = page(&findings, &NARROW);
    assert!(text.contains("50 / 0") && text.contains("outlets\n") && widest(&text) <= 80, "{text}");
}

/// The sample with text that means harm in every place that text comes from outside.
fn hostile() -> Findings {
    const HARM: &str =
        "\x1b[31m<script>alert(1)</script> | `x` [y](javascript:z) @team **b** \u{202e}evil\u{9b}2J &lt; ~~s~~";
    let mut findings = sample::findings();
    let collection = &mut findings.collection;
    collection.outlets[0] = HARM.into();
    for article in &mut collection.articles {
        article.title = Some(HARM.into());
        article.place.file = HARM.into();
    }
    collection.paragraphs.iter_mut().for_each(|paragraph| paragraph.text = format!("1. {HARM} {}", paragraph.text));
    collection.left_out.iter_mut().for_each(|left_out| left_out.reason = HARM.into());
    collection.problems.iter_mut().for_each(|problem| problem.what = HARM.into());
    for theme in &mut findings.themes.as_mut().unwrap().themes {
        theme.name = HARM.into();
        theme.keywords = vec![HARM.into()];
    }
    findings.run.inputs = vec![HARM.into()];
    findings
}

#[test]
fn text_of_articles_steers_no_terminal() {
    for width in [80, 160] {
        let text = page(&hostile(), &Page { width, list_left_out: true, ..NARROW });
        assert!(text.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{text}");
    }
    let data = as_json(&hostile());
    assert!(data.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')));
    let parsed: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(parsed["outlets"][0]["name"], hostile().collection.outlets[0], "escaped, not lost");
}

#[test]
fn text_of_articles_is_no_markup() {
    let text = as_markdown(&hostile());
    let markup = regex::Regex::new(r"<script|[^\\]`|[^\\]\]\(|@team|[^\\]~~|[^\\]\*\*b|&lt; |\n(> )?1\.").unwrap();
    assert_eq!(markup.find(&text).map(|found| &text[found.start()..]), None);
    assert!(text.contains(r"\[y\](javascript:z)") && text.contains("&lt;script&gt;") && text.contains("> 1\\. "));
    let table = text.lines().filter(|line| line.starts_with("| 1 ")).map(|line| line.replace("\\|", ""));
    assert_eq!(table.map(|line| line.matches('|').count()).collect::<Vec<_>>(), [10], "cells stay cells");
}

#[test]
fn every_field_is_documented_and_nothing_else() {
    let findings = sample::findings();
    assert_eq!(fields(&as_json(&findings)), documented("refrain.findings/1"));
    let mut out = Vec::new();
    nearest::json(&answer(&findings.collection, "q", &[(0, 0.5), (4, 0.5)]), &mut out).unwrap();
    assert_eq!(fields(&String::from_utf8(out).unwrap()), documented("refrain.nearest/2"));
    let mut out = Vec::new();
    eval::lookup::json(&eval::lookup::tests::sample(), &mut out).unwrap();
    assert_eq!(fields(&String::from_utf8(out).unwrap()), documented("refrain.eval.lookup/1"));
    let mut out = Vec::new();
    eval::themes::json(&eval::themes::tests::sample(), &mut out).unwrap();
    assert_eq!(fields(&String::from_utf8(out).unwrap()), documented("refrain.eval.themes/1"));
    let mut out = Vec::new();
    eval::duplicates::json(&eval::duplicates::tests::sample(), &mut out).unwrap();
    assert_eq!(fields(&String::from_utf8(out).unwrap()), documented("refrain.eval.duplicates/1"));
}

/// A library's log that has every kind of event.
fn log() -> Log {
    let (sizes, share) = (
        Sizes { before: 3, now: 5, added: 2, joined: 1, removed: 0, left: 1 },
        Share { theme: ThemeId(2), paragraphs: 9 },
    );
    let changes = [
        Change::Born { paragraphs: 3, from: Some(ThemeId(2)) },
        Change::Revived { paragraphs: 3 },
        Change::Grown(sizes),
        Change::Split { into: vec![share] },
        Change::Merged { of: vec![share] },
        Change::Died { paragraphs: 1_200, into: Some(ThemeId(2)) },
        Change::Renamed { from: "a".to_owned(), to: "b".to_owned(), by_user: true },
    ];
    let at = "2026-11-20T08:00:00Z".parse().unwrap();
    let event = |change| Event { theme: ThemeId(1), name: "chips".to_owned(), change };
    let entries = changes.map(|change| Entry { generation: 2, at, event: event(change) }).to_vec();
    let names = [(ThemeId(1), "chips".to_owned()), (ThemeId(2), "energy \u{1b}[31m".to_owned())].into();
    Log { entries, names }
}

fn news() -> News {
    let Log { entries, names } = log();
    let at = entries[0].at;
    let paragraph = NewParagraph {
        outlet: "Daily".to_owned(),
        article: "a1".to_owned(),
        title: Some("Chips".to_owned()),
        date: Some("2026-11-20".to_owned()),
        url: None,
        added: at,
        place: 1,
        text: "Chips are dear.".to_owned(),
    };
    let theme =
        |theme, paragraphs, events, added| ThemeNews { theme, name: names[&theme].clone(), paragraphs, events, added };
    let themes = vec![
        theme(ThemeId(1), Some(5), entries[2..4].to_vec(), vec![paragraph.clone(), paragraph]),
        theme(ThemeId(2), None, Vec::new(), Vec::new()),
    ];
    News { since: "2026-11-20T00:00:00Z".parse().unwrap(), at, everything: false, themes, unchanged: 4, names }
}

#[test]
fn what_became_of_themes_is_told_in_words() {
    let text = |told: &Told| {
        let mut out = Vec::new();
        theme_log::terminal(told, &Page { most: Some(1), ..NARROW }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let told = text(&Told::Log(log()));
    assert!(!told.contains('\u{1b}'), "{told:?}");
    for said in [
        "born with 3 paragraphs, split off t2",
        "grown from 3 to 5",
        "took in t2",
        "it had 1,200 paragraphs",
        "renamed by you",
    ] {
        assert!(told.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{said}: {told}");
    }
    let told = text(&Told::News(news()));
    for said in ["1 grown, 1 split; 4 themes without news", "New from Daily 2", "and 1 more", "ended"] {
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn every_field_of_the_log_and_of_news_is_documented() {
    for (told, schema) in [(Told::Log(log()), "refrain.theme_log/1"), (Told::News(news()), "refrain.theme_news/1")] {
        let mut out = Vec::new();
        theme_log::json(&told, &mut out).unwrap();
        let mut found = fields(&String::from_utf8(out).unwrap());
        found.retain(|field| !field.starts_with("themes[].events[]."));
        assert_eq!(found, documented(schema));
    }
    let event = log().entries.pop().unwrap().event;
    let mut out = Vec::new();
    theme_log::renamed_json("news.refrain", Some(&event), &mut out).unwrap();
    assert_eq!(fields(&String::from_utf8(out).unwrap()), documented("refrain.renamed/1"));
}

/// The fields of a document: `a.b[].c`.
fn fields(json: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect("", &serde_json::from_str(json).unwrap(), &mut found);
    found
}

fn collect(path: &str, value: &serde_json::Value, found: &mut BTreeSet<String>) {
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let objects = value.as_array().is_some_and(|items| items.iter().any(serde_json::Value::is_object));
        let plain = !objects && ["span", "themes", "left", "right"].contains(&key.as_str());
        match value.as_array() {
            Some(items) if !plain => {
                found.insert(format!("{path}[]"));
                items.iter().for_each(|item| collect(&format!("{path}[]"), item, found));
            }
            _ => {
                found.insert(path.clone());
                if key != "extra" {
                    collect(&path, value, found);
                }
            }
        }
    }
}

/// The fields that `docs/formats.md` names for a schema.
fn documented(schema: &str) -> BTreeSet<String> {
    let docs = include_str!("../../docs/formats.md");
    let section = docs.split("\n## ").find(|section| section.starts_with(&format!("`{schema}`"))).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

#[test]
fn numbers_are_rounded_and_bytes_repeat() {
    let text = as_json(&sample::findings());
    assert!(text.contains("\"cohesion\": 0.6789") && text.ends_with("}\n"));
    assert_eq!(text, as_json(&sample::findings()));
}
