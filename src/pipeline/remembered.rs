//! Embedding what an earlier run may have embedded: statements are half of what a report embeds, and mostly yesterday's.
//!
//! A vector is the same bytes whatever is embedded beside it, so what is remembered changes no finding.

use std::fmt::Debug;

use super::{EmbedError, Progress, embed};
use crate::embed::Encoder;
use crate::vectors::UnitRows;

/// Vectors of texts that were embedded before, by the same model asked in the same way. What fails here is told, and the
/// texts are embedded.
pub trait Memory: Debug + Send + Sync {
    /// Those known of these texts: the place of the text among them, ascending, and its unit vector.
    ///
    /// # Errors
    /// Why none is known, to be told.
    fn recall(&self, prompt: &str, texts: &[&str]) -> Result<Vec<(usize, Vec<f32>)>, String>;

    /// All texts of a run and their vectors, one row each; `new` are the places of those that were not known.
    ///
    /// # Errors
    /// Why they are not kept, to be told.
    fn keep(&self, prompt: &str, texts: &[&str], vectors: &UnitRows, new: &[usize]) -> Result<(), String>;
}

/// One row a text; what is known is not embedded again.
///
/// # Errors
/// [`EmbedError`].
pub(super) fn embed_statements(
    encoder: &Encoder,
    texts: &[&str],
    memory: Option<&dyn Memory>,
    progress: &dyn Progress,
) -> Result<UnitRows, EmbedError> {
    const STEP: &str = "embedding statements";
    let Some(memory) = memory else { return Ok(embed(encoder, STEP, texts, progress)?.0) };
    let known = memory.recall(encoder.prompt(), texts).unwrap_or_else(|why| {
        progress.note(&format!("vectors of earlier runs are not used: {why}"));
        Vec::new()
    });
    let known: Vec<(usize, Vec<f32>)> = known.into_iter().filter(|(_, row)| row.len() == encoder.dim()).collect();
    let new = others(texts.len(), &known);
    let asked: Vec<&str> = new.iter().map(|&at| texts[at]).collect();
    let (made, _) = embed(encoder, STEP, &asked, progress)?;
    let vectors = joined((&known, &made), &new, encoder.dim())?;
    if let Err(why) = memory.keep(encoder.prompt(), texts, &vectors, &new) {
        progress.note(&format!("vectors of this run are not kept for the next: {why}"));
    }
    Ok(vectors)
}

/// The places that are not among the known ones.
fn others(count: usize, known: &[(usize, Vec<f32>)]) -> Vec<usize> {
    let mut known = known.iter().map(|(at, _)| *at).peekable();
    (0..count).filter(|at| known.next_if_eq(at).is_none()).collect()
}

/// The known and the new rows in their places.
fn joined((known, made): (&[(usize, Vec<f32>)], &UnitRows), new: &[usize], dim: usize) -> Result<UnitRows, EmbedError> {
    let count = known.len() + new.len();
    if count == 0 {
        return Ok(UnitRows::empty(dim));
    }
    let mut values = vec![0.0; count * dim];
    for (at, row) in known {
        values[at * dim..][..dim].copy_from_slice(row);
    }
    for (row, at) in new.iter().enumerate() {
        made.row(row).iter().zip(&mut values[at * dim..][..dim]).for_each(|(from, to)| *to = *from);
    }
    Ok(UnitRows::from_flat(values, dim)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_new_rows_come_to_their_places() {
        let known = [(1, vec![0.0, 1.0]), (3, vec![1.0, 0.0])];
        let new = others(4, &known);
        assert_eq!(new, [0, 2]);
        let made = UnitRows::from_flat(vec![0.6, 0.8, 0.8, 0.6], 2).unwrap();
        let all = joined((&known, &made), &new, 2).unwrap();
        let rows: Vec<Vec<f32>> = (0..4).map(|row| all.row(row).to_vec()).collect();
        assert_eq!(rows, [[0.6, 0.8], [0.0, 1.0], [0.8, 0.6], [1.0, 0.0]]);
        assert_eq!(joined((&[], &UnitRows::empty(2)), &[], 2).unwrap().len(), 0);
    }
}
