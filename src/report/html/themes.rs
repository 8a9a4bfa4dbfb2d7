//! The themes one by one: what each is about, how sure it is, who writes of it and when, and the paragraphs that stand for it.

use maud::{Markup, html};

use crate::article::OutletId;
use crate::report::clean::clean;
use crate::report::excerpt::beginning;
use crate::report::html::bars::{bar, columns};
use crate::report::html::caps;
use crate::report::html::overview::badge;
use crate::report::html::sheet::{Sheet, encoded};
use crate::report::phrase::{counted, number, score};
use crate::report::sections::{LEGEND, PLAIN, fit_line};
use crate::theme::{Member, SubTheme, Theme};

/// Characters shown of the paragraph that stands for a theme.
const REPRESENTATIVE: usize = 520;
/// Characters shown of its other paragraphs.
const MEMBER: usize = 320;

/// The section; absent where themes were not asked for.
pub(super) fn section(sheet: &Sheet) -> Markup {
    let Some(themes) = &sheet.findings.themes else { return html! {} };
    let legend = if themes.themes.iter().any(|theme| theme.trust.is_some()) { LEGEND } else { PLAIN };
    html! {
        section #themes.filtered aria-labelledby="themes-title" {
            h2 #themes-title { "Themes" }
            @if themes.themes.is_empty() { p { "No themes: no paragraphs belong together." } }
            @else { p.lead { (legend) } }
            p.shown aria-live="polite" {}
            div.list data-page="20" { @for at in 0..themes.themes.len() { (one(sheet, at)) } }
        }
    }
}

fn one(sheet: &Sheet, at: usize) -> Markup {
    let theme = &sheet.found_themes()[at];
    let id = format!("theme-{}", at + 1);
    let class = format!("theme {}", sheet.theme_class(Some(at)));
    html! {
        article id=(id) class=(class) data-theme=(at) aria-labelledby=(format!("{id}-name")) {
            h3 id=(format!("{id}-name")) { a.self href=(format!("#{id}")) { bdi { (sheet.themes[at]) } } (badge(theme)) }
            @if let Some(description) = &theme.description { p.described { "Described as: " bdi { (clean(description)) } } }
            @if !theme.keywords.is_empty() { (keywords(&theme.keywords)) }
            (numbers(sheet, theme))
            div.split {
                div { (standing(sheet, theme)) (all_link(sheet, at)) (parts(sheet, theme)) }
                div.aside { (outlets(sheet, theme, &sheet.theme_class(Some(at)))) (over_time(sheet, at)) }
            }
        }
    }
}

fn keywords(keywords: &[String]) -> Markup {
    html! { ul.keywords aria-label="Keywords" { @for word in keywords { li { bdi { (clean(word)) } } } } }
}

fn numbers(sheet: &Sheet, theme: &Theme) -> Markup {
    let size = theme.members.len();
    html! {
        dl.measures {
            @if let Some(id) = theme.id { div { dt { "Id" } dd { (id.to_string()) } } }
            div { dt { "Size" } dd { (counted(size, "paragraph")) } }
            @if size > 1 { div { dt { "Cohesion" } dd { (score(theme.cohesion)) } } }
            @if let Some(trust) = theme.trust { div { dt { "Trust" } dd { (score(trust)) " " span.quiet { (trusted(trust)) } } } }
            @if let Some(near) = theme.nearest.filter(|_| size > 1) {
                div { dt { "Nearest theme" } dd { (sheet.theme_link(near.theme)) " " (score(near.cosine)) } }
            }
        }
        @if let Some(fit) = &theme.fit { p.quiet { bdi { (clean(&fit_line(&sheet.view, theme, fit))) } } }
    }
}

/// A trust figure in a word.
fn trusted(trust: f32) -> &'static str {
    match trust {
        trust if trust >= 0.75 => "firm",
        trust if trust >= 0.5 => "fair",
        _ => "soft border",
    }
}

/// The paragraphs that stand for a theme, or of an empty one its nearest misses.
fn standing(sheet: &Sheet, theme: &Theme) -> Markup {
    let (members, misses) = listed(theme);
    let quoted = |members: &[Member]| {
        html! { @for (at, member) in members.iter().enumerate() { (quote(sheet, member, if at == 0 { REPRESENTATIVE } else { MEMBER })) } }
    };
    html! {
        @if theme.members.is_empty() { p { "No paragraph fits." @if !misses.is_empty() { " The nearest misses:" } } (quoted(&misses)) }
        @else {
            (quoted(&members))
            @if !misses.is_empty() {
                details { summary { "Nearest misses" } @for member in &misses { (quote(sheet, member, MEMBER)) } }
            }
        }
    }
}

