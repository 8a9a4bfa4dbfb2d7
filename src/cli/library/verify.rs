//! `refrain verify`: whether a library holds what was written.

use anyhow::bail;

use super::{advised, answer};
use crate::cli::args::{LibraryArgs, VerifyArgs};
use crate::cli::progress::Advised;
use crate::library::{Library, LibraryError};
use crate::report::counted;
use crate::report::holdings as page;

/// What is left where the file is so damaged that it cannot even be checked. To look at it once more is not.
fn beyond(error: LibraryError) -> anyhow::Error {
    let LibraryError::Damaged { .. } = &error else { return advised(error) };
    let hint = "bring back a copy of the file, or make the library anew: `refrain add NEW.refrain PATH... --strict`";
    Advised { what: error.to_string(), hint: hint.into() }.into()
}

pub(in crate::cli) fn run(arguments: &VerifyArgs) -> anyhow::Result<()> {
    let LibraryArgs { library, wait, .. } = &arguments.library;
    let library = Library::open_to_read_within(library, (*wait).into()).map_err(beyond)?;
    let faults = library.verify().map_err(beyond)?;
    let (name, words) = (library.path().display().to_string(), library.writable());
    answer(
        &arguments.library,
        |page, out| page::faults(&name, (&faults, words), page, out),
        |out| page::faults_json(&name, (&faults, words), out),
    )?;
    if !faults.is_empty() {
        bail!("{} in {name}", counted(faults.len(), "fault"));
    }
    Ok(())
}
