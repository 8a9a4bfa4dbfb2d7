//! The table as CSV (RFC 4180, with `\n`): lists and neighbours as JSON, nothing where there is nothing.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::record::{Record, code, records};
use crate::findings::Findings;

/// The head, in the order of the fields of a record.
const HEAD: [&str; 20] = [
    "row",
    "id",
    "outlet",
    "article",
    "title",
    "date",
    "url",
    "place",
    "kind",
    "text",
    "theme",
    "theme_score",
    "themes",
    "part",
    "group",
    "groups",
    "grade",
    "exclusive",
    "x",
    "y",
];
/// The last column; spelt as embedding viewers look for it.
const NEIGHBOURS: &str = "neighbors";

/// Writes the paragraphs that take part as CSV, one a row.
///
/// # Errors
/// Those of `out`.
pub fn csv(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(out);
    csv.write_record(HEAD.into_iter().chain([NEIGHBOURS]))?;
    for record in records(findings) {
        csv.write_record(fields(&record))?;
    }
    csv.flush()
}

fn fields(record: &Record<'_>) -> [String; 21] {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let groups = record.groups.as_deref();
    let [x, y] = [0, 1].map(|axis| shown(record.place_on_map.map(|place| place[axis])));
    let near = record.neighbours.as_ref();
    [
        record.row.to_string(),
        record.id.clone(),
        record.outlet.to_owned(),
        record.article.to_owned(),
        text(record.title),
        shown(record.date),
        text(record.url),
        record.place.to_string(),
        record.kind.code().to_owned(),
        record.text.to_owned(),
        text(record.theme.map(|(name, _)| name)),
        shown(record.theme.map(|(_, score)| score)),
        shown(record.themes.as_ref().map(|names| json!(names))),
        text(record.part),
        shown(groups.and_then(<[usize]>::first)),
        shown(groups.map(|groups| json!(groups))),
        text(record.grade.map(code)),
        shown(record.exclusive),
        x,
        y,
        shown(near.map(|(ids, distances)| json!({ "ids": ids, "distances": numbers(distances) }))),
    ]
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Numbers of 32 bits in their shortest form, which JSON's of 64 would lose.
fn numbers(values: &[f32]) -> Vec<Value> {
    values.iter().map(|value| value.to_string().parse::<f64>().map_or(Value::Null, Value::from)).collect()
}
