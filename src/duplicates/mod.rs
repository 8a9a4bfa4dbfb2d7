//! Near-duplicate coverage: which outlets carry the same paragraph or statement, with the evidence.
//!
//! 1. [`candidates`]: row pairs near in meaning or sharing wording, and their statements, which the caller embeds.
//! 2. [`find`]: the threshold from the run's own background (`background`), pairs graded by word-by-word
//!    alignment (`promise`, `pairs`, `align`, `grade`), groups that do not chain strangers (`groups`, `linkage`), the
//!    facts they disagree on (`facts`, `disagreements`), who carries what (`standing`), who lacks it (`omissions`), and
//!    how many wrote it and who was first (`origins`).
//!
//! [`find_by_wording`] does without vectors (`worded`), and `worth` says which statements of many need one.
//!
//! Not here: neighbours by meaning (`neighbours`), vectors (`embed`). Everything is a pure function of its
//! input, whatever the thread count.

use jiff::civil::Date;
use rayon::prelude::*;
use thiserror::Error;

use crate::collection::Collection;
use crate::coverage::{By, Coverage, Passage};
use crate::vectors::UnitRows;

mod align;
mod background;
mod candidates;
mod compare;
mod disagreements;
mod facts;
#[cfg(test)]
mod fixture;
mod grade;
mod groups;
mod judge;
mod linkage;
mod material;
mod omissions;
mod origins;
mod pairs;
mod promise;
mod quotations;
mod shingles;
mod standing;
mod statements;
mod stems;
mod worded;
mod worth;

pub use candidates::{Candidate, Candidates, candidates};
pub use compare::{Comparison, PARAPHRASE, SUBJECT, Texts, Verdict, compare_texts, compare_two, feature_names};
pub use facts::Figures;
pub use quotations::quotations;
pub use worded::find_by_wording;

use groups::Grouped;
use material::{Material, Vectors};
use pairs::{Bar, Compared};

/// Pairs told on each side of the threshold.
const CLOSEST: usize = 5;

/// Why near-duplicates could not be looked for.
#[derive(Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DuplicatesError {
    /// Not above 0 and at most 2; also NaN.
    #[error("threshold {0} is not a likeness: expected a number above 0 and at most 2 (cosine + wording)")]
    Threshold(f32),
    /// A neighbour pair names a row the collection does not have.
    #[error("a neighbour pair names row {row}: the collection has {rows} rows")]
    Row {
        /// The row named.
        row: usize,
        /// Rows there are.
        rows: usize,
    },
    /// Not one vector a row.
    #[error("{vectors} paragraph vectors for {rows} rows: expected one a row")]
    RowVectors {
        /// Vectors given.
        vectors: usize,
        /// Rows there are.
        rows: usize,
    },
    /// Not one vector a statement.
    #[error("{vectors} statement vectors for {statements} statements: expected one a statement")]
    StatementVectors {
        /// Vectors given.
        vectors: usize,
        /// Statements there are.
        statements: usize,
    },
    /// The candidates were made from another collection.
    #[error("candidates of {candidates} rows for a collection of {rows} rows: expected those of this collection")]
    OtherCollection {
        /// Rows the candidates were made from.
        candidates: usize,
        /// Rows there are.
        rows: usize,
    },
}

/// How near-duplicates are looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// What near-duplicates are looked for by.
    pub by: By,
    /// The likeness (cosine + wording, 0 to 2) from which statements are the same, by itself. None: measured on the run, and
    /// decided with the pair score. What
    /// shares its wording (verbatim, light edit, contained, a long run, a quotation) counts in any case.
    pub threshold: Option<f32>,
    /// So many outlets must carry something for its lack in another to be an omission. None: three, or one less than
    /// all where there are fewer than four.
    pub omitted_from: Option<usize>,
    /// The day of the run: a later date of publication cannot be true. None: any may be.
    pub today: Option<Date>,
}

