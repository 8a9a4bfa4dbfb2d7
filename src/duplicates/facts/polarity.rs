//! Polarity: a statement that one text denies or softens and the other makes outright.
//!
//! "did not sign" and "didn't sign", "no evidence" and "not any evidence" agree: any word that denies stands for any
//! other. A word is only missed where the statement it belongs to stands in both texts: the word that it
//! denies is matched, and nothing near it denies on the other side. Not here: finding the words (`cues`).

use std::ops::Range;

use super::differences::Link;
use super::sides::{Side, Sides};
use super::slots::Slot;
use super::{Cue, Fact, Value};
use crate::coverage::FactKind;

/// Words after or before a cue within which its statement is looked for.
const REACH: usize = 4;
/// Words around a slot in which another word may do what the cue does.
const AROUND: usize = 6;
/// The share of words around a slot that match where both make one statement.
const IN_STEP: f32 = 0.6;
/// The same for a word that softens: so does much else ("investigators said"), which no list holds.
const SOFTENED: f32 = 0.75;
/// Words of content in a slot that are more than a change of polarity.
const OTHERS: usize = 2;

/// Statements that deny or soften one another, of all slots.
pub(super) fn polarity(sides: &Sides) -> Vec<Link> {
    let mut found: Vec<Link> = sides.lay.slots.iter().flat_map(|slot| in_slot(sides, slot)).collect();
    found.dedup();
    found
}

fn in_slot(sides: &Sides, slot: &Slot) -> Vec<Link> {
    let mut found = Vec::new();
    for kind in [FactKind::Negation, FactKind::Hedge] {
        let (left, right) = (cue(sides, Side::Left, slot, kind), cue(sides, Side::Right, slot, kind));
        found.extend(match (left, right) {
            (Some(cue), None) => lacking(sides, Side::Left, slot, cue),
            (None, Some(cue)) => lacking(sides, Side::Right, slot, cue),
            _ => None,
        });
    }
    found.extend(prefixed(sides, slot));
    found
}

/// The first cue of a kind in a slot that matches nothing of the other text.
fn cue<'a>(sides: &'a Sides, side: Side, slot: &Slot, kind: FactKind) -> Option<&'a Fact> {
    let within = sides.words(side, slot);
    sides
        .facts_in(side, within.clone())
        .find(|fact| fact.kind == kind && is_cue(fact) && sides.is_loose(side, fact.words.start))
}

fn is_cue(fact: &Fact) -> bool {
    matches!(&fact.value, Value::Cue(_))
}

/// The difference that a cue makes whose statement the other text has without it.
fn lacking(sides: &Sides, side: Side, slot: &Slot, cue: &Fact) -> Option<Link> {
    let other = side.other();
    if let Some(opposite) = opposite(sides, side, slot, cue) {
        return Some(Link::differing(side, cue.clone(), opposite));
    }
    if !slot.bounded
        || !sides.in_step(slot, if cue.kind == FactKind::Hedge { SOFTENED } else { IN_STEP })
        || matches!(&cue.value, Value::Cue(word) if word.only_stands())
        || others(sides, side, slot) > OTHERS
        || others(sides, other, slot) > OTHERS
    {
        return None;
    }
    let place = statement(sides, side, cue)?;
    let near = around(&sides.words(other, slot), place);
    if denied(sides, other, &near, cue.kind) {
        return None;
    }
    let said = if cue.kind == FactKind::Negation { "affirmed" } else { "stated" };
    let plain = sides.plain(other, place, cue.kind, said)?;
    Some(Link::differing(side, cue.clone(), plain))
}

/// The verb that stands where the other text has its opposite: "confirmed" for "denied".
fn opposite(sides: &Sides, side: Side, slot: &Slot, cue: &Fact) -> Option<Fact> {
    let clear = slot.bounded && sides.in_step(slot, IN_STEP) && others(sides, side, slot) <= 1;
    let stands = matches!(&cue.value, Value::Cue(word) if word.denies() && word.only_stands());
    let affirms = |fact: &&Fact| fact.kind == FactKind::Negation && matches!(fact.value, Value::Plain(_));
    let words = sides.words(side.other(), slot);
    sides.facts_in(side.other(), words).find(affirms).filter(|_| clear && stands).cloned()
}

