//! A library as it is searched: vectors, words and what filters ask for, without a text but those of the paragraphs that answer.
//!
//! What [`Library::load`] would give has the same rows. Everything is read side by side, each part through a connection
//! of its own, and taken only if all saw one state of the library. Not here: searching (`lookup`).

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row};
use rustc_hash::FxHashSet;

use super::rows::{WIDTH, unreadable};
use super::{Library, LibraryError, open};
use crate::article::{Article, OutletId, Place};
use crate::collection::Collection;
use crate::lookup::{Ask, Filter, Lexicon, Sheet, Stock, Tokeniser};
use crate::nearest::Answer;
use crate::paragraph::{Kind, Paragraph};
use crate::vectors::UnitRows;

/// How often a library that is written to meanwhile is read again.
const TRIES: usize = 20;
/// Bytes of the file that are mapped at the most: what SQLite allows.
const MAPPED: i64 = 0x7fff_0000;

/// What is wanted of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Vectors: for every mode by meaning, for a question that is a paragraph, and for what other outlets have.
    pub vectors: bool,
    /// Words: for every mode by words.
    pub words: bool,
}

/// One state of a library, ready to be searched by many at once.
#[derive(Debug)]
pub struct Shelf {
    /// What is searched; [`Stock::warm`] makes further questions faster.
    pub stock: Stock,
    /// The library's id of each row's paragraph.
    pub ids: Vec<i64>,
    /// [`Library::id`].
    pub library: String,
    /// [`Library::changes`] of this state.
    pub changes: u64,
}

/// The rows of a library, as filters see them.
struct Rows {
    sheet: Sheet,
    ids: Vec<i64>,
    /// The library's ids of the articles of the sheet, ascending.
    articles: Vec<i64>,
    library: String,
    changes: u64,
}

impl Library {
    /// Reads what searching needs, as of one moment.
    ///
    /// # Errors
    /// [`LibraryError::Damaged`] where something is not what was written, [`LibraryError::Busy`] where it changes faster
    /// than it is read.
    pub fn shelf(&self, wanted: Wanted) -> Result<Shelf, LibraryError> {
        for _ in 0..TRIES {
            if let Some(shelf) = self.try_shelf(wanted)? {
                return Ok(shelf);
            }
        }
        Err(LibraryError::Busy { path: self.path.clone() })
    }

    /// None where the library changed meanwhile.
    fn try_shelf(&self, wanted: Wanted) -> Result<Option<Shelf>, LibraryError> {
        let path = &self.path;
        let (vectors, rows) = std::thread::scope(|scope| {
            let vectors = wanted.vectors.then(|| scope.spawn(|| Self::open_to_read(path)?.all_vectors()));
            let rows = self.rows(wanted.words);
            (vectors.map(std::thread::ScopedJoinHandle::join), rows)
        });
        let (rows, lexicon) = rows?;
        // What cannot be: nothing in that thread panics.
        let vectors = vectors.transpose().map_err(|_| LibraryError::damaged(path, "its vectors could not be read"))?;
        let vectors = vectors.transpose()?;
        if vectors.as_ref().is_some_and(|(_, library, changes)| (library, changes) != (&rows.library, &rows.changes)) {
            return Ok(None);
        }
        let vectors = vectors.map(|(vectors, ..)| vectors);
        if let Some(held) = vectors.as_ref().map(UnitRows::len).filter(|held| *held != rows.ids.len()) {
            let what = format!("vectors of {held} paragraphs, expected {}", rows.ids.len());
            return Err(LibraryError::damaged(&self.path, what));
        }
        let stock = Stock { sheet: rows.sheet, vectors, compact: None, cells: None, lexicon };
        Ok(Some(Shelf { stock, ids: rows.ids, library: rows.library, changes: rows.changes }))
    }

    fn rows(&self, words: bool) -> Result<(Rows, Option<Lexicon>), LibraryError> {
        let transaction = self.read()?;
        let rows = self.told(rows(&transaction))?;
        let lexicon = words.then(|| Lexicon::read(&transaction, &rows.ids)).transpose();
        Ok((rows, self.told(lexicon)?))
    }

