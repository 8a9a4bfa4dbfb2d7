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
use crate::report::html::sheet::{Sheet, encoded};
use crate::report::html::{caps, figure};
use crate::report::phrase::counted;
use crate::report::sections::facts;
use crate::text::written_words;

/// Characters shown of a finding.
const SHOWN: usize = 150;
/// Words from which a passage says something: "did not respond to a request for comment" is shared by many.
const LONG: usize = 20;

/// Readings of one fact that are compared with one another.
const VALUES: usize = 200;
/// Days within which two passages are about the same state of things.
const DAYS: usize = 7;
/// Probability from which two passages are more likely the same than not.
const LIKELY: f32 = 0.5;

/// The section; absent where coverage was not asked for.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let Some(coverage) = sheet.findings.coverage.as_ref().filter(|_| sheet.view.outlets_heard() > 1) else {
        return html! {};
    };
    let found = [
        (widest(sheet, coverage), "No passage of twenty words or more is shared."),
        (
            sharpest(sheet, coverage),
            "No figures or other facts differ between passages of the same days that say the same.",
        ),
        (exclusive(sheet, coverage), "No outlet has a theme’s paragraphs alone."),
    ];
    let without: Vec<&str> = found.iter().filter(|(find, _)| find.is_none()).map(|(_, without)| *without).collect();
    let finds: Vec<&Find> = found.iter().filter_map(|(find, _)| find.as_ref()).collect();
    html! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Most worth reading" }
            div.cards { @for find in &finds { (card(find)) } }
            @if !without.is_empty() { p.quiet { (without.join(" ")) } }
        }
    }
}

/// What a card says: what it is, the finding itself, its text, and by which rule it was chosen.
struct Find {
    kicker: &'static str,
    link: String,
    said: Markup,
    text: Markup,
    rule: String,
}

