//! Words: what a question's stems weigh in each paragraph, by BM25 over an FTS5 index of SQLite.
//!
//! The definition is SQLite's own `bm25()` (Robertson and others 1994; k1 1.2, b 0.75), which looks every match up by itself:
//! some 90 ms for frequent words in 100,000 paragraphs. Here postings are read once, through `fts5vocab`, and scored in one
//! pass; the tests hold both to one another. One index serves a library's file and files that were just read.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;

use super::terms::TOKENS;
use crate::nearest::WordScore;

/// FTS5's own, which cannot be changed.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Postings that are remembered, some 8 bytes each.
const REMEMBERED: usize = 4 << 20;
/// What an entry takes beside its postings, in postings.
const ENTRY: usize = 16;

/// An index of words: a table `words` of FTS5, over rows whose ids ascend or do not.
#[derive(Debug)]
pub struct Lexicon {
    /// Ids of the index and their rows, by id.
    rows: Vec<(i64, u32)>,
    /// Stems a row.
    lengths: Vec<u32>,
    /// Stems a row, on average.
    mean: f64,
    known: Mutex<Postings>,
}

/// A row and how often a stem stands in it.
type Posting = (u32, u32);

/// Postings met before.
#[derive(Debug, Default)]
struct Postings {
    of: FxHashMap<String, Arc<[Posting]>>,
    held: usize,
}

/// What the words of a question weigh in the rows that have any.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    /// Rows, ascending, and their BM25.
    rows: Vec<(u32, f32)>,
    /// The BM25 that no text exceeds.
    most: f32,
}

impl Lexicon {
    /// An index in memory of texts, row by row, and the connection that holds it.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> rusqlite::Result<(Self, Connection)> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = '{TOKENS}')"
        ))?;
        let transaction = connection.transaction()?;
        let mut rows = 0;
        {
            let mut insert = transaction.prepare("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
            for text in texts {
                insert.execute((rows, text))?;
                rows += 1;
            }
        }
        transaction.commit()?;
        let ids: Vec<i64> = (0..rows).collect();
        Ok((Self::read(&connection, &ids)?, connection))
    }

    /// The index that a connection has, of paragraphs with these ids, row by row. Ids that are not among them are passed over.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn read(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Self> {
        let mut rows: Vec<(i64, u32)> = ids.iter().copied().zip(0..).collect();
        rows.sort_unstable();
        let mut lengths = vec![0; ids.len()];
        let mut statement = connection.prepare("SELECT id, sz FROM words_docsize ORDER BY id")?;
        let mut found = statement.query([])?;
        let mut cursor = Cursor { rows: &rows, at: 0 };
        let (mut count, mut total) = (0_u64, 0_u64);
        while let Some(one) = found.next()? {
            let length = length(one.get_ref(1)?.as_blob()?);
            (count, total) = (count + 1, total + u64::from(length));
            if let Some(row) = cursor.seek(one.get(0)?) {
                lengths[row as usize] = length;
            }
        }
        let mean = total as f64 / count.max(1) as f64;
        Ok(Self { rows, lengths, mean, known: Mutex::default() })
    }

    /// What stems weigh: BM25 of each row that has one of them. The connection is that of [`Lexicon::read`], in the same state.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn weigh(&self, connection: &Connection, stems: &[String]) -> rusqlite::Result<Weights> {
        let count = self.rows.len() as f64;
        let mut sums = vec![0.0_f64; self.lengths.len()];
        let mut most = 0.0;
        for stem in stems {
            let postings = self.postings(connection, stem)?;
            let hits = postings.len() as f64;
            let rarity = ((count - hits + 0.5) / (hits + 0.5)).ln();
            // As FTS5: a word of more than half of all texts counts next to nothing, rather than against them.
            let rarity = if rarity > 0.0 { rarity } else { 1e-6 };
            // A word that no text has says nothing of any, and nothing of how well the others do.
            most += if postings.is_empty() { 0.0 } else { rarity * (K1 + 1.0) };
            for &(row, times) in postings.iter() {
                let (row, times) = (row as usize, f64::from(times));
                let length = f64::from(self.lengths[row]) / self.mean;
                sums[row] += rarity * (times * (K1 + 1.0)) / (times + K1 * (1.0 - B + B * length));
            }
        }
        let rows = sums.iter().zip(0..).filter(|(sum, _)| **sum > 0.0).map(|(sum, row)| (row, *sum as f32)).collect();
        Ok(Weights { rows, most: most as f32 })
    }

    fn postings(&self, connection: &Connection, stem: &str) -> rusqlite::Result<Arc<[Posting]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).of.get(stem).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found: Arc<[Posting]> = self.read_postings(connection, stem)?.into();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A stem that no text has takes room too.
        let room = found.len() + ENTRY;
        if known.held + room > REMEMBERED {
            *known = Postings::default();
        }
        known.held += room;
        known.of.insert(stem.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    /// Rows with a stem, in the order of their ids.
    fn read_postings(&self, connection: &Connection, stem: &str) -> rusqlite::Result<Vec<Posting>> {
        vocabulary(connection)?;
        let mut statement = connection.prepare_cached("SELECT doc FROM temp.refrain_vocabulary WHERE term = ?1")?;
        let mut found = statement.query([stem])?;
        let mut cursor = Cursor { rows: &self.rows, at: 0 };
        let (mut postings, mut last): (Vec<Posting>, i64) = (Vec::new(), i64::MIN);
        while let Some(one) = found.next()? {
            let id: i64 = one.get(0)?;
            match postings.last_mut() {
                Some(posting) if id == last => posting.1 += 1,
                _ => postings.extend(cursor.seek(id).map(|row| (row, 1))),
            }
            last = id;
        }
        Ok(postings)
    }
}

