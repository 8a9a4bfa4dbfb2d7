//! Reading without holding everything: portions of records in the order of the inputs, split when they are wanted.
//!
//! Each record is marked with how many came before it, the bytes read up to it, and a checksum of all records so far, by
//! which a run that goes on knows that it reads what it read before. Not here: what is done with them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use rayon::prelude::*;

use super::error::CorpusError;
use super::gather::Item;
use super::options::ReadOptions;
use super::read::{self, Draft, Found, Source};
use super::ready::{ready, weight};
use crate::collection::Problem;

/// Records of a portion: enough to split on all cores.
const RECORDS: usize = 1_024;
/// Bytes of text from which a portion is full, whatever its records.
const BYTES: usize = 8 << 20;

/// Inputs that are read in portions.
#[derive(Debug)]
pub struct Stream {
    sources: Vec<Source>,
    options: ReadOptions,
    /// Files of other endings in the folders that were named: not read, which is no problem.
    pub passed_over: Vec<String>,
    /// Bytes of all files as they lie on disk; none with standard input, which does not tell.
    pub bytes: Option<u64>,
}

/// Records read one after the other, not split yet.
#[derive(Debug, Default)]
pub struct Portion {
    records: Vec<(usize, Found, Mark)>,
}

/// How far reading is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Records read, articles and problems alike.
    pub records: u64,
    /// CRC-32 of all that was read of them.
    pub checksum: u32,
    /// Bytes of the files read, as they lie on disk.
    pub bytes: u64,
}

impl Stream {
    /// Finds the files that the inputs name.
    ///
    /// # Errors
    /// As [`read`](super::read).
    pub fn open(inputs: &[PathBuf], options: ReadOptions) -> Result<Self, CorpusError> {
        let (sources, passed_over) = read::sources(inputs, &options)?;
        let size = |source: &Source| fs::metadata(&source.path).map_or(0, |about| about.len());
        let piped = sources.iter().any(Source::is_stdin);
        let bytes = (!piped).then(|| sources.iter().map(size).sum());
        Ok(Self { sources, options, passed_over, bytes })
    }

    /// The files, in the order in which they are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.iter().map(|source| source.path.as_path())
    }

    /// The same inputs without the files that are not among these: what is read of each is what would be read of it among all.
    #[must_use]
    pub fn only(&self, files: &[PathBuf]) -> Self {
        let sources = self.sources.iter().filter(|source| files.contains(&source.path)).cloned().collect();
        Self { sources, options: self.options.clone(), passed_over: Vec::new(), bytes: None }
    }

    /// What is wrong with the options, now that the files are known: entries of the outlets file that name none.
    pub fn problem(&self) -> Option<Problem> {
        self.options.outlets.unused(self.sources.iter().map(Source::known_as))
    }

    /// Reads everything in portions, until `each` wants no more. `stdin` stands in for standard input.
    pub fn read(&self, stdin: impl Read, each: &mut dyn FnMut(Portion) -> bool) {
        let (mut portion, mut mark, mut held, mut before) = (Portion::default(), Mark::default(), 0, (0, 0));
        let mut open = true;
        read::each(&self.sources, &self.options, stdin, &mut |at, found, bytes| {
            if before.0 != at {
                before = (at, mark.bytes);
            }
            held += size(&found);
            let bytes = before.1 + bytes;
            mark = Mark { records: mark.records + 1, checksum: checksum(mark.checksum, &found), bytes };
            portion.records.push((at, found, mark));
            if portion.records.len() >= RECORDS || held >= BYTES {
                held = 0;
                open = each(std::mem::take(&mut portion));
            }
            open
        });
        if open && !portion.records.is_empty() {
            each(portion);
        }
    }

    /// Splits a portion: an item a record, in their order. Runs on the threads of the current rayon pool.
    pub fn split(&self, portion: Portion) -> Vec<(Item, Mark)> {
        let item = |(at, found, mark)| match found {
            Found::Problem(problem) => (Item::Problem(problem), mark),
            Found::Draft(draft) => {
                let article = ready(&self.sources[at], *draft, &self.options.outlets);
                (Item::Article(Box::new(article)), mark)
            }
        };
        portion.records.into_par_iter().map(item).collect()
    }
}

impl Portion {
    /// The marks of its records.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.records.iter().map(|(_, _, mark)| *mark)
    }

    /// Drops the records that were read by a mark.
    pub fn skip_to(&mut self, mark: Mark) {
        self.records.retain(|(_, _, own)| own.records > mark.records);
    }
}

/// About the bytes a record holds.
fn size(found: &Found) -> usize {
    match found {
        Found::Draft(draft) => draft.text.len() + draft.extra.values().map(weight).sum::<usize>(),
        Found::Problem(problem) => problem.what.len(),
    }
}

/// The checksum of all records so far, one more among them.
fn checksum(so_far: u32, found: &Found) -> u32 {
    let mut hasher = Hasher::new_with_initial(so_far);
    match found {
        Found::Draft(draft) => add_draft(&mut hasher, draft),
        Found::Problem(Problem { place, what, .. }) => {
            add(&mut hasher, Some(&place.to_string()));
            add(&mut hasher, Some(what));
        }
    }
    hasher.finalize()
}

fn add_draft(hasher: &mut Hasher, draft: &Draft) {
    let Draft { place, number: _, id, outlet, title, date, url, text, form: _, other_text: _, labels: _, extra } =
        draft;
    add(hasher, Some(&place.to_string()));
    [id, outlet, title, date, url].into_iter().for_each(|part| add(hasher, part.as_deref()));
    add(hasher, Some(text));
    extra.iter().for_each(|(name, value)| add(hasher, Some(&format!("{name}={value}"))));
}

/// A part with its length, so that parts do not run together.
fn add(hasher: &mut Hasher, part: Option<&str>) {
    hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
    hasher.update(part.unwrap_or_default().as_bytes());
}
