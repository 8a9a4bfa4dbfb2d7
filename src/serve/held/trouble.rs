//! Why a library cannot be answered from: all of it for who may ask for the library, the kind alone for who may not.

use crate::library::LibraryError;

/// A trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What is wrong with which file, and what to do.
    pub(super) what: String,
    /// What is wrong, without a name or a path.
    pub(super) kind: &'static str,
}

impl Trouble {
    /// A trouble, and what is to be done about it.
    pub(super) fn of(error: &LibraryError, then: &str) -> Self {
        Self { what: format!("{error}; {then}"), kind: kind(error) }
    }
}

fn kind(error: &LibraryError) -> &'static str {
    match error {
        LibraryError::Missing { .. } => "there is no such file",
        LibraryError::Empty { .. } => "it is an empty file",
        LibraryError::Foreign { .. } => "found another kind of file, expected a library",
        LibraryError::Newer { .. } => "a later version of refrain wrote it",
        LibraryError::Damaged { .. } => "it is damaged",
        LibraryError::OtherModel { .. } => "it holds vectors of another model",
        _ => "it cannot be read",
    }
}
