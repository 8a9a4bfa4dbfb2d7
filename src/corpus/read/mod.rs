//! From what the user named to drafts of articles: one reader a format.
//!
//! Every fault stays with its file and line, and the next file or line is read. Not here: cutting
//! texts into paragraphs (`split`), outlets and ids (`gather`).

mod batch;
mod bytes;
mod decode;
mod document;
mod draft;
mod fault;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_off.rs"]
mod parquet;
mod sniff;
mod table;
mod walk;

use std::fs::File;
use std::io::{self, Read};

use rayon::prelude::*;

pub(super) use batch::Batch;
pub(super) use draft::{Draft, Form, listed};
pub(super) use walk::{Source, sources};

use self::bytes::{peek, unpacked};
use self::fault::Fault;
use super::format::Format;
use super::options::ReadOptions;

/// Reads every source, several at a time; batches are in the order of the sources.
pub(super) fn batches(sources: &[Source], options: &ReadOptions, stdin: impl Read) -> Vec<Batch> {
    let piped = sources.iter().find(|source| source.is_stdin()).map(|source| batch(source, stdin, options));
    let of_file = |source: &Source| match File::open(&source.path) {
        _ if source.is_stdin() => Batch::default(),
        Ok(file) => batch(source, file, options),
        Err(error) => Batch::lost(source, &Fault::Io(error)),
    };
    let mut batches: Vec<Batch> = sources.par_iter().map(of_file).collect();
    if let (Some(at), Some(piped)) = (sources.iter().position(Source::is_stdin), piped) {
        batches[at] = piped;
    }
    batches
}

/// The text of some bytes, whatever their encoding.
pub(super) fn text(bytes: &[u8]) -> io::Result<String> {
    let decoded =
        decode::decode(bytes).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault.to_string()))?;
    Ok(decoded.text.trim_start_matches('\u{feff}').to_owned())
}

fn batch(source: &Source, raw: impl Read, options: &ReadOptions) -> Batch {
    let opened = unpacked(raw).and_then(|raw| peek(raw, sniff::SNIFFED));
    let (head, raw) = match opened {
        Ok(opened) => opened,
        Err(error) => return Batch::lost(source, &Fault::Io(error)),
    };
    match source.format.unwrap_or_else(|| sniff::sniff(&head)) {
        Format::JsonLines => json::read_lines(source, raw, options),
        Format::Json => json::read_document(source, raw, options),
        Format::Csv => table::read(source, raw, b',', options),
        Format::Tsv => table::read(source, raw, b'\t', options),
        Format::Parquet => parquet::read(source, options),
        form @ (Format::Plain | Format::Markdown | Format::Html) => document::read(source, raw, form, options),
    }
}
