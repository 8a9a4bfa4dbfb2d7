//! A library as it is searched: vectors, words and what filters ask for, without a text but those of the paragraphs that answer.
//!
//! What [`Library::load`] would give has the same rows. Everything is read side by side, each part through a connection
//! of its own, and taken only if all saw one state of the library. Not here: asking it (`look`), searching
//! (`crate::lookup`).

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Mutex;

use jiff::civil::Date;
use rusqlite::{Connection, Row};

use super::look::Left;
use super::rows::{WIDTH, unreadable};
use super::{Library, LibraryError, open};
use crate::lookup::{Lexicon, Sheet, Stock};
use crate::paragraph::Kind;
use crate::vectors::UnitRows;

/// How often a library that is written to meanwhile is read again.
const TRIES: usize = 20;
/// Bytes of the file that are mapped at the most: what SQLite allows.
const MAPPED: i64 = 0x7fff_0000;

/// What is wanted of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Vectors: for every mode by meaning, for a question that is a paragraph, and for what other outlets have.
    pub vectors: bool,
    /// Words: for every mode by words.
    pub words: bool,
}

/// One state of a library, ready to be searched by many at once.
#[derive(Debug)]
pub struct Shelf {
    /// What is searched; [`Stock::warm`] makes further questions faster.
    pub stock: Stock,
    /// The library's id of each row's paragraph.
    pub ids: Vec<i64>,
    /// [`Library::id`].
    pub library: String,
    /// [`Library::changes`] of this state.
    pub changes: u64,
    /// What was gone of it when that was last asked.
    pub(super) left: Mutex<Option<Left>>,
}

/// The rows of a library, as filters see them.
struct Rows {
    sheet: Sheet,
    ids: Vec<i64>,
    /// The library's ids of the articles of the sheet, ascending.
    articles: Vec<i64>,
    library: String,
    changes: u64,
}

impl Library {
    /// Reads what searching needs, as of one moment.
    ///
    /// # Errors
    /// [`LibraryError::Damaged`] where something is not what was written, [`LibraryError::Busy`] where it changes faster
    /// than it is read.
    pub fn shelf(&self, wanted: Wanted) -> Result<Shelf, LibraryError> {
        for _ in 0..TRIES {
            if let Some(shelf) = self.try_shelf(wanted)? {
                return Ok(shelf);
            }
        }
        Err(LibraryError::Busy { path: self.path.clone() })
    }

    /// None where the library changed meanwhile.
    fn try_shelf(&self, wanted: Wanted) -> Result<Option<Shelf>, LibraryError> {
        let path = &self.path;
        let (vectors, rows) = std::thread::scope(|scope| {
            let vectors = wanted.vectors.then(|| scope.spawn(|| Self::open_to_read(path)?.all_vectors()));
            let rows = self.rows(wanted.words);
            (vectors.map(std::thread::ScopedJoinHandle::join), rows)
        });
        let (rows, lexicon) = rows?;
        // What cannot be: nothing in that thread panics.
        let vectors = vectors.transpose().map_err(|_| LibraryError::damaged(path, "its vectors could not be read"))?;
        let vectors = vectors.transpose()?;
        if vectors.as_ref().is_some_and(|(_, library, changes)| (library, changes) != (&rows.library, &rows.changes)) {
            return Ok(None);
        }
        let vectors = vectors.map(|(vectors, ..)| vectors);
        if let Some(held) = vectors.as_ref().map(UnitRows::len).filter(|held| *held != rows.ids.len()) {
            let what = format!("vectors of {held} paragraphs, expected {}", rows.ids.len());
            return Err(LibraryError::damaged(&self.path, what));
        }
        let stock = Stock { sheet: rows.sheet, vectors, compact: None, cells: None, lexicon };
        Ok(Some(Shelf { stock, ids: rows.ids, library: rows.library, changes: rows.changes, left: Mutex::default() }))
    }

