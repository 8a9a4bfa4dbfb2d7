//! Disagreements: facts that fill the same place in passages of one group, and are not the same.
//!
//! The places of all pairs are joined, so that a group tells of each fact once, with what every passage gives. A
//! place that one passage fills twice with different values tells nothing: it is not known which of them the
//! others speak of. Equal texts are read and compared once. Not here: the facts of a pair and what is a place
//! (`facts`).
//!
//! Cost: a comparison for each two distinct texts of the pairs, and a few look-ups a pair and fact.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::align::align;
use super::facts::{Fact, Facts, Link, links};
use super::material::Material;
use crate::coverage::{Disagreement, FactKind, Pair, Passage, Reading};

/// The facts that the passages of some pairs give differently, by first reading.
pub(super) fn disagreements(material: &Material, pairs: &[&Pair]) -> Vec<Disagreement> {
    let mut read = Read::new(material, pairs);
    let mut slots = Slots::default();
    for pair in pairs {
        for link in read.links(pair).iter() {
            slots.join((pair.left.row, &link.left), (pair.right.row, &link.right), link.differs);
        }
    }
    slots.disagreements()
}

/// A text and the day by which its dates are read: all that facts depend on.
type Source<'a> = (&'a str, Option<Date>);

/// What a passage says: its source by number, and the bytes it takes there.
type Said = (usize, Range<usize>);

/// Texts that were read, and pairs of them that were compared.
struct Read<'a> {
    material: &'a Material<'a>,
    /// The source of each row.
    sources: BTreeMap<usize, usize>,
    /// The facts of each source, and how many rows have it.
    facts: Vec<(Facts, usize)>,
    /// What was found in pairs of passages whose texts other rows have too; never walked, so that its order tells nothing.
    links: FxHashMap<(Said, Said), Vec<Link>>,
}

impl<'a> Read<'a> {
    fn new(material: &'a Material<'a>, pairs: &[&Pair]) -> Self {
        let rows: BTreeSet<usize> = pairs.iter().flat_map(|pair| [pair.left.row, pair.right.row]).collect();
        let collection = material.collection();
        let mut numbers: FxHashMap<Source, usize> = FxHashMap::default();
        let (mut sources, mut facts): (BTreeMap<usize, usize>, Vec<(Facts, usize)>) = (BTreeMap::new(), Vec::new());
        for row in rows {
            let (text, date) = (collection.text(row), collection.article_of(row).date);
            let number = *numbers.entry((text, date)).or_insert(facts.len());
            if number == facts.len() {
                facts.push((Facts::of(text, date), 0));
            }
            facts.get_mut(number).into_iter().for_each(|(_, rows)| *rows += 1);
            sources.insert(row, number);
        }
        Self { material, sources, facts, links: FxHashMap::default() }
    }

    /// The facts of one place in both passages of a pair.
    fn links(&mut self, pair: &Pair) -> Cow<'_, [Link]> {
        let Some((left, right)) = self.said(&pair.left).zip(self.said(&pair.right)) else { return Cow::default() };
        let Some(((a, rows), (b, others))) = self.facts.get(left.0).zip(self.facts.get(right.0)) else {
            return Cow::default();
        };
        let tokens = |passage: &Passage| self.material.passage_tokens(passage);
        let compare = || links(a, b, &align(tokens(&pair.left), tokens(&pair.right)));
        if rows.max(others) == &1 {
            return Cow::Owned(compare());
        }
        Cow::Borrowed(self.links.entry((left, right)).or_insert_with(compare))
    }

    fn said(&self, passage: &Passage) -> Option<Said> {
        self.sources.get(&passage.row).map(|&source| (source, passage.span.clone()))
    }
}

/// A reading's row, first byte and kind.
type Place = (usize, usize, FactKind);

