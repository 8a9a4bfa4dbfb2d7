//! The user's word on what a theme is called.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use crate::library::{Library, LibraryError};
use crate::theme_log::{Change, Event, ThemeId};

/// A theme that lives.
pub(super) struct Living {
    pub(super) id: ThemeId,
    pub(super) name: String,
    label: String,
    by_user: bool,
}

impl Library {
    /// Calls a theme otherwise: one that is named by id or by its present name. Without a name it is called again as it would have been.
    /// The event, and none where it is called so already.
    ///
    /// # Errors
    /// [`LibraryError::NoTheme`], [`LibraryError::NameTaken`]; those of writing.
    pub fn rename_theme(
        &mut self,
        which: &str,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Event>, LibraryError> {
        let path = self.path.clone();
        let told = |error| LibraryError::of_sql(&path, error);
        let transaction = self.write()?;
        let living = living(&transaction).map_err(told)?;
        let (Some(theme), Some(generation)) = (find(&living, which), rows::latest(&transaction).map_err(told)?) else {
            let themes = living.iter().map(|theme| format!("{} {}", theme.id, theme.name)).collect();
            return Err(LibraryError::NoTheme { path, which: which.to_owned(), themes });
        };
        let to = name.map_or_else(|| free(&living, theme), str::to_owned);
        if let Some(other) = living.iter().find(|other| other.id != theme.id && other.name == to) {
            return Err(LibraryError::NameTaken { path, name: to, theme: other.id });
        }
        if theme.name == to && theme.by_user == name.is_some() {
            return Ok(None);
        }
        let update = "UPDATE theme SET name = ?1, by_user = ?2 WHERE id = ?3";
        transaction.execute(update, params![to, name.is_some(), theme.id.0]).map_err(told)?;
        let change = Change::Renamed { from: theme.name.clone(), to: to.clone(), by_user: name.is_some() };
        let event = Event { theme: theme.id, name: to, change };
        rows::log(&transaction, (generation.number, now), &event).map_err(told)?;
        transaction.commit().map_err(told)?;
        Ok(Some(event))
    }
}

pub(super) fn living(connection: &Connection) -> rusqlite::Result<Vec<Living>> {
    let latest: Option<u32> =
        connection.query_row("SELECT max(id) FROM generation", [], |row| row.get(0)).optional()?.flatten();
    let sql = "SELECT id, name, label, by_user FROM theme WHERE last = ?1 ORDER BY id";
    let mut rows = connection.prepare(sql)?;
    let rows = rows.query_map([latest], |row| {
        Ok(Living { id: ThemeId(row.get(0)?), name: row.get(1)?, label: row.get(2)?, by_user: row.get(3)? })
    })?;
    rows.collect()
}

/// By id, else by name, else by the only name that is the same but for the size of letters.
pub(super) fn find<'a>(living: &'a [Living], which: &str) -> Option<&'a Living> {
    let id = which.parse().ok();
    let exact = living.iter().find(|theme| Some(theme.id) == id || theme.name == which);
    let folded = which.to_lowercase();
    let mut alike = living.iter().filter(|theme| theme.name.to_lowercase() == folded);
    exact.or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

/// What a theme would be called, with a number where another is called so.
fn free(living: &[Living], theme: &Living) -> String {
    let taken = |name: &String| living.iter().any(|other| other.id != theme.id && other.name == *name);
    let numbered = (2..).map(|number| format!("{} ({number})", theme.label));
    std::iter::once(theme.label.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}
