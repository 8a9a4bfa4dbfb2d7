//! The sample corpus, paragraph by paragraph: what each is, what is left out and why.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use refrain::collection::Collection;
use refrain::corpus::{ReadOptions, read};

fn seeds() -> Collection {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let files: Vec<PathBuf> = [
        "000_7d46cf23d32f6871",
        "001_2cfca9918b525303",
        "002_0f42c623f10d6f66",
        "003_eb4073fdaf82232d",
        "004_792f6cfe08793c97",
    ]
    .iter()
    .map(|stem| folder.join(format!("{stem}.txt")))
    .collect();
    read(&files, &ReadOptions::default()).unwrap()
}

fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

/// `file place kind: first 60 characters`, and the reason of what is left out.
fn listed(collection: &Collection) -> String {
    let kept = collection.paragraphs.iter().map(|paragraph| (paragraph, None));
    let left_out = collection.left_out.iter().map(|left| (&left.paragraph, Some(left.reason.as_str())));
    let mut all: Vec<_> = kept.chain(left_out).collect();
    all.sort_by_key(|(paragraph, _)| (paragraph.article, paragraph.place));
    let line = |(paragraph, reason): &(&refrain::paragraph::Paragraph, Option<&str>)| {
        let file = &collection.articles[paragraph.article].id[..3];
        let reason = reason.map(|reason| format!(" [{reason}]")).unwrap_or_default();
        format!("{file} {:2} {}{reason}: {}", paragraph.place, paragraph.kind.name(), start(&paragraph.text))
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_paragraph_of_the_seeds_has_its_kind() {
    insta::with_settings!({ snapshot_path => "fixtures/corpus", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("seeds", listed(&seeds()));
    });
}

#[test]
fn all_that_the_seeds_leave_out_is_named_with_its_reason() {
    let seeds = seeds();
    let left_out: Vec<(&str, &str)> =
        seeds.left_out.iter().map(|left| (left.reason.as_str(), left.paragraph.text.as_str())).collect();
    assert_eq!(
        left_out,
        [
            ("heading", "What the Deal Includes: Scale, Technology & Timing"),
            ("heading", "Why This Matters: Strategic Shifts in AI & Cloud"),
            ("heading", "For Amazon / AWS"),
            ("heading", "OpenAI Signs $38 Billion Deal With Amazon"),
            (
                "heading",
                "OpenAI Signs $38 Billion, Seven-Year Cloud Deal with Amazon to Power Next Phase of AI Expansion"
            ),
            ("dateline", "2025-11-04"),
            ("newsletter", "See What’s Next in Tech With the Fast Forward Newsletter"),
            ("social widget", "Tweets From @varindiamag"),
            ("social widget", "Nothing to see here - yet"),
            ("social widget", "When they Tweet, their Tweets will show up here."),
            ("navigation", "Table of Contents"),
            ("heading", "Partnership Overview"),
            ("table head", "Detail | Specification"),
            ("table rule", "|---|---|"),
            ("heading", "Why This Deal Matters"),
            ("heading", "Massive Infrastructure Investment"),
            ("heading", "Breaking Free From Microsoft"),
            ("heading", "AI Bubble Concerns"),
            ("link to elsewhere", "Learn more at AWS."),
            ("heading", "FAQs"),
            ("heading", "Does the AWS deal end OpenAI’s Microsoft partnership?"),
            ("heading", "When will AWS infrastructure be fully deployed for OpenAI?"),
            ("heading", "OpenAI Breaks from Microsoft, Signs $38 Billion Cloud Deal with Amazon"),
            ("heading", "A tectonic realignment in the cloud economy"),
            ("heading", "Why it matters"),
            ("heading", "The numbers behind the bet"),
            ("heading", "A new era of strategic alliances"),
            ("heading", "The bigger picture"),
            ("comment form", "Leave a Reply"),
            ("comment form", "Your email address will not be published. Required fields are marked *"),
        ]
    );
}

#[test]
fn every_line_of_the_seeds_is_a_paragraph_kept_or_left_out() {
    let seeds = seeds();
    let lines: usize =
        seeds.articles.iter().map(|article| article.text.lines().filter(|line| !line.trim().is_empty()).count()).sum();
    assert_eq!(seeds.paragraphs.len() + seeds.left_out.len(), lines);
    assert!(seeds.problems.is_empty(), "{:?}", seeds.problems);
}

#[test]
fn the_seeds_have_their_outlets_titles_and_dates() {
    let seeds = seeds();
    assert_eq!(seeds.outlets[0], "000_7d46cf23d32f6871");
    let titles: Vec<Option<&str>> = seeds.articles.iter().map(|article| article.title.as_deref()).collect();
    assert_eq!(
        titles,
        [
            None,
            Some("OpenAI Signs $38 Billion Deal With Amazon"),
            Some("OpenAI Signs $38 Billion, Seven-Year Cloud Deal with Amazon to Power Next Phase of AI Expansion"),
            None,
            Some("OpenAI Breaks from Microsoft, Signs $38 Billion Cloud Deal with Amazon"),
        ]
    );
    let dates: Vec<_> = seeds.articles.iter().map(|article| article.date).collect();
    assert_eq!(dates, [None, None, Some(jiff::civil::date(2025, 11, 4)), None, None]);
}

#[test]
fn table_rows_and_list_items_read_well() {
    let seeds = seeds();
    let texts: Vec<&str> = seeds.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    assert!(texts.contains(&"Deal Value: $38 billion over 7 years"));
    assert!(texts.iter().any(|text| text.starts_with("Execution risk: Deploying hundreds of thousands of GPUs")));
}
