//! Adding articles: what is new or changed is embedded and written, some hundred paragraphs at a time, each portion in one
//! transaction; what is there as it is costs a look.
//!
//! A changed article keeps its row, and each paragraph whose text stays keeps its id and its vector; a text that stands
//! anywhere in the library is not embedded again. Not here: which article is which (`identity`), the rows (`rows`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::identity::{Content, Key, content};
use super::lost::{LeftBehind, Lost, is_gone};
use super::rows::{self, Lines};
use super::{Library, LibraryError, open};
use crate::collection::Problem;
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
    /// The article that it is, as far as that was seen when it was taken.
    known: Option<Known>,
    /// Its place among all that this run took.
    turn: usize,
}

/// Adds articles to a library.
pub struct Adder<'a> {
    library: &'a mut Library,
    embed: Embed<'a>,
    now: Timestamp,
    waiting: Vec<Waiting>,
    paragraphs: usize,
    bytes: usize,
    /// Articles of the library that this run has met.
    met: BTreeSet<i64>,
    added: Added,
    taken: usize,
    /// Rows of what was taken, in its order, where they are wanted.
    rows: Option<BTreeMap<usize, i64>>,
    lost: Lost,
}

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
            met: BTreeSet::new(),
            added: Added::default(),
            taken: 0,
            rows: None,
            lost: Lost::default(),
        }
    }
}