/// Facts found in one slot: a forest over the readings, in which the first reading met is the root of its slot.
#[derive(Debug, Default)]
struct Slots {
    readings: Vec<(Place, Fact)>,
    /// The position of each reading; never walked.
    positions: FxHashMap<Place, usize>,
    /// For each reading one before it in its slot, or itself.
    parents: Vec<usize>,
    differing: Vec<usize>,
}

impl Slots {
    fn join(&mut self, left: (usize, &Fact), right: (usize, &Fact), differs: bool) {
        let (a, b) = (self.reading(left), self.reading(right));
        let (a, b) = (self.root(a), self.root(b));
        self.parents.get_mut(a.max(b)).into_iter().for_each(|parent| *parent = a.min(b));
        if differs {
            self.differing.push(a);
        }
    }

    fn reading(&mut self, (row, fact): (usize, &Fact)) -> usize {
        let (readings, parents) = (&mut self.readings, &mut self.parents);
        let place = (row, fact.span.start, fact.kind);
        *self.positions.entry(place).or_insert_with(|| {
            readings.push((place, fact.clone()));
            parents.push(parents.len());
            parents.len() - 1
        })
    }

    /// The first reading of a slot. Halves the path to it.
    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&parent) = self.parents.get(at).filter(|&&parent| parent != at) {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            self.parents.get_mut(at).into_iter().for_each(|parent| *parent = above);
            at = above;
        }
        at
    }

    fn disagreements(mut self) -> Vec<Disagreement> {
        let differing: Vec<usize> = std::mem::take(&mut self.differing);
        let told: BTreeSet<usize> = differing.into_iter().map(|at| self.root(at)).collect();
        let mut slots: BTreeMap<usize, Vec<(Place, &Fact)>> = BTreeMap::new();
        let roots: Vec<usize> = (0..self.readings.len()).map(|at| self.root(at)).collect();
        for ((place, fact), root) in self.readings.iter().zip(roots).filter(|(_, root)| told.contains(root)) {
            slots.entry(root).or_default().push((*place, fact));
        }
        let mut found: Vec<Disagreement> = slots.into_values().filter_map(disagreement).collect();
        found.sort_by_key(|found| found.readings.first().map(|reading| (reading.row, reading.span.start, found.kind)));
        found
    }
}

/// What the readings of one slot say; none where one row gives two values.
fn disagreement(mut members: Vec<(Place, &Fact)>) -> Option<Disagreement> {
    members.sort_by_key(|(place, _)| *place);
    let torn = members.windows(2).any(|two| two[0].0.0 == two[1].0.0 && !two[0].1.agrees(two[1].1));
    let kind = members.iter().map(|(_, fact)| fact.kind).min()?;
    let reading =
        |&((row, _, _), fact): &(Place, &Fact)| Reading { row, span: fact.span.clone(), value: fact.written() };
    (!torn).then(|| Disagreement { kind, readings: members.iter().map(reading).collect() })
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
    fn of_many_copies_each_is_told_with_its_own_reading() {
        let changed = LEAD.replace("$38", "$83");
        let rows: Vec<(u32, &str)> =
            (0..12).map(|outlet| (outlet, if outlet % 3 == 1 { changed.as_str() } else { LEAD })).collect();
        let values: Vec<String> =
            (0..12).map(|outlet| format!("USD {} billion", if outlet % 3 == 1 { 83 } else { 38 })).collect();
        assert_eq!(told(&rows), [(FactKind::Money, values)]);
        let copies: Vec<(u32, &str)> = (0..12).map(|outlet| (outlet, LEAD)).collect();
        assert_eq!(told(&copies), []);
    }

    #[test]
    fn a_sign_that_is_no_word_is_told_between_passages_of_the_same_words() {
        let values = ["USD 38 billion", "EUR 38 billion"].map(str::to_owned).to_vec();
        assert_eq!(told(&[(0, LEAD), (1, &LEAD.replace('$', "€"))]), [(FactKind::Money, values)]);
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
