//! Disagreements: figures that fill the same place in passages that say the same, with other values.
//!
//! A false alarm costs more trust than a miss. So two figures are set against one another only where both
//! measure the same in the same unit, neither value occurs anywhere in the other passage, and they
//! replace one another in the alignment or stand among the same words. Not here: reading them (`figures`).

use std::collections::BTreeMap;
use std::ops::Range;

use super::align::{Alignment, align};
use super::figures::{Figure, figures};
use super::material::Material;
use super::stems::content_stems;
use crate::coverage::{Disagreement, Pair, Passage, Reading};

/// Words between a figure and the shared run beside it.
const NEAR: usize = 1;
/// A run beside the figures on one side only must be this long to place them.
const ANCHOR: usize = 3;
/// Words around a figure that are compared where no run places it.
const AROUND: usize = 5;
/// Content words both surroundings must share, and the share of all their content words.
const ALIKE: (usize, f32) = (3, 0.6);

/// The figures the passages of some pairs give differently, by first reading.
pub(super) fn disagreements(material: &Material, pairs: &[&Pair]) -> Vec<Disagreement> {
    let mut slots = Slots::default();
    for pair in pairs {
        let (left, right) = (figures_in(material, &pair.left), figures_in(material, &pair.right));
        if !left.is_empty() && !right.is_empty() {
            Compared::new(material, pair, &left, &right).link(&mut slots);
        }
    }
    slots.disagreements()
}

/// The figures of a passage, with byte ranges and word positions of its whole paragraph.
fn figures_in(material: &Material, passage: &Passage) -> Vec<Figure> {
    let inside = |figure: &Figure| passage.span.start <= figure.span.start && figure.span.end <= passage.span.end;
    let text = material.collection().text(passage.row);
    figures(text).into_iter().filter(inside).collect()
}

/// A reading's row and first byte.
type Place = (usize, usize);

/// Figures found in one slot.
#[derive(Debug, Default)]
struct Slots {
    readings: BTreeMap<Place, (Figure, usize)>,
    differing: Vec<Place>,
}

impl Slots {
    fn join(&mut self, left: (usize, &Figure), right: (usize, &Figure)) {
        let (a, b) = (self.slot(left), self.slot(right));
        let (from, to) = (a.max(b), a.min(b));
        for (_, slot) in self.readings.values_mut().filter(|(_, slot)| *slot == from) {
            *slot = to;
        }
        if !left.1.agrees(right.1) {
            self.differing.push((left.0, left.1.span.start));
        }
    }

    fn slot(&mut self, (row, figure): (usize, &Figure)) -> usize {
        let new = self.readings.len();
        self.readings.entry((row, figure.span.start)).or_insert_with(|| (figure.clone(), new)).1
    }

    fn disagreements(&self) -> Vec<Disagreement> {
        let mut slots: Vec<usize> =
            self.differing.iter().filter_map(|place| self.readings.get(place)).map(|(_, slot)| *slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let mut found: Vec<Disagreement> = slots.into_iter().filter_map(|slot| self.disagreement(slot)).collect();
        found.sort_by_key(|found| found.readings.first().map(|reading| (reading.row, reading.span.start)));
        found
    }

    /// The readings of a slot; none where one passage fills it twice with different values: then it is
    /// not known which of them the others speak of.
    fn disagreement(&self, slot: usize) -> Option<Disagreement> {
        let members: Vec<(usize, &Figure)> =
            self.readings.iter().filter(|(_, held)| held.1 == slot).map(|(place, held)| (place.0, &held.0)).collect();
        let torn = members.windows(2).any(|two| two[0].0 == two[1].0 && !two[0].1.agrees(two[1].1));
        let reading =
            |&(row, figure): &(usize, &Figure)| Reading { row, span: figure.span.clone(), value: figure.written() };
        let kind = members.first()?.1.kind;
        (!torn).then(|| Disagreement { kind, readings: members.iter().map(reading).collect() })
    }
}

/// The figures of one pair, and how its passages lie against one another.
struct Compared<'a> {
    material: &'a Material<'a>,
    pair: &'a Pair,
    alignment: Alignment<'a>,
    /// Words of the paragraphs before the passages.
    before: (usize, usize),
    left: &'a [Figure],
    right: &'a [Figure],
}

impl<'a> Compared<'a> {
    fn new(material: &'a Material, pair: &'a Pair, left: &'a [Figure], right: &'a [Figure]) -> Self {
        let before = |passage: &Passage| {
            material.tokens(passage.row).partition_point(|token| token.span().start < passage.span.start)
        };
        Self {
            material,
            pair,
            alignment: align(material.passage_tokens(&pair.left), material.passage_tokens(&pair.right)),
            before: (before(&pair.left), before(&pair.right)),
            left,
            right,
        }
    }

    fn link(&self, slots: &mut Slots) {
        for left in self.left {
            for right in self.right.iter().filter(|right| left.comparable(right)) {
                if self.same_slot(left, right) {
                    slots.join((self.pair.left.row, left), (self.pair.right.row, right));
                }
            }
        }
    }