    /// With the id of the library, and its changes.
    fn all_vectors(&self) -> Result<(UnitRows, String, u64), LibraryError> {
        // Most of the file is read once, from one end to the other: mapped, it is copied once less. This connection does nothing
        // else, and its lock keeps the file from being cut meanwhile.
        self.told(self.connection.pragma_update(None, "mmap_size", MAPPED))?;
        let transaction = self.read()?;
        let (dim, mut values) = (self.made_by.model.dim, Vec::new());
        let bytes = "SELECT coalesce(sum(length(vectors)), 0) FROM embedding";
        let bytes: i64 = self.told(transaction.query_row(bytes, [], |row| row.get(0)))?;
        values.reserve_exact(bytes as usize / WIDTH);
        let read = super::load::each_embedding(&transaction, |_, vectors| {
            values.extend(super::load::floats(vectors));
            Ok(())
        });
        self.told(read)?;
        let library = self.told(open::meta(&transaction, "id"))?;
        let changes = self.told(open::changes(&transaction))?;
        if values.is_empty() {
            return Ok((UnitRows::empty(dim), library, changes));
        }
        let vectors = UnitRows::from_flat(values, dim);
        Ok((vectors.map_err(|error| LibraryError::damaged(&self.path, error))?, library, changes))
    }

    /// The answer to a question; none where the library is no longer what the shelf was made of.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn answer(&self, shelf: &Shelf, tokeniser: &Tokeniser, ask: &Ask) -> Result<Option<Answer>, LibraryError> {
        let transaction = self.read()?;
        let library = self.told(open::meta(&transaction, "id"))?;
        // Another library under the same name may have changed as often.
        if library != shelf.library || self.told(open::changes(&transaction))? != shelf.changes {
            return Ok(None);
        }
        self.answer_in(&transaction, shelf, tokeniser, ask).map(Some)
    }

    /// As [`Library::answer`] of a library that was written to since the shelf was made: of the shelf's paragraphs those
    /// answer that are still in it. Ids never come back and a paragraph's text never changes, so that each answer is
    /// true; what came since is not among them. None where the library is another.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn answer_of_what_is_left(
        &self,
        shelf: &Shelf,
        tokeniser: &Tokeniser,
        ask: &Ask,
    ) -> Result<Option<Answer>, LibraryError> {
        let transaction = self.read()?;
        if self.told(open::meta(&transaction, "id"))? != shelf.library {
            return Ok(None);
        }
        let gone = self.told(gone(&transaction, shelf))?;
        let not_rows = ask.filter.not_rows.iter().copied().chain(gone).collect();
        let filter = &Filter { not_rows, ..ask.filter.clone() };
        self.answer_in(&transaction, shelf, tokeniser, &Ask { filter, ..*ask }).map(Some)
    }

    fn answer_in(
        &self,
        transaction: &Connection,
        shelf: &Shelf,
        tokeniser: &Tokeniser,
        ask: &Ask,
    ) -> Result<Answer, LibraryError> {
        let excerpt = |rows: &[usize]| {
            let ids: Vec<i64> = rows.iter().map(|&row| shelf.ids[row]).collect();
            self.told(excerpt(transaction, &shelf.stock.sheet.outlets, &ids))
        };
        let mut answer = shelf.stock.answer(transaction, tokeniser, ask, &excerpt)?;
        for hit in &mut answer.hits {
            hit.id = Some(shelf.ids[hit.row]);
        }
        Ok(answer)
    }

    /// The row of the paragraph at a place of an article, and its text and day; none where there is none that takes part.
    ///
    /// # Errors
    /// Those of reading.
    pub fn paragraph(
        &self,
        shelf: &Shelf,
        article: &str,
        place: usize,
    ) -> Result<Option<(usize, Collection)>, LibraryError> {
        let sql = "SELECT p.id FROM paragraph p JOIN article a ON a.id = p.article \
                   WHERE a.name = ?1 AND p.place = ?2 AND p.reason IS NULL";
        let id: Option<i64> =
            self.told(self.connection.query_row(sql, (article, place as i64), |row| row.get(0)).optional())?;
        let Some(row) = id.and_then(|id| shelf.ids.iter().position(|known| *known == id)) else { return Ok(None) };
        let one = self.told(excerpt(&self.connection, &shelf.stock.sheet.outlets, &[shelf.ids[row]]))?;
        Ok(Some((row, one)))
    }
}

