//! Comma- and tab-separated values with a head: an article a row.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::bytes::{as_utf8, peek};
use super::decode;
use super::draft::{listed, take_record, text_name};
use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Reads one article a row. A comma may turn out to be a semicolon, as in much of Europe.
pub(super) fn read(intake: &mut Intake<'_>, source: &Source, raw: impl Read, delimiter: u8, options: &ReadOptions) {
    match open(raw, delimiter, options) {
        Err(fault) => intake.lose(source.place(None), &fault),
        Ok((rows, columns)) => read_rows(intake, source, rows, &columns, options),
    }
}

type Rows<'a> = Reader<Box<dyn Read + 'a>>;

/// The rows, and the names of their columns. A table without a column for the text or a label is refused as a
/// whole rather than once a row.
fn open<'a>(raw: impl Read + 'a, delimiter: u8, options: &ReadOptions) -> Result<(Rows<'a>, Vec<String>), Fault> {
    let (head, raw) = peek(as_utf8(raw, options.limits.file)?, 1 << 12)?;
    let delimiter = if delimiter == b',' { likely_delimiter(&head) } else { delimiter };
    let mut rows = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(raw);
    let head = rows.byte_headers().map_err(Fault::Table)?;
    let columns: Vec<String> = head.iter().map(|name| text(name).0.trim().to_owned()).collect();
    if columns.iter().all(String::is_empty) {
        return Err(Fault::Empty);
    }
    let labels = options.fields.labels.iter().map(|name| (name.as_str(), "--label-field"));
    let texts = std::iter::once(text_name(&options.fields)).chain(options.fields.other_text.as_deref());
    let mut needed = texts.map(|name| (name, "--text-field")).chain(labels);
    match needed.find(|(name, _)| !columns.iter().any(|column| column.eq_ignore_ascii_case(name))) {
        Some((name, flag)) => {
            let found = listed(columns.iter().map(String::as_str));
            Err(Fault::NoColumn { name: name.to_owned(), flag, found })
        }
        None => Ok((rows, columns)),
    }
}

/// Comma, semicolon or tab: the one the head holds most of.
fn likely_delimiter(head: &[u8]) -> u8 {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or(head);
    let count = |delimiter: u8| line.iter().filter(|&&byte| byte == delimiter).count();
    [b';', b'\t']
        .into_iter()
        .filter(|&other| count(other) > count(b','))
        .max_by_key(|&other| count(other))
        .unwrap_or(b',')
}

fn read_rows(intake: &mut Intake<'_>, source: &Source, mut rows: Rows<'_>, columns: &[String], options: &ReadOptions) {
    let mut row = ByteRecord::new();
    while !intake.closed() {
        match rows.read_byte_record(&mut row) {
            Ok(false) => return,
            Ok(true) => take_row(intake, source, columns, &row, options),
            Err(error) => {
                let line = rows.position().line() as usize;
                return intake.lose(source.place(Some(line)), &torn(error, line, intake.drafts));
            }
        }
    }
}

fn torn(error: csv::Error, line: usize, kept: usize) -> Fault {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::Torn { error, line, kept },
        other => Fault::Table(csv::Error::from(std::io::Error::other(format!("{other:?}")))),
    }
}

fn take_row(intake: &mut Intake<'_>, source: &Source, columns: &[String], row: &ByteRecord, options: &ReadOptions) {
    let line = row.position().map_or(1, csv::Position::line) as usize;
    let place = source.place(Some(line));
    if row.as_slice().len() > options.limits.line {
        return intake.lose(place, &Fault::LineTooLong { bytes: row.as_slice().len(), limit: options.limits.line });
    }
    let (cells, columns_named) = (row.len(), columns.len());
    if row.iter().skip(columns_named).any(|cell| !cell.trim_ascii().is_empty()) {
        // A separator inside a text has cut it, and no one can tell where: half an article is worse than none.
        return intake.lose(place, &Fault::LongRow { cells, columns: columns_named });
    }
    if cells < columns_named {
        intake.note(place.clone(), &Fault::ShortRow { cells, columns: columns_named });
    }
    let cells: Vec<(String, bool)> = row.iter().map(text).collect();
    if cells.iter().any(|(_, is_utf8)| !is_utf8) {
        intake.note(place, &Fault::NotUtf8);
    }
    let cells = cells.into_iter().map(|(cell, _)| Value::String(cell));
    let fields: Map<String, Value> = columns.iter().cloned().zip(cells).filter(|(name, _)| !name.is_empty()).collect();
    take_record(intake, source, fields, (Some(line), line), &options.fields);
}

/// A cell as text, and whether it was UTF-8.
fn text(cell: &[u8]) -> (String, bool) {
    match std::str::from_utf8(cell) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (decode::windows_1252(cell), false),
    }
}
