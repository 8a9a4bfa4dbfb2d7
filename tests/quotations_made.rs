//! Quotations with a known answer: those of the sample corpus, cut, changed and marked otherwise by another outlet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::fs;
use std::path::Path;

use refrain::article::{Article, OutletId, Place};
use refrain::collection::Collection;
use refrain::duplicates::quotations;
use refrain::paragraph::{Kind, Paragraph};

/// What stands between curly marks in the sample corpus, ten words and more.
fn sample() -> Vec<String> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut files: Vec<_> = fs::read_dir(seeds).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let quoted = |text: String| {
        let pieces = text.split('“').skip(1).filter_map(|piece| piece.split('”').next());
        pieces.filter(|piece| piece.split_whitespace().count() >= 10).map(str::to_owned).collect::<Vec<_>>()
    };
    texts.flat_map(quoted).collect()
}

fn two_outlets(left: &str, right: &str) -> Collection {
    let texts = [left, right];
    let article = |(at, text): (usize, &&str)| Article {
        id: at.to_string(),
        outlet: OutletId(at as u32),
        title: None,
        date: None,
        url: None,
        place: Place { file: "made".to_owned(), line: None },
        text: (*text).to_owned(),
        extra: serde_json::Map::new(),
    };
    let paragraph = |(at, text): (usize, &&str)| Paragraph {
        article: at,
        place: 1,
        kind: Kind::Body,
        span: 0..text.len(),
        text: (*text).to_owned(),
    };
    Collection {
        outlets: vec!["left".to_owned(), "right".to_owned()],
        articles: texts.iter().enumerate().map(article).collect(),
        paragraphs: texts.iter().enumerate().map(paragraph).collect(),
        ..Collection::default()
    }
}

/// The form of the second outlet's quotation, and whether each of its changes is marked.
fn found(original: &str, altered: &str) -> (String, Vec<bool>) {
    let collection = two_outlets(&format!("“{original}” said Ann Lee."), &format!("On Monday Ann Lee said: {altered}"));
    let groups = quotations(&collection);
    assert_eq!(groups.len(), 1, "{original} / {altered}");
    let member = &groups[0].members[1];
    (member.form.name().to_owned(), member.changes.iter().map(|change| change.marked).collect())
}

#[test]
fn every_alteration_of_every_quotation_is_found_and_called_by_its_name() {
    let sample = sample();
    assert!(sample.len() >= 4, "{}", sample.len());
    for original in sample {
        let words: Vec<&str> = original.split_whitespace().collect();
        let middle = words.len() / 2;
        let with = |word: &str| [&words[..middle], &[word], &words[middle + 1..]].concat().join(" ");
        let half = words[..middle.max(6)].join(" ");
        let cut = [&words[..middle], &["…"], &words[middle + 2..]].concat().join(" ");
        assert_eq!(found(&original, &format!("‘{original}’")), ("whole".to_owned(), vec![]));
        assert_eq!(found(&original, &format!("\"{original}\"")), ("whole".to_owned(), vec![]));
        assert_eq!(found(&original, &format!("“{half}”")), ("shortened".to_owned(), vec![]));
        assert_eq!(found(&original, &format!("“{}”", with("zebras"))), ("altered".to_owned(), vec![false]));
        assert_eq!(found(&original, &format!("“{}”", with("[zebras]"))), ("altered".to_owned(), vec![true]));
        assert_eq!(found(&original, &format!("“{cut}”")), ("shortened".to_owned(), vec![true]));
    }
}
