//! Token ids to the first hidden state: word, position and segment embeddings, summed and normalised.
//!
//! Words stay as they are stored and are widened where they are looked up: a paragraph needs a few dozen of
//! thirty thousand rows.

use super::super::EmbedError;
use super::super::blueprint::{Blueprint, Places};
use super::rows::Norm;
use super::weights::{Table, Weights};

/// The embedding tables of one model.
pub(super) struct Words {
    hidden: usize,
    words: Table,
    /// Position embeddings with the first segment's added, shape `(positions, hidden)`; without positions the
    /// segment's alone.
    places: Vec<f32>,
    counted: Option<Places>,
    norm: Option<Norm>,
}

impl Words {
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn load(weights: &Weights, blueprint: &Blueprint) -> Result<Self, EmbedError> {
        let hidden = blueprint.hidden;
        let words = weights.table(&weights.matrix(&blueprint.words, blueprint.vocab, hidden)?);
        let places = place_table(weights, blueprint)?;
        let norm = blueprint.first_norm.as_ref().map(|name| Norm::load(weights, name, blueprint)).transpose()?;
        Ok(Self { hidden, words, places, counted: blueprint.places.clone(), norm })
    }

    /// Writes the first hidden state of one sequence: `out` has shape `(ids, hidden)`.
    ///
    /// # Errors
    /// An id or a position that the model has no row for.
    pub(super) fn look_up(&self, ids: &[u32], out: &mut [f32]) -> candle_core::Result<()> {
        let mut counted = 0;
        for (row, &id) in out.chunks_exact_mut(self.hidden).zip(ids) {
            if !self.words.read_row(id as usize, row) {
                candle_core::bail!("token id {id} has no row in the model");
            }
            let place = self.counted.as_ref().map_or(0, |places| places.row(id, &mut counted));
            let Some(place) = self.places.chunks_exact(self.hidden).nth(place) else {
                candle_core::bail!("{} tokens for a model of {} positions", ids.len(), self.places.len() / self.hidden);
            };
            row.iter_mut().zip(place).for_each(|(value, place)| *value += place);
        }
        if let Some(norm) = &self.norm {
            norm.norm(out);
        }
        Ok(())
    }
}

/// Position embeddings with the first segment's added, shape `(positions, hidden)`; without positions the segment's alone.
///
/// # Errors
/// As [`Weights::matrix`].
pub(in crate::embed) fn place_table(weights: &Weights, blueprint: &Blueprint) -> Result<Vec<f32>, EmbedError> {
    let hidden = blueprint.hidden;
    let mut places = match &blueprint.places {
        Some(places) => weights.all(&weights.matrix(&places.name, places.rows, hidden)?),
        None => vec![0.0; hidden],
    };
    if let Some((name, rows)) = &blueprint.segments {
        let segments = weights.all(&weights.matrix(name, *rows, hidden)?);
        // One text is all first segment. A model without segments adds nothing.
        for place in places.chunks_exact_mut(hidden) {
            place.iter_mut().zip(&segments).for_each(|(value, segment)| *value += segment);
        }
    }
    Ok(places)
}
