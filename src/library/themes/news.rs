//! What became of the themes of a library since a day: events, and the paragraphs that were added.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{Connection, Row};

use super::rows;
use crate::library::{Library, LibraryError};
use crate::theme_log::{Log, NewParagraph, News, ThemeId, ThemeNews};

impl Library {
    /// The log of its themes, oldest first: all of it, or from a day on (UTC).
    ///
    /// # Errors
    /// Those of reading.
    pub fn theme_log(&self, since: Option<Date>) -> Result<Log, LibraryError> {
        let transaction = self.read()?;
        let since = since.map_or_else(String::new, |day| day.to_string());
        let entries = self.told(rows::entries(&transaction, &since))?;
        Ok(Log { entries, names: self.told(rows::names(&transaction))? })
    }

    /// What is new in its themes since a day (UTC), that day included; none where it keeps no themes.
    ///
    /// # Errors
    /// Those of reading.
    pub fn theme_news(&self, since: Date) -> Result<Option<News>, LibraryError> {
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
        Ok(Some(News { since, at: generation.at, themes, unchanged, names: log.names }))
    }
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
    since: Date,
) -> rusqlite::Result<BTreeMap<ThemeId, Vec<NewParagraph>>> {
    let sql = "SELECT m.theme, o.name, a.name, a.title, a.date, a.url, p.added, p.place, p.text FROM theme t \
               JOIN theme_member m ON m.theme = t.id JOIN paragraph p ON p.id = m.paragraph \
               JOIN article a ON a.id = p.article JOIN outlet o ON o.id = a.outlet \
               WHERE t.last = ?1 AND p.added >= ?2 ORDER BY p.added DESC, a.date DESC, m.theme, m.rank";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query((generation, since.to_string()))?;
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
