//! A hit: a paragraph near a query. Not here: how it is looked up (`neighbours`).

/// A paragraph near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The row.
    pub row: usize,
    /// Cosine of its embedding and the query's: -1 to 1.
    pub cosine: f32,
}
