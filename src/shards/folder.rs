//! A folder that shards are added to, one after the other.
//!
//! What is there is checked before anything is added. Each file is written aside and takes its name when it is on disk;
//! the manifest follows. So a run that is killed leaves finished shards, and the same command goes on after the last.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher;
use parquet::errors::ParquetError;

use super::error::ShardsError;
use super::manifest::{Manifest, Record, SCHEMA, Settings, Totals, hex};
use super::shard::Shard;
use super::{file_name, side, side_name, write};
use crate::corpus::{Mark, SHARDS_MANIFEST as MANIFEST};

/// Held by the run that writes to the folder.
const LOCK: &str = ".lock";
/// What a file is called until it is whole.
const ASIDE: &str = ".aside";

/// A folder that this run writes to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Manifest,
    /// Unlocked when it is closed.
    _lock: File,
}

/// Whether a path is a folder of shards.
pub fn is_shards(path: &Path) -> bool {
    path.join(MANIFEST).is_file()
}

impl Folder {
    /// Opens a folder to write to, new or begun with these settings. Nothing is removed but what a killed run left half.
    ///
    /// # Errors
    /// [`ShardsError`]: what is there is not ours, was made otherwise, or is damaged; another run writes to it.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, ShardsError> {
        fs::create_dir_all(path).map_err(ShardsError::writing(path))?;
        let lock = lock(path)?;
        let manifest = if is_shards(path) {
            let manifest = read_manifest(path)?;
            refuse_others(path, &manifest.settings, &settings)?;
            checked_through(path, manifest)?
        } else {
            refuse_strangers(path)?;
            Manifest::new(settings)
        };
        let folder = Self { path: path.to_owned(), manifest, _lock: lock };
        folder.tidy()?;
        folder.write_manifest()?;
        Ok(folder)
    }

    /// What is finished.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
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
        self.manifest.add(Record {
            file,
            bytes,
            crc32: hex(crc32),
            side_crc32: hex(side_crc32),
            totals,
            input_records: shard.mark.records,
            input_crc32: hex(shard.mark.checksum),
        });
        self.write_manifest()
    }

    /// Says that the input was read to its end.
    ///
    /// # Errors
    /// [`ShardsError::Io`].
    pub fn finish(&mut self) -> Result<(), ShardsError> {
        self.manifest.finished = true;
        self.write_manifest()
    }

    fn write_manifest(&self) -> Result<(), ShardsError> {
        self.write_file(MANIFEST, |out| {
            serde_json::to_writer_pretty(&mut *out, &self.manifest)?;
            out.write_all(b"\n")
        })
        .map(drop)
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
        for name in names(&self.path)?.iter().filter(|name| name.ends_with(ASIDE) && name.starts_with('.')) {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(ShardsError::writing(&path))?;
        }
        Ok(())
    }
}

/// A manifest of whose shards all are what it says. From the first that was taken away on they are to be made again.
fn checked_through(path: &Path, mut manifest: Manifest) -> Result<Manifest, ShardsError> {
    refuse_foreign(path, manifest.shards.len())?;
    let gone = |number: &usize| !path.join(file_name(*number)).exists();
    let whole = (0..manifest.shards.len()).find(gone).unwrap_or(manifest.shards.len());
    let again = whole..manifest.shards.len();
    manifest.shards.iter().take(whole).enumerate().try_for_each(|(number, record)| check(path, number, record))?;
    for number in again {
        let path = path.join(file_name(number));
        if path.exists() {
            fs::remove_file(&path).map_err(ShardsError::writing(&path))?;
        }
    }
    manifest.cut(whole);
    Ok(manifest)
}

/// Refuses files that are called as shards and are none. The one after the last that is listed was finished when a run
/// was killed before it could say so: it counts for nothing, and is written again.
pub(super) fn refuse_foreign(folder: &Path, listed: usize) -> Result<(), ShardsError> {
    let known = |name: &String| (0..=listed).any(|number| *name == file_name(number));
    let foreign = names(folder)?.into_iter().find(|name| name.ends_with(".parquet") && !known(name));
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
        Some(SCHEMA) => serde_json::from_value(value).map_err(|error| bad(error.to_string())),
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
    let strange = names(path)?.into_iter().find(|name| name != LOCK && !name.ends_with(ASIDE));
    strange.map_or(Ok(()), |found| Err(ShardsError::NotOurs { path: path.to_owned(), found, expected: MANIFEST }))
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>, ShardsError> {
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