/// The rows whose paragraphs are no longer there, or are now those of an outlet that the shelf does not know.
fn gone(connection: &Connection, shelf: &Shelf) -> rusqlite::Result<Vec<usize>> {
    let known = |name: &str| shelf.stock.sheet.outlets.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
    let mut outlets = connection.prepare("SELECT id, name FROM outlet")?;
    let mut outlets = outlets.query([])?;
    let mut of = FxHashSet::default();
    while let Some(row) = outlets.next()? {
        if known(row.get_ref(1)?.as_str()?) {
            of.insert(row.get::<_, i64>(0)?);
        }
    }
    let sql = "SELECT p.id, a.outlet FROM paragraph p JOIN article a ON a.id = p.article WHERE p.reason IS NULL";
    let mut rows = connection.prepare(sql)?;
    let mut rows = rows.query([])?;
    let mut there: FxHashSet<i64> = FxHashSet::default();
    while let Some(row) = rows.next()? {
        if of.contains(&row.get(1)?) {
            there.insert(row.get(0)?);
        }
    }
    let ids = &shelf.ids;
    Ok(ids.iter().enumerate().filter(|(_, id)| !there.contains(id)).map(|(row, _)| row).collect())
}

fn rows(connection: &Connection) -> rusqlite::Result<Rows> {
    let (library, changes) = (open::meta(connection, "id")?, open::changes(connection)?);
    let mut rows = Rows { sheet: Sheet::default(), ids: Vec::new(), articles: Vec::new(), library, changes };
    let sql = "SELECT id, name FROM outlet WHERE id IN (SELECT outlet FROM article) ORDER BY name";
    let mut outlets: BTreeMap<i64, u32> = BTreeMap::new();
    let (mut statement, sheet) = (connection.prepare(sql)?, &mut rows.sheet);
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        outlets.insert(row.get(0)?, sheet.outlets.len() as u32);
        sheet.outlets.push(row.get(1)?);
    }
    let mut statement = connection.prepare("SELECT id, outlet, date FROM article ORDER BY id")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let outlet: i64 = row.get(1)?;
        let outlet = outlets.get(&outlet).ok_or_else(|| unreadable(1, format!("no outlet {outlet}")))?;
        rows.articles.push(row.get(0)?);
        sheet.articles.push((*outlet, date(row, 2)?));
    }
    let mut statement =
        connection.prepare("SELECT id, article, kind FROM paragraph WHERE reason IS NULL ORDER BY article, place")?;
    let mut found = statement.query([])?;
    let mut at = 0;
    while let Some(row) = found.next()? {
        let article: i64 = row.get(1)?;
        // Both ascend.
        while rows.articles.get(at).is_some_and(|known| *known < article) {
            at += 1;
        }
        if rows.articles.get(at) != Some(&article) {
            return Err(unreadable(1, format!("no article {article}")));
        }
        rows.ids.push(row.get(0)?);
        sheet.rows.push((at as u32, kind(row, 2)?));
    }
    Ok(rows)
}

fn date(row: &Row, column: usize) -> rusqlite::Result<Option<Date>> {
    let date = row.get_ref(column)?.as_str_or_null()?;
    date.map(Date::from_str).transpose().map_err(|error| unreadable(column, error.to_string()))
}

fn kind(row: &Row, column: usize) -> rusqlite::Result<Kind> {
    let code = row.get_ref(column)?.as_str()?;
    Kind::of_code(code).ok_or_else(|| unreadable(column, format!("no kind of paragraph is called {code:?}")))
}

/// Paragraphs of these ids as a collection, in their order; articles without texts.
fn excerpt(connection: &Connection, outlets: &[String], ids: &[i64]) -> rusqlite::Result<Collection> {
    let mut statement = connection.prepare_cached(
        "SELECT p.place, p.kind, p.span_start, p.span_end, p.text, a.id, a.name, o.name, a.title, a.date, a.url, a.file, a.line \
         FROM paragraph p JOIN article a ON a.id = p.article JOIN outlet o ON o.id = a.outlet WHERE p.id = ?1",
    )?;
    let mut collection = Collection { outlets: outlets.to_vec(), ..Collection::default() };
    let mut places: BTreeMap<i64, usize> = BTreeMap::new();
    for id in ids {
        statement.query_row([id], |row| {
            let article = match places.get(&row.get(5)?) {
                Some(&at) => at,
                None => {
                    collection.articles.push(article(row, outlets)?);
                    places.insert(row.get(5)?, collection.articles.len() - 1);
                    collection.articles.len() - 1
                }
            };
            let number = |column| row.get::<_, i64>(column).map(|number| number as usize);
            let span = number(2)?..number(3)?;
            collection.paragraphs.push(Paragraph {
                article,
                place: number(0)?,
                kind: kind(row, 1)?,
                span,
                text: row.get(4)?,
            });
            Ok(())
        })?;
    }
    Ok(collection)
}

