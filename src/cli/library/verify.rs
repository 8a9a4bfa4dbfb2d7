//! `refrain verify`: whether a library holds what was written.

use anyhow::bail;

use super::{advised, answer, to_read};
use crate::cli::args::VerifyArgs;
use crate::report::counted;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &VerifyArgs) -> anyhow::Result<()> {
    let library = to_read(&arguments.library)?;
    let faults = library.verify().map_err(advised)?;
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
