//! `--open`: the page that was written, in the browser. The system's own opener is started, and not waited for.

use std::path::{Path, absolute};

use anyhow::bail;

use super::args::{PageArgs, PageFormat};
use super::output::format;
use super::progress::{Level, Misuse, say};

/// Refuses `--open` where there would be no page to open.
///
/// # Errors
/// [`Misuse`], with what to write instead.
pub(super) fn check(page: &PageArgs) -> anyhow::Result<()> {
    if !page.open {
        return Ok(());
    }
    if page.output.output.is_none() {
        bail!(Misuse("--open needs a file to open: add -o coverage.html".to_owned()));
    }
    if format(&page.output)? != PageFormat::Html {
        bail!(Misuse("--open opens HTML pages alone: write one with -o coverage.html".to_owned()));
    }
    Ok(())
}

/// Opens the page. It is written, so that a system without a browser is worth a warning and no more.
pub(super) fn open(page: &Path) {
    // Whole, as a name that begins with a dash would be taken for a flag.
    let opened = absolute(page).and_then(open::that_detached);
    if let Err(error) = opened {
        let (page, error) = (page.display(), error.kind());
        say(
            &format!("{page} is written, and no browser was found to open it ({error}): open it yourself"),
            Level::Warning,
        );
    }
}
