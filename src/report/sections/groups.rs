//! Coverage groups: who says the same, in what words, and whose facts differ.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::article::OutletId;
use crate::coverage::{Coverage, Disagreement, FactKind, First, Grade, Group, Pair, Passage, Reading, Scope, Side};
use crate::report::blocks::{Block, Card, Column, Rich, Room, Table, Tone};
use crate::report::excerpt::{in_context, joined};
use crate::report::phrase::{counted, day, listed, listed_few, score};
use crate::report::sections::{Limits, and_more, quiet};
use crate::report::view::View;

/// What each grade and scope means, once a page.
pub(crate) const MEANINGS: &[(&str, &str)] = &[
    ("verbatim", "the same words in the same order"),
    ("light edit", "the same text with some words changed"),
    ("contained", "nearly all of the shorter stands in the longer"),
    ("paraphrase", "the same statement in other words"),
    ("paragraph", "whole paragraphs"),
    ("statement", "sentences inside paragraphs that otherwise differ"),
    ("quotation", "somebody's words, quoted inside sentences that otherwise differ"),
    ("run of words", "eight words and more in a row, inside sentences that otherwise differ"),
];

/// The groups, best first.
pub(super) fn groups(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let groups = &coverage.groups;
    let marks = Rich::from("Words another outlet has too stand ").with(Tone::Shared, "like this").plain(".");
    let mut blocks = vec![Block::Heading("Coverage groups"), Block::Line(marks), Block::Table(meanings(coverage))];
    for (at, group) in groups.iter().take(limits.groups).enumerate() {
        blocks.extend(one(view, coverage, at + 1, group, limits));
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

/// What a scope is called.
pub(crate) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Paragraph => "paragraph",
        Scope::Statement => "statement",
        Scope::Quotation => "quotation",
        Scope::Run => "run of words",
    }
}

fn one(view: &View, coverage: &Coverage, at: usize, group: &Group, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Item(item(view, coverage, at, group))];
    blocks.extend(group.first.as_ref().map(|first| quiet(&first_dated(view, first))));
    blocks.extend(origins(view, group).map(|said| quiet(&said)));
    let cards = (0..group.passages.len()).take(limits.rows).map(|passage| passage_card(view, coverage, group, passage));
    blocks.push(Block::Cards(cards.collect()));
    blocks.extend(and_more(group.passages.len(), limits.rows, "passage"));
    for disagreement in &group.disagreements {
        blocks.push(Block::Line(Rich::from(format!("They differ on {}:", facts(disagreement.kind)))));
        blocks.push(Block::Table(readings(view, disagreement, limits)));
        blocks.extend(and_more(disagreement.readings.len(), limits.rows, "reading"));
    }
    blocks
}

/// The grades of a group's pairs, from the closest to the loosest, and of what; parts of sentences by themselves.
pub(crate) fn grades(coverage: &Coverage, group: &Group) -> String {
    let of = |part: Option<Scope>| {
        let pairs = group.pairs.iter().filter_map(|&at| coverage.pairs.get(at));
        let its = pairs.filter(move |pair| part.map_or(!pair.scope.is_part(), |part| pair.scope == part));
        let grades = its.map(|pair| pair.grade);
        (grades.clone().min(), grades.max())
    };
    let told = [None, Some(Scope::Quotation), Some(Scope::Run)].into_iter().filter_map(|part| {
        let grades = match of(part) {
            (Some(closest), Some(loosest)) if closest < loosest => {
                format!("{} to {}", closest.name(), loosest.name())
            }
            (closest, _) => closest?.name().to_owned(),
        };
        let what = scope(part.unwrap_or(group.scope));
        Some(if part == Some(Scope::Run) { what.to_owned() } else { format!("{grades} · {what}") })
    });
    told.collect::<Vec<_>>().join(" · ")
}

fn item(view: &View, coverage: &Coverage, at: usize, group: &Group) -> Rich {
    let outlets: BTreeSet<OutletId> =
        group.passages.iter().map(|passage| view.collection.outlet_of(passage.row)).collect();
    let grades = grades(coverage, group);
    let head = format!("{} · {grades}", counted(outlets.len(), "outlet"));
    Rich::default().quiet(&format!("{at}  ")).strong(&head)
}

