//! Coverage groups side by side: a reference passage, and beside it every other wording with the words that differ.
//!
//! Not here: how passages are compared word by word (`prose`).

use std::ops::Range;

use maud::{Markup, html};

use crate::coverage::{Coverage, Disagreement, Grade, Group, Pair, Passage, Reading};
use crate::report::clean::clean;
use crate::report::excerpt::joined;
use crate::report::html::caps;
use crate::report::html::prose::{Comparison, around, in_paragraph, marked};
use crate::report::html::sheet::{Sheet, and_more, outlets_attribute};
use crate::report::phrase::{counted, listed, listed_few, score};
use crate::report::sections::{MEANINGS, facts, first_dated, grades, origins, scope};

/// The share of words in common (Dice) from which differences are marked, and not what is shared.
const EDITED: f64 = 0.6;
/// Characters of context beside a fact.
const FACT_CONTEXT: usize = 90;

/// The section; absent where coverage was not asked for.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let Some(coverage) = &sheet.findings.coverage else { return html! {} };
    html! {
        section #coverage.filtered aria-labelledby="coverage-title" {
            h2 #coverage-title { "Same text, other outlets" }
            @if coverage.groups.is_empty() { p { (nothing(sheet)) } } @else { (legend(coverage)) }
            p.shown aria-live="polite" {}
            div.list data-page="20" {
                @for (at, group) in coverage.groups.iter().take(caps::GROUPS).enumerate() { (one(sheet, coverage, at, group)) }
            }
            (and_more(coverage.groups.len(), caps::GROUPS, "group"))
            (loose_pairs(sheet, coverage))
        }
    }
}

fn nothing(sheet: &Sheet) -> &'static str {
    match sheet.view.outlets_heard() {
        0 => "There are no paragraphs to compare.",
        1 => "All paragraphs come from one outlet, so there is nothing to compare.",
        _ => "No two outlets say the same thing.",
    }
}

/// How to read the marks, and the words used for grades and scopes.
fn legend(coverage: &Coverage) -> Markup {
    html! {
        p.lead {
            "Each group sets one reference passage, the first published or else the fullest, beside every other wording of it. "
            "Where most words agree, " ins { "words it alone has" } " and " del { "words of the reference it lacks" }
            " are marked; where the wording is its own, " mark.same { "words another outlet has too" } " are."
        }
        details.meanings {
            summary { "What the grades mean" }
            dl { @for (word, meaning) in MEANINGS { div { dt { (word) } dd { (meaning) } } } }
            p { (counted(coverage.pairs.len(), "near-duplicate pair")) " in all. Likeness is cosine and wording summed, 0 to 2; the probability that both say the same is the fitted pair score’s." }
        }
    }
}

fn one(sheet: &Sheet, coverage: &Coverage, at: usize, group: &Group) -> Markup {
    let id = format!("group-{}", at + 1);
    let outlets = sheet.outlets_of(group.passages.iter().map(|passage| passage.row));
    html! {
        article.group id=(id) data-rows=(sheet.rows_attribute(group.passages.iter().map(|passage| passage.row))) data-outlets=(outlets_attribute(&outlets)) {
            h3 { a.self href=(format!("#{id}")) { span.nth { (at + 1) } " " (counted(outlets.len(), "outlet")) } " " span.grade { (grades(coverage, group)) } }
            p.told { (told(sheet, group)) }
            (side_by_side(sheet, coverage, group))
            @for disagreement in &group.disagreements { (readings(sheet, disagreement)) }
        }
    }
}

/// Who was first, and of how many origins it is.
fn told(sheet: &Sheet, group: &Group) -> Markup {
    html! {
        @if let Some(first) = &group.first { span { bdi { (first_dated(&sheet.view, first)) } } }
        @if let Some(said) = origins(&sheet.view, group) { span { bdi { (said) } } }
    }
}

/// The passage the others are read against: of the day that was first, else of any, the longest.
pub(super) fn reference(sheet: &Sheet, group: &Group) -> usize {
    let is_first = |passage: &Passage| {
        let date = sheet.view.date(sheet.view.collection.paragraphs[passage.row].article);
        group.first.as_ref().is_some_and(|first| date == Some(first.date))
    };
    let of = |at: usize| (is_first(&group.passages[at]), group.passages[at].span.len(), std::cmp::Reverse(at));
    (0..group.passages.len()).max_by_key(|&at| of(at)).unwrap_or(0)
}

