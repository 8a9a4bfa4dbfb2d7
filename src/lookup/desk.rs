//! One question from its words to its answer: searched, filtered, explained, and with what other outlets have.
//!
//! A [`Stock`] is one state of a corpus, ready to be searched by many at once; the connection that holds its words is the
//! caller's, for SQLite's are used by one thread at a time. Texts are asked for last, of the few rows that answer.

use rusqlite::Connection;

use super::LookupError;
use super::cells::Shelved;
use super::compact::Compact;
use super::filter::{Filter, Sheet};
use super::lexicon::{Lexicon, Weights};
use super::search::{Allowed, Question, search, search_each};
use super::terms::Tokeniser;
use super::why::{Explainer, Text};
use crate::collection::Collection;
use crate::nearest::{Answer, Elsewhere, Found, Hit, Mode, Scored, Searched};
use crate::vectors::UnitRows;

/// One state of a corpus.
#[derive(Debug)]
pub struct Stock {
    /// What filters ask of each row.
    pub sheet: Sheet,
    /// One a row, shape `(rows, dim)`; none where only words are searched.
    pub vectors: Option<UnitRows>,
    /// Those rounded: pays from the second question on.
    pub compact: Option<Compact>,
    /// Cells of very many rows; with them a search among all of them is approximate.
    pub cells: Option<Shelved>,
    /// The words; none where only meaning is searched.
    pub lexicon: Option<Lexicon>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The question.
    pub text: Text<'a>,
    /// Its unit vector; none in [`Mode::Lexical`].
    pub vector: Option<&'a [f32]>,
    /// What is looked for by.
    pub mode: Mode,
    /// How many paragraphs are wanted.
    pub k: usize,
    /// Which may answer.
    pub filter: &'a Filter,
    /// Whether the nearest paragraph of another outlet is wanted with each.
    pub elsewhere: bool,
}

/// Gives the rows asked for as a collection: its row `i` is the `i`-th asked for.
pub type Excerpt<'a, E> = &'a dyn Fn(&[usize]) -> Result<Collection, E>;

impl Stock {
    /// Rounds the vectors, so that further questions are answered faster.
    pub fn warm(&mut self) {
        self.compact = self.vectors.as_ref().map(Compact::of);
    }

    /// The best rows, best first, and what was searched.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn search(
        &self,
        connection: &Connection,
        tokeniser: &Tokeniser,
        ask: &Ask,
    ) -> Result<(Vec<Scored>, Searched), LookupError> {
        let allowed = ask.filter.allowed(&self.sheet)?;
        let mut searched = self.searched(allowed.as_deref());
        let weights = match (ask.mode.by_words(), &self.lexicon) {
            (false, _) => Weights::default(),
            (true, Some(lexicon)) => lexicon.weigh(connection, &tokeniser.question(ask.text.text)?)?,
            (true, None) => return Err(LookupError::NotLoaded("words")),
        };
        let vector = ask.vector.unwrap_or_default();
        let question = Question { mode: ask.mode, vector, weights: &weights, k: ask.k };
        let found = match (ask.mode.by_meaning(), &self.vectors) {
            (true, None) => return Err(LookupError::NotLoaded("vectors")),
            (true, Some(vectors)) if vector.len() != vectors.dim() => {
                return Err(LookupError::Dim { question: vector.len(), dim: vectors.dim() });
            }
            (true, Some(vectors)) => match self.approximate(allowed.as_deref()) {
                Some(cells) => {
                    searched.recall = Some(cells.recall());
                    cells.search(&question, vectors, allowed.as_deref())
                }
                None => search(&question, vectors, self.compact.as_ref(), allowed.as_deref()),
            },
            (false, _) => super::search::by_words(&question, allowed.as_deref()),
        };
        Ok((found, searched))
    }

    /// The cells, where there are some and all rows may answer. Under a filter all are scanned: what may answer need not lie
    /// in the cells that are nearest, and how much would be found there was not measured.
    fn approximate(&self, allowed: Allowed) -> Option<&Shelved> {
        self.cells.as_ref().filter(|_| allowed.is_none())
    }

    /// The answer to a question, explained.
    ///
    /// # Errors
    /// [`LookupError`], or that of `excerpt`.
    pub fn answer<E: From<LookupError>>(
        &self,
        connection: &Connection,
        tokeniser: &Tokeniser,
        ask: &Ask,
        excerpt: Excerpt<E>,
    ) -> Result<Answer, E> {
        let (found, searched) = self.search(connection, tokeniser, ask)?;
        let others: Vec<Option<Hit>> =
            if ask.elsewhere { self.elsewhere(ask.filter, &found)? } else { vec![None; found.len()] };
        let mut rows: Vec<usize> = found.iter().map(|hit| hit.row).collect();
        rows.extend(others.iter().flatten().map(|hit| hit.row));
        let collection = excerpt(&rows)?;
        let hits = explained(tokeniser, ask, (&found, &others), &collection)?;
        Ok(Answer { question: ask.text.text.to_owned(), mode: ask.mode, searched, hits, collection })
    }

    /// Of each hit the nearest row of another outlet that the filter lets answer, whatever outlets it asks for.
    fn elsewhere(&self, filter: &Filter, found: &[Scored]) -> Result<Vec<Option<Hit>>, LookupError> {
        let any_outlet = Filter { outlets: Vec::new(), rows: None, ..filter.clone() };
        let allowed = any_outlet.allowed(&self.sheet)?;
        let Some(vectors) = &self.vectors else { return Ok(vec![None; found.len()]) };
        let others: Vec<Vec<bool>> = found.iter().map(|hit| self.others(hit.row, allowed.as_deref())).collect();
        let own: Vec<Vec<f32>> = found.iter().map(|hit| vectors.row(hit.row).to_vec()).collect();
        let weights = Weights::default();
        let question = |vector| Question { mode: Mode::Semantic, vector, weights: &weights, k: 1 };
        let asked: Vec<(Question, Allowed)> =
            own.iter().zip(&others).map(|(own, others)| (question(own), Some(&others[..]))).collect();
        let nearest = search_each(&asked, vectors, self.compact.as_ref());
        Ok(nearest.iter().map(|near| near.first().map(|hit| Hit { row: hit.row, cosine: hit.score })).collect())
    }

    /// Marks the rows of other outlets, of those allowed.
    fn others(&self, row: usize, allowed: Allowed) -> Vec<bool> {
        let mut other = self.sheet.elsewhere(row);
        if let Some(allowed) = allowed {
            other.iter_mut().zip(allowed).for_each(|(other, allowed)| *other &= allowed);
        }
        other
    }

    fn searched(&self, allowed: Allowed) -> Searched {
        let all = self.sheet.rows.len();
        let paragraphs = allowed.map_or(all, |allowed| allowed.iter().filter(|may| **may).count());
        Searched { paragraphs, shut_out: all - paragraphs, articles: self.sheet.articles.len(), recall: None }
    }
}

