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
        let empty = std::fs::metadata(path).map_or(true, |about| about.is_file() && about.len() == 0);
        if empty {
            create(path, made_by)?;
        }
        Self::open(path)
    }

    /// Opens a library to read and write.
    ///
    /// # Errors
    /// [`LibraryError::Missing`], [`LibraryError::Foreign`], [`LibraryError::Newer`], [`LibraryError::Damaged`],
    /// [`LibraryError::ReadOnly`], [`LibraryError::Busy`].
    pub fn open(path: &Path) -> Result<Self, LibraryError> {
        let library = Self::open_to_read(path)?;
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
        refuse_foreign(path)?;
        let told = |error| LibraryError::of_sql(path, error);
        // Where it may, SQLite undoes what a killed run left half; else it opens to read alone.
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(told)?;
        let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(told)?;
        if format > FORMAT {
            return Err(LibraryError::Newer { path: path.to_owned(), found: format, known: FORMAT });
        }
        let made_by = made_by(&connection).map_err(told)?;
        let writable = !connection.is_readonly("main").map_err(told)?;
        Ok(Self { connection, path: path.to_owned(), made_by, writable, patience: PATIENCE })
    }

    /// Waits so long for other programs' writing, instead of twenty seconds.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn with_patience(mut self, seconds: u64) -> Result<Self, LibraryError> {
        self.told(self.connection.busy_timeout(Duration::from_secs(seconds)))?;
        self.patience = seconds;
        Ok(self)
    }

    /// A transaction that writes: it begins when no one else writes, and what is not committed is undone.
    pub(super) fn write(&mut self) -> Result<Transaction<'_>, LibraryError> {
        let (path, seconds) = (&self.path, self.patience);
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        begun.map_err(|error| match LibraryError::of_sql(path, error) {
            LibraryError::Busy { path, .. } => LibraryError::Busy { path, seconds },
            other => other,
        })
    }

    /// A transaction that reads: one state of the library, whatever is written meanwhile.
    pub(super) fn read(&self) -> Result<Transaction<'_>, LibraryError> {
        self.told(self.connection.unchecked_transaction())
    }

    /// Refuses vectors that another model made, or the same one asked otherwise.
    ///
    /// # Errors
    /// [`LibraryError::OtherModel`].
    pub fn refuse_other(&self, given: &MadeBy) -> Result<(), LibraryError> {
        let (MadeBy { model: held, precision: own, .. }, MadeBy { model: given, precision, .. }) =
            (&self.made_by, given);
        let named = |mark: &ModelMark| format!("{} (files of CRC-32 {})", mark.name, mark.crc32);
        let differ = [
            ("the model", held.crc32 != given.crc32, named(held), named(given)),
            ("so many components:", held.dim != given.dim, held.dim.to_string(), given.dim.to_string()),
            (
                "texts after the prompt",
                held.prompt != given.prompt,
                format!("{:?}", held.prompt),
                format!("{:?}", given.prompt),
            ),
            ("the precision", own != precision, own.clone(), precision.clone()),
        ];
        match differ.into_iter().find(|(_, differs, ..)| *differs) {
            None => Ok(()),
            Some((what, _, held, given)) => {
                Err(LibraryError::OtherModel { path: self.path.clone(), what, held, given })
            }
        }
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
        Ok(about) if about.len() == 0 => found("an empty file"),
        Ok(_) if is_library(path) => Ok(()),
        Ok(_) => match File::open(path) {
            Err(source) => Err(LibraryError::Io { path: path.to_owned(), source }),
            Ok(_) => found("another kind of file"),
        },
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(PATIENCE))?;
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
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags).map_err(told)?;
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
