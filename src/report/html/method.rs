//! How the findings were made, so that they can be made again: versions, model, threshold, methods, inputs.

use maud::{Markup, html};

use crate::coverage::{By, Coverage, Passage, Threshold, ThresholdSource};
use crate::findings::{Findings, Run};
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::html::bars::tenths;
use crate::report::html::sheet::{Sheet, and_more};
use crate::report::html::{caps, head::sample_note};
use crate::report::phrase::{counted, fine_score, number, quoted, score};
use crate::report::sections::{HOW_MEASURED, threshold_said};
use crate::theme::Origin;

/// Characters shown of the passages closest to the threshold.
const CLOSEST: usize = 200;

/// The foot of the page.
pub(super) fn foot(sheet: &Sheet) -> Markup {
    html! {
        footer #method {
            h2 { "How this was made" }
            dl.method {
                (run(&sheet.findings.run))
                (themes(sheet))
                (map(sheet))
                (said("Shown", &format!("{}. Lists that are cut say so; the JSON output holds everything.", sample_note(sheet))))
            }
            @if let Some(coverage) = &sheet.findings.coverage { (threshold(sheet, coverage)) (misdated(sheet, coverage)) }
            (again(sheet))
        }
    }
}

fn said(what: &str, how: &str) -> Markup {
    html! { div { dt { (what) } dd { bdi { (clean(how)) } } } }
}

fn run(run: &Run) -> Markup {
    let reads =
        run.max_tokens.map_or("texts of any length".to_owned(), |most| format!("{} word pieces at once", number(most)));
    let model = match run.dim {
        0 => "none: by wording alone, nothing embedded".to_owned(),
        dim => format!("{} on {} in {}: {dim} dimensions, {reads}", run.model, run.device, run.precision),
    };
    html! {
        (said("Version", &format!("refrain {}", run.version)))
        (said("Model", &model))
        @if run.windowed > 0 {
            (said("Long paragraphs", &format!("{} longer than the model reads at once, embedded in windows", counted(run.windowed, "paragraph"))))
        }
        @if !run.inputs.is_empty() { (said("Read from", &run.inputs.join(", "))) }
    }
}

fn themes(sheet: &Sheet) -> Markup {
    html! {
        @if let Some(themes) = sheet.findings.themes.as_ref().filter(|themes| !themes.method.is_empty()) { (said("Themes", &themes.method)) }
    }
}

fn map(sheet: &Sheet) -> Markup {
    html! {
        @if let Some(map) = &sheet.findings.map {
            @let found = map.recall.map_or("the nearest are exact".to_owned(), |recall| format!("{} of the true nearest are among them", fine_score(recall)));
            (said("Map", &map.method))
            (said("Neighbours", &found))
        }
    }
}

fn threshold(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let threshold = &coverage.threshold;
    html! {
        h3 { "What counted as the same" }
        p { (threshold_said(coverage)) }
        @if coverage.by != By::Wording {
            details {
                summary { "How the threshold was set, and the pairs closest to it" }
                @if threshold.source != ThresholdSource::Given { p { (HOW_MEASURED) } }
                (histogram(threshold))
                (closest(sheet, coverage))
            }
        }
    }
}

/// The likeness of unrelated pairs in columns, with a line where the threshold is.
fn histogram(threshold: &Threshold) -> Markup {
    let counts = &threshold.histogram;
    let most = counts.iter().copied().max().unwrap_or(0);
    let width = 200.0 / counts.len().max(1) as f64;
    let height = |count: usize| 50.0 * count as f64 / most.max(1) as f64;
    let at = tenths((f64::from(threshold.value) * 100.0).clamp(0.0, 200.0));
    html! {
        @if most > 0 {
            figure.histogram {
                svg viewBox="0 0 200 62" role="img" aria-label=(format!("Likeness of {} unrelated pairs; the threshold is at {}", number(threshold.sampled), score(threshold.value))) {
                    @for (bin, &count) in counts.iter().enumerate() {
                        rect.unrelated x=(tenths(bin as f64 * width + 0.5)) y=(tenths(52.0 - height(count))) width=(tenths(width - 1.0)) height=(tenths(height(count))) {}
                    }
                    line.threshold x1=(at) x2=(at) y1="0" y2="54" {}
                    @for tick in [0, 1, 2] { text x=(tick * 96 + 2) y="61" { (tick) } }
                }
                figcaption { "Likeness (cosine plus wording) of unrelated pairs, and the threshold." }
            }
        }
    }
}

