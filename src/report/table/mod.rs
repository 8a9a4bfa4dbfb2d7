//! Paragraphs as a table, a row each, for pandas, DuckDB, spreadsheets and embedding viewers: as CSV and as Parquet.
//!
//! `record` is the row; both writers write all its fields in its order, and nothing where the run did not look for it.
//! docs/formats.md documents the columns. Text is not cleaned: a table holds what was read.

mod csv;
#[cfg(feature = "parquet")]
mod parquet;
mod record;
#[cfg(test)]
mod tests;

pub use csv::csv;
#[cfg(feature = "parquet")]
pub use parquet::parquet;