/// The hits with what speaks for them. The collection holds the rows found, then those elsewhere.
fn explained(
    tokeniser: &Tokeniser,
    ask: &Ask,
    (found, others): (&[Scored], &[Option<Hit>]),
    collection: &Collection,
) -> Result<Vec<Found>, LookupError> {
    let text = |row: usize| Text { text: collection.text(row), date: collection.article_of(row).date };
    let answers: Vec<_> = found.iter().enumerate().map(|(at, hit)| (text(at), hit.cosine)).collect();
    let whys = Explainer::new(tokeniser, ask.text)?.explain(&answers)?;
    let mut next = found.len();
    let mut hits = Vec::with_capacity(found.len());
    for (at, ((hit, why), other)) in found.iter().zip(whys).zip(others).enumerate() {
        let elsewhere = match other {
            None => None,
            Some(other) => {
                let why = Explainer::new(tokeniser, text(at))?.explain(&[(text(next), Some(other.cosine))])?.pop();
                next += 1;
                Some(Elsewhere { row: next - 1, source: other.row, cosine: other.cosine, why: why.unwrap_or_default() })
            }
        };
        let scored = Scored { row: at, ..*hit };
        hits.push(Found { scored, row: hit.row, id: None, why, elsewhere });
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::article::{Article, OutletId, Place};
    use crate::nearest::excerpt;
    use crate::paragraph::{Kind, Paragraph};

    fn collection(texts: [&str; 4]) -> Collection {
        let article = |at: usize| Article {
            id: format!("a{at}"),
            outlet: OutletId(at as u32 / 2),
            title: None,
            date: None,
            url: None,
            place: Place { file: "x".to_owned(), line: None },
            text: String::new(),
            extra: serde_json::Map::new(),
        };
        let paragraph = |(at, text): (usize, &str)| Paragraph {
            article: at,
            place: 1,
            kind: Kind::Body,
            span: 0..text.len(),
            text: text.to_owned(),
        };
        Collection {
            outlets: vec!["bbc".to_owned(), "wire".to_owned()],
            articles: (0..4).map(article).collect(),
            paragraphs: texts.into_iter().enumerate().map(paragraph).collect(),
            ..Collection::default()
        }
    }

    #[test]
    fn an_answer_names_its_rows_and_what_other_outlets_have() {
        let collection = collection(["Chips are exported", "Cod is scarce", "Chips were exported too", "Snow fell"]);
        let vectors = UnitRows::normalized(array![[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [0.2, 1.0]]).unwrap();
        let (lexicon, connection) =
            Lexicon::of_texts(collection.paragraphs.iter().map(|one| one.text.as_str())).unwrap();
        let (sheet, tokeniser) = (Sheet::of(&collection), Tokeniser::new().unwrap());
        let mut stock = Stock { sheet, vectors: Some(vectors), compact: None, cells: None, lexicon: Some(lexicon) };
        let filter = Filter { not_rows: vec![0], ..Filter::default() };
        let text = Text { text: "chip exports", date: None };
        let ask = Ask { text, vector: Some(&[1.0, 0.0]), mode: Mode::Hybrid, k: 2, filter: &filter, elsewhere: true };
        let answer = |stock: &Stock| {
            stock.answer::<LookupError>(&connection, &tokeniser, &ask, &|rows| Ok(excerpt(&collection, rows))).unwrap()
        };
        let cold = answer(&stock);
        stock.warm();
        assert_eq!(cold, answer(&stock));
        assert_eq!(cold.searched, Searched { paragraphs: 3, shut_out: 1, articles: 4, recall: None });
        assert_eq!(cold.hits.iter().map(|hit| (hit.row, hit.scored.row)).collect::<Vec<_>>(), [(2, 0), (3, 1)]);
        assert_eq!(cold.hits[0].why.words, ["chips", "exported"]);
        // Row 0 is shut out there too.
        let elsewhere = cold.hits[0].elsewhere.as_ref().unwrap();
        assert_eq!((elsewhere.source, cold.collection.text(elsewhere.row)), (1, "Cod is scarce"));
        let wrong = Ask { vector: Some(&[1.0]), ..ask };
        assert!(matches!(stock.search(&connection, &tokeniser, &wrong), Err(LookupError::Dim { question: 1, dim: 2 })));
    }
}
