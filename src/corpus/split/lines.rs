//! Lines of a plain text and the marks at their head: list items, headings, quotes, table rows.
//!
//! Blank lines are not kept; the line after them knows of them. Not here: which lines belong
//! together (`wrap`, `plain`).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::super::clean::is_blank;
use super::judge::{ends_sentence, words};

/// What the head of a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing.
    None,
    /// A list item.
    Item,
    /// A heading: `#`, or underlined by the next line.
    Heading,
    /// Somebody's words: `>`.
    Quote,
    /// A row, head or rule of a table.
    Table,
    /// No letter and no figure: a rule, three stars.
    Decoration,
}

/// A line that is not blank.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// From its first visible character to its last; an underline belongs to its heading.
    pub(super) span: Range<usize>,
    /// The same without the mark.
    pub(super) body: Range<usize>,
    /// What its head says.
    pub(super) mark: Mark,
    /// Whether a blank line, or nothing, stands before it.
    pub(super) opens_block: bool,
    /// Whether it is set in by two or more columns.
    pub(super) indented: bool,
}

impl Line {
    /// Columns of the body.
    pub(super) fn width(&self, text: &str) -> usize {
        text[self.body.clone()].chars().count()
    }
}

static ITEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:[-*+•‣⁃◦▪■●○·–—]|\d{1,3}[.)]|\([0-9a-zA-Z]{1,3}\)|[a-z]\))\s+(?:\[[ xX]\]\s+)?").ok()
});
static HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^#{1,6}\s+").ok());
static QUOTE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(?:>\s?)+").ok());

/// Columns of the narrowest text that is broken at a width: a newspaper's column.
pub(super) const WRAPPED_WIDTH: usize = 35;

/// The lines of a text that are not blank.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut opens_block = true;
    for raw in raw_lines(text) {
        match line(text, raw, opens_block) {
            Some(line) => {
                found.push(line);
                opens_block = false;
            }
            None => opens_block = true,
        }
    }
    unmark_dashes(text, &mut found);
    mark_tables(text, &mut found);
    join_underlines(text, found)
}

/// Ranges between line ends of any convention: LF, CRLF, CR, form feed, Unicode's separators.
fn raw_lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut after_cr = false;
    for (at, c) in text.char_indices() {
        let ends = matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if ends && !(c == '\n' && after_cr) {
            found.push(start..at);
        }
        if ends {
            start = at + c.len_utf8();
        }
        after_cr = c == '\r';
    }
    found.push(start..text.len());
    found
}

fn line(text: &str, raw: Range<usize>, opens_block: bool) -> Option<Line> {
    let span = trimmed(text, raw.clone())?;
    let indented = text[raw.start..span.start].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>() >= 2;
    let (mark, mark_len) = mark(&text[span.clone()]);
    // A bare ">" says nothing: it separates paragraphs of a quote as a blank line does.
    let body = match trimmed(text, span.start + mark_len..span.end) {
        Some(body) => body,
        None if mark == Mark::Quote => return None,
        None => span.clone(),
    };
    Some(Line { span, body, mark, opens_block, indented })
}

/// The range without blank characters at its ends; none if nothing is left.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let raw = &text[range.clone()];
    let start = range.start + (raw.len() - raw.trim_start_matches(is_blank).len());
    let end = range.start + raw.trim_end_matches(is_blank).len();
    (start < end).then_some(start..end)
}

/// What the head of a line says, and how many bytes it takes to say it.
fn mark(line: &str) -> (Mark, usize) {
    if !line.chars().any(char::is_alphanumeric) && !line.starts_with(['|', '+', '>']) {
        return (Mark::Decoration, 0);
    }
    let head = |form: &LazyLock<Option<Regex>>| form.as_ref().and_then(|form| form.find(line)).map(|head| head.len());
    let marked = [(Mark::Quote, &QUOTE), (Mark::Heading, &HEADING), (Mark::Item, &ITEM)];
    let found = marked.into_iter().find_map(|(mark, form)| head(form).map(|len| (mark, len)));
    found.unwrap_or(if is_fenced_row(line) { (Mark::Table, 0) } else { (Mark::None, 0) })
}

/// A row between bars, or the rule of a grid.
fn is_fenced_row(line: &str) -> bool {
    let bars = line.len() > 1 && line.starts_with('|') && line[1..].contains('|');
    let grid = line.len() > 2 && line.starts_with('+') && line.chars().all(|c| matches!(c, '+' | '-' | '=' | ':'));
    bars || grid
}