fn side_by_side(sheet: &Sheet, coverage: &Coverage, group: &Group) -> Markup {
    let reference = reference(sheet, group);
    let Some(passage) = group.passages.get(reference) else { return html! {} };
    let mut lots = lots(group);
    let own = lots.iter().position(|lot| lot.contains(&reference)).map_or_else(Vec::new, |at| lots.remove(at));
    let marks = shared(sheet, coverage, group, passage);
    let text = sheet.view.collection.text(passage.row);
    // Where all print one wording, a copy stands beside it: side by side is what the section is for.
    let beside = own.iter().copied().find(|&at| at != reference).filter(|_| lots.is_empty());
    let copied: Vec<usize> = own.into_iter().filter(|&at| Some(at) != beside).collect();
    html! {
        div.sides {
            div.reference {
                p.side { "Reference" }
                (version(sheet, passage, &marked(text, &passage.span, &marks, "same"), &html! {}))
                (copies(sheet, group, reference, &copied))
            }
            div.others {
                p.side { @if beside.is_some() { "The same text" } @else { "Other wordings" } }
                @for lot in beside.map(|at| vec![at]).iter().chain(&lots).take(caps::WORDINGS) {
                    (wording(sheet, coverage, (group, reference), lot))
                }
                (and_more(lots.len(), caps::WORDINGS, "wording"))
            }
        }
    }
}

/// Passages of one wording each; each by itself where that is not known.
fn lots(group: &Group) -> Vec<Vec<usize>> {
    if group.origins.lots.is_empty() {
        return (0..group.passages.len()).map(|at| vec![at]).collect();
    }
    group.origins.lots.clone()
}

/// One passage in its paragraph, with where it stands and what is remarked on it.
fn version(sheet: &Sheet, passage: &Passage, body: &Markup, remark: &Markup) -> Markup {
    let text = sheet.view.collection.text(passage.row);
    html! {
        div.version {
            p.by { (sheet.cite(passage.row)) " " (sheet.source(passage.row)) }
            p.passage dir="auto" { (in_paragraph(text, &passage.span, body)) }
            (remark)
        }
    }
}

/// Another wording: its longest passage against the reference, and who else prints it.
fn wording(sheet: &Sheet, coverage: &Coverage, (group, reference): (&Group, usize), lot: &[usize]) -> Markup {
    let Some(&at) = lot.iter().max_by_key(|&&at| (group.passages[at].span.len(), std::cmp::Reverse(at))) else {
        return html! {};
    };
    let passage = &group.passages[at];
    let remark =
        group.because.get(at).and_then(|&pair| coverage.pairs.get(pair)).map(|pair| reason(sheet, passage, pair));
    html! {
        (version(sheet, passage, &against(sheet, coverage, group, [reference, at]), &remark.unwrap_or_default()))
        (copies(sheet, group, at, lot))
    }
}

/// A passage's text beside the reference: edits where most of the words agree, else what is shared.
fn against(sheet: &Sheet, coverage: &Coverage, group: &Group, [reference, at]: [usize; 2]) -> Markup {
    let [old, new] = [reference, at].map(|at| passage_text(sheet, &group.passages[at]));
    let compared = Comparison::new(old, new);
    if compared.matched() >= EDITED {
        return compared.edits();
    }
    let passage = &group.passages[at];
    marked(sheet.view.collection.text(passage.row), &passage.span, &shared(sheet, coverage, group, passage), "same")
}

fn passage_text<'a>(sheet: &Sheet<'a>, passage: &Passage) -> &'a str {
    sheet.view.collection.text(passage.row).get(passage.span.clone()).unwrap_or_default()
}

/// Why a passage is in its group: "paraphrase, probability 0.83, of Herald ¶3; differs on a date".
fn reason(sheet: &Sheet, passage: &Passage, pair: &Pair) -> Markup {
    let other = if pair.left.row == passage.row { pair.right.row } else { pair.left.row };
    let mut kinds: Vec<_> = pair.differences.iter().map(|difference| difference.kind).collect();
    kinds.sort();
    kinds.dedup();
    let kinds: Vec<&str> = kinds.into_iter().map(facts).collect();
    html! {
        p.reason {
            (pair.grade.name()) " · " (scope(pair.scope)) " · with " (sheet.cite(other))
            // Of the same words, or of a part, it says nothing: it asks whether the whole says the same.
            @if !pair.scope.is_part() && pair.grade != Grade::Verbatim {
                " · likeness " (score(pair.likeness())) ", probability " (score(pair.probability))
            }
            @if !kinds.is_empty() { " · " strong.differs { "differs on " (listed(&kinds)) } }
        }
    }
}

/// The other passages of a wording, each with its own small differences.
fn copies(sheet: &Sheet, group: &Group, shown: usize, lot: &[usize]) -> Markup {
    let others: Vec<usize> = lot.iter().copied().filter(|&at| at != shown).collect();
    let outlets = sheet.outlets_of(others.iter().map(|&at| group.passages[at].row));
    let names: Vec<&str> = outlets.iter().map(|&outlet| sheet.view.outlet(outlet)).collect();
    html! {
        @if !others.is_empty() {
            details.copies {
                summary { "The same text in " bdi { (listed_few(&names, "outlet")) } @if others.len() > names.len() { " (" (counted(others.len(), "passage")) ")" } }
                ul { @for &at in others.iter().take(caps::COPIES) { (copy(sheet, group, [shown, at])) } }
                (and_more(others.len(), caps::COPIES, "passage"))
            }
        }
    }
}

