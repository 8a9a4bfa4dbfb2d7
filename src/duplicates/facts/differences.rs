//! Differences: what two passages that say the same give differently, fact by fact.
//!
//! A false alarm costs more trust than a miss. Two facts are set against one another only where one stands in the
//! other's slot, they share a word, or they stand among the same words. A value that the other passage has anywhere
//! is no difference, unless the rest of its sentence is the same to the word; what only one passage says is none
//! either. Not here: words that deny or soften (`polarity`), facts that no slot places (`roles`),
//! facts that change places (`swaps`).

use super::super::align::Alignment;
use super::polarity::polarity;
use super::roles::{comparable, roles};
use super::sides::{Side, Sides, is_valued, says_number};
use super::slots::Slot;
use super::swaps::swapped;
use super::{Fact, Facts, Value};
use crate::coverage::{Difference, FactKind, Given};

/// The share of words around a slot that match where its place is clear.
const IN_STEP: f32 = 0.6;
/// The same for names.
const NAMED: f32 = 0.8;
/// Words on each side of a number that may say what a sign does: "fell", "lower".
const BESIDE: usize = 3;
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

impl Link {
    /// What both are about; of two kinds the first, so that both ways round are one.
    pub(in super::super) fn kind(&self) -> FactKind {
        self.left.kind.min(self.right.kind)
    }

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
    all.map(|link| Difference { kind: link.kind(), left: given(&link.left), right: given(&link.right) }).collect()
}

/// The facts of one place in both passages, in the order of the left one. The alignment is that of the passages'
/// words, `left` and `right` are the facts of the paragraphs they lie in.
pub(in super::super) fn links(left: &Facts, right: &Facts, alignment: &Alignment) -> Vec<Link> {
    let sides = Sides::new(left, right, alignment);
    let mut links = met(&sides);
    links.extend(swapped(&sides));
    links.extend(roles(&sides, &links));
    links.extend(polarity(&sides));
    links.sort_by_key(|link| (link.left.span.start, link.right.span.start, link.left.kind));
    links.dedup_by(|b, a| a.left.span == b.left.span && a.right.span == b.right.span && a.left.kind == b.left.kind);
    links
}

/// How clearly two facts have one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hold {
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
        let right = sharing(sides, Side::Left, left);
        let mutual =
            right.filter(|right| sharing(sides, Side::Right, right).is_some_and(|back| std::ptr::eq(back, left)));
        pairs.extend(mutual.map(|right| (left, right, Hold::Exact)));
    }
    for slot in &sides.lay.slots {
        pairs.extend(in_slot(sides, slot, &pairs));
    }
    pairs.into_iter().filter_map(|(left, right, hold)| link(sides, left, right, hold)).collect()
}

/// The first fact of the other side that shares a word with a fact and is of its sort.
fn sharing<'a>(sides: &'a Sides, side: Side, fact: &Fact) -> Option<&'a Fact> {
    let shared = fact.words.clone().filter_map(|at| sides.matched(side, at));
    let mut others = shared.flat_map(|at| sides.facts_in(side.other(), at..at + 1));
    others.find(|other| std::mem::discriminant(&other.value) == std::mem::discriminant(&fact.value))
}

/// Two facts of one place.
pub(super) type Pairing<'a> = (&'a Fact, &'a Fact, Hold);

