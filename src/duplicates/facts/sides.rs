//! The two passages of a comparison, laid against one another, with their facts: what is asked of either side.
//!
//! Not here: how they are laid (`slots`), what they give differently (`differences`, `roles`, `polarity`).

use std::ops::Range;

use super::super::align::{Alignment, Token};
use super::slots::{Lay, Slot, Unit, has_name};
use super::{Fact, Facts, Value};
use crate::coverage::FactKind;

/// Words on each side of a place that tell whether the passages are in step there.
const NEAR: usize = 8;

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Side {
    /// The other one.
    pub(super) fn other(self) -> Self {
        if self == Self::Left { Self::Right } else { Self::Left }
    }
}

/// Word positions of a passage in its paragraph.
fn place(facts: &Facts, tokens: &[Token]) -> Range<usize> {
    let Some((first, last)) = tokens.first().zip(tokens.last()) else { return 0..0 };
    facts.position(first.span().start)..facts.position(last.span().end)
}

/// Two passages laid against one another, with their facts.
pub(super) struct Sides<'a> {
    left: &'a Facts,
    right: &'a Facts,
    within: (Range<usize>, Range<usize>),
    pub(super) lay: Lay,
}

impl<'a> Sides<'a> {
    /// Lays the passages of an alignment against one another; `left` and `right` are the facts of their paragraphs.
    pub(super) fn new(left: &'a Facts, right: &'a Facts, alignment: &Alignment) -> Self {
        let within = (place(left, alignment.left), place(right, alignment.right));
        let lay = Lay::new(left, right, &within, alignment);
        Self { left, right, within, lay }
    }

    /// The facts of a side's paragraph, and the words of its passage.
    pub(super) fn facts(&self, side: Side) -> (&Facts, &Range<usize>) {
        if side == Side::Left { (self.left, &self.within.0) } else { (self.right, &self.within.1) }
    }

    /// The facts of a side that lie in some of the passage's words.
    pub(super) fn facts_in(&self, side: Side, words: Range<usize>) -> impl Iterator<Item = &Fact> {
        let (facts, within) = self.facts(side);
        let (start, end) = (words.start.max(within.start), words.end.min(within.end));
        facts.facts.iter().filter(move |fact| {
            fact.words.start < end
                && start < fact.words.end
                && fact.words.end <= within.end
                && within.start <= fact.words.start
        })
    }

    /// All facts of a side.
    pub(super) fn all(&self, side: Side) -> impl Iterator<Item = &Fact> {
        let within = self.facts(side).1.clone();
        self.facts_in(side, within)
    }

    /// The words of a side in a slot.
    pub(super) fn words(&self, side: Side, slot: &Slot) -> Range<usize> {
        if side == Side::Left { slot.left.clone() } else { slot.right.clone() }
    }

    /// A word as it is laid.
    pub(super) fn unit(&self, side: Side, at: usize) -> Option<&Unit> {
        self.facts(side).0.units.get(at)
    }

    /// Whether a word says what its sentence is about.
    pub(super) fn is_content(&self, side: Side, at: usize) -> bool {
        self.unit(side, at).is_some_and(Unit::is_content)
    }

    /// Whether a word belongs to a name.
    pub(super) fn is_named(&self, side: Side, at: usize) -> bool {
        self.facts_in(side, at..at + 1).any(|fact| fact.kind == FactKind::Name)
    }

    /// Whether a word matches none.
    pub(super) fn is_loose(&self, side: Side, at: usize) -> bool {
        if side == Side::Left { self.lay.is_loose_left(at) } else { self.lay.is_loose_right(at) }
    }

    /// The word of the other side that a word matches.
    pub(super) fn matched(&self, side: Side, at: usize) -> Option<usize> {
        let side = if side == Side::Left { &self.lay.left } else { &self.lay.right };
        side.get(at).copied().flatten()
    }

    /// Whether two words of a side stand in one sentence.
    pub(super) fn same_sentence(&self, side: Side, a: usize, b: usize) -> bool {
        let sentences = &self.facts(side).0.sentences;
        sentences.get(a).zip(sentences.get(b)).is_some_and(|(a, b)| a == b)
    }

    /// Whether a side has a word of this stem.
    pub(super) fn has_stem(&self, side: Side, stem: u64) -> bool {
        let (facts, within) = self.facts(side);
        facts.units.get(within.clone()).unwrap_or_default().iter().any(|unit| unit.stem == stem)
    }

    /// The word at a place, as what a side says outright.
    pub(super) fn plain(&self, side: Side, at: usize, kind: FactKind, said: &'static str) -> Option<Fact> {
        let span = self.facts(side).0.spans.get(at)?.clone();
        Some(Fact { span, words: at..at + 1, kind, value: Value::Plain(said) })
    }

    /// Whether a side gives the very value somewhere, in the same parts and unit.
    pub(super) fn repeats(&self, side: Side, fact: &Fact) -> bool {
        let same = |other: &Fact| match (&fact.value, &other.value) {
            (Value::Date(a), Value::Date(b)) => a.is_same(b),
            (Value::Name(_), _) => false,
            _ => is_valued(other) && fact.agrees(other),
        };
        self.all(side).any(same) || (matches!(fact.value, Value::Name(_)) && self.has(side, fact))
    }

    /// Whether a bare number ends its passage.
    pub(super) fn is_cut(&self, side: Side, fact: &Fact) -> bool {
        let bare = matches!(&fact.value, Value::Quantity(quantity) if quantity.is_bare());
        bare && fact.words.end == self.facts(side).1.end
    }

    /// The share of words that match, of those around a place: 0 to 1.
    pub(super) fn shared(&self, side: Side, place: &Range<usize>) -> f32 {
        let within = self.facts(side).1;
        let around = place.start.saturating_sub(NEAR).max(within.start)..(place.end + NEAR).min(within.end);
        let words = around.filter(|at| !place.contains(at));
        let (matched, all) =
            words.fold((0, 0), |(matched, all), at| (matched + usize::from(!self.is_loose(side, at)), all + 1));
        if all == 0 { 1.0 } else { matched as f32 / all as f32 }
    }

    /// Whether most words around a slot match on both sides.
    pub(super) fn in_step(&self, slot: &Slot, share: f32) -> bool {
        self.shared(Side::Left, &slot.left) >= share && self.shared(Side::Right, &slot.right) >= share
    }

    /// Whether a side has the value anywhere.
    pub(super) fn has(&self, side: Side, fact: &Fact) -> bool {
        let known = |other: &Fact| is_valued(other) && (fact.agrees(other) || says_number(fact, other));
        self.all(side).any(known) || has_name(self.facts(side).0, fact, self.facts(side).1)
    }
}

/// Whether a fact has a value that another can replace: a figure, a date, a name.
pub(super) fn is_valued(fact: &Fact) -> bool {
    matches!(&fact.value, Value::Quantity(_) | Value::Date(_) | Value::Name(_))
}

/// A bare number is met by the same number of anything.
pub(super) fn says_number(a: &Fact, b: &Fact) -> bool {
    matches!((&a.value, &b.value), (Value::Quantity(x), Value::Quantity(y)) if (x.is_bare() || y.is_bare()) && x.agrees_in_number(y))
}
