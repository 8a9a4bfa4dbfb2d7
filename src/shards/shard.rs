//! A shard in memory: whole articles and their vectors.

use crate::corpus::{Item, Mark};
use crate::vectors::UnitRows;

/// What a shard holds.
#[derive(Debug)]
pub struct Shard {
    /// Its number, from 0.
    pub number: usize,
    /// Rows of the shards before it.
    pub first_row: u64,
    /// Its articles and problems, in reading order.
    pub items: Vec<Item>,
    /// A vector for each paragraph of its articles, shape `(paragraphs, dim)`.
    pub vectors: UnitRows,
    /// How many of them were embedded in windows.
    pub windowed: usize,
    /// How far the input was read for it.
    pub mark: Mark,
}
