//! Candidates: the pairs of rows worth comparing, and the statements that need a vector for it.
//!
//! In: neighbours by meaning, computed once for the whole run. Added here: pairs by shared wording. Out:
//! both, and the statements of every row that occurs in them. Cosine proposes, text decides. Not here: which statements of
//! many are worth a vector (`worth`).

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::DuplicatesError;
use super::shingles::pairs_by_wording;
use super::statements::statements;
use super::worth::worth_embedding;
use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::Passage;
use crate::vectors::UnitRows;

/// Two rows of different outlets to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The lower row.
    pub left: usize,
    /// The higher row.
    pub right: usize,
    /// Near in meaning: one of them is among the other's nearest.
    pub near: bool,
    /// Three content words in a row stand in both.
    pub shares_wording: bool,
}

/// What is to be compared, by row pair and by statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    pairs: Vec<Candidate>,
    statements: Vec<Passage>,
    first: Vec<usize>,
    sources: Vec<Source>,
    embedded: Vec<u32>,
}

impl Candidates {
    /// Row pairs, ascending, each once.
    pub fn pairs(&self) -> &[Candidate] {
        &self.pairs
    }

    /// The statements, by row and place: sentences of the rows in [`Candidates::pairs`].
    pub fn statements(&self) -> &[Passage] {
        &self.statements
    }

    /// Of each statement, what its vector is.
    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How many texts are to be embedded.
    pub fn text_count(&self) -> usize {
        self.embedded.len()
    }

    /// Rows of the collection they were made from.
    pub fn rows(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// The texts to embed, each once: those of statements that are not whole paragraphs, whose vectors there are.
    pub fn texts<'a>(&'a self, collection: &'a Collection) -> impl Iterator<Item = &'a str> {
        self.embedded.iter().map(|&statement| text_of(collection, &self.statements[statement as usize]))
    }

    /// The texts of all statements, in their order.
    pub(super) fn statement_texts<'a>(&'a self, collection: &'a Collection) -> impl Iterator<Item = &'a str> {
        self.statements.iter().map(|passage| text_of(collection, passage))
    }

    /// The text of a statement.
    pub(super) fn statement_text<'a>(&self, collection: &'a Collection, statement: usize) -> &'a str {
        text_of(collection, &self.statements[statement])
    }

    /// The same, with vectors for those statements alone that may say the same as another. Few statements, some minutes of
    /// embedding, keep theirs all.
    ///
    /// `vectors` has shape `(n_paragraphs, dim)`.
    #[must_use]
    pub fn sparing(self, collection: &Collection, vectors: &UnitRows) -> Self {
        self.sparing_above(ALL_EMBEDDED, collection, vectors)
    }

    /// The same, where more than so many texts are to be embedded.
    fn sparing_above(self, most: usize, collection: &Collection, vectors: &UnitRows) -> Self {
        if self.embedded.len() <= most || vectors.len() != self.rows() {
            return self;
        }
        let worth = worth_embedding(collection, vectors, &self);
        let (sources, embedded) = sources(collection, &self.statements, &worth);
        Self { sources, embedded, ..self }
    }

    /// The same, with a vector for no statement: those of their paragraphs stand for them.
    #[must_use]
    pub fn of_paragraphs(self, collection: &Collection) -> Self {
        let (sources, embedded) = sources(collection, &self.statements, &vec![false; self.statements.len()]);
        Self { sources, embedded, ..self }
    }

    /// Which statements are those of a row: indices into [`Candidates::statements`].
    pub fn statements_of(&self, row: usize) -> Range<usize> {
        self.first[row]..self.first[row + 1]
    }
}

fn text_of<'a>(collection: &'a Collection, passage: &Passage) -> &'a str {
    &collection.text(passage.row)[passage.span.clone()]
}

/// Texts up to which all are embedded: two minutes on two cores.
const ALL_EMBEDDED: usize = 40_000;

/// What stands for a statement's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The vector of its row, which it is the whole of.
    Row,
    /// One of the vectors of the texts to embed; statements of equal text share it.
    Text(u32),
    /// None of its own: with other statements it is compared by the vectors of both rows.
    Unembedded,
}

