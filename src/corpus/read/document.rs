//! Files that are one article: plain text, Markdown, a web page.

use std::io::Read;

use serde_json::{Map, Value};

use super::draft::{Draft, Form};
use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use super::{bytes, decode};
use crate::corpus::clean::is_blank;
use crate::corpus::format::Format;
use crate::corpus::options::ReadOptions;
use crate::corpus::split::front_matter;

/// Reads one article.
pub(super) fn read(intake: &mut Intake<'_>, source: &Source, raw: impl Read, format: Format, options: &ReadOptions) {
    if !options.fields.labels.is_empty() || options.fields.other_text.is_some() {
        return intake.lose(source.place(None), &Fault::NoRecords);
    }
    let decoded = bytes::bounded(raw, options.limits.file).and_then(|bytes| match format {
        Format::Html => decode::decode_html(&bytes),
        _ => decode::decode(&bytes),
    });
    match decoded {
        Err(fault) => intake.lose(source.place(None), &fault),
        Ok(decoded) if decoded.text.chars().all(is_blank) => intake.lose(source.place(None), &Fault::Empty),
        Ok(decoded) => {
            if let Some(fault) = decoded.fault {
                intake.note(source.place(None), &fault);
            }
            intake.push(draft(source, decoded.text, format, options));
        }
    }
}

fn draft(source: &Source, text: String, format: Format, options: &ReadOptions) -> Draft {
    let (form, fields) = match format {
        Format::Html => (Form::Html, Map::new()),
        Format::Markdown => (Form::Markdown, fields(&text)),
        _ => (Form::Plain, Map::new()),
    };
    Draft { text, form, ..Draft::new(source.place(None), fields, &options.fields) }
}

/// A Markdown file's front matter as fields.
fn fields(text: &str) -> Map<String, Value> {
    front_matter(text).entries.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}
