//! Hard-wrapped text: whether an article's line ends are a typist's or an author's, and the lines
//! that belong together.
//!
//! A wrapped article has lines of like width that stop mid-sentence and go on in lower case. Within
//! one, a line end is soft where the next line's first word would not have fitted. Not here: marks.

use super::judge::ends_sentence;
use super::lines::{Line, Mark, WRAPPED_WIDTH};
use crate::corpus::dates;

/// Widths, in columns, that wrapped text has: from a newspaper's column to a wide terminal.
const WIDTHS: std::ops::RangeInclusive<usize> = WRAPPED_WIDTH..=110;

/// The width an article was wrapped at, if it was.
pub(super) fn width(text: &str, lines: &[Line]) -> Option<usize> {
    let pairs: Vec<(&Line, &Line)> =
        lines.iter().zip(lines.iter().skip(1)).filter(|(above, below)| may_join(text, above, below)).collect();
    let mut widths: Vec<usize> = pairs.iter().map(|(above, _)| above.width(text)).collect();
    widths.sort_unstable();
    let full = *widths.get(widths.len().saturating_sub(1) * 9 / 10)?;
    let typical = widths[widths.len() / 2];
    let unfinished = pairs.iter().filter(|(above, _)| !ends_sentence(&text[above.body.clone()])).count();
    let going_on = pairs.iter().filter(|(_, below)| goes_on(&text[below.body.clone()])).count();
    let tight = pairs.iter().filter(|(above, below)| is_soft(text, above, below, full)).count();
    let wrapped = WIDTHS.contains(&full)
        && typical * 10 >= full * 7
        && unfinished * 10 >= pairs.len() * 6
        // German sets a third of its lines' first words in capitals, English far fewer.
        && going_on * 10 >= pairs.len() * 4
        && tight * 10 >= pairs.len() * 7;
    wrapped.then_some(full)
}

/// Whether two lines could be one: no blank line between, no mark that parts them, and neither a
/// dateline or byline under a title.
fn may_join(text: &str, above: &Line, below: &Line) -> bool {
    let same = match below.mark {
        Mark::None => matches!(above.mark, Mark::None | Mark::Item),
        Mark::Quote => above.mark == Mark::Quote,
        _ => false,
    };
    // A line set in after one that is not opens a paragraph; under a list item it goes on.
    let opens = below.indented && !above.indented && above.mark == Mark::None;
    let dates = |line: &Line| dates::dateline(&text[line.body.clone()]).is_some();
    same && !below.opens_block && !opens && !dates(below) && !dates(above)
}

/// Whether the line end between two lines of an article wrapped at `full` columns is the typist's.
pub(super) fn joins(text: &str, above: &Line, below: &Line, full: usize) -> bool {
    may_join(text, above, below) && is_soft(text, above, below, full)
}

/// The next word would not have fitted, give or take what ragged setting leaves.
fn is_soft(text: &str, above: &Line, below: &Line, full: usize) -> bool {
    let width = above.width(text);
    let next = text[below.body.clone()].split_whitespace().next().map_or(0, |word| word.chars().count());
    (width + 1 + next) * 10 >= full * 8 && width * 10 <= full * 13
}

/// Whether a line begins mid-sentence: in lower case, with a figure, or in a script without case.
fn goes_on(line: &str) -> bool {
    let first = line.trim_start_matches(['(', '"', '“', '‘', '\'', '$', '€', '£']).chars().next();
    first.is_some_and(|c| c.is_numeric() || (c.is_alphabetic() && !c.is_uppercase()))
}

/// First halves of words that keep their hyphen: "long-" at a line's end is not half of "longterm".
const HYPHENATED: &[&str] = &[
    "cross", "first", "five", "four", "full", "half", "hard", "high", "large", "left", "long", "low", "one", "open",
    "right", "second", "self", "seven", "short", "single", "six", "small", "third", "three", "two", "well",
];

/// Second halves that make one word with such a first half: "longer", "seventeen", "hardware".
const SUFFIXES: &[&str] =
    &["age", "en", "ening", "er", "est", "ing", "ish", "ly", "ness", "ship", "some", "teen", "ty", "ware"];

/// Joins wrapped lines, each clean: a space between, none where a word was broken.
pub(super) fn join<'a>(lines: impl Iterator<Item = &'a str>, article: &str) -> String {
    let mut joined = String::new();
    for line in lines {
        match broken_word(&joined, line) {
            None if joined.is_empty() => {}
            None => joined.push(' '),
            Some((before, after)) if keeps_hyphen(before, after, article) => {}
            Some(_) => {
                joined.pop();
            }
        }
        joined.push_str(line);
    }
    joined
}

/// The halves of a word broken over a line end: lower case before and after the hyphen.
fn broken_word<'a>(above: &'a str, below: &'a str) -> Option<(&'a str, &'a str)> {
    let before = above.strip_suffix('-')?.rsplit(char::is_whitespace).next()?;
    let after = below.split(|c: char| !c.is_alphabetic()).next()?;
    let lower = |half: &str| half.chars().next_back().is_some_and(char::is_lowercase);
    (lower(before) && after.chars().next().is_some_and(char::is_lowercase)).then_some((before, after))
}

fn keeps_hyphen(before: &str, after: &str, article: &str) -> bool {
    before.contains('-')
        || (HYPHENATED.contains(&before.to_lowercase().as_str()) && !SUFFIXES.contains(&after))
        || article.contains(&format!("{before}-{after}"))
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;

    fn wrapped(text: &str) -> Option<usize> {
        width(text, &lines(text))
    }

    #[test]
    fn prose_broken_at_72_columns_is_wrapped() {
        let text = "OpenAI has signed a landmark seven-year, $38 billion cloud-computing\nagreement with Amazon.com Inc., marking its first major strategic\npartnership since a recent corporate restructuring that gave the ChatGPT\nmaker greater autonomy.\n";
        assert_eq!(wrapped(text), Some(68));
    }

    #[test]
    fn a_paragraph_a_line_and_headlines_a_line_are_not_wrapped() {
        assert_eq!(
            wrapped("Amazon rose five percent on Monday.\nMicrosoft fell by one percent.\nGoogle did not move."),
            None
        );
        assert_eq!(
            wrapped("OpenAI signs $38 billion deal with Amazon\nFed holds rates steady for a third time\nOil falls"),
            None
        );
        let long = "A long paragraph that one line holds in full. ".repeat(8);
        assert_eq!(wrapped(&format!("{long}\n{long}\n")), None);
    }

    #[test]
    fn broken_words_are_mended_and_compounds_keep_their_hyphen() {
        let mend = |lines: &[&str], article: &str| join(lines.iter().copied(), article);
        assert_eq!(mend(&["the infra-", "structure of AI"], ""), "the infrastructure of AI");
        assert_eq!(mend(&["a long-", "term deal"], ""), "a long-term deal");
        assert_eq!(mend(&["state-of-the-", "art chips"], ""), "state-of-the-art chips");
        assert_eq!(mend(&["cloud-", "computing"], "a cloud-computing deal"), "cloud-computing");
        assert_eq!(mend(&["the OpenAI-", "Amazon deal"], ""), "the OpenAI- Amazon deal");
    }
}
