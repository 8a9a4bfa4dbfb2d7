//! `refrain embed`: the vectors of all paragraphs, as JSON lines or `.npy`.

use std::io::{self, Write};

use anyhow::bail;
use serde::Serialize;

use super::args::{EmbedArgs, VectorFormat};
use super::output::{Sink, ending};
use super::progress::{Bar, Misuse};
use super::{engine, input, npy};
use crate::collection::Collection;
use crate::pipeline;
use crate::vectors::UnitRows;

/// One line of the JSON lines: documented in docs/formats.md.
#[derive(Serialize)]
struct Line<'a> {
    row: usize,
    article: &'a str,
    outlet: &'a str,
    place: usize,
    text: &'a str,
    vector: Vec<f32>,
}

pub(super) fn run(arguments: &EmbedArgs) -> anyhow::Result<()> {
    let format = format(arguments)?;
    if format == VectorFormat::Npy && arguments.output.is_none() && io::IsTerminal::is_terminal(&io::stdout()) {
        bail!("an .npy file is no text for a terminal: name a file with -o FILE");
    }
    let sink = Sink::open(arguments.output.as_deref())?;
    let engine = engine::load(&arguments.engine)?;
    let collection = input::read(&arguments.input.inputs, &arguments.input.reading)?;
    let texts: Vec<&str> = collection.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let embed = || pipeline::embed(&engine.encoder, "embedding paragraphs", &texts, &Bar::default());
    let (vectors, _) = engine.pool.install(embed)?;
    sink.write(|out| match format {
        VectorFormat::Npy => npy::write(&vectors, out),
        VectorFormat::Jsonl => write_lines(&collection, &vectors, out),
    })
}

/// The format asked for, else the one the file's ending names, else JSON lines.
fn format(arguments: &EmbedArgs) -> anyhow::Result<VectorFormat> {
    if let Some(format) = arguments.format {
        return Ok(format);
    }
    let Some(path) = &arguments.output else { return Ok(VectorFormat::Jsonl) };
    match ending(path).as_deref() {
        Some("npy") => Ok(VectorFormat::Npy),
        None | Some("jsonl" | "ndjson") => Ok(VectorFormat::Jsonl),
        Some(other) => Err(Misuse(format!(
            "writing {}: no vectors are written as .{other}: expected .jsonl or .npy, or --format",
            path.display()
        ))
        .into()),
    }
}

fn write_lines(collection: &Collection, vectors: &UnitRows, out: &mut dyn Write) -> io::Result<()> {
    for (row, paragraph) in collection.paragraphs.iter().enumerate() {
        let line = Line {
            row,
            article: &collection.article_of(row).id,
            outlet: collection.outlet_name(collection.outlet_of(row)),
            place: paragraph.place,
            text: &paragraph.text,
            vector: vectors.row(row).to_vec(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
