//! What only one outlet has, and what others carry and one lacks.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::{By, Coverage, Exclusive, Omission};
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::html::caps;
use crate::report::html::groups::reference;
use crate::report::html::sheet::{Sheet, and_more, outlets_attribute};
use crate::report::phrase::{counted, listed_few, number, score};

/// Characters shown of an exclusive.
const EXCLUSIVE: usize = 420;
/// Characters shown of what is lacking.
const LACKING: usize = 220;

/// The section; absent where coverage was not asked for, or by wording alone, which does not show what is exclusive.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let told = |coverage: &&Coverage| coverage.by != By::Wording && sheet.view.outlets_heard() > 1;
    let Some(coverage) = sheet.findings.coverage.as_ref().filter(told) else { return html! {} };
    html! {
        section #only.filtered aria-labelledby="only-title" {
            h2 #only-title { "Only here" }
            p.lead { (lead(coverage)) }
            p.shown aria-live="polite" {}
            (exclusives(sheet, coverage))
            (omissions(sheet, coverage))
        }
    }
}

fn lead(coverage: &Coverage) -> String {
    if coverage.exclusives.is_empty() {
        return "Every paragraph of twelve words and more has something like it in another outlet.".to_owned();
    }
    let total = counted(coverage.exclusives.len(), "paragraph");
    format!(
        "{total} of substance without a counterpart in another outlet. Of each outlet those least like any other’s come first."
    )
}

fn exclusives(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let by_outlet = by_outlet(sheet.view.collection, coverage);
    let each = each(by_outlet.len());
    html! {
        @for (outlet, exclusives) in by_outlet.iter().take(caps::EXCLUSIVES) {
            h3 id=(format!("only-{}", outlet.index() + 1)) { (sheet.outlet(*outlet)) " " span.quiet { (number(exclusives.len())) } }
            div.list data-page="4" { @for exclusive in exclusives.iter().take(each) { (one(sheet, exclusive)) } }
            (and_more(exclusives.len(), each, "exclusive"))
        }
        (and_more(by_outlet.len(), caps::EXCLUSIVES, "outlet"))
    }
}

/// The exclusives of each outlet that has some.
fn by_outlet<'a>(collection: &Collection, coverage: &'a Coverage) -> Vec<(OutletId, Vec<&'a Exclusive>)> {
    let mut found: BTreeMap<OutletId, Vec<&Exclusive>> = BTreeMap::new();
    for exclusive in &coverage.exclusives {
        found.entry(collection.outlet_of(exclusive.row)).or_default().push(exclusive);
    }
    found.into_iter().collect()
}

/// How many are listed of each of so many outlets: all have their say.
fn each(outlets: usize) -> usize {
    caps::EXCLUSIVES_EACH.min(caps::EXCLUSIVES / outlets.max(1)).max(1)
}

/// The exclusives that the page lists.
pub(super) fn listed<'a>(collection: &Collection, coverage: &'a Coverage) -> Vec<&'a Exclusive> {
    let by_outlet = by_outlet(collection, coverage);
    let each = each(by_outlet.len());
    by_outlet.iter().take(caps::EXCLUSIVES).flat_map(|(_, exclusives)| exclusives.iter().take(each).copied()).collect()
}

fn one(sheet: &Sheet, exclusive: &Exclusive) -> Markup {
    let row = exclusive.row;
    let outlets = sheet.outlets_of([row]);
    html! {
        article.exclusive data-rows=(sheet.rows_attribute([row])) data-outlets=(outlets_attribute(&outlets)) {
            p.by { (sheet.cite(row)) " " (sheet.source(row)) " " (sheet.theme_of(row)) }
            p.passage dir="auto" { (beginning(&clean(sheet.view.collection.text(row)), EXCLUSIVE)) }
            @if let Some((near, cosine)) = exclusive.nearest {
                p.reason { "Nearest elsewhere: " (sheet.cite(near)) ", cosine " (score(cosine)) }
            }
        }
    }
}

fn omissions(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let omissions = &coverage.omissions;
    html! {
        @if !omissions.is_empty() {
            h3 #omissions { "Not here: what others carry" }
            p.lead {
                "Carried by at least " (counted(coverage.omitted_from.unwrap_or_default(), "outlet"))
                " and by no paragraph of an outlet that shares other passages with the same articles."
            }
            ul.list data-page="20" { @for omission in omissions.iter().take(caps::OMISSIONS) { (lacking(sheet, coverage, omission)) } }
            (and_more(omissions.len(), caps::OMISSIONS, "omission"))
        }
    }
}

fn lacking(sheet: &Sheet, coverage: &Coverage, omission: &Omission) -> Markup {
    let Some(group) = coverage.groups.get(omission.group).filter(|group| !group.passages.is_empty()) else {
        return html! {};
    };
    let rows = || group.passages.iter().map(|passage| passage.row);
    let without: BTreeSet<OutletId> = omission.outlets.iter().copied().collect();
    let [lack, carry] = [&without, &sheet.outlets_of(rows())].map(|outlets| named(sheet, outlets));
    let text = sheet.text(&group.passages[reference(sheet, group)]);
    html! {
        li.omission data-rows=(sheet.rows_attribute(rows())) data-outlets=(outlets_attribute(&without)) {
            p.by { strong { bdi { (lack) } } " without what " bdi { (carry) } " carry: " (group_link(omission.group)) }
            p.passage dir="auto" { (beginning(&text, LACKING)) }
        }
    }
}

fn named(sheet: &Sheet, outlets: &BTreeSet<OutletId>) -> String {
    listed_few(&outlets.iter().map(|&outlet| sheet.view.outlet(outlet)).collect::<Vec<_>>(), "outlet")
}

/// A link to a group that the page lists, else its number.
fn group_link(group: usize) -> Markup {
    html! {
        @if group < caps::GROUPS { a href=(format!("#group-{}", group + 1)) { "group " (group + 1) } } @else { "group " (group + 1) }
    }
}
