//! Near-duplicates whose answer is known because they were made: real paragraphs, changed in one way
//! each and given to a second outlet. Vectors are hashed bags of words, so no model takes part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::collections::BTreeMap;

use ndarray::Array2;
use refrain::article::{Article, OutletId, Place};
use refrain::collection::Collection;
use refrain::coverage::{Coverage, Grade, Pair, Scope, Side};
use refrain::duplicates::{Options, candidates, find};
use refrain::paragraph::{Kind, Paragraph};
use refrain::text::{sentences, words};
use refrain::vectors::UnitRows;

const DIM: usize = 512;

/// Paragraphs of the sample articles with at least three sentences and sixty words.
fn originals() -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir("seeds").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect::<Vec<_>>();
    let lines = texts.iter().flat_map(|text| text.lines());
    let long = |line: &&str| sentences(line).len() >= 3 && words(line).len() >= 60;
    lines.map(str::trim).filter(long).map(str::to_owned).collect()
}

fn collection(outlets: [&[String]; 2]) -> Collection {
    let mut made = Collection { outlets: vec!["first".to_owned(), "second".to_owned()], ..Collection::default() };
    for (outlet, texts) in outlets.into_iter().enumerate() {
        made.articles.push(article(outlet));
        made.paragraphs.extend(texts.iter().enumerate().map(|(place, text)| Paragraph {
            article: outlet,
            place: place + 1,
            kind: Kind::Body,
            span: 0..text.len(),
            text: text.clone(),
        }));
    }
    made
}

fn article(outlet: usize) -> Article {
    Article {
        id: outlet.to_string(),
        outlet: OutletId(outlet as u32),
        title: None,
        date: None,
        url: None,
        place: Place { file: "made".to_owned(), line: None },
        text: String::new(),
        extra: serde_json::Map::new(),
    }
}

fn bags<'a>(texts: impl Iterator<Item = &'a str>) -> UnitRows {
    let mut flat = Vec::new();
    for text in texts {
        let mut bag = [0.01_f32; DIM];
        for word in words(text) {
            let hash = word.form.bytes().fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
            bag[hash % DIM] += 1.0;
        }
        flat.extend(bag);
    }
    UnitRows::normalized(Array2::from_shape_vec((flat.len() / DIM, DIM), flat).unwrap()).unwrap()
}

/// Coverage of the originals in one outlet and the changed ones in another, and for each the pair.
fn covered(change: impl Fn(&str) -> String) -> (Coverage, BTreeMap<usize, Pair>) {
    let originals = originals();
    assert!(originals.len() >= 10, "{} paragraphs to change", originals.len());
    let changed: Vec<String> = originals.iter().map(|text| change(text)).collect();
    let made = collection([&originals, &changed]);
    let vectors = bags(made.paragraphs.iter().map(|paragraph| paragraph.text.as_str()));
    let count = originals.len();
    let near: Vec<(usize, usize)> = (0..count * count).map(|pair| (pair / count, count + pair % count)).collect();
    let found = candidates(&made, &near).unwrap();
    let statements = bags(found.texts(&made));
    let coverage = find(&made, &vectors, &found, &statements, &Options::default()).unwrap();
    let whole = coverage.pairs.iter().filter(|pair| pair.scope == Scope::Paragraph);
    let own = whole.filter(|pair| pair.right.row == pair.left.row + count);
    let pairs = own.map(|pair| (pair.left.row, pair.clone())).collect();
    (coverage, pairs)
}

/// Every original is paired with its changed self, with one of these grades.
fn expect(grades: &[Grade], change: impl Fn(&str) -> String) -> Vec<Pair> {
    let (_, pairs) = covered(change);
    assert_eq!(pairs.len(), originals().len(), "paragraphs found again");
    for pair in pairs.values() {
        assert!(grades.contains(&pair.grade), "row {} is {:?}, matched {}", pair.left.row, pair.grade, pair.matched);
    }
    pairs.into_values().collect()
}

fn by_sentence(text: &str, pick: impl Fn(Vec<&str>) -> Vec<&str>) -> String {
    pick(sentences(text).into_iter().map(|span| &text[span]).collect()).join(" ")
}

fn first_share(text: &str, of: usize) -> String {
    let words = words(text);
    text[..words[words.len() / of].span.start].trim_end().to_owned()
}

#[test]
fn an_exact_copy_is_verbatim() {
    expect(&[Grade::Verbatim], str::to_owned);
}

#[test]
fn case_quotes_and_spaces_keep_it_verbatim() {
    let noise = |text: &str| text.to_uppercase().replace(['“', '”'], "\"").replace('’', "'").replace(' ', "  ");
    expect(&[Grade::Verbatim], noise);
}

#[test]
fn a_dateline_in_front_is_a_light_edit() {
    expect(&[Grade::LightEdit], |text| format!("SEATTLE, Nov. 3 (Wire) — {text}"));
}

#[test]
fn a_dropped_sentence_leaves_shared_wording() {
    let dropped = |text: &str| {
        by_sentence(text, |all| all.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, one)| *one).collect())
    };
    expect(&[Grade::LightEdit, Grade::Contained], dropped);
}

#[test]
fn a_half_and_a_third_are_contained_in_the_original() {
    for share in [2, 3] {
        let pairs = expect(&[Grade::Contained], |text| first_share(text, share));
        assert!(pairs.iter().all(|pair| pair.container == Some(Side::Left)));
    }
}

#[test]
fn sentences_in_another_order_are_a_light_edit() {
    expect(&[Grade::LightEdit], |text| {
        by_sentence(text, |mut all| {
            all.reverse();
            all
        })
    });
}

#[test]
fn a_changed_name_or_negation_is_never_verbatim() {
    expect(&[Grade::LightEdit, Grade::Verbatim], |text| text.replace("OpenAI", "Globex"));
    let (_, named) = covered(|text| text.replace("OpenAI", "Globex"));
    for (row, pair) in named {
        assert_eq!(pair.grade == Grade::Verbatim, !originals()[row].contains("OpenAI"), "row {row}");
    }
    expect(&[Grade::LightEdit], |text| text.replacen(". ", ". It is not true that ", 1));
}

#[test]
fn a_changed_figure_is_a_light_edit_and_told() {
    let (coverage, pairs) = covered(|text| text.replace("$38 billion", "$83 billion"));
    let changed: Vec<usize> = (0..originals().len()).filter(|&row| originals()[row].contains("$38 billion")).collect();
    assert!(!changed.is_empty());
    for row in &changed {
        assert_eq!(pairs[row].grade, Grade::LightEdit);
        let group =
            coverage.groups.iter().find(|group| group.passages.iter().any(|passage| passage.row == *row)).unwrap();
        let told: Vec<&str> =
            group.disagreements.iter().flat_map(|told| &told.readings).map(|reading| reading.value.as_str()).collect();
        let tells = |amount: &str| told.iter().any(|value| value.ends_with(amount));
        assert!(tells("USD 38 billion") && tells("USD 83 billion"), "row {row}: {told:?}");
    }
    let groups = coverage.groups.iter().filter(|group| !group.disagreements.is_empty());
    assert!(groups.count() <= changed.len(), "figures that did not change are told");
}

#[test]
fn no_pair_and_no_group_lies_in_one_outlet() {
    let (coverage, _) = covered(|text| first_share(text, 2));
    let count = originals().len();
    assert!(coverage.pairs.iter().all(|pair| pair.left.row < count && pair.right.row >= count));
    for group in &coverage.groups {
        let first = group.passages.iter().filter(|passage| passage.row < count).count();
        assert!(first > 0 && first < group.passages.len());
    }
}
