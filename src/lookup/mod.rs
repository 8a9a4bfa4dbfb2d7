//! Which paragraphs answer a question: by meaning, by words, or by both, and why.
//!
//! 1. [`Tokeniser`] cuts the question into the stems that the index has (`terms`); [`Lexicon`] weighs them by BM25 (`lexicon`).
//! 2. [`search`] scores rows: exactly, through vectors rounded to 8 bits with bounds that hold (`compact`);
//!    of very many nearly so, through cells (`cells`).
//! 3. [`Filter`] says which rows may answer (`filter`); [`Explainer`] says what speaks for those that do (`why`).
//! 4. [`Stock::answer`] joins them (`desk`).
//!
//! Works on vectors in memory and on an FTS5 index of SQLite wherever it lies. Not here: the library's file (`library`).

mod cells;
mod compact;
mod desk;
mod filter;
mod lexicon;
mod search;
mod terms;
mod why;

use thiserror::Error;

use crate::embed::EmbedError;

pub use cells::{APPROXIMATE_FROM, Cells, Shelved};
pub use compact::{Asked, Compact};
pub use desk::{Ask, Excerpt, Stock};
pub use filter::{Filter, FilterError, Sheet};
pub use lexicon::{Lexicon, Weights};
pub use search::{Allowed, Question, search, search_plain};
pub use terms::{TOKENS, Tokeniser};
pub use why::{Explainer, Text};

/// Why nothing was looked up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Embedding the question failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The index of words could not be read.
    #[error("the index of words: {0}")]
    Words(#[from] rusqlite::Error),
    /// A filter cannot be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The stock was made without what the mode looks for.
    #[error("{0} were not loaded, and this mode looks for them")]
    NotLoaded(&'static str),
    /// The question is another model's.
    #[error("the question has {question} components, the paragraphs {dim}: expected vectors of one model")]
    Dim {
        /// Of the question.
        question: usize,
        /// Of the rows.
        dim: usize,
    },
}
