//! Texts on cards: batches without padding, run while more texts are tokenised.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array2;

use super::super::EmbedError;
use super::super::batch::{Plan, plan_unpadded};
use super::super::cuda::{Batch, CardModel, Queue};
use super::super::tokens::{Prefix, Window};
use super::windows::{count_tokens, in_windows, opens_text};
use super::{Embeddings, Encoder, Pooled};
use crate::vectors::UnitRows;

/// Texts tokenised in one go: some ten batches, so that a card waits little for the first of them.
const TEXTS_OF_A_TURN: usize = 2_048;

/// The windows of one turn, and how they are batched.
struct Turn {
    windows: Vec<Window>,
    plan: Plan,
}

/// One of a turn's batches.
struct OfTurn<'a> {
    encoder: &'a Encoder,
    turn: Arc<Turn>,
    number: usize,
    skip: usize,
    done: &'a (dyn Fn(usize) + Sync),
}

impl Batch for OfTurn<'_> {
    fn ids(&self) -> Vec<&[u32]> {
        self.windows().map(|window| &self.turn.windows[window].ids[..]).collect()
    }

    fn skip(&self) -> usize {
        self.skip
    }

    fn keep(&self, pooled: Vec<f32>) -> Result<Vec<f32>, EmbedError> {
        let vectors = self.encoder.finished(pooled)?;
        (self.done)(self.windows().filter(|&window| opens_text(&self.turn.windows, window)).count());
        Ok(vectors)
    }
}

impl OfTurn<'_> {
    fn windows(&self) -> impl Iterator<Item = usize> {
        self.turn.plan.batches[self.number].clone()
    }
}

impl Encoder {
    /// [`Encoder::embed_with`] on cards.
    pub(super) fn embed_on_cards<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        prefix: &Prefix,
        (model, pooled): (&CardModel, &Pooled),
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        let (mut sums, mut windowed) = (Array2::zeros((texts.len(), self.dim)), Vec::new());
        let mut tokens_of = vec![0; texts.len()];
        let mut finish = |turn: Arc<Turn>, vectors: Vec<Vec<f32>>| {
            let Turn { windows, plan } = &*turn;
            self.sum_windows(windows, &plan.order, (&plan.batches, &vectors), &mut sums);
            windowed.extend(in_windows(windows));
            count_tokens(windows, &mut tokens_of);
        };
        let (skip, mut tokenising) = (pooled.skipped(prefix), Duration::ZERO);
        model.run_all(&mut finish, |queue: &mut Queue<'_, OfTurn<'_>, Arc<Turn>>| {
            for (number, texts) in texts.chunks(TEXTS_OF_A_TURN).enumerate() {
                let begun = Instant::now();
                let windows = self.reader.windows(texts, number * TEXTS_OF_A_TURN, prefix)?;
                tokenising += begun.elapsed();
                let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
                let turn = Arc::new(Turn { windows, plan: plan_unpadded(&lengths, self.batch_tokens()) });
                let of = |number| OfTurn { encoder: self, turn: turn.clone(), number, skip, done };
                queue.give(turn.clone(), (0..turn.plan.batches.len()).map(of).collect())?;
            }
            Ok(())
        })?;
        let tokens = tokens_of.iter().sum();
        Ok(Embeddings { vectors: UnitRows::normalized(sums)?, windowed, tokens, tokens_of, tokenising })
    }
}
