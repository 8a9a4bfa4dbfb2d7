//! The first screen: how much was read, when it was published, what was left out and why, what could not be read.

use maud::{Markup, html};

use crate::collection::{LeftOut, Problem};
use crate::coverage::By;
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::html::caps;
use crate::report::html::sheet::{Sheet, and_more};
use crate::report::phrase::{counted, days, listed_few, number};

/// Characters shown of a paragraph that was left out.
const LEFT_OUT_TEXT: usize = 160;

/// What the page is headed by: the user's title, else how much it is about.
pub(super) fn title(sheet: &Sheet) -> String {
    let given = sheet.title.map(|title| clean(title).trim().to_owned()).filter(|title| !title.is_empty());
    given.unwrap_or_else(|| extent(sheet))
}

/// "73 paragraphs of 5 articles by 5 outlets".
fn extent(sheet: &Sheet) -> String {
    let collection = sheet.view.collection;
    let paragraphs = counted(collection.len(), "paragraph");
    let articles = counted(collection.articles.len(), "article");
    format!("{paragraphs} of {articles} by {}", counted(collection.outlets.len(), "outlet"))
}

/// The head of the page.
pub(super) fn head(sheet: &Sheet) -> Markup {
    let (title, extent) = (title(sheet), extent(sheet));
    html! {
        header #top {
            p.kicker { "Coverage report" @if title != extent { " · " (extent) } }
            h1 dir="auto" { (title) }
            (facts(sheet))
            (sampled(sheet))
            (left_out(sheet))
            (problems(sheet))
        }
    }
}

fn facts(sheet: &Sheet) -> Markup {
    let names: Vec<&str> = sheet.view.outlets().map(|outlet| sheet.view.outlet(outlet)).collect();
    html! {
        p.facts {
            @if let Some((first, last, undated)) = sheet.view.dates() {
                span { "Published " (days(first, last)) @if let Some(undated) = undated { " (" (undated) ")" } }
            }
            @if !names.is_empty() { span { bdi { (listed_few(&names, "outlet")) } } }
        }
        ul.numbers {
            @for (count, what, link) in found(sheet) { li { a href=(link) { strong { (number(count)) } " " (what) @if count != 1 { "s" } } } }
        }
    }
}

/// What was found, in numbers, each with its noun, which takes an s, and where it stands.
fn found(sheet: &Sheet) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    if let Some(themes) = &sheet.findings.themes {
        found.push((themes.themes.len(), "theme", "#themes"));
    }
    if let Some(coverage) = &sheet.findings.coverage {
        let differing: usize = coverage.groups.iter().map(|group| group.disagreements.len()).sum();
        found.push((coverage.groups.len(), "coverage group", "#coverage"));
        found.push((differing, "disagreement", "#coverage"));
        // By wording alone nobody knows what is exclusive.
        if coverage.by != By::Wording {
            found.push((coverage.exclusives.len(), "exclusive", "#only"));
        }
    }
    if let Some(quotations) = &sheet.findings.quotations {
        found.push((quotations.len(), "shared quotation", "#quotations"));
    }
    found.retain(|(count, _, _)| *count > 0);
    found
}

/// That not every paragraph is on the page.
fn sampled(sheet: &Sheet) -> Markup {
    html! {
        @if sheet.shown.is_sample() {
            p.note {
                (sample_note(sheet)) ": those that the findings below speak of, and an even spread of the others over themes and outlets. What is written below counts all; the map, filters and search have these."
            }
        }
    }
}

/// "This page holds 20,000 of 197,064 paragraphs".
pub(super) fn sample_note(sheet: &Sheet) -> String {
    let (shown, total) = (number(sheet.shown.rows.len()), counted(sheet.view.collection.len(), "paragraph"));
    format!("This page holds {shown} of {total}")
}

fn left_out(sheet: &Sheet) -> Markup {
    let reasons = sheet.view.left_out_by_reason();
    let told: Vec<String> =
        reasons.iter().map(|(reason, of)| format!("{} {}", clean(reason), number(of.len()))).collect();
    html! {
        @if !reasons.is_empty() {
            details.left-out {
                summary { "Left out " (counted(sheet.view.collection.left_out.len(), "paragraph")) ": " bdi { (told.join(", ")) } }
                @for (reason, paragraphs) in &reasons {
                    h2.small { bdi { (clean(reason)) } " " span.quiet { (counted(paragraphs.len(), "paragraph")) } }
                    ul { @for left_out in paragraphs.iter().take(caps::LEFT_OUT) { (left_out_item(sheet, left_out)) } }
                    (and_more(paragraphs.len(), caps::LEFT_OUT, "paragraph"))
                }
            }
        }
    }
}

fn left_out_item(sheet: &Sheet, left_out: &LeftOut) -> Markup {
    let paragraph = &left_out.paragraph;
    let outlet = sheet.view.collection.articles[paragraph.article].outlet;
    let text = beginning(&clean(&paragraph.text), LEFT_OUT_TEXT);
    html! { li { (sheet.outlet(outlet)) span.place { " ¶" (paragraph.place) } ": " bdi { (text) } } }
}

fn problems(sheet: &Sheet) -> Markup {
    let problems = &sheet.view.collection.problems;
    let lost = problems.iter().filter(|problem| problem.lost).count();
    let lost = if lost == 0 { "nothing was lost".to_owned() } else { format!("{} not read", counted(lost, "record")) };
    html! {
        @if !problems.is_empty() {
            details.problems {
                summary { (counted(problems.len(), "problem")) " in reading; " (lost) }
                ul { @for problem in problems.iter().take(caps::LEFT_OUT) { (problem_item(problem)) } }
                (and_more(problems.len(), caps::LEFT_OUT, "problem"))
            }
        }
    }
}

fn problem_item(problem: &Problem) -> Markup {
    html! {
        li { bdi { (clean(&problem.place.to_string())) } ": " bdi { (clean(&problem.what)) } @if problem.lost { span.quiet { " (not read)" } } }
    }
}
