//! A batch on disk: a folder of Parquet shards, each written whole or not at all.
//!
//! `manifest` says what made the vectors and which shards are finished; `schema` and `write` make a shard, `arrow`
//! tells Arrow's readers that its vectors have a fixed size; `side` keeps what a report needs and a table of vectors
//! does not; `folder` opens, goes on with and closes a folder; `load` reads it back. Not here: making the vectors
//! (`embed`), reading articles (`corpus`). Without the feature `parquet` there is [`Shard`] alone.
//!
//! The manifest is the truth: it is replaced, whole, after each shard, and a file that it does not list is not finished.

#[cfg(feature = "parquet")]
mod arrow;
#[cfg(feature = "parquet")]
mod error;
#[cfg(feature = "parquet")]
mod folder;
#[cfg(feature = "parquet")]
mod load;
#[cfg(feature = "parquet")]
mod manifest;
#[cfg(feature = "parquet")]
mod schema;
mod shard;
#[cfg(feature = "parquet")]
mod side;
#[cfg(feature = "parquet")]
mod write;

#[cfg(feature = "parquet")]
pub use self::{
    error::ShardsError,
    folder::Folder,
    load::{Loaded, Opened},
    manifest::{Manifest, Record, Settings, Totals, VectorType},
};
pub use shard::Shard;

/// The file of a shard.
#[cfg(feature = "parquet")]
fn file_name(number: usize) -> String {
    format!("part-{number:05}.parquet")
}

/// The file of what a shard leaves out. Readers of folders of Parquet pass over names that begin so.
#[cfg(feature = "parquet")]
fn side_name(number: usize) -> String {
    format!("_part-{number:05}.jsonl.zst")
}