/// The facts of a slot, each kind in order; none where one side has more of a kind and nothing tells which is meant.
pub(super) fn in_slot<'a>(sides: &'a Sides, slot: &Slot, held: &[Pairing<'a>]) -> Vec<Pairing<'a>> {
    let of = |side: Side| -> Vec<&'a Fact> {
        let words = sides.words(side, slot);
        let taken =
            |fact: &Fact| held.iter().any(|(left, right, _)| std::ptr::eq(*left, fact) || std::ptr::eq(*right, fact));
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
        let pick = |facts: &[&'a Fact]| -> Vec<&'a Fact> {
            facts.iter().filter(|fact| class(fact) == group).copied().collect()
        };
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
pub(super) fn class(fact: &Fact) -> FactKind {
    match fact.value {
        Value::Quantity(_) => FactKind::Count,
        _ => fact.kind,
    }
}

/// Words of content in a slot that belong to none of the facts.
fn others(sides: &Sides, side: Side, slot: &Slot, facts: &[&Fact]) -> usize {
    let free = |at: &usize| {
        (sides.is_content(side, *at) || sides.is_named(side, *at)) && !facts.iter().any(|fact| fact.words.contains(at))
    };
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
    let clear = clearly_named(sides, left, right) && clearly_signed(sides, left, right);
    if !may_differ(left, right, hold) || cut.0 != cut.1 || !clear {
        return None;
    }
    let unmet = if hold == Hold::Exact {
        !(sides.repeats(Side::Right, left) && sides.repeats(Side::Left, right))
    } else {
        !sides.has(Side::Right, left) && !sides.has(Side::Left, right)
    };
    unmet.then_some(()).and_then(|()| told(true))
}

/// Names have other names, which no list holds: where much else is worded otherwise, they may be such.
fn clearly_named(sides: &Sides, left: &Fact, right: &Fact) -> bool {
    let in_step = || sides.shared(Side::Left, &left.words).min(sides.shared(Side::Right, &right.words)) >= NAMED;
    left.kind != FactKind::Name || in_step()
}

/// "Fell 5 percent" and "moved by -5 percent" are one: where only the sign differs, the words next to both are shared.
pub(super) fn clearly_signed(sides: &Sides, left: &Fact, right: &Fact) -> bool {
    let (Value::Quantity(a), Value::Quantity(b)) = (&left.value, &right.value) else { return true };
    let settled = |side, fact: &Fact| {
        let around = fact.words.start.saturating_sub(BESIDE)..fact.words.end + BESIDE;
        !around
            .into_iter()
            .any(|at| !fact.words.contains(&at) && sides.is_loose(side, at) && sides.is_content(side, at))
    };
    !a.opposes(b) || (settled(Side::Left, left) && settled(Side::Right, right))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{Told, dated, differ, one};
    use super::*;

    fn changed(from: &str, to: &str) -> Vec<Told> {
        assert!(LEAD.contains(from), "{from}");
        differ(LEAD, &LEAD.replace(from, to))
    }

    const LEAD: &str = "On Tuesday the mayor of Springfield said that Sam Altman did not sign the 12-page contract \
                        worth $38 billion, which analysts expect will cut costs by 10 to 15 percent within five years.";

    #[test]
    fn a_changed_figure_is_told_by_its_kind() {
        assert_eq!(changed("$38", "$83"), one(FactKind::Money, "USD 38 billion", "USD 83 billion"));
        assert_eq!(changed("billion", "million"), one(FactKind::Money, "USD 38 billion", "USD 38 million"));
        assert_eq!(changed("$38", "€38"), one(FactKind::Money, "USD 38 billion", "EUR 38 billion"));
        assert_eq!(changed("to 15", "to 25"), one(FactKind::Percent, "10 to 15 percent", "10 to 25 percent"));
        assert_eq!(changed("five years", "nine years"), one(FactKind::TimeSpan, "5 year", "9 year"));
        assert_eq!(changed("five years", "five months"), one(FactKind::TimeSpan, "5 year", "5 month"));
        assert_eq!(changed("12-page", "21-page"), one(FactKind::Count, "12 page", "21 page"));
        assert_eq!(changed("Tuesday", "Friday"), one(FactKind::Date, "tuesday", "friday"));
    }

    #[test]
    fn another_writing_of_the_same_fact_is_no_difference() {
        for (from, to) in [
            ("$38 billion", "US$38bn"),
            ("10 to 15 percent", "10-15%"),
            ("five years", "5 years"),
            ("did not", "didn’t"),
            ("Sam Altman", "Altman"),
            ("Sam Altman", "Mr. Altman"),
            ("10 to 15 percent", "12 percent"),
            ("will", "shall"),
        ] {
            assert_eq!(changed(from, to), [], "{to}");
        }
    }

    #[test]
    fn a_changed_name_is_told_and_a_dropped_one_is_not() {
        assert_eq!(changed("Sam Altman", "Elon Musk"), one(FactKind::Name, "Sam Altman", "Elon Musk"));
        assert_eq!(changed("Springfield", "Shelbyville"), one(FactKind::Name, "Springfield", "Shelbyville"));
        assert_eq!(changed(" of Springfield", ""), []);
        assert_eq!(changed("Sam Altman", "he"), []);
    }

    #[test]
    fn a_negation_on_one_side_is_told_however_it_is_written() {
        assert_eq!(changed("did not sign", "did sign"), one(FactKind::Negation, "not", "affirmed"));
        assert_eq!(changed("did not sign", "signed"), one(FactKind::Negation, "not", "affirmed"));
        assert_eq!(changed("expect will", "expect will never"), one(FactKind::Negation, "affirmed", "never"));
        assert_eq!(changed("did not sign", "refused to sign"), []);
        let (likely, unlikely) = (
            "Officials called a second vote on the budget likely this spring.",
            "Officials called a second vote on the budget unlikely this spring.",
        );
        assert_eq!(differ(likely, unlikely), one(FactKind::Negation, "affirmed", "denied"));
        assert_eq!(differ(&likely.replace("likely", "not likely"), unlikely), []);
        let (denied, confirmed) =
            ("The company denied a report of layoffs in Texas.", "The company confirmed a report of layoffs in Texas.");
        assert_eq!(differ(denied, confirmed), one(FactKind::Negation, "denied", "affirmed"));
    }

    #[test]
    fn a_hedge_on_one_side_is_told() {
        assert_eq!(changed("will cut", "may cut"), one(FactKind::Hedge, "stated", "may"));
        assert_eq!(changed("did not sign", "reportedly did not sign"), one(FactKind::Hedge, "stated", "reportedly"));
        assert_eq!(differ("The mayor allegedly took the money home.", "The mayor reportedly took the money home."), []);
    }

    #[test]
    fn a_denied_possibility_is_no_hedge() {
        let (left, right) = (
            "The agency couldn't find any recent examples of it.",
            "The agency could not find any recent examples of it.",
        );
        assert_eq!(differ(left, right), []);
    }

    #[test]
    fn what_only_one_passage_says_is_no_difference() {
        let longer = format!("{LEAD} Its shares never rose by more than 7 percent on Monday, Jane Doe said.");
        assert_eq!(differ(LEAD, &longer), []);
        let half = &LEAD[..LEAD.len() / 2];
        assert_eq!(differ(LEAD, half), []);
    }

    #[test]
    fn facts_keep_their_places_where_sentences_are_moved_and_reworded() {
        let left = "The council approved the plan for 40 new homes on Monday. Residents of Oak Street said that they would sue the city over it.";
        let right = "Residents of Oak Street said they would sue the city over it. The council approved the plan for 60 new homes on Monday.";
        assert_eq!(differ(left, right), one(FactKind::Count, "40 home", "60 home"));
    }

    #[test]
    fn the_one_limit_of_each_statement_is_told_in_other_words() {
        let left = "With more than $1 trillion already committed by OpenAI and its backers to compute expansion, analysts warn of a bubble.";
        let right = "Industry analysts estimate that combined commitments of OpenAI could push its spending above $60 billion over the next decade.";
        assert_eq!(differ(left, right), one(FactKind::Money, "at least USD 1 trillion", "at least USD 60 billion"));
        let left =
            "All capacity targets deployment by end of 2026, with expansion options continuing into 2027 and beyond.";
        let right = "Deployment of the capacity will begin early and expand through 2032, people familiar with the targets said.";
        assert_eq!(differ(left, right), one(FactKind::Date, "late 2026", "2032"));
    }

    #[test]
    fn relative_days_are_resolved_by_the_article_s_date() {
        let (left, right) = (
            "The mayor signed the order for new buses yesterday.",
            "The mayor signed the order for new buses on Nov. 3.",
        );
        assert_eq!(dated(left, right, Some(jiff::civil::date(2025, 11, 4))), []);
        let told = dated(left, right, Some(jiff::civil::date(2025, 11, 7)));
        assert_eq!(told, one(FactKind::Date, "2025-11-06", "11-03"));
        assert_eq!(differ(left, right), []);
    }

    proptest! {
        #[test]
        fn a_text_does_not_differ_from_itself(text in "((Mr\\. )?[A-Z]?[a-z]{1,6}|not|may|\\$[0-9]{1,3}|[0-9]{1,4}|%|May|yesterday|[.,“”'])( ((Mr\\. )?[A-Z]?[a-z]{1,6}|not|may|\\$[0-9]{1,3}|[0-9]{1,4}|%|May|yesterday|[.,“”'])){0,30}") {
            prop_assert_eq!(differ(&text, &text), []);
        }

        #[test]
        fn both_ways_round_tell_the_same(left in "(Ab|Cd|a|b|c|not|may|[1-3]|%|five years|[.])( (Ab|Cd|a|b|c|not|may|[1-3]|%|five years|[.])){0,25}", right in "(Ab|Cd|a|b|c|not|may|[1-3]|%|five years|[.])( (Ab|Cd|a|b|c|not|may|[1-3]|%|five years|[.])){0,25}") {
            differ(&left, &right);
        }
    }
}
