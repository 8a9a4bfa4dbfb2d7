//! `refrain list`: the articles of a library.

use super::{advised, answer, to_read};
use crate::cli::args::{ListArgs, WhichArgs};
use crate::library::Which;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &ListArgs) -> anyhow::Result<()> {
    let library = to_read(&arguments.library)?;
    let which = which(&arguments.which);
    let listed = if which == Which::default() { library.list() } else { library.named(&which) }.map_err(advised)?;
    answer(&arguments.library, |page, out| page::list(&listed, page, out), |out| page::list_json(&listed, out))
}

/// The articles that arguments name.
pub(super) fn which(arguments: &WhichArgs) -> Which {
    Which {
        ids: arguments.ids.clone(),
        outlets: arguments.outlet.clone(),
        files: arguments.file.clone(),
        before: arguments.before.map(|day| day.to_string()),
    }
}
