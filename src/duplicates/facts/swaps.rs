//! Swaps: facts that changed places, each with the value that the other has in the other passage.
//!
//! "To 20 percent from 25 percent" and "to 25 percent from 20 percent" share all values and say the opposite. A list in
//! another order, and clauses that moved with all they hold, say the same. Not here: facts that share a slot
//! (`differences`).

use super::differences::{Hold, Link, class, in_slot};
use super::roles::comparable;
use super::sides::{Side, Sides};
use super::slots::Unit;
use super::{Fact, Value};
use crate::coverage::FactKind;

/// Facts of one place that are not the same.
type Change<'a> = (&'a Fact, &'a Fact);

/// Facts that changed places: each stands where the other does in the other passage, not in a list, and not along with
/// what it belongs to.
pub(super) fn swapped(sides: &Sides) -> Vec<Link> {
    let mut turned: Vec<(Change, Change)> = Vec::new();
    let changes = changes(sides);
    for (at, &first) in changes.iter().enumerate() {
        let others = changes.iter().skip(at + 1).filter(|&&second| is_turned(first, second));
        turned.extend(others.filter(|second| !listed(sides, first, **second)).map(|&second| (first, second)));
    }
    let told = turned.iter().filter(|two| !turned.iter().any(|other| moved_along(**two, *other)));
    let link = |(a, b): Change| Link { left: a.clone(), right: b.clone(), differs: true };
    told.flat_map(|&(first, second)| [link(first), link(second)]).collect()
}

/// The facts that replace one another; figures only where they replace one another exactly.
fn changes<'a>(sides: &'a Sides) -> Vec<Change<'a>> {
    let clear = |fact: &Fact| if class(fact) == FactKind::Name { Hold::Near } else { Hold::Exact };
    let slots = sides.lay.slots.iter().flat_map(|slot| in_slot(sides, slot, &[]));
    slots.filter(|(a, b, hold)| *hold >= clear(a) && !a.agrees(b)).map(|(a, b, _)| (a, b)).collect()
}

/// Whether two changes are one fact in the place of another and the other in its place.
fn is_turned((a, b): Change, (x, y): Change) -> bool {
    gives_again(a, y) && gives_again(b, x) && (class(a) == FactKind::Name || comparable(a, b))
}

/// Whether two facts are one value; dates in the same parts, for "Tuesday" agrees with any year.
fn gives_again(fact: &Fact, other: &Fact) -> bool {
    match (&fact.value, &other.value) {
        (Value::Date(a), Value::Date(b)) => a.is_same(b),
        _ => fact.agrees(other),
    }
}

/// Whether two facts are parts of a list in either passage, whose order says nothing: "A and B".
fn listed(sides: &Sides, (a, b): Change, (x, y): Change) -> bool {
    enumerated(sides, Side::Left, a, x) || enumerated(sides, Side::Right, b, y)
}

/// Whether no word of content stands between two facts, and between figures nothing that tells their roles: "from",
/// "to".
fn enumerated(sides: &Sides, side: Side, a: &Fact, b: &Fact) -> bool {
    let between = a.words.end.min(b.words.end)..a.words.start.max(b.words.start);
    let part =
        |at: usize| class(a) != FactKind::Name && sides.facts_in(side, at..at + 1).any(|fact| comparable(fact, a));
    let mut free = between.clone().filter(|&at| !part(at));
    let joins = |at: usize| sides.unit(side, at).is_some_and(Unit::joins);
    let loose = class(a) == FactKind::Name || free.clone().next().is_none() || free.clone().any(joins);
    loose && !free.any(|at| sides.is_content(side, at))
}

/// Whether another two facts changed places in step with these: clauses that moved took both along.
fn moved_along((first, second): (Change, Change), (third, fourth): (Change, Change)) -> bool {
    let ordered = |a: &Fact, b: &Fact| (a.words.start.min(b.words.start), a.words.start.max(b.words.start));
    let (own, other) = (ordered(first.0, second.0), ordered(third.0, fourth.0));
    let alternate = (own.0 < other.0 && other.0 < own.1 && own.1 < other.1)
        || (other.0 < own.0 && own.0 < other.1 && other.1 < own.1);
    alternate && !gives_again(third.0, first.0) && !gives_again(third.0, second.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::differ;
    use super::*;

    #[test]
    fn names_that_change_places_are_told_and_a_turned_list_is_not() {
        let (left, right) = (
            "The court heard that Biden called Pelosi a friend of long standing.",
            "The court heard that Pelosi called Biden a friend of long standing.",
        );
        assert_eq!(differ(left, right).len(), 2);
        let (left, right) = (
            "The court heard that Biden and Pelosi are friends of long standing.",
            "The court heard that Pelosi and Biden are friends of long standing.",
        );
        assert_eq!(differ(left, right), []);
    }

    #[test]
    fn figures_and_dates_that_change_places_are_told() {
        let tax = "The tax will be cut to 20 percent from 25 percent for small firms, the minister said.";
        let turned = "The tax will be cut to 25 percent from 20 percent for small firms, the minister said.";
        let percent = |left: &str, right: &str| (FactKind::Percent, left.to_owned(), right.to_owned());
        assert_eq!(differ(tax, turned), [percent("20 percent", "25 percent"), percent("25 percent", "20 percent")]);
        for (from, to) in [("20 percent", "25 percent"), ("20", "25")] {
            assert_eq!(differ(&tax.replace(from, "X"), &turned.replace(to, "X")).len(), 1, "{from}");
        }
        let profit = "Profit was $1.2 billion in the quarter, up from $1.1 billion a year earlier, Apple said.";
        let turned = "Profit was $1.1 billion in the quarter, up from $1.2 billion a year earlier, Apple said.";
        assert_eq!(differ(profit, turned).len(), 2);
        let plan = "The new plant will open its doors in May 2026 before the old mine is closed in June 2027.";
        let turned = "The new plant will open its doors in June 2027 before the old mine is closed in May 2026.";
        assert_eq!(
            differ(plan, turned),
            [
                (FactKind::Date, "2026-05".to_owned(), "2027-06".to_owned()),
                (FactKind::Date, "2027-06".to_owned(), "2026-05".to_owned())
            ]
        );
    }

    #[test]
    fn a_turned_list_of_figures_is_no_difference() {
        for (left, right) in [
            (
                "The board met in 2024 and 2025 to settle the long dispute.",
                "The board met in 2025 and 2024 to settle the long dispute.",
            ),
            (
                "The shares of both firms rose 5 percent and 7 percent after the report.",
                "The shares of both firms rose 7 percent and 5 percent after the report.",
            ),
            (
                "The fines of $5 million, $7 million and $9 million were paid late.",
                "The fines of $9 million, $7 million and $5 million were paid late.",
            ),
            (
                "They were seen on Tuesday and on Friday near the old harbour.",
                "They were seen on Friday and on Tuesday near the old harbour.",
            ),
        ] {
            assert_eq!(differ(left, right), [], "{left}");
        }
    }

    #[test]
    fn figures_that_move_with_what_they_belong_to_are_no_difference() {
        let left = "Sales of the group reached $5 billion in 2024 after they had reached $4 billion in 2023, it said.";
        let right = "Sales of the group reached $4 billion in 2023 after they had reached $5 billion in 2024, it said.";
        assert_eq!(differ(left, right), []);
        let left = "In the last count Biden received 52 votes while in the last count Pelosi received 48 votes in all.";
        let right =
            "In the last count Pelosi received 48 votes while in the last count Biden received 52 votes in all.";
        assert_eq!(differ(left, right), []);
    }
}
