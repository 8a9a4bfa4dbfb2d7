//! Grades: what the alignment of two passages shows.
//!
//! The bounds were chosen on labelled pairs of real outlets and on a made set (`tests/duplicates_made.rs`).

use super::align::{Alignment, Run, Token, align};
use super::statements::LEAST_WORDS;
use crate::coverage::{Grade, Side};

/// Light edit: shared runs cover this share of the longer passage.
const EDITED: f32 = 0.7;
/// Contained: shared runs cover this share of the shorter passage. Attribution and function words change
/// where one outlet quotes from what another prints in full; the rest stands.
const HELD: f32 = 0.7;
/// No grade by wording without this share of the shorter passage's words in both.
pub(super) const LEAST_SHARE: f32 = EDITED.min(HELD);
/// Contained: the longer has at least this many times the words of the shorter.
const LONGER: f32 = 1.3;
/// Contained: one run must be this long, or half of the shorter passage. By runs of two or three words
/// alone, a long enough text "contains" anything.
const HELD_ONCE: usize = 8;
/// A run this long, with this many words that are not stop words, makes a pair by itself.
pub(super) const LONG_RUN: (usize, usize) = (8, 4);
/// So does a quotation this long with this many words that are not stop words, whole on one side at least:
/// part of one may be any name.
pub(super) const LONG_QUOTE: (usize, usize) = (4, 2);

/// The grade that shared wording alone justifies, and for containment the side that holds the other.
/// None where the wording does not settle it.
pub(super) fn by_wording(alignment: &Alignment) -> Option<(Grade, Option<Side>)> {
    let (shorter, longer) = (alignment.shorter(), alignment.longer());
    if shorter < LEAST_WORDS {
        return None;
    }
    if alignment.is_same() {
        return Some((Grade::Verbatim, None));
    }
    let held = is_held(alignment);
    if held && longer as f32 >= LONGER * shorter as f32 {
        return Some((Grade::Contained, Some(container(alignment))));
    }
    let edited = held || alignment.matched(2) as f32 >= EDITED * longer as f32;
    edited.then_some((Grade::LightEdit, None))
}

fn is_held(alignment: &Alignment) -> bool {
    let shorter = alignment.shorter();
    alignment.matched(2) as f32 >= HELD * shorter as f32
        && alignment.longest() >= HELD_ONCE.min(shorter.div_ceil(2)).max(LEAST_WORDS)
}

fn container(alignment: &Alignment) -> Side {
    if alignment.left.len() > alignment.right.len() { Side::Left } else { Side::Right }
}

/// Word positions (left, right) at the middle of each run that makes a pair whatever the likeness: a
/// long unbroken run, or a quotation both set between quotation marks.
pub(super) fn telling_places(alignment: &Alignment) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for &run in &alignment.runs {
        let quote = Some(alignment.quoted_part(run)).filter(|part| is_whole_quotation(alignment, *part));
        let quote = quote.map(|part| (part, LONG_QUOTE));
        let told = quote
            .into_iter()
            .chain([(run, LONG_RUN)])
            .find(|(part, (words, content))| part.len >= *words && alignment.content_of(*part) >= *content);
        if let Some((part, _)) = told {
            places.push((part.left + part.len / 2, part.right + part.len / 2));
        }
    }
    places
}

/// The grade of the longest quotation that tells, in texts whose wording as a whole settles nothing: each
/// text's quotation from mark to mark.
pub(super) fn by_quotation(alignment: &Alignment) -> Option<(Grade, Option<Side>)> {
    let parts = alignment.runs.iter().map(|&run| alignment.quoted_part(run));
    let tells = |part: &Run| {
        part.len >= LONG_QUOTE.0 && alignment.content_of(*part) >= LONG_QUOTE.1 && is_whole_quotation(alignment, *part)
    };
    // The first of equals: `max_by_key` alone would take the last.
    let part = parts.filter(tells).rev().max_by_key(|part| part.len)?;
    let (left, right) = (quotation(alignment.left, part.left), quotation(alignment.right, part.right));
    by_wording(&align(left, right))
}

