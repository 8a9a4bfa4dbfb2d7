//! Markdown into pieces: CommonMark with tables and front matter, by byte offsets.
//!
//! Links and emphasis leave their text, images nothing; code is left out. Not here: paragraphs that
//! are headings by their looks (`judge`), plain text with a few marks (`plain`).

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::piece::Piece;
use super::tables;
use crate::corpus::clean::clean;
use crate::paragraph::Kind;

/// The metadata a Markdown file may open with, between lines of three dashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Names and values in order, without quotes; lists and nested values are not read.
    pub entries: Vec<(String, String)>,
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

/// The pieces of a Markdown text, before judgement.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mark = bom(text);
    let mut page = Page { text, shift: mark, ..Page::default() };
    for (event, span) in Parser::new_ext(&text[mark..], options()).into_offset_iter() {
        page.take(event, span.start + mark..span.end + mark);
    }
    page.flush();
    page.pieces
}

/// A byte-order mark would hide a heading or the front matter behind it.
fn bom(text: &str) -> usize {
    text.len() - text.trim_start_matches('\u{feff}').len()
}

/// `key: value` lines of the block of metadata, if the text opens with one.
pub(super) fn front_matter(text: &str) -> FrontMatter {
    let mut inside = false;
    let mut entries = Vec::new();
    for event in Parser::new_ext(&text[bom(text)..], options()) {
        match event {
            Event::Start(Tag::MetadataBlock(_)) => inside = true,
            Event::Text(block) if inside => entries.extend(block.lines().filter_map(entry)),
            _ => break,
        }
    }
    FrontMatter { entries }
}

fn entry(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':').filter(|_| !line.starts_with([' ', '-', '#', '\t']))?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| (name.trim().to_owned(), value.to_owned()))
}

/// What is being read: the stretch not yet a piece, and the blocks round it.
#[derive(Default)]
struct Page<'a> {
    text: &'a str,
    shift: usize,
    pieces: Vec<Piece>,
    blocks: Vec<Kind>,
    raw: String,
    span: Option<Range<usize>>,
    silent: usize,
    row: Row,
}

/// A table's head and the row being read.
#[derive(Default)]
struct Row {
    head: Vec<String>,
    cells: Vec<String>,
}

