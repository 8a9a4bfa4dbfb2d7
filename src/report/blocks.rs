//! A page before it is laid out: headings, sentences, tables and cards, of text that is safe to show.
//!
//! Text enters only through [`Rich`], which cleans it. Not here: what is said (`sections`), how it
//! looks (`terminal`, `markdown`).

use std::ops::Range;

use crate::report::clean::clean;

/// What a stretch of text is, so that a renderer can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing particular.
    Plain,
    /// A name to find by.
    Strong,
    /// What may be passed over.
    Quiet,
    /// Words another outlet has too: the evidence.
    Shared,
    /// A figure that others give differently.
    Differs,
}

/// Text in stretches of one tone each, cleaned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rich(Vec<(Tone, String)>);

impl Rich {
    /// With `text` added in a tone.
    pub(crate) fn with(mut self, tone: Tone, text: &str) -> Self {
        let text = clean(text);
        if !text.is_empty() {
            self.0.push((tone, text));
        }
        self
    }

    /// With `text` added as it is.
    pub(crate) fn plain(self, text: &str) -> Self {
        self.with(Tone::Plain, text)
    }

    /// With a name added.
    pub(crate) fn strong(self, text: &str) -> Self {
        self.with(Tone::Strong, text)
    }

    /// With a remark added.
    pub(crate) fn quiet(self, text: &str) -> Self {
        self.with(Tone::Quiet, text)
    }

    /// With another text added.
    pub(crate) fn then(mut self, other: Rich) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The stretches in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.0.iter().map(|(tone, text)| (*tone, text.as_str()))
    }

    /// The text alone.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The stretches within a byte range of [`Rich::text`].
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let mut at = 0;
        let mut kept = Self::default();
        for (tone, text) in self.pieces() {
            let (start, end) = (range.start.max(at), range.end.min(at + text.len()));
            if start < end {
                kept.0.extend(text.get(start - at..end - at).map(|part| (tone, part.to_owned())));
            }
            at += text.len();
        }
        kept
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self::default().plain(text)
    }
}

impl From<String> for Rich {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// What a column does when the page is too narrow for its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It keeps its width.
    Keep,
    /// Its cells are cut short.
    Clip,
    /// Its cells run over several lines.
    Wrap,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) head: String,
    /// Whether its cells are numbers, aligned at the right.
    pub(crate) numeric: bool,
    /// What it does on a narrow page.
    pub(crate) room: Room,
}

impl Column {
    /// A column of names or remarks that keeps its width.
    pub(crate) fn text(head: &str) -> Self {
        Self { head: clean(head), numeric: false, room: Room::Keep }
    }

    /// A column of numbers.
    pub(crate) fn number(head: &str) -> Self {
        Self { numeric: true, ..Self::text(head) }
    }

    /// The same column, giving way as `room` says.
    pub(crate) fn giving(self, room: Room) -> Self {
        Self { room, ..self }
    }
}

/// Rows of as many cells as there are columns.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The columns. Where no head has text, the table has no head.
    pub(crate) columns: Vec<Column>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Rich>>,
    /// Where a page too narrow for the table may break it: the first column of its second part.
    pub(crate) second: Option<usize>,
}

impl Table {
    /// A table that stays in one part.
    pub(crate) fn new(columns: Vec<Column>, rows: impl IntoIterator<Item = Vec<Rich>>) -> Self {
        Self { columns, rows: rows.into_iter().collect(), second: None }
    }
}

/// A paragraph or passage with what it is.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    /// Who wrote it, and where.
    pub(crate) head: Rich,
    /// Its text.
    pub(crate) body: Rich,
    /// What is remarked on it; may be empty.
    pub(crate) foot: Rich,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// What the page is about; once, at its top.
    Title(Rich),
    /// A section begins.
    Heading(&'static str),
    /// One of several like things begins: a theme, a group.
    Item(Rich),
    /// A sentence or two.
    Line(Rich),
    /// How many more there are than the block before lists.
    More(String),
    /// Short facts, one under the other.
    List(Vec<Rich>),
    /// A table.
    Table(Table),
    /// Paragraphs to read side by side, or one after the other.
    Cards(Vec<Card>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_keeps_tones() {
        let rich = Rich::from("ab").with(Tone::Shared, "cdé").plain("fg");
        let part = rich.slice(1..7);
        assert_eq!(part.pieces().collect::<Vec<_>>(), [(Tone::Plain, "b"), (Tone::Shared, "cdé"), (Tone::Plain, "f")]);
    }
}
