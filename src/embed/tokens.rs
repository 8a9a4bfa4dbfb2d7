//! Texts to windows of token ids: the model folder's tokenizer, and windows for texts longer than the model reads.
//!
//! A text that fits is one window. A longer one is cut at sentence ends, a sentence longer than a
//! window at word starts; nothing is dropped. Truncation and padding that a `tokenizer.json` may ask
//! for are switched off, as sentence-transformers does.

use std::ops::Range;

use rayon::prelude::*;
use tokenizers::Tokenizer;

use super::EmbedError;
use super::folder::{ModelFolder, malformed};
use crate::text::sentences;

/// Token ids of one stretch of one text, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Index of the text.
    pub(super) text: usize,
    /// Token ids.
    pub(super) ids: Vec<u32>,
}

/// A tokenizer that knows how much the model reads at once.
#[derive(Debug)]
pub(super) struct WindowReader {
    tokenizer: Tokenizer,
    max_tokens: usize,
    special: usize,
}

impl WindowReader {
    /// Reads the folder's `tokenizer.json`.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where it does not parse, leaves no room for a word, or has ids the model has no row for.
    pub(super) fn new(folder: &ModelFolder) -> Result<Self, EmbedError> {
        let bad = |what: String| malformed(&folder.name, "tokenizer.json", &what);
        let mut tokenizer = Tokenizer::from_bytes(&folder.tokenizer).map_err(|error| bad(error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| bad(error.to_string()))?;
        let (words, rows) = (tokenizer.get_vocab_size(true), folder.config.vocab_size);
        if words > rows {
            return Err(bad(format!("{words} words for a model of {rows}: it belongs to another model")));
        }
        let special = tokenizer.encode_fast("", true).map_err(|error| bad(error.to_string()))?.len();
        if special >= folder.max_tokens {
            return Err(bad(format!("{special} special tokens leave no room in {} tokens", folder.max_tokens)));
        }
        Ok(Self { tokenizer, max_tokens: folder.max_tokens, special })
    }

    /// The windows of all texts, in order of text and place. Runs on the threads of the current pool.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`] names the first text that failed.
    pub(super) fn windows<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Vec<Window>, EmbedError> {
        let windows: Result<Vec<Vec<Window>>, EmbedError> =
            texts.par_iter().enumerate().map(|(text, words)| self.windows_of(text, words.as_ref())).collect();
        Ok(windows?.into_iter().flatten().collect())
    }

    fn windows_of(&self, text: usize, words: &str) -> Result<Vec<Window>, EmbedError> {
        let failed = |error: tokenizers::Error| EmbedError::Tokenise { text, why: error.to_string() };
        let whole = self.tokenizer.encode_fast(words, true).map_err(failed)?;
        if whole.len() <= self.max_tokens {
            return Ok(vec![Window { text, ids: whole.get_ids().to_vec() }]);
        }
        let cuts = self.cuts(words).map_err(failed)?;
        cuts.into_iter()
            .map(|span| {
                let ids = self.tokenizer.encode_fast(&words[span], true).map_err(failed)?.get_ids().to_vec();
                Ok(Window { text, ids })
            })
            .collect()
    }

    /// Byte ranges of a long text that fit a window each: as many whole sentences as fit.
    fn cuts(&self, words: &str) -> tokenizers::Result<Vec<Range<usize>>> {
        let room = self.max_tokens - self.special;
        let mut cuts: Vec<(Range<usize>, usize)> = Vec::new();
        for span in sentences(words) {
            for (piece, tokens) in self.pieces(words, span, room)? {
                match cuts.last_mut() {
                    Some((last, held)) if *held + tokens <= room => {
                        last.end = piece.end;
                        *held += tokens;
                    }
                    _ => cuts.push((piece, tokens)),
                }
            }
        }
        Ok(cuts.into_iter().map(|(span, _)| span).collect())
    }

    /// A sentence, or where it does not fit a window its parts, cut at word starts; with their tokens.
    fn pieces(&self, words: &str, span: Range<usize>, room: usize) -> tokenizers::Result<Vec<(Range<usize>, usize)>> {
        let encoding = self.tokenizer.encode(&words[span.clone()], false)?;
        let (offsets, word_ids) = (encoding.get_offsets(), encoding.get_word_ids());
        if offsets.len() <= room {
            return Ok(vec![(span, offsets.len())]);
        }
        let mut pieces = Vec::new();
        let mut start = 0;
        while start < offsets.len() {
            let mut end = (start + room).min(offsets.len());
            if end < offsets.len() {
                let inside = |token: usize| word_ids[token].is_some() && word_ids[token] == word_ids[token - 1];
                // A word longer than a window has no start to cut at: it is cut where it stands.
                end = (start + 1..=end).rev().find(|&token| !inside(token)).unwrap_or(end);
            }
            let to = if end < offsets.len() { offsets[end].0 } else { span.len() };
            pieces.push((span.start + offsets[start].0..span.start + to, end - start));
            start = end;
        }
        Ok(pieces)
    }
}
