//! Generations, themes, their paragraphs and the log as rows.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::standing::Since;
use super::{Base, Basis, Generation, REMEMBERED, Settings};
use crate::library::lineage::{Before, Past, Placed, Succession};
use crate::library::rows::unreadable;
use crate::theme::{Origin, Theme, Themes};
use crate::theme_log::{Change, Entry, Event, ThemeId};
use crate::themes::Former;

/// The latest generation.
pub(super) fn latest(connection: &Connection) -> rusqlite::Result<Option<Generation>> {
    let sql = "SELECT g.id, g.at, g.changes, g.settings, g.model, g.base, coalesce(b.at, g.at), coalesce(b.paragraphs, g.paragraphs) \
               FROM generation g LEFT JOIN generation b ON b.id = g.base ORDER BY g.id DESC LIMIT 1";
    let generation = |row: &Row| {
        let number: u32 = row.get(0)?;
        Ok(Generation {
            number,
            at: parsed(row, 1)?,
            changes: row.get::<_, i64>(2)? as u64,
            settings: of_json(row, 3)?,
            model: row.get(4)?,
            base: Base {
                number: row.get::<_, Option<u32>>(5)?.unwrap_or(number),
                at: parsed(row, 6)?,
                paragraphs: row.get::<_, i64>(7)? as usize,
            },
        })
    };
    connection.query_row(sql, [], generation).optional()
}

/// The latest themes as they were found, of paragraphs for rows.
fn as_found(connection: &Connection) -> rusqlite::Result<Option<Themes>> {
    let sql = "SELECT found FROM generation ORDER BY id DESC LIMIT 1";
    connection.query_row(sql, [], |row| of_json::<Themes>(row, 0)).optional()
}

/// The latest themes as they were found, of rows that are these paragraphs, called as they are called now.
pub(super) fn found(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Option<Themes>> {
    let (Some(found), Some(generation)) = (as_found(connection)?, latest(connection)?) else { return Ok(None) };
    let rows: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    let mut missing = std::cell::Cell::new(false);
    let mut themes = found.map_rows(|id| {
        let row = rows.get(&(id as i64)).copied();
        missing.set(missing.get() || row.is_none());
        row.unwrap_or(0)
    });
    call(&mut themes, connection)?;
    if generation.extends() {
        since(connection, generation.base.number, ids)?.tell(&mut themes);
    }
    Ok((!*missing.get_mut()).then_some(themes))
}

/// The latest themes of those of these paragraphs that they have, called as they are called now, with what came: since them, and `since` all were
/// clustered.
pub(super) fn former(connection: &Connection, ids: &[i64], since: &Since) -> rusqlite::Result<Option<Former>> {
    let Some(found) = as_found(connection)? else { return Ok(None) };
    let row: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    let mut themes = found.keep_rows(|id| row.get(&(id as i64)).copied());
    call(&mut themes, connection)?;
    let mut open = vec![true; ids.len()];
    themes.themes.iter().flat_map(|theme| &theme.members).for_each(|member| open[member.row] = false);
    let mut came = open.clone();
    for &row in &themes.unassigned {
        came[row] = false;
        open[row] = since.came.binary_search(&row).is_ok();
    }
    let rows = |marks: Vec<bool>| (0..ids.len()).filter(|&row| marks[row]).collect();
    Ok(Some(Former { themes, came: rows(came), open: rows(open) }))
}

/// Calls themes as they are called now.
fn call(themes: &mut Themes, connection: &Connection) -> rusqlite::Result<()> {
    let names: BTreeMap<ThemeId, String> = names(connection)?;
    for theme in &mut themes.themes {
        let name = theme.id.and_then(|id| names.get(&id));
        name.iter().for_each(|&name| theme.name.clone_from(name));
    }
    Ok(())
}

/// What changed since all were clustered, which these paragraphs are of now.
pub(super) fn since(connection: &Connection, base: u32, ids: &[i64]) -> rusqlite::Result<Since> {
    let sql = "SELECT clustered FROM generation WHERE id = ?1";
    let runs = connection.query_row(sql, [base], |row| of_json::<Vec<(i64, i64)>>(row, 0))?;
    let was = |id: i64| {
        let after = runs.partition_point(|run| run.0 <= id);
        after > 0 && id <= runs[after - 1].1
    };
    let came: Vec<usize> = (0..ids.len()).filter(|&row| !was(ids[row])).collect();
    let clustered: i64 = runs.iter().map(|run| run.1 - run.0 + 1).sum();
    // Each id that was clustered is at one row at the most.
    let went = (clustered as usize).saturating_sub(ids.len() - came.len());
    Ok(Since { paragraphs: ids.len(), came, went })
}

/// First and last of each run of numbers that follow one another, ascending.
fn runs(ids: &[i64]) -> Vec<(i64, i64)> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.chunk_by(|left, right| left + 1 == *right).map(|run| (run[0], run[run.len() - 1])).collect()
}

