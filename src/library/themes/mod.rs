//! The themes that a library keeps: found once for what it holds, known again when it has grown (`lineage`), with a log of what became of them.
//!
//! What belongs together is written together: a generation, its themes, their paragraphs and the events are one transaction. `rows` are the tables, `rename` is the user's
//! word on names, `news` what there is since a day. Not here: how themes are found (`themes`, `pipeline`), when a generation is kept (`cli`).

mod members;
mod news;
mod rename;
mod rows;
mod standing;

pub use standing::{LITTLE, Since, Standing, Why};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lineage::{self, Before, Placed, Present, Succession};
use super::{Held, Library, LibraryError, open};
use crate::corpus::set_aside_recurring;
use crate::theme::{Origin, Theme, Themes};
use crate::theme_log::{Change, Event};
use crate::themes::{Options, ThemeSeeds};

/// Generations in which all were clustered and for which the paragraphs of a theme that ended are remembered: one that comes back within them
/// has its id again. Those that extend do not count, as a day has many.
const REMEMBERED: u32 = 10;

/// How the themes of a library are found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What steers the discovered ones.
    pub options: Options,
    /// A paragraph that an outlet prints in so many of its articles takes no part; 0: all do.
    pub recurring_from: usize,
    /// Themes that the user described.
    pub seeds: ThemeSeeds,
}

/// A generation of themes.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Its number, from 1.
    pub number: u32,
    /// When it was found.
    pub at: Timestamp,
    /// [`Library::changes`] of what it was found in.
    pub changes: u64,
    /// How.
    pub settings: Settings,
    /// JSON: what made the vectors.
    pub(super) model: String,
    /// The generation in which all paragraphs were clustered: itself, or the one that it extends.
    pub base: Base,
}

/// A generation in which all paragraphs were clustered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its number.
    pub number: u32,
    /// When they were.
    pub at: Timestamp,
    /// Paragraphs that took part.
    pub paragraphs: usize,
}

/// What themes were found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis<'a> {
    /// [`Library::changes`] of what was read.
    pub changes: u64,
    /// The generation that was the latest then.
    pub generation: Option<u32>,
    /// The library's id of each row's paragraph.
    pub ids: &'a [i64],
    /// Whether the themes are those of that generation, extended ([`Standing::Little`]); otherwise all were clustered.
    pub extended: bool,
}

impl Library {
    /// The latest generation; none where themes were never kept.
    ///
    /// # Errors
    /// Those of reading.
    pub fn generation(&self) -> Result<Option<Generation>, LibraryError> {
        self.told(rows::latest(&self.connection))
    }

    /// The themes of the latest generation, of rows that are these paragraphs; none where one of them is missing.
    ///
    /// # Errors
    /// Those of reading.
    pub fn kept_themes(&self, ids: &[i64]) -> Result<Option<Themes>, LibraryError> {
        self.told(rows::found(&*self.read()?, ids))
    }

    /// Keeps themes as the next generation, and gives each the id and the name that are its own. All or nothing.
    ///
    /// # Errors
    /// [`LibraryError::Moved`] where the library is no longer that which they were found in; those of writing.
    pub fn keep_themes(
        &mut self,
        themes: &mut Themes,
        basis: Basis<'_>,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Vec<Event>, LibraryError> {
        let path = self.path.clone();
        let told = |error| LibraryError::of_sql(&path, error);
        let model = standing::model(&self.made_by).map_err(told)?;
        let transaction = self.write()?;
        let latest = rows::latest(&transaction).map_err(told)?;
        let number = latest.as_ref().map(|latest| latest.number);
        if open::changes(&transaction).map_err(told)? != basis.changes || number != basis.generation {
            return Err(LibraryError::Moved { path });
        }
        let base = latest.filter(|_| basis.extended).map(|latest| latest.base.number);
        let mut succession = succession(&rows::before(&transaction).map_err(told)?, themes, basis.ids);
        if basis.extended {
            // As large as before by chance is no news.
            succession.events.retain(|event| !matches!(event.change, Change::Exchanged(_)));
        }
        let labels: Vec<String> = themes.themes.iter().map(|theme| theme.name.clone()).collect();
        place(themes, &succession, u32::MAX);
        let (labels, succession, model) = (&labels, &succession, &model);
        let generation = rows::Written { themes, labels, succession, basis, settings, base, model, now };
        generation.write(&transaction).map_err(told)?;
        transaction.commit().map_err(told)?;
        Ok(succession.events.clone())
    }

    /// Gives themes that are new or extended their ids and names, and keeps them as the next generation where they are found as the library's
    /// are (`settings`); why they are not kept, where they should be and cannot.
    ///
    /// # Errors
    /// Those of reading.
    pub fn place_themes(
        &self,
        themes: &mut Themes,
        basis: Basis<'_>,
        settings: Option<&Settings>,
        now: Timestamp,
    ) -> Result<Option<LibraryError>, LibraryError> {
        let keep = |settings| Self::open(&self.path)?.keep_themes(themes, basis, settings, now);
        match settings.map(keep) {
            Some(Ok(_)) => Ok(None),
            kept => self.match_themes(themes, basis.ids).map(|()| kept.and_then(Result::err)),
        }
    }

    /// Gives themes that are not kept the ids and names of those they are; new ones have no id.
    ///
    /// # Errors
    /// Those of reading.
    pub fn match_themes(&self, themes: &mut Themes, ids: &[i64]) -> Result<(), LibraryError> {
        let before = self.told(rows::before(&*self.read()?))?;
        place(themes, &succession(&before, themes, ids), before.next);
        Ok(())
    }
}

impl Held {
    /// Without the paragraphs that an outlet prints in so many of its articles; 0: with all.
    pub fn without_recurring(self, recurring_from: usize) -> Self {
        let Self { mut collection, vectors, ids, .. } = self;
        let rows = set_aside_recurring(&mut collection, recurring_from);
        let vectors = if rows.len() == vectors.len() { vectors } else { vectors.select(&rows) };
        Self { collection, vectors, ids: rows.iter().map(|&row| ids[row]).collect(), ..self }
    }
}

fn succession(before: &Before, themes: &Themes, ids: &[i64]) -> Succession {
    let present = themes.themes.iter().map(|theme| present(theme, ids)).collect::<Vec<_>>();
    let known: Vec<u64> = ids.iter().map(|&id| id as u64).collect();
    lineage::succeed(before, &present, &known)
}

fn present(theme: &Theme, ids: &[i64]) -> Present {
    Present {
        seed: (theme.origin == Origin::Seeded).then(|| theme.name.clone()),
        names: std::iter::once(&theme.name).chain(&theme.keywords).cloned().collect(),
        members: theme.members.iter().map(|member| ids[member.row] as u64).collect(),
    }
}

/// Ids from `first_new` on are not given.
fn place(themes: &mut Themes, succession: &Succession, first_new: u32) {
    for (theme, Placed { id, name, .. }) in themes.themes.iter_mut().zip(&succession.themes) {
        theme.id = (id.0 < first_new).then_some(*id);
        theme.name.clone_from(name);
    }
}