fn copy(sheet: &Sheet, group: &Group, [shown, at]: [usize; 2]) -> Markup {
    let passage = &group.passages[at];
    let compared = Comparison::new(passage_text(sheet, &group.passages[shown]), passage_text(sheet, passage));
    let changed = compared.changed();
    html! {
        li {
            (sheet.cite(passage.row)) " " (sheet.source(passage.row))
            @if changed == 0 { " " span.quiet { "word for word" } }
            @else { " " span.quiet { (counted(changed, "word")) " changed" } p.passage dir="auto" { (compared.edits()) } }
        }
    }
}

/// What the pairs of a group show to be shared in a passage.
fn shared(sheet: &Sheet, coverage: &Coverage, group: &Group, passage: &Passage) -> Vec<Range<usize>> {
    let pairs = group.pairs.iter().filter_map(|&at| coverage.pairs.get(at));
    let spans = pairs.flat_map(|pair| {
        let (left, right) = (pair.left.row == passage.row, pair.right.row == passage.row);
        let of = move |(is, side): (bool, &Range<usize>)| is.then(|| side.clone());
        pair.shared.iter().filter_map(move |shared| of((left, &shared.left)).or_else(|| of((right, &shared.right))))
    });
    joined(sheet.view.collection.text(passage.row), &passage.span, spans.collect())
}

/// A fact that is given differently: who gives which value, and in which words.
fn readings(sheet: &Sheet, disagreement: &Disagreement) -> Markup {
    let listed = disagreement.readings.iter().take(caps::LEFT_OUT);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(format!("Given differently: {}", facts(disagreement.kind))) {
            table.readings {
                caption { "They differ on " (facts(disagreement.kind)) }
                thead { tr { th scope="col" { "Outlet" } th scope="col" { "Value" } th scope="col" { "In the text" } } }
                tbody { @for reading in listed { (reading_row(sheet, reading)) } }
            }
        }
        (and_more(disagreement.readings.len(), caps::LEFT_OUT, "reading"))
    }
}

fn reading_row(sheet: &Sheet, reading: &Reading) -> Markup {
    html! {
        tr {
            th scope="row" { (sheet.cite(reading.row)) }
            td { strong { bdi { (clean(&reading.value)) } } }
            td { (around(sheet.view.collection.text(reading.row), &reading.span, FACT_CONTEXT)) }
        }
    }
}

/// The pairs that are in no group.
pub(super) fn loose(coverage: &Coverage) -> Vec<&Pair> {
    let mut is_grouped = vec![false; coverage.pairs.len()];
    let grouped = coverage.groups.iter().flat_map(|group| &group.pairs);
    grouped.for_each(|&pair| is_grouped.iter_mut().skip(pair).take(1).for_each(|is| *is = true));
    coverage.pairs.iter().zip(is_grouped).filter(|(_, is)| !is).map(|(pair, _)| pair).collect()
}

fn loose_pairs(sheet: &Sheet, coverage: &Coverage) -> Markup {
    let loose = loose(coverage);
    html! {
        @if !loose.is_empty() {
            details.loose {
                summary { (counted(loose.len(), "pair")) " in no group" }
                p.quiet { "Two passages that say the same, while the other members of the group say something else." }
                div.list data-page="20" { @for pair in loose.iter().take(caps::PAIRS) { (loose_pair(sheet, pair)) } }
                (and_more(loose.len(), caps::PAIRS, "pair"))
            }
        }
    }
}

fn loose_pair(sheet: &Sheet, pair: &Pair) -> Markup {
    let rows = [pair.left.row, pair.right.row];
    let side = |passage: &Passage, spans: Vec<Range<usize>>| {
        let text = sheet.view.collection.text(passage.row);
        version(sheet, passage, &marked(text, &passage.span, &joined(text, &passage.span, spans), "same"), &html! {})
    };
    let left = side(&pair.left, pair.shared.iter().map(|shared| shared.left.clone()).collect());
    let right = side(&pair.right, pair.shared.iter().map(|shared| shared.right.clone()).collect());
    html! {
        article.pair data-rows=(sheet.rows_attribute(rows)) data-outlets=(outlets_attribute(&sheet.outlets_of(rows))) {
            div.sides { div.reference { (left) } div.others { (right) } }
            (reason(sheet, &pair.left, pair))
        }
    }
}