impl Adder<'_> {
    /// Remembers what each article is called in the library: [`Adder::finish_named`] says it.
    #[must_use]
    pub fn named(self) -> Self {
        Self { rows: Some(BTreeMap::new()), ..self }
    }

    /// Takes an article, and writes the portion that it fills. What it says becomes of the article holds once that is written.
    ///
    /// # Errors
    /// [`LibraryError`]: what was written before stands.
    pub fn take(&mut self, split: SplitArticle) -> Result<Fate, LibraryError> {
        let content = content(&split);
        let key = Key::of(&split, &content);
        let known = self.library.told(known(&self.library.connection, (&key, &content, &split), &self.met))?;
        let turn = self.taken;
        self.taken += 1;
        if let Some(known) = &known {
            self.met.insert(known.id);
        }
        let fate = known.map_or(Fate::Added, Known::fate);
        if fate == Fate::Added && key.path {
            self.library.told(self.lost.look(&self.library.connection, &split))?;
        }
        if let Some(known) = known.filter(|known| known.same && !known.moved) {
            self.added.unchanged += 1;
            self.remember(turn, known.id);
            return Ok(fate);
        }
        self.paragraphs += split.kept.len();
        self.bytes += split.bytes();
        self.waiting.push(Waiting { split, key, content, known, turn });
        if self.paragraphs >= PARAGRAPHS || self.bytes >= BYTES {
            self.write()?;
        }
        Ok(fate)
    }

    /// Whether this run took a record of the same id and outlet before: which of two texts an id means nobody but who made it
    /// knows, so that both are kept, and this says so. To be asked before [`Adder::take`].
    ///
    /// # Errors
    /// Those of reading.
    pub fn repeated(&self, split: &SplitArticle) -> Result<Option<Problem>, LibraryError> {
        if !split.given_id {
            return Ok(None);
        }
        let content = content(split);
        let key = Key::of(split, &content);
        let siblings = self.library.told(siblings(&self.library.connection, &key, &content))?;
        let written = siblings.iter().filter(|one| self.met.contains(&one.id)).map(|one| one.same);
        let waiting = self.waiting.iter().filter(|one| one.key.text == key.text).map(|one| one.content == content);
        let Some(same) = written.chain(waiting).reduce(|one, other| one || other) else { return Ok(None) };
        let what = if same { "once more as it was" } else { "once more, with another text" };
        let what = format!(
            "the id \"{}\" of {} stands here {what}: both are kept, as two articles; expected ids of their own, or a later \
             version in a run of its own, which takes the place of the earlier",
            split.article.id, split.outlet
        );
        Ok(Some(Problem { place: split.article.place.clone(), what, lost: false }))
    }

    /// Writes what waits, and says what was done.
    ///
    /// # Errors
    /// As [`Adder::take`].
    pub fn finish(mut self) -> Result<Added, LibraryError> {
        self.write()?;
        Ok(self.added)
    }

    /// As [`Adder::finish`], with the articles of other outlets that files of this run may have left behind.
    ///
    /// # Errors
    /// As [`Adder::take`].
    pub fn finish_told(mut self) -> Result<(Added, Vec<LeftBehind>), LibraryError> {
        self.write()?;
        let left = self.lost.left_behind(&self.library.connection, &self.met);
        Ok((self.added, self.library.told(left)?))
    }

    /// What was written so far.
    pub fn so_far(&self) -> &Added {
        &self.added
    }

    /// As [`Adder::finish`], with the name in the library of each article that was taken, in their order.
    ///
    /// # Errors
    /// As [`Adder::take`].
    pub fn finish_named(mut self) -> Result<(Added, Vec<String>), LibraryError> {
        self.write()?;
        let rows = self.rows.take().unwrap_or_default();
        let names = rows.into_values().map(|id| rows::name(&self.library.connection, id)).collect();
        Ok((self.added, self.library.told(names)?))
    }

    fn remember(&mut self, turn: usize, id: i64) {
        if let Some(rows) = &mut self.rows {
            rows.insert(turn, id);
        }
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
        let (mut written, mut ids) = (Added::default(), Vec::new());
        for one in &waiting {
            // Asked again: another program may have written meanwhile.
            let known = one.still_known(&transaction, &self.met).map_err(told)?;
            let id = one.write(&transaction, known, (&now, &lines)).map_err(told)?;
            self.met.insert(id);
            ids.push((one.turn, id));
            let fate = known.map_or(Fate::Added, Known::fate);
            count(&mut written, fate, one.split.kept.len());
        }
        rows::drop_empty_outlets(&transaction).map_err(told)?;
        open::count_change(&transaction).map_err(told)?;
        transaction.commit().map_err(told)?;
        self.add_up(&written, missing.len());
        ids.into_iter().for_each(|(turn, id)| self.remember(turn, id));
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
    /// What it was known for where that is still there, else what it is now.
    fn still_known(&self, connection: &Connection, met: &BTreeSet<i64>) -> rusqlite::Result<Option<Known>> {
        let Some(was) = self.known else { return known(connection, (&self.key, &self.content, &self.split), met) };
        let now = connection
            .prepare_cached("SELECT hash = ?2 FROM article WHERE id = ?1")?
            .query_row((was.id, &self.content), |row| row.get(0))
            .optional()?;
        Ok(now.map(|same| Known { same, ..was }))
    }

    /// Writes the article as what it is known for; its row.
    fn write(
        &self,
        connection: &Connection,
        known: Option<Known>,
        (now, lines): (&str, &Lines),
    ) -> rusqlite::Result<i64> {
        let rows = rows::Article { split: &self.split, content: &self.content, now };
        match known {
            None => rows::insert(connection, (&free_key(connection, &self.key)?, &rows), lines),
            Some(Known { id, same: true, moved: true }) => {
                rows::moved(connection, id, (&self.key.text, &rows)).map(|()| id)
            }
            Some(Known { id, same: true, .. }) => Ok(id),
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

/// The article of the library that one is. Of several that are known by the same, and that this run has not met: the one of
/// the same content, else of the same file, else the first. One that is known by its path alone is also that of the same
/// content, which names the outlet, whose own file is gone: it was moved.
fn known(
    connection: &Connection,
    (key, content, split): (&Key, &Content, &SplitArticle),
    met: &BTreeSet<i64>,
) -> rusqlite::Result<Option<Known>> {
    let siblings: Vec<Sibling> =
        siblings(connection, key, content)?.into_iter().filter(|one| !met.contains(&one.id)).collect();
    let of_file = |one: &&Sibling| one.file == split.article.place.file;
    let one = siblings.iter().find(|one| one.same).or_else(|| siblings.iter().find(of_file)).or(siblings.first());
    match one {
        Some(one) => Ok(Some(Known { id: one.id, same: one.same, moved: false })),
        None if key.path => elsewhere(connection, content, met),
        None => Ok(None),
    }
}

/// An article that is known by the same.
struct Sibling {
    id: i64,
    /// Whether its content is that of the one to be added.
    same: bool,
    file: String,
}

/// The articles that are known by the same, in the order in which they were added.
fn siblings(connection: &Connection, key: &Key, content: &Content) -> rusqlite::Result<Vec<Sibling>> {
    let (from, to) = key.siblings();
    connection
        .prepare_cached("SELECT id, hash = ?4, file FROM article WHERE key = ?1 OR key > ?2 AND key < ?3 ORDER BY id")?
        .query_map((&key.text, from, to, content), |row| {
            Ok(Sibling { id: row.get(0)?, same: row.get(1)?, file: row.get(2)? })
        })?
        .collect()
}

/// The key itself, else the first numbered one that no article has.
fn free_key(connection: &Connection, key: &Key) -> rusqlite::Result<String> {
    let mut taken = connection.prepare_cached("SELECT count(*) > 0 FROM article WHERE key = ?1")?;
    let mut number = 1;
    loop {
        let text = if number == 1 { key.text.clone() } else { key.numbered(number) };
        if !taken.query_row([&text], |row| row.get::<_, bool>(0))? {
            return Ok(text);
        }
        number += 1;
    }
}

/// The first article of the same content, known by a path where nothing is any more, that this run has not met.
fn elsewhere(connection: &Connection, content: &Content, met: &BTreeSet<i64>) -> rusqlite::Result<Option<Known>> {
    let mut same =
        connection.prepare_cached("SELECT id, key FROM article WHERE hash = ?1 AND key LIKE 'file%' ORDER BY id")?;
    let same = same.query_map([content], |row| Ok((row.get(0)?, row.get(1)?)));
    let same: Vec<(i64, String)> = same?.collect::<Result<_, _>>()?;
    let moved = same.into_iter().find(|(id, key)| !met.contains(id) && Key::file(key).is_some_and(is_gone));
    Ok(moved.map(|(id, _)| Known { id, same: true, moved: true }))
}
