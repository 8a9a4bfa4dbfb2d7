//! Token ids to the first hidden state: word, position and segment embeddings, summed and normalised.
//!
//! Words stay as they are stored and are widened where they are looked up: a paragraph needs a few dozen of
//! thirty thousand rows.

use std::borrow::Cow;

use candle_transformers::models::bert::Config;

use super::super::EmbedError;
use super::rows::LayerNorm;
use super::weights::{Stored, Weights};

/// The embedding tables of one model.
pub(in super::super) struct Words {
    file: Cow<'static, [u8]>,
    words: Stored,
    /// Position embeddings with the first segment's added: shape `(positions, hidden)`.
    places: Vec<f32>,
    norm: LayerNorm,
}

impl Words {
    /// Takes the file that `weights` reads.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(in super::super) fn load(file: Cow<'static, [u8]>, model: &str, config: &Config) -> Result<Self, EmbedError> {
        let weights = Weights::open(model, &file)?;
        let hidden = config.hidden_size;
        let words = weights.matrix("embeddings.word_embeddings.weight", config.vocab_size, hidden)?;
        let places = weights.matrix("embeddings.position_embeddings.weight", config.max_position_embeddings, hidden)?;
        let mut places = weights.all(&places);
        let segments = weights.matrix("embeddings.token_type_embeddings.weight", config.type_vocab_size, hidden)?;
        let segments = weights.all(&segments);
        // One text is all first segment. A model without segments adds nothing.
        for place in places.chunks_exact_mut(hidden) {
            place.iter_mut().zip(&segments).for_each(|(value, segment)| *value += segment);
        }
        let norm = LayerNorm::load(&weights, "embeddings.LayerNorm", config)?;
        Ok(Self { words, places, norm, file })
    }

    /// Writes the first hidden state of one sequence: `out` has shape `(ids, hidden)`.
    ///
    /// # Errors
    /// An id or a position that the model has no row for.
    pub(in super::super) fn look_up(&self, ids: &[u32], out: &mut [f32]) -> candle_core::Result<()> {
        let (hidden, places) = (self.norm.weight.len(), self.places.len() / self.norm.weight.len());
        if ids.is_empty() {
            candle_core::bail!("a sequence without tokens");
        }
        if ids.len() > places {
            candle_core::bail!("{} tokens for a model of {places} positions", ids.len());
        }
        let places = self.places.chunks_exact(hidden);
        for ((row, place), &id) in out.chunks_exact_mut(hidden).zip(places).zip(ids) {
            if !self.words.read_row(&self.file, id as usize, row) {
                candle_core::bail!("token id {id} has no row in the model");
            }
            row.iter_mut().zip(place).for_each(|(value, place)| *value += place);
        }
        self.norm.norm(out);
        Ok(())
    }
}