fn article(row: &Row, outlets: &[String]) -> rusqlite::Result<Article> {
    let outlet = row.get_ref(7)?.as_str()?;
    let outlet = outlets
        .binary_search_by(|known| known.as_str().cmp(outlet))
        .map_err(|_| unreadable(7, format!("no outlet {outlet:?}")))?;
    let line: Option<i64> = row.get(12)?;
    Ok(Article {
        id: row.get(6)?,
        outlet: OutletId(outlet as u32),
        title: row.get(8)?,
        date: date(row, 9)?,
        url: row.get(10)?,
        place: Place { file: row.get(11)?, line: line.map(|line| line as usize) },
        text: String::new(),
        extra: serde_json::Map::new(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ndarray::Array2;

    use super::*;
    use crate::corpus::{Item, ReadOptions, Stream};
    use crate::embed::{EmbedError, Embeddings};
    use crate::library::{MadeBy, Which};
    use crate::lookup::Text;
    use crate::model::ModelMark;
    use crate::nearest::Mode;

    /// Vectors of texts' lengths.
    fn embed(texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let rows = Array2::from_shape_fn((texts.len(), 2), |(row, at)| [texts[row].len() as f32, 1.0][at]);
        let (vectors, tokens_of) = (UnitRows::normalized(rows)?, vec![0; texts.len()]);
        Ok(Embeddings { vectors, windowed: Vec::new(), tokens: 0, tokens_of, tokenising: Default::default() })
    }

    fn add(library: &mut Library, records: &[(&str, &str, &str)]) {
        let line = |(id, outlet, text): &(&str, &str, &str)| {
            serde_json::json!({ "id": id, "outlet": outlet, "text": text }).to_string()
        };
        let lines: Vec<String> = records.iter().map(line).collect();
        let stream = Stream::open(&["-".into()], ReadOptions::default()).unwrap();
        let mut adder = library.adder(&embed, Timestamp::UNIX_EPOCH);
        stream.read(lines.join("\n").as_bytes(), &mut |portion| {
            for (item, _) in stream.split(portion) {
                let Item::Article(article) = item else { panic!("{item:?}") };
                adder.take(*article).unwrap();
            }
            true
        });
        adder.finish().unwrap();
    }

    #[test]
    fn of_an_older_shelf_what_is_still_there_answers() {
        let folder = tempfile::tempdir().unwrap();
        let prompt = String::new();
        let model = ModelMark { name: "m".to_owned(), crc32: "0".to_owned(), dim: 2, max_tokens: None, prompt };
        let made_by = MadeBy { model, precision: "f32".to_owned(), source: None };
        let mut library = Library::open_or_create(&folder.path().join("news.refrain"), &made_by).unwrap();
        let text =
            |what: &str| format!("The harbour of the old town stays {what} after the storm of last week, it said.");
        let [shut, open, new] = ["shut", "open", "closed"].map(text);
        add(
            &mut library,
            &[("a", "daily", &shut), ("b", "herald", &shut), ("c", "daily", &open), ("d", "wire", &open)],
        );
        let shelf = library.shelf(Wanted { vectors: true, words: true }).unwrap();
        let tokeniser = Tokeniser::new().unwrap();
        let found = |library: &Library, left: bool| {
            let text = Text { text: "harbour storm", date: None };
            let filter = &Filter::default();
            let ask = Ask { text, vector: Some(&[1.0, 0.0]), mode: Mode::Hybrid, k: 9, filter, elsewhere: true };
            let answer = if left { Library::answer_of_what_is_left } else { Library::answer };
            answer(library, &shelf, &tokeniser, &ask).unwrap().map(|answer| {
                let mut found: Vec<String> =
                    answer.hits.iter().map(|hit| answer.collection.article_of(hit.scored.row).id.clone()).collect();
                found.sort();
                found.join(" ")
            })
        };
        assert_eq!((found(&library, false), found(&library, true)), (Some("a b c d".into()), Some("a b c d".into())));
        // One changed, one is gone, and one is new.
        add(&mut library, &[("a", "daily", &new), ("e", "herald", &new)]);
        library.remove(&Which { ids: vec!["c".to_owned()], ..Which::default() }).unwrap();
        assert_eq!((found(&library, false), found(&library, true)), (None, Some("b d".into())));
    }
}
