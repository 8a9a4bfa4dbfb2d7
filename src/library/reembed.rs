//! Moving a library to another model: all vectors made anew beside the old ones, and put in their place in one transaction.
//!
//! Portions are committed as they are made, into a table of their own: cut off, the library is as it was, and the same
//! command goes on after what is made.

use rusqlite::{Connection, OptionalExtension};

use super::add::Embed;
use super::rows::put_vectors;
use super::{Library, LibraryError, MadeBy, open};
use crate::embed::Embeddings;

/// Paragraphs from which a portion is full.
const PARAGRAPHS: usize = 1_024;
/// Where the new vectors are made, as they will be, and beside them when their article had last changed and the places of its
/// paragraphs that were embedded in windows (JSON).
const NEXT: &str = "CREATE TABLE embedding_next (
    article INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    vectors BLOB NOT NULL,
    crc32   INTEGER NOT NULL
) STRICT;
CREATE TABLE embedding_next_of (
    article  INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    changed  TEXT NOT NULL,
    windowed TEXT NOT NULL
) STRICT";
const DROP: &str = "DROP TABLE IF EXISTS embedding_next; DROP TABLE IF EXISTS embedding_next_of";
/// What the new vectors take over once there are some of every article. Whole tables change names: nothing is copied.
const SWAP: &str = "DROP TABLE embedding;
    ALTER TABLE embedding_next RENAME TO embedding;
    UPDATE paragraph SET windowed = 0 WHERE windowed;
    UPDATE paragraph SET windowed = 1 WHERE (article, place) IN (SELECT n.article, w.value FROM embedding_next_of n, json_each(n.windowed) w);
    DROP TABLE embedding_next_of;
    DELETE FROM meta WHERE key = 'next';";

/// The texts of an article.
struct Texts {
    article: i64,
    changed: String,
    places: Vec<i64>,
    texts: Vec<String>,
}

impl Library {
    /// Makes all vectors anew with another model; `done` is told how many paragraphs more have theirs.
    ///
    /// # Errors
    /// [`LibraryError`]: the library is as it was, and the same call goes on where this one ended.
    pub fn reembed(&mut self, made_by: &MadeBy, embed: Embed<'_>, done: &dyn Fn(usize)) -> Result<(), LibraryError> {
        let mark: Vec<String> = self.told(open::meta_of(made_by))?.into_iter().map(|(_, value)| value).collect();
        let mark = mark.join("\n");
        self.in_transaction(|connection| begin(connection, &mark))?;
        let mut last = 0;
        loop {
            let waiting = self.told(waiting(&self.connection, last))?;
            let texts: Vec<&str> = waiting.iter().flat_map(|one| &one.texts).map(String::as_str).collect();
            let embedded = if texts.is_empty() { None } else { Some(embed(&texts)?) };
            let finished = self.in_transaction(|connection| {
                if !is_next(connection, &mark)? {
                    return Ok(None);
                }
                put_all(connection, &waiting, embedded.as_ref())?;
                finish(connection, made_by).map(Some)
            })?;
            let Some(finished) = finished else {
                return Err(LibraryError::Overtaken { path: self.path.clone() });
            };
            // What changed meanwhile stands before the last one, and is made in another round.
            last = waiting.last().map_or(0, |one| one.article);
            done(texts.len());
            if finished {
                self.made_by = made_by.clone();
                return Ok(());
            }
        }
    }

    fn in_transaction<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LibraryError> {
        let path = self.path.clone();
        let transaction = self.write()?;
        let result = work(&transaction).and_then(|result| transaction.commit().map(|()| result));
        result.map_err(|error| LibraryError::of_sql(&path, error))
    }
}

/// Goes on with what was begun for the same model, else begins.
fn begin(connection: &Connection, mark: &str) -> rusqlite::Result<()> {
    if is_next(connection, mark)? {
        return Ok(());
    }
    connection.execute_batch(DROP)?;
    connection.execute_batch(NEXT)?;
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('next', ?1)", [mark]).map(drop)
}

/// Whether what is being made is for a model.
fn is_next(connection: &Connection, mark: &str) -> rusqlite::Result<bool> {
    let next = connection.query_row("SELECT value FROM meta WHERE key = 'next'", [], |row| row.get::<_, String>(0));
    Ok(next.optional()?.as_deref() == Some(mark))
}

/// The next articles, after one, whose vectors are to be made.
fn waiting(connection: &Connection, after: i64) -> rusqlite::Result<Vec<Texts>> {
    let sql = "SELECT a.id, a.changed FROM article a LEFT JOIN embedding_next_of n ON n.article = a.id \
               WHERE a.id > ?1 AND n.changed IS NOT a.changed ORDER BY a.id";
    let mut articles = connection.prepare(sql)?;
    let mut articles = articles.query([after])?;
    let (mut found, mut paragraphs) = (Vec::new(), 0);
    while let Some(row) = articles.next()? {
        let one = texts(connection, row.get(0)?, row.get(1)?)?;
        paragraphs += one.texts.len();
        found.push(one);
        if paragraphs >= PARAGRAPHS {
            break;
        }
    }
    Ok(found)
}

fn texts(connection: &Connection, article: i64, changed: String) -> rusqlite::Result<Texts> {
    let sql = "SELECT place, text FROM paragraph WHERE article = ?1 AND reason IS NULL ORDER BY place";
    let mut rows = connection.prepare_cached(sql)?;
    let rows: Vec<(i64, String)> =
        rows.query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let (places, texts) = rows.into_iter().unzip();
    Ok(Texts { article, changed, places, texts })
}

/// Puts the vectors of articles, `embedded` being those of all their texts.
fn put_all(connection: &Connection, articles: &[Texts], embedded: Option<&Embeddings>) -> rusqlite::Result<()> {
    let mut from = 0;
    for one in articles {
        let to = from + one.texts.len();
        let values = embedded.iter().flat_map(|embedded| (from..to).flat_map(|at| embedded.vectors.row(at).to_vec()));
        let vectors: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
        let windowed = embedded.iter().flat_map(|embedded| &embedded.windowed).filter(|&&at| (from..to).contains(&at));
        put(connection, one, (&vectors, &windowed.map(|at| one.places[at - from]).collect::<Vec<_>>()))?;
        from = to;
    }
    Ok(())
}

fn put(connection: &Connection, texts: &Texts, (vectors, windowed): (&[u8], &[i64])) -> rusqlite::Result<()> {
    put_vectors(connection, "embedding_next", texts.article, vectors)?;
    let sql = "INSERT OR REPLACE INTO embedding_next_of (article, changed, windowed) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((texts.article, &texts.changed, format!("{windowed:?}"))).map(drop)
}

/// Puts the new vectors in place where there are some of every article; whether there were.
fn finish(connection: &Connection, made_by: &MadeBy) -> rusqlite::Result<bool> {
    let left = "SELECT EXISTS (SELECT 1 FROM article a LEFT JOIN embedding_next_of n ON n.article = a.id WHERE n.changed IS NOT a.changed)";
    if connection.query_row(left, [], |row| row.get(0))? {
        return Ok(false);
    }
    connection.execute_batch(SWAP)?;
    connection.execute_batch(super::statements::EMPTY)?;
    for (key, value) in open::meta_of(made_by)? {
        connection.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, &value])?;
    }
    open::count_change(connection)?;
    Ok(true)
}
