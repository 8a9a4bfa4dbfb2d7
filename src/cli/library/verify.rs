//! `refrain verify`: whether a library holds what was written.

use anyhow::bail;

use super::{advised, answer};
use crate::cli::args::VerifyArgs;
use crate::library::{Library, LibraryError};
use crate::report::counted;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &VerifyArgs) -> anyhow::Result<()> {
    let path = &arguments.library.library;
    // The index of words can be checked only where it may be written to.
    let library = match Library::open(path) {
        Err(LibraryError::ReadOnly { .. }) => Library::open_to_read(path),
        opened => opened,
    };
    let library = library.map_err(advised)?;
    let faults = library.verify().map_err(advised)?;
    let (name, words) = (path.display().to_string(), library.writable());
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
