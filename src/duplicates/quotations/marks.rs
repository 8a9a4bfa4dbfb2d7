//! Quotation marks of one paragraph: what stands between which.
//!
//! Curly, straight, low and angle marks, and single ones that are no apostrophes. Only outermost quotations: what is
//! quoted inside a quotation belongs to it. Not here: quotations that run on, or that an attribution breaks (`parts`).

use std::ops::Range;

/// The quotations of a paragraph.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Byte ranges between an opening mark and its closing one, in order.
    pub(super) closed: Vec<Range<usize>>,
    /// Where a quotation begins that is still open at the paragraph's end.
    pub(super) open: Option<usize>,
}

/// A mark with the characters beside it.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    mark: char,
    before: Option<char>,
    after: Option<char>,
}

impl Mark {
    fn end(self) -> usize {
        self.at + self.mark.len_utf8()
    }

    /// Whether the next character begins a word, and none ends right before.
    fn may_open(self) -> bool {
        let glued = self.before.is_some_and(char::is_alphanumeric);
        !glued && self.after.is_some_and(|c| !c.is_whitespace())
    }

    /// Whether it stands right behind a word or its punctuation.
    fn may_close(self) -> bool {
        self.before.is_some_and(|c| !c.is_whitespace())
    }

    fn opens(self) -> bool {
        match self.mark {
            '“' | '«' | '„' => true,
            '"' => self.after.is_some_and(|c| !c.is_whitespace()) && !self.before.is_some_and(char::is_numeric),
            _ => false,
        }
    }

    /// Whether it closes what `opener` opened. Low marks are closed by what opens elsewhere.
    fn closes(self, opener: char) -> bool {
        match opener {
            '“' => self.mark == '”',
            '«' => self.mark == '»',
            '„' => matches!(self.mark, '“' | '”'),
            '"' => self.mark == '"' && (self.may_close() || !self.may_open()),
            _ => false,
        }
    }
}

/// The outermost quotations of a text. A mark that opens while one of its kind is open begins anew: the first was
/// never closed. A single mark opens only where one that closes follows.
pub(super) fn marks(text: &str) -> Marks {
    let (mut found, mut open, mut from) = (Marks::default(), None::<(usize, char)>, 0);
    for mark in all(text) {
        if mark.at < from {
            continue;
        }
        match open {
            Some((start, opener)) if mark.closes(opener) => {
                found.closed.push(start..mark.at);
                open = None;
            }
            Some((_, opener)) if mark.mark == opener && mark.opens() => open = Some((mark.end(), opener)),
            None if mark.opens() => open = Some((mark.end(), mark.mark)),
            None => {
                if let Some(span) = single(text, mark) {
                    from = span.end;
                    found.closed.push(span);
                }
            }
            Some(_) => {}
        }
    }
    found.open = open.map(|(start, _)| start);
    found
}

/// Whether a text begins with a mark that opens a quotation.
pub(super) fn begins_quoted(text: &str) -> bool {
    text.starts_with(['“', '"', '«', '„', '‘'])
}

fn all(text: &str) -> impl Iterator<Item = Mark> {
    let mut before = None;
    text.char_indices().filter_map(move |(at, mark)| {
        let mark =
            Mark { at, mark, before, after: text.get(at + mark.len_utf8()..).and_then(|rest| rest.chars().next()) };
        before = Some(mark.mark);
        matches!(mark.mark, '“' | '”' | '"' | '«' | '»' | '„' | '‘' | '’' | '\'').then_some(mark)
    })
}

/// What begins with an apostrophe and quotes nothing: "'em", "'til", "'90s".
const ELISIONS: &[&str] = &["em", "til", "till", "cause", "tis", "twas", "bout", "round", "n", "un", "s", "tude"];

/// The quotation that a single mark opens, where it does. An apostrophe inside a word closes nothing; one behind a
/// plural ("workers' pay") only where no better mark follows.
fn single(text: &str, mark: Mark) -> Option<Range<usize>> {
    let starts = matches!(mark.mark, '‘' | '\'') && mark.may_open() && mark.after.is_some_and(char::is_alphabetic);
    let rest = text.get(mark.end()..)?;
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if !starts || ELISIONS.contains(&word.as_str()) {
        return None;
    }
    let closing = if mark.mark == '‘' { '’' } else { '\'' };
    let mut plural = None;
    for close in all(rest).filter(|close| close.mark == closing) {
        if !close.may_close() || close.after.is_some_and(char::is_alphanumeric) {
            continue;
        }
        if close.before != Some('s') {
            return balanced(rest, close.at).then_some(mark.end()..mark.end() + close.at);
        }
        plural = plural.or(Some(close.at));
    }
    plural.filter(|&at| balanced(rest, at)).map(|at| mark.end()..mark.end() + at)
}

/// Whether double marks before `end` come in pairs: one that does not was opened elsewhere.
fn balanced(text: &str, end: usize) -> bool {
    let count = |wanted: &[char]| text.get(..end).unwrap_or_default().matches(wanted).count();
    count(&['"']) % 2 == 0 && count(&['“']) == count(&['”'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> Vec<&str> {
        marks(text).closed.into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn marks_of_every_style_quote() {
        let text = "A “b c” d \"e f\" g «h i» j „k l“ m ‘no one’ p 'q r' s";
        assert_eq!(quoted(text), ["b c", "e f", "h i", "k l", "no one", "q r"]);
    }

    #[test]
    fn apostrophes_quote_nothing() {
        assert_eq!(quoted("The workers' pay and the '90s: don't let 'em say it's Trump's"), Vec::<&str>::new());
        assert_eq!(quoted("He said ‘the workers’ pay isn’t enough’ then."), ["the workers’ pay isn’t enough"]);
        assert_eq!(quoted("It stands 6'2\" tall and 5\" wide."), Vec::<&str>::new());
    }

    #[test]
    fn a_quotation_in_a_quotation_belongs_to_it() {
        assert_eq!(quoted("“They said ‘no way’ to me.”"), ["They said ‘no way’ to me."]);
        assert_eq!(quoted("\"They said 'no way' to me.\""), ["They said 'no way' to me."]);
        assert_eq!(quoted("‘They said “no way” to me.’"), ["They said “no way” to me."]);
    }

    #[test]
    fn a_mark_that_is_not_closed_is_left_open() {
        let found = marks("He said “we are here” and “we stay");
        assert_eq!((found.closed.len(), found.open), (1, Some(33)));
        assert_eq!(quoted("A “b c “d e” f"), ["d e"]);
    }

    #[test]
    fn a_straight_mark_without_a_space_before_opens() {
        assert_eq!(quoted("He went further.\"The White House has not.\" It did."), ["The White House has not."]);
    }

    proptest! {
        #[test]
        fn spans_ascend_on_char_boundaries(text in "[a-d“”\"«»„‘’'. A-D]{0,80}") {
            let found = marks(&text).closed;
            prop_assert!(found.windows(2).all(|two| two[0].end <= two[1].start));
            prop_assert!(found.iter().all(|span| text.get(span.clone()).is_some()));
        }
    }
}
