//! Making and opening the file: its format, what made its vectors, and how SQLite is to treat it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::error::{LibraryError, PATIENCE};
use super::rows::unreadable;
use super::{Library, MadeBy};
use crate::model::ModelMark;

/// "Rfrn".
const APPLICATION: i32 = 0x5266_726e;
/// The format that is written, and the latest that is read.
pub(super) const FORMAT: i64 = 1;
/// How every SQLite file begins, and where it holds the application's number.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const APPLICATION_AT: usize = 68;
const PAGE: u32 = 8_192;
const SCHEMA: &str = include_str!("schema.sql");

/// Whether a path is a library, by its first bytes.
pub fn is_library(path: &Path) -> bool {
    let mut head = [0; APPLICATION_AT + 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(MAGIC) && head.ends_with(&APPLICATION.to_be_bytes())
}

impl Library {
    /// Opens a library to read and write, or makes one for the vectors of a model where there is no file of the name.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn open_or_create(path: &Path, made_by: &MadeBy) -> Result<Self, LibraryError> {
        match Self::open(path) {
            Err(LibraryError::Missing { .. } | LibraryError::Empty { .. }) => {
                create(path, made_by)?;
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// Opens a library to read and write.
    ///
    /// # Errors
    /// [`LibraryError::Missing`], [`LibraryError::Empty`], [`LibraryError::Foreign`], [`LibraryError::Newer`],
    /// [`LibraryError::Damaged`], [`LibraryError::ReadOnly`], [`LibraryError::Busy`].
    pub fn open(path: &Path) -> Result<Self, LibraryError> {
        Self::open_within(path, PATIENCE)
    }

    /// As [`Library::open`], waiting so many seconds at most for another program that is using it, then and later.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn open_within(path: &Path, seconds: u64) -> Result<Self, LibraryError> {
        let library = Self::open_to_read_within(path, seconds)?;
        match library.writable {
            true => Ok(library),
            false => Err(LibraryError::ReadOnly { path: path.to_owned(), why: "the file is read-only" }),
        }
    }

    /// Opens a library to read, whatever the file and its folder allow.
    ///
    /// # Errors
    /// As [`Library::open`], but for [`LibraryError::ReadOnly`].
    pub fn open_to_read(path: &Path) -> Result<Self, LibraryError> {
        Self::open_to_read_within(path, PATIENCE)
    }

    /// As [`Library::open_to_read`], waiting so many seconds at most.
    ///
    /// # Errors
    /// As [`Library::open_to_read`].
    pub fn open_to_read_within(path: &Path, seconds: u64) -> Result<Self, LibraryError> {
        refuse_foreign(path)?;
        let told = |error| LibraryError::of_sql(path, error);
        // Where it may, SQLite undoes what a killed run left half; else it opens to read alone.
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, seconds).map_err(told)?;
        let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(told)?;
        match format {
            // What was undone was its making.
            0 => return Err(LibraryError::Empty { path: path.to_owned() }),
            1..=FORMAT => {}
            _ => return Err(LibraryError::Newer { path: path.to_owned(), found: format, known: FORMAT }),
        }
        let made_by = made_by(&connection).map_err(told)?;
        let writable = !connection.is_readonly("main").map_err(told)?;
        Ok(Self { connection, path: path.to_owned(), made_by, writable })
    }

    /// A transaction that writes: it begins when no one else writes, and what is not committed is undone. Refused where the
    /// library was moved to another model since it was opened: what the caller made does not belong there.
    pub(super) fn write(&mut self) -> Result<Transaction<'_>, LibraryError> {
        let (path, own) = (&self.path, &self.made_by);
        let told = |error| LibraryError::of_sql(path, error);
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        refuse_moved(path, own, &made_by(&begun).map_err(told)?)?;
        Ok(begun)
    }

    /// A transaction that reads: one state of the library, whatever is written meanwhile. Refused as [`Library::write`].
    pub(super) fn read(&self) -> Result<Transaction<'_>, LibraryError> {
        let begun = self.told(self.connection.unchecked_transaction())?;
        refuse_moved(&self.path, &self.made_by, &self.told(made_by(&begun))?)?;
        Ok(begun)
    }

    /// Refuses vectors that another model made, or the same one asked otherwise.
    ///
    /// # Errors
    /// [`LibraryError::OtherModel`].
    pub fn refuse_other(&self, given: &MadeBy) -> Result<(), LibraryError> {
        refuse_moved(&self.path, given, &self.made_by)
    }
}