/// What every theme there ever was is called, or was called last.
pub(super) fn names(connection: &Connection) -> rusqlite::Result<BTreeMap<ThemeId, String>> {
    let mut rows = connection.prepare("SELECT id, name FROM theme")?;
    rows.query_map([], |row| Ok((ThemeId(row.get(0)?), row.get(1)?)))?.collect()
}

/// The themes that those of now can be.
pub(super) fn before(connection: &Connection) -> rusqlite::Result<Before> {
    let next: u32 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM theme", [], |row| row.get(0))?;
    let Some(latest) = latest(connection)? else { return Ok(Before { next, ..Before::default() }) };
    let mut members = members(connection)?;
    let sql = "SELECT id, name, by_user, seed, last FROM theme ORDER BY id";
    let past = |row: &Row| {
        let (id, last): (u32, u32) = (row.get(0)?, row.get(4)?);
        let members = members.remove(&id).unwrap_or_default();
        let (name, by_user, seed, alive) = (row.get(1)?, row.get(2)?, row.get(3)?, last == latest.number);
        Ok(Past { id: ThemeId(id), name, by_user, seed, alive, members })
    };
    let themes: Vec<Past> = connection.prepare(sql)?.query_map([], past)?.collect::<rusqlite::Result<_>>()?;
    let unassigned = connection.query_row(
        "SELECT found ->> '$.unassigned' FROM generation ORDER BY id DESC LIMIT 1",
        [],
        |row| of_json::<Vec<u64>>(row, 0),
    )?;
    let alive = themes.iter().filter(|theme| theme.alive);
    let known = alive.flat_map(|theme| theme.members.iter().copied()).chain(unassigned).collect();
    // An ended theme whose paragraphs are forgotten is known by a seed's name alone.
    let themes = themes.into_iter().filter(|theme| theme.alive || theme.seed.is_some() || !theme.members.is_empty());
    Ok(Before { themes: themes.collect(), known, next })
}

fn members(connection: &Connection) -> rusqlite::Result<HashMap<u32, Vec<u64>>> {
    let mut members: HashMap<u32, Vec<u64>> = HashMap::new();
    let mut rows = connection.prepare("SELECT theme, paragraph FROM theme_member ORDER BY theme, rank")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        members.entry(row.get(0)?).or_default().push(row.get::<_, i64>(1)? as u64);
    }
    Ok(members)
}

/// A generation to be written.
pub(super) struct Written<'a> {
    pub(super) themes: &'a Themes,
    /// What each theme would be called had it no past.
    pub(super) labels: &'a [String],
    pub(super) succession: &'a Succession,
    pub(super) basis: Basis<'a>,
    pub(super) settings: &'a Settings,
    /// The generation that it extends; none where all were clustered.
    pub(super) base: Option<u32>,
    pub(super) model: &'a str,
    pub(super) now: Timestamp,
}

