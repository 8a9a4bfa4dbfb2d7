//! What a reader hands on, one by one: drafts of articles, and what was wrong.

use super::draft::Draft;
use super::fault::Fault;
use crate::article::Place;
use crate::collection::Problem;

/// What a reader came upon.
#[derive(Debug)]
pub(in crate::corpus) enum Found {
    /// An article to be.
    Draft(Box<Draft>),
    /// What could not be read.
    Problem(Problem),
}

/// Where readers put what they find, in the order of the file.
pub(in crate::corpus) struct Intake<'a> {
    take: &'a mut dyn FnMut(Found) -> bool,
    /// Drafts taken of this source.
    pub(super) drafts: usize,
    problems: usize,
    closed: bool,
}

impl<'a> Intake<'a> {
    /// `take` says whether more is wanted.
    pub(super) fn new(take: &'a mut dyn FnMut(Found) -> bool) -> Self {
        Self { take, drafts: 0, problems: 0, closed: false }
    }

    /// Whether nothing more is wanted: a reader of many records stops.
    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// Whether nothing came yet.
    pub(super) fn is_empty(&self) -> bool {
        self.drafts + self.problems == 0
    }

    /// An article to be.
    pub(super) fn push(&mut self, draft: Draft) {
        self.drafts += 1;
        self.hand_on(Found::Draft(Box::new(draft)));
    }

    /// An article or more was lost.
    pub(super) fn lose(&mut self, place: Place, fault: &Fault) {
        self.tell(place, fault, true);
    }

    /// A detail was set aside.
    pub(super) fn note(&mut self, place: Place, fault: &Fault) {
        self.tell(place, fault, false);
    }

    fn tell(&mut self, place: Place, fault: &Fault, lost: bool) {
        self.problems += 1;
        self.hand_on(Found::Problem(Problem { place, what: fault.to_string(), lost }));
    }

    fn hand_on(&mut self, found: Found) {
        self.closed = self.closed || !(self.take)(found);
    }
}
