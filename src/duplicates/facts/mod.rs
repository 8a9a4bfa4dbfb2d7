//! Facts: what a text states that can be checked against another text that says the same.
//!
//! 1. [`Facts::of`] reads a text once: quantities (`figures`, `numerals`, `signs`, `units`), dates (`dates`, `calendar`), names
//!    (`names`, `name`), and the words that deny or soften a statement (`cues`).
//! 2. `slots` lays two texts against one another word by word, so that every changed word has a place in both.
//! 3. [`differences`] compares what stands in the same place, and says what both give differently.
//! 4. `beside` does with less what two texts need not say the same for.
//!
//! Not here: which passages are compared (`pairs`), the facts of a whole group by outlet (`disagreements`).

use std::ops::Range;

use jiff::civil::Date as Day;

use crate::coverage::FactKind;
use crate::text::{Word, words};

mod beside;
mod calendar;
mod cues;
mod dates;
mod differences;
mod figures;
#[cfg(test)]
mod fixture;
mod name;
mod names;
mod numerals;
mod polarity;
mod quantity;
mod roles;
mod sides;
mod signs;
mod slots;
mod swaps;
mod units;

use cues::Cue;
use dates::Date;
use name::Name;
use quantity::Quantity;
use slots::Unit;

pub use beside::Figures;
pub(super) use differences::{Link, differences, links};

/// One fact and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    /// Byte range in the text.
    pub(super) span: Range<usize>,
    /// Word positions in the text.
    words: Range<usize>,
    /// What it is about.
    pub(super) kind: FactKind,
    value: Value,
}

/// What a fact says, in a form that compares.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Quantity(Quantity),
    Date(Date),
    Name(Name),
    Cue(Cue),
    /// The statement stands without the word that the other text has there.
    Plain(&'static str),
}

/// The facts of a text in order, and its words as they are laid against another text's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    facts: Vec<Fact>,
    units: Vec<Unit>,
    /// Byte ranges of the words.
    spans: Vec<Range<usize>>,
    /// The sentence each word stands in.
    sentences: Vec<u32>,
}

impl Facts {
    /// Reads a text; `date` is the day its article was published, by which "yesterday" is a date.
    pub(super) fn of(text: &str, date: Option<Day>) -> Self {
        let words = words(text);
        let mut facts = figures::figures(text, &words, date);
        let names = names::names(text, &words, &facts);
        let units = slots::units(text, &words, &names);
        facts.extend(names);
        facts.extend(cues::cues(text, &words));
        facts.sort_by_key(|fact| (fact.words.start, fact.words.end, fact.kind));
        Self { facts, units, sentences: sentences(text, &words), spans: spans(&words) }
    }

    /// Position of the first word that starts at `byte` or after it.
    fn position(&self, byte: usize) -> usize {
        self.spans.partition_point(|span| span.start < byte)
    }
}

fn spans(words: &[Word]) -> Vec<Range<usize>> {
    words.iter().map(|word| word.span.clone()).collect()
}

fn sentences(text: &str, words: &[Word]) -> Vec<u32> {
    let (mut now, mut found) = (0, Vec::with_capacity(words.len()));
    for at in 0..words.len() {
        if at > 0 && names::opens_sentence(text, words, at) {
            now += 1;
        }
        found.push(now);
    }
    found
}

impl Fact {
    /// Whether both can be true of one thing.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Quantity(a), Value::Quantity(b)) => a.agrees(b),
            (Value::Date(a), Value::Date(b)) => a.agrees(b),
            (Value::Name(a), Value::Name(b)) => a.agrees(b),
            (Value::Cue(a), Value::Cue(b)) => a.denies() == b.denies(),
            (Value::Plain(a), Value::Plain(b)) => a == b,
            _ => false,
        }
    }

    /// The fact in one form: "USD 38 billion", "5 percent", "late 2026", "not", "affirmed".
    pub(super) fn written(&self) -> String {
        match &self.value {
            Value::Quantity(quantity) => quantity.written(self.kind),
            Value::Date(date) => date.written(),
            Value::Name(name) => name.written(),
            Value::Cue(cue) => cue.written(),
            Value::Plain(said) => (*said).to_owned(),
        }
    }
}
