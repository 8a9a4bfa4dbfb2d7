//! Pairs: what two rows of two outlets have in common, as whole paragraphs or statement by statement.
//!
//! The whole paragraphs are graded first. Where neither wording nor matched statements cover both,
//! their statements are paired, each with its best partner only. Not here: who belongs together (`groups`).

use std::ops::Range;

use super::PARAPHRASE;
use super::align::{Alignment, align};
use super::candidates::Candidate;
use super::grade::{by_quotation, by_wording, telling_places};
use super::material::{Likeness, Material};
use crate::coverage::{Grade, Pair, Passage, Scope, Side, Threshold, ThresholdSource};

/// Matched statements covering this share of the words of both make the paragraphs the same.
pub(super) const MOSTLY: f32 = 0.6;

/// How alike is alike enough: by likeness, and by the pair score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    /// The threshold.
    sure: f32,
    /// Three quarters of the way from the background to it: from here on what is more likely the same than not counts.
    near: f32,
    /// Half-way from the background to it: from here on what is named by the same codes counts.
    half: f32,
    /// Whether the pair score is asked at all: a threshold that the user gives wins.
    asked: bool,
}

/// Codes ("GB200", "GB300") that two statements must share to be the same from half-way up: what is known by its code is
/// named with little else in common, and neither embeddings nor the pair score read codes.
const TELLING_CODES: usize = 2;

/// The probability that makes two statements below the threshold the same, and from which what they say differently counts.
pub(super) const LIKELY: f32 = 0.5;

impl Bar {
    /// By a threshold.
    pub(super) fn of(threshold: &Threshold) -> Self {
        let asked = threshold.source != ThresholdSource::Given;
        Self { sure: threshold.value, near: threshold.nearly(), half: threshold.halfway(), asked }
    }

    /// No likeness is enough.
    pub(super) const NEVER: Self = Self { sure: f32::INFINITY, near: f32::INFINITY, half: f32::INFINITY, asked: false };

    /// Whether two statements of a likeness say the same.
    fn holds(self, material: &Material, edge: Edge, likeness: f32) -> bool {
        match likeness {
            likeness if !self.asked => likeness >= self.sure,
            likeness if likeness >= self.half && material.shared_codes(edge) >= TELLING_CODES => true,
            likeness if likeness >= self.sure => material.judged(edge) >= PARAPHRASE,
            likeness if likeness >= self.near => material.judged(edge) >= LIKELY,
            _ => false,
        }
    }
}

/// Two statements that say the same thing: indices of the lower and the higher row's statement.
pub(super) type Edge = (usize, usize);

/// What one pair of rows has in common.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// The whole paragraphs are the same.
    pub(super) whole: Option<Pair>,
    /// The statements that are.
    pub(super) edges: Vec<Edge>,
    /// The most alike of the statements that are not, with its likeness.
    pub(super) below: Option<(Edge, f32)>,
}

/// Compares two rows.
pub(super) fn compare(material: &Material, candidate: &Candidate, bar: Bar) -> Compared {
    let grid = Grid::new(material, candidate, bar);
    let below = grid.below();
    if grid.alike.is_empty() && !material.promising(candidate.left, candidate.right) {
        return Compared { below, ..Compared::default() };
    }
    let alignment = align(material.tokens(candidate.left), material.tokens(candidate.right));
    let edges = grid.edges(material, &alignment);
    if let Some(pair) = whole(material, candidate, &alignment, &edges, bar.sure) {
        return Compared { whole: Some(pair), edges, below: None };
    }
    let below = below.filter(|(edge, _)| !edges.contains(edge));
    Compared { whole: None, edges, below }
}

/// Likeness of all statements of one row with all of another.
struct Grid {
    left: Range<usize>,
    right: Range<usize>,
    cells: Vec<(Edge, f32)>,
    /// The cells that are alike enough, best first.
    alike: Vec<(Edge, f32)>,
}

impl Grid {
    fn new(material: &Material, candidate: &Candidate, bar: Bar) -> Self {
        let statements = |row| material.candidates().statements_of(row);
        let (left, right) = (statements(candidate.left), statements(candidate.right));
        let edges = left.clone().flat_map(|i| right.clone().map(move |j| (i, j)));
        let cells: Vec<(Edge, f32)> = edges.map(|edge| (edge, material.of_statements(edge.0, edge.1).sum())).collect();
        let enough = |&&(edge, likeness): &&(Edge, f32)| bar.holds(material, edge, likeness);
        let mut alike: Vec<(Edge, f32)> = cells.iter().filter(enough).copied().collect();
        alike.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Self { left, right, cells, alike }
    }

