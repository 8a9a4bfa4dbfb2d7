//! Stems, exactly as the index has them: FTS5's own tokeniser (unicode61, Porter's stemmer) cuts the questions too.
//!
//! What users type never becomes an FTS5 expression: it is cut into stems, and these are looked up one by one.

use std::cell::RefCell;

use rusqlite::Connection;
use rustc_hash::FxHashMap;

use crate::neighbours::wording::is_stop_word;
use crate::text::{Word, words};

/// How words are cut and stemmed; `library/schema.sql` says the same.
pub const TOKENS: &str = "porter unicode61 remove_diacritics 2";

/// Words whose stems are remembered.
const REMEMBERED: usize = 1 << 16;

/// Cuts texts into stems.
#[derive(Debug)]
pub struct Tokeniser {
    connection: Connection,
    /// Stems of words met before: an answer is explained word by word, and most of its words were in one before.
    known: RefCell<FxHashMap<String, Vec<String>>>,
}

impl Tokeniser {
    /// A tokeniser of its own.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn new() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE t USING fts5 (text, content = '', tokenize = '{TOKENS}'); \
             CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)"
        ))?;
        Ok(Self { connection, known: RefCell::default() })
    }

    /// The stems that a question asks for, each once, in order: without stop words, unless there are no others.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn question(&self, text: &str) -> rusqlite::Result<Vec<String>> {
        let words = words(text);
        let telling: Vec<&Word> = words.iter().filter(|word| !is_stop_word(&word.form)).collect();
        let telling = if telling.is_empty() { words.iter().collect() } else { telling };
        let forms: Vec<&str> = telling.iter().map(|word| word.form.as_str()).collect();
        let mut stems: Vec<String> = Vec::new();
        for stem in self.stems(&forms)?.into_iter().flatten() {
            if !stems.contains(&stem) {
                stems.push(stem);
            }
        }
        Ok(stems)
    }

    /// The stems of each of some words: mostly one, none for what is no word, several where the index cuts finer.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn stems(&self, words: &[&str]) -> rusqlite::Result<Vec<Vec<String>>> {
        let mut known = self.known.borrow_mut();
        if known.len() > REMEMBERED {
            known.clear();
        }
        let mut new: Vec<&str> = words.iter().copied().filter(|word| !known.contains_key(*word)).collect();
        new.sort_unstable();
        new.dedup();
        known.extend(new.iter().map(|word| (*word).to_owned()).zip(self.tokenised(&new)?));
        Ok(words.iter().map(|word| known.get(*word).cloned().unwrap_or_default()).collect())
    }

    fn tokenised(&self, words: &[&str]) -> rusqlite::Result<Vec<Vec<String>>> {
        let mut stems = vec![Vec::new(); words.len()];
        if words.is_empty() {
            return Ok(stems);
        }
        let transaction = self.connection.unchecked_transaction()?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO t (rowid, text) VALUES (?1, ?2)")?;
            for (at, word) in words.iter().enumerate() {
                insert.execute((at as i64, word))?;
            }
            let mut read = transaction.prepare_cached("SELECT doc, term FROM v ORDER BY doc, offset")?;
            let mut found = read.query([])?;
            while let Some(row) = found.next()? {
                let at: i64 = row.get(0)?;
                stems[at as usize].push(row.get(1)?);
            }
        }
        // Rolling back leaves the table empty for the next.
        drop(transaction);
        Ok(stems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_lose_stop_words_syntax_and_endings() {
        let tokeniser = Tokeniser::new().unwrap();
        let asked = |text: &str| tokeniser.question(text).unwrap();
        assert_eq!(asked("Who pays for the data centres' CENTRES?"), ["pai", "data", "centr"]);
        assert_eq!(asked("\"chips\" OR NEAR(café) -*:^ text:x 1.4"), ["chip", "near", "cafe", "text", "x", "1", "4"]);
        assert_eq!(asked("who is it"), ["who", "is", "it"]);
        assert!(asked(" \u{0} ?! ").is_empty());
    }

    #[test]
    fn words_keep_their_places() {
        let tokeniser = Tokeniser::new().unwrap();
        let words = ["running", "—", "1.4", "runs"];
        assert_eq!(tokeniser.stems(&words).unwrap(), [vec!["run"], vec![], vec!["1", "4"], vec!["run"]]);
        // Some are known by now, one stands there twice.
        assert_eq!(tokeniser.stems(&["a", "runs", "a", "—"]).unwrap(), [vec!["a"], vec!["run"], vec!["a"], vec![]]);
    }
}
