//! Static token tables: a text's vector is the mean of its tokens' rows.
//!
//! Source: sentence-transformers, `modules/static_embedding.py`; model2vec writes the same under other names, with an
//! optional weight a token and an optional map from tokens to rows.

use super::super::EmbedError;
use super::super::folder::File;
use super::weights::{Table, Weights};

/// A loaded table.
pub(in super::super) struct TokenTable {
    rows: Table,
    pub(in super::super) width: usize,
    /// Tokens it has a vector for.
    pub(in super::super) vocab: usize,
    /// The row of each token; itself where there are none.
    mapping: Option<Vec<usize>>,
    weights: Option<Vec<f32>>,
}

impl TokenTable {
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite, and a row
    /// that is mapped to and not there.
    pub(in super::super) fn load(files: &[File]) -> Result<Self, EmbedError> {
        let weights = Weights::open(files, &[], "")?;
        let ours = weights.has("embedding.weight");
        let name = if ours { "embedding.weight" } else { "embeddings" };
        let &[rows, width] = weights.shape(name)? else {
            return Err(weights.bad(format!("tensor {name} has shape {:?}: expected two sizes", weights.shape(name)?)));
        };
        if rows == 0 || width == 0 {
            return Err(weights.bad(format!("tensor {name} has shape [{rows}, {width}]: expected sizes above 0")));
        }
        let mapping = if !ours && weights.has("mapping") { Some(weights.integers("mapping")?) } else { None };
        if let Some(row) = mapping.iter().flatten().find(|row| **row >= rows) {
            return Err(weights.bad(format!("tensor mapping names row {row} of {rows}")));
        }
        let vocab = mapping.as_ref().map_or(rows, Vec::len);
        let scales = !ours && weights.has("weights");
        Ok(Self {
            rows: weights.table(&weights.matrix(name, rows, width)?),
            width,
            vocab,
            mapping,
            weights: scales.then(|| weights.vector("weights", vocab)).transpose()?,
        })
    }

    /// The mean of the tokens of each text: flat, shape `(texts, width)`.
    ///
    /// # Errors
    /// A token id that the table has no row for, or a text without tokens.
    pub(in super::super) fn embed(&self, ids: &[&[u32]]) -> candle_core::Result<Vec<f32>> {
        let mut vectors = vec![0.0; ids.len() * self.width];
        let mut row = vec![0.0; self.width];
        for (vector, ids) in vectors.chunks_exact_mut(self.width).zip(ids) {
            if ids.is_empty() {
                candle_core::bail!("a text without a single token");
            }
            for &id in *ids {
                let weight = self.read(id as usize, &mut row)?;
                vector.iter_mut().zip(&row).for_each(|(sum, value)| *sum += weight * value);
            }
            vector.iter_mut().for_each(|sum| *sum /= ids.len() as f32);
        }
        Ok(vectors)
    }

    /// Reads a token's row, and says what it is multiplied by.
    fn read(&self, id: usize, row: &mut [f32]) -> candle_core::Result<f32> {
        let at = match &self.mapping {
            Some(mapping) => mapping.get(id).copied(),
            None => Some(id),
        };
        if !at.is_some_and(|at| self.rows.read_row(at, row)) {
            candle_core::bail!("token id {id} has no row in the model");
        }
        Ok(self.weights.as_ref().and_then(|weights| weights.get(id)).copied().unwrap_or(1.0))
    }
}
