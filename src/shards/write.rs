//! One shard as a Parquet file: a row a paragraph, one row group.
//!
//! Equal rows and settings give equal bytes. Not here: where the file goes (`folder`).

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use half::f16;
use jiff::civil::{Date, date};
use ndarray::{ArrayView2, s};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnPath;

use super::manifest::{Settings, VectorType};
use super::shard::Shard;
use super::{arrow, schema};
use crate::article::Article;
use crate::corpus::{Item, SplitArticle};
use crate::paragraph::Paragraph;

/// The key of the settings in a file's metadata.
const KEY: &str = "refrain";
/// Rows whose components are handed over at once: their levels and values stay small.
const ROWS_AT_ONCE: usize = 1_024;

/// Writes the file.
///
/// # Errors
/// Those of `out`, in Parquet's words.
pub(super) fn write<W: Write + Send>(shard: &Shard, settings: &Settings, out: W) -> Result<W, ParquetError> {
    let columns = schema::columns(settings);
    let properties = Arc::new(properties(shard, settings, &arrow::schema(&columns))?);
    let mut file = SerializedFileWriter::new(out, schema::message(&columns)?, properties)?;
    let mut group = file.next_row_group()?;
    write_articles(&mut group, shard)?;
    write_paragraphs(&mut group, shard, settings)?;
    write_vectors(&mut group, shard.vectors.view(), settings.vectors)?;
    group.close()?;
    file.into_inner()
}

fn properties(shard: &Shard, settings: &Settings, arrow: &str) -> Result<WriterProperties, ParquetError> {
    let said = serde_json::json!({ "schema": super::manifest::SCHEMA, "shard": shard.number, "settings": settings });
    let metadata =
        vec![KeyValue::new(KEY.to_owned(), said.to_string()), KeyValue::new(arrow::KEY.to_owned(), arrow.to_owned())];
    let vector = ColumnPath::new(vec!["vector".to_owned(), "list".to_owned(), schema::COMPONENT.to_owned()]);
    Ok(WriterProperties::builder()
        .set_created_by(format!("refrain {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata(Some(metadata))
        // Components are as good as random: packing them costs more time than the eighth of space it saves is worth.
        .set_column_compression(vector.clone(), Compression::UNCOMPRESSED)
        .set_column_encoding(vector.clone(), Encoding::PLAIN)
        .set_column_dictionary_enabled(vector.clone(), false)
        .set_column_statistics_enabled(vector, EnabledStatistics::None)
        .set_column_dictionary_enabled(ColumnPath::from("text"), false)
        .set_column_statistics_enabled(ColumnPath::from("text"), EnabledStatistics::None)
        .build())
}

/// The rows with their articles.
fn rows<'a>(shard: &'a Shard) -> impl Iterator<Item = (&'a SplitArticle, &'a Paragraph)> + use<'a> {
    let articles = shard.items.iter().filter_map(|item| match item {
        Item::Article(article) => Some(&**article),
        Item::Problem(_) => None,
    });
    articles.flat_map(|article| article.kept.iter().map(move |paragraph| (article, paragraph)))
}

type Group<'a, W> = SerializedRowGroupWriter<'a, W>;

fn write_articles<W: Write + Send>(group: &mut Group<'_, W>, shard: &Shard) -> Result<(), ParquetError> {
    let numbers: Vec<i64> = (shard.first_row as i64..).take(shard.vectors.len()).collect();
    required::<Int64Type, W>(group, &numbers)?;
    let id = |(split, paragraph): (&SplitArticle, &Paragraph)| format!("{}/{}", split.article.id, paragraph.place);
    required::<ByteArrayType, W>(group, &texts(rows(shard).map(id)))?;
    required::<ByteArrayType, W>(group, &texts(rows(shard).map(|(split, _)| split.outlet.clone())))?;
    required::<ByteArrayType, W>(group, &texts(rows(shard).map(|(split, _)| split.article.id.clone())))?;
    let optional_text = |of: fn(&Article) -> &Option<String>| {
        rows(shard).map(move |(split, _)| of(&split.article).as_deref().map(ByteArray::from))
    };
    optional::<ByteArrayType, W>(group, optional_text(|article| &article.title))?;
    optional::<Int32Type, W>(group, rows(shard).map(|(split, _)| split.article.date.map(days)))?;
    optional::<ByteArrayType, W>(group, optional_text(|article| &article.url))
}