/// The members of a theme that the page sets out, and the nearest misses.
pub(super) fn listed(theme: &Theme) -> (Vec<Member>, Vec<Member>) {
    let mut members = representative_first(theme);
    members.truncate(caps::STANDING);
    let misses = theme.fit.iter().flat_map(|fit| &fit.nearest_misses).take(caps::STANDING).copied().collect();
    (members, misses)
}

/// The representative, then what spans the theme, then the others as they fit.
fn representative_first(theme: &Theme) -> Vec<Member> {
    let place = |row: usize| theme.exemplars.iter().position(|&other| other == row);
    let mut members = theme.members.clone();
    members.sort_by_key(|member| match place(member.row) {
        _ if Some(member.row) == theme.representative => 0,
        Some(at) => at + 1,
        None => usize::MAX,
    });
    members
}

fn quote(sheet: &Sheet, member: &Member, most: usize) -> Markup {
    let text = beginning(&clean(sheet.view.collection.text(member.row)), most);
    html! {
        figure {
            blockquote dir="auto" { (text) }
            figcaption { (sheet.cite(member.row)) " " (sheet.source(member.row)) " " span.fit title="how well it fits" { (score(member.score)) } }
        }
    }
}

/// Where all of its paragraphs are: in the browser of paragraphs, which the script makes.
fn all_link(sheet: &Sheet, at: usize) -> Markup {
    let size = sheet.found_themes()[at].members.len();
    let link = format!("#theme={}&at=paragraphs", encoded(&sheet.themes[at]));
    html! { @if size > caps::STANDING { p.scripted { a href=(link) { "All " (counted(size, "paragraph")) } } } }
}

fn parts(sheet: &Sheet, theme: &Theme) -> Markup {
    html! {
        @if !theme.parts.is_empty() {
            details.parts {
                summary { (counted(theme.parts.len(), "sub-theme")) }
                @for part in &theme.parts { (sub_theme(sheet, part)) }
            }
        }
    }
}

fn sub_theme(sheet: &Sheet, part: &SubTheme) -> Markup {
    html! {
        h4 { bdi { (clean(&part.name)) } }
        p.quiet { (counted(part.members.len(), "paragraph")) " · trust " (score(part.trust)) " " (trusted(part.trust)) }
        @if !part.keywords.is_empty() { (keywords(&part.keywords)) }
        @for member in part.members.iter().take(1) { (quote(sheet, member, MEMBER)) }
    }
}

/// Its outlets, most paragraphs first.
fn outlets(sheet: &Sheet, theme: &Theme, class: &str) -> Markup {
    let counts = sheet.view.by_outlet(theme.members.iter().map(|member| member.row));
    let mut of: Vec<(OutletId, usize)> = sheet.view.outlets().zip(counts).filter(|(_, count)| *count > 0).collect();
    of.sort_by_key(|&(outlet, count)| (std::cmp::Reverse(count), outlet));
    let most = of.first().map_or(1, |(_, count)| *count);
    html! {
        @if !of.is_empty() {
            table.tally {
                caption { "By outlet" }
                thead.unseen { tr { th scope="col" { "Outlet" } th scope="col" { "Share" } th scope="col" { "Paragraphs" } } }
                tbody {
                    @for &(outlet, count) in of.iter().take(caps::COLUMNS) {
                        tr { th scope="row" { (sheet.outlet(outlet)) } td.bars { (bar(count as f64 / most as f64, class)) } td.number { (number(count)) } }
                    }
                }
            }
            @if of.len() > caps::COLUMNS { p.quiet { "and " (counted(of.len() - caps::COLUMNS, "more outlet")) } }
        }
    }
}

fn over_time(sheet: &Sheet, at: usize) -> Markup {
    let members = sheet.found_themes()[at].members.iter().map(|member| member.row);
    let Some(when) = sheet.view.over_time(members) else { return html! {} };
    let last = when.len() - 1;
    let told: Vec<String> = when.iter().map(|(when, count)| format!("{when}: {count}")).collect();
    html! {
        figure.when {
            figcaption { "Over time" }
            (columns(&when, &sheet.theme_class(Some(at))))
            p.ends aria-hidden="true" { span { (when[0].0) } span { (when[last].0) } }
            p.unseen { (told.join(", ")) }
        }
    }
}
