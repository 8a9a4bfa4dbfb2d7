//! `refrain compact`: gives room that nothing uses back to the system.

use super::{advised, answer, to_write};
use crate::cli::args::CompactArgs;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &CompactArgs) -> anyhow::Result<()> {
    let mut library = to_write(&arguments.library)?;
    let (name, sizes) = (library.path().display().to_string(), library.compact().map_err(advised)?);
    answer(
        &arguments.library,
        |_, out| page::compacted(&name, sizes, out),
        |out| page::compacted_json(&name, sizes, out),
    )
}
