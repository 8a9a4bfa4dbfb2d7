//! Batches of many texts, shared among the cards while more texts are tokenised.
//!
//! Texts come in turns. A turn's batches wait in one queue, from which each worker takes the next; a turn is handed back
//! when all its vectors are there, in the order in which turns were given. As many turns are under way as keep the cards
//! busy while one is tokenised, so that memory does not grow with the number of texts.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::super::EmbedError;
use super::{CardModel, Worker};

/// Turns under way: one that the cards run, one that waits for them, while a third is tokenised.
const TURNS: usize = 2;

/// One batch: its sequences, and what becomes of its pooled vectors.
pub(in crate::embed) trait Batch: Send {
    /// Token ids of each sequence.
    fn ids(&self) -> Vec<&[u32]>;
    /// Tokens of each sequence that take no part in the pooling.
    fn skip(&self) -> usize;
    /// What is kept of its pooled vectors.
    ///
    /// # Errors
    /// What the steps after pooling fail with.
    fn keep(&self, pooled: Vec<f32>) -> Result<Vec<f32>, EmbedError>;
}

type Made = Result<Vec<f32>, EmbedError>;

/// A batch, its number in its turn, and where its vectors go.
struct Job<B> {
    batch: B,
    number: usize,
    to: Sender<(usize, Made)>,
}

/// A turn under way, and how many batches it has.
type Turn<K> = (K, usize, Receiver<(usize, Made)>);

/// The door to the cards while texts are embedded.
pub(in crate::embed) struct Queue<'a, B, K> {
    jobs: Sender<Job<B>>,
    turns: VecDeque<Turn<K>>,
    /// Takes a turn and the vectors of its batches, in order.
    finish: &'a mut dyn FnMut(K, Vec<Vec<f32>>),
}

impl<B: Batch, K> Queue<'_, B, K> {
    /// Gives the batches of one turn to the cards, which is handed to `finish` with their vectors, in order; before that,
    /// where enough are under way, waits for the oldest.
    ///
    /// # Errors
    /// What a batch of an earlier turn failed with.
    pub(in crate::embed) fn give(&mut self, turn: K, batches: Vec<B>) -> Result<(), EmbedError> {
        while self.turns.len() >= TURNS {
            self.wait()?;
        }
        let (count, (to, from)) = (batches.len(), channel());
        for (number, batch) in batches.into_iter().enumerate() {
            // Refused only where all workers have stopped, which the turn's end reports.
            let _ = self.jobs.send(Job { batch, number, to: to.clone() });
        }
        self.turns.push_back((turn, count, from));
        Ok(())
    }

    /// Waits for the oldest turn.
    fn wait(&mut self) -> Result<(), EmbedError> {
        let Some((turn, count, from)) = self.turns.pop_front() else { return Ok(()) };
        let mut made: Vec<Made> = Vec::new();
        made.resize_with(count, || Ok(Vec::new()));
        for (number, vectors) in from {
            made[number] = vectors;
        }
        (self.finish)(turn, made.into_iter().collect::<Result<_, EmbedError>>()?);
        Ok(())
    }
}

impl CardModel {
    /// Runs what `fill` gives to the queue; `finish` is told of each turn, in order. Returns when all is done.
    ///
    /// # Errors
    /// What `fill` fails with, or the first batch that failed.
    pub(in crate::embed) fn run_all<B: Batch, K>(
        &self,
        finish: &mut dyn FnMut(K, Vec<Vec<f32>>),
        fill: impl FnOnce(&mut Queue<'_, B, K>) -> Result<(), EmbedError>,
    ) -> Result<(), EmbedError> {
        let mut workers = self.workers();
        let (jobs, waiting) = channel();
        let waiting = Mutex::new(waiting);
        thread::scope(|scope| {
            for worker in workers.iter_mut() {
                scope.spawn(|| self.serve(worker, &waiting));
            }
            let mut queue = Queue { jobs, turns: VecDeque::new(), finish };
            fill(&mut queue)?;
            while !queue.turns.is_empty() {
                queue.wait()?;
            }
            Ok(())
        })
    }

    /// Runs batches until there will be no more.
    fn serve<B: Batch>(&self, worker: &mut Worker, waiting: &Mutex<Receiver<Job<B>>>) {
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        while let Ok(Job { batch, number, to }) = next() {
            let made = self.run(worker, &batch.ids(), batch.skip()).and_then(|pooled| batch.keep(pooled));
            // Refused only where nobody waits any more, because an earlier batch failed.
            let _ = to.send((number, made));
        }
    }
}
