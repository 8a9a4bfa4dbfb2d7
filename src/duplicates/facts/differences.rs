//! Differences: what two passages that say the same give differently, fact by fact.
//!
//! A false alarm costs more trust than a miss. Two facts are set against one another only where one stands in the
//! other's slot, they share a word, or they stand among the same words. A value that the other passage has anywhere
//! is no difference, unless the rest of its sentence is the same to the word; what only one passage says is none
//! either. Not here: words that deny or soften (`polarity`).

use std::ops::Range;

use super::super::align::{Alignment, Token};
use super::polarity::polarity;
use super::slots::{Lay, Slot, Unit, has_name};
use super::{Fact, Facts, Value};
use crate::coverage::{Difference, FactKind, Given};

/// Words around a figure that are compared where no slot places it.
const AROUND: usize = 6;
/// Stems of content both surroundings must share, and the share of all their stems.
const ALIKE: (usize, f32) = (3, 0.5);
/// Stems of content that the sentences of two lone limits share.
const ROLE: usize = 3;
/// Words on each side of a place that tell whether the passages are in step there, and the share that does.
const NEAR: usize = 8;
const IN_STEP: f32 = 0.6;
/// Words of content in a slot besides the facts that leave their place clear.
const OTHERS: usize = 2;

/// Two facts of one place: equal, or not.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Link {
    /// What the left passage gives.
    pub(in super::super) left: Fact,
    /// What the right passage gives.
    pub(in super::super) right: Fact,
    /// They cannot both be true.
    pub(in super::super) differs: bool,
}

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

impl Link {
    /// A difference between what `side` gives and what the other does.
    pub(super) fn differing(side: Side, own: Fact, other: Fact) -> Self {
        let (left, right) = if side == Side::Left { (own, other) } else { (other, own) };
        Self { left, right, differs: true }
    }
}

/// What two passages give differently, in the order of the left one.
pub(in super::super) fn differences(left: &Facts, right: &Facts, alignment: &Alignment) -> Vec<Difference> {
    let given = |fact: &Fact| Given { span: fact.span.clone(), value: fact.written() };
    let all = links(left, right, alignment).into_iter().filter(|link| link.differs);
    all.map(|link| Difference { kind: link.left.kind, left: given(&link.left), right: given(&link.right) }).collect()
}

/// The facts of one place in both passages, in the order of the left one. The alignment is that of the passages'
/// words, `left` and `right` are the facts of the paragraphs they lie in.
pub(in super::super) fn links(left: &Facts, right: &Facts, alignment: &Alignment) -> Vec<Link> {
    let within = (place(left, alignment.left), place(right, alignment.right));
    let lay = Lay::new(left, right, within.clone(), alignment);
    let sides = Sides { left, right, within, lay };
    let mut links = met(&sides);
    links.extend(swapped(&sides));
    links.extend(roles(&sides, &links));
    links.extend(polarity(&sides));
    links.sort_by_key(|link| (link.left.span.start, link.right.span.start, link.left.kind));
    links.dedup_by(|b, a| a.left.span == b.left.span && a.right.span == b.right.span && a.left.kind == b.left.kind);
    links
}

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

