//! What is compared, laid out once: the words, terms and vectors of rows and of their statements.
//!
//! Statements are addressed by their index among [`Candidates::statements`], rows by theirs. Not here:
//! which are compared (`pairs`) or what counts as the same (`background`).

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{Array1, ArrayView1};
use rayon::prelude::*;

use super::align::{Alignment, Token, align, tokens, within};
use super::candidates::{Candidates, Source};
use super::facts::{Facts, differences};
use super::grade::by_wording;
use super::judge::{self, Said};
use super::promise::Promise;
use super::stems::{codes, singular_acronyms};
use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::{Difference, Passage};
use crate::neighbours::wording::{TermVector, Wording};
use crate::vectors::UnitRows;

/// Wording below which two statements are not aligned to see whether they are one.
const LEAST_ALIGNED: f32 = 0.3;

/// Likeness of two passages, by meaning and by wording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    /// Cosine of the embeddings.
    pub(super) cosine: f32,
    /// Cosine of the TF-IDF vectors.
    pub(super) wording: f32,
}

impl Likeness {
    /// Both summed: what the threshold is applied to.
    pub(super) fn sum(self) -> f32 {
        self.cosine + self.wording
    }
}

/// Rows and statements with all that comparing them needs.
pub(super) struct Material<'a> {
    collection: &'a Collection,
    candidates: &'a Candidates,
    vectors: Option<Vectors<'a>>,
    outlets: Vec<OutletId>,
    wording: Wording,
    row_terms: Vec<TermVector>,
    statement_terms: Vec<TermVector>,
    statement_codes: Vec<Vec<String>>,
    tokens: Vec<Vec<Token>>,
    promises: Vec<Promise>,
}

/// What is known of meaning.
#[derive(Clone, Copy)]
pub(super) struct Vectors<'a> {
    /// One a row.
    pub(super) rows: &'a UnitRows,
    /// One a text of [`Candidates::texts`].
    pub(super) texts: &'a UnitRows,
}

impl<'a> Material<'a> {
    /// Lays out rows and statements. Without vectors wording stands for meaning too, and only rows that occur in a pair
    /// are laid out.
    pub(super) fn new(collection: &'a Collection, vectors: Option<Vectors<'a>>, candidates: &'a Candidates) -> Self {
        let plain: Vec<Cow<str>> =
            candidates.statement_texts(collection).collect::<Vec<_>>().into_par_iter().map(singular_acronyms).collect();
        let wording = Wording::learn(plain.iter().map(AsRef::as_ref));
        let asked = |row: usize| vectors.is_some() || !candidates.statements_of(row).is_empty();
        let texts: Vec<&str> =
            (0..collection.len()).map(|row| if asked(row) { collection.text(row) } else { "" }).collect();
        let tokens: Vec<Vec<Token>> = texts.par_iter().map(|text| tokens(text)).collect();
        let rows: Vec<Cow<str>> = texts.par_iter().map(|text| singular_acronyms(text)).collect();
        Self {
            row_terms: wording.vectors(&rows),
            statement_terms: wording.vectors(&plain),
            statement_codes: plain.par_iter().map(|text| codes(text)).collect(),
            promises: tokens.par_iter().map(|tokens| Promise::new(tokens)).collect(),
            tokens,
            outlets: collection.row_outlets(),
            collection,
            candidates,
            vectors,
            wording,
        }
    }

