//! `refrain embed`: the vectors of all paragraphs, as JSON lines or `.npy`.

use std::io::{self, Write};
use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use super::args::{EmbedArgs, VectorFormat};
use super::output::Sink;
use super::progress::Bar;
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
    let format = format(arguments);
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

fn format(arguments: &EmbedArgs) -> VectorFormat {
    let ending = arguments.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    arguments.format.unwrap_or(if ending == Some("npy") { VectorFormat::Npy } else { VectorFormat::Jsonl })
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