    fn rows(&self, words: bool) -> Result<(Rows, Option<Lexicon>), LibraryError> {
        let transaction = self.read()?;
        let rows = self.told(rows(&transaction))?;
        let lexicon = words.then(|| Lexicon::read(&transaction, &rows.ids)).transpose();
        Ok((rows, self.told(lexicon)?))
    }

    /// With the id of the library, and its changes.
    fn all_vectors(&self) -> Result<(UnitRows, String, u64), LibraryError> {
        // Most of the file is read once, from one end to the other: mapped, it is copied once less. This connection does nothing
        // else, and its lock keeps the file from being cut meanwhile.
        self.told(self.connection.pragma_update(None, "mmap_size", MAPPED))?;
        let transaction = self.read()?;
        let (dim, mut values) = (self.made_by.model.dim, Vec::new());
        let bytes = "SELECT coalesce(sum(length(vectors)), 0) FROM embedding";
        let bytes: i64 = self.told(transaction.query_row(bytes, [], |row| row.get(0)))?;
        values.reserve_exact(bytes as usize / WIDTH);
        let read = super::load::each_embedding(&transaction, |_, vectors| {
            values.extend(super::load::floats(vectors));
            Ok(())
        });
        self.told(read)?;
        let library = self.told(open::meta(&transaction, "id"))?;
        let changes = self.told(open::changes(&transaction))?;
        if values.is_empty() {
            return Ok((UnitRows::empty(dim), library, changes));
        }
        let vectors = UnitRows::from_flat(values, dim);
        Ok((vectors.map_err(|error| LibraryError::damaged(&self.path, error))?, library, changes))
    }
}

fn rows(connection: &Connection) -> rusqlite::Result<Rows> {
    let (library, changes) = (open::meta(connection, "id")?, open::changes(connection)?);
    let mut rows = Rows { sheet: Sheet::default(), ids: Vec::new(), articles: Vec::new(), library, changes };
    let sql = "SELECT id, name FROM outlet WHERE id IN (SELECT outlet FROM article) ORDER BY name";
    let mut outlets: BTreeMap<i64, u32> = BTreeMap::new();
    let (mut statement, sheet) = (connection.prepare(sql)?, &mut rows.sheet);
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        outlets.insert(row.get(0)?, sheet.outlets.len() as u32);
        sheet.outlets.push(row.get(1)?);
    }
    let mut statement = connection.prepare("SELECT id, outlet, date FROM article ORDER BY id")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let outlet: i64 = row.get(1)?;
        let outlet = outlets.get(&outlet).ok_or_else(|| unreadable(1, format!("no outlet {outlet}")))?;
        rows.articles.push(row.get(0)?);
        sheet.articles.push((*outlet, date(row, 2)?));
    }
    let mut statement =
        connection.prepare("SELECT id, article, kind FROM paragraph WHERE reason IS NULL ORDER BY article, place")?;
    let mut found = statement.query([])?;
    let mut at = 0;
    while let Some(row) = found.next()? {
        let article: i64 = row.get(1)?;
        // Both ascend.
        while rows.articles.get(at).is_some_and(|known| *known < article) {
            at += 1;
        }
        if rows.articles.get(at) != Some(&article) {
            return Err(unreadable(1, format!("no article {article}")));
        }
        rows.ids.push(row.get(0)?);
        sheet.rows.push((at as u32, kind(row, 2)?));
    }
    Ok(rows)
}

pub(super) fn date(row: &Row, column: usize) -> rusqlite::Result<Option<Date>> {
    let date = row.get_ref(column)?.as_str_or_null()?;
    date.map(Date::from_str).transpose().map_err(|error| unreadable(column, error.to_string()))
}

pub(super) fn kind(row: &Row, column: usize) -> rusqlite::Result<Kind> {
    let code = row.get_ref(column)?.as_str()?;
    Kind::of_code(code).ok_or_else(|| unreadable(column, format!("no kind of paragraph is called {code:?}")))
}
