//! How much of each outlet the others carry: a matrix, or of many outlets the pairs that overlap most.

use maud::{Markup, html};

use crate::article::OutletId;
use crate::coverage::{Coverage, Overlap};
use crate::report::html::bars::heat;
use crate::report::html::caps;
use crate::report::html::sheet::{Sheet, and_more, encoded};
use crate::report::phrase::{number, percent};

/// The section; absent where nothing overlaps.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let Some(coverage) = sheet.findings.coverage.as_ref().filter(|coverage| !coverage.overlap.is_empty()) else {
        return html! {};
    };
    let is_matrix = sheet.view.collection.outlets.len() <= caps::MATRIX;
    html! {
        section #overlap aria-labelledby="overlap-title" {
            h2 #overlap-title { "Overlap of outlets" }
            p.lead {
                "Percent of the row’s paragraphs that the column carries: the same text / in other words or in part. "
                span.scripted { "A cell opens what both share. " }
                @if !is_matrix { "There are too many outlets for a matrix; these pairs overlap most." }
            }
            div.scroll tabindex="0" role="region" aria-labelledby="overlap-title" {
                @if is_matrix { (matrix(sheet, coverage)) } @else { (pairs(sheet, coverage)) }
            }
            @if !is_matrix { (and_more(coverage.overlap.len(), caps::OUTLET_PAIRS, "pair")) }
        }
    }
}

fn matrix(sheet: &Sheet, coverage: &Coverage) -> Markup {
    html! {
        table.matrix {
            thead { tr { th scope="col" { "Outlet" } @for outlet in sheet.view.outlets() { th.head scope="col" { (sheet.outlet(outlet)) } } } }
            tbody {
                @for row in sheet.view.outlets() {
                    tr {
                        th scope="row" { (sheet.outlet(row)) }
                        @for column in sheet.view.outlets() { (cell(sheet, coverage, (row, column))) }
                    }
                }
            }
        }
    }
}

fn cell(sheet: &Sheet, coverage: &Coverage, (row, column): (OutletId, OutletId)) -> Markup {
    let whole = sheet.view.paragraphs_of(row);
    match coverage.overlap.get(&(row, column)) {
        _ if row == column => html! { td.itself { "–" } },
        None => html! { td.h0 { "·" } },
        Some(overlap) => html! { td class=(heat(share(overlap, whole))) { (link(sheet, (row, column), overlap)) } },
    }
}

fn share(overlap: &Overlap, whole: usize) -> f64 {
    (overlap.same_text + overlap.paraphrase) as f64 / whole.max(1) as f64
}

/// The two shares, as a link to what both outlets have.
fn link(sheet: &Sheet, (row, column): (OutletId, OutletId), overlap: &Overlap) -> Markup {
    let whole = sheet.view.paragraphs_of(row);
    let [a, b] = [row, column].map(|outlet| encoded(sheet.view.outlet(outlet)));
    let told = format!("{} and {} of {}", number(overlap.same_text), number(overlap.paraphrase), number(whole));
    html! {
        a href=(format!("#both={a}&both={b}&at=coverage")) title=(told) {
            (percent(overlap.same_text, whole)) span.quiet { " / " } (percent(overlap.paraphrase, whole))
        }
    }
}

fn pairs(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let mut found: Vec<((OutletId, OutletId), &Overlap)> =
        coverage.overlap.iter().map(|(&pair, cell)| (pair, cell)).collect();
    found.sort_by_key(|(pair, cell)| (std::cmp::Reverse(cell.same_text + cell.paraphrase), *pair));
    html! {
        table.pairs {
            thead { tr { th scope="col" { "Outlet" } th scope="col" { "is carried by" } th scope="col" { "Same text" } th scope="col" { "Other words" } th scope="col" { "Of its paragraphs" } th scope="col" { "Percent" } } }
            tbody.list data-page="20" {
                @for (pair, overlap) in found.iter().take(caps::OUTLET_PAIRS) {
                    tr {
                        th scope="row" { (sheet.outlet(pair.0)) }
                        td { (sheet.outlet(pair.1)) }
                        td.number { (number(overlap.same_text)) }
                        td.number { (number(overlap.paraphrase)) }
                        td.number { (number(sheet.view.paragraphs_of(pair.0))) }
                        td class=(heat(share(overlap, sheet.view.paragraphs_of(pair.0)))) { (link(sheet, *pair, overlap)) }
                    }
                }
            }
        }
    }
}
