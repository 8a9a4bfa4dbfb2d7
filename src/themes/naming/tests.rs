//! Names and keywords of made texts.

use std::collections::BTreeSet;

use super::*;
use crate::paragraph::{Kind, Paragraph};
use crate::theme::SubTheme;

fn collection(texts: &[&str]) -> Collection {
    let paragraph =
        |text: &&str| Paragraph { article: 0, place: 1, kind: Kind::Body, span: 0..0, text: (*text).to_owned() };
    Collection { paragraphs: texts.iter().map(paragraph).collect(), ..Collection::default() }
}

fn theme(rows: std::ops::Range<usize>) -> Theme {
    Theme::found(Origin::Discovered, rows.map(|row| Member { row, score: 0.0 }).collect())
}

/// Themes of texts that stand together, so many each.
fn named(texts: &[&str], sizes: &[usize]) -> Vec<Theme> {
    let mut from = 0;
    let mut themes = Vec::new();
    for size in sizes {
        themes.push(theme(from..from + size));
        from += size;
    }
    name(&collection(texts), &mut themes);
    themes
}

const DEALS: [&str; 8] = [
    "The cloud deal of OpenAI with Amazon was signed on Monday.",
    "Under the cloud deal, OpenAI will pay Amazon for its chips.",
    "Analysts praised the cloud deals of OpenAI.",
    "OpenAI said the cloud deal was signed.",
    "The team won the tennis final in Paris.",
    "A tennis final in Paris was delayed by rain.",
    "Her tennis final ended in rain in Paris.",
    "Fans of the tennis final came to Paris.",
];

#[test]
fn names_keep_case_and_repeat_nothing() {
    let themes = named(&DEALS, &[4, 4]);
    assert_eq!(themes[0].name, "cloud deal");
    assert!(themes[0].keywords.contains(&"OpenAI".to_owned()), "{:?}", themes[0].keywords);
    assert!(!themes[0].keywords.iter().any(|word| word == "deals" || word == "signed"));
    assert_eq!(themes[1].name, "tennis final");
    assert!(themes[1].keywords.contains(&"Paris".to_owned()), "{:?}", themes[1].keywords);
}

#[test]
fn lower_case_questions_are_named_too() {
    let texts = [
        "what is the exchange rate for my card?",
        "why is the exchange rate so bad",
        "is the exchange rate wrong",
        "my exchange rate was wrong",
        "where is my new card",
        "the card has not arrived by post",
        "when will the card arrive by post?",
        "has my card been sent by post",
    ];
    let themes = named(&texts, &[4, 4]);
    assert_eq!(themes[0].name, "exchange rate");
    assert!(themes[1].name.contains("post"), "{}", themes[1].name);
}

#[test]
fn a_headline_in_capitals_makes_no_proper_names() {
    let texts = [
        "SHARES OF BANKS FALL",
        "The shares of the banks fell.",
        "Banks saw their shares fall.",
        "the shares of all banks",
        "A cup of tea",
        "the cup of coffee",
        "My cup is of clay.",
        "Her cup broke.",
    ];
    let themes = named(&texts, &[4, 4]);
    assert!(themes[0].keywords.iter().all(|word| word.chars().all(|c| !c.is_uppercase())), "{:?}", themes[0].keywords);
}

#[test]
fn what_every_paragraph_speaks_of_names_none() {
    let texts = ["the debt of OpenAI", "a debt for OpenAI", "the chips of OpenAI", "a chip for OpenAI"];
    let themes = named(&texts, &[2, 2]);
    assert!(themes.iter().all(|theme| !theme.name.contains("OpenAI")), "{} {}", themes[0].name, themes[1].name);
}

#[test]
fn proper_names_stay_whole() {
    let texts = [
        "The Bank of England moved, said traders in New York.",
        "In New York, the Bank of England was praised.",
        "For the Bank of England the St. Louis case in New York matters.",
        "Then the Bank of England and New York agreed.",
        "The dog ran over the lawn.",
        "A dog lay on the lawn.",
        "My dog likes the lawn.",
        "the dog and the lawn",
    ];
    let keywords = &named(&texts, &[4, 4])[0].keywords;
    assert!(keywords.contains(&"Bank of England".to_owned()), "{keywords:?}");
    assert!(keywords.contains(&"New York".to_owned()), "{keywords:?}");
}

#[test]
fn a_name_in_two_keywords_is_joined() {
    let texts = [
        "The leaks of Snowden were read.",
        "For Edward Snowden it was a leak.",
        "Then Snowden left.",
        "A film of Edward Snowden was shown.",
        "With Snowden came the leaks.",
        "The dog ran over the lawn.",
        "A dog lay on the lawn.",
        "My dog likes the lawn.",
        "the dog and the lawn",
        "a lawn for the dog",
    ];
    let keywords = &named(&texts, &[5, 5])[0].keywords;
    assert!(keywords.iter().all(|word| word != "Edward"), "{keywords:?}");
}

#[test]
fn no_two_themes_have_one_name() {
    let texts: Vec<&str> = DEALS[..4].iter().cycle().take(12).copied().collect();
    let themes = named(&texts, &[4, 4, 4]);
    let names: BTreeSet<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
    assert_eq!(names.len(), 3);
    assert!(!names.contains(""));
}

#[test]
fn a_seeded_theme_keeps_its_name() {
    let mut themes = vec![Theme { name: "tennis".into(), ..theme(4..8) }, theme(0..4)];
    themes[0].origin = Origin::Seeded;
    name(&collection(&DEALS), &mut themes);
    assert_eq!(themes[0].name, "tennis");
    assert!(themes[0].keywords.contains(&"tennis final".to_owned()));
}

#[test]
fn parts_are_told_apart_and_do_not_repeat_their_theme() {
    let mut whole = theme(0..8);
    let part = |rows: std::ops::Range<usize>| SubTheme {
        name: String::new(),
        keywords: Vec::new(),
        members: theme(rows).members,
        trust: 1.0,
    };
    whole.parts = vec![part(0..4), part(4..8)];
    let mut themes = vec![whole];
    name(&collection(&DEALS), &mut themes);
    let theme = &themes[0];
    assert_ne!(theme.parts[0].name, theme.parts[1].name);
    assert!(theme.parts.iter().all(|part| !part.name.is_empty() && part.name != theme.name));
}

#[test]
fn empty_themes_and_texts_are_named_all_the_same() {
    let themes = named(&["", "...", "42"], &[0, 3]);
    assert!(themes.iter().all(|theme| !theme.name.is_empty() && theme.keywords.is_empty()));
    assert_ne!(themes[0].name, themes[1].name);
}
