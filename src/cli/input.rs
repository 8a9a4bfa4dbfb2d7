//! From arguments to a collection: reads, and says what could not be read.

use std::io::{Cursor, Read, stdin};
use std::path::PathBuf;

use anyhow::bail;

use super::args::ReadingArgs;
use super::progress::{self, Level};
use crate::collection::Collection;
use crate::corpus::{self, CorpusError, FieldNames, OutletTable, ReadOptions};
use crate::report::counted;

/// Problems shown one by one; the rest is counted.
const SHOWN: usize = 20;

/// Reads the inputs. Fails where nothing is left to work on, and with `--strict` where there was any problem.
pub(super) fn read(inputs: &[PathBuf], arguments: &ReadingArgs) -> anyhow::Result<Collection> {
    read_from(inputs, arguments, stdin().lock())
}

/// As [`read`], where standard input is used up already.
pub(super) fn read_without_stdin(inputs: &[PathBuf], arguments: &ReadingArgs) -> anyhow::Result<Collection> {
    read_from(inputs, arguments, Cursor::new(Vec::new()))
}

fn read_from(inputs: &[PathBuf], arguments: &ReadingArgs, stdin: impl Read) -> anyhow::Result<Collection> {
    let collection = corpus::read_with_stdin(inputs, &options(arguments)?, stdin)?;
    tell_problems(&collection);
    if arguments.strict && !collection.problems.is_empty() {
        bail!("{} while reading, and --strict was given", counted(collection.problems.len(), "problem"));
    }
    if collection.is_empty() {
        bail!("no paragraph to work on in {}", names(inputs).join(", "));
    }
    Ok(collection)
}

/// The inputs as the user named them.
pub(super) fn names(inputs: &[PathBuf]) -> Vec<String> {
    inputs.iter().map(|path| path.display().to_string()).collect()
}

fn options(arguments: &ReadingArgs) -> Result<ReadOptions, CorpusError> {
    let outlets = arguments.outlets.as_deref().map(OutletTable::read).transpose()?.unwrap_or_default();
    let fields = FieldNames {
        id: arguments.id_field.clone(),
        outlet: arguments.outlet_field.clone(),
        title: arguments.title_field.clone(),
        date: arguments.date_field.clone(),
        url: arguments.url_field.clone(),
        text: arguments.text_field.clone(),
    };
    Ok(ReadOptions { fields, outlets, ..ReadOptions::default() })
}

fn tell_problems(collection: &Collection) {
    for problem in collection.problems.iter().take(SHOWN) {
        progress::say(&format!("{}: {}", problem.place, problem.what), Level::Warning);
    }
    if let Some(first) = collection.passed_over.first() {
        let (count, more) =
            (collection.passed_over.len(), if collection.passed_over.len() > 1 { " and others" } else { "" });
        progress::say(
            &format!("not read for their endings: {count} ({first}{more}); a file that is named itself is read"),
            Level::Warning,
        );
    }
    let rest = collection.problems.len().saturating_sub(SHOWN);
    if rest > 0 {
        progress::say(&format!("{} more while reading", counted(rest, "problem")), Level::Warning);
    }
}
