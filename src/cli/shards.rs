//! Folders of Parquet shards: `refrain embed -o FOLDER` writes them, every other command takes them for texts.

use std::collections::BTreeSet;
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;

use super::args::{EmbedArgs, EngineArgs, ReadingArgs, VectorWidth};
use super::embed::Work;
use super::engine::{self, Loaded, Made, Use};
use super::input::{self, Corpus};
use super::progress::{self, Advised, Level, Misuse};
use super::told::Told;
use crate::corpus::{self, Item, Mark, Stream};
use crate::pipeline::Embedded;
use crate::pipeline::batch::{End, Start, Summary, Times};
use crate::report::counted;
use crate::shards::{Folder, Manifest, Opened, Settings, ShardsError, Totals, VectorType};

/// Embeds into a folder, or goes on with it.
pub(super) fn embed(arguments: &EmbedArgs) -> anyhow::Result<()> {
    let Some(path) = arguments.output.as_deref() else { bail!("no folder to write to") };
    let engine = engine::load_for(&arguments.engine, Use::Compare)?;
    let stream = Arc::new(input::stream(&arguments.input.inputs, &arguments.input.reading)?);
    let settings = settings(arguments, &engine, &stream)?;
    let mut folder = engine.pool.install(|| Folder::open(path, settings))?;
    refuse_problems(arguments, &folder)?;
    tell_taken_away(path, &folder);
    if folder.manifest().finished {
        if !is_same_input(&stream, &folder) {
            return Err(other_input(&folder));
        }
        let totals = summed(&folder.manifest().totals, folder.manifest().shards.len());
        progress::say(&format!("{} is finished: {totals}; nothing was done", path.display()), Level::Note);
        return Ok(());
    }
    let begun = Instant::now();
    let told = Told::new(stream.bytes, arguments.input.reading.strict);
    let summary = run(&mut folder, path, &Work { arguments, engine: &engine, stream: &stream, told: &told })?;
    folder.finish()?;
    let totals = summed(&folder.manifest().totals, folder.manifest().shards.len());
    progress::say(&format!("{} written: {totals}", path.display()), Level::Note);
    if arguments.engine.verbose {
        progress::say(&times(&summary, begun.elapsed().as_secs_f64()), Level::Note);
    }
    Ok(())
}

/// Adds shards until the input ends.
fn run(folder: &mut Folder, path: &Path, work: &Work<'_>) -> anyhow::Result<Summary> {
    let (mark, finished) = (folder.mark(), folder.manifest().clone());
    if !finished.shards.is_empty() {
        let totals = summed(&finished.totals, finished.shards.len());
        progress::say(&format!("going on in {}: {totals} are there", path.display()), Level::Note);
    }
    // The folder is written to while marks are checked: against what was there before.
    let same = |mark: Mark| finished.input_is(mark);
    let from = Start { shards: finished.shards.len(), rows: finished.totals.paragraphs, mark, same: Some(&same) };
    let summary = work.run(from, &mut |shard| {
        if let Err(error) = folder.add(&shard) {
            // At once: the next shard, which is being embedded, would have nowhere to go. What is there is whole.
            work.told.end();
            progress::fail(&interrupted(&error, folder));
            std::process::exit(1);
        }
        if work.arguments.engine.verbose {
            work.told.say(&written(folder.manifest()));
        }
        Ok(())
    })?;
    if summary.end == End::OtherInput { Err(other_input(folder)) } else { Ok(summary) }
}

fn other_input(folder: &Folder) -> anyhow::Error {
    advised(folder.other_input().to_string(), "name another folder with -o to embed what there is now")
}

/// Whether the input is what was read for a folder that is finished.
fn is_same_input(stream: &Stream, folder: &Folder) -> bool {
    let (mut same, mut records) = (true, 0);
    stream.read(stdin(), &mut |portion| {
        same = same && portion.marks().all(|mark| folder.manifest().input_is(mark));
        records = portion.marks().last().map_or(records, |mark| mark.records);
        same
    });
    same && records == folder.mark().records
}

fn tell_taken_away(path: &Path, folder: &Folder) {
    if let Some(file) = folder.taken_away() {
        let what = format!("{}: {file} was taken away: it and the shards after it are made again", path.display());
        progress::say(&what, Level::Warning);
    }
}

/// With `--strict` the problems of shards that are there count as those of shards to come.
fn refuse_problems(arguments: &EmbedArgs, folder: &Folder) -> anyhow::Result<()> {
    let problems = folder.manifest().totals.problems as usize;
    if arguments.input.reading.strict && problems > 0 {
        bail!("{} in the shards that are there, and --strict was given", counted(problems, "problem"));
    }
    Ok(())
}

/// The last shard, for a log.
fn written(manifest: &Manifest) -> String {
    let last = manifest.shards.last().map(|record| (record.file.as_str(), record.totals.paragraphs));
    let (file, paragraphs) = last.unwrap_or_default();
    format!("{file}: {}, {} so far", counted(paragraphs as usize, "paragraph"), manifest.totals.paragraphs)
}

