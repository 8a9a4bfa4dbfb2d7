//! A draft: an article as its record or file gives it, before its text is split.
//!
//! Fields are found by the user's name for them, else by the usual names, case aside; unknown ones
//! pass through.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::article::Place;
use crate::corpus::clean::{folded, is_blank};
use crate::corpus::options::FieldNames;
use crate::corpus::split::looks_like_html;

/// How a draft's text is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::corpus) enum Form {
    /// Plain text: a text file, a record's field.
    Plain,
    /// A Markdown file.
    Markdown,
    /// A web page.
    Html,
    /// A record's field that holds HTML.
    Fragment,
}

/// An article to be.
#[derive(Debug, Clone)]
pub(in crate::corpus) struct Draft {
    pub(in crate::corpus) place: Place,
    /// What tells it from its neighbours in the file, where it has no id: a line or a number.
    pub(in crate::corpus) number: Option<usize>,
    pub(in crate::corpus) id: Option<String>,
    pub(in crate::corpus) outlet: Option<String>,
    pub(in crate::corpus) title: Option<String>,
    pub(in crate::corpus) date: Option<String>,
    pub(in crate::corpus) url: Option<String>,
    pub(in crate::corpus) text: String,
    pub(in crate::corpus) form: Form,
    /// The other text of a pair, where one was asked for.
    pub(in crate::corpus) other_text: Option<String>,
    /// What the fields of labels hold, in the order in which the user named them.
    pub(in crate::corpus) labels: Vec<String>,
    pub(in crate::corpus) extra: Map<String, Value>,
}

impl Draft {
    /// Takes what is known of an article out of its fields.
    pub(super) fn new(place: Place, mut fields: Map<String, Value>, names: &FieldNames) -> Self {
        let mut take = |own: &Option<String>, usual: &[&str]| take(&mut fields, own, usual);
        Self {
            place,
            number: None,
            id: take(&names.id, &["id"]),
            outlet: take(&names.outlet, &["outlet", "source", "publisher", "series"]),
            title: take(&names.title, &["title"]),
            date: take(&names.date, &["date"]),
            url: take(&names.url, &["url"]),
            text: String::new(),
            form: Form::Plain,
            other_text: None,
            labels: Vec::new(),
            extra: fields,
        }
    }
}

/// Hands a record on: as a draft, or as a problem if it has no text, or not the labels that were asked for.
pub(super) fn take_record(
    intake: &mut Intake<'_>,
    source: &Source,
    fields: Map<String, Value>,
    at: (Option<usize>, usize),
    names: &FieldNames,
) {
    let (line, number) = at;
    let place = source.place(line);
    let found = listed(fields.keys().map(String::as_str));
    for (own, flag) in named(names).filter(|(own, _)| key(&fields, own).is_none()) {
        intake.note(place.clone(), &Fault::NoNamedField { name: own.to_owned(), flag, found: found.clone() });
    }
    let mut fields = fields;
    let labels = names.labels.iter().map(|name| label(&fields, name)).collect::<Result<Vec<String>, Fault>>();
    let texts = text(&mut fields, text_name(names)).and_then(|first| {
        let other = names.other_text.as_ref().map(|name| text(&mut fields, name)).transpose()?;
        Ok((first, other, labels?))
    });
    match texts {
        Err(fault) => intake.lose(place, &fault),
        Ok((text, other_text, labels)) => {
            let form = if looks_like_html(&text) { Form::Fragment } else { Form::Plain };
            let draft = Draft::new(place, fields, names);
            intake.push(Draft { text, form, other_text, labels, number: Some(number), ..draft });
        }
    }
}

/// Takes the text out of a record.
fn text(fields: &mut Map<String, Value>, name: &str) -> Result<String, Fault> {
    let text = fields.shift_remove(&named_key(fields, name, "--text-field")?).and_then(into_text);
    text.filter(|text| !text.chars().all(is_blank)).ok_or_else(|| Fault::EmptyField(name.to_owned()))
}

/// A label of a record, its white space folded; it may lie in a field that means something else besides.
fn label(fields: &Map<String, Value>, name: &str) -> Result<String, Fault> {
    let value = &fields[&named_key(fields, name, "--label-field")?];
    let label = match value {
        Value::String(label) => folded(label),
        Value::Number(number) => number.to_string(),
        Value::Bool(label) => label.to_string(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => {
            return Err(Fault::NotLabel { name: name.to_owned(), found: kind(value) });
        }
    };
    if label.chars().all(is_blank) { Err(Fault::EmptyField(name.to_owned())) } else { Ok(label) }
}

/// The key of a field that a record must have.
fn named_key(fields: &Map<String, Value>, name: &str, flag: &'static str) -> Result<String, Fault> {
    let found = || listed(fields.keys().map(String::as_str));
    key(fields, name).ok_or_else(|| Fault::NoField { name: name.to_owned(), flag, found: found() })
}

/// What a value is, in a message.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The name of the text field.
pub(super) fn text_name(names: &FieldNames) -> &str {
    names.text.as_deref().unwrap_or("text")
}

/// Names in a message, the first dozen.
pub(in crate::corpus) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let more = if names.len() > 12 { format!(" and {} more", names.len() - 12) } else { String::new() };
    if names.is_empty() { "none".to_owned() } else { names[..names.len().min(12)].join(", ") + &more }
}

/// Fields the user named, other than the text, each with its flag.
fn named(names: &FieldNames) -> impl Iterator<Item = (&str, &'static str)> {
    [
        (&names.id, "--id-field"),
        (&names.outlet, "--outlet-field"),
        (&names.title, "--title-field"),
        (&names.date, "--date-field"),
        (&names.url, "--url-field"),
    ]
    .into_iter()
    .filter_map(|(own, flag)| Some((own.as_deref()?, flag)))
}

fn take(fields: &mut Map<String, Value>, own: &Option<String>, usual: &[&str]) -> Option<String> {
    let usual = if own.is_some() { &[] } else { usual };
    own.as_deref().into_iter().chain(usual.iter().copied()).find_map(|name| {
        let key = key(fields, name)?;
        let value = into_text(fields.get(&key)?.clone())?;
        fields.shift_remove(&key);
        Some(value)
    })
}

/// The key that is this name, else the first that is but for case.
fn key(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let same = |key: &&String| key.trim_matches(is_blank).eq_ignore_ascii_case(name);
    if fields.contains_key(name) { Some(name.to_owned()) } else { fields.keys().find(same).cloned() }
}

/// A value as text: strings and figures as they are, lists of paragraphs with empty lines between,
/// `{"name": ...}` by its name. None if nothing is said.
fn into_text(value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Array(parts) => parts.into_iter().filter_map(into_text).collect::<Vec<_>>().join("\n\n"),
        Value::Object(mut inner) => into_text(inner.remove("name")?)?,
        Value::Null | Value::Bool(_) => return None,
    };
    (!text.chars().all(is_blank)).then_some(text)
}