/// A dash at the head of a line in the middle of a sentence is the sentence's: the typist broke the line before it.
fn unmark_dashes(text: &str, lines: &mut [Line]) {
    let opens_with_dash = |line: &Line| text[line.span.clone()].starts_with(['–', '—', '-']);
    // Whether an item stands above in the same block: a line after it is its own going on.
    let mut in_list = false;
    for at in 1..lines.len() {
        let (above, line) = (&lines[at - 1], &lines[at]);
        in_list = !line.opens_block && (in_list || above.mark == Mark::Item);
        let mid_sentence =
            above.mark == Mark::None && above.width(text) >= WRAPPED_WIDTH && !ends_sentence(&text[above.body.clone()]);
        let alone = lines.get(at + 1).is_none_or(|next| next.mark != Mark::Item);
        if line.mark == Mark::Item && !line.opens_block && opens_with_dash(line) && mid_sentence && alone && !in_list {
            lines[at].mark = Mark::None;
            lines[at].body = lines[at].span.clone();
        }
    }
}

/// Rows without bars at their ends are known by the rule under the first of them.
fn mark_tables(text: &str, lines: &mut [Line]) {
    for rule in 1..lines.len() {
        let has_bar = |line: &Line| !line.opens_block && text[line.span.clone()].contains('|');
        if !has_bar(&lines[rule]) || !super::tables::is_rule(&text[lines[rule].span.clone()]) {
            continue;
        }
        let rows = lines[rule..].iter().take_while(|line| has_bar(line)).count();
        if !text[lines[rule - 1].span.clone()].contains('|') {
            continue;
        }
        for line in &mut lines[rule - 1..rule + rows] {
            line.mark = Mark::Table;
            line.body = line.span.clone();
        }
    }
}

/// A short line over a line of `=` or `-` is a heading.
fn join_underlines(text: &str, lines: Vec<Line>) -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match joined.last_mut() {
            Some(title) if underlines(text, title, &line) => {
                title.mark = Mark::Heading;
                title.span.end = line.span.end;
            }
            _ => joined.push(line),
        }
    }
    joined
}

fn underlines(text: &str, title: &Line, line: &Line) -> bool {
    let rule = &text[line.span.clone()];
    let is_rule = rule.len() >= 3 && (rule.chars().all(|c| c == '=') || rule.chars().all(|c| c == '-'));
    let above = &text[title.body.clone()];
    is_rule && !line.opens_block && title.mark == Mark::None && words(above) <= 25 && !ends_sentence(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(Mark, &str)> {
        lines(text).into_iter().map(|line| (line.mark, &text[line.body])).collect()
    }

    #[test]
    fn heads_of_lines_are_read_and_taken_off() {
        let text =
            "# Deal\n- one\n* two\n• three\n1. four\n2) five\n(a) six\n> said\n-not an item\n#hashtag\n2025. A year";
        assert_eq!(
            marks(text),
            [
                (Mark::Heading, "Deal"),
                (Mark::Item, "one"),
                (Mark::Item, "two"),
                (Mark::Item, "three"),
                (Mark::Item, "four"),
                (Mark::Item, "five"),
                (Mark::Item, "six"),
                (Mark::Quote, "said"),
                (Mark::None, "-not an item"),
                (Mark::None, "#hashtag"),
                (Mark::None, "2025. A year"),
            ]
        );
    }

    #[test]
    fn a_dash_in_the_middle_of_a_wrapped_sentence_is_no_item() {
        let text =
            "Amazon will build seven halls in three states\n– the largest of them in Ohio – by the end of 2026.\n";
        assert_eq!(marks(text)[1], (Mark::None, "– the largest of them in Ohio – by the end of 2026."));
        let list = "The risks that analysts see in a deal of this size\n– cost\n– delay\n";
        assert_eq!(marks(list)[1..], [(Mark::Item, "cost"), (Mark::Item, "delay")]);
        assert_eq!(marks("Risks\n– cost\n")[1], (Mark::Item, "cost"));
        let wrapped = "- OpenAI gives up its exclusive arrangement with Microsoft and\n  spreads its computing over three further suppliers\n- Amazon gets a customer for halls that it has already built in\n  Ohio\n";
        assert_eq!(marks(wrapped)[2].0, Mark::Item);
    }

    #[test]
    fn an_underlined_line_is_a_heading_and_a_rule_alone_is_not() {
        let text = "The Deal\n========\nIt is big.\n\n---\nAfter the rule.";
        let found = lines(text);
        assert_eq!(found[0].mark, Mark::Heading);
        assert_eq!(&text[found[0].span.clone()], "The Deal\n========");
        assert_eq!(
            found.iter().map(|line| line.mark).collect::<Vec<_>>()[1..],
            [Mark::None, Mark::Decoration, Mark::None]
        );
    }

    #[test]
    fn a_table_is_known_by_its_bars_or_by_its_rule() {
        assert!(marks("| a | b |\n|---|---|\n| 1 | 2 |").iter().all(|(mark, _)| *mark == Mark::Table));
        assert!(marks("a | b\n--- | ---\n1 | 2").iter().all(|(mark, _)| *mark == Mark::Table));
        assert_eq!(marks("either | or")[0].0, Mark::None);
    }

    #[test]
    fn lines_of_invisible_characters_are_blank() {
        let text = "one\n\u{a0}\u{200b}\ntwo";
        assert_eq!(lines(text).len(), 2);
        assert!(lines(text)[1].opens_block);
    }
}
