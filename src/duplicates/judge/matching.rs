//! Which words of two passages are the same words: those in step, and those that stand elsewhere.
//!
//! Words in step are those of a longest common subsequence of stems; what it leaves over lies in *gaps*, each a
//! stretch of the left and one of the right between the same words. A word of substance left over on both sides
//! has moved. Not here: what that says of the passages (`features`, `order`).

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::said::{Said, Term};

/// A word of substance that stands in both passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Its place on the left.
    pub(super) left: usize,
    /// Its place on the right.
    pub(super) right: usize,
    /// Not in step with the words around it.
    pub(super) moved: bool,
}

/// What stands on either side between two words in step; one of the two may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// Places on the left.
    pub(super) left: Range<usize>,
    /// Places on the right.
    pub(super) right: Range<usize>,
}

/// How the words of two passages go together.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    /// The left passage.
    pub(super) left: &'a Said,
    /// The right passage.
    pub(super) right: &'a Said,
    /// Words of substance in both, by their place on the left.
    pub(super) matches: Vec<Match>,
    /// Of each left word, the place of the same word on the right.
    pub(super) of_left: Vec<Option<usize>>,
    /// Of each right word, the place of the same word on the left.
    pub(super) of_right: Vec<Option<usize>>,
    /// What is not in step.
    pub(super) gaps: Vec<Gap>,
    /// Words in step, stop words among them.
    pub(super) in_step: usize,
    /// The longest run of them.
    pub(super) longest: usize,
}

impl<'a> Matching<'a> {
    /// Matches the words of two passages. Which of several equally long subsequences is taken depends on the order
    /// of the two, so callers put them in an order of their own (`ordered`).
    pub(super) fn new(left: &'a Said, right: &'a Said) -> Self {
        let mut found = Self {
            left,
            right,
            matches: Vec::new(),
            of_left: vec![None; left.terms.len()],
            of_right: vec![None; right.terms.len()],
            gaps: Vec::new(),
            in_step: 0,
            longest: 0,
        };
        // Bounded in effort by the crate, without a clock.
        for op in capture_diff_slices(Algorithm::Myers, &left.keys, &right.keys) {
            found.take(op);
        }
        let stepped = found.of_left.clone();
        found.join_moved();
        let substance = left.terms.iter().enumerate().filter(|(_, term)| term.is_substance());
        found.matches = substance
            .filter_map(|(at, _)| found.right_of(at).map(|right| (at, right)))
            .map(|(at, right)| Match { left: at, right, moved: stepped.get(at).is_some_and(Option::is_none) })
            .collect();
        found
    }

    fn take(&mut self, op: DiffOp) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            self.in_step += len;
            self.longest = self.longest.max(len);
            (0..len).for_each(|step| self.join(old_index + step, new_index + step));
        } else {
            self.gaps.push(Gap { left: op.old_range(), right: op.new_range() });
        }
    }

    fn join(&mut self, left: usize, right: usize) {
        if let (Some(to), Some(from)) = (self.of_left.get_mut(left), self.of_right.get_mut(right)) {
            (*to, *from) = (Some(right), Some(left));
        }
    }

    /// Joins the first word left over to the first of its kind left over on the other side, the second to the second.
    fn join_moved(&mut self) {
        for at in loose(self.left, &self.of_left) {
            let Some(key) = self.left.keys.get(at) else { continue };
            let same = |&place: &usize| self.right.keys.get(place) == Some(key);
            if let Some(place) = loose(self.right, &self.of_right).into_iter().find(same) {
                self.join(at, place);
            }
        }
    }

    fn right_of(&self, left: usize) -> Option<usize> {
        self.of_left.get(left).copied().flatten()
    }

    /// The words of substance that only the left has.
    pub(super) fn only_left(&self) -> Vec<&'a Term> {
        loose(self.left, &self.of_left).into_iter().filter_map(|at| self.left.terms.get(at)).collect()
    }

    /// The words of substance that only the right has.
    pub(super) fn only_right(&self) -> Vec<&'a Term> {
        loose(self.right, &self.of_right).into_iter().filter_map(|at| self.right.terms.get(at)).collect()
    }
}

/// Places of the words of substance that are not matched.
fn loose(said: &Said, matched: &[Option<usize>]) -> Vec<usize> {
    let terms = said.terms.iter().zip(matched).enumerate();
    terms.filter(|(_, (term, to))| term.is_substance() && to.is_none()).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbours::wording::Wording;

    #[test]
    fn words_in_step_moved_and_alone() {
        let texts = ["Paris beat London twice", "London beat Paris narrowly"];
        let wording = Wording::learn(texts);
        let (left, right) = (Said::new(texts[0], &wording), Said::new(texts[1], &wording));
        let found = Matching::new(&left, &right);
        let places: Vec<(usize, usize)> = found.matches.iter().map(|found| (found.left, found.right)).collect();
        assert_eq!(places, [(0, 2), (1, 1), (2, 0)]);
        assert!(found.matches.iter().any(|found| found.moved));
        assert_eq!((found.only_left().len(), found.only_right().len()), (1, 1));
    }
}
