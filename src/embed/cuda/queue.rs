//! Batches of many texts, shared among the cards while more texts are tokenised.
//!
//! Texts come in turns. A turn's batches wait in one queue, from which each worker takes the next; a turn is handed back
//! when all its vectors are there, in the order in which turns were given. As many turns are under way as keep the cards
//! busy while one is tokenised, so that memory does not grow with the number of texts. A worker that stops takes its batch
//! with it, which is then an error; the others go on, and with the last all that waits is given up.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::super::EmbedError;
use super::{CardModel, Worker};
use crate::gpu::GpuError;

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

impl<B, K> Queue<'_, B, K> {
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
            // Refused only where all workers have stopped: then nobody sends to the turn, and its batches are missing.
            let _ = self.jobs.send(Job { batch, number, to: to.clone() });
        }
        self.turns.push_back((turn, count, from));
        Ok(())
    }

    /// Waits for the oldest turn.
    fn wait(&mut self) -> Result<(), EmbedError> {
        let Some((turn, count, from)) = self.turns.pop_front() else { return Ok(()) };
        let mut made: Vec<Made> = Vec::new();
        made.resize_with(count, || Err(GpuError::Stopped.into()));
        // Ends when no sender is left: each is dropped with its job, also where that is never run.
        for (number, vectors) in from {
            made[number] = vectors;
        }
        (self.finish)(turn, made.into_iter().collect::<Result<_, EmbedError>>()?);
        Ok(())
    }

    fn wait_for_all(&mut self) -> Result<(), EmbedError> {
        while !self.turns.is_empty() {
            self.wait()?;
        }
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
        let run = |worker: &mut Worker, batch: &B| {
            let on = (&self.shape, &self.cards[worker.card]);
            worker.work.run(on, &batch.ids(), batch.skip()).and_then(|pooled| batch.keep(pooled))
        };
        share(&mut self.workers(), &run, finish, fill)
    }
}

/// Has workers run what `fill` gives to the queue.
fn share<W: Send, B: Send, K>(
    workers: &mut [W],
    run: &(dyn Fn(&mut W, &B) -> Made + Sync),
    finish: &mut dyn FnMut(K, Vec<Vec<f32>>),
    fill: impl FnOnce(&mut Queue<'_, B, K>) -> Result<(), EmbedError>,
) -> Result<(), EmbedError> {
    let (jobs, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    thread::scope(|scope| {
        let serving: Vec<_> = workers
            .iter_mut()
            .map(|worker| {
                let waiting = waiting.clone();
                scope.spawn(move || serve(worker, run, &waiting))
            })
            .collect();
        // The workers alone hold it now: with the last of them go the jobs that wait, and whoever waits for those is told.
        drop(waiting);
        let mut queue = Queue { jobs, turns: VecDeque::new(), finish };
        let done = fill(&mut queue).and_then(|()| queue.wait_for_all());
        drop(queue);
        for worker in serving {
            // Joined by hand, or one that stopped would stop the scope; what it ran is among the errors.
            let _ = worker.join();
        }
        done
    })
}

/// Runs batches until there will be no more.
fn serve<W, B>(worker: &mut W, run: &(dyn Fn(&mut W, &B) -> Made + Sync), waiting: &Mutex<Receiver<Job<B>>>) {
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(Job { batch, number, to }) = next() {
        let made = run(worker, &batch);
        // Refused only where nobody waits any more, because an earlier batch failed.
        let _ = to.send((number, made));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Has workers run two turns of numbers, of which `lost` stops its worker: the vectors of each turn.
    fn shared(workers: usize, lost: u32) -> Result<Vec<Vec<Vec<f32>>>, EmbedError> {
        let run = |(): &mut (), batch: &u32| match *batch {
            number if number == lost => panic!("as it is meant to"),
            number => Ok(vec![number as f32]),
        };
        let mut finished = Vec::new();
        share(&mut vec![(); workers], &run, &mut |_: u32, vectors| finished.push(vectors), |queue| {
            (0..3).try_for_each(|turn| queue.give(turn, (10 * turn..10 * turn + 3).collect()))
        })?;
        Ok(finished)
    }

    #[test]
    fn turns_come_back_in_order() {
        let turn = |first: u8| (first..first + 3).map(|number| vec![f32::from(number)]).collect::<Vec<_>>();
        assert_eq!(shared(4, 99).unwrap(), [turn(0), turn(10), turn(20)]);
    }

    #[test]
    fn a_worker_that_stops_is_an_error_and_never_waited_for() {
        for (workers, lost) in [(1, 0), (1, 21), (4, 11)] {
            let error = shared(workers, lost).unwrap_err();
            assert!(matches!(error, EmbedError::Gpu(GpuError::Stopped)), "{error}");
        }
    }
}
