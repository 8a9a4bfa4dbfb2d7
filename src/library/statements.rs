//! Vectors of statements that a report compared, kept so that the next one embeds what is new alone.
//!
//! A text is known by the XXH3 (128 bits) of the model that embedded it, the manner and itself. What is kept is what the
//! last reports asked for; it is no part of what the library holds: it counts as no change, and where it is missing it is
//! made again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;
use twox_hash::xxhash3_128::Hasher;

use super::load::floats;
use super::{Library, LibraryError, MadeBy};
use crate::model::ModelMark;
use crate::pipeline::Memory;
use crate::vectors::UnitRows;

/// Where there are so many times as many as a report asked for, the others go.
const TIMES: usize = 3;
/// Vectors written in one transaction.
const PORTION: usize = 4_096;
/// Seconds that another program which writes is waited for: what is not kept is made again.
const PATIENCE: u64 = 2;
/// Removes all of them.
pub(super) const EMPTY: &str = "DELETE FROM statement";

type Key = [u8; 16];

/// The memory of a library.
#[derive(Debug)]
pub struct Statements {
    path: PathBuf,
    model: ModelMark,
    /// Where nothing is written: what the last report asked for.
    held: Option<Mutex<FxHashMap<Key, Vec<f32>>>>,
}

impl Statements {
    /// What reports leave in a library.
    pub fn of(library: &Library) -> Self {
        Self { path: library.path.clone(), model: library.made_by.model.clone(), held: None }
    }

    /// The same of a library and what made its vectors, but writing nothing: what the library lacks is held in memory.
    pub fn held(path: &Path, made_by: &MadeBy) -> Self {
        Self { path: path.to_owned(), model: made_by.model.clone(), held: Some(Mutex::default()) }
    }

    fn keys(&self, manner: &str, texts: &[&str]) -> Vec<Key> {
        let ModelMark { crc32, dim, prompt, .. } = &self.model;
        let before = serde_json::json!([crc32, dim, prompt, manner]).to_string();
        texts.iter().map(|text| key(&before, text)).collect()
    }
}

impl Memory for Statements {
    fn recall(&self, manner: &str, texts: &[&str]) -> Result<Vec<(usize, Vec<f32>)>, String> {
        let keys = self.keys(manner, texts);
        let library = Library::open_to_read(&self.path).map_err(|error| error.to_string())?;
        let held = self.held.as_ref().map(|held| held.lock().unwrap_or_else(PoisonError::into_inner));
        let own = |key: &Key| held.as_ref().and_then(|held| held.get(key).cloned());
        library.statements(&keys, &own).map_err(|error| error.to_string())
    }

    fn keep(&self, manner: &str, texts: &[&str], vectors: &UnitRows, new: &[usize]) -> Result<(), String> {
        let keys = self.keys(manner, texts);
        if let Some(held) = &self.held {
            let all = keys.into_iter().enumerate().map(|(at, key)| (key, vectors.row(at).to_vec())).collect();
            *held.lock().unwrap_or_else(PoisonError::into_inner) = all;
            return Ok(());
        }
        let library = Library::open_to_read_within(&self.path, PATIENCE).map_err(|error| error.to_string())?;
        if new.is_empty() || !library.writable {
            return Ok(());
        }
        library.keep_statements(&keys, (vectors, new)).map_err(|error| error.to_string())
    }
}

impl Library {
    /// The vectors there are for keys: their places, ascending, and one unit vector each.
    fn statements(
        &self,
        keys: &[Key],
        own: &dyn Fn(&Key) -> Option<Vec<f32>>,
    ) -> Result<Vec<(usize, Vec<f32>)>, LibraryError> {
        let transaction = self.read()?;
        let mut found = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let vector = match own(key) {
                Some(vector) => Some(vector),
                None => self.told(kept(&transaction, key))?,
            };
            found.extend(vector.map(|vector| (at, vector)));
        }
        Ok(found)
    }

    fn keep_statements(mut self, keys: &[Key], (vectors, new): (&UnitRows, &[usize])) -> Result<(), LibraryError> {
        let path = self.path.clone();
        for portion in new.chunks(PORTION) {
            let transaction = self.write()?;
            let written = portion.iter().try_for_each(|&at| put(&transaction, &keys[at], vectors.row(at).as_slice()));
            written.and_then(|()| transaction.commit()).map_err(|error| LibraryError::of_sql(&path, error))?;
        }
        let transaction = self.write()?;
        let pruned = prune(&transaction, keys).and_then(|()| transaction.commit());
        pruned.map_err(|error| LibraryError::of_sql(&path, error))
    }
}

fn key(before: &str, text: &str) -> Key {
    let mut hasher = Hasher::new();
    hasher.write(&(before.len() as u64).to_le_bytes());
    hasher.write(before.as_bytes());
    hasher.write(text.as_bytes());
    hasher.finish_128().to_le_bytes()
}

/// None where there is none, or not what was written.
fn kept(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Vec<f32>>> {
    let mut row = connection.prepare_cached("SELECT vector, crc32 FROM statement WHERE hash = ?1")?;
    let found = row.query_row([key], |row| {
        let vector = row.get_ref(0)?.as_blob()?;
        let whole = i64::from(crc32fast::hash(vector)) == row.get::<_, i64>(1)?;
        Ok(whole.then(|| floats(vector).collect()))
    });
    Ok(found.optional()?.flatten())
}

fn put(connection: &Connection, key: &Key, vector: Option<&[f32]>) -> rusqlite::Result<()> {
    let bytes: Vec<u8> = vector.unwrap_or_default().iter().flat_map(|value| value.to_le_bytes()).collect();
    let sql = "INSERT OR REPLACE INTO statement (hash, vector, crc32) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((key, &bytes, crc32fast::hash(&bytes))).map(drop)
}

/// Removes what this run did not ask for, where that is most of what there is.
fn prune(connection: &Connection, asked: &[Key]) -> rusqlite::Result<()> {
    let held: i64 = connection.query_row("SELECT count(*) FROM statement", [], |row| row.get(0))?;
    if held as usize <= TIMES * asked.len() {
        return Ok(());
    }
    let asked: BTreeSet<&Key> = asked.iter().collect();
    let mut all = connection.prepare("SELECT id, hash FROM statement")?;
    let all: Vec<(i64, Key)> = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut remove = connection.prepare("DELETE FROM statement WHERE id = ?1")?;
    for (id, _) in all.iter().filter(|(_, hash)| !asked.contains(hash)) {
        remove.execute([id])?;
    }
    Ok(())
}
