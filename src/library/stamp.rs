//! What tells one state of a library from every other: what it holds, and its themes and what they are called.

use rusqlite::Connection;

use super::{Library, LibraryError, open};

/// A state of a library. Another library, other contents, themes kept anew and a theme called otherwise each have another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// [`Library::id`].
    pub library: String,
    /// [`Library::changes`].
    pub changes: u64,
    /// Number of the latest generation of themes; none where none were kept.
    pub generation: Option<u32>,
    /// The last entry of the themes' log; 0 where there is none.
    pub log: i64,
}

impl Library {
    /// The state that there is.
    ///
    /// # Errors
    /// Those of reading.
    pub fn stamp(&self) -> Result<Stamp, LibraryError> {
        self.told(stamp(&*self.read()?))
    }
}

fn stamp(connection: &Connection) -> rusqlite::Result<Stamp> {
    let sql = "SELECT (SELECT max(id) FROM generation), (SELECT coalesce(max(id), 0) FROM theme_log)";
    let (generation, log) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Stamp { library: open::meta(connection, "id")?, changes: open::changes(connection)?, generation, log })
}