fn write_paragraphs<W: Write + Send>(
    group: &mut Group<'_, W>,
    shard: &Shard,
    settings: &Settings,
) -> Result<(), ParquetError> {
    let paragraphs = || rows(shard).map(|(_, paragraph)| paragraph);
    required::<Int32Type, W>(group, &paragraphs().map(|own| own.place as i32).collect::<Vec<_>>())?;
    required::<ByteArrayType, W>(group, &texts(paragraphs().map(|own| own.kind.code().to_owned())))?;
    required::<Int64Type, W>(group, &paragraphs().map(|own| own.span.start as i64).collect::<Vec<_>>())?;
    required::<Int64Type, W>(group, &paragraphs().map(|own| own.span.end as i64).collect::<Vec<_>>())?;
    if settings.text {
        required::<ByteArrayType, W>(group, &texts(paragraphs().map(|own| own.text.clone())))?;
    }
    Ok(())
}

fn texts(texts: impl Iterator<Item = String>) -> Vec<ByteArray> {
    texts.map(|text| ByteArray::from(text.into_bytes())).collect()
}

/// Days since 1970.
fn days(day: Date) -> i32 {
    date(1970, 1, 1).until(day).map_or(0, |span| span.get_days())
}

fn required<T: DataType, W: Write + Send>(group: &mut Group<'_, W>, values: &[T::T]) -> Result<(), ParquetError> {
    let mut column = next(group)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn optional<T: DataType, W: Write + Send>(
    group: &mut Group<'_, W>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    let mut column = next(group)?;
    column.typed::<T>().write_batch(&present, Some(&levels), None)?;
    column.close()
}

fn next<'a, W: Write + Send>(
    group: &'a mut Group<'_, W>,
) -> Result<parquet::file::writer::SerializedColumnWriter<'a>, ParquetError> {
    group.next_column()?.ok_or_else(|| ParquetError::General("a column more than the schema has".to_owned()))
}

/// The vectors, stretch by stretch.
fn write_vectors<W: Write + Send>(
    group: &mut Group<'_, W>,
    vectors: ArrayView2<'_, f32>,
    kind: VectorType,
) -> Result<(), ParquetError> {
    let mut column = next(group)?;
    let dim = vectors.ncols();
    // Every component is there; the first of a vector begins a record.
    let there = vec![1; ROWS_AT_ONCE * dim];
    let begins: Vec<i16> = (0..ROWS_AT_ONCE * dim).map(|at| i16::from(at % dim != 0)).collect();
    for rows in stretches(vectors.nrows()) {
        let rows = vectors.slice(s![rows, ..]);
        let Some(values) = rows.as_slice() else {
            return Err(ParquetError::General("vectors that do not lie row after row".to_owned()));
        };
        let levels = (Some(&there[..values.len()]), Some(&begins[..values.len()]));
        match kind {
            VectorType::F32 => column.typed::<FloatType>().write_batch(values, levels.0, levels.1)?,
            VectorType::F16 => {
                column.typed::<FixedLenByteArrayType>().write_batch(&halves(values), levels.0, levels.1)?
            }
        };
    }
    column.close()
}

fn stretches(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(ROWS_AT_ONCE).map(move |start| start..(start + ROWS_AT_ONCE).min(rows))
}

/// Half-precision numbers, little-endian, nearest even.
fn halves(values: &[f32]) -> Vec<FixedLenByteArray> {
    let bytes: Vec<u8> = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
    let bytes = Bytes::from(bytes);
    (0..values.len()).map(|at| ByteArray::from(bytes.slice(2 * at..2 * at + 2)).into()).collect()
}
