//! Findings as GitHub-flavoured Markdown, for pull requests and mails.
//!
//! Text from articles cannot become markup: what Markdown or HTML would read is escaped.

use std::io::{self, Write};

use crate::findings::Findings;
use crate::report::blocks::{Block, Card, Column, Rich, Table, Tone};
use crate::report::sections;
use crate::report::terminal::Page;
use crate::report::view::Widths;

/// Writes the findings as Markdown: what the terminal shows, unshortened names, shared words in bold.
/// Of `page`, only what is listed counts, not width or colour.
///
/// # Errors
/// Those of `out`.
pub fn markdown(findings: &Findings, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    write_blocks(&sections::page(findings, Widths::FULL, page.limits()), out)
}

/// Writes blocks as Markdown, an empty line between any two.
pub(crate) fn write_blocks(blocks: &[Block], out: &mut dyn Write) -> io::Result<()> {
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", written(block))?;
    }
    Ok(())
}

fn written(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}", escaped(&text.text())),
        Block::Heading(text) => format!("## {text}"),
        Block::Item(text) => format!("### {}", escaped(&text.text())),
        Block::Line(text) => line(text),
        Block::More(text) => escaped(text),
        Block::List(items) => items.iter().map(|item| format!("- {}", line(item))).collect::<Vec<_>>().join("\n"),
        Block::Table(table) => table_text(table),
        Block::Cards(cards) => cards.iter().map(card).collect::<Vec<_>>().join("\n\n"),
    }
}

fn card(card: &Card) -> String {
    let parts = [line(&card.head), format!("> {}", line(&card.body)), line(&card.foot)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn table_text(table: &Table) -> String {
    let head = row(table.columns.iter().map(|column| escaped(&column.head)));
    let rule = row(table.columns.iter().map(|column| rule(column).to_owned()));
    let rows = table.rows.iter().map(|cells| row(cells.iter().map(line)));
    [head, rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

fn row(cells: impl Iterator<Item = String>) -> String {
    cells.fold("|".to_owned(), |row, cell| format!("{row} {cell} |"))
}

fn rule(column: &Column) -> &'static str {
    if column.numeric { "---:" } else { "---" }
}

/// Text with its tones, as it may stand at the beginning of a line.
fn line(rich: &Rich) -> String {
    let text: String = rich.pieces().map(|(tone, text)| toned(tone, text)).collect();
    unlike_a_list(text.trim())
}

fn toned(tone: Tone, text: &str) -> String {
    match tone {
        Tone::Plain | Tone::Quiet => escaped(text),
        Tone::Strong | Tone::Shared | Tone::Differs => bold(text),
    }
}

/// The text in bold; white space stays outside, where bold cannot begin or end.
fn bold(text: &str) -> String {
    let core = text.trim();
    if core.is_empty() {
        return text.to_owned();
    }
    let (before, after) = (text.len() - text.trim_start().len(), text.trim_end().len());
    format!("{}**{}**{}", &text[..before], escaped(core), &text[after..])
}

/// The text with everything escaped that Markdown or HTML would read as markup.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A forge would notify whoever bears the name.
            '@' => escaped.push_str("@<!-- -->"),
            // Inside a word it is no markup, and mails show the escape.
            '_' if is_inside_a_word(before, text[at + 1..].chars().next()) => escaped.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
        before = Some(c);
    }
    escaped
}

/// Whether what stands between two characters stands between letters or digits.
fn is_inside_a_word(before: Option<char>, after: Option<char>) -> bool {
    [before, after].into_iter().all(|c| c.is_some_and(char::is_alphanumeric))
}

/// The text with what would begin a list or a rule escaped.
fn unlike_a_list(text: &str) -> String {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let at = match text[digits..].chars().next() {
        Some('-' | '+' | '=') if digits == 0 => 0,
        // A number is read as one of a list only before white space: 0.63 is none.
        Some('.' | ')') if digits > 0 && !text[digits + 1..].starts_with(|c: char| !c.is_whitespace()) => digits,
        _ => return text.to_owned(),
    };
    format!("{}\\{}", &text[..at], &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_or_a_name_needs_no_escape_and_a_list_does() {
        assert_eq!(line(&"0.63".into()), "0.63");
        assert_eq!(line(&"000_7d46".into()), "000_7d46");
        assert_eq!(line(&"_so_ and a_".into()), "\\_so\\_ and a\\_");
        assert_eq!(line(&"1. first".into()), "1\\. first");
        assert_eq!(line(&"1986.".into()), "1986\\.");
        assert_eq!(line(&"2) second".into()), "2\\) second");
        assert_eq!(line(&"- item".into()), "\\- item");
    }
}
