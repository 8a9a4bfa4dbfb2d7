//! Texts to windows of token ids: the model folder's tokenizer, and windows for texts longer than the model reads.
//!
//! A text that fits is one window. A longer one is cut at sentence ends, a sentence longer than a
//! window at word starts; nothing is dropped. Truncation and padding that a `tokenizer.json` may ask
//! for are switched off, as sentence-transformers does.

use std::ops::Range;

use rayon::prelude::*;
use tokenizers::normalizers::{Lowercase, Sequence};
use tokenizers::{NormalizerWrapper, Tokenizer, TruncationDirection};

use super::EmbedError;
use super::folder::{Making, ModelFolder};
use crate::text::sentences;

/// Token ids of one stretch of one text, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Index of the text.
    pub(super) text: usize,
    /// Token ids.
    pub(super) ids: Vec<u32>,
}

/// Which end a text loses that is longer than the model reads, for callers that ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// What comes last.
    End,
    /// What comes first.
    Start,
}

/// What stands before every window, and what becomes of a text that is too long for one.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    text: String,
    /// The end that is cut off, unseen; by default none: the text is run in windows.
    pub(super) cut: Option<Cut>,
    /// Tokens of it, and of what the tokenizer puts before it.
    pub(super) tokens: usize,
}

/// A tokenizer that knows how much the model reads at once.
#[derive(Debug)]
pub(super) struct WindowReader {
    tokenizer: Tokenizer,
    max_tokens: usize,
    special: usize,
    /// Whether special tokens are put around a window: a static table has no use for them.
    with_special: bool,
}

