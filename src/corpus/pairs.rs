//! Pairs of texts of which it is known whether they say the same, to score the comparing of texts on.
//!
//! A text is neither split nor cleaned; white space runs, line breaks too, become one space. Not here: scores
//! (`measure`), comparing (`duplicates`).

use std::io::{Read, stdin};
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::clean::folded;
use super::dates;
use super::error::CorpusError;
use super::options::ReadOptions;
use super::read::{self, Draft, Found};
use crate::article::Place;
use crate::collection::Problem;

/// Kinds of facts, each with the names it may be given.
const KINDS: [(&str, &[&str]); 5] = [
    ("figure", &["figure", "money", "percent", "count", "measure", "time_span"]),
    ("date", &["date"]),
    ("name", &["name"]),
    ("negation", &["negation"]),
    ("hedge", &["hedge"]),
];

/// Two texts and what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPair {
    /// The record's id, else its line or number.
    pub id: String,
    /// One text.
    pub left: String,
    /// The other.
    pub right: String,
    /// The label.
    pub label: String,
    /// When each was published: fields `date1` and `date2`.
    pub dates: [Option<Date>; 2],
    /// The facts in which they are known to differ: field `differs`. None where nothing is known of that.
    pub differs: Option<Vec<KnownDifference>>,
    /// Where the record was found.
    pub place: Place,
}

/// A fact in which two texts are known to differ.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KnownDifference {
    /// What kind of fact: "figure" (also given as a kind of figure, such as "money"), "date", "name", "negation", "hedge".
    pub kind: String,
    /// As the left text has it; none where only the right has it.
    #[serde(default)]
    pub left: Option<String>,
    /// As the right text has it.
    #[serde(default)]
    pub right: Option<String>,
}

/// What a file of pairs holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelledPairs {
    /// The pairs, in reading order.
    pub pairs: Vec<LabelledPair>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads the pairs of a file, or of `-` for standard input: records that have the two texts and the label which
/// `options.fields` names (`text`, `other_text`, the first of `labels`).
///
/// # Errors
/// As [`read`](super::read). A record without a text or the label is in [`LabelledPairs::problems`].
pub fn read_pairs(input: &Path, options: &ReadOptions) -> Result<LabelledPairs, CorpusError> {
    read_pairs_with_stdin(input, options, stdin().lock())
}

/// As [`read_pairs`], with `stdin` standing in for standard input.
///
/// # Errors
/// As [`read_pairs`].
pub fn read_pairs_with_stdin(
    input: &Path,
    options: &ReadOptions,
    stdin: impl Read,
) -> Result<LabelledPairs, CorpusError> {
    let (sources, _) = read::sources(&[input.to_owned()], options)?;
    let mut found = LabelledPairs::default();
    for one in read::all(&sources, options, stdin).into_iter().flatten() {
        match one {
            Found::Problem(problem) => found.problems.push(problem),
            Found::Draft(draft) => match pair(*draft) {
                Ok(pair) => found.pairs.push(pair),
                Err(problem) => found.problems.push(problem),
            },
        }
    }
    Ok(found)
}

fn pair(draft: Draft) -> Result<LabelledPair, Problem> {
    let differs = match differs(&draft.extra) {
        Ok(differs) => differs,
        Err(what) => return Err(Problem { place: draft.place, what, lost: true }),
    };
    let dates = match ["date1", "date2"].map(|name| date(&draft.extra, name)) {
        [Ok(left), Ok(right)] => [left, right],
        [Err(what), _] | [_, Err(what)] => return Err(Problem { place: draft.place, what, lost: true }),
    };
    let number = draft.number.map_or_else(|| draft.place.to_string(), |number| number.to_string());
    Ok(LabelledPair {
        left: folded(&draft.text),
        right: folded(draft.other_text.as_deref().unwrap_or_default()),
        label: draft.labels.into_iter().next().unwrap_or_default(),
        dates,
        id: draft.id.unwrap_or(number),
        differs,
        place: draft.place,
    })
}

fn date(fields: &Map<String, Value>, name: &str) -> Result<Option<Date>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().map(|text| (text, dates::parse(text))) {
            Some((_, Some(date))) => Ok(Some(date)),
            Some((text, None)) if text.trim().is_empty() => Ok(None),
            _ => Err(format!("the \"{name}\" field {value} cannot be read: expected a day such as 2025-11-04")),
        },
    }
}

fn differs(fields: &Map<String, Value>) -> Result<Option<Vec<KnownDifference>>, String> {
    let Some(value) = fields.get("differs").filter(|value| !value.is_null()) else { return Ok(None) };
    let mut known = Vec::<KnownDifference>::deserialize(value);
    for one in known.iter_mut().flatten() {
        let kind = KINDS.iter().find(|(_, names)| names.contains(&one.kind.as_str())).map(|(kind, _)| *kind);
        one.kind = kind.map(str::to_owned).ok_or_else(|| {
            let expected = KINDS.map(|(kind, _)| kind).join(", ");
            format!("the \"differs\" field has a kind \"{}\": expected {expected}", one.kind)
        })?;
    }
    known.map(Some).map_err(|error| {
        format!("the \"differs\" field: {error}: expected a list of objects with a \"kind\" and \"left\" or \"right\"")
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::corpus::FieldNames;

    fn pairs(lines: &str) -> LabelledPairs {
        let fields = FieldNames {
            text: Some("text1".to_owned()),
            other_text: Some("text2".to_owned()),
            labels: vec!["label".to_owned()],
            ..FieldNames::default()
        };
        let options = ReadOptions { fields, ..ReadOptions::default() };
        read_pairs_with_stdin(Path::new("-"), &options, lines.as_bytes()).unwrap()
    }

    #[test]
    fn a_pair_has_two_texts_a_label_and_what_else_is_known() {
        let line = r#"{"id": 7, "label": 1, "text1": "It cost\n $3.", "text2": "It cost $4.", "date1": "2025-11-04",
            "differs": [{"kind": "figure", "left": "$3", "right": "$4"}]}"#
            .replace('\n', " ");
        let found = pairs(&line);
        assert_eq!(found.problems, []);
        let [pair] = found.pairs.as_slice() else { panic!("{found:?}") };
        assert_eq!((pair.id.as_str(), pair.label.as_str()), ("7", "1"));
        assert_eq!((pair.left.as_str(), pair.right.as_str()), ("It cost $3.", "It cost $4."));
        assert_eq!(pair.dates, [Some(date(2025, 11, 4)), None]);
        let known = KnownDifference { kind: "figure".into(), left: Some("$3".into()), right: Some("$4".into()) };
        assert_eq!(pair.differs, Some(vec![known]));
    }

    #[test]
    fn a_record_that_lacks_a_text_is_named_and_so_is_one_whose_differences_cannot_be_read() {
        let lines = [
            r#"{"label": "same", "text1": "a"}"#,
            r#"{"label": "same", "text1": "a", "text2": "b", "differs": "none"}"#,
            r#"{"label": "same", "text1": "a", "text2": "b"}"#,
        ];
        let found = pairs(&lines.join("\n"));
        assert_eq!(found.pairs.len(), 1);
        let told: Vec<_> = found.problems.iter().map(|problem| (problem.place.line, problem.what.as_str())).collect();
        assert_eq!(told[0], (Some(1), "no \"text2\" field: found fields label; name it with --text-field"));
        assert!(told[1].1.starts_with("the \"differs\" field: invalid type: string"), "{told:?}");
        assert_eq!(found.pairs[0].differs, None);
    }
}