impl Written<'_> {
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let ids = self.basis.ids;
        connection.execute("UPDATE generation SET found = NULL WHERE found IS NOT NULL", [])?;
        let found = json(&self.themes.clone().map_rows(|row| ids[row] as usize))?;
        let (changes, paragraphs) = (self.basis.changes as i64, ids.len() as i64);
        let (now, settings) = (self.now.to_string(), json(self.settings)?);
        let clustered = if self.base.is_none() { Some(json(&runs(ids))?) } else { None };
        if clustered.is_some() {
            connection.execute("UPDATE generation SET clustered = NULL WHERE clustered IS NOT NULL", [])?;
        }
        connection.execute(
            "INSERT INTO generation (at, changes, paragraphs, base, model, settings, found, clustered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![now, changes, paragraphs, self.base, self.model, settings, found, clustered],
        )?;
        let generation = connection.last_insert_rowid() as u32;
        let each = self.themes.themes.iter().zip(self.labels).zip(&self.succession.themes);
        for ((theme, label), placed) in each {
            write_theme(connection, theme, (placed, label), (generation, self.base.is_some()))?;
            write_members(connection, placed.id, theme, ids)?;
        }
        let forgotten = "DELETE FROM theme_member WHERE theme IN (SELECT id FROM theme WHERE last < \
                         (SELECT id FROM generation WHERE base IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?1))";
        connection.execute(forgotten, [REMEMBERED])?;
        self.succession.events.iter().try_for_each(|event| log(connection, (generation, self.now), event))
    }
}

fn write_theme(
    connection: &Connection,
    theme: &Theme,
    (placed, label): (&Placed, &str),
    (generation, extended): (u32, bool),
) -> rusqlite::Result<()> {
    let Placed { id, name, by_user } = placed;
    let seed = (theme.origin == Origin::Seeded).then_some(label);
    // Extended, a theme stays what it was called when all were clustered, or when it was born: by the user's command perhaps, which was not asked again.
    let sql = "INSERT INTO theme (id, name, label, by_user, seed, born, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) \
               ON CONFLICT (id) DO UPDATE SET name = ?2, label = iif(?7, label, ?3), by_user = ?4, last = ?6";
    connection.prepare_cached(sql)?.execute(params![id.0, name, label, by_user, seed, generation, extended]).map(drop)
}

fn write_members(connection: &Connection, id: ThemeId, theme: &Theme, ids: &[i64]) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM theme_member WHERE theme = ?1", [id.0])?;
    let sql = "INSERT INTO theme_member (theme, rank, paragraph, score) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = connection.prepare_cached(sql)?;
    for (rank, member) in (1_i64..).zip(&theme.members) {
        insert.execute(params![id.0, rank, ids[member.row], f64::from(member.score)])?;
    }
    Ok(())
}

/// Puts an event into the log.
pub(super) fn log(connection: &Connection, (generation, now): (u32, Timestamp), event: &Event) -> rusqlite::Result<()> {
    let sql = "INSERT INTO theme_log (generation, at, theme, name, change) VALUES (?1, ?2, ?3, ?4, ?5)";
    let Event { theme, name, change } = event;
    connection
        .prepare_cached(sql)?
        .execute(params![generation, now.to_string(), theme.0, name, json(change)?])
        .map(drop)
}

/// The log from a point in time on, oldest first.
pub(super) fn entries(connection: &Connection, since: &str) -> rusqlite::Result<Vec<Entry>> {
    let sql = "SELECT generation, at, theme, name, change FROM theme_log WHERE at >= ?1 ORDER BY id";
    let entry = |row: &Row| {
        let event = Event { theme: ThemeId(row.get(2)?), name: row.get(3)?, change: of_json::<Change>(row, 4)? };
        Ok(Entry { generation: row.get(0)?, at: parsed(row, 1)?, event })
    };
    connection.prepare(sql)?.query_map([since], entry)?.collect()
}

pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(row: &Row, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: T::Err| unreadable(column, error.to_string()))
}

pub(super) fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn of_json<T: DeserializeOwned>(row: &Row, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error.to_string()))
}
