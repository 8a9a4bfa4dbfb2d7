//! The themes by size in one table, with each outlet's share of them.

use maud::{Markup, html};

use crate::article::OutletId;
use crate::report::html::bars::{bar, heat};
use crate::report::html::caps;
use crate::report::html::sheet::Sheet;
use crate::report::phrase::{counted, number, percent};
use crate::theme::{Origin, Theme};

/// Themes shown before the others are folded.
const PAGE: usize = 12;

/// Outlets that are named beside a theme where there is no column for each.
const MOST_BY: usize = 4;

/// The section; absent where no theme was found.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let themes = sheet.found_themes();
    let mut by_size: Vec<usize> = (0..themes.len()).collect();
    by_size.sort_by_key(|&at| (std::cmp::Reverse(themes[at].members.len()), at));
    let outlets = columns(sheet);
    html! {
        @if !themes.is_empty() {
            section #themes-overview aria-labelledby="overview-title" {
                h2 #overview-title { "Themes by size" }
                p.lead { (summary(sheet)) }
                div.scroll tabindex="0" role="region" aria-labelledby="overview-title" {
                    table.overview {
                        (heads(sheet, &outlets))
                        tbody.list data-page=(PAGE) {
                            @for &at in &by_size { (row(sheet, at, &outlets, themes[by_size[0]].members.len())) }
                        }
                    }
                }
            }
        }
    }
}

/// "1 seeded, 9 discovered; 61 of 74 paragraphs in a theme".
fn summary(sheet: &Sheet) -> String {
    let themes = sheet.found_themes();
    let seeded = themes.iter().filter(|theme| theme.origin == Origin::Seeded).count();
    let unassigned = sheet.findings.themes.as_ref().map_or(0, |themes| themes.unassigned.len());
    let total = sheet.view.collection.len();
    let few = sheet.view.collection.outlets.len() <= caps::COLUMNS;
    let cells = " Cells: the outlet’s paragraphs, the darker the larger its share of the theme.";
    format!(
        "{seeded} seeded, {} discovered; {} of {} in a theme.{}",
        themes.len() - seeded,
        number(total.saturating_sub(unassigned)),
        counted(total, "paragraph"),
        if few { cells } else { "" }
    )
}

/// The outlets that have a column: all where they are few, else none, and each theme names those that wrote most of it.
fn columns(sheet: &Sheet) -> Vec<OutletId> {
    sheet.view.outlets().filter(|_| sheet.view.collection.outlets.len() <= caps::COLUMNS).collect()
}

fn heads(sheet: &Sheet, outlets: &[OutletId]) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { "Theme" }
                th scope="col" { "Paragraphs" }
                @for &outlet in outlets { th.head scope="col" { (sheet.outlet(outlet)) } }
                @if outlets.is_empty() { th scope="col" { "Most by" } }
            }
        }
    }
}

fn row(sheet: &Sheet, at: usize, outlets: &[OutletId], largest: usize) -> Markup {
    let theme = &sheet.found_themes()[at];
    let size = theme.members.len();
    let counts = sheet.view.by_outlet(theme.members.iter().map(|member| member.row));
    html! {
        tr {
            th scope="row" { (sheet.theme_link(at)) (badge(theme)) }
            td.size { span { (number(size)) } (bar(size as f64 / largest.max(1) as f64, &sheet.theme_class(Some(at)))) }
            @for outlet in outlets { (cell(counts[outlet.index()], size)) }
            @if outlets.is_empty() { td.most { (most_by(sheet, &counts)) } }
        }
    }
}

/// The outlets with most paragraphs of a theme, and how many others there are: "Herald 12 · Post 8 · 4 others 9".
fn most_by(sheet: &Sheet, counts: &[usize]) -> Markup {
    let mut outlets: Vec<OutletId> = sheet.view.outlets().filter(|outlet| counts[outlet.index()] > 0).collect();
    outlets.sort_by_key(|&outlet| (std::cmp::Reverse(counts[outlet.index()]), outlet));
    let others = outlets.split_off(outlets.len().min(MOST_BY));
    let rest: usize = others.iter().map(|outlet| counts[outlet.index()]).sum();
    html! {
        @for (at, &outlet) in outlets.iter().enumerate() {
            @if at > 0 { " · " }
            (sheet.outlet(outlet)) " " (number(counts[outlet.index()]))
        }
        @if !others.is_empty() { span.quiet { " · " (counted(others.len(), "other")) " " (number(rest)) } }
    }
}

fn cell(count: usize, size: usize) -> Markup {
    let class = format!("number {}", heat(count as f64 / size.max(1) as f64));
    html! { td class=(class) title=(format!("{} %", percent(count, size))) { @if count == 0 { "·" } @else { (number(count)) } } }
}

/// Who named the subject.
pub(super) fn badge(theme: &Theme) -> Markup {
    match theme.origin {
        Origin::Seeded => html! { " " span.badge.seeded { "seeded" } },
        Origin::Discovered => html! { " " span.badge.discovered { "discovered" } },
    }
}
