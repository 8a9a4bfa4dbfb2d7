//! How texts are embedded where the caller chooses, and what embedding gives.

use std::time::Duration;

use super::super::EmbedError;
use super::super::tokens::Cut;
use super::Encoder;
use crate::vectors::UnitRows;

/// How texts are embedded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Manner {
    /// Stands before each text, and before each window of a long one; empty where nothing does.
    pub prompt: String,
    /// The end that a text loses that is longer than the model reads; none: it is run in windows, and loses nothing.
    pub cut: Option<Cut>,
}

/// What embedding gave.
#[derive(Debug, Clone)]
pub struct Embeddings {
    /// One row a text, in the order given.
    pub vectors: UnitRows,
    /// Indices of the texts that were longer than the model reads and were embedded in windows.
    pub windowed: Vec<usize>,
    /// Tokens run, special tokens and prompts among them.
    pub tokens: usize,
    /// The same for each text.
    pub tokens_of: Vec<usize>,
    /// What tokenising took; on cards it goes on beside the rest.
    pub tokenising: Duration,
}

impl Encoder {
    /// Embeds texts in a manner that the caller chooses for them.
    ///
    /// # Errors
    /// As [`Encoder::embed_with`].
    pub fn embed_as<T: AsRef<str> + Sync>(&self, texts: &[T], manner: &Manner) -> Result<Embeddings, EmbedError> {
        let mut prefix = self.reader.prefix(&manner.prompt)?;
        prefix.cut = manner.cut;
        self.embed_after(texts, &prefix, &|_| ())
    }

    /// Tokens of a text after a prompt, special tokens among them, however many windows they make.
    ///
    /// # Errors
    /// [`EmbedError::Prompt`], [`EmbedError::Tokenise`].
    pub fn tokens(&self, text: &str, prompt: &str) -> Result<usize, EmbedError> {
        self.reader.whole(text, &self.reader.prefix(prompt)?)
    }
}
