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
    doubles: Doubles,
}

/// How many double marks stand before a place.
#[derive(Debug, Clone, Copy, Default)]
struct Doubles {
    straight: usize,
    opening: usize,
    closing: usize,
}

impl Doubles {
    fn count(&mut self, mark: char) {
        match mark {
            '"' => self.straight += 1,
            '“' => self.opening += 1,
            '”' => self.closing += 1,
            _ => {}
        }
    }

    /// Whether the double marks from an earlier place to this one come in pairs: one that does not was opened elsewhere.
    fn are_balanced_since(self, earlier: Self) -> bool {
        (self.straight - earlier.straight).is_multiple_of(2)
            && self.opening - earlier.opening == self.closing - earlier.closing
    }
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
    let all = all(text);
    let closers = ['’', '\''].map(|closing| Closers::of(&all, closing));
    let (mut found, mut open, mut from) = (Marks::default(), None::<(usize, char)>, 0);
    for mark in all {
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
                if let Some(span) = single(text, mark, &closers) {
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

/// The marks of a text, in order.
fn all(text: &str) -> Vec<Mark> {
    let (mut found, mut before, mut doubles) = (Vec::new(), None, Doubles::default());
    let mut rest = text.char_indices().peekable();
    while let Some((at, mark)) = rest.next() {
        if matches!(mark, '“' | '”' | '"' | '«' | '»' | '„' | '‘' | '’' | '\'') {
            found.push(Mark { at, mark, before, after: rest.peek().map(|&(_, after)| after), doubles });
            doubles.count(mark);
        }
        before = Some(mark);
    }
    found
}

/// The single marks of one style that may close a quotation, in order: found once, since any apostrophe may ask for one.
struct Closers {
    closing: char,
    /// Behind any letter or mark but an s.
    sure: Vec<Mark>,
    /// Behind an s, where it may be the apostrophe of a plural.
    plural: Vec<Mark>,
}

impl Closers {
    fn of(marks: &[Mark], closing: char) -> Self {
        // An apostrophe inside a word closes nothing.
        let may_close =
            |mark: &&Mark| mark.mark == closing && mark.may_close() && !mark.after.is_some_and(char::is_alphanumeric);
        let (plural, sure) = marks.iter().filter(may_close).partition(|mark| mark.before == Some('s'));
        Self { closing, sure, plural }
    }

    /// What closes a quotation that is opened at a place: one behind a plural ("workers' pay") only where no better
    /// mark follows.
    fn behind(&self, at: usize) -> Option<Mark> {
        let first = |marks: &[Mark]| marks.get(marks.partition_point(|mark| mark.at <= at)).copied();
        first(&self.sure).or_else(|| first(&self.plural))
    }
}

/// What begins with an apostrophe and quotes nothing: "'em", "'til", "'90s".
const ELISIONS: &[&str] = &["em", "til", "till", "cause", "tis", "twas", "bout", "round", "n", "un", "s", "tude"];

/// The quotation that a single mark opens, where it does.
fn single(text: &str, mark: Mark, closers: &[Closers]) -> Option<Range<usize>> {
    let starts = matches!(mark.mark, '‘' | '\'') && mark.may_open() && mark.after.is_some_and(char::is_alphabetic);
    if !starts || is_elision(text.get(mark.end()..)?) {
        return None;
    }
    let closing = if mark.mark == '‘' { '’' } else { '\'' };
    let close = closers.iter().find(|closers| closers.closing == closing)?.behind(mark.at)?;
    close.doubles.are_balanced_since(mark.doubles).then_some(mark.end()..close.at)
}

fn is_elision(text: &str) -> bool {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ELISIONS.contains(&word.as_str())
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

    /// The definition, in so many words: from each single mark on, all that follow are looked at.
    fn plain_single(text: &str, mark: Mark) -> Option<Range<usize>> {
        let rest = &text[mark.end()..];
        let starts = matches!(mark.mark, '‘' | '\'') && mark.may_open() && mark.after.is_some_and(char::is_alphabetic);
        if !starts || is_elision(rest) {
            return None;
        }
        let closing = if mark.mark == '‘' { '’' } else { '\'' };
        let closes = |close: &Mark| {
            close.mark == closing && close.may_close() && !close.after.is_some_and(char::is_alphanumeric)
        };
        let closers: Vec<Mark> = all(rest).into_iter().filter(closes).collect();
        let at = closers.iter().find(|close| close.before != Some('s')).or(closers.first())?.at;
        let count = |wanted: char| rest[..at].matches(wanted).count();
        let balanced = count('"') % 2 == 0 && count('“') == count('”');
        balanced.then_some(mark.end()..mark.end() + at)
    }

    #[test]
    fn half_a_million_apostrophes_are_read_in_one_go() {
        assert_eq!(quoted(&"'a ".repeat(500_000)), Vec::<&str>::new());
        assert_eq!(quoted(&"'a b' ".repeat(250_000)).len(), 250_000);
        let never_balanced = format!("{}” b'", "'a ".repeat(500_000));
        assert_eq!(quoted(&never_balanced), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn a_single_mark_quotes_what_the_definition_says(text in "[as“”\"‘’'. ]{0,60}") {
            let marks = all(&text);
            let closers = ['’', '\''].map(|closing| Closers::of(&marks, closing));
            for mark in marks {
                prop_assert_eq!(single(&text, mark, &closers), plain_single(&text, mark));
            }
        }

        #[test]
        fn spans_ascend_on_char_boundaries(text in "[a-d“”\"«»„‘’'. A-D]{0,80}") {
            let found = marks(&text).closed;
            prop_assert!(found.windows(2).all(|two| two[0].end <= two[1].start));
            prop_assert!(found.iter().all(|span| text.get(span.clone()).is_some()));
        }
    }
}
