//! `refrain list`: the articles of a library.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{advised, answer, to_read};
use crate::cli::args::{ListArgs, WhichArgs};
use crate::cli::progress::Advised;
use crate::library::{Library, Which};
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &ListArgs) -> anyhow::Result<()> {
    let library = to_read(&arguments.library)?;
    let which = which(&arguments.which);
    refuse_unknown(&library, &which)?;
    let listed = if which == Which::default() { library.list() } else { library.named(&which) }.map_err(advised)?;
    answer(&arguments.library, |page, out| page::list(&listed, page, out), |out| page::list_json(&listed, out))
}

/// Names that a message lists.
const NAMED: usize = 12;

/// Refuses an outlet or a file that no article of the library is of: a name spelled wrong is no empty answer.
pub(super) fn refuse_unknown(library: &Library, which: &Which) -> anyhow::Result<()> {
    let listed = if which.outlets.is_empty() && which.files.is_empty() {
        Vec::new()
    } else {
        library.list().map_err(advised)?
    };
    let outlets: BTreeSet<&str> = listed.iter().map(|one| one.outlet.as_str()).collect();
    let files: BTreeSet<&str> = listed.iter().map(|one| one.file.as_str()).collect();
    for (what, asked, there) in [("outlet", &which.outlets, outlets), ("file", &which.files, files)] {
        if let Some(unknown) = asked.iter().find(|name| !there.contains(name.as_str())) {
            let what =
                format!("no {what} \"{unknown}\" in {}: there {}", library.path().display(), named(unknown, there));
            return Err(Advised { what, hint: "`refrain list LIBRARY` shows what there is".into() }.into());
        }
    }
    Ok(())
}

/// What there is, the most alike first.
fn named(unknown: &str, there: BTreeSet<&str>) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &unknown.to_lowercase());
    let mut there: Vec<&str> = there.into_iter().collect();
    // Stable: of those as much alike in the order of the alphabet.
    // Numbers of 0 and more are in the order of their bits.
    there.sort_by_cached_key(|name| Reverse(likeness(name).to_bits()));
    match there.len() {
        0 => "is none".to_owned(),
        count if count <= NAMED => format!("are {}", there.join(", ")),
        count => format!("are {count}: {} and others", there[..NAMED].join(", ")),
    }
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
