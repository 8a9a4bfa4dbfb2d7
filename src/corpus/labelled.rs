//! Records whose labels are known: each one paragraph, whole, to score on what was found.
//!
//! A text is neither split nor cleaned nor judged as furniture, so that every record takes part with the text that
//! other tools see; white space runs, line breaks too, become one space. Not here: scores (`measure`).

use std::collections::BTreeSet;
use std::io::{Read, stdin};
use std::path::Path;

use serde_json::Map;

use super::clean::folded;
use super::error::CorpusError;
use super::gather::{Item, gather};
use super::options::ReadOptions;
use super::read::{self, Draft, Found, Source};
use super::ready::{SplitArticle, id};
use crate::article::{Article, OutletId};
use crate::collection::Collection;
use crate::paragraph::{Kind, Paragraph};

/// Paragraphs with known labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The records, an article of one paragraph each: row `i` is article `i`. Outlets, titles and dates are not read.
    pub collection: Collection,
    /// The labels: for each of [`FieldNames::labels`](super::FieldNames::labels) one a row.
    pub labels: Vec<Vec<String>>,
    /// Records that took no part because an earlier one has the same text.
    pub repeated: usize,
}

/// Reads the records of a file, or of `-` for standard input, that have a text and all the labels which
/// `options.fields` names. With `drop_repeated`, of records of one text only the first takes part.
///
/// # Errors
/// As [`read`](super::read). A record without text or label is in [`Collection::problems`].
pub fn read_labelled(input: &Path, options: &ReadOptions, drop_repeated: bool) -> Result<Labelled, CorpusError> {
    read_labelled_with_stdin(input, options, drop_repeated, stdin().lock())
}

/// As [`read_labelled`], with `stdin` standing in for standard input.
///
/// # Errors
/// As [`read_labelled`].
pub fn read_labelled_with_stdin(
    input: &Path,
    options: &ReadOptions,
    drop_repeated: bool,
    stdin: impl Read,
) -> Result<Labelled, CorpusError> {
    let (sources, passed_over) = read::sources(&[input.to_owned()], options)?;
    let (mut items, mut seen, mut repeated) = (Vec::new(), BTreeSet::new(), 0);
    let mut labels = vec![Vec::new(); options.fields.labels.len()];
    let found = sources.iter().zip(read::all(&sources, options, stdin));
    for (source, found) in found.flat_map(|(source, found)| found.into_iter().map(move |one| (source, one))) {
        match found {
            Found::Problem(problem) => items.push(Item::Problem(problem)),
            Found::Draft(draft) => {
                let text = folded(&draft.text);
                if drop_repeated && !seen.insert(text.clone()) {
                    repeated += 1;
                    continue;
                }
                labels.iter_mut().zip(&draft.labels).for_each(|(labels, label)| labels.push(label.clone()));
                items.push(Item::Article(Box::new(whole(source, *draft, text))));
            }
        }
    }
    let mut collection = gather(items);
    collection.passed_over = passed_over;
    Ok(Labelled { collection, labels, repeated })
}

/// A record as an article of one paragraph.
fn whole(source: &Source, draft: Draft, text: String) -> SplitArticle {
    let given_id = draft.id.is_some();
    let paragraph = Paragraph { article: 0, place: 1, kind: Kind::Body, span: 0..draft.text.len(), text };
    let article = Article {
        id: id(source, draft.id, draft.number),
        outlet: OutletId(0),
        title: None,
        date: None,
        url: None,
        place: draft.place,
        text: draft.text,
        extra: Map::new(),
    };
    let outlet = source.stem.clone();
    SplitArticle { article, given_id, outlet, kept: vec![paragraph], left_out: Vec::new(), problems: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::FieldNames;

    fn labelled(lines: &str, labels: &[&str], drop_repeated: bool) -> Labelled {
        let labels = labels.iter().map(|&name| name.to_owned()).collect();
        let options = ReadOptions { fields: FieldNames { labels, ..FieldNames::default() }, ..ReadOptions::default() };
        read_labelled_with_stdin(Path::new("-"), &options, drop_repeated, lines.as_bytes()).unwrap()
    }

    fn told(found: &Labelled) -> Vec<(Option<usize>, &str)> {
        found.collection.problems.iter().map(|problem| (problem.place.line, problem.what.as_str())).collect()
    }

    #[test]
    fn a_record_is_one_paragraph_whatever_it_holds() {
        let text = "Leave a Reply\n\n # Heading\u{ad}\n<p>What\t is\u{a0}left</p> [a](https://b.c) ";
        let record = serde_json::json!({ "id": 7, "text": text, "label": " two\n words " });
        let found = labelled(&record.to_string(), &["label"], false);
        assert_eq!(found.collection.len(), 1);
        assert_eq!(found.collection.text(0), "Leave a Reply # Heading\u{ad} <p>What is left</p> [a](https://b.c)");
        assert_eq!(
            (found.collection.article_of(0).id.as_str(), found.labels),
            ("7", vec![vec!["two words".to_owned()]])
        );
    }

    #[test]
    fn a_label_may_lie_in_a_field_that_means_something_else_and_be_a_number() {
        let lines =
            "{\"text\": \"a\", \"Outlet\": \"Daily\", \"id\": 3}\n{\"text\": \"b\", \"outlet\": true, \"id\": 4}";
        let found = labelled(lines, &["outlet", "id"], false);
        assert_eq!(found.labels, [["Daily", "true"], ["3", "4"]]);
    }

    #[test]
    fn a_record_without_one_of_the_labels_takes_no_part_and_is_named() {
        let lines = [
            r#"{"text": "a", "label": "x", "desk": "y"}"#,
            r#"{"text": "a", "label": "x"}"#,
            r#"{"text": "a", "label": ["x"], "desk": "y"}"#,
            r#"{"text": "a", "label": " ", "desk": "y"}"#,
            r#"{"text": " ", "label": "x", "desk": null}"#,
        ];
        let found = labelled(&lines.join("\n"), &["label", "desk"], false);
        assert_eq!(
            (found.collection.len(), found.labels.clone()),
            (1, vec![vec!["x".to_owned()], vec!["y".to_owned()]])
        );
        let expected = [
            (Some(2), "no \"desk\" field: found fields text, label; name it with --label-field"),
            (Some(3), "the \"label\" field is a list: expected one label, a string or a number"),
            (Some(4), "the \"label\" field is empty"),
            (Some(5), "the \"text\" field is empty"),
        ];
        assert_eq!(told(&found), expected);
    }

    #[test]
    fn of_records_of_one_text_the_first_stays() {
        let lines =
            "{\"text\": \"a  b\", \"label\": 1}\n{\"text\": \"a\\nb\", \"label\": 2}\n{\"text\": \"c\", \"label\": 3}";
        assert_eq!(labelled(lines, &["label"], false).collection.len(), 3);
        let found = labelled(lines, &["label"], true);
        assert_eq!(
            (found.collection.len(), found.repeated, found.labels),
            (2, 1, vec![vec!["1".to_owned(), "3".to_owned()]])
        );
    }

    #[test]
    fn a_text_without_fields_has_no_labels() {
        let found = labelled("An article, and no records.", &["label"], false);
        let expected = "a text without fields: expected records with labels, as JSON lines, JSON, CSV, TSV or Parquet";
        assert_eq!((found.collection.len(), told(&found)), (0, vec![(None, expected)]));
    }
}
