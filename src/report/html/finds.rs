//! The three findings most worth reading: the widest shared passage, the sharpest disagreement in figures, the largest exclusive.
//!
//! Each by a rule that is said beside it. Not here: the findings themselves (`groups`, `only`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::article::OutletId;
use crate::coverage::{By, Coverage, Disagreement, Exclusive, FactKind, Group, Reading};
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::html::groups::reference;
use crate::report::html::prose::around;
use crate::report::html::sheet::Sheet;
use crate::report::html::{caps, figure};
use crate::report::phrase::counted;
use crate::report::sections::facts;
use crate::text::written_words;

/// Characters shown of a finding.
const SHOWN: usize = 150;
/// Words from which a passage says something: "did not respond to a request for comment" is shared by many.
const LONG: usize = 20;

/// The section; absent where coverage was not asked for.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let Some(coverage) = sheet.findings.coverage.as_ref().filter(|_| sheet.view.outlets_heard() > 1) else {
        return html! {};
    };
    html! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Most worth reading" }
            div.cards {
                (widest(sheet, coverage))
                (sharpest(sheet, coverage))
                @if coverage.by != By::Wording { (largest_exclusive(sheet, coverage)) }
            }
        }
    }
}

/// What a card says: what it is, the finding itself, its text, and by which rule it was chosen.
struct Find {
    kicker: &'static str,
    link: Option<String>,
    said: Markup,
    text: Markup,
    rule: &'static str,
}

fn card(find: &Find) -> Markup {
    html! {
        div.card {
            h3 { (find.kicker) }
            p.said { @if let Some(link) = &find.link { a href=(link) { (find.said) } } @else { (find.said) } }
            (find.text)
            p.rule { (find.rule) }
        }
    }
}

/// The groups that the page lists, with the position of each.
fn listed(coverage: &Coverage) -> impl Iterator<Item = (usize, &Group)> {
    coverage.groups.iter().take(caps::GROUPS).enumerate()
}

/// The words of the longest run that two passages of a group share.
fn longest_run(coverage: &Coverage, group: &Group) -> usize {
    let pairs = group.pairs.iter().filter_map(|&at| coverage.pairs.get(at));
    pairs.flat_map(|pair| pair.shared.iter().map(|shared| shared.words)).max().unwrap_or(0)
}

fn widest(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let outlets = |group: &Group| sheet.outlets_of(group.passages.iter().map(|passage| passage.row)).len();
    let is_long =
        |group: &Group| written_words(&sheet.text(&group.passages[reference(sheet, group)])).nth(LONG - 1).is_some();
    let of =
        |(at, group): &(usize, &Group)| (is_long(group), outlets(group), longest_run(coverage, group), Reverse(*at));
    let widest = listed(coverage).filter(|(_, group)| !group.passages.is_empty()).max_by_key(of);
    let rule = "Most outlets, then the longest run of words in common; passages of twenty words and more go first.";
    let Some((at, group)) = widest else {
        let said = html! { "No two outlets say the same thing" };
        return card(&Find { kicker: "Widest shared passage", link: None, said, text: html! {}, rule });
    };
    let passage = &group.passages[reference(sheet, group)];
    let run = longest_run(coverage, group);
    let said = html! {
        (outlets(group)) " of " (counted(sheet.view.outlets_heard(), "outlet"))
        @if run > 1 { ", up to " (counted(run, "word")) " in a row" }
    };
    let text = html! {
        blockquote dir="auto" { (beginning(&sheet.text(passage), SHOWN)) }
        p.by { (sheet.cite(passage.row)) }
    };
    card(&Find { kicker: "Widest shared passage", link: Some(format!("#group-{}", at + 1)), said, text, rule })
}

/// Two readings of one fact, and how far they lie apart: 0 to 1 for figures, none for what is not a figure.
struct Sharp<'a> {
    group: usize,
    kind: FactKind,
    readings: [&'a Reading; 2],
    apart: Option<f64>,
}

fn sharpest(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let (kicker, rule) =
        ("Sharpest disagreement", "Figures of the same unit whose values lie furthest apart, relative to the larger.");
    let facts_of = listed(coverage).flat_map(|(at, group)| group.disagreements.iter().map(move |one| (at, one)));
    let found: Vec<Sharp> = facts_of.filter_map(|(at, one)| sharp(at, one)).collect();
    // The first of equals: groups stand with the widest first.
    let sharpest = found.iter().rev().max_by(|a, b| a.apart.unwrap_or(-1.0).total_cmp(&b.apart.unwrap_or(-1.0)));
    let Some(sharp) = sharpest else {
        let said = html! { "No group’s facts differ" };
        return card(&Find { kicker, link: None, said, text: html! {}, rule });
    };
    let rule = if sharp.apart.is_some() { rule } else { "No figures differ; the first group whose other facts do." };
    let text = html! {
        p.by { "Given differently: " (facts(sharp.kind)) }
        ul.readings { @for reading in sharp.readings { li { (sheet.cite(reading.row)) ": " (in_text(sheet, reading)) } } }
    };
    let said = html! { bdi { (clean(&sharp.readings[0].value)) } " or " bdi { (clean(&sharp.readings[1].value)) } };
    card(&Find { kicker, link: Some(format!("#group-{}", sharp.group + 1)), said, text, rule })
}

