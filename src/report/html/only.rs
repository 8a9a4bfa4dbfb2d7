//! What only one outlet has, and what others carry and one lacks.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::article::OutletId;
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
    let mut by_outlet: Vec<Vec<&Exclusive>> = vec![Vec::new(); sheet.view.collection.outlets.len()];
    for exclusive in &coverage.exclusives {
        by_outlet[sheet.view.collection.outlet_of(exclusive.row).index()].push(exclusive);
    }
    // So that all outlets have their say on the page, however many there are.
    let each = caps::EXCLUSIVES_EACH.min(caps::EXCLUSIVES / by_outlet.len().max(1)).max(1);
    html! {
        @for (outlet, exclusives) in sheet.view.outlets().zip(&by_outlet).filter(|(_, exclusives)| !exclusives.is_empty()) {
            h3 id=(format!("only-{}", outlet.index() + 1)) { (sheet.outlet(outlet)) " " span.quiet { (number(exclusives.len())) } }
            div.list data-page="4" { @for exclusive in exclusives.iter().take(each) { (one(sheet, exclusive)) } }
            (and_more(exclusives.len(), each, "exclusive"))
        }
    }
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