    /// The most alike of the statements that are not alike enough; the first of equals.
    fn below(&self) -> Option<(Edge, f32)> {
        let alike = |cell: &&(Edge, f32)| !self.alike.iter().any(|(edge, _)| *edge == cell.0);
        // `max_by` alone would take the last of equals.
        self.cells.iter().filter(alike).copied().rev().max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Statements alike enough, best first and each once, then those that wording alone pairs.
    fn edges(&self, material: &Material, alignment: &Alignment) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        let told = telling_places(alignment).into_iter().filter_map(|place| self.edge_at(material, alignment, place));
        for edge in self.alike.iter().map(|cell| cell.0).chain(told) {
            if edges.iter().all(|held| held.0 != edge.0 && held.1 != edge.1) {
                edges.push(edge);
            }
        }
        edges.sort_unstable();
        edges
    }

    fn edge_at(&self, material: &Material, alignment: &Alignment, (left, right): (usize, usize)) -> Option<Edge> {
        let holding = |statements: &Range<usize>, at: usize| {
            statements.clone().find(|&statement| material.statement(statement).span.contains(&at))
        };
        let (left, right) = (alignment.left[left].span().start, alignment.right[right].span().start);
        Some((holding(&self.left, left)?, holding(&self.right, right)?))
    }
}

/// The rows as a pair of whole paragraphs, if that is what they are.
fn whole(
    material: &Material,
    candidate: &Candidate,
    alignment: &Alignment,
    edges: &[Edge],
    threshold: f32,
) -> Option<Pair> {
    let likeness = material.of_rows(candidate.left, candidate.right);
    let (left, right) = (material.whole(candidate.left), material.whole(candidate.right));
    let same = || likeness.sum() >= threshold && covers(material, alignment, edges);
    let graded = by_wording(alignment).or_else(|| same().then_some((Grade::Paraphrase, None)));
    graded.map(|graded| Evidence { alignment, likeness, scope: Scope::Paragraph }.pair(material, left, right, graded))
}

fn covers(material: &Material, alignment: &Alignment, edges: &[Edge]) -> bool {
    let words = |statements: &mut dyn Iterator<Item = usize>| -> usize {
        statements.map(|statement| material.passage_tokens(material.statement(statement)).len()).sum()
    };
    words(&mut edges.iter().map(|edge| edge.0)) as f32 >= MOSTLY * alignment.left.len() as f32
        && words(&mut edges.iter().map(|edge| edge.1)) as f32 >= MOSTLY * alignment.right.len() as f32
}

struct Evidence<'a> {
    alignment: &'a Alignment<'a>,
    likeness: Likeness,
    scope: Scope,
}

impl Evidence<'_> {
    fn pair(
        &self,
        material: &Material,
        left: Passage,
        right: Passage,
        (grade, container): (Grade, Option<Side>),
    ) -> Pair {
        let probability = material.probability([&left, &right], self.likeness);
        // What may speak of something else differs in everything.
        let trusted = grade.shares_wording() && !self.scope.is_part() || probability >= LIKELY;
        let differences = if trusted { material.differences([&left, &right], self.alignment) } else { Vec::new() };
        Pair {
            left,
            right,
            scope: self.scope,
            grade,
            container,
            cosine: self.likeness.cosine,
            wording: self.likeness.wording,
            matched: self.alignment.coverage(),
            shared: self.alignment.shared(),
            probability,
            differences,
        }
    }
}

/// Consecutive statements of one row and of another that were matched in step, as one pair: of whole statements, or of the
/// quotation or the run of words alone for which they were matched.
pub(super) fn statement_pair(material: &Material, (left, right): (Range<usize>, Range<usize>), bar: Bar) -> Pair {
    let mut edges = left.clone().zip(right.clone());
    let same = edges.any(|edge| bar.holds(material, edge, material.of_statements(edge.0, edge.1).sum()));
    let likeness = material.of_statement_ranges(left.clone(), right.clone());
    let (left, right) = (material.passage(left), material.passage(right));
    let alignment = align(material.passage_tokens(&left), material.passage_tokens(&right));
    let told = |scope, graded| {
        let evidence = Evidence { alignment: &alignment, likeness, scope };
        evidence.pair(material, left.clone(), right.clone(), graded)
    };
    if let Some(graded) = by_wording(&alignment) {
        return told(Scope::Statement, graded);
    }
    if let Some(graded) = by_quotation(&alignment) {
        return told(Scope::Quotation, graded);
    }
    if same {
        return told(Scope::Statement, (Grade::Paraphrase, None));
    }
    // What is left of reasons is a run of words, and that is all that is the same.
    told(Scope::Run, (Grade::Verbatim, None))
}

/// Edges between two rows, ascending, merged where both statements follow on those before.
pub(super) fn merged(edges: &[Edge]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut ranges: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for &(i, j) in edges {
        match ranges.last_mut() {
            Some((left, right)) if left.end == i && right.end == j => {
                left.end += 1;
                right.end += 1;
            }
            _ => ranges.push((i..i + 1, j..j + 1)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_matches_become_one_passage() {
        assert_eq!(merged(&[(3, 8), (4, 9), (5, 11)]), [(3..5, 8..10), (5..6, 11..12)]);
        assert_eq!(merged(&[]), []);
    }
}
