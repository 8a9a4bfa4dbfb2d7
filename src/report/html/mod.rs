//! Findings as one self-contained HTML page that opens anywhere: no network, no other file, from a `file://` path.
//!
//! Everything is written here, so that it can be read, printed and searched without a script. The script of `page/` adds
//! what needs one (the map, filters, search, neighbours, downloads) from the data that [`data`] puts into the page.
//! Text is not trusted: `clean` takes out what hides or reorders, maud escapes, and the page's own policy refuses
//! every script and style but the two that it was built with.

mod bars;
mod caps;
mod data;
mod figure;
mod finds;
mod groups;
mod head;
mod method;
mod only;
mod overlap;
mod overview;
mod prose;
mod quotations;
mod sheet;
mod shown;
mod themes;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::findings::Findings;
use sheet::Sheet;
use shown::Shown;

/// The script, as `page/build.mjs` bundles it.
const SCRIPT: &str = include_str!("built/page.js");
/// The style sheet, likewise.
const STYLE: &str = include_str!("built/page.css");
/// SHA-256 of both, in base64, as the policy names them: the script's, then the style sheet's.
const HASHES: &str = include_str!("built/hashes.txt");

/// Writes the findings as an HTML page, headed by `title` or else by how much it is about. Same findings, same bytes.
///
/// # Errors
/// Those of `out`.
pub fn html(findings: &Findings, title: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let shown = Shown::of(findings);
    out.write_all(page(&Sheet::new(findings, &shown).headed(title))?.into_string().as_bytes())
}

fn page(sheet: &Sheet) -> io::Result<Markup> {
    let data = data::json(sheet)?;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(format!("refrain {}", sheet.findings.run.version));
                title { (head::title(sheet)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the findings" }
                (head::head(sheet))
                (body(sheet))
                (method::foot(sheet))
                script #data type="application/json" { (PreEscaped(data)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    })
}

/// The sections in order, and the links to them.
fn body(sheet: &Sheet) -> Markup {
    let sections = [
        ("findings", "Most worth reading", finds::section(sheet)),
        ("themes-overview", "Themes by size", overview::section(sheet)),
        ("themes", "Themes", themes::section(sheet)),
        ("coverage", "Same text", groups::section(sheet)),
        ("overlap", "Overlap", overlap::section(sheet)),
        ("only", "Only here", only::section(sheet)),
        ("quotations", "Quotations", quotations::section(sheet)),
    ];
    let held = || sections.iter().filter(|(_, _, section)| !section.0.is_empty());
    html! {
        nav aria-label="Sections" {
            ul {
                @for (id, name, _) in held() { li { a href=(format!("#{id}")) { (name) } } }
                li.scripted { a href="#map" { "Map" } }
                li.scripted { a href="#paragraphs" { "Search" } }
                li { a href="#method" { "Method" } }
            }
        }
        main #main {
            @for (id, _, section) in held() {
                @if *id == "themes" { (explored()) }
                (section)
            }
            @if sheet.findings.themes.is_none() { (explored()) }
            section #paragraphs hidden aria-labelledby="paragraphs-title" { h2 #paragraphs-title { "Paragraphs" } }
        }
    }
}

/// What the script fills: the filters, and the map that they stand above.
fn explored() -> Markup {
    html! {
        section #filters hidden aria-label="Filters" {}
        section #map hidden aria-labelledby="map-title" { h2 #map-title { "Theme map" } }
    }
}

/// What the page may do: run its own script and style, and show pictures that it draws itself.
fn policy() -> String {
    let mut hashes = HASHES.split_whitespace();
    let (script, style) = (hashes.next().unwrap_or_default(), hashes.next().unwrap_or_default());
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
}
