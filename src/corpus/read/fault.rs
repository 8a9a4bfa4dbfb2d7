//! What can be wrong with one file or record, in words. Where it is wrong is said by the problem's place.

use std::io;

use thiserror::Error;

/// Why a file or record was not read, or not read in full.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("no text: the file is empty")]
    Empty,
    #[error("binary file ({0}): expected text")]
    Binary(&'static str),
    #[error("more than {limit} bytes: expected an article of at most that size")]
    FileTooLong { limit: usize },
    #[error("line of {bytes} bytes: expected at most {limit}")]
    LineTooLong { bytes: usize, limit: usize },
    #[error("cannot be read: {0}")]
    Io(io::Error),
    #[error("cannot be read to its end: {error}; the {kept} articles before line {line} are kept")]
    Torn { error: io::Error, line: usize, kept: usize },
    #[error("{count} characters are not valid {encoding} and were replaced")]
    Replaced { count: usize, encoding: &'static str },
    #[error("not UTF-8: read as Windows-1252")]
    NotUtf8,
    #[error("not JSON: {message} at column {column}")]
    NotJson { message: String, column: usize },
    #[error("found {0}: expected an object, one a line")]
    NotObject(&'static str),
    #[error("found {0}: expected an object or a list of objects")]
    NotArticles(&'static str),
    #[error("no \"{name}\" field: found fields {found}; name it with {flag}")]
    NoField { name: String, flag: &'static str, found: String },
    #[error("no \"{name}\" column: found columns {found}; name it with {flag}")]
    NoColumn { name: String, flag: &'static str, found: String },
    #[error("the \"{0}\" field is empty")]
    EmptyField(String),
    #[error("the \"{name}\" field is {found}: expected one label, a string or a number")]
    NotLabel { name: String, found: &'static str },
    #[error("a text without fields: expected records with labels, as JSON lines, JSON, CSV, TSV or Parquet")]
    NoRecords,
    #[error("no \"{name}\" field, which {flag} names: found fields {found}")]
    NoNamedField { name: String, flag: &'static str, found: String },
    #[error("row of {cells} cells: the head names {columns}; the others are taken as empty")]
    ShortRow { cells: usize, columns: usize },
    #[error("row of {cells} cells: the head names {columns}; put a text that holds the separator between quotes")]
    LongRow { cells: usize, columns: usize },
    #[error("{0}")]
    Table(csv::Error),
    #[cfg(feature = "parquet")]
    #[error("not Parquet: {0}")]
    Parquet(::parquet::errors::ParquetError),
    #[cfg(feature = "parquet")]
    #[error("a shard that refrain wrote: expected the folder it is of, with its _manifest.json")]
    Shard,
    #[cfg(feature = "parquet")]
    #[error("Parquet cannot be read from standard input: expected a file")]
    ParquetPiped,
    #[cfg(not(feature = "parquet"))]
    #[error("Parquet is not built in: build with --features parquet, or convert the file to JSONL or CSV")]
    ParquetOff,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let full = error.to_string();
        // The line is the record's own, always 1: the place says which line of the file it is.
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message).to_owned();
        Self::NotJson { message, column: error.column() }
    }
}
