//! Reading: files, folders and standard input into a [`Collection`].
//!
//! 1. [`read`] finds the files, and one reader a format makes records of them (`read/`).
//! 2. [`split()`] cuts each text into paragraphs and tells prose from what is not (`split/`).
//! 3. The records become articles with an outlet, a title and a date (`ready`), and those a collection (`gather`).
//!
//! What an outlet prints in one article after another is found when all are read (`recurring`).
//! Records with known labels are read whole, without splitting (`labelled`), and so are pairs of texts (`pairs`).
//! `stream` does the first two in portions, for inputs of any size.
//!
//! What cannot be read is a [`Problem`](crate::collection::Problem); the run goes on without it.
//! Whether that is fatal is the caller's to say.

mod boilerplate;
mod clean;
mod dates;
mod error;
mod format;
mod gather;
mod labelled;
mod options;
mod outlets;
mod pairs;
mod read;
mod ready;
mod recurring;
mod split;
mod stream;

use std::io::{self, Read, stdin};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use error::CorpusError;
pub use format::{EXTENSIONS, Format};
pub use gather::{Item, gather};
pub use labelled::{Labelled, read_labelled, read_labelled_with_stdin};
pub use options::{FieldNames, Limits, ReadOptions};
pub use outlets::OutletTable;
pub use pairs::{KnownDifference, LabelledPair, LabelledPairs, read_pairs, read_pairs_with_stdin};
pub use ready::SplitArticle;
pub use recurring::set_aside_recurring;
pub use split::{FrontMatter, Markup, Page, Piece, extract, front_matter, split};
pub use stream::{Mark, Portion, Stream};

use self::read::Found;
use crate::collection::Collection;

/// Whether a path is a folder of vectors that this program wrote: [`read`] passes over such folders.
pub fn is_shards(path: &Path) -> bool {
    read::is_shards(path)
}

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
    let unused = options.outlets.unused(sources.iter().map(read::Source::known_as));
    let found = read::all(&sources, options, stdin);
    let found: Vec<(usize, Found)> =
        found.into_iter().enumerate().flat_map(|(at, found)| found.into_iter().map(move |one| (at, one))).collect();
    let item = |(at, found)| match found {
        Found::Problem(problem) => Item::Problem(problem),
        Found::Draft(draft) => Item::Article(Box::new(ready::ready(&sources[at], *draft, &options.outlets))),
    };
    let items: Vec<Item> = found.into_par_iter().map(item).collect();
    let mut collection = gather(unused.map(Item::Problem).into_iter().chain(items).collect());
    collection.passed_over = passed_over;
    Ok(collection)
}
