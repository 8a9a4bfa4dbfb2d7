//! Whose texts come next: what waits, and a piece of it for each batch, a text of each request in turn.
//!
//! Not here: embedding, answering, the thread that does both (`queue`).

use std::collections::VecDeque;
use std::ops::Range;

use tokio::sync::oneshot;

use super::{Embedded, Failure};
use crate::embed::Manner;

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

    /// A piece of each job, of so many tokens together, though at least one text: a text of each in turn, round by round, until
    /// no next one has room. Who gets nothing stands first the next time. The work of those who have gone is dropped.
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
    fn ends(&self, budget: usize) -> Vec<usize> {
        let mut ends: Vec<usize> = self.jobs.iter().map(|job| job.embedded.vectors.len()).collect();
        let (mut left, mut some) = (budget, false);
        let mut open: Vec<usize> = (0..ends.len()).collect();
        while !open.is_empty() {
            open.retain(|&at| {
                let Some(text) = self.jobs[at].texts.get(ends[at]) else { return false };
                let tokens = estimated(text);
                if tokens > left && some {
                    return false;
                }
                (left, some) = (left.saturating_sub(tokens), true);
                ends[at] += 1;
                true
            });
        }
        ends
    }

    fn drop_gone(&mut self) {
        let (gone, stay) = std::mem::take(&mut self.jobs).into_iter().partition(|job| job.answer.is_closed());
        self.jobs = stay;
        let gone: VecDeque<Job> = gone;
        gone.iter().for_each(|job| self.less(job, job.embedded.vectors.len()..job.texts.len()));
    }
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