/// Gives a connection the table of its index's terms.
fn vocabulary(connection: &Connection) -> rusqlite::Result<()> {
    let there = "SELECT 1 FROM temp.sqlite_schema WHERE name = 'refrain_vocabulary'";
    let there: Option<i64> = connection.prepare_cached(there)?.query_row([], |row| row.get(0)).optional()?;
    match there {
        Some(_) => Ok(()),
        None => connection
            .execute_batch("CREATE VIRTUAL TABLE temp.refrain_vocabulary USING fts5vocab (main, words, instance)"),
    }
}

/// Finds ids that ascend among ids that ascend.
struct Cursor<'a> {
    rows: &'a [(i64, u32)],
    at: usize,
}

impl Cursor<'_> {
    fn seek(&mut self, id: i64) -> Option<u32> {
        // The next one is a step away more often than not; else twice as far each time.
        let rest = &self.rows[self.at.min(self.rows.len())..];
        let mut ahead = 1;
        while ahead < rest.len() && rest[ahead - 1].0 < id {
            ahead *= 2;
        }
        self.at += rest[..ahead.min(rest.len())].partition_point(|(known, _)| *known < id);
        self.rows.get(self.at).filter(|(known, _)| *known == id).map(|(_, row)| *row)
    }
}

/// The stems of a row, as FTS5 keeps them: a number of 7 bits a byte, the first most.
fn length(bytes: &[u8]) -> u32 {
    let mut length = 0;
    for byte in bytes {
        length = length << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    length
}

impl Weights {
    /// Of rows and their BM25, ascending by row, and the BM25 that no text exceeds.
    pub fn new(rows: Vec<(u32, f32)>, most: f32) -> Self {
        Self { rows, most }
    }

    /// What the words of a row weigh.
    pub fn of(&self, row: usize) -> WordScore {
        match self.rows.binary_search_by_key(&(row as u32), |(row, _)| *row) {
            Ok(at) => WordScore { bm25: self.rows[at].1, share: self.share(self.rows[at].1) },
            Err(_) => WordScore::default(),
        }
    }

    /// The rows that have one of the words, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|(row, _)| *row as usize)
    }

    /// The shares of the rows that have one.
    pub(super) fn shares(&self) -> FxHashMap<u32, f32> {
        self.rows.iter().map(|&(row, bm25)| (row, self.share(bm25))).collect()
    }

    /// Adds the shares of the rows from `first` on to their scores.
    pub(super) fn add_shares(&self, first: usize, scores: &mut [f32]) {
        let start = self.rows.partition_point(|(row, _)| (*row as usize) < first);
        for &(row, bm25) in &self.rows[start..] {
            let Some(score) = scores.get_mut(row as usize - first) else { break };
            *score += self.share(bm25);
        }
    }

    fn share(&self, bm25: f32) -> f32 {
        if self.most > 0.0 { (bm25 / self.most).min(1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::terms::Tokeniser;

    const TEXTS: [&str; 6] = [
        "The chips were exported to Amazon's data centres, and chips again",
        "Data centres need power; powers of the state do not",
        "Nothing of the kind",
        "",
        "Fishermen fear a winter without cod",
        "chip chip chip data",
    ];

    /// SQLite's own.
    fn by_sqlite(connection: &Connection, expression: &str) -> Vec<(i64, f64)> {
        let sql = "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?1 ORDER BY rowid";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([expression], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn weights_are_sqlite_s_own_bm25() {
        let (lexicon, connection) = Lexicon::of_texts(TEXTS).unwrap();
        let stems = Tokeniser::new().unwrap().question("Which chips do data centres of fishermen need?").unwrap();
        assert_eq!(stems, ["chip", "data", "centr", "fishermen", "need"]);
        let found = lexicon.weigh(&connection, &stems).unwrap();
        let expected = by_sqlite(&connection, "\"chips\" OR data OR centres OR fishermen OR need");
        assert_eq!(
            found.rows().map(|row| row as i64).collect::<Vec<_>>(),
            expected.iter().map(|(row, _)| *row).collect::<Vec<_>>()
        );
        for (row, bm25) in expected {
            assert!((f64::from(found.of(row as usize).bm25) - bm25).abs() < 1e-5, "{row}: {bm25}");
        }
    }

    #[test]
    fn a_share_is_of_what_any_text_could_have() {
        let (lexicon, connection) =
            Lexicon::of_texts(["cod", "cod cod cod cod cod cod cod cod cod cod", "x", "y", "z"]).unwrap();
        let found = lexicon.weigh(&connection, &["cod".to_owned(), "unheard".to_owned()]).unwrap();
        let shares = [0, 1, 2].map(|row| found.of(row).share);
        assert!(shares[0] > 0.4 && shares[1] < 1.0 && shares[2] == 0.0, "{shares:?}");
        assert_eq!(lexicon.weigh(&connection, &[]).unwrap(), Weights::default());
    }

    #[test]
    fn ids_in_any_order_find_their_rows() {
        let (_, connection) = Lexicon::of_texts(TEXTS).unwrap();
        let lexicon = Lexicon::read(&connection, &[5, 0, 4]).unwrap();
        let found = lexicon.weigh(&connection, &["chip".to_owned(), "cod".to_owned()]).unwrap();
        assert_eq!(found.rows().collect::<Vec<_>>(), [0, 1, 2]);
        assert!(found.of(0).bm25 > found.of(1).bm25);
    }

    #[test]
    fn lengths_of_more_than_a_byte_are_read() {
        assert_eq!([length(&[5]), length(&[0x81, 0x00]), length(&[0x82, 0x7f]), length(&[])], [5, 128, 383, 0]);
    }
}
