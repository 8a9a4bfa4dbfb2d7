//! Adding articles: what is new or changed is embedded and written, some hundred paragraphs at a time, each portion in one
//! transaction; what is there as it is costs a look.
//!
//! A changed article keeps its row, and each paragraph whose text stays keeps its id and its vector; a text that stands
//! anywhere in the library is not embedded again. Not here: which article is which (`identity`), the rows (`rows`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::identity::{Content, Key, content};
use super::rows::{self, Lines};
use super::{Library, LibraryError, open};
use crate::corpus::SplitArticle;
use crate::embed::{EmbedError, Embeddings};
use crate::holdings::Added;

/// Paragraphs, and bytes of articles, from which a portion is written.
const PARAGRAPHS: usize = 1_024;
const BYTES: usize = 16 << 20;

/// Embeds texts, as [`Encoder::embed`](crate::embed::Encoder::embed) does.
pub type Embed<'a> = &'a dyn Fn(&[&str]) -> Result<Embeddings, EmbedError>;

/// What becomes of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was not there.
    Added,
    /// It was there and had changed.
    Replaced,
    /// It was there as it is.
    Unchanged,
}

/// An article to be written.
struct Waiting {
    split: SplitArticle,
    key: Key,
    content: Content,
    /// The article that it is under another path.
    moved: Option<i64>,
}

/// Adds articles to a library.
pub struct Adder<'a> {
    library: &'a mut Library,
    embed: Embed<'a>,
    now: Timestamp,
    waiting: Vec<Waiting>,
    paragraphs: usize,
    bytes: usize,
    /// How many articles of this run have a key.
    keys: BTreeMap<String, usize>,
    /// Articles of the library that this run has met.
    met: BTreeSet<i64>,
    /// Files that are where they were: what holds the same was copied from them, not moved.
    stays: Stays<'a>,
    added: Added,
}

/// Whether a file, as an article's place names it, is still there.
type Stays<'a> = &'a dyn Fn(&str) -> bool;

impl Library {
    /// Adds articles as of a point in time; `embed` makes the vectors. What [`Adder::finish`] has not written, nor a full
    /// portion, is not added.
    pub fn adder<'a>(&'a mut self, embed: Embed<'a>, now: Timestamp) -> Adder<'a> {
        Adder {
            library: self,
            embed,
            now,
            waiting: Vec::new(),
            paragraphs: 0,
            bytes: 0,
            keys: BTreeMap::new(),
            met: BTreeSet::new(),
            stays: &|_| false,
            added: Added::default(),
        }
    }
}

impl<'a> Adder<'a> {
    /// Where not all is added at once: files that are still where they were, so that one that holds the same is not taken for the same, moved.
    pub fn beside(self, stays: &'a dyn Fn(&str) -> bool) -> Self {
        Self { stays, ..self }
    }
}

impl Adder<'_> {
    /// Takes an article, and writes the portion that it fills. What it says becomes of the article holds once that is written.
    ///
    /// # Errors
    /// [`LibraryError`]: what was written before stands.
    pub fn take(&mut self, split: SplitArticle) -> Result<Fate, LibraryError> {
        let content = content(&split);
        let key = self.key(&split, &content);
        let known = self.library.told(self.known(&key, &content))?;
        if let Some(known) = &known {
            self.met.insert(known.id);
        }
        let fate = known.map_or(Fate::Added, Known::fate);
        if known.is_some_and(|known| known.same && !known.moved) {
            self.added.unchanged += 1;
            return Ok(fate);
        }
        self.paragraphs += split.kept.len();
        self.bytes += split.bytes();
        let moved = known.filter(|known| known.moved).map(|known| known.id);
        self.waiting.push(Waiting { split, key, content, moved });
        if self.paragraphs >= PARAGRAPHS || self.bytes >= BYTES {
            self.write()?;
        }
        Ok(fate)
    }

    /// Writes what waits, and says what was done.
    ///
    /// # Errors
    /// As [`Adder::take`].
    pub fn finish(mut self) -> Result<Added, LibraryError> {
        self.write()?;
        Ok(self.added)
    }

    /// What was written so far.
    pub fn so_far(&self) -> &Added {
        &self.added
    }

    fn known(&self, key: &Key, content: &Content) -> rusqlite::Result<Option<Known>> {
        let connection = &self.library.connection;
        let by_key = by_key(connection, key, content)?;
        if by_key.is_some() || !key.path { Ok(by_key) } else { elsewhere(connection, content, (&self.met, self.stays)) }
    }

    fn key(&mut self, split: &SplitArticle, content: &Content) -> Key {
        let key = Key::of(split, content);
        let count = self.keys.entry(key.text.clone()).or_default();
        *count += 1;
        key.numbered(*count - 1)
    }

    /// Writes what waits, in one transaction.
    fn write(&mut self) -> Result<(), LibraryError> {
        let waiting = std::mem::take(&mut self.waiting);
        (self.paragraphs, self.bytes) = (0, 0);
        if waiting.is_empty() {
            return Ok(());
        }
        let texts: BTreeSet<&str> =
            waiting.iter().flat_map(|one| &one.split.kept).map(|paragraph| paragraph.text.as_str()).collect();
        let (dim, path) = (self.library.made_by.model.dim, self.library.path.clone());
        let told = |error| LibraryError::of_sql(&path, error);
        let mut lines = Lines::default();
        let missing = rows::vectors_there(&self.library.connection, texts, (&mut lines, dim)).map_err(told)?;
        if !missing.is_empty() {
            lines.extend(&missing, &(self.embed)(&missing)?);
        }
        let now = self.now.to_string();
        let transaction = self.library.write()?;
        let mut written = Added::default();
        for one in &waiting {
            // Asked again: another program may have written meanwhile.
            let known = one.known(&transaction).map_err(told)?;
            let id = one.write(&transaction, known, (&now, &lines)).map_err(told)?;
            self.met.insert(id);
            let fate = known.map_or(Fate::Added, Known::fate);
            count(&mut written, fate, one.split.kept.len());
        }
        open::count_change(&transaction).map_err(told)?;
        transaction.commit().map_err(told)?;
        self.add_up(&written, missing.len());
        Ok(())
    }

    fn add_up(&mut self, written: &Added, embedded: usize) {
        self.added.added += written.added;
        self.added.replaced += written.replaced;
        self.added.unchanged += written.unchanged;
        self.added.paragraphs += written.paragraphs;
        self.added.embedded += embedded;
    }
}

