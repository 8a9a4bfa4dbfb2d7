//! A question put to a library that a shelf was made of: both checked to be of one state, and read in one transaction.
//!
//! A library that was written to since is asked for what is left of the shelf: ids never come back and a paragraph's text never
//! changes, so that each answer is true, and what came since is not among them. Not here: the shelf (`lookup`).

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use rustc_hash::FxHashSet;

use super::lookup::{date, kind};
use super::rows::unreadable;
use super::{Library, LibraryError, Shelf, open};
use crate::article::{Article, OutletId, Place};
use crate::collection::Collection;
use crate::lookup::{Ask, Filter, Tokeniser};
use crate::nearest::Answer;
use crate::paragraph::Paragraph;

/// A look at a library, and at the shelf that was made of it: what is asked by it is of one state.
pub struct Look<'a> {
    library: &'a Library,
    shelf: &'a Shelf,
    transaction: Transaction<'a>,
    /// Rows of the shelf, ascending, whose paragraphs the library no longer has.
    gone: Arc<Vec<usize>>,
}

/// Where a paragraph of a library is.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    /// At a row of the shelf; its text, and its article's day.
    At(usize, Collection),
    /// In the library, since the shelf was made.
    Since,
    /// There is none that takes part.
    Nowhere,
}

/// The rows of a shelf that were gone after so many changes.
#[derive(Debug, Clone)]
pub(super) struct Left {
    changes: u64,
    gone: Arc<Vec<usize>>,
}

impl Library {
    /// A look at the library; none where it is no longer what the shelf was made of.
    ///
    /// # Errors
    /// Those of reading.
    pub fn look<'a>(&'a self, shelf: &'a Shelf) -> Result<Option<Look<'a>>, LibraryError> {
        let look = self.look_at_any(shelf)?;
        Ok(look.filter(|(_, changes)| *changes == shelf.changes).map(|(look, _)| look))
    }

    /// A look at what the library still has of a shelf; none where the library is another.
    ///
    /// # Errors
    /// Those of reading.
    pub fn look_at_what_is_left<'a>(&'a self, shelf: &'a Shelf) -> Result<Option<Look<'a>>, LibraryError> {
        let Some((look, changes)) = self.look_at_any(shelf)? else { return Ok(None) };
        if changes == shelf.changes {
            return Ok(Some(look));
        }
        let gone = self.told(left(&look.transaction, shelf, changes))?;
        Ok(Some(Look { gone, ..look }))
    }

    fn look_at_any<'a>(&'a self, shelf: &'a Shelf) -> Result<Option<(Look<'a>, u64)>, LibraryError> {
        let transaction = self.read()?;
        // Another library under the same name may have changed as often.
        if self.told(open::meta(&transaction, "id"))? != shelf.library {
            return Ok(None);
        }
        let changes = self.told(open::changes(&transaction))?;
        Ok(Some((Look { library: self, shelf, transaction, gone: Arc::default() }, changes)))
    }

    /// The answer to a question; none where the library is no longer what the shelf was made of.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn answer(&self, shelf: &Shelf, tokeniser: &Tokeniser, ask: &Ask) -> Result<Option<Answer>, LibraryError> {
        self.look(shelf)?.map(|look| look.answer(tokeniser, ask)).transpose()
    }
}

impl Look<'_> {
    /// The answer to a question.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn answer(&self, tokeniser: &Tokeniser, ask: &Ask) -> Result<Answer, LibraryError> {
        let shelf = self.shelf;
        let excerpt = |rows: &[usize]| {
            let ids: Vec<i64> = rows.iter().map(|&row| shelf.ids[row]).collect();
            self.library.told(excerpt(&self.transaction, &shelf.stock.sheet.outlets, &ids))
        };
        let not_rows = ask.filter.not_rows.iter().chain(self.gone.iter()).copied().collect();
        let filter = &Filter { not_rows, ..ask.filter.clone() };
        let mut answer = shelf.stock.answer(&self.transaction, tokeniser, &Ask { filter, ..*ask }, &excerpt)?;
        for hit in &mut answer.hits {
            hit.id = Some(shelf.ids[hit.row]);
        }
        Ok(answer)
    }

    /// The paragraph at a place of an article.
    ///
    /// # Errors
    /// Those of reading.
    pub fn paragraph(&self, article: &str, place: usize) -> Result<Sought, LibraryError> {
        let sql = "SELECT p.id FROM paragraph p JOIN article a ON a.id = p.article \
                   WHERE a.name = ?1 AND p.place = ?2 AND p.reason IS NULL";
        let id = self.transaction.query_row(sql, (article, place as i64), |row| row.get(0)).optional();
        let Some(id): Option<i64> = self.library.told(id)? else { return Ok(Sought::Nowhere) };
        let row = self.shelf.ids.iter().position(|known| *known == id);
        let Some(row) = row.filter(|row| self.gone.binary_search(row).is_err()) else { return Ok(Sought::Since) };
        let one = excerpt(&self.transaction, &self.shelf.stock.sheet.outlets, &[id]);
        Ok(Sought::At(row, self.library.told(one)?))
    }
}

/// What is gone after so many changes: looked for once, by whoever asks first.
fn left(connection: &Connection, shelf: &Shelf, changes: u64) -> rusqlite::Result<Arc<Vec<usize>>> {
    let mut known = shelf.left.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(left) = known.as_ref().filter(|left| left.changes == changes) {
        return Ok(Arc::clone(&left.gone));
    }
    let gone = Arc::new(gone(connection, shelf)?);
    *known = Some(Left { changes, gone: Arc::clone(&gone) });
    Ok(gone)
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
    use crate::library::{MadeBy, Wanted, Which};
    use crate::lookup::Text;
    use crate::model::ModelMark;
    use crate::nearest::Mode;
    use crate::vectors::UnitRows;

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
            let look = if left { library.look_at_what_is_left(&shelf) } else { library.look(&shelf) };
            look.unwrap().map(|look| look.answer(&tokeniser, &ask).unwrap()).map(|answer| {
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
        // A paragraph that came since is told from one that is nowhere, and from one that stands where it stood.
        let sought =
            |article: &str| library.look_at_what_is_left(&shelf).unwrap().unwrap().paragraph(article, 1).unwrap();
        assert_eq!((sought("a"), sought("e"), sought("c")), (Sought::Since, Sought::Since, Sought::Nowhere));
        assert!(matches!(sought("b"), Sought::At(1, _)));
        assert!(library.look(&shelf).unwrap().is_none());
        // What is gone is looked for once a state, and again in the next.
        let gone = || Arc::clone(&shelf.left.lock().unwrap().as_ref().unwrap().gone);
        let (before, _) = (gone(), found(&library, true));
        assert!(Arc::ptr_eq(&before, &gone()));
        library.remove(&Which { ids: vec!["b".to_owned()], ..Which::default() }).unwrap();
        assert_eq!((found(&library, true), gone().len()), (Some("d".into()), 3));
    }
}
