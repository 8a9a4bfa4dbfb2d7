//! Whether a library holds what was written: the file as SQLite sees it, and every article, its paragraphs and its vectors
//! against their checksums.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::load::floats;
use super::rows::WIDTH;
use super::{Library, LibraryError, identity, load};
use crate::holdings::Fault;
use crate::vectors::UnitRows;

/// Faults of one kind that are told; the rest is counted.
const TOLD: usize = 100;

const RESTORE: &str = "bring back a copy of the file, or make the library anew from the articles";
const REEMBED: &str = "refrain reembed makes all vectors anew";
const REBUILD: &str = "refrain compact makes the index of words anew";
const ADD: &str = "remove the article and add it again";

impl Library {
    /// Every fault that is found, the file's own first.
    ///
    /// # Errors
    /// [`LibraryError`] where the file is so damaged that it cannot be read.
    pub fn verify(&self) -> Result<Vec<Fault>, LibraryError> {
        let transaction = self.read()?;
        let mut faults = self.told(of_file(&transaction))?;
        // What follows reads what is known to be unreadable.
        if faults.is_empty() {
            faults.extend(self.told(of_vectors(&transaction, self.made_by.model.dim))?);
            faults.extend(self.told(of_articles(&transaction))?);
            drop(transaction);
            faults.extend(self.told(self.of_words())?);
        }
        Ok(faults)
    }
}

impl Library {
    /// The index of words against the paragraphs. SQLite compares them by what is written like a change of the table: last,
    /// so that nobody waits for the rest of it.
    fn of_words(&self) -> rusqlite::Result<Vec<Fault>> {
        if !self.writable {
            return Ok(Vec::new());
        }
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let checked = transaction.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)", []);
        match checked {
            Ok(_) => Ok(Vec::new()),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
                Ok(vec![fault("table words", "the index of words is not that of the paragraphs", REBUILD)])
            }
            Err(error) => Err(error),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "errors and texts, made for this alone")]
fn fault(at: impl ToString, what: impl ToString, mend: &'static str) -> Fault {
    Fault { at: at.to_string(), what: what.to_string(), mend }
}

fn of_file(connection: &Connection) -> rusqlite::Result<Vec<Fault>> {
    let sql = format!("PRAGMA integrity_check({TOLD})");
    let mut said = connection.prepare(&sql)?;
    let said: Vec<String> = said.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut faults: Vec<Fault> =
        said.iter().filter(|line| *line != "ok").map(|line| fault("the file", line, RESTORE)).collect();
    let mut loose = connection.prepare("PRAGMA foreign_key_check")?;
    let mut loose = loose.query([])?;
    while let Some(row) = loose.next()? {
        let (table, id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let what = format!("row {} belongs to no {parent}", id.unwrap_or_default());
        faults.push(fault(format!("table {table}"), what, RESTORE));
    }
    Ok(faults)
}

fn of_vectors(connection: &Connection, dim: usize) -> rusqlite::Result<Vec<Fault>> {
    let sql = "SELECT a.id, a.name, e.vectors, e.crc32, (SELECT count(*) FROM paragraph p WHERE p.article = a.id AND p.reason IS NULL) \
               FROM article a LEFT JOIN embedding e ON e.article = a.id ORDER BY a.id";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query([])?;
    let mut faults = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, paragraphs): (String, i64) = (row.get(1)?, row.get(4)?);
        let at = || format!("article {name}");
        let Some(vectors) = row.get_ref(2)?.as_blob_or_null()? else {
            faults.push(fault(at(), "no vectors", REEMBED));
            continue;
        };
        let whole = paragraphs as usize * dim * WIDTH;
        if vectors.len() != whole {
            faults.push(fault(at(), format!("{} bytes of vectors, expected {whole}", vectors.len()), REEMBED));
        } else if i64::from(crc32fast::hash(vectors)) != row.get::<_, i64>(3)? {
            faults.push(fault(at(), "the vectors are not those that were written (CRC-32)", REEMBED));
        } else if let Err(error) = unit_rows(vectors, dim) {
            faults.push(fault(at(), error, REEMBED));
        }
    }
    Ok(faults)
}

fn unit_rows(vectors: &[u8], dim: usize) -> Result<(), String> {
    if vectors.is_empty() {
        return Ok(());
    }
    UnitRows::from_flat(floats(vectors).collect(), dim).map(drop).map_err(|error| error.to_string())
}

/// What the articles say against the checksum of what was read.
fn of_articles(connection: &Connection) -> rusqlite::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    load::each_article(connection, |name, split, content| {
        if identity::content(split) != *content {
            faults.push(fault(format!("article {name}"), "what it says is not what was written (XXH3)", ADD));
        }
        Ok(())
    })?;
    Ok(faults)
}