impl Sides<'_> {
    fn facts(&self, side: Side) -> (&Facts, &Range<usize>) {
        if side == Side::Left { (self.left, &self.within.0) } else { (self.right, &self.within.1) }
    }

    /// The facts of a side that lie in some of the passage's words.
    pub(super) fn facts_in(&self, side: Side, words: Range<usize>) -> impl Iterator<Item = &Fact> {
        let (facts, within) = self.facts(side);
        let (start, end) = (words.start.max(within.start), words.end.min(within.end));
        facts.facts.iter().filter(move |fact| fact.words.start < end && start < fact.words.end && fact.words.end <= within.end && within.start <= fact.words.start)
    }

    fn all(&self, side: Side) -> impl Iterator<Item = &Fact> {
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
    fn repeats(&self, side: Side, fact: &Fact) -> bool {
        let same = |other: &Fact| match (&fact.value, &other.value) {
            (Value::Date(a), Value::Date(b)) => a.is_same(b),
            (Value::Name(_), _) => false,
            _ => is_valued(other) && fact.agrees(other),
        };
        self.all(side).any(same) || (matches!(fact.value, Value::Name(_)) && self.has(side, fact))
    }

    /// Whether a bare number ends its passage.
    fn is_cut(&self, side: Side, fact: &Fact) -> bool {
        let bare = matches!(&fact.value, Value::Quantity(quantity) if quantity.is_bare());
        bare && fact.words.end == self.facts(side).1.end
    }

    /// The share of words that match, of those around a place: 0 to 1.
    pub(super) fn shared(&self, side: Side, place: &Range<usize>) -> f32 {
        let within = self.facts(side).1;
        let around = place.start.saturating_sub(NEAR).max(within.start)..(place.end + NEAR).min(within.end);
        let words = around.filter(|at| !place.contains(at));
        let (matched, all) = words.fold((0, 0), |(matched, all), at| (matched + usize::from(!self.is_loose(side, at)), all + 1));
        if all == 0 { 1.0 } else { matched as f32 / all as f32 }
    }

    /// Whether most words around a slot match on both sides.
    pub(super) fn in_step(&self, slot: &Slot, share: f32) -> bool {
        self.shared(Side::Left, &slot.left) >= share && self.shared(Side::Right, &slot.right) >= share
    }

    /// Whether a side has the value anywhere.
    fn has(&self, side: Side, fact: &Fact) -> bool {
        let known = |other: &Fact| is_valued(other) && (fact.agrees(other) || says_number(fact, other));
        self.all(side).any(known) || has_name(self.facts(side).0, fact, self.facts(side).1)
    }
}

fn is_valued(fact: &Fact) -> bool {
    matches!(&fact.value, Value::Quantity(_) | Value::Date(_) | Value::Name(_))
}

/// A bare number is met by the same number of anything.
fn says_number(a: &Fact, b: &Fact) -> bool {
    matches!((&a.value, &b.value), (Value::Quantity(x), Value::Quantity(y)) if (x.is_bare() || y.is_bare()) && x.agrees_in_number(y))
}

/// How clearly two facts have one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// Other words stand in their slot too.
    Loose,
    /// A word or two besides them, or a word of theirs is shared.
    Near,
    /// One stands exactly where the other does.
    Exact,
}

/// Facts that share a word or a slot.
fn met(sides: &Sides) -> Vec<Link> {
    let mut pairs: Vec<(&Fact, &Fact, Hold)> = Vec::new();
    for left in sides.all(Side::Left).filter(|fact| is_valued(fact)) {
        let shared: Vec<usize> = left.words.clone().filter_map(|at| sides.matched(Side::Left, at)).collect();
        let right = shared.iter().flat_map(|&at| sides.facts_in(Side::Right, at..at + 1));
        let right = right.filter(|right| std::mem::discriminant(&left.value) == std::mem::discriminant(&right.value));
        pairs.extend(right.take(1).map(|right| (left, right, Hold::Exact)));
    }
    for slot in &sides.lay.slots {
        pairs.extend(in_slot(sides, slot, &pairs));
    }
    pairs.into_iter().filter_map(|(left, right, hold)| link(sides, left, right, hold)).collect()
}

type Pairing<'a> = (&'a Fact, &'a Fact, Hold);

