//! `refrain info`: a library in figures.

use super::{advised, answer};
use crate::cli::args::InfoArgs;
use crate::library::Library;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &InfoArgs) -> anyhow::Result<()> {
    let library = Library::open_to_read(&arguments.library.library).map_err(advised)?;
    let about = library.about().map_err(advised)?;
    answer(&arguments.library, |page, out| page::about(&about, page, out), |out| page::about_json(&about, out))
}
