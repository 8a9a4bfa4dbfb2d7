//! Roles: facts that speak of one thing though no slot holds both.
//!
//! Figures among the same words, and the one limit of its kind in each passage ("by the end of 2026", "through 2032").
//! Not here: facts that share a slot (`differences`), facts that changed places (`swaps`).

use super::differences::{Link, clearly_signed};
use super::sides::{Side, Sides};
use super::{Fact, Value};
use crate::coverage::FactKind;

/// Words around a figure that are compared where no slot places it.
const AROUND: usize = 6;
/// Stems of content both surroundings must share, and the share of all their stems.
const ALIKE: (usize, f32) = (3, 0.5);
/// Stems of content that the sentences of two lone limits share.
const ROLE: usize = 3;
const ROLE_OF_DATE: usize = 1;

/// Figures that no slot places: those among the same words, and the one limit of its kind in each passage.
pub(super) fn roles(sides: &Sides, held: &[Link]) -> Vec<Link> {
    let free = |side: Side| -> Vec<&Fact> {
        let taken = |fact: &Fact| {
            held.iter().any(|link| if side == Side::Left { link.left == *fact } else { link.right == *fact })
        };
        sides
            .all(side)
            .filter(|fact| matches!(&fact.value, Value::Quantity(_) | Value::Date(_)) && !taken(fact))
            .collect()
    };
    let (left, right) = (free(Side::Left), free(Side::Right));
    let all = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))).filter(|(a, b)| comparable(a, b));
    all.filter_map(|(a, b)| role(sides, (a, &left), (b, &right))).collect()
}

/// What two figures say of one another that no slot holds; `left` and `right` are all such figures.
fn role(sides: &Sides, (a, left): (&Fact, &[&Fact]), (b, right): (&Fact, &[&Fact])) -> Option<Link> {
    let told = |differs| Some(Link { left: a.clone(), right: b.clone(), differs });
    if a.agrees(b) {
        return told(false).filter(|_| is_lone(a, left) && is_lone(b, right));
    }
    if sides.has(Side::Right, a) || sides.has(Side::Left, b) || !clearly_signed(sides, a, b) {
        return None;
    }
    let limits = || is_lone_limit(a, left) && is_lone_limit(b, right) && shared_stems(sides, a, b) >= least_shared(a);
    told(true).filter(|_| surrounded(sides, a, b) || limits())
}

fn is_lone(fact: &Fact, facts: &[&Fact]) -> bool {
    facts.iter().filter(|other| comparable(fact, other)).count() == 1
}

/// Whether a fact is the one limit of its unit in its passage: "over $1 trillion", "through 2032".
fn is_lone_limit(fact: &Fact, facts: &[&Fact]) -> bool {
    is_limit(fact) && facts.iter().filter(|other| is_limit(other) && comparable(fact, other)).count() == 1
}

fn is_limit(fact: &Fact) -> bool {
    match &fact.value {
        Value::Quantity(quantity) => quantity.is_limit(),
        Value::Date(date) => date.is_end(),
        _ => false,
    }
}

/// A statement has one end in time, and many amounts that it can exceed.
fn least_shared(fact: &Fact) -> usize {
    if fact.kind == FactKind::Date { ROLE_OF_DATE } else { ROLE }
}

/// Stems that the sentences of two facts share.
fn shared_stems(sides: &Sides, left: &Fact, right: &Fact) -> usize {
    let (a, b) = (stems(sides, Side::Left, left, usize::MAX), stems(sides, Side::Right, right, usize::MAX));
    a.iter().filter(|stem| b.contains(stem)).count()
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

/// Whether both are of one unit, so that one may replace the other even among others.
pub(super) fn comparable(left: &Fact, right: &Fact) -> bool {
    match (&left.value, &right.value) {
        (Value::Quantity(a), Value::Quantity(b)) => a.comparable(b),
        (Value::Date(_), Value::Date(_)) => true,
        _ => false,
    }
}