    /// The rows, their texts and outlets.
    pub(super) fn collection(&self) -> &'a Collection {
        self.collection
    }

    /// The outlet of each row.
    pub(super) fn outlets(&self) -> &[OutletId] {
        &self.outlets
    }

    /// The article of a row.
    pub(super) fn article(&self, row: usize) -> usize {
        self.collection.paragraphs[row].article
    }

    /// The pairs of rows to compare, and the statements.
    pub(super) fn candidates(&self) -> &'a Candidates {
        self.candidates
    }

    /// A statement as a passage.
    pub(super) fn statement(&self, statement: usize) -> &Passage {
        &self.candidates.statements()[statement]
    }

    /// The words of a row.
    pub(super) fn tokens(&self, row: usize) -> &[Token] {
        &self.tokens[row]
    }

    /// The words of a passage.
    pub(super) fn passage_tokens(&self, passage: &Passage) -> &[Token] {
        within(&self.tokens[passage.row], &passage.span)
    }

    /// Whether the wording of two rows may make them a pair.
    pub(super) fn promising(&self, left: usize, right: usize) -> bool {
        self.promises[left].with(&self.promises[right])
    }

    /// Likeness of two rows.
    pub(super) fn of_rows(&self, left: usize, right: usize) -> Likeness {
        let wording = self.row_terms[left].cosine(&self.row_terms[right]);
        Likeness { cosine: self.vectors.map_or(wording, |vectors| vectors.rows.cosine(left, right)), wording }
    }

    /// Likeness of two statements: of their rows' meaning, where either has no vector of its own.
    pub(super) fn of_statements(&self, left: usize, right: usize) -> Likeness {
        let wording = self.statement_terms[left].cosine(&self.statement_terms[right]);
        let cosine = self.vectors.map_or(wording, |vectors| self.statement_cosine(vectors, left, right));
        Likeness { cosine, wording }
    }

    fn statement_cosine(&self, vectors: Vectors<'_>, left: usize, right: usize) -> f32 {
        let [own_left, own_right] = [left, right].map(|statement| self.own_vector(vectors, statement));
        match (own_left, own_right) {
            (Some(left), Some(right)) => left.dot(&right),
            _ => vectors.rows.cosine(self.statement(left).row, self.statement(right).row),
        }
    }

    /// A statement's vector, where it has one of its own.
    fn own_vector<'v>(&self, vectors: Vectors<'v>, statement: usize) -> Option<ArrayView1<'v, f32>> {
        match self.candidates.sources()[statement] {
            Source::Row => Some(vectors.rows.row(self.statement(statement).row)),
            Source::Text(text) => Some(vectors.texts.row(text as usize)),
            Source::Unembedded => None,
        }
    }

    /// Whether the wording of two rows makes them the same.
    pub(super) fn rows_share_wording(&self, left: usize, right: usize) -> bool {
        self.promising(left, right) && by_wording(&align(self.tokens(left), self.tokens(right))).is_some()
    }

    /// Whether the wording of two statements makes them the same.
    pub(super) fn statements_share_wording(&self, left: usize, right: usize) -> bool {
        let tokens = |statement| self.passage_tokens(self.statement(statement));
        // Hardly any weight in common leaves too few words for a grade.
        self.of_statements(left, right).wording >= LEAST_ALIGNED
            && by_wording(&align(tokens(left), tokens(right))).is_some()
    }

    /// How likely two statements say the same.
    pub(super) fn judged(&self, (left, right): (usize, usize)) -> f32 {
        self.probability([left, right].map(|statement| self.statement(statement)), self.of_statements(left, right))
    }

    /// How likely two passages of a likeness say the same.
    pub(super) fn probability(&self, sides: [&Passage; 2], likeness: Likeness) -> f32 {
        let [left, right] = sides.map(|side| Said::new(&singular_acronyms(self.text(side)), &self.wording));
        judge::probability(&left, &right, likeness)
    }

    /// Facts that two aligned passages give differently.
    pub(super) fn differences(&self, sides: [&Passage; 2], alignment: &Alignment) -> Vec<Difference> {
        let [left, right] = sides.map(|side| {
            let article = self.collection.article_of(side.row);
            Facts::of(self.collection.text(side.row), article.date)
        });
        differences(&left, &right, alignment)
    }

    /// Codes ("GB200") that stand in both statements.
    pub(super) fn shared_codes(&self, (left, right): (usize, usize)) -> usize {
        let right = &self.statement_codes[right];
        self.statement_codes[left].iter().filter(|code| right.binary_search(code).is_ok()).count()
    }

    /// Likeness of two passages of some statements each: terms of the passages' texts, and vectors
    /// summed over their statements, since a passage has none of its own.
    pub(super) fn of_statement_ranges(&self, left: Range<usize>, right: Range<usize>) -> Likeness {
        if left.len() == 1 && right.len() == 1 {
            return self.of_statements(left.start, right.start);
        }
        let terms = |range| self.wording.vector(&singular_acronyms(self.text(&self.passage(range))));
        let wording = terms(left.clone()).cosine(&terms(right.clone()));
        let cosine = |vectors| {
            let (a, b) = (self.summed(vectors, left), self.summed(vectors, right));
            let lengths = (a.dot(&a) * b.dot(&b)).sqrt();
            if lengths > 0.0 { a.dot(&b) / lengths } else { 0.0 }
        };
        Likeness { cosine: self.vectors.map_or(wording, cosine), wording }
    }

    fn summed(&self, vectors: Vectors<'_>, statements: Range<usize>) -> Array1<f32> {
        let mut sum = Array1::zeros(vectors.rows.dim());
        for statement in statements {
            let of_row = || vectors.rows.row(self.statement(statement).row);
            sum += &self.own_vector(vectors, statement).unwrap_or_else(of_row);
        }
        sum
    }

    /// Consecutive statements of one row as one passage. The range is not empty.
    pub(super) fn passage(&self, statements: Range<usize>) -> Passage {
        let (first, last) = (self.statement(statements.start), self.statement(statements.end - 1));
        Passage { row: first.row, span: first.span.start..last.span.end }
    }

    /// A row as one passage.
    pub(super) fn whole(&self, row: usize) -> Passage {
        Passage { row, span: 0..self.collection.text(row).len() }
    }

    /// The text of a passage.
    pub(super) fn text(&self, passage: &Passage) -> &str {
        &self.collection.text(passage.row)[passage.span.clone()]
    }
}
