//! Why a library cannot be opened, read or written.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::embed::EmbedError;
use crate::lookup::LookupError;
use crate::theme_log::ThemeId;

/// Why a library cannot be opened, read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// There is none of that name.
    #[error("library {}: there is no such file", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file holds nothing: a run that was to make the library ended first.
    #[error("library {} is an empty file", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be made where it was asked for.
    #[error("library {}: there is no folder {}", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The file is something else.
    #[error("library {}: found {found}, expected a library that `refrain add` made", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// A later version of this program wrote it.
    #[error("library {}: found format {found}, expected {known} or older: a later version of refrain wrote it", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The latest format that this version knows.
        known: i64,
    },
    /// What the file holds is not what was written.
    #[error("library {} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, and what was found there.
        what: String,
    },
    /// Another program holds it.
    #[error("library {}: another program is using it, and did not let go in the time that was waited", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// There is no room.
    #[error("library {}: there is no room left on the disk", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// It may not be written to.
    #[error("library {} cannot be written to: {why}", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system allows.
        why: &'static str,
    },
    /// Its vectors are another model's.
    #[error("library {} holds vectors of {what} {held}, not {given}", path.display())]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// The library's.
        held: String,
        /// What was to be put beside it.
        given: String,
    },
    /// What was found in it is no longer what is in it.
    #[error("library {} was changed by another program while themes were found in it", path.display())]
    Moved {
        /// The file.
        path: PathBuf,
    },
    /// It has no such theme.
    #[error("library {} has no theme \"{which}\"{}", path.display(), there_are(themes))]
    NoTheme {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        which: String,
        /// Its themes: id and name.
        themes: Vec<String>,
    },
    /// Another theme is called so.
    #[error("library {}: {theme} is called \"{name}\": expected a name that no other theme has", path.display())]
    NameTaken {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// Whose it is.
        theme: ThemeId,
    },
    /// Another run began to move it to a model while this one was at it.
    #[error("library {}: another program began to move it to another model meanwhile", path.display())]
    Overtaken {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("library {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something else that SQLite says.
    #[error("library {}: {source}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// Embedding failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// Looking up failed.
    #[error(transparent)]
    Lookup(#[from] LookupError),
}

/// How long is waited for another program's writing.
pub(super) const PATIENCE: u64 = 20;

/// Themes that a message names.
const NAMED: usize = 12;

fn there_are(themes: &[String]) -> String {
    if themes.is_empty() {
        return ": it keeps no themes yet".to_owned();
    }
    let (named, more) = (themes.iter().take(NAMED).cloned().collect::<Vec<_>>(), themes.len().saturating_sub(NAMED));
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!(": there are {}{more}", named.join(", "))
}

impl LibraryError {
    /// What SQLite says, in our words.
    pub(super) fn of_sql(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, what: source.to_string() },
            Some(ErrorCode::NotADatabase) => {
                Self::Foreign { path, found: "a file that is no SQLite database".to_owned() }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            // SQLite does not write to a file that has lost its name.
            Some(ErrorCode::ReadOnly) if !path.exists() => Self::Missing { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path, why: "the file or its folder is read-only" },
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::ReadOnly { path, why: "the file or its folder may not be opened for writing" }
            }
            _ if matches!(source, rusqlite::Error::FromSqlConversionFailure(..)) => {
                Self::Damaged { path, what: source.to_string() }
            }
            _ => Self::Sql { path, source },
        }
    }

    /// Something in the file is not what was written there.
    #[allow(clippy::needless_pass_by_value, reason = "errors and texts, made for this alone")]
    pub(super) fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}