/// Collects what is to be compared.
///
/// `near` holds pairs of rows near in meaning, in any order and either way round: best each row's ten
/// or so nearest among other outlets' rows, since the background is measured on them too. Pairs of one
/// outlet are dropped: an outlet that repeats itself is no coverage.
///
/// # Errors
/// [`DuplicatesError::Row`] where a pair names a row that does not exist.
pub fn candidates(collection: &Collection, near: &[(usize, usize)]) -> Result<Candidates, DuplicatesError> {
    let outlets = collection.row_outlets();
    let near = cross_outlet(near, &outlets)?;
    let texts: Vec<&str> = (0..collection.len()).map(|row| collection.text(row)).collect();
    Ok(of_pairs(collection, joined(&near, &pairs_by_wording(&texts, &outlets))))
}

/// The row pairs with the statements of their rows.
pub(super) fn of_pairs(collection: &Collection, pairs: Vec<Candidate>) -> Candidates {
    let texts: Vec<&str> = (0..collection.len()).map(|row| collection.text(row)).collect();
    let mut compared = vec![false; collection.len()];
    for pair in &pairs {
        compared[pair.left] = true;
        compared[pair.right] = true;
    }
    let (statements, first) = laid_out(&texts, &compared);
    let (sources, embedded) = sources(collection, &statements, &vec![true; statements.len()]);
    Candidates { pairs, statements, first, sources, embedded }
}

/// What each statement's vector is, and the statements of which the texts are embedded: of equal texts the first that is
/// worth it. What is embedded for one statement is there for all of its text.
fn sources(collection: &Collection, statements: &[Passage], worth: &[bool]) -> (Vec<Source>, Vec<u32>) {
    let is_row = |passage: &Passage| passage.span.len() == collection.text(passage.row).len();
    let mut places: FxHashMap<&str, u32> = FxHashMap::default();
    let mut embedded = Vec::new();
    for (at, passage) in (0..).zip(statements).zip(worth).filter(|(_, worth)| **worth).map(|(statement, _)| statement) {
        if !is_row(passage) && !places.contains_key(text_of(collection, passage)) {
            places.insert(text_of(collection, passage), embedded.len() as u32);
            embedded.push(at);
        }
    }
    let source = |passage: &Passage| match places.get(text_of(collection, passage)) {
        _ if is_row(passage) => Source::Row,
        Some(&place) => Source::Text(place),
        None => Source::Unembedded,
    };
    (statements.iter().map(source).collect(), embedded)
}

