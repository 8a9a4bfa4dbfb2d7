//! What the themes that a library keeps are to what it holds now: the same, nearly the same, or to be found anew.

use rusqlite::Connection;
use serde_json::json;

use super::{Generation, Settings, rows};
use crate::holdings::KeptThemes;
use crate::library::{Held, Library, LibraryError, MadeBy, open};
use crate::theme::Themes;
use crate::themes::Former;

/// Little came and went: of the paragraphs that were clustered one in so many, or fewer. docs/library-themes.md has what that was measured by.
pub const LITTLE: usize = 5;

/// What there is to do for the themes of a library.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing: these are kept, and are those of what it holds.
    Current(Themes),
    /// Little changed: what came is put into the themes there are.
    Little(Former, Since),
    /// All are clustered.
    Anew(Why),
}

/// Why all are clustered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// No themes are kept yet.
    First,
    /// The user asked for it.
    Asked,
    /// There are none that a paragraph could be put into.
    Empty,
    /// They were found with other settings, or in the vectors of another model.
    Otherwise,
    /// Much changed.
    Much(Since),
}

/// What changed since all were clustered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Paragraphs that take part now.
    pub paragraphs: usize,
    /// The rows of those among them that took no part then, ascending: most were not there.
    pub came: Vec<usize>,
    /// Paragraphs that took part then and do not now.
    pub went: usize,
}

impl Library {
    /// The themes that the library keeps, where they are those of this state and found so; none where they are to be found anew, or extended.
    ///
    /// # Errors
    /// Those of reading.
    fn current_themes(&self, held: &Held, settings: &Settings) -> Result<Option<Themes>, LibraryError> {
        let (latest, model) = (self.generation()?, self.told(model(&self.made_by))?);
        let current = |latest: Generation| {
            latest.changes == held.changes && latest.settings == *settings && latest.model == model
        };
        if latest.is_some_and(current) { self.kept_themes(&held.ids) } else { Ok(None) }
    }

    /// What there is to do for the themes of this state.
    ///
    /// # Errors
    /// Those of reading.
    pub fn standing(&self, held: &Held, settings: &Settings) -> Result<Standing, LibraryError> {
        if let Some(themes) = self.current_themes(held, settings)? {
            return Ok(Standing::Current(themes));
        }
        let Some(latest) = self.generation()? else { return Ok(Standing::Anew(Why::First)) };
        if latest.settings != *settings || latest.model != self.told(model(&self.made_by))? {
            return Ok(Standing::Anew(Why::Otherwise));
        }
        let connection = self.read()?;
        let since = self.told(rows::since(&connection, latest.base.number, &held.ids))?;
        if since.much(latest.base.paragraphs) {
            return Ok(Standing::Anew(Why::Much(since)));
        }
        let former = self.told(rows::former(&connection, &held.ids, &since))?;
        let former = former.filter(|former| !former.themes.themes.is_empty());
        Ok(former.map_or(Standing::Anew(Why::Empty), |former| Standing::Little(former, since)))
    }

    /// The themes that are kept, in figures.
    pub(in crate::library) fn about_themes(&self, connection: &Connection) -> rusqlite::Result<Option<KeptThemes>> {
        let Some(latest) = rows::latest(connection)? else { return Ok(None) };
        let sql = "SELECT count(*) FROM theme WHERE last = ?1";
        let count: i64 = connection.query_row(sql, [latest.number], |row| row.get(0))?;
        Ok(Some(KeptThemes {
            count: count as usize,
            found: latest.base.at.to_string(),
            extended: latest.extends().then(|| latest.at.to_string()),
            current: latest.changes == open::changes(connection)? && latest.model == model(&self.made_by)?,
        }))
    }
}

impl Standing {
    /// Says in how themes were found that they were extended, where they were; after they are kept.
    pub fn tell(&self, themes: &mut Themes) {
        if let Self::Little(_, since) = self {
            since.tell(themes);
        }
    }
}

impl Generation {
    /// Whether it extends another: otherwise all were clustered.
    pub fn extends(&self) -> bool {
        self.base.number != self.number
    }
}

impl Since {
    /// Whether that is much beside so many paragraphs that were clustered.
    fn much(&self, clustered: usize) -> bool {
        LITTLE * (self.came.len() + self.went) > clustered
    }

    /// How many of those that came are in no theme of these, to which they were put.
    pub fn left_over(&self, themes: &Themes) -> usize {
        themes.unassigned.iter().filter(|row| self.came.binary_search(row).is_ok()).count()
    }

    /// Says it of themes that were extended, in how they were found.
    pub(super) fn tell(&self, themes: &mut Themes) {
        let (came, left) = (self.came.len(), self.left_over(themes));
        if came > 0 {
            let (placed, all) = (came - left, self.paragraphs);
            themes.method +=
                &format!("; {came} of {all} paragraphs came since, {placed} are in a theme, {left} in none");
        }
        if self.went > 0 {
            themes.method += &format!("; {} are gone since", self.went);
        }
    }
}

/// What made vectors, as it is kept with themes.
pub(super) fn model(made_by: &MadeBy) -> rusqlite::Result<String> {
    let MadeBy { model, precision, .. } = made_by;
    rows::json(&json!({ "model": model, "precision": precision }))
}
