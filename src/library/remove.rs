//! Taking articles out, and giving back the room they took.

use std::collections::BTreeSet;

use rusqlite::{Connection, ToSql};

use super::{Library, LibraryError, open, rows};
use crate::holdings::Listed;

/// Which articles: those that every condition names; no condition names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Of these ids.
    pub ids: Vec<String>,
    /// Of these outlets.
    pub outlets: Vec<String>,
    /// Read from these files.
    pub files: Vec<String>,
    /// Published before a day, YYYY-MM-DD; not those without a date.
    pub before: Option<String>,
}

impl Which {
    fn is_none(&self) -> bool {
        self.ids.is_empty() && self.outlets.is_empty() && self.files.is_empty() && self.before.is_none()
    }

    /// The condition in SQL over `article a` and `outlet o`, with its values.
    fn condition(&self) -> (String, Vec<&dyn ToSql>) {
        let (mut parts, mut values): (Vec<String>, Vec<&dyn ToSql>) = (Vec::new(), Vec::new());
        for (column, names) in [("a.name", &self.ids), ("o.name", &self.outlets), ("a.file", &self.files)] {
            if !names.is_empty() {
                parts.push(format!("{column} IN ({})", vec!["?"; names.len()].join(", ")));
                values.extend(names.iter().map(|name| name as &dyn ToSql));
            }
        }
        if let Some(before) = &self.before {
            parts.push("a.date < ?".to_owned());
            values.push(before);
        }
        (parts.join(" AND "), values)
    }
}

impl Library {
    /// The articles that would be removed, in the order in which they were added.
    ///
    /// # Errors
    /// Those of reading.
    pub fn named(&self, which: &Which) -> Result<Vec<Listed>, LibraryError> {
        let ids: BTreeSet<String> = self.told(ids(&self.connection, which))?.into_iter().collect();
        Ok(self.list()?.into_iter().filter(|listed| ids.contains(&listed.id)).collect())
    }

    /// How many articles that are.
    ///
    /// # Errors
    /// Those of reading.
    pub fn count(&self, which: &Which) -> Result<usize, LibraryError> {
        self.told(ids(&self.connection, which)).map(|ids| ids.len())
    }

    /// Removes articles, all or none; how many.
    ///
    /// # Errors
    /// Those of writing.
    pub fn remove(&mut self, which: &Which) -> Result<usize, LibraryError> {
        let path = self.path.clone();
        let told = |error| LibraryError::of_sql(&path, error);
        let transaction = self.write()?;
        let ids = ids(&transaction, which).map_err(told)?;
        for id in &ids {
            transaction.execute("DELETE FROM article WHERE name = ?1", [id]).map_err(told)?;
        }
        if !ids.is_empty() {
            rows::drop_empty_outlets(&transaction).and_then(|()| open::count_change(&transaction)).map_err(told)?;
        }
        transaction.commit().map_err(told)?;
        Ok(ids.len())
    }

    /// Gives room that nothing uses back to the system, and orders what is left for reading; bytes before and after.
    ///
    /// # Errors
    /// [`LibraryError::Full`] where there is no room for a copy while it is made; the library is then as it was.
    pub fn compact(&mut self) -> Result<(u64, u64), LibraryError> {
        let size = || std::fs::metadata(&self.path).map_or(0, |about| about.len());
        let before = size();
        // A copy of the whole need not stay in memory: nobody else uses the file meanwhile.
        self.told(self.connection.pragma_update(None, "cache_spill", true))?;
        self.told(self.connection.execute_batch(
            "INSERT INTO words (words) VALUES ('rebuild'); INSERT INTO words (words) VALUES ('optimize'); VACUUM",
        ))?;
        Ok((before, size()))
    }
}

fn ids(connection: &Connection, which: &Which) -> rusqlite::Result<Vec<String>> {
    if which.is_none() {
        return Ok(Vec::new());
    }
    let (condition, values) = which.condition();
    let sql = format!("SELECT a.name FROM article a JOIN outlet o ON o.id = a.outlet WHERE {condition} ORDER BY a.id");
    connection.prepare(&sql)?.query_map(values.as_slice(), |row| row.get(0))?.collect()
}