fn cross_outlet(near: &[(usize, usize)], outlets: &[OutletId]) -> Result<Vec<(usize, usize)>, DuplicatesError> {
    let rows = outlets.len();
    if let Some(row) = near.iter().map(|&(a, b)| a.max(b)).find(|&row| row >= rows) {
        return Err(DuplicatesError::Row { row, rows });
    }
    let mut pairs: Vec<(usize, usize)> =
        near.iter().filter(|&&(a, b)| outlets[a] != outlets[b]).map(|&(a, b)| (a.min(b), a.max(b))).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// Merges two ascending lists of pairs.
fn joined(near: &[(usize, usize)], worded: &[(usize, usize)]) -> Vec<Candidate> {
    let mut tagged: Vec<((usize, usize), bool)> =
        near.iter().map(|&pair| (pair, true)).chain(worded.iter().map(|&pair| (pair, false))).collect();
    tagged.par_sort_unstable();
    let same = |a: &((usize, usize), bool), b: &((usize, usize), bool)| a.0 == b.0;
    let candidate = |tags: &[((usize, usize), bool)]| {
        let ((left, right), _) = tags[0];
        let by = |meaning: bool| tags.iter().any(|&(_, near)| near == meaning);
        Candidate { left, right, near: by(true), shares_wording: by(false) }
    };
    tagged.chunk_by(same).map(candidate).collect()
}

fn laid_out(texts: &[&str], compared: &[bool]) -> (Vec<Passage>, Vec<usize>) {
    let spans: Vec<Vec<Range<usize>>> = texts
        .par_iter()
        .zip(compared)
        .map(|(text, &compared)| if compared { statements(text) } else { Vec::new() })
        .collect();
    let mut first = vec![0];
    let mut found = Vec::new();
    for (row, spans) in spans.into_iter().enumerate() {
        found.extend(spans.into_iter().map(|span| Passage { row, span }));
        first.push(found.len());
    }
    (found, first)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{bags, collection};
    use super::*;

    #[test]
    fn both_ways_of_being_near_are_joined_and_one_outlet_is_dropped() {
        let rows = [
            (0, "Amazon signed a seven-year deal with OpenAI."),
            (1, "The seven-year deal came first."),
            (1, "Chips are scarce everywhere today."),
            (1, "Amazon signed a seven-year deal. It is large by any measure."),
        ];
        let found = candidates(&collection(&rows), &[(2, 0), (0, 3), (1, 2), (0, 2)]).unwrap();
        let tags: Vec<_> = found.pairs().iter().map(|p| (p.left, p.right, p.near, p.shares_wording)).collect();
        assert_eq!(tags, [(0, 1, false, true), (0, 2, true, false), (0, 3, true, true)]);
        assert_eq!(found.statements().len(), 5);
        assert_eq!(found.statements_of(3), 3..5);
    }

    #[test]
    fn a_statement_that_is_its_row_or_was_met_before_is_not_embedded_again() {
        let (lead, rest) = ("Amazon signed a seven-year deal.", "It is large by any measure.");
        let both = format!("{lead} {rest}");
        let rows = [(0, both.as_str()), (1, lead), (2, both.as_str())];
        let collection = collection(&rows);
        let found = candidates(&collection, &[(0, 1), (1, 2)]).unwrap();
        assert_eq!(found.texts(&collection).collect::<Vec<_>>(), [lead, rest]);
        let [a, b] = [0, 1].map(Source::Text);
        assert_eq!(found.sources(), [a, b, Source::Row, a, b]);
    }

    #[test]
    fn a_text_embedded_for_one_statement_is_there_for_all_of_it() {
        let (lead, rest) = ("Amazon signed a seven-year deal.", "It is large by any measure.");
        let both = format!("{lead} {rest}");
        let collection = collection(&[(0, both.as_str()), (1, lead), (2, both.as_str())]);
        let found = candidates(&collection, &[(0, 1), (1, 2)]).unwrap();
        let worth = [false, false, false, true, false];
        let (sources, embedded) = sources(&collection, &found.statements, &worth);
        let lead = Source::Text(0);
        assert_eq!(sources, [lead, Source::Unembedded, Source::Row, lead, Source::Unembedded]);
        assert_eq!(embedded, [3]);
    }

    #[test]
    fn few_texts_are_all_embedded_and_of_many_those_that_may_be_the_same() {
        let lead = "Amazon signed a seven-year deal with OpenAI.";
        let other = |at: usize| format!("Word{at} noun{at} verb{at} thing{at}. {lead} Thing{at} word{at}s noun{at}.");
        let texts: Vec<String> = (0..40).map(other).collect();
        let rows: Vec<(u32, &str)> = (0..).zip(texts.iter().map(String::as_str)).collect();
        let collection = collection(&rows);
        let all = candidates(&collection, &[]).unwrap();
        let vectors = bags(texts.iter().map(String::as_str));
        assert_eq!(all.clone().sparing(&collection, &vectors), all);
        assert_eq!(all.clone().sparing_above(all.text_count(), &collection, &vectors), all);
        let spared = all.clone().sparing_above(0, &collection, &vectors);
        let (kept, before): (Vec<&str>, Vec<&str>) =
            (spared.texts(&collection).collect(), all.texts(&collection).collect());
        assert!(kept.iter().all(|text| before.contains(text)));
        assert_eq!((spared.pairs(), spared.statements()), (all.pairs(), all.statements()));
    }

    #[test]
    fn paragraphs_alone_leave_no_text_to_embed() {
        let both = "Amazon signed a seven-year deal. It is large by any measure.";
        let collection = collection(&[(0, both), (1, "Amazon signed a seven-year deal.")]);
        let found = candidates(&collection, &[]).unwrap().of_paragraphs(&collection);
        assert_eq!((found.text_count(), found.texts(&collection).count()), (0, 0));
        assert_eq!(found.sources(), [Source::Unembedded, Source::Unembedded, Source::Row]);
    }

    #[test]
    fn a_row_that_does_not_exist_is_refused() {
        let refused = candidates(&collection(&[(0, "One row only here.")]), &[(0, 1)]);
        assert_eq!(refused, Err(DuplicatesError::Row { row: 1, rows: 1 }));
    }

    #[test]
    fn no_rows_have_no_candidates() {
        assert_eq!(candidates(&Collection::default(), &[]).unwrap().statements().len(), 0);
    }
}
