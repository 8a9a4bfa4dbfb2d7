//! JSON: an object a line, or a document that is one article or a list of them.

use std::io::Read;

use serde_json::{Map, Value};

use super::bytes::{Lines, as_utf8, bounded};
use super::decode;
use super::draft::{kind, take_record};
use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Reads one article a line; empty lines are passed over.
pub(super) fn read_lines(intake: &mut Intake<'_>, source: &Source, raw: impl Read, options: &ReadOptions) {
    let raw = match as_utf8(raw, options.limits.file) {
        Ok(raw) => raw,
        Err(fault) => return intake.lose(source.place(None), &fault),
    };
    let mut lines = Lines::new(raw, options.limits.line);
    while !intake.closed() {
        match lines.next() {
            Ok(None) => break,
            Ok(Some(line)) => take_line(intake, source, &line, lines.number, options),
            Err(Fault::Io(error)) => {
                let torn = Fault::Torn { error, line: lines.number, kept: intake.drafts };
                intake.lose(source.place(Some(lines.number)), &torn);
                break;
            }
            Err(fault) => intake.lose(source.place(Some(lines.number)), &fault),
        }
    }
    if intake.is_empty() {
        intake.lose(source.place(None), &Fault::Empty);
    }
}

fn take_line(intake: &mut Intake<'_>, source: &Source, line: &[u8], number: usize, options: &ReadOptions) {
    if line.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    let place = source.place(Some(number));
    let text = match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            intake.note(place.clone(), &Fault::NotUtf8);
            decode::windows_1252(line)
        }
    };
    match object(&text) {
        Ok(fields) => take_record(intake, source, fields, (Some(number), number), &options.fields),
        Err(fault) => intake.lose(place, &fault),
    }
}

fn object(line: &str) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_str(line.trim())? {
        Value::Object(fields) => Ok(fields),
        other => Err(Fault::NotObject(kind(&other))),
    }
}

/// Reads a document that is one article or a list of them; else, one article a line.
pub(super) fn read_document(intake: &mut Intake<'_>, source: &Source, raw: impl Read, options: &ReadOptions) {
    match bounded(raw, options.limits.file).and_then(|bytes| decode::decode(&bytes)) {
        Err(fault) => intake.lose(source.place(None), &fault),
        Ok(decoded) => match serde_json::from_str(decoded.text.trim_start_matches('\u{feff}')) {
            Ok(value) => take_document(intake, source, value, options),
            // A second object after the first: lines under a name for documents.
            Err(error) if error.to_string().starts_with("trailing characters") => {
                read_lines(intake, source, decoded.text.as_bytes(), options);
            }
            Err(error) => {
                let (line, fault) = (error.line(), Fault::from(error));
                intake.lose(source.place(Some(line)), &fault);
            }
        },
    }
}

fn take_document(intake: &mut Intake<'_>, source: &Source, value: Value, options: &ReadOptions) {
    let records = match value {
        Value::Array(records) => records,
        one @ Value::Object(_) => vec![one],
        other => return intake.lose(source.place(None), &Fault::NotArticles(kind(&other))),
    };
    for (at, record) in records.into_iter().enumerate() {
        match record {
            Value::Object(fields) => take_record(intake, source, fields, (None, at + 1), &options.fields),
            other => intake.lose(source.place(None), &Fault::NotArticles(kind(&other))),
        }
    }
}
