//! Parquet: an article a row, by the crate's record interface.

use std::fs::File;

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::SerializedFileReader;
use ::parquet::record::{Field, Row};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::draft::take_record;
use super::fault::Fault;
use super::intake::Intake;
use super::walk::Source;
use crate::corpus::options::ReadOptions;

/// Reads one article a row; a row's number stands for its line.
pub(super) fn read(intake: &mut Intake<'_>, source: &Source, options: &ReadOptions) {
    if source.is_stdin() {
        return intake.lose(source.place(None), &Fault::ParquetPiped);
    }
    let rows = File::open(&source.path).map_err(ParquetError::from).and_then(SerializedFileReader::new);
    match rows {
        Err(error) => intake.lose(source.place(None), &Fault::Parquet(error)),
        Ok(rows) => read_rows(intake, source, rows, options),
    }
}

fn read_rows(intake: &mut Intake<'_>, source: &Source, rows: SerializedFileReader<File>, options: &ReadOptions) {
    for (at, row) in rows.into_iter().enumerate() {
        if intake.closed() {
            return;
        }
        let number = at + 1;
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
