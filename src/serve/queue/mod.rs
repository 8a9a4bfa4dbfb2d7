//! Texts of many connections, embedded together: one bounded queue, one thread that empties it.
//!
//! What waits is taken at once, up to what the model does in a moment (`pace`); nothing waits for company, so that a lone
//! request is as fast as the model. Each batch takes small requests whole, up to half of it, and then a text of each request in turn,
//! so that a small one does not wait for large ones (`turns`). Each request that is taken is answered:
//! where a batch fails, its requests are tried one by one, so that one text's failure is nobody else's.

mod turns;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::oneshot;

pub(super) use turns::Load;
use turns::{Job, Piece, Waiting};

use super::metrics::Metrics;
use super::model::Embedder;
use super::pace::Pace;
use super::settings::Limits;
use crate::embed::{Embeddings, Manner};

/// What a request's texts became.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Embedded {
    /// One a text, in the order given.
    pub(super) vectors: Vec<Vec<f32>>,
    /// Tokens run.
    pub(super) tokens: usize,
    /// Indices of the texts that were embedded in windows.
    pub(super) windowed: Vec<usize>,
}

/// Why a request that was taken has no vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The model refused or failed, and said why.
    Model(String),
    /// The model panicked.
    Panic,
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// So much waits already.
    Full(Load),
    /// The server stops, or the thread that embeds has ended.
    Closed,
}

/// Where the answer to a request will be.
pub(super) type Awaited = oneshot::Receiver<Result<Embedded, Failure>>;

/// The queue.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    most: Load,
    pace: Pace,
    metrics: Arc<Metrics>,
}

impl Queue {
    /// An empty queue.
    pub(super) fn new(limits: &Limits, metrics: Arc<Metrics>) -> Self {
        let most = Load { texts: limits.queued_texts, tokens: limits.queued_tokens };
        Self { waiting: Mutex::default(), changed: Condvar::new(), most, pace: Pace::new(limits.batch_tokens), metrics }
    }

    /// Takes a request's texts.
    ///
    /// # Errors
    /// [`NotTaken`] where too many wait or the server stops. A request that finds none waiting is taken whatever its
    /// size, which has a limit of its own.
    pub(super) fn submit(&self, texts: Vec<String>, manner: Manner) -> Result<Awaited, NotTaken> {
        let waiting = self.lock();
        let after = waiting.asked.with(Load::of(&texts));
        if waiting.asked.texts > 0 && (after.texts > self.most.texts || after.tokens > self.most.tokens) {
            return Err(NotTaken::Full(waiting.asked));
        }
        self.push(waiting, texts, (manner, false))
    }

    /// Takes the texts of a change of the library, however many wait: one change at a time asks for vectors, and was
    /// promised to be made.
    ///
    /// # Errors
    /// [`NotTaken::Closed`].
    pub(super) fn submit_owed(&self, texts: Vec<String>, manner: Manner) -> Result<Awaited, NotTaken> {
        self.push(self.lock(), texts, (manner, true))
    }

    fn push(
        &self,
        mut waiting: MutexGuard<'_, Waiting>,
        texts: Vec<String>,
        (manner, owed): (Manner, bool),
    ) -> Result<Awaited, NotTaken> {
        let (answer, awaited) = oneshot::channel();
        if waiting.closed {
            return Err(NotTaken::Closed);
        }
        let load = waiting.load(owed);
        *load = load.with(Load::of(&texts));
        self.metrics.queued(waiting.texts());
        waiting.jobs.push_back(Job { texts, manner, owed, answer, embedded: Embedded::default() });
        drop(waiting);
        self.changed.notify_one();
        Ok(awaited)
    }

    /// Takes no more; what was taken is still answered.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether what is submitted will be answered.
    pub(super) fn answers(&self) -> bool {
        let waiting = self.lock();
        waiting.answers && !waiting.closed
    }