/// Refuses what a model made, where the vectors that are held are another's.
fn refuse_moved(path: &Path, given: &MadeBy, held: &MadeBy) -> Result<(), LibraryError> {
    let (own, precision) = (&held.precision, &given.precision);
    let (held, given) = (&held.model, &given.model);
    let named = |mark: &ModelMark| format!("{} (files of CRC-32 {})", mark.name, mark.crc32);
    let prompt = |mark: &ModelMark| format!("{:?}", mark.prompt);
    let differ = [
        ("the model", held.crc32 != given.crc32, named(held), named(given)),
        ("so many components:", held.dim != given.dim, held.dim.to_string(), given.dim.to_string()),
        ("texts after the prompt", held.prompt != given.prompt, prompt(held), prompt(given)),
        ("the precision", own != precision, own.clone(), precision.clone()),
    ];
    match differ.into_iter().find(|(_, differs, ..)| *differs) {
        None => Ok(()),
        Some((what, _, held, given)) => Err(LibraryError::OtherModel { path: path.to_owned(), what, held, given }),
    }
}

fn refuse_foreign(path: &Path) -> Result<(), LibraryError> {
    let found = |found: &str| Err(LibraryError::Foreign { path: path.to_owned(), found: found.to_owned() });
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(LibraryError::Missing { path: path.to_owned() })
        }
        Err(source) => Err(LibraryError::Io { path: path.to_owned(), source }),
        Ok(about) if about.is_dir() => found("a folder"),
        Ok(about) if about.is_file() && about.len() == 0 => Err(LibraryError::Empty { path: path.to_owned() }),
        Ok(_) if is_library(path) => Ok(()),
        Ok(_) => match File::open(path) {
            Err(source) => Err(LibraryError::Io { path: path.to_owned(), source }),
            Ok(_) => found("another kind of file"),
        },
    }
}

fn connect(path: &Path, flags: OpenFlags, seconds: u64) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(seconds))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A transaction that outgrows the cache would lock readers out long before it is committed.
    connection.pragma_update(None, "cache_spill", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // A file from anywhere: its schema may call nothing that reaches beyond it.
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Makes the file. Whoever comes second finds it made.
fn create(path: &Path, made_by: &MadeBy) -> Result<(), LibraryError> {
    let told = |error| LibraryError::of_sql(path, error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(LibraryError::NoFolder { path: path.to_owned(), folder: folder.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags, PATIENCE).map_err(told)?;
    // Vectors of an article are some tens of kilobytes in one piece: larger pages than SQLite's own 4 KiB.
    connection.pragma_update(None, "page_size", PAGE).map_err(told)?;
    let identity = identity().map_err(|source| LibraryError::Io { path: path.to_owned(), source })?;
    let mut meta = vec![("id", identity), ("changes", "0".to_owned())];
    meta.extend(meta_of(made_by).map_err(told)?);
    fill(&mut connection, &meta).map_err(told)
}

fn fill(connection: &mut Connection, meta: &[(&str, String)]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let made: bool = transaction.query_row("SELECT count(*) > 0 FROM sqlite_schema", [], |row| row.get(0))?;
    if made {
        return Ok(());
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.execute_batch(SCHEMA)?;
    for (key, value) in meta {
        transaction.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", [key, &value.as_str()])?;
    }
    transaction.commit()
}

/// What made the vectors, as the table `meta` has it.
pub(super) fn meta_of(made_by: &MadeBy) -> rusqlite::Result<Vec<(&'static str, String)>> {
    let MadeBy { model, precision, source } = made_by;
    let model = serde_json::to_string(model).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let source = source.clone().unwrap_or_default();
    Ok(vec![("model", model), ("precision", precision.clone()), ("source", source)])
}

fn made_by(connection: &Connection) -> rusqlite::Result<MadeBy> {
    let model = serde_json::from_str(&meta(connection, "model")?);
    Ok(MadeBy {
        model: model.map_err(|error| unreadable(0, error.to_string()))?,
        precision: meta(connection, "precision")?,
        source: Some(meta(connection, "source")?).filter(|source| !source.is_empty()),
    })
}

/// 128 random bits, in hexadecimal.
fn identity() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// A value of the table `meta`.
pub(super) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<String> {
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
}

/// How often the library changed.
pub(super) fn changes(connection: &Connection) -> rusqlite::Result<u64> {
    let value: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE key = 'changes'", [], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

/// Counts a change: part of every transaction that makes one.
pub(super) fn count_change(connection: &Connection) -> rusqlite::Result<()> {
    let next = changes(connection)? + 1;
    connection.execute("UPDATE meta SET value = ?1 WHERE key = 'changes'", [next.to_string()]).map(drop)
}
