//! Reading: files, folders and standard input into a [`Collection`].
//!
//! 1. [`read`] finds the files, and one reader a format makes records of them (`read/`).
//! 2. [`split()`] cuts each text into paragraphs and tells prose from what is not (`split/`).
//! 3. The records become articles with an outlet, an id, a title and a date (`gather`).
//!
//! What cannot be read is a [`Problem`](crate::collection::Problem); the run goes on without it.
//! Whether that is fatal is the caller's to say.

mod boilerplate;
mod clean;
mod dates;
mod error;
mod format;
mod gather;
mod options;
mod outlets;
mod read;
mod split;

use std::io::{self, Read, stdin};
use std::path::{Path, PathBuf};

pub use error::CorpusError;
pub use format::{EXTENSIONS, Format};
pub use options::{FieldNames, Limits, ReadOptions};
pub use outlets::OutletTable;
pub use split::{FrontMatter, Markup, Page, Piece, extract, front_matter, split};

use crate::collection::Collection;

/// Reads everything the inputs name: files, folders with all they hold, `-` for standard input.
///
/// Inputs in the order given, the files of a folder sorted by path; a file named twice is read once.
///
/// # Errors
/// Only what makes the whole call meaningless: nothing given, an input that does not exist, a folder
/// with nothing to read. All else is in [`Collection::problems`].
pub fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<Collection, CorpusError> {
    read_with_stdin(inputs, options, stdin().lock())
}

/// The text of one file, in any encoding that [`read`] knows, not split.
///
/// # Errors
/// What the system says, or that the file is empty or no text.
pub fn read_text(path: &Path) -> io::Result<String> {
    read::text(&std::fs::read(path)?)
}

/// As [`read`], with `stdin` standing in for standard input.
///
/// # Errors
/// As [`read`].
pub fn read_with_stdin(inputs: &[PathBuf], options: &ReadOptions, stdin: impl Read) -> Result<Collection, CorpusError> {
    let (sources, passed_over) = read::sources(inputs, options)?;
    let batches = read::batches(&sources, options, stdin);
    let mut collection = gather::gather(&sources, batches, options);
    collection.problems.extend(passed_over);
    Ok(collection)
}
