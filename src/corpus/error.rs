//! What makes reading meaningless as a whole. All else is a problem of one file or record.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::format::EXTENSIONS;

/// Why nothing was read at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// No input was named.
    #[error("no input given: expected files, folders or - for standard input")]
    NoInput,
    /// An input cannot be looked at.
    #[error("input {path}: {source}", path = path.display())]
    Input {
        /// As named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder holds no file of a known kind.
    #[error("folder {path} holds nothing to read: expected files ending in {expected} (also with .gz or .zst)", path = path.display(), expected = EXTENSIONS.join(", "))]
    EmptyFolder {
        /// As named.
        path: PathBuf,
    },
    /// The table of outlets cannot be opened.
    #[error("outlets file {path}: {source}", path = path.display())]
    OutletsFile {
        /// As named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The table of outlets is no table of outlets.
    #[error("outlets file {path}: line {line}: found {found}, expected {expected}", path = path.display())]
    OutletsTable {
        /// As named.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
}
