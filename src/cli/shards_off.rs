//! In place of folders of Parquet shards, where they are not built in.

use std::path::PathBuf;

use super::args::{EmbedArgs, EngineArgs, ReadingArgs};
use super::engine::{Loaded, Use};
use super::input::Corpus;
use super::progress::Advised;
use crate::corpus::{self, Item};
use crate::pipeline::Embedded;

const BUILD: &str = "build with --features parquet";

fn off() -> anyhow::Error {
    Advised { what: "this build has no Parquet".to_owned(), hint: BUILD.into() }.into()
}

/// Says how to get them.
pub(super) fn embed(_: &EmbedArgs) -> anyhow::Result<()> {
    Err(off())
}

/// Folders of shards are told by their manifest, so that they are not taken for folders of nothing to read.
pub(super) fn are_shards(inputs: &[PathBuf]) -> anyhow::Result<bool> {
    if inputs.iter().any(|input| corpus::is_shards(input)) { Err(off()) } else { Ok(false) }
}

/// There are none.
pub(super) fn open(_: &[PathBuf], _: &ReadingArgs, _: &EngineArgs, _: Use) -> anyhow::Result<(Loaded, Corpus)> {
    Err(off())
}

/// There are none.
pub(super) fn items(_: &[PathBuf], _: &ReadingArgs, _: &EngineArgs) -> anyhow::Result<(Vec<Item>, Embedded, Loaded)> {
    Err(off())
}