/// The words of content in a slot that match nothing; cues are none.
fn others(sides: &Sides, side: Side, slot: &Slot) -> usize {
    let within = sides.words(side, slot);
    let cues: Vec<Range<usize>> = sides
        .facts_in(side, within.clone())
        .filter(|fact| matches!(fact.kind, FactKind::Negation | FactKind::Hedge))
        .map(|fact| fact.words.clone())
        .collect();
    within.filter(|at| sides.is_content(side, *at) && !cues.iter().any(|cue| cue.contains(at))).count()
}

/// The other text's word that matches the word of content nearest to the cue, which comes after it or just before.
fn statement(sides: &Sides, side: Side, cue: &Fact) -> Option<usize> {
    let same = |at: &usize| sides.same_sentence(side, *at, cue.words.start);
    let after = (cue.words.end..cue.words.end + REACH)
        .take_while(same)
        .find(|at| sides.is_content(side, *at) || sides.is_named(side, *at));
    let matched = after.and_then(|at| sides.matched(side, at));
    let back = || {
        let before = (cue.words.start.saturating_sub(2)..cue.words.start).rev().take_while(same);
        before.filter(|at| sides.is_content(side, *at)).find_map(|at| sides.matched(side, at))
    };
    match (after, cue.kind) {
        (Some(_), FactKind::Negation) => matched,
        (Some(_), _) => matched.or_else(back),
        (None, _) => back(),
    }
}

fn around(slot: &Range<usize>, place: usize) -> Range<usize> {
    slot.start.min(place).saturating_sub(AROUND)..slot.end.max(place + 1) + AROUND
}

/// Whether a word near the place does what the cue does and matches nothing, or is one with a prefix that denies.
fn denied(sides: &Sides, side: Side, near: &Range<usize>, kind: FactKind) -> bool {
    let cue = |fact: &Fact| fact.kind == kind && is_cue(fact) && sides.is_loose(side, fact.words.start);
    let bare = |at: usize| {
        sides.is_loose(side, at)
            && sides.unit(side, at).is_some_and(|unit| unit.bare.is_some_and(|bare| sides.has_stem(side.other(), bare)))
    };
    sides.facts_in(side, near.clone()).any(cue) || (kind == FactKind::Negation && near.clone().any(bare))
}

/// "likely" in the slot of "unlikely".
fn prefixed(sides: &Sides, slot: &Slot) -> Option<Link> {
    let denying = |side: Side| {
        let (own, others) = (sides.words(side, slot), sides.words(side.other(), slot));
        own.filter(|at| sides.is_loose(side, *at)).find_map(|at| {
            let bare = sides.unit(side, at)?.bare?;
            others
                .clone()
                .find(|other| sides.unit(side.other(), *other).is_some_and(|unit| unit.stem == bare))
                .map(|other| (at, other))
        })
    };
    let (side, (at, other)) =
        [Side::Left, Side::Right].into_iter().find_map(|side| denying(side).map(|found| (side, found)))?;
    let near = around(&sides.words(side.other(), slot), other);
    let own = around(&sides.words(side, slot), at);
    let offset = |side: Side, near: Range<usize>, itself: Option<usize>| {
        let denies = |fact: &Fact| matches!(&fact.value, Value::Cue(cue) if Cue::denies(cue));
        sides
            .facts_in(side, near)
            .any(|fact| denies(fact) && sides.is_loose(side, fact.words.start) && Some(fact.words.start) != itself)
    };
    if offset(side.other(), near, None) || offset(side, own, Some(at)) {
        return None;
    }
    let denying = sides.plain(side, at, FactKind::Negation, "denied")?;
    Some(Link::differing(side, denying, sides.plain(side.other(), other, FactKind::Negation, "affirmed")?))
}
