//! A folder that shards are added to, one after the other.
//!
//! What is there is checked before anything is added. Each file is written aside and takes its name when it is on disk;
//! the manifest follows. So a run that is killed leaves finished shards, and the same command goes on after the last.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use parquet::errors::ParquetError;
use rayon::prelude::*;

use super::error::ShardsError;
use super::manifest::{Manifest, Record, SCHEMA, Settings, Totals, hex};
use super::shard::Shard;
use super::{file_name, side, side_name, write};
use crate::corpus::{Mark, is_shards};

/// The manifest's file.
const MANIFEST: &str = "_manifest.json";
/// Held by the run that writes to the folder.
const LOCK: &str = ".lock";
/// What a file is called until it is whole.
const ASIDE: &str = ".aside";

/// A folder that this run writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Manifest,
    taken_away: Option<String>,
    /// Unlocked when it is closed.
    _lock: File,
}

impl Folder {
    /// Opens a folder to write to, new or begun with these settings. Nothing is removed but what a killed run left half.
    /// Where a shard was taken away, it and what follows count as not there: they are written over. Runs on the threads of
    /// the current rayon pool.
    ///
    /// # Errors
    /// [`ShardsError`]: what is there is not ours, was made otherwise, or is damaged; another run writes to it.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, ShardsError> {
        fs::create_dir_all(path).map_err(ShardsError::writing(path))?;
        let begun = is_shards(path);
        if !begun {
            refuse_strangers(path)?;
        }
        let lock = lock(path)?;
        let listed = begun.then(|| read_manifest(path)).transpose()?;
        if let Some(listed) = &listed {
            refuse_foreign(path, &names(path)?, listed)?;
        }
        let manifest = match &listed {
            // One that has no shard yet may be begun otherwise.
            Some(listed) if !listed.shards.is_empty() => {
                refuse_others(path, &listed.settings, &settings)?;
                checked_through(path, listed.clone())?
            }
            _ => Manifest::new(settings),
        };
        let gone = listed.as_ref().and_then(|listed| listed.shards.get(manifest.shards.len()));
        let taken_away = gone.map(|record| record.file.clone());
        let folder = Self { path: path.to_owned(), manifest, taken_away, _lock: lock };
        folder.tidy()?;
        if listed.as_ref() != Some(&folder.manifest) {
            folder.write_manifest()?;
        }
        Ok(folder)
    }

    /// What is finished.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The first shard that was taken away: it and those after it are made again.
    pub fn taken_away(&self) -> Option<&str> {
        self.taken_away.as_deref()
    }

    /// How far the input was read for the shards that are finished, but for the bytes: how far ahead a pipe is read is
    /// chance.
    pub fn mark(&self) -> Mark {
        let last = self.manifest.shards.last();
        last.map_or_else(Mark::default, |record| Mark {
            records: record.input_records,
            checksum: u32::from_str_radix(&record.input_crc32, 16).unwrap_or_default(),
            bytes: 0,
        })
    }

    /// The error of an input that is not what was read for the shards.
    pub fn other_input(&self) -> ShardsError {
        ShardsError::OtherInput { path: self.path.clone() }
    }

    /// Adds the next shard.
    ///
    /// # Errors
    /// [`ShardsError::Io`]: the shards before it stay.
    pub fn add(&mut self, shard: &Shard) -> Result<(), ShardsError> {
        let text = self.manifest.settings.text;
        let (_, side_crc32) = self.write_file(&side_name(shard.number), |out| side::write(&shard.items, text, out))?;
        let file = file_name(shard.number);
        let settings = &self.manifest.settings;
        let (bytes, crc32) = self.write_file(&file, |out| {
            write::write(shard, settings, out).map(drop).map_err(|error| match error {
                ParquetError::External(source) => io::Error::other(source),
                other => io::Error::other(other),
            })
        })?;
        let totals = Totals { windowed: shard.windowed as u64, ..side::totals(&shard.items) };
        let record = Record {
            file,
            bytes,
            crc32: hex(crc32),
            side_crc32: hex(side_crc32),
            totals,
            input_records: shard.mark.records,
            input_crc32: hex(shard.mark.checksum),
        };
        // It counts when the manifest says so.
        let mut manifest = self.manifest.clone();
        manifest.add(record);
        self.write_file(MANIFEST, |out| write_json(&manifest, out))?;
        self.manifest = manifest;
        Ok(())
    }

    /// Says that the input was read to its end.
    ///
    /// # Errors
    /// [`ShardsError::Io`].
    pub fn finish(&mut self) -> Result<(), ShardsError> {
        (self.manifest.finished, self.manifest.shards_before) = (true, None);
        self.write_manifest()
    }

    fn write_manifest(&self) -> Result<(), ShardsError> {
        self.write_file(MANIFEST, |out| write_json(&self.manifest, out)).map(drop)
    }

    /// Writes a file of the folder, whole or not at all: its bytes and their checksum.
    fn write_file(
        &self,
        name: &str,
        write: impl FnOnce(&mut Counted) -> io::Result<()>,
    ) -> Result<(u64, u32), ShardsError> {
        let (path, aside) = (self.path.join(name), self.path.join(format!(".{name}{ASIDE}")));
        let written = (|| {
            let mut out = Counted { out: BufWriter::new(File::create(&aside)?), hasher: Hasher::new(), bytes: 0 };
            write(&mut out)?;
            out.flush()?;
            out.out.get_ref().sync_all()?;
            fs::rename(&aside, &path)?;
            sync(&self.path)?;
            Ok((out.bytes, out.hasher.finalize()))
        })();
        written.map_err(|error| {
            // The error that counts is the first.
            let _ = fs::remove_file(&aside);
            ShardsError::writing(&path)(error)
        })
    }

    /// Removes what a killed run left half.
    fn tidy(&self) -> Result<(), ShardsError> {
        for name in names(&self.path)?.iter().filter(|name| is_aside(name)) {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(ShardsError::writing(&path))?;
        }
        Ok(())
    }
}

