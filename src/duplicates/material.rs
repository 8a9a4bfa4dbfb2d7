//! What is compared, laid out once: the words, terms and vectors of rows and of their statements.
//!
//! Statements are addressed by their index among [`Candidates::statements`], rows by theirs. Not here:
//! which are compared (`pairs`) or what counts as the same (`background`).

use std::borrow::Cow;
use std::ops::Range;

use ndarray::Array1;
use rayon::prelude::*;

use super::align::{Token, tokens, within};
use super::candidates::Candidates;
use super::promise::Promise;
use super::stems::{codes, singular_acronyms};
use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::Passage;
use crate::neighbours::wording::{TermVector, Wording};
use crate::vectors::UnitRows;

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
    rows: &'a UnitRows,
    candidates: &'a Candidates,
    vectors: &'a UnitRows,
    outlets: Vec<OutletId>,
    wording: Wording,
    row_terms: Vec<TermVector>,
    statement_terms: Vec<TermVector>,
    statement_codes: Vec<Vec<String>>,
    tokens: Vec<Vec<Token>>,
    promises: Vec<Promise>,
}

impl<'a> Material<'a> {
    /// Lays out a collection. `rows` has a vector a row, `vectors` one a statement; the caller has checked.
    pub(super) fn new(
        collection: &'a Collection,
        rows: &'a UnitRows,
        candidates: &'a Candidates,
        vectors: &'a UnitRows,
    ) -> Self {
        let statements: Vec<&str> = candidates.texts(collection).collect();
        let plain: Vec<Cow<str>> = statements.par_iter().map(|text| singular_acronyms(text)).collect();
        let wording = Wording::learn(plain.iter().map(AsRef::as_ref));
        let texts: Vec<&str> = (0..collection.len()).map(|row| collection.text(row)).collect();
        let tokens: Vec<Vec<Token>> = texts.par_iter().map(|text| tokens(text)).collect();
        Self {
            row_terms: texts.par_iter().map(|text| wording.vector(&singular_acronyms(text))).collect(),
            statement_terms: plain.par_iter().map(|text| wording.vector(text)).collect(),
            statement_codes: plain.par_iter().map(|text| codes(text)).collect(),
            promises: tokens.par_iter().map(|tokens| Promise::new(tokens)).collect(),
            tokens,
            outlets: collection.row_outlets(),
            collection,
            rows,
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
        Likeness { cosine: self.rows.cosine(left, right), wording: self.row_terms[left].cosine(&self.row_terms[right]) }
    }

    /// Likeness of two statements.
    pub(super) fn of_statements(&self, left: usize, right: usize) -> Likeness {
        Likeness {
            cosine: self.vectors.cosine(left, right),
            wording: self.statement_terms[left].cosine(&self.statement_terms[right]),
        }
    }

    /// Codes ("GB200") that stand in both statements.
    pub(super) fn shared_codes(&self, left: usize, right: usize) -> usize {
        let right = &self.statement_codes[right];
        self.statement_codes[left].iter().filter(|code| right.binary_search(code).is_ok()).count()
    }

    /// Likeness of two passages of some statements each: terms of the passages' texts, and vectors
    /// summed over their statements, since a passage has none of its own.
    pub(super) fn of_statement_ranges(&self, left: Range<usize>, right: Range<usize>) -> Likeness {
        if left.len() == 1 && right.len() == 1 {
            return self.of_statements(left.start, right.start);
        }
        let (a, b) = (self.summed(left.clone()), self.summed(right.clone()));
        let terms = |range| self.wording.vector(&singular_acronyms(self.text(&self.passage(range))));
        let lengths = (a.dot(&a) * b.dot(&b)).sqrt();
        let cosine = if lengths > 0.0 { a.dot(&b) / lengths } else { 0.0 };
        Likeness { cosine, wording: terms(left).cosine(&terms(right)) }
    }

    fn summed(&self, statements: Range<usize>) -> Array1<f32> {
        let mut sum = Array1::zeros(self.vectors.dim());
        for statement in statements {
            sum += &self.vectors.row(statement);
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