impl WindowReader {
    /// Reads the folder's `tokenizer.json`, for a model with a row for each of `vocab` tokens.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where it does not parse, leaves no room for a word, or is another
    /// model's: has ids that this one has no row for, or pads with another token.
    pub(super) fn new(folder: &ModelFolder, vocab: usize) -> Result<Self, EmbedError> {
        let file = &folder.tokenizer;
        let mut tokenizer = Tokenizer::from_bytes(&file.bytes).map_err(|error| file.bad(error))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| file.bad(error))?;
        if folder.lower_case {
            lower_case(&mut tokenizer).map_err(|error| file.bad(error))?;
        }
        let words = tokenizer.get_vocab_size(true);
        if words > vocab {
            return Err(file.bad(format!("{words} words for a model of {vocab}: it belongs to another model")));
        }
        // Padding is never used here; that both name it alike shows that tokenizer and model are of one make.
        let padding = ["[PAD]", "<pad>"].iter().find_map(|name| Some((name, tokenizer.token_to_id(name)?)));
        if let (Some((name, theirs)), Some(model)) = (padding, folder.padding)
            && i64::from(theirs) != model
        {
            let what = format!("{name} is token {theirs}, padding of the model {model}: it belongs to another model");
            return Err(file.bad(what));
        }
        let with_special = !matches!(folder.entry, Making::Table);
        let special = tokenizer.encode_fast("", with_special).map_err(|error| file.bad(error))?.len();
        if special >= folder.max_tokens {
            return Err(file.bad(format!("{special} special tokens leave no room in {} tokens", folder.max_tokens)));
        }
        Ok(Self { tokenizer, max_tokens: folder.max_tokens, special, with_special })
    }

    /// Measures a prompt; an empty one is none.
    ///
    /// # Errors
    /// [`EmbedError::Prompt`] for one that leaves no room for a word.
    pub(super) fn prefix(&self, prompt: &str) -> Result<Prefix, EmbedError> {
        if prompt.is_empty() {
            return Ok(Prefix::default());
        }
        let failed = |why: String| EmbedError::Prompt { prompt: prompt.to_owned(), why };
        let alone = self.tokenizer.encode(prompt, self.with_special).map_err(|error| failed(error.to_string()))?;
        // As upstream counts: what closes a text does not belong to its prompt.
        let closes = alone.get_special_tokens_mask().last() == Some(&1);
        let tokens = alone.len() - usize::from(closes);
        if alone.len() >= self.max_tokens {
            return Err(failed(format!("its {tokens} tokens leave no room in the model's {}", self.max_tokens)));
        }
        Ok(Prefix { text: prompt.to_owned(), tokens, cut: None })
    }

    /// The windows of texts, in order of text and place; `first` is the first one's index among all. Runs on the threads of the current pool.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`] names the first text that failed.
    pub(super) fn windows<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        first: usize,
        prefix: &Prefix,
    ) -> Result<Vec<Window>, EmbedError> {
        let windows_of = |(at, words): (usize, &T)| self.windows_of(first + at, words.as_ref(), prefix);
        let windows: Result<Vec<Vec<Window>>, EmbedError> = texts.par_iter().enumerate().map(windows_of).collect();
        Ok(windows?.into_iter().flatten().collect())
    }

    /// Tokens of one text, were it run whole.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`].
    pub(super) fn whole(&self, words: &str, prefix: &Prefix) -> Result<usize, EmbedError> {
        let failed = |error: tokenizers::Error| EmbedError::Tokenise { text: 0, why: error.to_string() };
        Ok(self.ids(words, prefix).map_err(failed)?.len())
    }

    fn windows_of(&self, text: usize, words: &str, prefix: &Prefix) -> Result<Vec<Window>, EmbedError> {
        let failed = |error: tokenizers::Error| EmbedError::Tokenise { text, why: error.to_string() };
        let whole = self.ids(words, prefix).map_err(failed)?;
        if whole.len() <= self.max_tokens {
            return Ok(vec![Window { text, ids: whole }]);
        }
        if let Some(cut) = prefix.cut {
            return Ok(vec![Window { text, ids: self.cut_ids(words, prefix, cut).map_err(failed)? }]);
        }
        let mut windows = Vec::new();
        for span in self.cuts(words, prefix).map_err(failed)? {
            self.fit(&words[span], prefix, &mut windows).map_err(failed)?;
        }
        Ok(windows.into_iter().map(|ids| Window { text, ids }).collect())
    }

    fn ids(&self, words: &str, prefix: &Prefix) -> tokenizers::Result<Vec<u32>> {
        let encoding = if prefix.text.is_empty() {
            self.tokenizer.encode_fast(words, self.with_special)
        } else {
            self.tokenizer.encode_fast(format!("{}{words}", prefix.text), self.with_special)
        };
        Ok(encoding?.get_ids().to_vec())
    }

    /// The ids of one window of a text that does not fit one; what the prompt lost with its start is lost.
    fn cut_ids(&self, words: &str, prefix: &Prefix, cut: Cut) -> tokenizers::Result<Vec<u32>> {
        let mut encoding = self.tokenizer.encode(format!("{}{words}", prefix.text), false)?;
        let direction = match cut {
            Cut::End => TruncationDirection::Right,
            Cut::Start => TruncationDirection::Left,
        };
        encoding.truncate(self.max_tokens - self.special, 0, direction);
        Ok(self.tokenizer.post_process(encoding, None, self.with_special)?.get_ids().to_vec())
    }

    /// Adds the ids of a stretch: in halves where it has more tokens by itself than it had within its text.
    fn fit(&self, words: &str, prefix: &Prefix, windows: &mut Vec<Vec<u32>>) -> tokenizers::Result<()> {
        let ids = self.ids(words, prefix)?;
        let middle = (0..=words.len() / 2).rev().find(|&at| words.is_char_boundary(at)).unwrap_or(0);
        if ids.len() <= self.max_tokens || middle == 0 {
            windows.push(ids);
            return Ok(());
        }
        let space = words[..middle].rfind(char::is_whitespace).filter(|&space| space > 0);
        let (left, right) = words.split_at(space.unwrap_or(middle));
        self.fit(left, prefix, windows)?;
        self.fit(right, prefix, windows)
    }

    /// Byte ranges of a long text that fit a window each: as many whole sentences as fit.
    fn cuts(&self, words: &str, prefix: &Prefix) -> tokenizers::Result<Vec<Range<usize>>> {
        // What the tokenizer puts around a text is counted with the prompt too, which costs a token or two of room.
        let room = self.max_tokens.saturating_sub(self.special + prefix.tokens).max(1);
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

/// Puts everything in lower case before whatever the tokenizer does first.
fn lower_case(tokenizer: &mut Tokenizer) -> tokenizers::Result<()> {
    let mut steps = vec![NormalizerWrapper::from(Lowercase)];
    steps.extend(tokenizer.get_normalizer().cloned());
    tokenizer.with_normalizer(Some(NormalizerWrapper::from(Sequence::new(steps))))?;
    Ok(())
}
