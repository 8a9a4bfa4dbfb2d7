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
    format!(
        "{seeded} seeded, {} discovered; {} of {} in a theme. Cells: the outlet’s paragraphs, the darker the larger its share of the theme.",
        themes.len() - seeded,
        number(total.saturating_sub(unassigned)),
        counted(total, "paragraph")
    )
}

/// The outlets that have a column: all where they are few, else those with most paragraphs.
fn columns(sheet: &Sheet) -> Vec<OutletId> {
    let mut outlets: Vec<OutletId> = sheet.view.outlets().collect();
    if outlets.len() > caps::COLUMNS {
        outlets.sort_by_key(|&outlet| (std::cmp::Reverse(sheet.view.paragraphs_of(outlet)), outlet));
        outlets.truncate(caps::COLUMNS - 1);
    }
    outlets
}

fn others(sheet: &Sheet, outlets: &[OutletId]) -> usize {
    sheet.view.collection.outlets.len() - outlets.len()
}

fn heads(sheet: &Sheet, outlets: &[OutletId]) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { "Theme" }
                th scope="col" { "Paragraphs" }
                @for &outlet in outlets { th.head scope="col" { (sheet.outlet(outlet)) } }
                @if others(sheet, outlets) > 0 { th.head scope="col" { (counted(others(sheet, outlets), "other")) } }
            }
        }
    }
}

fn row(sheet: &Sheet, at: usize, outlets: &[OutletId], largest: usize) -> Markup {
    let theme = &sheet.found_themes()[at];
    let size = theme.members.len();
    let counts = sheet.view.by_outlet(theme.members.iter().map(|member| member.row));
    let shown: usize = outlets.iter().map(|outlet| counts[outlet.index()]).sum();
    html! {
        tr {
            th scope="row" { (sheet.theme_link(at)) (badge(theme)) }
            td.size { span { (number(size)) } (bar(size as f64 / largest.max(1) as f64, &sheet.theme_class(Some(at)))) }
            @for outlet in outlets { (cell(counts[outlet.index()], size)) }
            @if others(sheet, outlets) > 0 { (cell(size - shown, size)) }
        }
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