/// A reading with a few words round it.
fn in_text(sheet: &Sheet, reading: &Reading) -> Markup {
    const AROUND: usize = 40;
    around(sheet.view.collection.text(reading.row), &reading.span, AROUND)
}

/// The two readings of one unit that lie furthest apart; of what is no figure the first two that differ.
fn sharp(group: usize, disagreement: &Disagreement) -> Option<Sharp<'_>> {
    let kind = disagreement.kind;
    let is_figure = matches!(kind, FactKind::Money | FactKind::Percent | FactKind::Count | FactKind::Measure);
    let readings = &disagreement.readings;
    let mut best: Option<(f64, [&Reading; 2])> = None;
    for (at, left) in readings.iter().enumerate().filter(|_| is_figure) {
        for right in &readings[at + 1..] {
            let Some(apart) = figure::apart(&left.value, &right.value) else { continue };
            if apart > 0.0 && best.is_none_or(|(most, _)| apart > most) {
                best = Some((apart, [left, right]));
            }
        }
    }
    let other = || {
        let first = readings.first()?;
        Some([first, readings.iter().find(|reading| reading.value != first.value)?])
    };
    let apart = best.map(|(apart, _)| apart);
    Some(Sharp { group, kind, readings: best.map(|(_, pair)| pair).or_else(other)?, apart })
}

fn largest_exclusive(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let kicker = "Largest exclusive";
    let rule = "The most paragraphs of one theme, written of by others too, that only one outlet has; shown is the one that fits the theme best.";
    let Some(((outlet, theme), exclusives)) = most_exclusive(sheet, coverage) else {
        let said = html! { "Nothing stands in one outlet alone" };
        return card(&Find { kicker, link: None, said, text: html! {}, rule });
    };
    let said = html! {
        (sheet.outlet(outlet)) " alone: " (counted(exclusives.len(), "paragraph"))
        @if let Some(theme) = theme { " on " bdi { (sheet.themes[theme]) } }
    };
    let row = most_fitting(sheet, theme, &exclusives);
    let text = html! {
        blockquote dir="auto" { (beginning(&clean(sheet.view.collection.text(row)), SHOWN)) }
        p.by { (sheet.cite(row)) }
    };
    card(&Find { kicker, link: Some(format!("#only-{}", outlet.index() + 1)), said, text, rule })
}

/// Of exclusives in a theme the one that fits it best; of others the least like any other outlet's.
fn most_fitting(sheet: &Sheet, theme: Option<usize>, exclusives: &[&Exclusive]) -> usize {
    let rows: BTreeSet<usize> = exclusives.iter().map(|exclusive| exclusive.row).collect();
    let members = theme.map_or(&[][..], |theme| &sheet.found_themes()[theme].members);
    // Members stand best first.
    let best = members.iter().map(|member| member.row).find(|row| rows.contains(row));
    best.unwrap_or(exclusives[0].row)
}

type Block<'a> = ((OutletId, Option<usize>), Vec<&'a Exclusive>);

/// The exclusives of one outlet in one theme that are most; themes that others write of too go first, and any theme before none.
fn most_exclusive<'a>(sheet: &Sheet, coverage: &'a Coverage) -> Option<Block<'a>> {
    let mut blocks: BTreeMap<(OutletId, Option<usize>), Vec<&Exclusive>> = BTreeMap::new();
    for exclusive in &coverage.exclusives {
        let key = (sheet.view.collection.outlet_of(exclusive.row), sheet.best[exclusive.row]);
        blocks.entry(key).or_default().push(exclusive);
    }
    let outlets: Vec<usize> = sheet
        .found_themes()
        .iter()
        .map(|theme| sheet.outlets_of(theme.members.iter().map(|member| member.row)).len())
        .collect();
    let rank = |(_, theme): &(OutletId, Option<usize>)| theme.map_or(0, |theme| 1 + usize::from(outlets[theme] > 1));
    blocks.into_iter().rev().max_by_key(|(key, exclusives)| (rank(key), exclusives.len()))
}
