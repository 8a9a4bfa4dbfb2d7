//! Parquet: an article a row, by the crate's record interface.

use std::cell::Cell;
use std::fs::File;

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::draft::take_record;
use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Reads one article a row; a row's number stands for its line.
///
/// The file is opened again, to be read out of order: `read` is told as much of its bytes as of its rows.
pub(super) fn read(intake: &mut Intake<'_>, source: &Source, options: &ReadOptions, read: &Cell<u64>) {
    if source.is_stdin() {
        return intake.lose(source.place(None), &Fault::ParquetPiped);
    }
    let rows = File::open(&source.path).map_err(ParquetError::from).and_then(SerializedFileReader::new);
    match rows {
        Err(error) => intake.lose(source.place(None), &Fault::Parquet(error)),
        Ok(rows) if is_shard(&rows) => intake.lose(source.place(None), &Fault::Shard),
        Ok(rows) => {
            let bytes = std::fs::metadata(&source.path).map_or(0, |about| about.len());
            let count = rows.metadata().file_metadata().num_rows().max(1) as f64;
            read_rows(intake, source, rows, options, &|row| read.set((bytes as f64 * row as f64 / count) as u64));
        }
    }
}

/// Whether this program wrote it: vectors of paragraphs, not articles.
fn is_shard(rows: &SerializedFileReader<File>) -> bool {
    let metadata = rows.metadata().file_metadata().key_value_metadata();
    metadata.is_some_and(|entries| entries.iter().any(|entry| entry.key == "refrain"))
}

fn read_rows(
    intake: &mut Intake<'_>,
    source: &Source,
    rows: SerializedFileReader<File>,
    options: &ReadOptions,
    done: &dyn Fn(usize),
) {
    for (at, row) in rows.into_iter().enumerate() {
        if intake.closed() {
            return;
        }
        let number = at + 1;
        done(number);
        match row {
            Ok(row) => take_record(intake, source, fields(&row), (Some(number), number), &options.fields),
            Err(error) => return intake.lose(source.place(Some(number)), &Fault::Parquet(error)),
        }
    }
}

fn fields(row: &Row) -> Map<String, Value> {
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(flag) => Value::Bool(*flag),
        Field::Int(number) => Value::from(*number),
        Field::Long(number) => Value::from(*number),
        Field::Float(number) => Value::from(*number),
        Field::Double(number) => Value::from(*number),
        Field::Str(text) => Value::String(text.clone()),
        Field::Bytes(bytes) => Value::String(String::from_utf8_lossy(bytes.data()).into_owned()),
        Field::Group(row) => Value::Object(fields(row)),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::TimestampMillis(at) => stamp(Timestamp::from_millisecond(*at)),
        Field::TimestampMicros(at) => stamp(Timestamp::from_microsecond(*at)),
        Field::Date(days) => stamp(Timestamp::from_second(i64::from(*days) * 86_400)),
        other => Value::String(other.to_string()),
    }
}

fn stamp(at: Result<Timestamp, jiff::Error>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}
