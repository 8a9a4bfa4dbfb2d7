//! A passage as it is shown: its shared words marked, a little of what stands around it, and long
//! stretches cut in the middle.
//!
//! Not here: which words are shared (`coverage`).

use std::ops::Range;

use crate::report::blocks::{Rich, Tone};

/// Characters of context shown on each side of a statement.
const CONTEXT: usize = 60;
/// Characters of an unbroken stretch shown before its middle is cut: shared words are the evidence.
const LONGEST_SHARED: usize = 360;
/// The same for words that are not shared.
const LONGEST_OTHER: usize = 160;

/// A text of at most about `most` characters, cut after a word.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    match cut_after(text, most) {
        Some(at) => format!("{} …", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

/// The end of a text, at most about `most` characters, cut before a word.
pub(crate) fn ending(text: &str, most: usize) -> String {
    match cut_before(text, most) {
        Some(at) => format!("… {}", text[at..].trim_start()),
        None => text.to_owned(),
    }
}

/// Where a text is cut to keep its first `most` characters, at white space where there is some.
fn cut_after(text: &str, most: usize) -> Option<usize> {
    let (at, _) = text.char_indices().nth(most)?;
    Some(text[..at].rfind(char::is_whitespace).filter(|&space| space * 2 > at).unwrap_or(at))
}

/// Where a text is cut to keep its last `most` characters, at white space where there is some.
fn cut_before(text: &str, most: usize) -> Option<usize> {
    let length = text.chars().count();
    let (at, _) = text.char_indices().nth(length.checked_sub(most).filter(|&left| left > 0)?)?;
    let space = text[at..].find(char::is_whitespace).filter(|&space| space * 2 < text.len() - at);
    Some(at + space.unwrap_or(0))
}

/// A text with its middle cut where it has more than `most` characters.
fn without_middle(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start = cut_after(text, most / 2).unwrap_or(text.len());
    let end = cut_before(text, most / 2).unwrap_or(0).max(start);
    format!("{} … {}", text[..start].trim_end(), text[end..].trim_start())
}

/// The passage `span` of `text` in its context, with the ranges of `marked` (sorted, apart) in `tone`.
/// Ranges that do not fit the text are passed over.
pub(crate) fn in_context(text: &str, span: &Range<usize>, marked: &[Range<usize>], tone: Tone) -> Rich {
    let before = ending(text.get(..span.start).unwrap_or_default(), CONTEXT);
    let after = beginning(text.get(span.end..).unwrap_or_default(), CONTEXT);
    let mut rich = Rich::default().quiet(&before);
    let mut at = span.start;
    for mark in marked {
        rich = rich.plain(&stretch(text, at..mark.start, LONGEST_OTHER));
        rich = rich.with(tone, &stretch(text, mark.clone(), LONGEST_SHARED));
        at = mark.end.max(at);
    }
    rich.plain(&stretch(text, at..span.end, LONGEST_OTHER)).quiet(&after)
}

fn stretch(text: &str, range: Range<usize>, most: usize) -> String {
    without_middle(text.get(range).unwrap_or_default(), most)
}

/// Ranges within `span`, sorted, and joined where no letter or digit stands between them.
pub(crate) fn joined(text: &str, span: &Range<usize>, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut kept: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        let range = range.start.max(span.start)..range.end.min(span.end);
        if text.get(range.clone()).is_none_or(str::is_empty) {
            continue;
        }
        match kept.last_mut() {
            Some(last) if touches(text, last.end, range.start) => last.end = last.end.max(range.end),
            _ => kept.push(range),
        }
    }
    kept
}

fn touches(text: &str, end: usize, start: usize) -> bool {
    text.get(end..start).is_none_or(|gap| !gap.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_stretch_loses_its_middle_at_words() {
        assert_eq!(without_middle("one two three four five six", 14), "one two … six");
        assert_eq!(beginning("one two three", 9), "one two …");
        assert_eq!(ending("one two three", 6), "… three");
    }

    #[test]
    fn marks_join_over_punctuation_and_stay_inside() {
        let text = "the deal, worth a lot";
        assert_eq!(joined(text, &(4..21), vec![10..15, 0..8, 18..40]), [4..15, 18..21]);
    }

    #[test]
    fn a_statement_keeps_its_context() {
        let second = 7..13;
        let rich = in_context("First. Second one. Third.", &(7..18), &[second], Tone::Shared);
        let found: Vec<(Tone, &str)> = rich.pieces().collect();
        assert_eq!(
            found,
            [(Tone::Quiet, "First. "), (Tone::Shared, "Second"), (Tone::Plain, " one."), (Tone::Quiet, " Third.")]
        );
    }

    proptest! {
        #[test]
        fn ranges_that_do_not_fit_never_fail(text in "\\PC{0,60}", a in 0usize..90, b in 0usize..90, c in 0usize..90, d in 0usize..90) {
            let marks = joined(&text, &(a..b), vec![c..d, b..a, d..c]);
            in_context(&text, &(a..b), &marks, Tone::Shared);
            beginning(&text, a);
            ending(&text, b);
        }
    }
}
