//! `refrain embed`: the vectors of all paragraphs, as JSON lines, `.npy`, or a folder of Parquet shards.
//!
//! The input is read as it is embedded, so its size does not matter.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Seek, Write, stdin};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::Serialize;

use super::args::{EmbedArgs, VectorFormat};
use super::engine::{self, Loaded};
use super::output::{Sink, ending};
use super::progress::Misuse;
use super::told::Told;
use super::{input, npy, shards};
use crate::corpus::{Item, Stream};
use crate::library::is_library;
use crate::pipeline::batch::{self, Batch, End, Start, Summary};
use crate::shards::Shard;

/// One line of the JSON lines: documented in docs/formats.md.
#[derive(Serialize)]
struct Line<'a> {
    row: u64,
    article: &'a str,
    outlet: &'a str,
    place: usize,
    text: &'a str,
    vector: Vec<f32>,
}

pub(super) fn run(arguments: &EmbedArgs) -> anyhow::Result<()> {
    let format = format(arguments)?;
    refuse_flags(arguments, format)?;
    if let Some(library) = arguments.input.inputs.iter().find(|input| is_library(input)) {
        let what = format!(
            "{} is a library, which holds its vectors already: expected texts; `refrain nearest` and `report` take it as it is, \
             `refrain reembed` makes its vectors anew, and docs/library.md says how other programs read them",
            library.display()
        );
        return Err(Misuse(what).into());
    }
    if shards::are_shards(&arguments.input.inputs)? {
        let named = input::names(&arguments.input.inputs).join(", ");
        return Err(Misuse(format!("{named} holds vectors already: expected texts")).into());
    }
    if format == VectorFormat::Parquet {
        return shards::embed(arguments);
    }
    if format == VectorFormat::Npy && arguments.output.is_none() && io::stdout().is_terminal() {
        bail!("an .npy file is no text for a terminal: name a file with -o FILE");
    }
    let sink = Sink::open(arguments.output.as_deref())?;
    let engine = engine::load(&arguments.engine)?;
    let stream = Arc::new(input::stream(&arguments.input.inputs, &arguments.input.reading)?);
    let told = Told::new(stream.bytes, arguments.input.reading.strict);
    let work = Work { arguments, engine: &engine, stream: &stream, told: &told };
    match format {
        VectorFormat::Npy => work.npy(sink),
        _ => sink.write_with(|out| {
            work.run(Start::default(), &mut |shard| write_lines(&shard, out).map_err(anyhow::Error::from)).map(drop)
        }),
    }
}

/// A batch that is ready to run.
pub(super) struct Work<'a> {
    pub(super) arguments: &'a EmbedArgs,
    pub(super) engine: &'a Loaded,
    pub(super) stream: &'a Arc<Stream>,
    pub(super) told: &'a Told,
}

impl Work<'_> {
    /// Runs it and hands on its shards. Fails where a problem stops it, or nothing was found.
    pub(super) fn run(
        &self,
        from: Start<'_>,
        keep: &mut dyn FnMut(Shard) -> anyhow::Result<()>,
    ) -> anyhow::Result<Summary> {
        let mut rows = from.rows;
        let batch = Batch {
            stream: self.stream.clone(),
            encoder: &self.engine.encoder,
            pool: &self.engine.pool,
            shard_rows: self.arguments.shard_rows as usize,
            from,
        };
        let summary = batch::run(&batch, stdin(), self.told, &mut |shard| {
            rows += shard.vectors.len() as u64;
            keep(shard)
        });
        self.told.end();
        let summary = summary?;
        match summary.end {
            End::Stopped => bail!("a problem while reading, and --strict was given"),
            End::BrokenOff => bail!("reading the input broke off, which is a fault of refrain's own"),
            End::Whole if rows == 0 => {
                bail!("no paragraph to work on in {}", input::names(&self.arguments.input.inputs).join(", "))
            }
            End::Whole | End::OtherInput => Ok(summary),
        }
    }

    /// An array's head says how long it is, so its rows are put aside until that is known.
    fn npy(&self, sink: Sink) -> anyhow::Result<()> {
        let (mut aside, dim) = (BufWriter::new(sink.scratch()?), self.engine.encoder.dim());
        let mut rows = 0;
        self.run(Start::default(), &mut |shard| {
            rows += shard.vectors.len();
            npy::write_rows(&shard.vectors, &mut aside).context("writing vectors aside, until their number is known")
        })?;
        let mut aside: File = aside.into_inner().map_err(io::IntoInnerError::into_error)?;
        aside.rewind()?;
        sink.write(|out| {
            npy::write_head((rows, dim), out)?;
            io::copy(&mut BufReader::new(aside), out).map(drop)
        })
    }
}

/// The format asked for, else the one the name says, else JSON lines on standard output. A name without an ending is a
/// folder's.
fn format(arguments: &EmbedArgs) -> anyhow::Result<VectorFormat> {
    if let Some(format) = arguments.format {
        return Ok(format);
    }
    let Some(path) = &arguments.output else { return Ok(VectorFormat::Jsonl) };
    if path.is_dir() {
        return Ok(VectorFormat::Parquet);
    }
    match ending(path).as_deref() {
        Some("npy") => Ok(VectorFormat::Npy),
        Some("jsonl" | "ndjson") => Ok(VectorFormat::Jsonl),
        None if is_stream(path) => Ok(VectorFormat::Jsonl),
        None if path.is_file() => Err(Misuse(format!(
            "writing {}: it is a file, and a name without an ending is that of a folder of shards: say --format jsonl or \
             npy to replace it",
            path.display()
        ))
        .into()),
        None => Ok(VectorFormat::Parquet),
        Some("parquet") => Err(Misuse(format!(
            "writing {}: Parquet is written as a folder of shards: name one, without an ending",
            path.display()
        ))
        .into()),
        Some(other) => Err(Misuse(format!(
            "writing {}: no vectors are written as .{other}: expected .jsonl, .npy or a folder, or --format",
            path.display()
        ))
        .into()),
    }
}

/// A device or a pipe, such as /dev/stdout.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| !about.is_dir() && !about.is_file())
}

/// Flags of shards say nothing of other formats.
fn refuse_flags(arguments: &EmbedArgs, format: VectorFormat) -> anyhow::Result<()> {
    if format == VectorFormat::Parquet && arguments.output.is_none() {
        return Err(Misuse("Parquet shards are written to a folder: name it with -o FOLDER".to_owned()).into());
    }
    if format != VectorFormat::Parquet && arguments.no_text {
        return Err(Misuse("--no-text is for Parquet shards: expected -o FOLDER".to_owned()).into());
    }
    if format != VectorFormat::Parquet && arguments.vector_type != super::args::VectorWidth::F32 {
        return Err(Misuse("--vector-type is for Parquet shards: expected -o FOLDER".to_owned()).into());
    }
    Ok(())
}

fn write_lines(shard: &Shard, out: &mut dyn Write) -> io::Result<()> {
    let articles = shard.items.iter().filter_map(|item| match item {
        Item::Article(article) => Some(article),
        Item::Problem(_) => None,
    });
    let paragraphs = articles.flat_map(|split| split.kept.iter().map(move |paragraph| (split, paragraph)));
    for (at, (split, paragraph)) in paragraphs.enumerate() {
        let line = Line {
            row: shard.first_row + at as u64,
            article: &split.article.id,
            outlet: &split.outlet,
            place: paragraph.place,
            text: &paragraph.text,
            vector: shard.vectors.row(at).to_vec(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