impl Waiting {
    fn known(&self, connection: &Connection) -> rusqlite::Result<Option<Known>> {
        let by_key = by_key(connection, &self.key, &self.content)?;
        let Some(id) = self.moved.filter(|_| by_key.is_none()) else { return Ok(by_key) };
        let there = "SELECT count(*) > 0 FROM article WHERE id = ?1 AND hash = ?2";
        let there: bool = connection.query_row(there, (id, &self.content), |row| row.get(0))?;
        Ok(there.then_some(Known { id, same: true, moved: true }))
    }

    /// Writes the article as what it is known for; its row.
    fn write(
        &self,
        connection: &Connection,
        known: Option<Known>,
        (now, lines): (&str, &Lines),
    ) -> rusqlite::Result<i64> {
        let rows = rows::Article { split: &self.split, key: &self.key.text, content: &self.content, now };
        match known {
            None => rows::insert(connection, &rows, lines),
            Some(Known { id, same: true, .. }) => rows::moved(connection, id, &rows).map(|()| id),
            Some(Known { id, .. }) => rows::replace(connection, id, &rows, lines).map(|()| id),
        }
    }
}

/// An article of the library that is one to be added.
#[derive(Debug, Clone, Copy)]
struct Known {
    id: i64,
    /// Whether its content is the same.
    same: bool,
    /// Whether it is known by its content alone, under another path.
    moved: bool,
}

impl Known {
    fn fate(self) -> Fate {
        if self.same { Fate::Unchanged } else { Fate::Replaced }
    }
}

fn count(written: &mut Added, fate: Fate, paragraphs: usize) {
    match fate {
        Fate::Added => written.added += 1,
        Fate::Replaced => written.replaced += 1,
        Fate::Unchanged => written.unchanged += 1,
    }
    if fate != Fate::Unchanged {
        written.paragraphs += paragraphs;
    }
}

/// The article of a key.
fn by_key(connection: &Connection, key: &Key, content: &Content) -> rusqlite::Result<Option<Known>> {
    connection
        .prepare_cached("SELECT id, hash = ?2 FROM article WHERE key = ?1")?
        .query_row((&key.text, content), |row| Ok(Known { id: row.get(0)?, same: row.get(1)?, moved: false }))
        .optional()
}

/// The first article of the same content, known by another path, that this run has not met: its file was moved.
fn elsewhere(
    connection: &Connection,
    content: &Content,
    (met, stays): (&BTreeSet<i64>, Stays<'_>),
) -> rusqlite::Result<Option<Known>> {
    let mut same =
        connection.prepare_cached("SELECT id, file FROM article WHERE hash = ?1 AND key LIKE 'file%' ORDER BY id")?;
    let same = same.query_map([content], |row| Ok((row.get(0)?, row.get(1)?)));
    let same: Vec<(i64, String)> = same?.collect::<Result<_, _>>()?;
    let moved = same.into_iter().find(|(id, file)| !met.contains(id) && !stays(file));
    Ok(moved.map(|(id, _)| Known { id, same: true, moved: true }))
}
