//! An article as rows of the library: its own, its paragraphs', and the vectors of those that take part.
//!
//! Everything here happens inside a transaction of the caller's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::identity::{Content, text_hash};
use crate::corpus::SplitArticle;
use crate::embed::Embeddings;
use crate::paragraph::Paragraph;

/// Bytes of a component.
pub(super) const WIDTH: usize = size_of::<f32>();

/// An article to be written.
pub(super) struct Article<'a> {
    pub(super) split: &'a SplitArticle,
    pub(super) content: &'a Content,
    /// RFC 3339, UTC.
    pub(super) now: &'a str,
}

/// Vectors of texts, as they are written.
#[derive(Default)]
pub(super) struct Lines<'a>(BTreeMap<Cow<'a, str>, Line>);

/// The vector of a text.
struct Line {
    /// Little-endian.
    bytes: Vec<u8>,
    windowed: bool,
}

impl<'a> Lines<'a> {
    /// Adds texts that were embedded.
    pub(super) fn extend(&mut self, texts: &[&'a str], embedded: &Embeddings) {
        for (at, text) in texts.iter().enumerate() {
            let bytes = embedded.vectors.row(at).iter().flat_map(|value| value.to_le_bytes()).collect();
            let windowed = embedded.windowed.binary_search(&at).is_ok();
            self.0.insert(Cow::Borrowed(text), Line { bytes, windowed });
        }
    }

    fn get(&self, text: &str) -> rusqlite::Result<&Line> {
        // Every text of a portion was found or embedded.
        self.0.get(text).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }
}

/// Finds the vectors of texts that stand in the library already; the texts that do not, in order.
pub(super) fn vectors_there<'a>(
    connection: &Connection,
    texts: impl IntoIterator<Item = &'a str>,
    (lines, dim): (&mut Lines<'a>, usize),
) -> rusqlite::Result<Vec<&'a str>> {
    let mut missing = Vec::new();
    for text in texts {
        match line(connection, text, dim)? {
            Some(line) => drop(lines.0.insert(Cow::Borrowed(text), line)),
            None => missing.push(text),
        }
    }
    Ok(missing)
}

/// The vector of a text, cut out of those of an article that has it.
fn line(connection: &Connection, text: &str, dim: usize) -> rusqlite::Result<Option<Line>> {
    let width = dim * WIDTH;
    let mut there = connection.prepare_cached(
        "SELECT e.crc32, e.vectors, (SELECT count(*) FROM paragraph q WHERE q.article = p.article \
         AND q.reason IS NULL AND q.place < p.place), p.windowed \
         FROM paragraph p JOIN embedding e ON e.article = p.article \
         WHERE p.hash = ?1 AND p.reason IS NULL AND p.text = ?2 LIMIT 1",
    )?;
    let line = there.query_row(params![text_hash(text), text], |row| cut(row, width)).optional()?;
    Ok(line.flatten())
}

/// The vector at its place among those of its article; none where they are not what was written.
fn cut(row: &Row, width: usize) -> rusqlite::Result<Option<Line>> {
    let vectors = row.get_ref(1)?.as_blob()?;
    if i64::from(crc32fast::hash(vectors)) != row.get::<_, i64>(0)? {
        return Ok(None);
    }
    let from = row.get::<_, i64>(2)? as usize * width;
    let windowed = row.get(3)?;
    Ok(vectors.get(from..from + width).map(|bytes| Line { bytes: bytes.to_vec(), windowed }))
}

/// Writes an article that is new; its row.
pub(super) fn insert(
    connection: &Connection,
    (key, article): (&str, &Article),
    lines: &Lines,
) -> rusqlite::Result<i64> {
    let own = &article.split.article;
    let outlet = outlet(connection, &article.split.outlet)?;
    let name = free_name(connection, &own.id)?;
    connection
        .prepare_cached(
            "INSERT INTO article (key, name, given_id, outlet, title, date, url, file, line, text, extra, problems, hash, added, changed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
        )?
        .execute(params![
            key,
            name,
            article.split.given_id,
            outlet,
            own.title,
            own.date.map(|date| date.to_string()),
            own.url,
            own.place.file,
            own.place.line.map(|line| line as i64),
            own.text,
            json(&own.extra)?,
            json(&article.split.problems)?,
            article.content,
            article.now,
        ])?;
    let id = connection.last_insert_rowid();
    write_paragraphs(connection, id, article, &mut Kept::default())?;
    write_vectors(connection, id, article.split, lines)?;
    Ok(id)
}

/// Writes an article over what it was. Its row and name stay, and so do the ids of paragraphs whose text stays.
pub(super) fn replace(connection: &Connection, id: i64, article: &Article, lines: &Lines) -> rusqlite::Result<()> {
    let own = &article.split.article;
    let outlet = outlet(connection, &article.split.outlet)?;
    let mut kept = Kept::of(connection, id)?;
    connection.execute("DELETE FROM paragraph WHERE article = ?1", [id])?;
    connection
        .prepare_cached(
            "UPDATE article SET given_id = ?2, outlet = ?3, title = ?4, date = ?5, url = ?6, file = ?7, line = ?8, \
             text = ?9, extra = ?10, problems = ?11, hash = ?12, changed = ?13 WHERE id = ?1",
        )?
        .execute(params![
            id,
            article.split.given_id,
            outlet,
            own.title,
            own.date.map(|date| date.to_string()),
            own.url,
            own.place.file,
            own.place.line.map(|line| line as i64),
            own.text,
            json(&own.extra)?,
            json(&article.split.problems)?,
            article.content,
            article.now,
        ])?;
    write_paragraphs(connection, id, article, &mut kept)?;
    write_vectors(connection, id, article.split, lines)
}

