//! `refrain info`: a library in figures.

use super::{advised, answer, to_read};
use crate::cli::args::InfoArgs;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &InfoArgs) -> anyhow::Result<()> {
    let library = to_read(&arguments.library)?;
    let about = library.about().map_err(advised)?;
    answer(&arguments.library, |page, out| page::about(&about, page, out), |out| page::about_json(&about, out))
}