/// Refuses options that cannot be, so that a caller can ask before it embeds.
///
/// # Errors
/// [`DuplicatesError::Threshold`] unless a given threshold is above 0 and at most 2.
pub fn check(options: &Options) -> Result<(), DuplicatesError> {
    background::check(options.threshold)
}

/// Finds all near-duplicate coverage.
///
/// `vectors` has shape `(n_paragraphs, dim)`, one row a paragraph of `collection`; `statement_vectors` has
/// shape `(n_texts, dim)`, one row for each of [`Candidates::texts`], in their order.
///
/// # Errors
/// [`DuplicatesError::Threshold`] unless a given threshold is above 0 and at most 2;
/// [`DuplicatesError::OtherCollection`], [`DuplicatesError::RowVectors`] and
/// [`DuplicatesError::StatementVectors`] where the counts do not fit.
pub fn find(
    collection: &Collection,
    vectors: &UnitRows,
    candidates: &Candidates,
    statement_vectors: &UnitRows,
    options: &Options,
) -> Result<Coverage, DuplicatesError> {
    background::check(options.threshold)?;
    check_counts(collection, vectors, candidates, statement_vectors)?;
    let vectors = Vectors { rows: vectors, texts: statement_vectors };
    let material = Material::new(collection, Some(vectors), candidates);
    let mut threshold = background::threshold(&material, options.threshold);
    let bar = Bar::of(&threshold);
    let compared: Vec<Compared> =
        candidates.pairs().par_iter().map(|pair| pairs::compare(&material, pair, bar)).collect();
    let Grouped { pairs, groups } = groups::group(&material, &compared, (bar, threshold.value, options.today));
    let last = pairs.partition_point(|pair| pair.likeness() >= threshold.value);
    threshold.above = (last.saturating_sub(CLOSEST)..last).rev().collect();
    threshold.below = closest_below(&material, &compared, threshold.value);
    let omitted_from = options.omitted_from.unwrap_or_else(|| omissions::usual(&material));
    Ok(Coverage {
        by: options.by,
        overlap: standing::overlap(&material, &pairs),
        exclusives: standing::exclusives(&material, &pairs, &threshold),
        omissions: omissions::omissions(&material, (&pairs, &groups), &compared, (omitted_from, threshold.nearly())),
        omitted_from: Some(omitted_from),
        today: options.today,
        misdated: origins::untrue(collection, options.today),
        pairs,
        groups,
        threshold,
    })
}

fn check_counts(
    collection: &Collection,
    vectors: &UnitRows,
    candidates: &Candidates,
    statement_vectors: &UnitRows,
) -> Result<(), DuplicatesError> {
    let (rows, statements) = (collection.len(), candidates.text_count());
    if candidates.rows() != rows {
        return Err(DuplicatesError::OtherCollection { candidates: candidates.rows(), rows });
    }
    if vectors.len() != rows {
        return Err(DuplicatesError::RowVectors { vectors: vectors.len(), rows });
    }
    if statement_vectors.len() != statements {
        return Err(DuplicatesError::StatementVectors { vectors: statement_vectors.len(), statements });
    }
    Ok(())
}

/// The most alike statements that were not called the same, most alike first, the first of equals: of those that reach the
/// threshold and are not likely the same, and of those below it, so many each.
fn closest_below(material: &Material, compared: &[Compared], threshold: f32) -> Vec<(Passage, Passage, f32)> {
    let mut below: Vec<_> = compared.iter().filter_map(|compared| compared.below).collect();
    below.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let (unlikely, below) = below.split_at(below.partition_point(|(_, likeness)| *likeness >= threshold));
    let passage = |statement| material.statement(statement).clone();
    let closest = unlikely.iter().take(CLOSEST).chain(below.iter().take(CLOSEST));
    closest.map(|&((left, right), likeness)| (passage(left), passage(right), likeness)).collect()
}
