//! What became of the themes of a library since a time: events, and the paragraphs that were added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::rows;
use crate::library::{Library, LibraryError};
use crate::theme_log::{Log, NewParagraph, News, ThemeId, ThemeNews};

impl Library {
    /// The log of its themes, oldest first: all of it, or from a time on.
    ///
    /// # Errors
    /// Those of reading.
    pub fn theme_log(&self, since: Option<Timestamp>) -> Result<Log, LibraryError> {
        let transaction = self.read()?;
        let since = since.map_or_else(String::new, second);
        let entries = self.told(rows::entries(&transaction, &since))?;
        Ok(Log { entries, names: self.told(rows::names(&transaction))? })
    }

    /// What is new in its themes since a time, to the second; none where it keeps no themes.
    ///
    /// # Errors
    /// Those of reading.
    pub fn theme_news(&self, since: Timestamp) -> Result<Option<News>, LibraryError> {
        let log = self.theme_log(Some(since))?;
        let Some(generation) = self.generation()? else { return Ok(None) };
        let sizes = self.told(sizes(&self.connection, generation.number))?;
        let mut added = self.told(added(&self.connection, generation.number, since))?;
        let mut themes: Vec<ThemeNews> = Vec::new();
        for (&theme, name) in &log.names {
            let events: Vec<_> = log.entries.iter().filter(|entry| entry.event.theme == theme).cloned().collect();
            let added = added.remove(&theme).unwrap_or_default();
            if !(events.is_empty() && added.is_empty()) {
                let paragraphs = sizes.get(&theme).copied();
                themes.push(ThemeNews { theme, name: name.clone(), paragraphs, events, added });
            }
        }
        // Ended ones last; of the others what most was added to first.
        themes.sort_by_key(|news| (news.paragraphs.is_none(), std::cmp::Reverse(news.added.len()), news.theme));
        let unchanged = sizes.keys().filter(|id| themes.iter().all(|news| news.theme != **id)).count();
        let everything = !self.told(older(&self.connection, since))?;
        Ok(Some(News { since, at: generation.at, everything, themes, unchanged, names: log.names }))
    }
}

/// A time as the first of those in its second are written: without the fraction and the letter that follow it there.
fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Whether a paragraph was there before.
fn older(connection: &Connection, since: Timestamp) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM paragraph WHERE added < ?1)";
    connection.query_row(sql, [second(since)], |row| row.get(0))
}

/// Paragraphs of each theme that lives.
fn sizes(connection: &Connection, generation: u32) -> rusqlite::Result<BTreeMap<ThemeId, usize>> {
    let sql = "SELECT t.id, count(m.rank) FROM theme t LEFT JOIN theme_member m ON m.theme = t.id WHERE t.last = ?1 GROUP BY t.id";
    let size = |row: &Row| Ok((ThemeId(row.get(0)?), row.get::<_, i64>(1)? as usize));
    connection.prepare(sql)?.query_map([generation], size)?.collect()
}

/// By theme that lives its paragraphs that came since, newest first.
fn added(
    connection: &Connection,
    generation: u32,
    since: Timestamp,
) -> rusqlite::Result<BTreeMap<ThemeId, Vec<NewParagraph>>> {
    let sql = "SELECT m.theme, o.name, a.name, a.title, a.date, a.url, p.added, p.place, p.text FROM theme t \
               JOIN theme_member m ON m.theme = t.id JOIN paragraph p ON p.id = m.paragraph \
               JOIN article a ON a.id = p.article JOIN outlet o ON o.id = a.outlet \
               WHERE t.last = ?1 AND p.added >= ?2 ORDER BY p.added DESC, a.date DESC, m.theme, m.rank";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query((generation, second(since)))?;
    let mut added: BTreeMap<ThemeId, Vec<NewParagraph>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        added.entry(ThemeId(row.get(0)?)).or_default().push(paragraph(row)?);
    }
    Ok(added)
}

fn paragraph(row: &Row) -> rusqlite::Result<NewParagraph> {
    Ok(NewParagraph {
        outlet: row.get(1)?,
        article: row.get(2)?,
        title: row.get(3)?,
        date: row.get(4)?,
        url: row.get(5)?,
        added: rows::parsed(row, 6)?,
        place: row.get::<_, i64>(7)? as usize,
        text: row.get(8)?,
    })
}
