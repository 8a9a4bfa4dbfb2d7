//! `refrain remove`: articles out of a library.

use anyhow::bail;

use super::list::{self, which};
use super::{advised, answer, to_read, to_write};
use crate::cli::args::RemoveArgs;
use crate::cli::progress::Misuse;
use crate::library::Which;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &RemoveArgs) -> anyhow::Result<()> {
    let which = which(&arguments.which);
    if which == Which::default() {
        return Err(Misuse("no article is named: expected ids, --outlet, --file or --before".to_owned()).into());
    }
    let mut library = if arguments.dry_run { to_read(&arguments.library) } else { to_write(&arguments.library) }?;
    list::refuse_unknown(&library, &which)?;
    let named = library.named(&which).map_err(advised)?;
    refuse_unknown(&which, &named.iter().map(|listed| listed.id.as_str()).collect::<Vec<_>>())?;
    if named.is_empty() {
        bail!("no article meets all conditions: nothing was removed; `refrain list` shows what there is");
    }
    let dry = arguments.dry_run;
    if !dry {
        library.remove(&which).map_err(advised)?;
    }
    answer(
        &arguments.library,
        |page, out| page::removed(&named, dry, page, out),
        |out| page::removed_json(&named, dry, out),
    )
}

/// An id that names nothing is a mistake: nothing is removed then.
fn refuse_unknown(which: &Which, named: &[&str]) -> anyhow::Result<()> {
    let unknown: Vec<&String> = which.ids.iter().filter(|id| !named.contains(&id.as_str())).collect();
    match unknown.first() {
        None => Ok(()),
        Some(id) => bail!(
            "no article {id:?} that meets all conditions: nothing was removed; `refrain list` shows what there is"
        ),
    }
}
