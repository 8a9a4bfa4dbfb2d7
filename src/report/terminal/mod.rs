//! Findings as a page for the terminal: aligned, calm, in colour where there is some.
//!
//! Prose keeps to a readable width however wide the terminal is; tables and passages side by side use
//! the rest. Not here: what is said (`sections`).

mod cards;
mod ink;
mod layout;
mod table;

use std::io::{self, Write};

use crate::findings::Findings;
use crate::report::blocks::{Block, Rich};
use crate::report::sections::{self, Limits};
use crate::report::view::Widths;
use ink::Ink;

/// The widest prose is set: longer lines are hard to read.
const PROSE: usize = 100;
/// The narrowest page that is laid out; below it lines run over.
const NARROWEST_PAGE: usize = 40;
/// The width up to which names are cut to a few letters.
const NARROW_PAGE: usize = 64;
/// The width from which there is room for long names.
const WIDE_PAGE: usize = 120;

/// How a page looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Columns of the terminal. Below 40, lines are laid out for 40.
    pub width: usize,
    /// Whether to use colour. Without it no escape sequence is written.
    pub colour: bool,
    /// Whether to list the paragraphs that take no part, rather than count them.
    pub list_left_out: bool,
    /// Whether to tell how the threshold of near-duplicates was set.
    pub explain_threshold: bool,
    /// The most that any list shows: paragraphs of a theme, groups, exclusives of an outlet. None shows
    /// 3, 10 and 2 of them.
    pub most: Option<usize>,
}

impl Default for Page {
    /// 80 columns, no colour, an overview.
    fn default() -> Self {
        Self { width: 80, colour: false, list_left_out: false, explain_threshold: false, most: None }
    }
}

impl Page {
    pub(crate) fn limits(&self) -> Limits {
        Limits::new(self.most, (self.list_left_out, self.explain_threshold))
    }

    /// Widths of names on this page, where a table may have a column for each of so many outlets.
    pub(crate) fn widths(&self, outlets: usize) -> Widths {
        let (outlet, title) = match self.width {
            ..NARROW_PAGE => (14, 30),
            NARROW_PAGE..WIDE_PAGE => (22, 40),
            _ => (32, 72),
        };
        let columns = self.width.saturating_sub(outlet + 4) / outlets.max(1);
        Widths { outlet, title, head: columns.saturating_sub(2).clamp(8, 18) }
    }
}

/// Writes the findings as a page. Sections whose findings are `None` are left out.
///
/// Text from articles is cleaned: no control character or escape sequence of theirs is written.
///
/// # Errors
/// Those of `out`.
pub fn terminal(findings: &Findings, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    write_blocks(&sections::page(findings, page.widths(findings.collection.outlets.len()), page.limits()), page, out)
}

/// Writes blocks as a page.
pub(crate) fn write_blocks(blocks: &[Block], page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer::new(page);
    let mut before = None;
    for block in blocks {
        if before.is_some_and(|before| is_apart(before, block)) {
            writeln!(out)?;
        }
        for line in printer.lines(block) {
            writeln!(out, "{line}")?;
        }
        before = Some(block);
    }
    Ok(())
}

/// Whether an empty line stands between two blocks: not between lines that go on, nor after what announces.
fn is_apart(before: &Block, block: &Block) -> bool {
    match (before, block) {
        (Block::Heading(_), _) | (_, Block::More(_)) => false,
        (Block::Title(_) | Block::Item(_) | Block::Line(_), Block::Line(_) | Block::List(_)) => false,
        (Block::Line(line), Block::Table(_)) => !line.text().ends_with(':'),
        _ => true,
    }
}

/// Where on the page the next block stands.
struct Printer {
    width: usize,
    ink: Ink,
    indent: usize,
}

impl Printer {
    fn new(page: &Page) -> Self {
        Self { width: page.width.max(NARROWEST_PAGE), ink: Ink::new(page.colour), indent: 0 }
    }

    fn lines(&mut self, block: &Block) -> Vec<String> {
        match block {
            Block::Title(text) => self.prose(text, ""),
            Block::Heading(text) => {
                self.indent = 2;
                vec![self.ink.heading(text)]
            }
            Block::Item(text) => {
                self.indent = 2;
                let lines = self.prose(text, "   ");
                self.indent = 5;
                lines
            }
            Block::Line(text) => self.prose(text, ""),
            Block::More(text) => self.prose(&Rich::default().quiet(text), ""),
            Block::List(items) => self.list(items),
            Block::Table(table) => self.indented(table::lines(table, self.room(), self.ink)),
            Block::Cards(cards) => self.indented(cards::lines(cards, self.room(), self.ink)),
        }
    }

    /// Items under what they belong to, at the top of the page as elsewhere.
    fn list(&self, items: &[Rich]) -> Vec<String> {
        let printer = Self { indent: self.indent.max(2), ..*self };
        items.iter().flat_map(|item| printer.prose(item, "  ")).collect()
    }

    /// Columns left of the indent.
    fn room(&self) -> usize {
        self.width - self.indent
    }

    /// Text in lines; those after the first stand under `hang` more.
    fn prose(&self, text: &Rich, hang: &str) -> Vec<String> {
        let lines = layout::wrap(&self.ink.marked(text), self.room().min(PROSE) - hang.len());
        let lines = lines.iter().enumerate().map(|(at, line)| {
            let lead = if at == 0 { "" } else { hang };
            format!("{lead}{}", self.ink.painted(line))
        });
        self.indented(lines.collect())
    }

    fn indented(&self, lines: Vec<String>) -> Vec<String> {
        let space = " ".repeat(self.indent);
        lines.into_iter().map(|line| if line.is_empty() { line } else { format!("{space}{line}") }).collect()
    }
}