    /// Starts the thread that answers. It ends when the queue is closed and empty.
    ///
    /// # Errors
    /// Where the system starts no thread.
    pub(super) fn start(self: &Arc<Self>, embedder: Arc<dyn Embedder>) -> std::io::Result<JoinHandle<()>> {
        let queue = Arc::clone(self);
        self.lock().answers = true;
        std::thread::Builder::new().name("embedding".to_owned()).spawn(move || {
            let _end = End(&queue);
            while let Some(pieces) = queue.take() {
                queue.answer(&*embedder, pieces);
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is embedded next; none when nothing will come any more.
    fn take(&self) -> Option<Vec<Piece>> {
        let mut waiting = self.lock();
        loop {
            let pieces = waiting.take(self.pace.tokens());
            self.metrics.queued(waiting.texts());
            if !pieces.is_empty() {
                return Some(pieces);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Embeds pieces, those of one manner together, and answers each or puts its rest back.
    fn answer(&self, embedder: &dyn Embedder, mut pieces: Vec<Piece>) {
        while let Some(first) = pieces.first() {
            let manner = first.job.manner.clone();
            let (group, rest): (Vec<Piece>, Vec<Piece>) =
                pieces.into_iter().partition(|piece| piece.job.manner == manner);
            pieces = rest;
            self.answer_group(embedder, group, &manner);
        }
    }

    fn answer_group(&self, embedder: &dyn Embedder, group: Vec<Piece>, manner: &Manner) {
        let texts: Vec<&str> = group.iter().flat_map(Piece::texts).collect();
        match self.embed(embedder, &texts, manner) {
            Ok(embeddings) => {
                let mut row = 0;
                for piece in group {
                    let rows = row..row + piece.texts.len();
                    row = rows.end;
                    self.settle(piece, &embeddings, rows);
                }
            }
            Err(failure) if group.len() == 1 => group.into_iter().for_each(|piece| self.fail(piece, failure.clone())),
            Err(_) => group.into_iter().for_each(|piece| self.answer_group(embedder, vec![piece], manner)),
        }
    }

    fn embed(&self, embedder: &dyn Embedder, texts: &[&str], manner: &Manner) -> Result<Embeddings, Failure> {
        let begun = Instant::now();
        let embeddings = catch_unwind(AssertUnwindSafe(|| embedder.embed(texts, manner)));
        let time = begun.elapsed();
        let embeddings = embeddings.map_err(|_| Failure::Panic)?.map_err(|error| Failure::Model(error.to_string()))?;
        let (rows, counts) = (embeddings.vectors.len(), embeddings.tokens_of.len());
        if (rows, counts) != (texts.len(), texts.len()) {
            let what = format!("{rows} vectors and {counts} counts of tokens for {} texts", texts.len());
            return Err(Failure::Model(what));
        }
        // What failed says nothing of how long work takes, and tokens that were cut away took none.
        self.pace.took(embeddings.tokens, time);
        self.metrics.embedded(texts.len(), embeddings.tokens);
        Ok(embeddings)
    }

    /// Answers a piece's whole job, whose rest waits no more.
    fn fail(&self, piece: Piece, failure: Failure) {
        self.lock().less(&piece.job, piece.texts.end..piece.job.texts.len());
        let _ = piece.job.answer.send(Err(failure));
    }

    /// Gives a piece its rows; the rest of its job goes behind what waits.
    fn settle(&self, piece: Piece, embeddings: &Embeddings, rows: Range<usize>) {
        let Piece { mut job, texts } = piece;
        // As many as there are vectors: checked where they came.
        for (row, tokens) in rows.clone().zip(embeddings.tokens_of.iter().skip(rows.start)) {
            if embeddings.windowed.binary_search(&row).is_ok() {
                job.embedded.windowed.push(job.embedded.vectors.len());
            }
            job.embedded.vectors.push(embeddings.vectors.row(row).to_vec());
            job.embedded.tokens += tokens;
        }
        if texts.end < job.texts.len() {
            return self.lock().jobs.push_back(job);
        }
        // Who has gone needs no answer.
        let _ = job.answer.send(Ok(job.embedded));
    }
}

/// Held by the thread that embeds: however it ends, what waits fails and nothing more is taken.
struct End<'a>(&'a Queue);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        (waiting.answers, waiting.closed) = (false, true);
        (waiting.asked, waiting.owed) = (Load::default(), Load::default());
        // Who waits for one is told that nobody will answer.
        waiting.jobs.clear();
        self.0.metrics.queued(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::EmbedError;

    struct Never;

    impl Embedder for Never {
        fn embed(&self, _: &[&str], _: &Manner) -> Result<Embeddings, EmbedError> {
            unreachable!("nothing is taken")
        }

        fn tokens(&self, _: &str, _: &str) -> Result<usize, EmbedError> {
            Ok(0)
        }
    }

    /// Vectors of texts' lengths.
    struct Lengths;

    impl Embedder for Lengths {
        fn embed(&self, texts: &[&str], _: &Manner) -> Result<Embeddings, EmbedError> {
            let rows = texts.iter().flat_map(|text| [text.len() as f32, 1.0]).collect();
            let vectors = ndarray::Array2::from_shape_vec((texts.len(), 2), rows).unwrap();
            let vectors = crate::vectors::UnitRows::normalized(vectors)?;
            let tokens_of = vec![1; texts.len()];
            Ok(Embeddings { vectors, windowed: Vec::new(), tokens: 0, tokens_of, tokenising: Default::default() })
        }

        fn tokens(&self, _: &str, _: &str) -> Result<usize, EmbedError> {
            Ok(1)
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "a test's own, made for it alone")]
    fn queue(limits: Limits) -> Arc<Queue> {
        Arc::new(Queue::new(&limits, Arc::new(Metrics::new())))
    }

    fn submit(queue: &Queue, text: &str) -> Result<Awaited, NotTaken> {
        queue.submit(vec![text.to_owned()], Manner::default())
    }

    #[test]
    fn long_texts_fill_it_and_those_of_a_change_do_not() {
        let queue = queue(Limits { queued_tokens: 100, ..Limits::default() });
        let owed = vec!["o".repeat(4_000); 3_000];
        let _owed = queue.submit_owed(owed, Manner::default()).unwrap();
        let _first = submit(&queue, &"a".repeat(4_000)).unwrap();
        let full = NotTaken::Full(Load { texts: 1, tokens: 1_002 });
        assert_eq!(submit(&queue, "b").err(), Some(full));
        assert!(queue.take().is_some_and(|pieces| !pieces.is_empty()));
    }

    #[test]
    fn a_small_request_goes_with_the_next_batch_however_many_large_ones_wait() {
        let queue = queue(Limits { batch_tokens: 60, ..Limits::default() });
        let large = |name: &str| queue.submit((0..500).map(|at| format!("{name} {at}")).collect(), Manner::default());
        let _large: Vec<Awaited> = ["a", "b", "c"].map(|name| large(name).unwrap()).into();
        let embedder = Lengths;
        for _ in 0..3 {
            let pieces = queue.take().unwrap();
            assert!(pieces.iter().all(|piece| piece.texts.len() <= 10), "more than a third of a batch");
            queue.answer(&embedder, pieces);
        }
        let mut small = submit(&queue, "small").unwrap();
        let pieces = queue.take().unwrap();
        assert_eq!(pieces.len(), 4);
        queue.answer(&embedder, pieces);
        assert!(small.try_recv().is_ok_and(|answer| answer.is_ok()), "it had to wait for more than one batch");
        // One text that fills a batch by itself keeps nobody out for good, and is not kept out.
        let mut long = submit(&queue, &"l".repeat(4_000)).unwrap();
        let mut late = submit(&queue, "late").unwrap();
        for _ in 0..2 {
            let pieces = queue.take().unwrap();
            queue.answer(&embedder, pieces);
        }
        assert!(long.try_recv().is_ok_and(|answer| answer.is_ok()) && late.try_recv().is_ok());
    }

    #[test]
    fn a_small_request_goes_with_the_next_batch_where_more_wait_than_it_holds() {
        let queue = queue(Limits { batch_tokens: 60, ..Limits::default() });
        // 34 texts of 30 tokens: two of them fill a batch.
        let large = |at: usize| queue.submit(vec![format!("{at:0>112}"); 2], Manner::default());
        let mut large: Vec<Awaited> = (0..17).map(|at| large(at).unwrap()).collect();
        let mut answered = 0;
        for _ in 0..34 {
            let mut small = submit(&queue, "small").unwrap();
            let pieces = queue.take().unwrap();
            assert!(pieces.len() <= 2, "{} pieces", pieces.len());
            queue.answer(&Lengths, pieces);
            assert!(small.try_recv().is_ok_and(|answer| answer.is_ok()), "it did not go with the next batch");
            large.retain_mut(|one| one.try_recv().is_err());
            answered = 17 - large.len();
        }
        assert_eq!(answered, 17, "small requests kept large ones out");
    }

    #[test]
    fn small_requests_never_keep_out_a_text_that_fills_a_batch() {
        let queue = queue(Limits { batch_tokens: 60, ..Limits::default() });
        let mut long = submit(&queue, &"l".repeat(4_000)).unwrap();
        let mut small = Vec::new();
        for _ in 0..3 {
            small.extend((0..40).map(|_| submit(&queue, "small").unwrap()));
            let pieces = queue.take().unwrap();
            queue.answer(&Lengths, pieces);
        }
        assert!(long.try_recv().is_ok_and(|answer| answer.is_ok()), "it was kept out");
        assert!(small.iter_mut().filter_map(|one| one.try_recv().ok()).count() >= 20, "it kept the others out");
    }

    #[test]
    fn the_pace_is_that_of_tokens_that_were_run() {
        /// As [`Lengths`], of so many tokens a batch, or failing.
        struct Ran(Option<usize>);
        impl Embedder for Ran {
            fn embed(&self, texts: &[&str], manner: &Manner) -> Result<Embeddings, EmbedError> {
                let tokens = self.0.ok_or_else(|| EmbedError::Run(candle_core::Error::Msg("no".to_owned())))?;
                Ok(Embeddings { tokens, ..Lengths.embed(texts, manner)? })
            }

            fn tokens(&self, _: &str, _: &str) -> Result<usize, EmbedError> {
                Ok(1)
            }
        }
        let queue = queue(Limits::default());
        let before = queue.pace.tokens();
        // Long texts that fail at once, and such as are cut to nearly nothing, are no fast work.
        for tokens in [None, Some(0)] {
            let answer = queue.embed(&Ran(tokens), &[&"l".repeat(400_000)], &Manner::default());
            assert_eq!((answer.is_ok(), queue.pace.tokens()), (tokens.is_some(), before));
        }
        queue.embed(&Ran(Some(1_000_000)), &["short"], &Manner::default()).unwrap();
        assert!(queue.pace.tokens() > before, "much was run in no time");
    }

    #[test]
    fn what_waits_fails_when_the_thread_has_ended() {
        let queue = queue(Limits::default());
        let mut waiting = submit(&queue, "a").unwrap();
        queue.lock().answers = true;
        assert!(queue.answers());
        drop(End(&queue));
        assert!(!queue.answers());
        assert_eq!(waiting.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert_eq!(submit(&queue, "b").err(), Some(NotTaken::Closed));
        // As it does when it is closed and empty.
        queue.start(Arc::new(Never)).unwrap().join().unwrap();
        assert!(!queue.answers());
    }
}
