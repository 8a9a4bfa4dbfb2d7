//! Origins: how many of a group's outlets wrote their own words, and which had the text first.
//!
//! Passages that share their wording, directly or through others, have one origin: a wire story told ten times is one. So
//! outlets are counted as ecologists count species (Hill 1973), each origin a species: `1 / sum(s^2)`, `s` an
//! origin's share of the outlets. Passages that say the same in other words count as origins of their own; whether both had it
//! from one press release, the texts do not tell. Not here: who belongs to the group (`groups`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::{First, Origins, Pair, Passage};

/// What counters and spreadsheets begin with: a record without a date gets one of these.
const EPOCHS: [Date; 8] = [
    date(1, 1, 1),
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1904, 1, 1),
    date(1969, 12, 31),
    date(1970, 1, 1),
    date(1980, 1, 1),
];

/// Whether an article can have been published on a day: not on the first of a calendar's, and not after the day after
/// `today`, which somewhere has begun.
pub(super) fn is_true(day: Date, today: Option<Date>) -> bool {
    !EPOCHS.contains(&day) && today.is_none_or(|today| today.tomorrow().map_or(true, |tomorrow| day <= tomorrow))
}

/// The articles whose date cannot be true, ascending.
pub(super) fn untrue(collection: &Collection, today: Option<Date>) -> Vec<usize> {
    let dates = collection.articles.iter().map(|article| article.date);
    let untrue = dates.enumerate().filter(|(_, date)| date.is_some_and(|date| !is_true(date, today)));
    untrue.map(|(at, _)| at).collect()
}

/// The origins of a group's passages, by the pairs among them.
///
/// `passages` are by row and place, and no two overlap.
pub(super) fn origins(collection: &Collection, passages: &[Passage], pairs: &[&Pair]) -> Origins {
    let mut homes = Homes((0..passages.len()).collect());
    for pair in pairs.iter().filter(|pair| pair.shares_wording()) {
        if let (Some(left), Some(right)) = (at(passages, &pair.left), at(passages, &pair.right)) {
            homes.join(left, right);
        }
    }
    let mut lots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    (0..passages.len()).for_each(|passage| lots.entry(homes.of(passage)).or_default().push(passage));
    let outlets = |lot: &[usize]| {
        let outlets: BTreeSet<OutletId> =
            lot.iter().map(|&passage| collection.outlet_of(passages[passage].row)).collect();
        outlets.len()
    };
    let mut lots: Vec<Vec<usize>> = lots.into_values().collect();
    // Stable: of lots with as many outlets, that with the first passage comes first.
    lots.sort_by_cached_key(|lot| Reverse(outlets(lot)));
    let sizes: Vec<usize> = lots.iter().map(|lot| outlets(lot)).collect();
    Origins { lots, effective: effective(&sizes) }
}

/// The passage that holds another: the last that does not begin behind it, where any does.
fn at(passages: &[Passage], part: &Passage) -> Option<usize> {
    let behind = passages.partition_point(|held| (held.row, held.span.start) <= (part.row, part.span.start));
    behind.checked_sub(1).filter(|&at| passages.get(at).is_some_and(|held| holds(held, part)))
}

/// Of each passage one of its origin, the origin's first at last: a union-find (Galler & Fischer 1964).
struct Homes(Vec<usize>);

impl Homes {
    /// The first passage of a passage's origin. Halves the way to it for the next who asks.
    fn of(&mut self, mut passage: usize) -> usize {
        while self.0[passage] != passage {
            self.0[passage] = self.0[self.0[passage]];
            passage = self.0[passage];
        }
        passage
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.of(left), self.of(right));
        self.0[left.max(right)] = left.min(right);
    }
}

/// Hill's number of order 2: so many equal shares are as even.
fn effective(sizes: &[usize]) -> f32 {
    let whole = sizes.iter().sum::<usize>() as f32;
    let sum: f32 = sizes.iter().map(|&size| (size as f32 / whole).powi(2)).sum();
    if sum > 0.0 { 1.0 / sum } else { 0.0 }
}

fn holds(passage: &Passage, part: &Passage) -> bool {
    passage.row == part.row && passage.span.start <= part.span.start && part.span.end <= passage.span.end
}

