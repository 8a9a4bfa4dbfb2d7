//! The encoder: texts in, unit vectors out, one batch a core or a card.
//!
//! Vectors are the same bytes at any number of threads and cards, because batches depend on the texts alone. Whatever else
//! is in the batch, they are the same bytes on the CPU's own paths and on cards, and the same to 1e-6 a component on the
//! plain path. `load` makes an encoder of a model folder, `cards` runs it on cards.

mod cards;
mod load;
mod manner;
mod windows;

pub use manner::{Embeddings, Manner};

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use ndarray::Array2;
use rayon::prelude::*;

use super::EmbedError;
use super::batch::{Plan, plan};
use super::cuda::CardModel;
use super::folder::NO_LIMIT;
use super::fused::{FusedModel, Steps, TokenTable, Workspace, to_unit, vectors};
use super::plain::PlainBert;
use super::pooling::Pooling;
use super::tokens::{Prefix, Window, WindowReader};
use crate::gpu::Gpu;
use crate::vectors::UnitRows;
use windows::{count_tokens, in_windows, opens_text};

/// Texts tokenised and run in one go: so many that sorting them by length leaves little to wait for, so few that their
/// tokens take no memory to speak of beside the vectors.
const TEXTS_AT_ONCE: usize = 8_192;

/// A loaded model.
pub struct Encoder {
    name: String,
    /// Components after the steps.
    full: usize,
    /// Components kept.
    dim: usize,
    max_tokens: usize,
    reader: WindowReader,
    engine: Engine,
    steps: Steps,
    device: String,
    prompts: BTreeMap<String, String>,
    /// Stands before texts.
    prompt: String,
    /// Stands before questions.
    query_prompt: String,
    notes: Vec<String>,
}

/// What runs the model, and how its tokens become one vector.
#[allow(clippy::large_enum_variant, reason = "one a process, never in an array")]
enum Engine {
    Plain(PlainBert, Pooled),
    Fused(Box<FusedModel>, Pooled),
    Table(TokenTable),
    Cards(Box<CardModel>, Pooled),
}

/// How the states of tokens, of so many components, become one vector.
struct Pooled {
    pooling: Pooling,
    hidden: usize,
}

impl Encoder {
    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Components a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Where it runs, for the record: "cpu", "cuda:0,1".
    pub fn device(&self) -> &str {
        &self.device
    }

    /// What kind of device it runs on: "cpu", or "cuda, NVIDIA L4, compute capability 8.9" without a number, for another
    /// card of that make gives the same bytes.
    pub fn device_kind(&self) -> String {
        self.card().map_or_else(|| "cpu".to_owned(), |card| format!("cuda, {}", card.make()))
    }

    /// The card it runs on, the first where there are several: room for what follows.
    pub fn card(&self) -> Option<&Gpu> {
        match &self.engine {
            Engine::Cards(model, _) => model.first(),
            Engine::Plain(..) | Engine::Fused(..) | Engine::Table(_) => None,
        }
    }

    /// The numbers it is run in, for the record: "f32", "f16" on cards, or "bf16" or "int8" with the instructions used.
    pub fn precision(&self) -> String {
        match &self.engine {
            Engine::Fused(model, _) => model.precision(),
            Engine::Plain(..) | Engine::Table(_) => "f32".to_owned(),
            Engine::Cards(model, _) => model.precision().to_owned(),
        }
    }

