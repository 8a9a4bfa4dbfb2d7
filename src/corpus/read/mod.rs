//! From what the user named to drafts of articles: one reader a format.
//!
//! Every fault stays with its file and line, and the next file or line is read. Not here: cutting
//! texts into paragraphs (`split`), outlets and ids (`gather`).

mod bytes;
mod decode;
mod document;
mod draft;
mod fault;
mod intake;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet_off.rs"]
mod parquet;
mod sniff;
mod table;
mod walk;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};

use rayon::prelude::*;

pub(super) use draft::{Draft, Form, listed};
pub(super) use intake::Found;
pub(super) use walk::{Source, is_shards, sources};

use self::bytes::{peek, unpacked};
use self::fault::Fault;
use self::intake::Intake;
use super::format::Format;
use super::options::ReadOptions;
use crate::collection::Problem;

/// Reads every source, several at a time; what each held is in the order of the sources.
pub(super) fn all(sources: &[Source], options: &ReadOptions, stdin: impl Read) -> Vec<Vec<Found>> {
    let piped = sources.iter().find(|source| source.is_stdin()).map(|source| collected(source, stdin, options));
    let of_file = |source: &Source| if source.is_stdin() { Vec::new() } else { collected_file(source, options) };
    let mut found: Vec<Vec<Found>> = sources.par_iter().map(of_file).collect();
    if let (Some(at), Some(piped)) = (sources.iter().position(Source::is_stdin), piped) {
        found[at] = piped;
    }
    found
}

fn collected_file(source: &Source, options: &ReadOptions) -> Vec<Found> {
    match File::open(&source.path) {
        Ok(file) => collected(source, file, options),
        Err(error) => {
            let (place, what) = (source.place(None), Fault::Io(error).to_string());
            vec![Found::Problem(Problem { place, what, lost: true })]
        }
    }
}

fn collected(source: &Source, raw: impl Read, options: &ReadOptions) -> Vec<Found> {
    let mut found = Vec::new();
    let mut take = |one| {
        found.push(one);
        true
    };
    one(&mut Intake::new(&mut take), source, raw, options, &Cell::new(0));
    found
}

/// Reads one source after the other, and hands on what is found with the number of its source and the bytes read of its source so far, packed as it
/// is, until `take` wants no more.
pub(super) fn each(
    sources: &[Source],
    options: &ReadOptions,
    mut stdin: impl Read,
    take: &mut dyn FnMut(usize, Found, u64) -> bool,
) {
    for (at, source) in sources.iter().enumerate() {
        let read = Cell::new(0);
        let mut open = true;
        let mut hand_on = |found| {
            open = take(at, found, read.get());
            open
        };
        let mut intake = Intake::new(&mut hand_on);
        if source.is_stdin() {
            one(&mut intake, source, Metered { raw: &mut stdin, read: &read }, options, &read);
        } else {
            match File::open(&source.path) {
                Ok(raw) => one(&mut intake, source, Metered { raw, read: &read }, options, &read),
                Err(error) => intake.lose(source.place(None), &Fault::Io(error)),
            }
        }
        if !open {
            return;
        }
    }
}

/// Counts the bytes that pass.
struct Metered<'a, R> {
    raw: R,
    read: &'a Cell<u64>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.raw.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// The text of some bytes, whatever their encoding.
pub(super) fn text(bytes: &[u8]) -> io::Result<String> {
    let decoded =
        decode::decode(bytes).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault.to_string()))?;
    Ok(decoded.text.trim_start_matches('\u{feff}').to_owned())
}

/// Reads one source; `read` counts the bytes of it that passed.
fn one(intake: &mut Intake<'_>, source: &Source, raw: impl Read, options: &ReadOptions, read: &Cell<u64>) {
    let opened = unpacked(raw).and_then(|raw| peek(raw, sniff::SNIFFED));
    let (head, raw) = match opened {
        Ok(opened) => opened,
        Err(error) => return intake.lose(source.place(None), &Fault::Io(error)),
    };
    match source.format.unwrap_or_else(|| sniff::sniff(&head)) {
        Format::JsonLines => json::read_lines(intake, source, raw, options),
        Format::Json => json::read_document(intake, source, raw, options),
        Format::Csv => table::read(intake, source, raw, b',', options),
        Format::Tsv => table::read(intake, source, raw, b'\t', options),
        Format::Parquet => parquet::read(intake, source, options, read),
        form @ (Format::Plain | Format::Markdown | Format::Html) => {
            document::read(intake, source, raw, form, options);
        }
    }
}