    fn same_slot(&self, left: &Figure, right: &Figure) -> bool {
        if left.agrees(right) {
            return only(left, self.left) && only(right, self.right);
        }
        let met = |figure: &Figure, others: &[Figure]| {
            others.iter().any(|other| figure.comparable(other) && figure.agrees(other))
        };
        !met(left, self.right) && !met(right, self.left) && (self.replaced(left, right) || self.surrounded(left, right))
    }

    /// Whether the same shared runs stand on both sides of both figures, or a long one on one side.
    fn replaced(&self, left: &Figure, right: &Figure) -> bool {
        let (a, b) = (self.words(left, self.before.0), self.words(right, self.before.1));
        let close = |end: usize, start: usize| end <= start && start - end <= NEAR;
        let before = self
            .alignment
            .runs
            .iter()
            .find(|run| close(run.left + run.len, a.start) && close(run.right + run.len, b.start));
        let inside = |at: usize, words: &Range<usize>| words.contains(&at) || close(words.end, at);
        let after = self.alignment.runs.iter().find(|run| inside(run.left, &a) && inside(run.right, &b));
        match (before, after) {
            (Some(_), Some(_)) => true,
            (Some(run), None) | (None, Some(run)) => run.len >= ANCHOR && self.alignment.content_of(*run) >= 2,
            (None, None) => false,
        }
    }

    fn words(&self, figure: &Figure, before: usize) -> Range<usize> {
        figure.words.start.saturating_sub(before)..figure.words.end.saturating_sub(before)
    }

    fn surrounded(&self, left: &Figure, right: &Figure) -> bool {
        let (a, b) = (self.around(&self.pair.left, left), self.around(&self.pair.right, right));
        let shared = a.iter().filter(|stem| b.contains(stem)).count();
        let all = a.len() + b.len() - shared;
        shared >= ALIKE.0 && shared as f32 >= ALIKE.1 * all as f32
    }

    /// Distinct content stems of the words before and after a figure, within its passage.
    fn around(&self, passage: &Passage, figure: &Figure) -> Vec<String> {
        let tokens = self.material.tokens(passage.row);
        let text = self.material.collection().text(passage.row);
        let side = |words: Range<usize>| -> String {
            let words = tokens[words].iter().map(|token| token.span());
            let inside = words.filter(|span| passage.span.start <= span.start && span.end <= passage.span.end);
            inside.map(|span| &text[span]).collect::<Vec<_>>().join(" ")
        };
        let before = side(figure.words.start.saturating_sub(AROUND)..figure.words.start);
        let after = side(figure.words.end..(figure.words.end + AROUND).min(tokens.len()));
        let mut stems = content_stems(&format!("{before} {after}"));
        stems.sort_unstable();
        stems.dedup();
        stems
    }
}

/// Whether no other of the figures could be meant.
fn only(figure: &Figure, figures: &[Figure]) -> bool {
    figures.iter().filter(|other| other.comparable(figure)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{all_pairs, bags, collection};
    use super::super::{Options, candidates, find};
    use crate::coverage::FigureKind;

    fn told(rows: &[(u32, &str)]) -> Vec<(FigureKind, Vec<String>)> {
        let collection = collection(rows);
        let candidates = candidates(&collection, &all_pairs(rows.len())).unwrap();
        let vectors = bags(rows.iter().map(|(_, text)| *text));
        let statements = bags(candidates.texts(&collection));
        let found = find(
            &collection,
            &vectors,
            &candidates,
            &statements,
            &Options { threshold: Some(1.0), ..Options::default() },
        )
        .unwrap();
        let all = found.groups.into_iter().flat_map(|group| group.disagreements);
        all.map(|told| (told.kind, told.readings.into_iter().map(|reading| reading.value).collect())).collect()
    }

    const LEAD: &str = "OpenAI signed a seven-year deal with Amazon worth $38 billion on Monday, the companies said.";

    #[test]
    fn a_changed_figure_is_told_with_every_reading() {
        let changed = LEAD.replace("$38", "$83");
        let money = |value: &str| format!("USD {value} billion");
        assert_eq!(told(&[(0, LEAD), (1, &changed)]), [(FigureKind::Money, vec![money("38"), money("83")])]);
        assert_eq!(
            told(&[(0, LEAD), (1, &changed), (2, LEAD)]),
            [(FigureKind::Money, vec![money("38"), money("83"), money("38")])]
        );
        let years = LEAD.replace("seven-year", "five-year");
        assert_eq!(
            told(&[(0, LEAD), (1, &years)]),
            [(FigureKind::Count, vec!["7 year".to_owned(), "5 year".to_owned()])]
        );
    }

    #[test]
    fn another_spelling_of_the_same_figure_is_no_disagreement() {
        for (from, to) in [("$38 billion", "US$38bn"), ("$38 billion", "38 billion dollars"), ("seven-year", "7-year")]
        {
            assert_eq!(told(&[(0, LEAD), (1, &LEAD.replace(from, to))]), [], "{to}");
        }
    }

    #[test]
    fn figures_of_other_things_are_no_disagreement() {
        let grown = LEAD.replace("the companies said", "and its shares gained $140 billion in value");
        assert_eq!(told(&[(0, LEAD), (1, &grown)]), []);
        let moved = "The companies said on Monday OpenAI signed a deal with Amazon worth $38 billion over seven years.";
        assert_eq!(told(&[(0, LEAD), (1, moved)]), []);
    }
}
