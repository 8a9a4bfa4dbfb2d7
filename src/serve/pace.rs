//! How much is embedded at once: what the model does in a moment, as its last batches took.
//!
//! Whoever asks waits for the batch that runs. On a card some ten thousand tokens are a moment, on two cores some hundreds;
//! nothing but time depends on it, for a text's vector is the same whatever else is in its batch.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a batch should take at most.
const MOMENT: Duration = Duration::from_millis(250);
/// Tokens of a batch at least, where more wait: some paragraphs, so that each core has one.
const LEAST: usize = 512;

/// The size of the next batch.
pub(super) struct Pace {
    most: usize,
    tokens: AtomicUsize,
}

impl Pace {
    /// Nothing is known of the model yet; a batch has so many tokens at the most.
    pub(super) fn new(most: usize) -> Self {
        Self { most, tokens: AtomicUsize::new(LEAST.min(most)) }
    }

    /// Tokens of the next batch.
    pub(super) fn tokens(&self) -> usize {
        self.tokens.load(Ordering::Relaxed)
    }

    /// A batch of so many tokens, as they were run, took so long; of none nothing is learnt. What it says counts as much as
    /// all before: a batch of one short text, whose time is mostly that of beginning, is soon forgotten.
    pub(super) fn took(&self, tokens: usize, time: Duration) {
        if tokens == 0 {
            return;
        }
        let seen = tokens as f64 * MOMENT.as_secs_f64() / time.as_secs_f64().max(1e-6);
        let next = (self.tokens() as f64 + seen) / 2.0;
        self.tokens.store((next as usize).max(LEAST).min(self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_what_the_model_does_in_a_moment() {
        let pace = Pace::new(8_192);
        assert_eq!(pace.tokens(), LEAST);
        // 2,000 tokens a second, on two cores.
        for _ in 0..20 {
            pace.took(1_000, Duration::from_millis(500));
        }
        assert_eq!(pace.tokens(), LEAST);
        // 12,000 a second.
        for _ in 0..20 {
            pace.took(600, Duration::from_millis(50));
        }
        assert!((2_990..=3_000).contains(&pace.tokens()), "{}", pace.tokens());
        // A card has all that is allowed.
        for _ in 0..20 {
            pace.took(8_192, Duration::from_millis(10));
        }
        assert_eq!(pace.tokens(), 8_192);
        // What ran no token says nothing.
        pace.took(0, Duration::from_secs(60));
        assert_eq!(pace.tokens(), 8_192);
        // However slow, or small what is allowed.
        pace.took(10, Duration::from_secs(60));
        pace.took(10, Duration::ZERO);
        assert_eq!(Pace::new(8).tokens(), 8);
    }
}
