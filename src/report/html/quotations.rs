//! Quotations: what somebody said, as each outlet prints it, with the words that differ, and whom it gives it to.

use std::collections::BTreeSet;
use std::ops::Range;

use maud::{Markup, html};

use crate::coverage::Passage;
use crate::quotation::{Change, Found, Quotation, QuotedBy, Speaker};
use crate::report::clean::clean;
use crate::report::excerpt::{beginning, joined};
use crate::report::html::caps;
use crate::report::html::prose::marked;
use crate::report::html::sheet::{Sheet, and_more, outlets_attribute};
use crate::report::phrase::counted;

/// Characters shown of words that were left out.
const GONE: usize = 120;

/// The section; absent where no quotation is shared.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let quotations = sheet.findings.quotations.as_deref().unwrap_or_default();
    html! {
        @if !quotations.is_empty() {
            section #quotations.filtered aria-labelledby="quotations-title" {
                h2 #quotations-title { "Quotations" }
                p.lead { (lead(quotations)) }
                p.shown aria-live="polite" {}
                div.list data-page="20" {
                    @for (at, quotation) in quotations.iter().take(caps::QUOTATIONS).enumerate() { (one(sheet, at, quotation)) }
                }
                (and_more(quotations.len(), caps::QUOTATIONS, "quotation"))
            }
        }
    }
}

fn lead(quotations: &[Quotation]) -> Markup {
    let altered = quotations.iter().filter(|one| one.members.iter().any(|member| member.form.altered)).count();
    let differ = quotations.iter().filter(|one| one.speakers_differ).count();
    html! {
        (counted(quotations.len(), "quotation")) " printed by two outlets or more; " (altered) " with words changed, " (differ)
        " given to different people. Each is set beside its fullest form: " ins { "words that differ from it" } " are marked."
    }
}

fn one(sheet: &Sheet, at: usize, quotation: &Quotation) -> Markup {
    let id = format!("quotation-{}", at + 1);
    let rows = || quotation.members.iter().map(|member| member.row);
    let outlets: BTreeSet<_> = quotation.members.iter().map(|member| member.outlet).collect();
    let others =
        || quotation.members.iter().enumerate().filter(|(at, _)| *at != quotation.fullest).map(|(_, member)| member);
    html! {
        article.quotation id=(id) data-rows=(sheet.rows_attribute(rows())) data-outlets=(outlets_attribute(&outlets)) {
            h3 {
                a.self href=(format!("#{id}")) { span.nth { (at + 1) } " " (counted(outlets.len(), "outlet")) }
                @if quotation.speakers_differ { " " span.differs { "the outlets name different speakers" } }
            }
            @if let Some(fullest) = quotation.members.get(quotation.fullest) { (form(sheet, fullest, true)) }
            ul.forms { @for member in others().take(caps::QUOTED_BY) { li { (form(sheet, member, false)) } } }
            (and_more(quotation.members.len().saturating_sub(1), caps::QUOTED_BY, "outlet"))
        }
    }
}

/// A quotation as one outlet prints it.
fn form(sheet: &Sheet, member: &QuotedBy, is_fullest: bool) -> Markup {
    let name = if is_fullest { "fullest form" } else { member.form.name() };
    let marks: Vec<&Passage> = member.changes.iter().flat_map(|change| &change.member).collect();
    html! {
        figure {
            blockquote dir="auto" { "“" @for (at, part) in member.parts.iter().enumerate() { @if at > 0 { " … " } (words(sheet, part, &marks)) } "”" }
            figcaption {
                (sheet.cite(member.row)) " " (sheet.source(member.row)) " "
                span.badge { (name) }
                @if let Some(speaker) = &member.speaker { " " (spoken(sheet, speaker)) } @else { " " span.quiet { "no speaker named" } }
            }
            (gone(sheet, &member.changes))
        }
    }
}

/// A part of it, with the words that the fullest form has not.
fn words(sheet: &Sheet, part: &Passage, marks: &[&Passage]) -> Markup {
    let text = sheet.view.collection.text(part.row);
    let spans: Vec<Range<usize>> =
        marks.iter().filter(|mark| mark.row == part.row).map(|mark| mark.span.clone()).collect();
    marked(text, &part.span, &joined(text, &part.span, spans), "changed")
}

/// Whom it is given to, and how the article says so.
fn spoken(sheet: &Sheet, speaker: &Speaker) -> Markup {
    let printed = sheet.text(&speaker.at);
    let how = match speaker.found {
        Found::Named => "",
        Found::Described => "described",
        Found::Pronoun => "inferred from a pronoun",
        Found::Signature => "signed",
        Found::Carried => "as the quotation before",
    };
    html! {
        span.speaker {
            "said by " strong { bdi { (clean(&speaker.name)) } }
            @if !how.is_empty() { span.quiet { " (" (how) @if speaker.found == Found::Pronoun { ", “" bdi { (printed) } "”" } ")" } }
        }
    }
}

/// The words of the fullest form that a member replaced or left out.
fn gone(sheet: &Sheet, changes: &[Change]) -> Markup {
    let gone: Vec<&Change> = changes.iter().filter(|change| !change.fullest.is_empty()).collect();
    html! {
        @if !gone.is_empty() {
            ul.changes {
                @for change in gone {
                    li {
                        @if change.member.is_empty() { "without " } @else { ins { (said(sheet, &change.member)) } " for " }
                        del { (said(sheet, &change.fullest)) }
                        @if change.marked { span.quiet { " (shown by the outlet)" } }
                    }
                }
            }
        }
    }
}

fn said(sheet: &Sheet, parts: &[Passage]) -> String {
    let text = parts.iter().map(|part| sheet.text(part)).collect::<Vec<_>>().join(" … ");
    beginning(&text, GONE)
}