    /// The instructions its loops and products use on this processor, for the record.
    pub fn instructions(&self) -> &'static str {
        match &self.engine {
            Engine::Fused(model, _) => model.instructions(),
            Engine::Plain(..) | Engine::Table(_) => vectors(),
            Engine::Cards(..) => "PTX of compute capability 8.0",
        }
    }

    /// Tokens a window holds, special tokens included; none where there is no limit.
    pub fn max_tokens(&self) -> Option<usize> {
        (self.max_tokens < NO_LIMIT).then_some(self.max_tokens)
    }

    /// How the states of tokens become one vector, as the model's folder has it: "mean"; none for a static table.
    pub fn pooling(&self) -> Option<String> {
        match &self.engine {
            Engine::Plain(_, pooled) | Engine::Fused(_, pooled) | Engine::Cards(_, pooled) => {
                Some(pooled.pooling.name())
            }
            Engine::Table(_) => None,
        }
    }

    /// The prompts the model was trained with, by name: texts put before the text that is embedded.
    pub fn prompts(&self) -> &BTreeMap<String, String> {
        &self.prompts
    }

    /// What stands before texts; empty where nothing does.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// What stands before questions; empty where nothing does.
    pub fn query_prompt(&self) -> &str {
        &self.query_prompt
    }

    /// What was assumed or changed about the model, each to be read after its name.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Puts a prompt before all texts and questions; an empty one is none.
    #[must_use]
    pub fn with_prompt(self, prompt: &str) -> Self {
        Self { prompt: prompt.to_owned(), query_prompt: prompt.to_owned(), ..self }
    }

    /// Puts the model's prompts for looking up before texts (`document`, `passage` or `corpus`) and questions
    /// (`query`), where it has them: as sentence-transformers' `encode_document` and `encode_query`.
    #[must_use]
    pub fn for_lookup(self) -> Self {
        let named = |names: &[&str]| names.iter().find_map(|name| self.prompts.get(*name)).cloned();
        let prompt = named(&["document", "passage", "corpus"]).unwrap_or_else(|| self.prompt.clone());
        let query_prompt = named(&["query"]).unwrap_or_else(|| self.query_prompt.clone());
        Self { prompt, query_prompt, ..self }
    }

    /// Puts a prompt before questions alone; an empty one is none.
    #[must_use]
    pub fn with_query_prompt(self, prompt: &str) -> Self {
        Self { query_prompt: prompt.to_owned(), ..self }
    }

    /// A prompt by its name.
    ///
    /// # Errors
    /// [`EmbedError::NoPrompt`] with the names there are.
    pub fn prompt_named(&self, name: &str) -> Result<&str, EmbedError> {
        let missing = || {
            let names: Vec<&str> = self.prompts.keys().map(String::as_str).collect();
            EmbedError::NoPrompt { model: self.name.clone(), name: name.to_owned(), names: names.join(", ") }
        };
        self.prompts.get(name).map(String::as_str).ok_or_else(missing)
    }

    /// Keeps the first `dim` components of each vector, brought to length one again: what a model trained for it
    /// (Matryoshka, arXiv 2205.13147) loses little by.
    ///
    /// # Errors
    /// [`EmbedError::Truncate`] unless the model has as many components.
    pub fn truncated(self, dim: usize) -> Result<Self, EmbedError> {
        if (1..=self.full).contains(&dim) {
            return Ok(Self { dim, ..self });
        }
        Err(EmbedError::Truncate { asked: dim, full: self.full })
    }

    /// Embeds texts after the encoder's prompt: by default the one that the model names for it, if any. Runs on the threads of the
    /// current rayon pool.
    ///
    /// `done` is told after each batch how many texts it held, a text in windows with its first. A text longer than the
    /// model reads is the mean of its windows, weighted by their tokens.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`], [`EmbedError::Run`], or [`EmbedError::Vectors`] where weights are damaged.
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        self.embed_with(texts, &self.prompt, done)
    }

    /// Embeds one question: as [`Encoder::embed`], but after the prompt for questions.
    ///
    /// # Errors
    /// As [`Encoder::embed`].
    pub fn embed_query(&self, query: &str) -> Result<UnitRows, EmbedError> {
        Ok(self.embed_with(&[query], &self.query_prompt, &|_| ())?.vectors)
    }

    /// Embeds texts after a prompt, which each window of a long text has; an empty one is none.
    ///
    /// # Errors
    /// As [`Encoder::embed`], and [`EmbedError::Prompt`] for one that leaves no room for a text.
    pub fn embed_with<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        prompt: &str,
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        self.embed_after(texts, &self.reader.prefix(prompt)?, done)
    }

    fn embed_after<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        prefix: &Prefix,
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        if let Engine::Cards(model, pooled) = &self.engine {
            return self.embed_on_cards(texts, prefix, (model, pooled), done);
        }
        let (mut sums, mut windowed) = (Array2::zeros((texts.len(), self.dim)), Vec::new());
        let (mut tokens_of, mut tokenising) = (vec![0; texts.len()], Duration::ZERO);
        for (turn, texts) in texts.chunks(TEXTS_AT_ONCE).enumerate() {
            let begun = Instant::now();
            let windows = self.reader.windows(texts, turn * TEXTS_AT_ONCE, prefix)?;
            tokenising += begun.elapsed();
            self.add_windows(&windows, prefix, &mut sums, done)?;
            windowed.extend(in_windows(&windows));
            count_tokens(&windows, &mut tokens_of);
        }
        let tokens = tokens_of.iter().sum();
        Ok(Embeddings { vectors: UnitRows::normalized(sums)?, windowed, tokens, tokens_of, tokenising })
    }

    /// Runs windows, and adds the vector of each to its text's sum, weighted by its tokens.
    fn add_windows(
        &self,
        windows: &[Window],
        prefix: &Prefix,
        sums: &mut Array2<f32>,
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<(), EmbedError> {
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let Plan { order, batches } = plan(&lengths, self.batch_tokens());
        // Where there are fewer batches than threads, a batch is worked on by several.
        let spread = batches.len() < rayon::current_num_threads();
        let room = || Workspace::new(spread);
        let pooled: Result<Vec<Vec<f32>>, EmbedError> = batches
            .par_iter()
            .map_init(room, |work, batch| {
                let vectors = self.run(windows, &order[batch.clone()], prefix, work)?;
                done(order[batch.clone()].iter().filter(|&&window| opens_text(windows, window)).count());
                Ok(vectors)
            })
            .collect();
        self.sum_windows(windows, &order, (&batches, &pooled?), sums);
        Ok(())
    }

    /// The token ids of each window a text is run in, special tokens included, without a prompt.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`].
    pub fn token_ids(&self, text: &str) -> Result<Vec<Vec<u32>>, EmbedError> {
        Ok(self.reader.windows(&[text], 0, &Prefix::default())?.into_iter().map(|window| window.ids).collect())
    }

    /// Most tokens a batch holds, padding included.
    fn batch_tokens(&self) -> usize {
        match &self.engine {
            // Large enough to fill a core's matrix kernel, small enough that attention scores stay in its cache.
            Engine::Plain(..) => 2_048,
            Engine::Fused(model, _) => model.batch_tokens(),
            // Nothing is shared between texts; a batch only has to be worth handing out.
            Engine::Table(_) => 8_192,
            Engine::Cards(model, _) => model.batch_tokens(),
        }
    }

    /// One batch on the CPU: flat unit vectors, in the order of `batch`.
    fn run(
        &self,
        windows: &[Window],
        batch: &[usize],
        prefix: &Prefix,
        work: &mut Workspace,
    ) -> candle_core::Result<Vec<f32>> {
        let ids: Vec<&[u32]> = batch.iter().map(|&window| &windows[window].ids[..]).collect();
        let pooled = match &self.engine {
            Engine::Plain(model, pooled) => {
                let (states, sequences) = model.run(&ids)?;
                pooled.pool(&states, &sequences, prefix)
            }
            Engine::Fused(model, pooled) => {
                let sequences = model.run(&ids, work)?;
                pooled.pool(&work.hidden, &sequences, prefix)
            }
            Engine::Table(table) => table.embed(&ids)?,
            Engine::Cards(..) => candle_core::bail!("a model on a card was asked to run on the CPU"),
        };
        self.finished(pooled)
    }

    /// Pooled vectors after the model's steps, cut to what is kept, of length one.
    fn finished(&self, pooled: Vec<f32>) -> candle_core::Result<Vec<f32>> {
        let mut vectors = self.steps.apply(pooled, self.engine.width())?;
        if self.dim < self.full {
            vectors = vectors.chunks_exact(self.full).flat_map(|vector| &vector[..self.dim]).copied().collect();
        }
        vectors.chunks_exact_mut(self.dim).for_each(to_unit);
        Ok(vectors)
    }

    /// Adds the windows of each text to its row of `sums`, shape `(texts, dim)`, weighted by their tokens.
    fn sum_windows(
        &self,
        windows: &[Window],
        order: &[usize],
        (batches, pooled): (&[Range<usize>], &[Vec<f32>]),
        sums: &mut Array2<f32>,
    ) {
        let mut place = vec![(0, 0); windows.len()];
        for (batch, range) in batches.iter().enumerate() {
            for (row, &window) in order[range.clone()].iter().enumerate() {
                place[window] = (batch, row);
            }
        }
        // In order of window, so that the sum does not depend on how windows were batched.
        for (window, (batch, row)) in windows.iter().zip(place) {
            let weight = window.ids.len() as f32;
            let vector = &pooled[batch][row * self.dim..][..self.dim];
            for (sum, value) in sums.row_mut(window.text).iter_mut().zip(vector) {
                *sum += weight * value;
            }
        }
    }
}

impl Engine {
    /// Components of a pooled vector.
    fn width(&self) -> usize {
        match self {
            Self::Plain(_, pooled) | Self::Fused(_, pooled) | Self::Cards(_, pooled) => {
                pooled.pooling.width(pooled.hidden)
            }
            Self::Table(table) => table.width,
        }
    }
}

impl Pooled {
    /// Pools the states of each sequence: flat, one vector a sequence.
    fn pool(&self, states: &[f32], sequences: &[Range<usize>], prefix: &Prefix) -> Vec<f32> {
        let (Self { pooling, hidden }, skip) = (self, self.skipped(prefix));
        let mut vectors = vec![0.0; sequences.len() * pooling.width(*hidden)];
        for (vector, rows) in vectors.chunks_exact_mut(pooling.width(*hidden)).zip(sequences) {
            pooling.pool(&states[rows.start * hidden..rows.end * hidden], *hidden, skip, vector);
        }
        vectors
    }

    /// Tokens of a window that take no part.
    fn skipped(&self, prefix: &Prefix) -> usize {
        if self.pooling.with_prompt { 0 } else { prefix.tokens }
    }
}