/// "First dated: A and B, 4 November 2025; 2 outlets without a date".
pub(crate) fn first_dated(view: &View, first: &First) -> String {
    let outlets: Vec<&str> = first.outlets.iter().map(|&outlet| view.outlet(outlet)).collect();
    let undated = match first.undated {
        0 => String::new(),
        count => format!("; {} without a date that can be true", counted(count, "outlet")),
    };
    format!("First dated: {}, {}{undated}", listed_few(&outlets, "outlet"), day(first.date))
}

/// How many wrote it in words of their own, where some share the wording and not all do.
pub(crate) fn origins(view: &View, group: &Group) -> Option<String> {
    let lots = &group.origins.lots;
    let named = |lot: &Vec<usize>| {
        let outlets: BTreeSet<OutletId> =
            lot.iter().map(|&at| view.collection.outlet_of(group.passages[at].row)).collect();
        let names: Vec<&str> = outlets.into_iter().map(|outlet| view.outlet(outlet)).collect();
        (names.len() > 1).then(|| listed_few(&names, "outlet"))
    };
    let shared: Vec<String> = lots.iter().filter_map(named).collect();
    if shared.is_empty() {
        return None;
    }
    let told = counted(lots.len(), "origin");
    let effective = if lots.len() > 1 { format!(" (effective {:.1})", group.origins.effective) } else { String::new() };
    Some(format!("{told} by wording{effective}: one text in {}", shared.join("; one in ")))
}

/// A passage with what is shared marked, and why it is here.
fn passage_card(view: &View, coverage: &Coverage, group: &Group, at: usize) -> Card {
    let passage = &group.passages[at];
    let text = view.collection.text(passage.row);
    let marks = joined(text, &passage.span, shared(coverage, group, passage.row));
    let because = group.because.get(at).and_then(|&pair| coverage.pairs.get(pair));
    Card {
        head: view.cite(passage.row),
        body: in_context(text, &passage.span, &marks, Tone::Shared),
        foot: because.map_or_else(Rich::default, |pair| reason(view, passage, pair)),
    }
}

/// "paraphrase of B ¶3, likeness 1.21, probability 0.83 · differs on a date".
fn reason(view: &View, passage: &Passage, pair: &Pair) -> Rich {
    let is_left = pair.left.row == passage.row;
    let other = view.cite(if is_left { pair.right.row } else { pair.left.row }).text();
    let holds = pair.container == Some(if is_left { Side::Left } else { Side::Right });
    let said = match (pair.scope, pair.grade) {
        (Scope::Quotation, _) => format!("a quotation in common with {other}"),
        (Scope::Run, _) => format!("a run of words in common with {other}"),
        (_, Grade::Verbatim) => format!("verbatim as {other}"),
        (_, Grade::LightEdit) => format!("light edit of {other}"),
        (_, Grade::Contained) if holds => format!("holds {other}"),
        (_, Grade::Contained) => format!("contained in {other}"),
        (_, Grade::Paraphrase) => format!("paraphrase of {other}"),
    };
    let likely = format!("{said}, likeness {}, probability {}", score(pair.likeness()), score(pair.probability));
    let kinds: BTreeSet<FactKind> = pair.differences.iter().map(|difference| difference.kind).collect();
    let warning: Vec<&str> = kinds.into_iter().map(facts).collect();
    let quiet = Rich::default().quiet(&likely);
    if warning.is_empty() {
        quiet
    } else {
        quiet.quiet(" · ").with(Tone::Differs, &format!("differs on {}", listed(&warning)))
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

/// What a kind of fact is called.
pub(crate) fn facts(kind: FactKind) -> &'static str {
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

fn readings(view: &View, disagreement: &Disagreement, limits: &Limits) -> Table {
    let columns = vec![Column::text("outlet"), Column::text("value"), Column::text("in the text").giving(Room::Wrap)];
    Table::new(columns, disagreement.readings.iter().take(limits.rows).map(|reading| reading_row(view, reading)))
}

fn reading_row(view: &View, reading: &Reading) -> Vec<Rich> {
    let text = view.collection.text(reading.row);
    let in_text = in_context(text, &reading.span, std::slice::from_ref(&reading.span), Tone::Differs);
    let outlet = view.outlet(view.collection.outlet_of(reading.row));
    vec![Rich::default().strong(outlet), Rich::default().with(Tone::Differs, &reading.value), in_text]
}
