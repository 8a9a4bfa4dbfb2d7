//! What one source held: drafts of articles, and what was wrong.

use super::draft::Draft;
use super::fault::Fault;
use super::walk::Source;
use crate::article::Place;
use crate::collection::Problem;

/// What one source held.
#[derive(Debug, Default)]
pub(in crate::corpus) struct Batch {
    /// Articles to be.
    pub(in crate::corpus) drafts: Vec<Draft>,
    /// What could not be read.
    pub(in crate::corpus) problems: Vec<Problem>,
}

impl Batch {
    /// A source of which nothing could be read.
    pub(super) fn lost(source: &Source, fault: &Fault) -> Self {
        let mut batch = Self::default();
        batch.lose(source.place(None), fault);
        batch
    }

    /// An article or more was lost.
    pub(super) fn lose(&mut self, place: Place, fault: &Fault) {
        self.problems.push(Problem { place, what: fault.to_string(), lost: true });
    }

    /// A detail was set aside.
    pub(super) fn note(&mut self, place: Place, fault: &Fault) {
        self.problems.push(Problem { place, what: fault.to_string(), lost: false });
    }
}