/// A failure, with what is there all the same.
fn interrupted(error: &ShardsError, folder: &Folder) -> anyhow::Error {
    let Manifest { shards, totals, .. } = folder.manifest();
    let hint = match shards.len() {
        0 => "no shard is finished; the same command begins again".to_owned(),
        count => format!("{} are finished; the same command goes on after them", summed(totals, count)),
    };
    advised(error.to_string(), &hint)
}

fn advised(what: String, hint: &str) -> anyhow::Error {
    Advised { what, hint: hint.to_owned().into() }.into()
}

fn summed(totals: &Totals, shards: usize) -> String {
    let Totals { paragraphs, articles, left_out, .. } = *totals;
    format!(
        "{} of {} ({left_out} left out) in {}",
        counted(paragraphs as usize, "paragraph"),
        counted(articles as usize, "article"),
        counted(shards, "shard")
    )
}

/// What a batch took, step by step.
fn times(summary: &Summary, seconds: f64) -> String {
    let Times { split, embed, tokenise, keep, wait } = summary.times;
    let part = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    format!(
        "{seconds:.1} s: embedding {} (of that or beside it, tokenising {}); beside that, waiting for the input {}, \
         splitting {}, writing {}; {} tokens, {:.0} a second",
        part(embed),
        part(tokenise),
        part(wait),
        part(split),
        part(keep),
        summary.tokens,
        summary.tokens as f64 / seconds.max(1e-3)
    )
}

fn settings(arguments: &EmbedArgs, engine: &Loaded, stream: &Stream) -> anyhow::Result<Settings> {
    let encoder = &engine.encoder;
    let model = engine.mark();
    Ok(Settings {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model,
        device: encoder.device_kind(),
        precision: encoder.precision(),
        vectors: match arguments.vector_type {
            VectorWidth::F32 => VectorType::F32,
            VectorWidth::F16 => VectorType::F16,
        },
        text: !arguments.no_text,
        shard_rows: arguments.shard_rows as usize,
        inputs: input::names(&arguments.input.inputs),
        input_bytes: stream.bytes,
        reading: input::reading_flags(&arguments.input.reading)?,
    })
}

/// Whether the inputs are folders of shards.
///
/// # Errors
/// Where some are and some are not.
pub(super) fn are_shards(inputs: &[PathBuf]) -> anyhow::Result<bool> {
    match (inputs.iter().find(|input| corpus::is_shards(input)), inputs.iter().find(|input| !corpus::is_shards(input)))
    {
        (Some(_), None) => Ok(true),
        (Some(shards), Some(other)) => Err(Misuse(format!(
            "{} holds vectors and {} does not: expected the one kind or the other",
            shards.display(),
            other.display()
        ))
        .into()),
        (None, _) => Ok(false),
    }
}

/// The model that made the vectors of folders, and what they hold.
pub(super) fn open(
    inputs: &[PathBuf],
    reading: &ReadingArgs,
    arguments: &EngineArgs,
    purpose: Use,
) -> anyhow::Result<(Loaded, Corpus)> {
    let (items, embedded, engine) = read(inputs, reading, arguments, purpose)?;
    Ok((engine, Corpus { collection: corpus::gather(items), embedded: Some(embedded) }))
}

/// What folders of vectors hold, article by article, with the model that made them.
pub(super) fn items(
    inputs: &[PathBuf],
    reading: &ReadingArgs,
    arguments: &EngineArgs,
) -> anyhow::Result<(Vec<Item>, Embedded, Loaded)> {
    read(inputs, reading, arguments, Use::Compare)
}

fn read(
    inputs: &[PathBuf],
    reading: &ReadingArgs,
    arguments: &EngineArgs,
    purpose: Use,
) -> anyhow::Result<(Vec<Item>, Embedded, Loaded)> {
    input::refuse_reading(reading, "a folder of vectors")?;
    let opened = Opened::open(inputs)?;
    for (path, manifest) in opened.folders().iter().filter(|(_, manifest)| !manifest.finished) {
        let shards = counted(manifest.shards.len(), "shard");
        let what = format!("{} is not finished: the run that embeds it had {shards} so far", path.display());
        if reading.strict {
            bail!("{what}, and --strict was given");
        }
        progress::say(&what, Level::Warning);
    }
    let Some((path, first)) = opened.folders().first() else { bail!("no folder of vectors") };
    let Settings { model, precision, device, .. } = &first.settings;
    let engine = engine::load_like(arguments, purpose, Made { path, model, precision, device })?;
    let loaded = engine.pool.install(|| opened.load())?;
    let windowed = opened.folders().iter().map(|(_, manifest)| manifest.totals.windowed as usize).sum();
    let device = listed(&opened, |settings| &settings.device);
    let precision = listed(&opened, |settings| &settings.precision);
    Ok((loaded.items, Embedded { vectors: loaded.vectors, windowed, device, precision, memory: None }, engine))
}

/// A setting of all folders, each value once.
fn listed(opened: &Opened, of: fn(&Settings) -> &String) -> String {
    let values: BTreeSet<&str> = opened.folders().iter().map(|(_, manifest)| of(&manifest.settings).as_str()).collect();
    values.into_iter().collect::<Vec<&str>>().join(" and ")
}
