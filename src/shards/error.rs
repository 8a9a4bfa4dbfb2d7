//! Why a folder of shards cannot be written or read.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a folder of shards cannot be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ShardsError {
    /// The system refuses.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// "reading" or "writing".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder to be written to holds what is not ours.
    #[error("writing {}: the folder holds {found} and no {expected}: expected a new or an empty folder, or one that this command has begun", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// A file in it.
        found: String,
        /// The manifest's name.
        expected: &'static str,
    },
    /// A folder that another run made otherwise.
    #[error("writing {}: the shards there were made with {what} {found}, now it is {asked}: expected the same command, or another folder", path.display())]
    OtherSettings {
        /// The folder.
        path: PathBuf,
        /// The setting.
        what: &'static str,
        /// What the manifest says.
        found: String,
        /// What is asked for.
        asked: String,
    },
    /// The input is not what it was.
    #[error("going on in {}: the input is not what it was when its shards were written", path.display())]
    OtherInput {
        /// The folder.
        path: PathBuf,
    },
    /// Another run writes to the folder.
    #[error("writing {}: another refrain is writing to it", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest cannot be understood.
    #[error("{}: {what}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A shard is not the one that was written.
    #[error("{}: {what}: put the file back, or take it away and embed again, which makes it and what follows anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found and what was expected.
        what: String,
    },
    /// A file that looks like a shard and is not listed.
    #[error("{}: no shard of this folder, whose manifest lists {listed}: take it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Shards listed.
        listed: usize,
    },
    /// There is no text to work on.
    #[error("{}: written without text, which this needs: embed again without --no-text", path.display())]
    NoText {
        /// The folder.
        path: PathBuf,
    },
    /// Folders that cannot be taken together.
    #[error("{} and {}: made with another {what}, {first} and {second}: expected folders of one model", left.display(), right.display())]
    Mixed {
        /// A folder.
        left: PathBuf,
        /// Another.
        right: PathBuf,
        /// The setting.
        what: &'static str,
        /// What the first has.
        first: String,
        /// What the second has.
        second: String,
    },
}

impl ShardsError {
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing: "reading", path, source }
    }

    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing: "writing", path, source }
    }

    pub(super) fn damaged(path: &Path, what: impl std::fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}
