//! `refrain verify`: whether a library holds what was written.

use anyhow::bail;

use super::{advised, answer, to_read};
use crate::cli::args::VerifyArgs;
use crate::cli::progress::Advised;
use crate::report::counted;
use crate::report::holdings as page;

/// What is left where the file is so damaged that it cannot even be checked. To look at it once more is not.
fn beyond(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Advised>() {
        Ok(Advised { what, hint }) if hint.contains("refrain verify") => {
            let hint =
                "bring back a copy of the file, or make the library anew: `refrain add NEW.refrain PATH... --strict`";
            Advised { what, hint: hint.into() }.into()
        }
        Ok(other) => other.into(),
        Err(error) => error,
    }
}

pub(in crate::cli) fn run(arguments: &VerifyArgs) -> anyhow::Result<()> {
    let library = to_read(&arguments.library).map_err(beyond)?;
    let faults = library.verify().map_err(|error| beyond(advised(error)))?;
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
