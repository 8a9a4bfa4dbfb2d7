//! Disagreements: facts that fill the same place in passages of one group, and are not the same.
//!
//! The places of all pairs are joined, so that a group tells of each fact once, with what every passage gives. A
//! place that one passage fills twice with different values tells nothing: it is not known which of them the
//! others speak of. Not here: the facts of a pair and what is a place (`facts`).

use std::collections::BTreeMap;

use super::align::align;
use super::facts::{Fact, Facts, links};
use super::material::Material;
use crate::coverage::{Disagreement, FactKind, Pair, Passage, Reading};

/// The facts that the passages of some pairs give differently, by first reading.
pub(super) fn disagreements(material: &Material, pairs: &[&Pair]) -> Vec<Disagreement> {
    let mut slots = Slots::default();
    let mut read: BTreeMap<usize, Facts> = BTreeMap::new();
    for passage in pairs.iter().flat_map(|pair| [&pair.left, &pair.right]) {
        read.entry(passage.row).or_insert_with(|| facts_of(material, passage));
    }
    for pair in pairs {
        let Some((left, right)) = read.get(&pair.left.row).zip(read.get(&pair.right.row)) else { continue };
        let alignment = align(material.passage_tokens(&pair.left), material.passage_tokens(&pair.right));
        for link in links(left, right, &alignment) {
            slots.join((pair.left.row, &link.left), (pair.right.row, &link.right), link.differs);
        }
    }
    slots.disagreements()
}

fn facts_of(material: &Material, passage: &Passage) -> Facts {
    let collection = material.collection();
    Facts::of(collection.text(passage.row), collection.article_of(passage.row).date)
}

/// A reading's row, first byte and kind.
type Place = (usize, usize, FactKind);

/// Facts found in one slot.
#[derive(Debug, Default)]
struct Slots {
    readings: BTreeMap<Place, (Fact, usize)>,
    differing: Vec<Place>,
}

impl Slots {
    fn join(&mut self, left: (usize, &Fact), right: (usize, &Fact), differs: bool) {
        let (a, b) = (self.slot(left), self.slot(right));
        let (from, to) = (a.max(b), a.min(b));
        for (_, slot) in self.readings.values_mut().filter(|(_, slot)| *slot == from) {
            *slot = to;
        }
        if differs {
            self.differing.push(place(left));
        }
    }

    fn slot(&mut self, (row, fact): (usize, &Fact)) -> usize {
        let new = self.readings.len();
        self.readings.entry(place((row, fact))).or_insert_with(|| (fact.clone(), new)).1
    }

    fn disagreements(&self) -> Vec<Disagreement> {
        let mut slots: Vec<usize> =
            self.differing.iter().filter_map(|place| self.readings.get(place)).map(|(_, slot)| *slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let mut found: Vec<Disagreement> = slots.into_iter().filter_map(|slot| self.disagreement(slot)).collect();
        found.sort_by_key(|found| found.readings.first().map(|reading| (reading.row, reading.span.start, found.kind)));
        found
    }

    fn disagreement(&self, slot: usize) -> Option<Disagreement> {
        let members: Vec<(usize, &Fact)> =
            self.readings.iter().filter(|(_, held)| held.1 == slot).map(|(place, held)| (place.0, &held.0)).collect();
        let torn = members.windows(2).any(|two| two[0].0 == two[1].0 && !two[0].1.agrees(two[1].1));
        let reading = |&(row, fact): &(usize, &Fact)| Reading { row, span: fact.span.clone(), value: fact.written() };
        let kind = members.iter().map(|(_, fact)| fact.kind).min()?;
        (!torn).then(|| Disagreement { kind, readings: members.iter().map(reading).collect() })
    }
}

fn place((row, fact): (usize, &Fact)) -> Place {
    (row, fact.span.start, fact.kind)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{all_pairs, bags, collection};
    use super::super::{Options, candidates, find};
    use crate::coverage::FactKind;

    fn told(rows: &[(u32, &str)]) -> Vec<(FactKind, Vec<String>)> {
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
        assert_eq!(told(&[(0, LEAD), (1, &changed)]), [(FactKind::Money, vec![money("38"), money("83")])]);
        assert_eq!(
            told(&[(0, LEAD), (1, &changed), (2, LEAD)]),
            [(FactKind::Money, vec![money("38"), money("83"), money("38")])]
        );
        let years = LEAD.replace("seven-year", "five-year");
        assert_eq!(
            told(&[(0, LEAD), (1, &years)]),
            [(FactKind::TimeSpan, vec!["7 year".to_owned(), "5 year".to_owned()])]
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
