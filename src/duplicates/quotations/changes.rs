//! How a quotation lies to its fullest form: shortened, altered, or going on; and each change.
//!
//! Read from the word alignment: what stands between two shared runs differs, what stands outside the first and
//! the last is the rest of the longer one. Not here: whether the two are the same at all (`matching`).

use std::ops::Range;

use super::super::align::{Run, align};
use super::spoken::Spoken;
use crate::quotation::{Change, Form};

/// Words at an end that may be replaced ("We" by "[The company]"); more are another beginning, not a change.
const EDGE_WORDS: usize = 4;

/// Stretches of both, in words, that stand against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Region {
    fullest: Range<usize>,
    member: Range<usize>,
}

/// The form of `member` and its changes against `fullest`, in order.
pub(super) fn changes(fullest: &Spoken, member: &Spoken) -> (Form, Vec<Change>) {
    let alignment = align(&fullest.tokens, &member.tokens);
    let runs = in_order(&alignment.runs);
    let (mut form, mut found) = (Form::default(), Vec::new());
    let ends = Run { left: fullest.tokens.len(), right: member.tokens.len(), len: 0 };
    let (mut left, mut right) = (0, 0);
    for (at, run) in runs.iter().chain([&ends]).enumerate() {
        let region = trimmed(fullest, member, Region { fullest: left..run.left, member: right..run.right });
        let region = match (at == 0, at == runs.len()) {
            (true, false) => edge(region, &mut form, true),
            (false, true) => edge(region, &mut form, false),
            _ => region,
        };
        found.extend(change(fullest, member, region, &mut form));
        (left, right) = (run.left + run.len, run.right + run.len);
    }
    (form, found)
}

/// The heaviest runs that follow one another on both sides; those left out were moved.
fn in_order(runs: &[Run]) -> Vec<Run> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(runs.len());
    for (at, run) in runs.iter().enumerate() {
        let before = runs.iter().zip(&best).take(at).enumerate();
        let fitting = before.filter(|(_, (other, _))| other.right + other.len <= run.right);
        let chosen = fitting.map(|(index, (_, (words, _)))| (*words, usize::MAX - index)).max();
        best.push(chosen.map_or((run.len, None), |(words, index)| (words + run.len, Some(usize::MAX - index))));
    }
    let mut at = best
        .iter()
        .enumerate()
        .map(|(index, (words, _))| (*words, usize::MAX - index))
        .max()
        .map(|(_, index)| usize::MAX - index);
    let mut chain = Vec::new();
    while let Some(index) = at {
        chain.extend(runs.get(index).copied());
        at = best.get(index).and_then(|(_, before)| *before);
    }
    chain.reverse();
    chain
}

/// Without the words both begin or end with: single words, which make no run.
fn trimmed(fullest: &Spoken, member: &Spoken, mut region: Region) -> Region {
    let same = |left: usize, right: usize| {
        let keys = (fullest.tokens.get(left).map(|token| token.key), member.tokens.get(right).map(|token| token.key));
        keys.0.is_some() && keys.0 == keys.1
    };
    while !region.fullest.is_empty() && !region.member.is_empty() && same(region.fullest.start, region.member.start) {
        region.fullest.start += 1;
        region.member.start += 1;
    }
    while !region.fullest.is_empty() && !region.member.is_empty() && same(region.fullest.end - 1, region.member.end - 1)
    {
        region.fullest.end -= 1;
        region.member.end -= 1;
    }
    region
}

/// What stands before the first run, or behind the last: as much as both have there is a change, where it is
/// little; the rest is more of one side.
fn edge(region: Region, form: &mut Form, head: bool) -> Region {
    let common = region.fullest.len().min(region.member.len());
    let common = if common > EDGE_WORDS { 0 } else { common };
    form.shortened |= region.fullest.len() > common;
    form.extended |= region.member.len() > common;
    let near =
        |range: Range<usize>| if head { range.end - common..range.end } else { range.start..range.start + common };
    Region { fullest: near(region.fullest), member: near(region.member) }
}

fn change(fullest: &Spoken, member: &Spoken, region: Region, form: &mut Form) -> Option<Change> {
    let (left, right) = (region.fullest, region.member);
    if left.is_empty() && right.is_empty() {
        return None;
    }
    let editorial = fullest.is_editorial(left.clone()) || member.is_editorial(right.clone());
    let cut = (fullest.is_cut(left.clone()), member.is_cut(right.clone()));
    match (left.is_empty(), right.is_empty()) {
        (false, true) if cut.1 => form.shortened = true,
        (true, false) if cut.0 => form.extended = true,
        _ => form.altered = true,
    }
    let marked = editorial || cut.0 || cut.1;
    Some(Change { fullest: fullest.passages(left), member: member.passages(right), marked })
}

#[cfg(test)]
mod tests {
    use super::super::spoken::tests::spoken;
    use super::*;
    use crate::coverage::Passage;

    /// Form, and changes as "from>to", a star where marked.
    fn shown(fullest: &str, member: &str) -> (&'static str, Vec<String>) {
        let (form, found) = changes(&spoken(fullest), &spoken(member));
        let words =
            |text: &str, at: &[Passage]| at.iter().map(|at| &text[at.span.clone()]).collect::<Vec<_>>().join("|");
        let show = |change: &Change| {
            let star = if change.marked { "*" } else { "" };
            format!("{}>{}{star}", words(fullest, &change.fullest), words(member, &change.member))
        };
        (form.name(), found.iter().map(show).collect())
    }

    const FULL: &str = "Scaling frontier AI requires massive, reliable compute for many years to come";

    #[test]
    fn the_same_words_are_whole_and_a_stretch_is_shortened() {
        assert_eq!(shown(FULL, FULL), ("whole", vec![]));
        assert_eq!(shown(FULL, "frontier AI requires massive, reliable compute"), ("shortened", vec![]));
        assert_eq!(shown("requires massive, reliable compute", FULL), ("overlapping", vec![]));
    }

    #[test]
    fn a_changed_word_is_shown() {
        let (form, changes) = shown(FULL, &FULL.replace("massive", "enormous"));
        assert_eq!((form, changes), ("altered", vec!["massive>enormous".to_owned()]));
    }

    #[test]
    fn what_the_outlet_marks_is_marked() {
        let brackets = FULL.replace("frontier AI", "[the model]");
        assert_eq!(
            shown(FULL, &brackets),
            ("altered", vec!["frontier AI>[the model]*".replace("[the model]", "the model")])
        );
        let cut = FULL.replace("massive, reliable compute", "…");
        assert_eq!(shown(FULL, &cut), ("shortened", vec!["massive, reliable compute>*".to_owned()]));
        let silent = FULL.replace("massive, reliable ", "");
        assert_eq!(shown(FULL, &silent), ("altered", vec!["massive, reliable>".to_owned()]));
    }

    #[test]
    fn a_first_word_in_brackets_is_a_change() {
        let told = FULL.replace("Scaling", "[Building]");
        assert_eq!(shown(FULL, &told), ("altered", vec!["Scaling>Building*".to_owned()]));
    }
}
