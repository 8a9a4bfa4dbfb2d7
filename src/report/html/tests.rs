//! The page as a browser reads it: parsed, and held to what it promises. Hostile text in every place that text comes from outside.

use std::collections::BTreeSet;

use dom_query::Document;
use proptest::prelude::*;

use super::*;
use crate::report::clean::clean;
use crate::report::label::labels;
use crate::report::sample;

/// What means harm in an element, an attribute, a script element or a line.
const HARM: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover='x' ]]> <!-- \u{202e}evil \0 \u{2028}&lt; {{x}}";

fn written(findings: &Findings) -> String {
    let mut out = Vec::new();
    html(findings, None, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn attributes(page: &Document, selector: &str, name: &str) -> Vec<String> {
    page.select(selector).iter().filter_map(|found| found.attr(name)).map(|value| value.to_string()).collect()
}

/// The sample with `text` in every place that text comes from outside.
fn with_text(text: &str) -> Findings {
    let mut findings = sample::findings();
    let collection = &mut findings.collection;
    collection.outlets.iter_mut().for_each(|outlet| *outlet = format!("{text}{outlet}"));
    for article in &mut collection.articles {
        article.id = text.into();
        article.title = Some(text.into());
        article.url = Some(format!("javascript:{text}"));
        article.place.file = text.into();
    }
    // Behind the text: the spans of passages hold.
    collection.paragraphs.iter_mut().for_each(|paragraph| paragraph.text.push_str(text));
    for left_out in &mut collection.left_out {
        left_out.reason = text.into();
        left_out.paragraph.text = text.into();
    }
    for problem in &mut collection.problems {
        problem.what = text.into();
        problem.place.file = text.into();
    }
    let themes = findings.themes.as_mut().unwrap();
    themes.method = text.into();
    for (at, theme) in themes.themes.iter_mut().enumerate() {
        theme.name = format!("{text} {at}");
        theme.keywords = vec![text.into()];
        theme.description = Some(text.into());
        theme.parts.iter_mut().for_each(|part| part.name = text.into());
    }
    let readings = findings.coverage.as_mut().unwrap().groups.iter_mut().flat_map(|group| &mut group.disagreements);
    readings.for_each(|one| one.readings.iter_mut().for_each(|reading| reading.value = text.into()));
    let members = findings.quotations.as_mut().unwrap().iter_mut().flat_map(|quotation| &mut quotation.members);
    members.filter_map(|member| member.speaker.as_mut()).for_each(|speaker| speaker.name = text.into());
    findings.run.inputs = vec![text.into()];
    findings.run.model = text.into();
    findings
}

/// The names of all elements, each with the names of its attributes.
fn shape(page: &Document) -> Vec<(String, BTreeSet<String>)> {
    let of = |element: dom_query::Selection| {
        let names = element.attrs().iter().map(|attribute| attribute.name.local.to_string()).collect();
        (element.nodes()[0].node_name().unwrap_or_default().to_string(), names)
    };
    page.select("*").iter().map(of).collect()
}

#[test]
fn hostile_text_adds_no_element_and_no_attribute() {
    let plain = Document::from(written(&with_text("plain")));
    let hostile = Document::from(written(&with_text(HARM)));
    assert_eq!(shape(&hostile), shape(&plain));
    let scripts = attributes(&hostile, "script", "type");
    assert_eq!((hostile.select("script").length(), scripts.as_slice()), (2, &["application/json".to_owned()][..]));
    let (on, style) = ("on", "style".to_owned());
    let names: BTreeSet<String> = shape(&hostile).into_iter().flat_map(|(_, names)| names).collect();
    assert!(!names.iter().any(|name| name.starts_with(on) || *name == style), "{names:?}");
}

#[test]
fn nothing_hidden_or_reordering_is_left_in_the_page() {
    let page = written(&with_text(HARM));
    assert!(page.chars().all(|c| c == '\n' || !(c.is_control() || crate::report::is_hidden(c) || c == '\u{2028}')));
}

#[test]
fn the_data_are_the_same_text() {
    let findings = with_text(HARM);
    let page = written(&findings);
    let data = data(&page);
    let text = &findings.collection.paragraphs[4].text;
    assert_eq!(data["paragraphs"]["text"][4], clean(text));
    assert_eq!(data["articles"][0]["title"], clean(HARM));
    let names: Vec<String> = findings.themes.unwrap().themes.iter().map(|theme| clean(&theme.name)).collect();
    assert_eq!(data["themes"][0]["name"], labels(&names, usize::MAX)[0]);
    assert_eq!(data["articles"][0]["url"], serde_json::Value::Null, "only the web is linked");
}

fn data(page: &str) -> serde_json::Value {
    let element = "<script id=\"data\" type=\"application/json\">";
    let json = page.split_once(element).and_then(|(_, rest)| rest.split_once("</script>")).unwrap().0;
    assert!(!json.contains(['<', '>', '&']));
    serde_json::from_str(json).unwrap()
}

#[test]
fn links_lead_out_only_to_the_web() {
    let mut findings = sample::findings();
    for (article, url) in
        findings.collection.articles.iter_mut().zip(["JAVASCRIPT://x", "data:text/html,x", "HTTPS://a.example/\"x"])
    {
        article.url = Some(url.into());
    }
    let page = Document::from(written(&findings));
    let links = attributes(&page, "a", "href");
    let away: BTreeSet<&str> = links.iter().filter(|link| !link.starts_with('#')).map(String::as_str).collect();
    assert!(away.iter().all(|link| link.to_ascii_lowercase().starts_with("http")), "{away:?}");
    let rel = attributes(&page, "a:not([href^='#'])", "rel");
    assert!(rel.iter().all(|rel| rel == "noopener noreferrer nofollow"));
}

#[test]
fn fragments_lead_to_items_of_the_page_and_ids_are_unique() {
    for findings in [sample::findings(), with_text(HARM), sample::nothing()] {
        let page = Document::from(written(&findings));
        let ids = attributes(&page, "[id]", "id");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len());
        for link in attributes(&page, "a[href^='#']", "href") {
            let target = &link[1..];
            let known = unique.contains(&target.to_owned());
            assert!(known || target.contains('='), "{link}");
        }
        for name in ["aria-labelledby", "aria-describedby"] {
            assert!(attributes(&page, &format!("[{name}]"), name).iter().all(|id| unique.contains(id)));
        }
    }
}

#[test]
fn rows_and_paragraphs_that_are_named_are_in_the_data() {
    let page = written(&sample::findings());
    let shown = data(&page)["paragraphs"]["row"].as_array().unwrap().len();
    let page = Document::from(page);
    let cites = attributes(&page, "a.cite", "href").into_iter().map(|link| link["#p=".len()..].to_owned());
    let rows = attributes(&page, "[data-rows]", "data-rows").join(" ");
    let named: Vec<usize> =
        cites.chain(rows.split_whitespace().map(str::to_owned)).map(|at| at.parse().unwrap()).collect();
    assert!(named.len() > 20 && named.iter().all(|&at| at < shown));
    let outlets = attributes(&page, "[data-outlets]", "data-outlets").join(" ");
    assert!(outlets.split_whitespace().all(|at| at.parse::<usize>().unwrap() < 3));
}

#[test]
fn headings_step_down_one_at_a_time_and_tables_have_heads() {
    let page = Document::from(written(&sample::findings()));
    let level = |heading: dom_query::Selection| heading.nodes()[0].node_name().unwrap()[1..].parse::<u8>().unwrap();
    let levels: Vec<u8> = page.select("h1,h2,h3,h4,h5").iter().map(level).collect();
    assert_eq!(levels.iter().filter(|&&level| level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    for table in page.select("table").iter() {
        assert!(
            table.select("thead th[scope=col]").exists() && table.select("tbody th[scope=row]").exists(),
            "{}",
            table.html()
        );
    }
}

#[test]
fn every_section_stands_in_order() {
    let page = Document::from(written(&sample::findings()));
    let ids = attributes(&page, "main > section", "id");
    let order = [
        "findings",
        "themes-overview",
        "filters",
        "map",
        "themes",
        "coverage",
        "overlap",
        "only",
        "quotations",
        "paragraphs",
    ];
    assert_eq!(ids, order);
    let text = page.select("main").text().to_string();
    for said in ["2 origins by wording", "said by Sam Altman", "Not in this corpus", "sub-theme", "No figures differ"] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn what_was_not_asked_for_is_absent() {
    let page = written(&Findings { coverage: None, quotations: None, map: None, ..sample::findings() });
    assert!(!page.contains("id=\"coverage\"") && page.contains("id=\"themes\"") && page.contains("id=\"map\""));
    let page = written(&Findings { themes: None, ..sample::findings() });
    assert!(page.contains("id=\"coverage\"") && !page.contains("id=\"themes\"") && page.contains("id=\"map\""));
}

#[test]
fn the_same_findings_are_the_same_bytes() {
    assert_eq!(written(&sample::findings()), written(&sample::findings()));
}

#[cfg(feature = "hub")]
#[test]
fn the_policy_names_the_script_and_the_style_that_the_page_has() {
    // In base64 by the padded alphabet of RFC 4648, as the policy's own grammar wants it.
    let base64 = |bytes: &[u8]| {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digits = |part: &[u8]| {
            let bits = part.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
            let digit = |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
            (0..4).map(|at| if at <= part.len() { digit(at) } else { '=' }).collect::<String>()
        };
        bytes.chunks(3).map(digits).collect::<String>()
    };
    let hashed = |text: &str| base64(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    assert_eq!(HASHES.split_whitespace().collect::<Vec<_>>(), [hashed(SCRIPT), hashed(STYLE)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_text_adds_an_element_or_an_attribute(text in "\\PC{0,12}|[<>&\"'/a-z!=\\-\\x00-\\x20\\u{202a}-\\u{202e}]{0,24}") {
        let plain = Document::from(written(&with_text("plain")));
        let page = Document::from(written(&with_text(&text)));
        let names = |page: &Document| shape(page).into_iter().filter(|(name, _)| matches!(name.as_str(), "script" | "style" | "table" | "article" | "section" | "svg")).count();
        prop_assert_eq!(names(&page), names(&plain));
        data(&written(&with_text(&text)));
    }
}

#[test]
fn the_user_s_title_heads_the_page_and_is_text() {
    let mut out = Vec::new();
    html(&sample::findings(), Some("The <b>deal</b>"), &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(
        page.contains("<title>The &lt;b&gt;deal&lt;/b&gt;</title>")
            && page.contains(">The &lt;b&gt;deal&lt;/b&gt;</h1>")
    );
    assert!(page.contains("Coverage report · 11 paragraphs of "), "how much it is about is still said");
}

#[test]
fn a_sample_begins_with_all_that_the_page_lists() {
    let findings = sample::findings();
    let page = Document::from(written(&findings));
    let listed: BTreeSet<usize> = attributes(&page, "[data-rows]", "data-rows")
        .iter()
        .flat_map(|rows| rows.split(' ').map(|row| row.parse().unwrap()).collect::<Vec<_>>())
        .collect();
    let spoken: BTreeSet<usize> = shown::spoken_of(&findings).into_iter().collect();
    assert!(!listed.is_empty() && listed.is_subset(&spoken), "{listed:?} {spoken:?}");
}

#[test]
fn what_was_said_on_other_days_or_is_hardly_the_same_is_no_disagreement_worth_reading() {
    let mut findings = sample::findings();
    assert!(written(&findings).contains("Sharpest disagreement"));
    for pair in &mut findings.coverage.as_mut().unwrap().pairs {
        pair.probability = 0.3;
    }
    assert!(!written(&findings).contains("Sharpest disagreement"));
    let mut findings = sample::findings();
    for (at, article) in findings.collection.articles.iter_mut().enumerate() {
        article.date = Some(jiff::civil::date(2001 + i16::try_from(at).unwrap(), 1, 1));
    }
    findings.coverage.as_mut().unwrap().misdated.clear();
    assert!(!written(&findings).contains("Sharpest disagreement"));
}
