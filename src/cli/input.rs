//! From arguments to a collection: reads, and says what could not be read.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::args::{EngineArgs, ReadingArgs};
use super::engine::{self, Loaded, Use};
use super::progress::{self, Level, Misuse};
use super::told::SHOWN;
use super::{library, shards};
use crate::collection::{Collection, Problem};
use crate::corpus::{self, CorpusError, FieldNames, LabelledPairs, OutletTable, ReadOptions, Stream};
use crate::pipeline::Embedded;
use crate::report::counted;

/// What was read, and its vectors where they were made before.
pub(super) struct Corpus {
    pub(super) collection: Collection,
    pub(super) embedded: Option<Embedded>,
}

/// The model, and what the inputs hold: texts, or vectors that [`super::embed`] wrote, to which the model is then held.
pub(super) fn open(
    inputs: &[PathBuf],
    reading: &ReadingArgs,
    engine: &EngineArgs,
    purpose: Use,
) -> anyhow::Result<(Loaded, Corpus)> {
    let (engine, corpus) = if let Some(path) = library::of_inputs(inputs)? {
        library::load(path, reading, engine, purpose)?
    } else if shards::are_shards(inputs)? {
        shards::open(inputs, reading, engine, purpose)?
    } else {
        let engine = engine::load_for(engine, purpose)?;
        (engine, Corpus { collection: corpus::read(inputs, &options(reading)?)?, embedded: None })
    };
    check(&corpus.collection, reading.strict, inputs)?;
    Ok((engine, corpus))
}

/// Whether the inputs are vectors that were made before.
pub(super) fn are_vectors(inputs: &[PathBuf]) -> anyhow::Result<bool> {
    Ok(library::of_inputs(inputs)?.is_some() || shards::are_shards(inputs)?)
}

/// What the inputs hold, as texts: no model is loaded.
pub(super) fn read(inputs: &[PathBuf], reading: &ReadingArgs) -> anyhow::Result<Collection> {
    let collection = corpus::read(inputs, &options(reading)?)?;
    check(&collection, reading.strict, inputs)?;
    Ok(collection)
}

/// Says what could not be read, and refuses to go on where that is wanted or nothing is left.
pub(super) fn check(collection: &Collection, strict: bool, inputs: &[PathBuf]) -> anyhow::Result<()> {
    tell_passed_over(&collection.passed_over);
    check_read(&collection.problems, strict)?;
    if collection.is_empty() {
        bail!("no paragraph to work on in {}", names(inputs).join(", "));
    }
    Ok(())
}

/// Says what was wrong with pairs, and refuses none, or any fault where `strict` was asked for.
pub(super) fn check_pairs(found: &LabelledPairs, strict: bool, input: &Path) -> anyhow::Result<()> {
    check_read(&found.problems, strict)?;
    if found.pairs.is_empty() {
        bail!("no pair to compare in {}", input.display());
    }
    Ok(())
}

fn check_read(problems: &[Problem], strict: bool) -> anyhow::Result<()> {
    tell_problems(problems);
    if strict && !problems.is_empty() {
        bail!("{} while reading, and --strict was given", counted(problems.len(), "problem"));
    }
    Ok(())
}

/// The inputs, to be read in portions.
pub(super) fn stream(inputs: &[PathBuf], arguments: &ReadingArgs) -> anyhow::Result<Stream> {
    let stream = Stream::open(inputs, options(arguments)?)?;
    tell_passed_over(&stream.passed_over);
    Ok(stream)
}

/// The inputs, to be read in portions; files that are passed over are not told.
pub(super) fn files(inputs: &[PathBuf], arguments: &ReadingArgs) -> Result<Stream, CorpusError> {
    Stream::open(inputs, options(arguments)?)
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
        ..FieldNames::default()
    };
    Ok(ReadOptions { fields, outlets, ..ReadOptions::default() })
}

/// The flags that decide what is read.
pub(super) fn reading_flags(arguments: &ReadingArgs) -> anyhow::Result<Vec<String>> {
    let ReadingArgs { outlets, text_field, outlet_field, id_field, title_field, date_field, url_field, strict: _ } =
        arguments;
    let fields = [
        ("--text-field", text_field),
        ("--outlet-field", outlet_field),
        ("--id-field", id_field),
        ("--title-field", title_field),
        ("--date-field", date_field),
        ("--url-field", url_field),
    ];
    let named = fields.into_iter().filter_map(|(flag, name)| Some(format!("{flag}={}", name.as_deref()?)));
    let mut flags: Vec<String> = named.collect();
    if let Some(path) = outlets {
        // Its entries decide, not its name.
        flags.push(format!("--outlets={:08x}", crc32fast::hash(&std::fs::read(path)?)));
    }
    Ok(flags)
}

/// Flags of reading texts mean nothing for vectors.
pub(super) fn refuse_reading(reading: &ReadingArgs, input: &str) -> anyhow::Result<()> {
    let flags = reading_flags(reading)?;
    match flags.first().and_then(|flag| flag.split('=').next()) {
        None => Ok(()),
        Some(flag) => Err(Misuse(format!("{flag} is for texts: the input is {input}")).into()),
    }
}

fn tell_problems(problems: &[Problem]) {
    for problem in problems.iter().take(SHOWN) {
        progress::say(&format!("{}: {}", problem.place, problem.what), Level::Warning);
    }
    let rest = problems.len().saturating_sub(SHOWN);
    if rest > 0 {
        progress::say(&format!("{} more while reading", counted(rest, "problem")), Level::Warning);
    }
}

fn tell_passed_over(files: &[String]) {
    let Some(first) = files.first() else { return };
    let (count, more) = (files.len(), if files.len() > 1 { " and others" } else { "" });
    let what = format!("not read for their endings: {count} ({first}{more}); a file that is named itself is read");
    progress::say(&what, Level::Warning);
}
