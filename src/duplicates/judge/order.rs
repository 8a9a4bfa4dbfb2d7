//! What became of the order of the words two passages share: who does what to whom.
//!
//! "Paris beat London" and "London beat Paris" have the same words. What tells them apart is which words moved, and
//! how: into the place of another (*exchanged*) or out of the way with nothing in return (*shifted*, as when "on
//! Monday" goes to the front); what governs them before and after ("from Paris" and "to Paris"); and which words
//! they stand beside. Not here: which words are shared (`matching`).

use super::matching::{Match, Matching};
use super::said::{Kind, Said, Term};

/// Words of two adjacent words may lie this far apart on the other side and still belong together: "river bank",
/// "bank of the river".
const TOGETHER: usize = 3;

/// Measures of order. Shares are of the shared words of substance and 1 or 0 where there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// Weight of the words that moved, as a share.
    pub(super) moved: f32,
    /// Words that moved where others had stood that moved too.
    pub(super) exchanged: usize,
    /// Words that moved out of nothing into nothing.
    pub(super) shifted: usize,
    /// Share of word pairs whose order is the other way round (Kendall's distance).
    pub(super) inverted: f32,
    /// Words of the longest subsequence that keeps its order, as a share.
    pub(super) kept: f32,
    /// Places where two that follow one another on one side do not on the other.
    pub(super) breaks: usize,
    /// Words governed by the same stop word on both sides, as a share.
    pub(super) governed: f32,
    /// The same of the words that moved, as a share of these.
    pub(super) governed_moved: f32,
    /// Words with the same word of substance before them and the same after, as a share.
    pub(super) beside: f32,
    /// Weight of the words with another before and another after, as a share.
    pub(super) uprooted: f32,
    /// Adjacent words of substance that are torn apart on the other side.
    pub(super) torn: usize,
    /// Pairs of words each of which stands where the other had stood.
    pub(super) traded: usize,
    /// Such pairs within a list, where order says nothing: "gold and silver".
    pub(super) listed: usize,
}

impl Order {
    /// Measures the order of matched words.
    pub(super) fn new(found: &Matching) -> Self {
        let matches = &found.matches;
        let moved: Vec<Match> = matches.iter().copied().filter(|one| one.moved).collect();
        let sides: Vec<(bool, bool)> = matches.iter().map(|one| same_beside(found, *one)).collect();
        let uprooted = matches.iter().zip(&sides).filter(|(_, (before, after))| !before && !after);
        let weight = weight(found, matches.iter());
        let (exchanged, shifted) = moves(found, &moved);
        let ranks = ranks(matches);
        let (traded, listed) = trades(found);
        Self {
            moved: share(self::weight(found, moved.iter()), weight, 0.0),
            exchanged,
            shifted,
            inverted: inverted(&ranks),
            kept: share(rising(&ranks) as f32, ranks.len() as f32, 1.0),
            breaks: ranks.windows(2).filter(|two| two.first().map(|rank| rank + 1) != two.last().copied()).count(),
            governed: same_governor(found, matches),
            governed_moved: same_governor(found, &moved),
            beside: share(
                sides.iter().filter(|(before, after)| *before && *after).count() as f32,
                sides.len() as f32,
                1.0,
            ),
            uprooted: share(self::weight(found, uprooted.map(|(one, _)| one)), weight, 0.0),
            torn: torn(found.left, &found.of_left) + torn(found.right, &found.of_right),
            traded,
            listed,
        }
    }
}

fn share(part: f32, whole: f32, of_nothing: f32) -> f32 {
    if whole > 0.0 { part / whole } else { of_nothing }
}

fn weight<'a>(found: &Matching, matches: impl Iterator<Item = &'a Match>) -> f32 {
    matches.filter_map(|one| found.left.terms.get(one.left)).map(|term| term.weight).sum()
}

/// How many moved words were exchanged, and how many shifted.
fn moves(found: &Matching, moved: &[Match]) -> (usize, usize) {
    let (mut exchanged, mut shifted) = (0, 0);
    for one in moved {
        let there = found.gaps.iter().find(|gap| gap.left.contains(&one.left)).map(|gap| gap.right.clone());
        let here = found.gaps.iter().find(|gap| gap.right.contains(&one.right)).map(|gap| gap.left.clone());
        let there = met(found.right, &found.of_right, there.unwrap_or_default());
        let here = met(found.left, &found.of_left, here.unwrap_or_default());
        exchanged += usize::from(there.1 || here.1);
        shifted += usize::from(!there.0 && !here.0);
    }
    (exchanged, shifted)
}

/// Whether a stretch has words of substance at all, and whether it has some that are matched elsewhere.
fn met(said: &Said, matched: &[Option<usize>], stretch: std::ops::Range<usize>) -> (bool, bool) {
    let pairs = said.terms.iter().zip(matched).skip(stretch.start).take(stretch.len());
    let substance = pairs.filter(|(term, _)| term.is_substance());
    substance.fold((false, false), |(_, other), (_, to)| (true, other || to.is_some()))
}

/// The order on the right of what is in order on the left: a permutation.
fn ranks(matches: &[Match]) -> Vec<usize> {
    let mut sorted: Vec<usize> = matches.iter().map(|one| one.right).collect();
    sorted.sort_unstable();
    matches.iter().map(|one| sorted.partition_point(|&right| right < one.right)).collect()
}

fn inverted(ranks: &[usize]) -> f32 {
    let count: usize = ranks
        .iter()
        .enumerate()
        .map(|(at, rank)| ranks.iter().skip(at + 1).filter(|later| *later < rank).count())
        .sum();
    let pairs = ranks.len() * ranks.len().saturating_sub(1) / 2;
    share(count as f32, pairs as f32, 0.0)
}

