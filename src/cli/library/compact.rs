//! `refrain compact`: gives room that nothing uses back to the system.

use super::{advised, answer};
use crate::cli::args::CompactArgs;
use crate::library::Library;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &CompactArgs) -> anyhow::Result<()> {
    let mut library = Library::open(&arguments.library.library).map_err(advised)?;
    let (name, sizes) = (library.path().display().to_string(), library.compact().map_err(advised)?);
    answer(
        &arguments.library,
        |page, out| page::compacted(&name, sizes, page, out),
        |out| page::compacted_json(&name, sizes, out),
    )
}