impl Page<'_> {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(&tag, span),
            Event::End(tag) => self.close(tag, span),
            Event::Text(words) | Event::Code(words) => self.say(&words, span),
            Event::SoftBreak | Event::HardBreak => self.say(" ", span),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.say(" ", span),
            Event::Rule => self.leave_out(span, "decoration"),
            // An inline tag, a footnote's number or a task's box is part of the stretch, and silent.
            _ => self.say("", span),
        }
    }

    fn say(&mut self, words: &str, span: Range<usize>) {
        if self.silent == 0 {
            self.raw.push_str(words);
            self.reach(span);
        }
    }

    /// Widens the stretch over what was just read.
    fn reach(&mut self, span: Range<usize>) {
        let reached = self.span.get_or_insert_with(|| span.clone());
        reached.start = reached.start.min(span.start);
        reached.end = reached.end.max(span.end);
    }

    fn open(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.flush();
                let reason = match tag {
                    Tag::CodeBlock(_) => Some("code"),
                    Tag::HtmlBlock => Some("embedded HTML"),
                    _ => None,
                };
                if let Some(reason) = reason {
                    self.leave_out(span, reason);
                }
                self.silent += 1;
            }
            Tag::Image { .. } => {
                self.reach(span);
                self.silent += 1;
            }
            Tag::TableRow | Tag::TableHead => self.row.cells.clear(),
            Tag::TableCell => self.raw.clear(),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } => self.reach(span),
            _ => self.open_block(tag, span),
        }
    }

    fn open_block(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        self.flush();
        match tag {
            Tag::Heading { .. } => {
                self.blocks.push(Kind::Heading);
                self.reach(span);
            }
            Tag::Item => self.blocks.push(Kind::ListItem),
            Tag::BlockQuote(_) => self.blocks.push(Kind::Quote),
            Tag::Table(_) => self.row = Row::default(),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd, span: Range<usize>) {
        match tag {
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) | TagEnd::Image => self.silent -= 1,
            TagEnd::TableCell => self.row.cells.push(clean(&std::mem::take(&mut self.raw))),
            TagEnd::TableHead => self.close_head(span),
            TagEnd::TableRow => {
                let text = tables::row_text(&self.row.head, &self.row.cells);
                self.push(Kind::TableRow, span, text);
            }
            TagEnd::Heading(_) | TagEnd::Item | TagEnd::BlockQuote(_) => {
                self.flush();
                self.blocks.pop();
            }
            TagEnd::Paragraph | TagEnd::Table | TagEnd::FootnoteDefinition => self.flush(),
            _ => {}
        }
    }

    fn close_head(&mut self, span: Range<usize>) {
        self.row.head = std::mem::take(&mut self.row.cells);
        let text = self.row.head.join(" | ");
        self.push(Kind::TableFrame, span, text);
    }

    /// The stretch read so far becomes a piece of the innermost block's kind.
    fn flush(&mut self) {
        let text = clean(&std::mem::take(&mut self.raw));
        if let Some(span) = self.span.take().filter(|_| !text.is_empty()) {
            self.push(self.blocks.last().copied().unwrap_or(Kind::Body), span, text);
        }
    }

    fn push(&mut self, kind: Kind, span: Range<usize>, text: String) {
        self.span = None;
        if let Some(span) = self.after_last(span).filter(|_| !text.is_empty()) {
            self.pieces.push(Piece::new(kind, span, text));
        }
    }

    fn leave_out(&mut self, span: Range<usize>, reason: &'static str) {
        self.flush();
        if let Some(span) = self.after_last(span) {
            let text = clean(&self.text[span.clone()]);
            self.pieces.push(Piece::left_out(Kind::Boilerplate, span, text, reason));
        }
    }

    /// The span without blanks at its ends and without what the piece before it holds.
    fn after_last(&self, span: Range<usize>) -> Option<Range<usize>> {
        let free = self.pieces.last().map_or(self.shift, |last| last.span.end);
        let start = span.start.max(free);
        super::lines::trimmed(self.text, start..span.end.max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Markup, split};
    use super::*;

    fn found(text: &str) -> Vec<(Kind, Option<&'static str>, String)> {
        split(text, Markup::Markdown).into_iter().map(|piece| (piece.kind, piece.reason, piece.text)).collect()
    }

    const PAGE: &str = "\
---
title: \"The Deal\"
date: 2025-11-04
---
# OpenAI and *Amazon*

The deal is worth **$38 billion**, [the companies said](https://x.com/a)
on Monday. ![chart](c.png)

- Execution risk: it may [fail](https://x.com).
- Cost: high, and nobody knows how high.

> “Scaling frontier AI requires massive compute,” Altman said.

```
let code = 1;
```

| Provider | Amount | Years |
|---|---|---|
| AWS | $38 billion | 7 |
";

    #[test]
    fn every_block_has_its_kind_and_its_text() {
        let expected = [
            (Kind::Heading, Some("heading"), "OpenAI and Amazon"),
            (Kind::Body, None, "The deal is worth $38 billion, the companies said on Monday."),
            (Kind::ListItem, None, "Execution risk: it may fail."),
            (Kind::ListItem, None, "Cost: high, and nobody knows how high."),
            (Kind::Quote, None, "“Scaling frontier AI requires massive compute,” Altman said."),
            (Kind::Boilerplate, Some("code"), "``` let code = 1; ```"),
            (Kind::TableFrame, Some("table head"), "Provider | Amount | Years"),
            (Kind::TableRow, None, "AWS — Amount: $38 billion; Years: 7"),
        ];
        let expected: Vec<_> = expected.map(|(kind, reason, text)| (kind, reason, text.to_owned())).to_vec();
        assert_eq!(found(PAGE), expected);
    }

    #[test]
    fn spans_hold_the_markup_and_no_more() {
        let pieces = split(PAGE, Markup::Markdown);
        assert_eq!(&PAGE[pieces[0].span.clone()], "# OpenAI and *Amazon*");
        assert!(
            PAGE[pieces[1].span.clone()].starts_with("The deal") && PAGE[pieces[1].span.clone()].ends_with("c.png)")
        );
        assert!(PAGE[pieces[2].span.clone()].starts_with("Execution"), "{}", &PAGE[pieces[2].span.clone()]);
    }

    #[test]
    fn front_matter_is_read_behind_a_byte_order_mark_too() {
        let entries = [("title".to_owned(), "The Deal".to_owned()), ("date".to_owned(), "2025-11-04".to_owned())];
        assert_eq!(front_matter(PAGE).entries, entries);
        assert_eq!(front_matter(&format!("\u{feff}{PAGE}")).entries, entries);
        assert_eq!(front_matter("No metadata: here").entries, []);
    }
}