/// The words between the quotation marks that hold the word at `at`.
fn quotation(tokens: &[Token], at: usize) -> &[Token] {
    let start = tokens[..at].iter().rposition(|token| !token.quoted).map_or(0, |before| before + 1);
    let end = tokens[at..].iter().position(|token| !token.quoted).map_or(tokens.len(), |after| at + after);
    &tokens[start..end]
}

fn is_whole_quotation(alignment: &Alignment, part: Run) -> bool {
    let bounded = |tokens: &[Token], first: usize| {
        let quoted = |at: usize| tokens.get(at).is_some_and(|token| token.quoted);
        !first.checked_sub(1).is_some_and(quoted) && !quoted(first + part.len)
    };
    bounded(alignment.left, part.left) || bounded(alignment.right, part.right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::align::{align, tokens};
    use super::*;

    fn grade(left: &str, right: &str) -> Option<(Grade, Option<Side>)> {
        let (a, b) = (tokens(left), tokens(right));
        by_wording(&align(&a, &b))
    }

    const LEAD: &str = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday";

    #[test]
    fn case_and_punctuation_stay_verbatim() {
        let noisy = "OPENAI signed a “seven-year” deal with Amazon, worth 38 billion dollars on Monday.";
        assert_eq!(grade(LEAD, noisy), Some((Grade::Verbatim, None)));
    }

    #[test]
    fn a_changed_figure_name_or_negation_is_a_light_edit() {
        for (from, to) in [("38", "83"), ("Amazon", "Google"), ("signed", "never signed")] {
            assert_eq!(grade(LEAD, &LEAD.replace(from, to)), Some((Grade::LightEdit, None)), "{to}");
        }
    }

    #[test]
    fn containment_says_which_side_holds_the_other() {
        let long = format!("{LEAD}, and analysts wondered how the young company would ever pay for so much computing.");
        assert_eq!(grade(LEAD, &long), Some((Grade::Contained, Some(Side::Right))));
        assert_eq!(grade(&long, LEAD), Some((Grade::Contained, Some(Side::Left))));
    }

    #[test]
    fn other_words_settle_nothing() {
        assert_eq!(grade(LEAD, "The ChatGPT maker agreed to rent computers from the retailer for years"), None);
    }

    #[test]
    fn a_long_run_and_a_quotation_tell() {
        let told = |left: &str, right: &str| {
            let (a, b) = (tokens(left), tokens(right));
            telling_places(&align(&a, &b))
        };
        assert_eq!(told("He called it “a very big deal” then.", "“A very big deal,” she said."), [(5, 2)]);
        assert_eq!(told("“They said a very big deal is near.”", "“This is a very big deal,” she said."), []);
        assert_eq!(told("He called it a very big deal then.", "A very big deal, she said."), []);
        let run = "hundreds of thousands of state of the art Nvidia chips";
        assert_eq!(told(&format!("It buys {run}."), &format!("Amazon promised {run} soon.")).len(), 1);
    }

    #[test]
    fn a_quotation_has_a_grade_of_its_own() {
        let graded = |left: &str, right: &str| {
            let (a, b) = (tokens(left), tokens(right));
            by_quotation(&align(&a, &b))
        };
        let (said, told) = ("“Scaling frontier AI requires compute,” Altman said.", "He put it so: “{}”.");
        let with = |quote: &str| told.replace("{}", quote);
        assert_eq!(graded(said, &with("Scaling frontier AI requires compute")), Some((Grade::Verbatim, None)));
        let longer = with("Scaling frontier AI requires compute and a great deal of money");
        assert_eq!(graded(said, &longer), Some((Grade::Contained, Some(Side::Right))));
        assert_eq!(graded(said, &with("Scaling frontier models costs money")), None);
        assert_eq!(graded(said, "He put it so: scaling frontier AI requires compute."), None);
    }

    proptest! {
        #[test]
        fn grades_are_the_same_from_both_sides(left in "[ab]( [a-d]{1,2}){0,30}", right in "[ab]( [a-d]{1,2}){0,30}") {
            let (a, b) = (tokens(&left), tokens(&right));
            let other = |side| if side == Side::Left { Side::Right } else { Side::Left };
            let back = by_wording(&align(&b, &a)).map(|(grade, held)| (grade, held.map(other)));
            prop_assert_eq!(by_wording(&align(&a, &b)), back);
        }
    }
}