/// Length of the longest rising subsequence.
fn rising(ranks: &[usize]) -> usize {
    let mut ends: Vec<usize> = Vec::new();
    for &rank in ranks {
        let at = ends.partition_point(|&end| end < rank);
        match ends.get_mut(at) {
            Some(end) => *end = rank,
            None => ends.push(rank),
        }
    }
    ends.len()
}

fn same_governor(found: &Matching, matches: &[Match]) -> f32 {
    let governor = |said: &Said, at: usize| said.terms.get(at).map(|term| term.governor);
    let same = |one: &&Match| governor(found.left, one.left) == governor(found.right, one.right);
    share(matches.iter().filter(same).count() as f32, matches.len() as f32, 1.0)
}

/// Whether a word has the same word of substance before it on both sides, and the same after it.
fn same_beside(found: &Matching, one: Match) -> (bool, bool) {
    let before = |said: &Said, at: usize| key_of(said.terms.iter().take(at).rev().find(|term| term.is_substance()));
    let after = |said: &Said, at: usize| key_of(said.terms.iter().skip(at + 1).find(|term| term.is_substance()));
    (
        before(found.left, one.left) == before(found.right, one.right),
        after(found.left, one.left) == after(found.right, one.right),
    )
}

fn key_of(term: Option<&Term>) -> Option<u64> {
    term.map(|term| term.key)
}

/// Pairs of shared words in the other order that took one another's place: apart from lists, and in lists.
fn trades(found: &Matching) -> (usize, usize) {
    let (mut traded, mut listed) = (0, 0);
    for (at, one) in found.matches.iter().enumerate() {
        let later = found.matches.iter().skip(at + 1).filter(|other| other.right < one.right);
        for other in later.filter(|other| stands_for(found, one, other) && stands_for(found, other, one)) {
            let list = lists(found.left, one.left, other.left) && lists(found.right, other.right, one.right);
            listed += usize::from(list);
            traded += usize::from(!list);
        }
    }
    (traded, listed)
}

/// Whether one word stands on the left where another stands on the right: after the same word, articles apart, or
/// before the same.
fn stands_for(found: &Matching, one: &Match, other: &Match) -> bool {
    let before =
        |said: &Said, at: usize| key_of(said.terms.iter().take(at).rev().find(|term| term.kind != Kind::Article));
    let after = |said: &Said, at: usize| key_of(said.terms.get(at + 1));
    before(found.left, one.left) == before(found.right, other.right)
        || after(found.left, one.left) == after(found.right, other.right)
}

/// Whether the words between two places only list: words of substance with an "and" or an "or" among them.
fn lists(said: &Said, first: usize, last: usize) -> bool {
    let between = said.terms.get(first + 1..last).unwrap_or_default();
    let joins = |term: &&Term| term.kind == Kind::Joining;
    between.iter().any(|term| joins(&term)) && between.iter().all(|term| term.kind != Kind::Function)
}

/// Adjacent words of substance of one side, not parted by punctuation, that both stand on the other side but not
/// together.
fn torn(said: &Said, matched: &[Option<usize>]) -> usize {
    let words = said.terms.iter().zip(matched);
    let next = said.terms.iter().zip(matched).skip(1);
    let adjacent = words.zip(next).filter(|((a, _), (b, _))| a.is_substance() && b.is_substance() && !b.parted);
    adjacent.filter(|((_, a), (_, b))| matches!((a, b), (Some(a), Some(b)) if a.abs_diff(*b) > TOGETHER)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbours::wording::Wording;

    fn order(left: &str, right: &str) -> Order {
        let wording = Wording::learn([left, right]);
        Order::new(&Matching::new(&Said::new(left, &wording), &Said::new(right, &wording)))
    }

    #[test]
    fn names_that_change_places_are_exchanged() {
        let order = order("imported from Paris to London in 1862", "imported from London to Paris in 1862");
        assert_eq!((order.traded, order.listed), (1, 0));
        assert_eq!(order.governed_moved, 0.0);
    }

    #[test]
    fn the_order_of_a_list_says_nothing() {
        let order = order("mines of gold and silver in Peru", "mines of silver and gold in Peru");
        assert_eq!((order.traded, order.listed), (0, 1));
    }

    #[test]
    fn who_beat_whom_is_traded() {
        assert_eq!(order("Paris beat London", "London beat Paris").traded, 1);
    }

    #[test]
    fn a_date_that_goes_to_the_front_is_shifted_and_governed_as_before() {
        let order =
            order("Amazon signed the deal with OpenAI on Monday", "On Monday, Amazon signed the deal with OpenAI");
        assert_eq!((order.exchanged, order.shifted, order.traded), (0, 1, 0));
        assert_eq!((order.governed_moved, order.torn), (1.0, 0));
    }

    #[test]
    fn the_order_of_a_text_is_its_own() {
        let order = order("Amazon signed the deal", "Amazon signed the deal");
        assert_eq!((order.moved, order.inverted, order.kept, order.breaks), (0.0, 0.0, 1.0, 0));
        assert_eq!((order.governed, order.beside, order.uprooted, order.torn), (1.0, 1.0, 0.0, 0));
    }

    #[test]
    fn inversions_and_rising_subsequences_by_hand() {
        assert_eq!(inverted(&[2, 1, 0]), 1.0);
        assert_eq!(inverted(&[1, 0, 2]), 1.0 / 3.0);
        assert_eq!((rising(&[1, 0, 2]), rising(&[2, 1, 0]), rising(&[])), (2, 1, 0));
    }
}
