//! Whose texts come next: what waits, and a piece of it for each batch: small requests whole, then a text of each in turn.
//!
//! Not here: embedding, answering, the thread that does both (`queue`).

use std::collections::VecDeque;
use std::ops::Range;

use tokio::sync::oneshot;

use super::{Embedded, Failure};
use crate::embed::Manner;

/// A job is small whose texts are at most this part of a batch.
const SMALL: usize = 8;

/// What waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::serve) struct Load {
    /// Texts.
    pub(in crate::serve) texts: usize,
    /// Their tokens, by estimate.
    pub(in crate::serve) tokens: usize,
}

/// All that waits.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) jobs: VecDeque<Job>,
    /// What is not yet taken, of all requests.
    pub(super) asked: Load,
    /// And of changes of the library, whose texts keep no request out.
    pub(super) owed: Load,
    pub(super) closed: bool,
    /// The thread that answers is there.
    pub(super) answers: bool,
    /// The last time, the job that stood first had its text before small ones.
    oldest_first: bool,
}

/// One request's texts.
pub(super) struct Job {
    pub(super) texts: Vec<String>,
    pub(super) manner: Manner,
    pub(super) owed: bool,
    pub(super) answer: oneshot::Sender<Result<Embedded, Failure>>,
    pub(super) embedded: Embedded,
}

/// What is taken of a job at once.
pub(super) struct Piece {
    pub(super) job: Job,
    pub(super) texts: Range<usize>,
}

impl Load {
    pub(super) fn of(texts: &[String]) -> Self {
        Self { texts: texts.len(), tokens: texts.iter().map(|text| estimated(text)).sum() }
    }

    pub(super) fn with(self, more: Self) -> Self {
        Self { texts: self.texts + more.texts, tokens: self.tokens + more.tokens }
    }

    fn without(self, less: Self) -> Self {
        Self { texts: self.texts.saturating_sub(less.texts), tokens: self.tokens.saturating_sub(less.tokens) }
    }
}

impl Waiting {
    pub(super) fn load(&mut self, owed: bool) -> &mut Load {
        if owed { &mut self.owed } else { &mut self.asked }
    }

    /// Texts of all.
    pub(super) fn texts(&self) -> usize {
        self.asked.texts + self.owed.texts
    }

    /// These texts of a job wait no more.
    pub(super) fn less(&mut self, job: &Job, texts: Range<usize>) {
        let load = self.load(job.owed);
        *load = load.without(Load::of(&job.texts[texts]));
    }

    /// Pieces of jobs, of so many tokens together, though at least one text: small jobs whole, up to half of it; then a text of
    /// each in turn, round by round, until no next one has room. Who gets nothing stands first the next time. Every other
    /// time the job that stands first has a text before the small ones: a text that is longer than all of it would else
    /// never have room. The work of those who have gone is dropped.
    pub(super) fn take(&mut self, budget: usize) -> Vec<Piece> {
        self.drop_gone();
        let ends = self.ends(budget);
        let (mut pieces, mut stay) = (Vec::new(), VecDeque::new());
        for (job, end) in std::mem::take(&mut self.jobs).into_iter().zip(ends) {
            let begun = job.embedded.vectors.len();
            if end == begun {
                stay.push_back(job);
                continue;
            }
            self.less(&job, begun..end);
            pieces.push(Piece { job, texts: begun..end });
        }
        self.jobs = stay;
        pieces
    }

    /// Where the piece of each job ends.
    fn ends(&mut self, budget: usize) -> Vec<usize> {
        self.oldest_first = !self.oldest_first;
        let begun = self.jobs.iter().map(|job| job.embedded.vectors.len()).collect();
        let mut batch = Batch { jobs: &self.jobs, ends: begun, left: budget, some: false };
        if self.oldest_first {
            batch.take_one(0);
        }
        batch.take_small(budget);
        // Who had a text already is the last of the first round.
        let had = usize::from(self.oldest_first).min(self.jobs.len());
        let mut open: Vec<usize> = (had..self.jobs.len()).chain(0..had).collect();
        while !open.is_empty() {
            open.retain(|&at| batch.take_one(at));
        }
        batch.ends
    }

    fn drop_gone(&mut self) {
        let (gone, stay) = std::mem::take(&mut self.jobs).into_iter().partition(|job| job.answer.is_closed());
        self.jobs = stay;
        let gone: VecDeque<Job> = gone;
        gone.iter().for_each(|job| self.less(job, job.embedded.vectors.len()..job.texts.len()));
    }
}

/// What a batch takes of each job.
struct Batch<'a> {
    jobs: &'a VecDeque<Job>,
    ends: Vec<usize>,
    /// Tokens for which there is room.
    left: usize,
    some: bool,
}

impl Batch<'_> {
    /// Takes the next text of a job, where there is one and room for it. The first text has room however long it is.
    fn take_one(&mut self, at: usize) -> bool {
        let text = self.jobs.get(at).and_then(|job| job.texts.get(self.ends[at]));
        let Some(tokens) = text.map(|text| estimated(text)).filter(|tokens| *tokens <= self.left || !self.some) else {
            return false;
        };
        (self.left, self.some) = (self.left.saturating_sub(tokens), true);
        self.ends[at] += 1;
        true
    }

    /// Takes whole what is left of small jobs, in the order in which they wait, up to half of the batch.
    fn take_small(&mut self, budget: usize) {
        let mut room = self.left.min(budget / 2);
        for (at, job) in self.jobs.iter().enumerate() {
            let Some(tokens) = small(&job.texts[self.ends[at]..], (budget / SMALL).min(room)) else { continue };
            (room, self.left) = (room - tokens, self.left - tokens);
            self.some |= self.ends[at] < job.texts.len();
            self.ends[at] = job.texts.len();
        }
    }
}

/// The tokens of texts, where they are at most so many; none else, without looking at all of them.
fn small(texts: &[String], most: usize) -> Option<usize> {
    texts.iter().try_fold(0, |sum, text| Some(sum + estimated(text)).filter(|sum| *sum <= most))
}

impl Piece {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.job.texts[self.texts.clone()].iter().map(String::as_str)
    }
}

/// Tokens of a text without tokenising it: English has some four and a half bytes a word piece, other scripts fewer
/// characters of more bytes, and two tokens stand round each text.
pub(super) fn estimated(text: &str) -> usize {
    text.len() / 4 + 2
}
