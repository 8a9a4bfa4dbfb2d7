//! The model a server answers with: what it is, and what runs it.
//!
//! [`Embedder`] is all the server knows of it, so that tests can have one that is slow, fails or panics.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::ThreadPool;

use crate::embed::{EmbedError, Embeddings, Encoder, Manner};

/// What makes vectors of texts. Called by one thread at a time; may use as many as it likes.
pub trait Embedder: Send + Sync + 'static {
    /// Embeds texts, one row each.
    ///
    /// # Errors
    /// [`EmbedError`].
    fn embed(&self, texts: &[&str], manner: &Manner) -> Result<Embeddings, EmbedError>;

    /// Tokens of a text after a prompt, special tokens among them.
    ///
    /// # Errors
    /// [`EmbedError`].
    fn tokens(&self, text: &str, prompt: &str) -> Result<usize, EmbedError>;
}

/// What a model is, for those who ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Components a vector.
    pub dim: usize,
    /// Tokens a window holds; none where there is no limit.
    pub max_tokens: Option<usize>,
    /// How a window becomes one vector.
    pub pooling: String,
    /// The numbers it runs in.
    pub precision: String,
    /// Where it runs.
    pub device: String,
    /// Crc32 of its files.
    pub crc32: u32,
    /// Its prompts, by name.
    pub prompts: BTreeMap<String, String>,
    /// The prompt before texts where a request names none.
    pub prompt: String,
    /// The prompt before questions.
    pub query_prompt: String,
}

/// A model that is ready to answer.
#[derive(Clone)]
pub struct Model {
    /// What it is.
    pub facts: Facts,
    /// What runs it.
    pub embedder: Arc<dyn Embedder>,
}

/// An encoder on the threads that are meant for it.
struct Pooled {
    /// The model.
    encoder: Arc<Encoder>,
    /// Its threads.
    pool: Arc<ThreadPool>,
}

impl Model {
    /// A model of an encoder; `crc32` is that of its files.
    pub fn new(encoder: Arc<Encoder>, pool: Arc<ThreadPool>, crc32: u32) -> Self {
        let facts = Facts {
            name: encoder.name().to_owned(),
            dim: encoder.dim(),
            max_tokens: encoder.max_tokens(),
            pooling: encoder.pooling().unwrap_or_else(|| "mean".to_owned()),
            precision: encoder.precision(),
            device: encoder.device().to_owned(),
            crc32,
            prompts: encoder.prompts().clone(),
            prompt: encoder.prompt().to_owned(),
            query_prompt: encoder.query_prompt().to_owned(),
        };
        Self { facts, embedder: Arc::new(Pooled { encoder, pool }) }
    }
}

impl Embedder for Pooled {
    fn embed(&self, texts: &[&str], manner: &Manner) -> Result<Embeddings, EmbedError> {
        self.pool.install(|| self.encoder.embed_as(texts, manner))
    }

    fn tokens(&self, text: &str, prompt: &str) -> Result<usize, EmbedError> {
        self.encoder.tokens(text, prompt)
    }
}
