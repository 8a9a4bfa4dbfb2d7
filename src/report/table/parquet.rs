//! The table as Parquet: dates are DATE, lists LIST, and neighbours a struct of ids and distances, as embedding viewers read it.
//!
//! Equal findings give equal bytes. Parquet's own types say all there is to say, so that Arrow's schema is not kept beside them.

use std::io::{self, Write};
use std::sync::Arc;

use jiff::civil::{Date, date};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::record::{Record, code, records};
use crate::findings::Findings;

/// Rows a row group: readers can share the work.
const GROUP: usize = 65_536;
const SCHEMA: &str = "message paragraphs {
    required int64 row;
    required binary id (STRING);
    required binary outlet (STRING);
    required binary article (STRING);
    optional binary title (STRING);
    optional int32 date (DATE);
    optional binary url (STRING);
    required int32 place;
    required binary kind (STRING);
    required binary text (STRING);
    optional binary theme (STRING);
    optional float theme_score;
    optional group themes (LIST) { repeated group list { required binary element (STRING); } }
    optional binary part (STRING);
    optional int32 group;
    optional group groups (LIST) { repeated group list { required int32 element; } }
    optional binary grade (STRING);
    optional boolean exclusive;
    optional float x;
    optional float y;
    optional group neighbors {
        required group ids (LIST) { repeated group list { required int64 element; } }
        required group distances (LIST) { repeated group list { required float element; } }
    }
}";

/// Writes the paragraphs that take part as Parquet, one a row.
///
/// # Errors
/// Those of `out`.
pub fn parquet(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    // The file is made in memory, a few hundred bytes a row: Parquet's writer wants what can be sent to another thread.
    out.write_all(&file(findings).map_err(io::Error::other)?)
}

fn file(findings: &Findings) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("refrain {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut records = records(findings);
    loop {
        let rows: Vec<Record<'_>> = records.by_ref().take(GROUP).collect();
        if rows.is_empty() {
            return file.into_inner();
        }
        let mut columns = Columns { group: file.next_row_group()?, rows: &rows };
        columns.article()?;
        columns.themes()?;
        columns.coverage()?;
        columns.map()?;
        columns.group.close()?;
    }
}

/// The columns of a row group, written one after the other.
struct Columns<'a, 'w> {
    group: SerializedRowGroupWriter<'w, Vec<u8>>,
    rows: &'a [Record<'a>],
}

impl Columns<'_, '_> {
    fn article(&mut self) -> Result<(), ParquetError> {
        self.required::<Int64Type>(|row| row.row as i64)?;
        self.required::<ByteArrayType>(|row| text(&row.id))?;
        self.required::<ByteArrayType>(|row| text(row.outlet))?;
        self.required::<ByteArrayType>(|row| text(row.article))?;
        self.optional::<ByteArrayType>(|row| row.title.map(text))?;
        self.optional::<Int32Type>(|row| row.date.map(days))?;
        self.optional::<ByteArrayType>(|row| row.url.map(text))?;
        self.required::<Int32Type>(|row| row.place as i32)?;
        self.required::<ByteArrayType>(|row| text(row.kind.code()))?;
        self.required::<ByteArrayType>(|row| text(row.text))
    }

    fn themes(&mut self) -> Result<(), ParquetError> {
        self.optional::<ByteArrayType>(|row| row.theme.map(|(name, _)| text(name)))?;
        self.optional::<FloatType>(|row| row.theme.map(|(_, score)| score))?;
        self.list::<ByteArrayType>(|row| {
            row.themes.as_ref().map(|names| names.iter().map(|name| text(name)).collect())
        })?;
        self.optional::<ByteArrayType>(|row| row.part.map(text))
    }

    fn coverage(&mut self) -> Result<(), ParquetError> {
        let groups = |row: &Record<'_>| row.groups.as_ref().map(|all| all.iter().map(|&own| own as i32).collect());
        self.optional::<Int32Type>(|row| groups(row).and_then(|all: Vec<i32>| all.first().copied()))?;
        self.list::<Int32Type>(groups)?;
        self.optional::<ByteArrayType>(|row| row.grade.map(|grade| text(code(grade))))?;
        self.optional::<BoolType>(|row| row.exclusive)
    }

    fn map(&mut self) -> Result<(), ParquetError> {
        self.optional::<FloatType>(|row| row.place_on_map.map(|place| place[0]))?;
        self.optional::<FloatType>(|row| row.place_on_map.map(|place| place[1]))?;
        let ids = |row: &Record<'_>| row.neighbours.as_ref().map(|(ids, _)| ids.iter().map(|&id| id as i64).collect());
        self.list::<Int64Type>(ids)?;
        self.list::<FloatType>(|row| row.neighbours.as_ref().map(|(_, distances)| distances.clone()))
    }

    fn required<T: DataType>(&mut self, of: impl Fn(&Record<'_>) -> T::T) -> Result<(), ParquetError> {
        let values: Vec<T::T> = self.rows.iter().map(of).collect();
        self.write::<T>(&values, None, None)
    }

    fn optional<T: DataType>(&mut self, of: impl Fn(&Record<'_>) -> Option<T::T>) -> Result<(), ParquetError> {
        let values: Vec<Option<T::T>> = self.rows.iter().map(of).collect();
        let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let values: Vec<T::T> = values.into_iter().flatten().collect();
        self.write::<T>(&values, Some(&there), None)
    }

    /// A list that may be absent: 0 says so, 1 that it is empty, 2 that a value is there; all but its first value go on.
    fn list<T: DataType>(&mut self, of: impl Fn(&Record<'_>) -> Option<Vec<T::T>>) -> Result<(), ParquetError> {
        let (mut values, mut there, mut goes_on) = (Vec::new(), Vec::new(), Vec::new());
        for list in self.rows.iter().map(of) {
            let absent = list.is_none();
            let list = list.unwrap_or_default();
            if list.is_empty() {
                there.push(i16::from(!absent));
                goes_on.push(0);
            }
            there.extend(list.iter().map(|_| 2));
            goes_on.extend((0..list.len()).map(|at| i16::from(at > 0)));
            values.extend(list);
        }
        self.write::<T>(&values, Some(&there), Some(&goes_on))
    }

    fn write<T: DataType>(
        &mut self,
        values: &[T::T],
        there: Option<&[i16]>,
        goes_on: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let column = self.group.next_column()?;
        let mut column = column.ok_or_else(|| ParquetError::General("a column more than the schema has".to_owned()))?;
        column.typed::<T>().write_batch(values, there, goes_on)?;
        column.close()
    }
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(text)
}

/// Days since 1970.
fn days(day: Date) -> i32 {
    date(1970, 1, 1).until(day).map_or(0, |span| span.get_days())
}
