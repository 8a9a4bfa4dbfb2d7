//! Parquet, with the feature built in.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use refrain::corpus::{ReadOptions, read};

const SCHEMA: &str = "message articles {
    required binary source (UTF8);
    required int32 date (DATE);
    optional binary text (UTF8);
    required int32 words;
}";

/// Three rows; the second has no text.
fn write(path: &Path, compression: Compression) {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut file = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut rows = file.next_row_group().unwrap();
    let names = ["Daily", "Herald", "Daily"].map(ByteArray::from);
    let texts = ["The deal is large.", "It is long, too."].map(ByteArray::from);
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&names, None, None).unwrap();
    column.close().unwrap();
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[20_396, 20_396, 20_397], None, None).unwrap();
    column.close().unwrap();
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&texts, Some(&[1, 0, 1]), None).unwrap();
    column.close().unwrap();
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[4, 0, 4], None, None).unwrap();
    column.close().unwrap();
    rows.close().unwrap();
    file.close().unwrap();
}

#[test]
fn rows_are_articles_whatever_the_compression() {
    let folder = tempfile::tempdir().unwrap();
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default())] {
        let path = folder.path().join("week.parquet");
        write(&path, compression);
        let collection = read(&[path], &ReadOptions::default()).unwrap();
        let ids: Vec<&str> = collection.articles.iter().map(|article| article.id.as_str()).collect();
        assert_eq!(ids, ["week:1", "week:3"]);
        assert_eq!(collection.articles[0].date, Some(jiff::civil::date(2025, 11, 4)));
        assert_eq!(collection.articles[0].extra["words"], 4);
        assert_eq!(collection.outlets, ["Daily"]);
        assert_eq!(collection.problems.len(), 1);
        assert_eq!(collection.problems[0].what, "the \"text\" field is empty");
    }
}

#[test]
fn a_file_that_is_no_parquet_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("week.parquet");
    std::fs::write(&path, b"not parquet at all").unwrap();
    let collection = read(&[path], &ReadOptions::default()).unwrap();
    assert!(collection.problems[0].what.starts_with("not Parquet: "), "{:?}", collection.problems);
}