/// The facts of a slot, each kind in order; none where one side has more of a kind and nothing tells which is meant.
fn in_slot<'a>(sides: &'a Sides, slot: &Slot, held: &[Pairing<'a>]) -> Vec<Pairing<'a>> {
    let of = |side: Side| -> Vec<&'a Fact> {
        let words = sides.words(side, slot);
        let taken = |fact: &Fact| held.iter().any(|(left, right, _)| std::ptr::eq(*left, fact) || std::ptr::eq(*right, fact));
        sides.facts_in(side, words).filter(|fact| is_valued(fact) && !taken(fact)).collect()
    };
    let (left, right) = (of(Side::Left), of(Side::Right));
    let others = others(sides, Side::Left, slot, &left).max(others(sides, Side::Right, slot, &right));
    let in_step = sides.in_step(slot, IN_STEP);
    let hold = match (slot.bounded && in_step, others) {
        (true, 0) => Hold::Exact,
        (_, 0..=OTHERS) if slot.bounded || in_step => Hold::Near,
        _ => Hold::Loose,
    };
    let mut found = Vec::new();
    for group in [FactKind::Name, FactKind::Date, FactKind::Count] {
        let pick = |facts: &[&'a Fact]| -> Vec<&'a Fact> { facts.iter().filter(|fact| class(fact) == group).copied().collect() };
        let (a, b) = (pick(&left), pick(&right));
        if a.len() == b.len() {
            found.extend(a.into_iter().zip(b).map(|(a, b)| (a, b, hold)));
        } else if let ([a], b) = (a.as_slice(), &b) {
            found.extend(only(b.iter().filter(|b| comparable(a, b))).map(|b| (*a, *b, hold.min(Hold::Near))));
        } else if let (a, [b]) = (&a, b.as_slice()) {
            found.extend(only(a.iter().filter(|a| comparable(a, b))).map(|a| (*a, *b, hold.min(Hold::Near))));
        }
    }
    found
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    first.filter(|_| all.next().is_none())
}

/// Names, dates, or quantities of any unit.
fn class(fact: &Fact) -> FactKind {
    match fact.value {
        Value::Quantity(_) => FactKind::Count,
        _ => fact.kind,
    }
}

/// Whether both are of one unit, so that one may replace the other even among others.
fn comparable(left: &Fact, right: &Fact) -> bool {
    match (&left.value, &right.value) {
        (Value::Quantity(a), Value::Quantity(b)) => a.comparable(b),
        (Value::Date(_), Value::Date(_)) => true,
        _ => false,
    }
}

/// Words of content in a slot that belong to none of the facts.
fn others(sides: &Sides, side: Side, slot: &Slot, facts: &[&Fact]) -> usize {
    let free = |at: &usize| (sides.is_content(side, *at) || sides.is_named(side, *at)) && !facts.iter().any(|fact| fact.words.contains(at));
    sides.words(side, slot).filter(free).count()
}

/// What two facts of one place say of one another; none where it is not clear that they speak of one thing.
fn link(sides: &Sides, left: &Fact, right: &Fact, hold: Hold) -> Option<Link> {
    let told = |differs| Some(Link { left: left.clone(), right: right.clone(), differs });
    if left.agrees(right) || says_number(left, right) {
        return told(false);
    }
    // A text that was cut inside a figure: "more than 48" of "more than 48 million Americans".
    let cut = (sides.is_cut(Side::Left, left), sides.is_cut(Side::Right, right));
    if !may_differ(left, right, hold) || cut.0 != cut.1 {
        return None;
    }
    let unmet = if hold == Hold::Exact {
        !(sides.repeats(Side::Right, left) && sides.repeats(Side::Left, right))
    } else {
        !sides.has(Side::Right, left) && !sides.has(Side::Left, right)
    };
    unmet.then_some(()).and_then(|()| told(true))
}

fn may_differ(left: &Fact, right: &Fact, hold: Hold) -> bool {
    match (&left.value, &right.value) {
        (Value::Quantity(a), Value::Quantity(b)) => {
            let bare = (a.is_bare() || b.is_bare()) && left.kind == right.kind;
            a.comparable(b) || (hold >= Hold::Near && a.same_number_otherwise(b)) || (hold == Hold::Exact && bare)
        }
        (Value::Date(_), Value::Date(_)) => hold >= Hold::Near,
        (Value::Name(a), Value::Name(b)) => hold == Hold::Exact && a.describes() == b.describes(),
        _ => false,
    }
}

/// Names that changed places: each stands where the other does in the other passage, and not in a list.
fn swapped(sides: &Sides) -> Vec<Link> {
    let mut pairs: Vec<(&Fact, &Fact)> = Vec::new();
    for slot in &sides.lay.slots {
        let found = in_slot(sides, slot, &[]);
        pairs.extend(found.into_iter().filter(|(a, b, hold)| class(a) == FactKind::Name && *hold >= Hold::Near && !a.agrees(b)).map(|(a, b, _)| (a, b)));
    }
    let turned = |&(a, b): &(&Fact, &Fact)| pairs.iter().any(|&(x, y)| a.agrees(y) && b.agrees(x) && !listed(sides, a, x));
    let link = |&(a, b): &(&Fact, &Fact)| Link { left: a.clone(), right: b.clone(), differs: true };
    pairs.iter().filter(|pair| turned(pair)).map(link).collect()
}

/// Whether no word of content stands between two facts of the left passage: "A and B".
fn listed(sides: &Sides, a: &Fact, b: &Fact) -> bool {
    let between = a.words.end.min(b.words.end)..a.words.start.max(b.words.start);
    !between.into_iter().any(|at| sides.is_content(Side::Left, at))
}

/// Figures that no slot places: those among the same words, and the one limit of its kind in each passage.
fn roles(sides: &Sides, held: &[Link]) -> Vec<Link> {
    let free = |side: Side| -> Vec<&Fact> {
        let taken = |fact: &Fact| held.iter().any(|link| if side == Side::Left { link.left == *fact } else { link.right == *fact });
        sides.all(side).filter(|fact| matches!(&fact.value, Value::Quantity(_) | Value::Date(_)) && !taken(fact)).collect()
    };
    let (left, right) = (free(Side::Left), free(Side::Right));
    let mut found = Vec::new();
    for a in &left {
        for b in right.iter().filter(|b| comparable(a, b)) {
            let lone = || is_lone(a, &left) && is_lone(b, &right);
            if a.agrees(b) {
                found.extend(lone().then(|| Link { left: (*a).clone(), right: (*b).clone(), differs: false }));
            } else if !sides.has(Side::Right, a) && !sides.has(Side::Left, b) && (surrounded(sides, a, b) || (lone() && limits(sides, a, b))) {
                found.push(Link { left: (*a).clone(), right: (*b).clone(), differs: true });
            }
        }
    }
    found
}

fn is_lone(fact: &Fact, facts: &[&Fact]) -> bool {
    facts.iter().filter(|other| comparable(fact, other)).count() == 1
}

/// Whether both are limits ("over $1 trillion", "through 2032"), in sentences about the same.
fn limits(sides: &Sides, left: &Fact, right: &Fact) -> bool {
    let limit = |fact: &Fact| match &fact.value {
        Value::Quantity(quantity) => quantity.is_limit(),
        Value::Date(date) => date.is_end(),
        _ => false,
    };
    let (a, b) = (stems(sides, Side::Left, left, usize::MAX), stems(sides, Side::Right, right, usize::MAX));
    limit(left) && limit(right) && a.iter().filter(|stem| b.contains(stem)).count() >= ROLE
}

fn surrounded(sides: &Sides, left: &Fact, right: &Fact) -> bool {
    let (a, b) = (stems(sides, Side::Left, left, AROUND), stems(sides, Side::Right, right, AROUND));
    let shared = a.iter().filter(|stem| b.contains(stem)).count();
    let all = a.len() + b.len() - shared;
    shared >= ALIKE.0 && shared as f32 >= ALIKE.1 * all as f32
}

/// Distinct stems of the words of content and names near a fact, in its sentence.
fn stems(sides: &Sides, side: Side, fact: &Fact, reach: usize) -> Vec<u64> {
    let (_, within) = sides.facts(side);
    let start = fact.words.start.saturating_sub(reach).max(within.start);
    let end = fact.words.end.saturating_add(reach).min(within.end);
    let near = (start..end).filter(|at| !fact.words.contains(at) && sides.same_sentence(side, *at, fact.words.start));
    let told = near.filter(|at| sides.is_content(side, *at) || sides.is_named(side, *at));
    let mut stems: Vec<u64> = told.filter_map(|at| sides.unit(side, at)).map(|unit| unit.stem).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}