/// A file that a killed run left half.
fn is_aside(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(ASIDE)
}

fn write_json(manifest: &Manifest, out: &mut Counted) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, manifest)?;
    out.write_all(b"\n")
}

/// The manifest up to the first shard that was taken away; those before it are what they were.
fn checked_through(path: &Path, mut manifest: Manifest) -> Result<Manifest, ShardsError> {
    let mut whole = 0;
    for number in 0..manifest.shards.len() {
        let there = |name: String| {
            let path = path.join(name);
            path.try_exists().map_err(ShardsError::reading(&path))
        };
        if !there(file_name(number))? || !there(side_name(number))? {
            break;
        }
        whole += 1;
    }
    let records: Vec<(usize, &Record)> = manifest.shards.iter().enumerate().take(whole).collect();
    records.par_iter().try_for_each(|(number, record)| check(path, *number, record))?;
    manifest.cut(whole);
    Ok(manifest)
}

/// Refuses files that are called as shards and are none. In a folder that is not finished the one after the last that is
/// listed was written when a run was killed before it could say so: it counts for nothing, and is written again.
pub(super) fn refuse_foreign(folder: &Path, names: &[String], manifest: &Manifest) -> Result<(), ShardsError> {
    let listed = manifest.shards.len();
    let most = (listed + usize::from(!manifest.finished)).max(manifest.shards_before.unwrap_or_default());
    let number = |name: &str| name.strip_prefix("part-")?.strip_suffix(".parquet")?.parse::<usize>().ok();
    let known = |name: &str| number(name).is_some_and(|number| number < most && name == file_name(number));
    let foreign = names.iter().find(|name| name.ends_with(".parquet") && !known(name));
    foreign.map_or(Ok(()), |name| Err(ShardsError::Foreign { path: folder.join(name), listed }))
}

fn lock(path: &Path) -> Result<File, ShardsError> {
    let held = path.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&held);
    let file = file.map_err(ShardsError::writing(&held))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ShardsError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(ShardsError::writing(&held)(error)),
    }
}

/// The manifest of a folder.
pub(super) fn read_manifest(folder: &Path) -> Result<Manifest, ShardsError> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(ShardsError::reading(&path))?;
    let bad = |what: String| ShardsError::Manifest { path: path.clone(), what };
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(|error| bad(format!("not JSON: {error}")))?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {
            let manifest: Manifest = serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
            manifest.fault().map_or(Ok(manifest), |what| Err(bad(what)))
        }
        Some(other) => Err(bad(format!("found the schema \"{other}\", expected \"{SCHEMA}\""))),
        None => Err(bad(format!("no \"schema\": expected \"{SCHEMA}\""))),
    }
}

fn refuse_others(path: &Path, found: &Settings, asked: &Settings) -> Result<(), ShardsError> {
    match found.difference(asked) {
        None => Ok(()),
        Some((what, found, asked)) => Err(ShardsError::OtherSettings { path: path.to_owned(), what, found, asked }),
    }
}

/// Refuses a folder that holds what we did not write.
fn refuse_strangers(path: &Path) -> Result<(), ShardsError> {
    let strange = names(path)?.into_iter().find(|name| name != LOCK && !is_aside(name));
    strange.map_or(Ok(()), |found| Err(ShardsError::NotOurs { path: path.to_owned(), found, expected: MANIFEST }))
}

/// Names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, ShardsError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(ShardsError::reading(folder))?;
    let mut names: Vec<String> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

fn check(folder: &Path, number: usize, record: &Record) -> Result<(), ShardsError> {
    for (name, crc32) in [(file_name(number), &record.crc32), (side_name(number), &record.side_crc32)] {
        checked(&folder.join(name), crc32)?;
    }
    Ok(())
}

/// The bytes of a file that is what the manifest says.
pub(super) fn checked(path: &Path, crc32: &str) -> Result<Vec<u8>, ShardsError> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ShardsError::damaged(path, "listed in the manifest and not there"));
        }
        read => read.map_err(ShardsError::reading(path))?,
    };
    let found = hex(crc32fast::hash(&bytes));
    if found == crc32 {
        return Ok(bytes);
    }
    let count = bytes.len();
    Err(ShardsError::damaged(path, format!("damaged: {count} bytes of CRC-32 {found}, expected {crc32}")))
}

/// A renamed file is there after a loss of power too.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A file that counts and sums what is written to it.
struct Counted {
    out: BufWriter<File>,
    hasher: Hasher,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