/// The outlets that were first, as far as articles have a date that can be true; none where fewer than two outlets do.
pub(super) fn first(collection: &Collection, passages: &[Passage], today: Option<Date>) -> Option<First> {
    let dated: BTreeSet<(Date, OutletId)> = passages
        .iter()
        .map(|passage| collection.article_of(passage.row))
        .filter_map(|article| Some((article.date.filter(|&date| is_true(date, today))?, article.outlet)))
        .collect();
    let all: BTreeSet<OutletId> = passages.iter().map(|passage| collection.outlet_of(passage.row)).collect();
    let known: BTreeSet<OutletId> = dated.iter().map(|(_, outlet)| *outlet).collect();
    let date = dated.first()?.0;
    let outlets: Vec<OutletId> = dated.iter().take_while(|(day, _)| *day == date).map(|(_, outlet)| *outlet).collect();
    (known.len() > 1).then(|| First { date, outlets, undated: all.len() - known.len() })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::collection;
    use super::*;
    use crate::coverage::{Grade, Scope};

    fn passages(rows: usize) -> Vec<Passage> {
        (0..rows).map(|row| Passage { row, span: 0..10 }).collect()
    }

    fn pair(left: usize, right: usize, grade: Grade) -> Pair {
        let [left, right] = [left, right].map(|row| Passage { row, span: 0..10 });
        let (scope, container, shared) = (Scope::Paragraph, None, Vec::new());
        let likeness = (0.9, 0.9, 0.9, 0.9);
        let (cosine, wording, matched, probability) = likeness;
        let differences = Vec::new();
        Pair { left, right, scope, grade, container, cosine, wording, matched, shared, probability, differences }
    }

    fn made(rows: u32) -> Collection {
        let rows: Vec<(u32, &str)> = (0..rows).map(|outlet| (outlet, "It was said.")).collect();
        collection(&rows)
    }

    #[test]
    fn one_text_told_by_ten_outlets_is_one_origin() {
        let pairs: Vec<Pair> = (1..10).map(|row| pair(row - 1, row, Grade::LightEdit)).collect();
        let found = origins(&made(10), &passages(10), &pairs.iter().collect::<Vec<_>>());
        assert_eq!((found.lots.len(), found.effective), (1, 1.0));
    }

    #[test]
    fn other_words_are_another_origin_and_the_number_is_less_than_the_lots() {
        let pairs = [pair(0, 1, Grade::Verbatim), pair(1, 2, Grade::Contained), pair(2, 3, Grade::Paraphrase)];
        let found = origins(&made(4), &passages(4), &pairs.iter().collect::<Vec<_>>());
        assert_eq!(found.lots, [vec![0, 1, 2], vec![3]]);
        assert!((found.effective - 1.6).abs() < 1e-6);
    }

    #[test]
    fn a_pair_of_parts_joins_the_passages_that_hold_them() {
        let mut pair = pair(0, 2, Grade::Verbatim);
        pair.left.span = 3..7;
        let held: Vec<Passage> =
            [(0, 0..10), (0, 12..20), (2, 0..10)].map(|(row, span)| Passage { row, span }).to_vec();
        assert_eq!(origins(&made(3), &held, &[&pair]).lots, [vec![0, 2], vec![1]]);
        pair.left.span = 9..13;
        assert_eq!(origins(&made(3), &held, &[&pair]).lots.len(), 3);
    }

    #[test]
    fn a_hundred_thousand_outlets_in_a_chain_are_joined_in_one_go() {
        let count = 100_000;
        let pairs: Vec<Pair> = (1..count).rev().map(|row| pair(row - 1, row, Grade::Verbatim)).collect();
        let found = origins(&made(count as u32), &passages(count), &pairs.iter().collect::<Vec<_>>());
        assert_eq!((found.lots.len(), found.effective), (1, 1.0));
    }

    #[test]
    fn dates_that_cannot_be_true_make_nobody_first() {
        let mut made = made(4);
        let days = [Some(date(1970, 1, 1)), Some(date(2025, 11, 5)), Some(date(2031, 1, 1)), Some(date(2025, 11, 4))];
        made.articles.iter_mut().zip(days).for_each(|(article, day)| article.date = day);
        let today = Some(date(2025, 12, 1));
        assert_eq!(untrue(&made, today), [0, 2]);
        let found = first(&made, &passages(4), today).unwrap();
        assert_eq!((found.date, found.outlets, found.undated), (date(2025, 11, 4), vec![OutletId(3)], 2));
        assert_eq!(untrue(&made, None), [0]);
    }

    #[test]
    fn outlets_of_one_day_are_first_together_and_one_dated_outlet_is_not_first_of_any() {
        let mut made = made(3);
        made.articles[0].date = Some(date(2025, 11, 4));
        assert_eq!(first(&made, &passages(3), None), None);
        made.articles[2].date = Some(date(2025, 11, 4));
        assert_eq!(first(&made, &passages(3), None).unwrap().outlets, [OutletId(0), OutletId(2)]);
    }
}