/// An article whose file was moved.
pub(super) fn moved(connection: &Connection, id: i64, (key, article): (&str, &Article)) -> rusqlite::Result<()> {
    let file = &article.split.article.place.file;
    connection.execute("UPDATE article SET key = ?2, file = ?3 WHERE id = ?1", params![id, key, file]).map(drop)
}

/// Outlets that no article is of.
pub(super) fn drop_empty_outlets(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM outlet WHERE id NOT IN (SELECT outlet FROM article)", []).map(drop)
}

/// Ids of paragraphs, and when they came, by what makes them the same.
#[derive(Default)]
struct Kept(BTreeMap<(String, bool), Vec<(i64, String)>>);

impl Kept {
    fn of(connection: &Connection, article: i64) -> rusqlite::Result<Self> {
        let mut kept = Self::default();
        // The last first, for they are taken from the end.
        let sql = "SELECT id, text, reason IS NULL, added FROM paragraph WHERE article = ?1 ORDER BY place DESC";
        let mut rows = connection.prepare_cached(sql)?;
        let mut rows = rows.query([article])?;
        while let Some(row) = rows.next()? {
            kept.0.entry((row.get(1)?, row.get(2)?)).or_default().push((row.get(0)?, row.get(3)?));
        }
        Ok(kept)
    }

    fn take(&mut self, text: &str, takes_part: bool) -> Option<(i64, String)> {
        self.0.get_mut(&(text.to_owned(), takes_part))?.pop()
    }
}

fn write_paragraphs(connection: &Connection, id: i64, article: &Article, kept: &mut Kept) -> rusqlite::Result<()> {
    let Article { split, now, .. } = article;
    let taking = split.kept.iter().map(|paragraph| (paragraph, None));
    let left_out = split.left_out.iter().map(|one| (&one.paragraph, Some(one.reason.as_str())));
    let mut all: Vec<(&Paragraph, Option<&str>)> = taking.chain(left_out).collect();
    all.sort_by_key(|(paragraph, _)| paragraph.place);
    let mut insert = connection.prepare_cached(
        "INSERT INTO paragraph (id, article, place, kind, span_start, span_end, text, reason, windowed, added, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)",
    )?;
    for (paragraph, reason) in all {
        let Paragraph { article: _, place, kind, span, text } = paragraph;
        let was = kept.take(text, reason.is_none());
        let (own, added) = was.as_ref().map_or((None, *now), |(id, added)| (Some(*id), added.as_str()));
        insert.execute(params![
            own,
            id,
            *place as i64,
            kind.code(),
            span.start as i64,
            span.end as i64,
            text,
            reason,
            added,
            text_hash(text),
        ])?;
    }
    Ok(())
}

/// Writes the vectors of an article's paragraphs that take part, which are there already.
fn write_vectors(connection: &Connection, article: i64, split: &SplitArticle, lines: &Lines) -> rusqlite::Result<()> {
    let mut vectors = Vec::new();
    for paragraph in &split.kept {
        let line = lines.get(&paragraph.text)?;
        vectors.extend_from_slice(&line.bytes);
        if line.windowed {
            let mark = "UPDATE paragraph SET windowed = 1 WHERE article = ?1 AND place = ?2";
            connection.execute(mark, (article, paragraph.place as i64))?;
        }
    }
    put_vectors(connection, "embedding", article, &vectors)
}

/// Puts the vectors of an article into a table of vectors, over those that are there.
pub(super) fn put_vectors(connection: &Connection, table: &str, article: i64, vectors: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("INSERT OR REPLACE INTO {table} (article, vectors, crc32) VALUES (?1, ?2, ?3)"))?
        .execute(params![article, vectors, crc32fast::hash(vectors)])
        .map(drop)
}

fn outlet(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached("INSERT OR IGNORE INTO outlet (name) VALUES (?1)")?.execute([name])?;
    connection.prepare_cached("SELECT id FROM outlet WHERE name = ?1")?.query_row([name], |row| row.get(0))
}

/// The name of an article.
pub(super) fn name(connection: &Connection, id: i64) -> rusqlite::Result<String> {
    connection.prepare_cached("SELECT name FROM article WHERE id = ?1")?.query_row([id], |row| row.get(0))
}

/// A name that no article has: the one given, else with the first number from 2 that makes it free.
fn free_name(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    let mut taken = connection.prepare_cached("SELECT count(*) > 0 FROM article WHERE name = ?1")?;
    let mut taken = |name: &str| taken.query_row([name], |row| row.get::<_, bool>(0));
    if !taken(name)? {
        return Ok(name.to_owned());
    }
    let numbered = |number: u64| format!("{name}#{number}");
    // Doubling, then halving: a name may come a hundred thousand times.
    let mut last = 1;
    while taken(&numbered(2 * last))? {
        last *= 2;
    }
    let mut free = 2 * last;
    while free - last > 1 {
        let middle = last + (free - last) / 2;
        if taken(&numbered(middle))? { last = middle } else { free = middle }
    }
    Ok(numbered(free))
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A value of a column that is not what was written there.
pub(super) fn unreadable(column: usize, what: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}