fn card(find: &Find) -> Markup {
    html! {
        div.card {
            h3 { (find.kicker) }
            p.said { a href=(find.link) { (find.said) } }
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

/// The groups that share the wording of whole sentences which say something.
fn widest(sheet: &Sheet, coverage: &Coverage) -> Option<Find> {
    let outlets = |group: &Group| sheet.outlets_of(group.passages.iter().map(|passage| passage.row)).len();
    let of = |(at, group): &(usize, &Group)| (outlets(group), longest_run(coverage, group), Reverse(*at));
    let (at, group) = listed(coverage).filter(|(_, group)| is_passage(sheet, group)).max_by_key(of)?;
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
    Some(Find {
        kicker: "Widest shared passage",
        link: format!("#group-{}", at + 1),
        said,
        text,
        rule: "Of passages of twenty words and more: in most outlets, then with the longest run of words in common."
            .to_owned(),
    })
}

/// Whether a group is about sentences of some length: not a credit line, a name or somebody's few words.
fn is_passage(sheet: &Sheet, group: &Group) -> bool {
    let passage = group.passages.get(reference(sheet, group));
    !group.scope.is_part() && passage.is_some_and(|passage| written_words(&sheet.text(passage)).nth(LONG - 1).is_some())
}

/// Two readings of one fact, and how far they lie apart, as [`figure::apart`]; none for what is no figure.
struct Sharp<'a> {
    group: usize,
    kind: FactKind,
    readings: [&'a Reading; 2],
    apart: Option<f64>,
}

fn sharpest(sheet: &Sheet, coverage: &Coverage) -> Option<Find> {
    let facts_of = listed(coverage).flat_map(|(at, group)| group.disagreements.iter().map(move |one| (at, one)));
    let found: Vec<Sharp> = facts_of.filter_map(|(at, one)| sharp(sheet, coverage, (at, one))).collect();
    // The first of equals: groups stand with the widest first.
    let sharp = found.iter().rev().max_by(|a, b| a.apart.unwrap_or(-1.0).total_cmp(&b.apart.unwrap_or(-1.0)))?;
    let which = match sharp.apart {
        Some(_) => "Figures of one unit that lie furthest apart, relative to the larger".to_owned(),
        None => format!("No figures differ: the first other fact that does, {}", facts(sharp.kind)),
    };
    let text = html! {
        ul.readings { @for reading in sharp.readings { li { (sheet.cite(reading.row)) " " (sheet.source(reading.row)) ": " (in_text(sheet, reading)) } } }
    };
    Some(Find {
        kicker: "Sharpest disagreement",
        link: format!("#group-{}", sharp.group + 1),
        said: html! { bdi { (clean(&sharp.readings[0].value)) } " or " bdi { (clean(&sharp.readings[1].value)) } },
        text,
        rule: format!(
            "{which}, between passages published within {} of one another that are likely the same.",
            counted(DAYS, "day")
        ),
    })
}

/// A reading with a few words round it.
fn in_text(sheet: &Sheet, reading: &Reading) -> Markup {
    const AROUND: usize = 40;
    around(sheet.view.collection.text(reading.row), &reading.span, AROUND)
}

/// The two readings of one unit that lie furthest apart; of what is no figure the first two that differ. None where no two are of
/// the same days and of passages that likely say the same: a later state of things is no disagreement.
fn sharp<'a>(
    sheet: &Sheet,
    coverage: &Coverage,
    (group, disagreement): (usize, &'a Disagreement),
) -> Option<Sharp<'a>> {
    let kind = disagreement.kind;
    let is_figure = matches!(kind, FactKind::Money | FactKind::Percent | FactKind::Count | FactKind::Measure);
    let likely = likely(coverage, group);
    let mut best: Option<(f64, [&Reading; 2])> = None;
    for (at, left) in disagreement.readings.iter().take(VALUES).enumerate() {
        for right in disagreement.readings.iter().take(VALUES).skip(at + 1) {
            let apart = if is_figure { figure::apart(&left.value, &right.value) } else { None };
            let apart = apart.unwrap_or(-1.0);
            let counts = left.value != right.value && apart != 0.0 && best.is_none_or(|(most, _)| apart > most);
            let rows = (left.row.min(right.row), left.row.max(right.row));
            if counts && likely.contains(&rows) && are_of_the_same_days(sheet, rows) {
                best = Some((apart, [left, right]));
            }
        }
    }
    let (apart, readings) = best?;
    Some(Sharp { group, kind, readings, apart: Some(apart).filter(|&apart| apart > 0.0) })
}

/// The rows of the pairs of a group that are more likely the same than not, and about more than a part.
fn likely(coverage: &Coverage, group: usize) -> BTreeSet<(usize, usize)> {
    let pairs = coverage.groups[group].pairs.iter().filter_map(|&at| coverage.pairs.get(at));
    let likely = pairs.filter(|pair| pair.probability >= LIKELY && !pair.scope.is_part());
    likely.map(|pair| (pair.left.row, pair.right.row)).collect()
}

/// Whether two rows were published within [`DAYS`]. Of rows without a date nobody knows, and it counts against them where most articles have one.
fn are_of_the_same_days(sheet: &Sheet, (left, right): (usize, usize)) -> bool {
    let date = |row: usize| sheet.view.date(sheet.view.collection.paragraphs[row].article);
    match (date(left), date(right)) {
        (Some(left), Some(right)) => (left - right).get_days().unsigned_abs() as usize <= DAYS,
        _ => !is_mostly_dated(sheet),
    }
}

fn is_mostly_dated(sheet: &Sheet) -> bool {
    let articles = sheet.view.collection.articles.len();
    let dated = (0..articles).filter(|&article| sheet.view.date(article).is_some()).count();
    dated * 2 > articles
}

fn exclusive(sheet: &Sheet, coverage: &Coverage) -> Option<Find> {
    if coverage.by == By::Wording {
        return None;
    }
    let ((outlet, theme), exclusives) = most_exclusive(sheet, coverage)?;
    let said = html! {
        (sheet.outlet(outlet)) " alone: " (counted(exclusives.len(), "paragraph"))
        @if let Some(theme) = theme { " on " bdi { (sheet.themes[theme]) } }
    };
    let row = most_fitting(sheet, theme, &exclusives);
    let text = html! {
        blockquote dir="auto" { (beginning(&clean(sheet.view.collection.text(row)), SHOWN)) }
        p.by { (sheet.cite(row)) }
    };
    let theme = theme.map_or("", |theme| &sheet.themes[theme]);
    let outlet = encoded(sheet.view.outlet(outlet));
    Some(Find {
        kicker: "Largest exclusive",
        link: format!("#only=exclusive&outlet={outlet}&theme={}&at=paragraphs", encoded(theme)),
        said,
        text,
        rule: "The most paragraphs of one theme, written of by others too, that only one outlet has; shown is the one that fits the theme best.".to_owned(),
    })
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
