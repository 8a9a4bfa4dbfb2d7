//! Coverage groups: who says the same, in what words, and whose figures differ.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;

use crate::article::OutletId;
use crate::coverage::{Coverage, Disagreement, FactKind, Grade, Group, Passage, Reading, Scope};
use crate::report::blocks::{Block, Card, Column, Rich, Room, Table, Tone};
use crate::report::excerpt::{in_context, joined};
use crate::report::phrase::{counted, day};
use crate::report::sections::{Limits, and_more, quiet};
use crate::report::view::View;

/// What each grade and scope means, once a page.
const MEANINGS: &[(&str, &str)] = &[
    ("verbatim", "the same words in the same order"),
    ("light edit", "the same text with some words changed"),
    ("contained", "nearly all of the shorter stands in the longer"),
    ("paraphrase", "the same statement in other words"),
    ("paragraph", "whole paragraphs"),
    ("statement", "sentences inside paragraphs that otherwise differ"),
    ("quotation", "somebody's words, quoted inside sentences that otherwise differ"),
];

/// The groups, best first.
pub(super) fn groups(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let groups = &coverage.groups;
    let marks = Rich::from("Words another outlet has too stand ").with(Tone::Shared, "like this").plain(".");
    let mut blocks = vec![Block::Heading("Coverage groups"), Block::Line(marks), Block::Table(meanings(coverage))];
    for (at, group) in groups.iter().take(limits.groups).enumerate() {
        blocks.extend(one(view, coverage, at + 1, group));
    }
    blocks.extend(and_more(groups.len(), limits.groups, "group"));
    blocks
}

/// The words used below, explained: only those that occur.
fn meanings(coverage: &Coverage) -> Table {
    let grouped = || coverage.groups.iter().flat_map(|group| &group.pairs).filter_map(|&at| coverage.pairs.get(at));
    let scopes = grouped().map(|pair| scope(pair.scope)).chain(coverage.groups.iter().map(|group| scope(group.scope)));
    let used: BTreeSet<&str> = grouped().map(|pair| pair.grade.name()).chain(scopes).collect();
    let rows = MEANINGS
        .iter()
        .filter(|(word, _)| used.contains(word))
        .map(|(word, meaning)| vec![Rich::from(*word), Rich::default().quiet(meaning)]);
    Table::new(vec![Column::text(""), Column::text("").giving(Room::Wrap)], rows)
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Paragraph => "paragraph",
        Scope::Statement => "statement",
        Scope::Quotation => "quotation",
    }
}

fn one(view: &View, coverage: &Coverage, at: usize, group: &Group) -> Vec<Block> {
    let mut blocks = vec![Block::Item(item(view, coverage, at, group))];
    if let Some((outlet, date)) = first_dated(view, group) {
        blocks.push(quiet(&format!("First dated: {}, {}", view.outlet(outlet), day(date))));
    }
    let cards = group.passages.iter().map(|passage| passage_card(view, coverage, group, passage));
    blocks.push(Block::Cards(cards.collect()));
    for disagreement in &group.disagreements {
        blocks.push(Block::Line(Rich::from(format!("They differ on {}:", figures(disagreement.kind)))));
        blocks.push(Block::Table(readings(view, disagreement)));
    }
    blocks
}

/// The grades of a group's pairs, from the closest to the loosest, and of what; a quotation beside them by itself.
fn grades(coverage: &Coverage, group: &Group) -> String {
    let of = |quoted: bool| {
        let pairs = group.pairs.iter().filter_map(|&at| coverage.pairs.get(at));
        let grades = pairs.filter(move |pair| (pair.scope == Scope::Quotation) == quoted).map(|pair| pair.grade);
        (grades.clone().min(), grades.max())
    };
    let range = |(closest, loosest): (Option<Grade>, Option<Grade>)| match (closest, loosest) {
        (Some(closest), Some(loosest)) if closest < loosest => {
            Some(format!("{} to {}", closest.name(), loosest.name()))
        }
        (closest, _) => closest.map(|grade| grade.name().to_owned()),
    };
    let whole = range(of(false)).map(|grades| format!("{grades} · {}", scope(group.scope)));
    let quoted = range(of(true)).map(|grades| format!("{grades} · {}", scope(Scope::Quotation)));
    whole.into_iter().chain(quoted).collect::<Vec<_>>().join(" · ")
}

fn item(view: &View, coverage: &Coverage, at: usize, group: &Group) -> Rich {
    let outlets: BTreeSet<OutletId> =
        group.passages.iter().map(|passage| view.collection.outlet_of(passage.row)).collect();
    let grades = grades(coverage, group);
    let facts = format!("{} · {grades}", counted(outlets.len(), "outlet"));
    Rich::default().quiet(&format!("{at}  ")).strong(&facts)
}

/// The outlet whose article is dated before those of all others, where at least two outlets have a date.
fn first_dated(view: &View, group: &Group) -> Option<(OutletId, Date)> {
    let dated = || {
        group.passages.iter().filter_map(|passage| {
            let article = view.collection.article_of(passage.row);
            article.date.map(|date| (date, article.outlet))
        })
    };
    let (date, outlet) = dated().min()?;
    let mut others = dated().filter(|(_, other)| *other != outlet).peekable();
    others.peek()?;
    others.all(|(other, _)| other > date).then_some((outlet, date))
}

fn passage_card(view: &View, coverage: &Coverage, group: &Group, passage: &Passage) -> Card {
    let text = view.collection.text(passage.row);
    let marks = joined(text, &passage.span, shared(coverage, group, passage.row));
    Card {
        head: view.cite(passage.row),
        body: in_context(text, &passage.span, &marks, Tone::Shared),
        foot: Rich::default(),
    }
}

/// What the pairs of a group show to be shared in a row.
fn shared(coverage: &Coverage, group: &Group, row: usize) -> Vec<Range<usize>> {
    let pairs = || group.pairs.iter().filter_map(|&at| coverage.pairs.get(at));
    let left = pairs().filter(|pair| pair.left.row == row).flat_map(|pair| pair.shared.iter().map(|s| s.left.clone()));
    let right =
        pairs().filter(|pair| pair.right.row == row).flat_map(|pair| pair.shared.iter().map(|s| s.right.clone()));
    left.chain(right).collect()
}

fn figures(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Money => "an amount",
        FactKind::Percent => "a percentage",
        FactKind::Count => "a number",
        FactKind::Measure => "a measure",
        FactKind::Date => "a date",
        FactKind::TimeSpan => "a length of time",
        FactKind::Name => "a name",
        FactKind::Negation => "whether it is so",
        FactKind::Hedge => "how sure it is",
    }
}

fn readings(view: &View, disagreement: &Disagreement) -> Table {
    let columns = vec![Column::text("outlet"), Column::text("value"), Column::text("in the text").giving(Room::Wrap)];
    Table::new(columns, disagreement.readings.iter().map(|reading| reading_row(view, reading)))
}

fn reading_row(view: &View, reading: &Reading) -> Vec<Rich> {
    let text = view.collection.text(reading.row);
    let in_text = in_context(text, &reading.span, std::slice::from_ref(&reading.span), Tone::Differs);
    let outlet = view.outlet(view.collection.outlet_of(reading.row));
    vec![Rich::default().strong(outlet), Rich::default().with(Tone::Differs, &reading.value), in_text]
}