/// The closest pairs on both sides of the threshold.
fn closest(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let threshold = &coverage.threshold;
    let above = threshold.above.iter().rev().filter_map(|&at| coverage.pairs.get(at));
    let above = above.map(|pair| ("counted", pair.likeness(), [&pair.left, &pair.right]));
    let below = threshold.below.iter().map(|(left, right, likeness)| {
        let which = if *likeness >= threshold.value { "not likely the same" } else { "below" };
        (which, *likeness, [left, right])
    });
    let rows: Vec<_> = above.chain(below).collect();
    html! {
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Pairs closest to the threshold" {
                table.closest {
                    thead { tr { th scope="col" { "Side" } th scope="col" { "Likeness" } th scope="col" { "One passage" } th scope="col" { "The other" } } }
                    tbody {
                        @for (which, likeness, sides) in rows {
                            tr { th scope="row" { (which) } td.number { (score(likeness)) } @for side in sides { td { (passage(sheet, side)) } } }
                        }
                    }
                }
            }
        }
    }
}

fn passage(sheet: &Sheet, passage: &Passage) -> Markup {
    html! { (sheet.cite(passage.row)) ": " bdi { (beginning(&sheet.text(passage), CLOSEST)) } }
}

/// Articles whose date cannot be true.
fn misdated(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let articles = || coverage.misdated.iter().filter_map(|&at| sheet.view.collection.articles.get(at));
    html! {
        @if !coverage.misdated.is_empty() {
            details {
                summary { (counted(coverage.misdated.len(), "article")) " not counted for who was first: the date cannot be true" }
                ul {
                    @for article in articles().take(caps::LEFT_OUT) {
                        li { (sheet.outlet(article.outlet)) " " (sheet.title(article)) @if let Some(date) = article.date { " " time datetime=(date) { (date) } } }
                    }
                }
                (and_more(coverage.misdated.len(), caps::LEFT_OUT, "article"))
            }
        }
    }
}

/// The command that makes it again, as far as the findings tell.
fn again(sheet: &Sheet) -> Markup {
    let inputs: Vec<String> = sheet.findings.run.inputs.iter().map(|input| quoted(&clean(input))).collect();
    let seeded = sheet.found_themes().iter().any(|theme| theme.origin == Origin::Seeded);
    html! {
        @if !inputs.is_empty() {
            p { "Made again with" }
            pre { code { "refrain " (command(sheet.findings)) " " (inputs.join(" ")) (options(sheet)) " -o coverage.html" } }
            p.quiet { "and the same model and other options" @if seeded { ", among them the descriptions of the seeded themes" } ": the same version then gives the same bytes." }
        }
    }
}

/// The command whose findings these are.
fn command(findings: &Findings) -> &'static str {
    match (&findings.themes, &findings.coverage) {
        (Some(_), None) => "themes",
        (None, Some(_)) => "duplicates",
        _ => "report",
    }
}

/// The options that the coverage tells of.
fn options(sheet: &Sheet) -> String {
    let Some(coverage) = &sheet.findings.coverage else { return String::new() };
    let by = match coverage.by {
        By::Statements => "",
        By::Paragraphs => " --by paragraphs",
        By::Wording => " --by wording",
    };
    let threshold = &coverage.threshold;
    let given = threshold.source == ThresholdSource::Given;
    let threshold = if given { format!(" --threshold {}", threshold.value) } else { String::new() };
    let today = coverage.today.map_or_else(String::new, |day| format!(" --today {day}"));
    format!("{by}{threshold}{today}")
}
