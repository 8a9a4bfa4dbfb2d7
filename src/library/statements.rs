//! Vectors of statements that a report compared, kept so that the next one embeds what is new alone.
//!
//! A text is known by the XXH3 (128 bits) of the prompt before it and itself. What is kept is what the last reports asked
//! for; it is no part of what the library holds: it counts as no change, and where it is missing it is made again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension};
use twox_hash::xxhash3_128::Hasher;

use super::load::floats;
use super::{Library, LibraryError};
use crate::pipeline::Memory;
use crate::vectors::UnitRows;

/// Where there are so many times as many as a report asked for, the others go.
const TIMES: usize = 3;
/// What makes them again.
pub(super) const EMPTY: &str = "DELETE FROM statement";

/// The memory of a library.
#[derive(Debug)]
pub struct Statements {
    path: PathBuf,
    writes: bool,
}

impl Statements {
    /// Of a library; one that only reads keeps nothing.
    pub fn of(library: &Library, writes: bool) -> Self {
        Self { path: library.path.clone(), writes: writes && library.writable }
    }
}

impl Memory for Statements {
    fn recall(&self, prompt: &str, texts: &[&str]) -> Result<Vec<(usize, Vec<f32>)>, String> {
        let library = Library::open_to_read(&self.path).map_err(|error| error.to_string())?;
        library.statements(prompt, texts).map_err(|error| error.to_string())
    }

    fn keep(&self, prompt: &str, texts: &[&str], vectors: &UnitRows, new: &[usize]) -> Result<(), String> {
        if !self.writes || new.is_empty() {
            return Ok(());
        }
        let mut library = Library::open(&self.path).map_err(|error| error.to_string())?;
        library.keep_statements(prompt, texts, (vectors, new)).map_err(|error| error.to_string())
    }
}

impl Library {
    /// The vectors kept of texts: their places, ascending, and one unit vector each.
    fn statements(&self, prompt: &str, texts: &[&str]) -> Result<Vec<(usize, Vec<f32>)>, LibraryError> {
        let transaction = self.read()?;
        let mut found = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            if let Some(vector) = self.told(kept(&transaction, &key(prompt, text)))? {
                found.push((at, vector));
            }
        }
        Ok(found)
    }

    fn keep_statements(
        &mut self,
        prompt: &str,
        texts: &[&str],
        (vectors, new): (&UnitRows, &[usize]),
    ) -> Result<(), LibraryError> {
        let path = self.path.clone();
        let transaction = self.write()?;
        let keys: Vec<[u8; 16]> = texts.iter().map(|text| key(prompt, text)).collect();
        let rows: Vec<(&[u8; 16], Vec<f32>)> = new.iter().map(|&at| (&keys[at], vectors.row(at).to_vec())).collect();
        let written = put(&transaction, &rows).and_then(|()| prune(&transaction, &keys));
        written.and_then(|()| transaction.commit()).map_err(|error| LibraryError::of_sql(&path, error))
    }
}

fn key(prompt: &str, text: &str) -> [u8; 16] {
    let mut hasher = Hasher::new();
    hasher.write(&(prompt.len() as u64).to_le_bytes());
    hasher.write(prompt.as_bytes());
    hasher.write(text.as_bytes());
    hasher.finish_128().to_le_bytes()
}

/// None where there is none, or not what was written.
fn kept(connection: &Connection, key: &[u8; 16]) -> rusqlite::Result<Option<Vec<f32>>> {
    let mut row = connection.prepare_cached("SELECT vector, crc32 FROM statement WHERE hash = ?1")?;
    let found = row.query_row([key], |row| {
        let vector = row.get_ref(0)?.as_blob()?;
        let whole = i64::from(crc32fast::hash(vector)) == row.get::<_, i64>(1)?;
        Ok(whole.then(|| floats(vector).collect()))
    });
    Ok(found.optional()?.flatten())
}

fn put(connection: &Connection, rows: &[(&[u8; 16], Vec<f32>)]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO statement (hash, vector, crc32) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare(sql)?;
    for (key, vector) in rows {
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        insert.execute((key, &bytes, crc32fast::hash(&bytes)))?;
    }
    Ok(())
}

/// Removes what this run did not ask for, where that is most of what there is.
fn prune(connection: &Connection, asked: &[[u8; 16]]) -> rusqlite::Result<()> {
    let held: i64 = connection.query_row("SELECT count(*) FROM statement", [], |row| row.get(0))?;
    if held as usize <= TIMES * asked.len() {
        return Ok(());
    }
    let asked: BTreeSet<&[u8; 16]> = asked.iter().collect();
    let mut all = connection.prepare("SELECT id, hash FROM statement")?;
    let all: Vec<(i64, [u8; 16])> =
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut remove = connection.prepare("DELETE FROM statement WHERE id = ?1")?;
    for (id, _) in all.iter().filter(|(_, hash)| !asked.contains(hash)) {
        remove.execute([id])?;
    }
    Ok(())
}
