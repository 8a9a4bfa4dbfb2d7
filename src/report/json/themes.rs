//! Themes as JSON.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::collection::Collection;
use crate::findings::Findings;
use crate::report::json::rounded;
use crate::report::view::tally;
use crate::theme::{Fit, Member, Origin, SubTheme, Theme, Themes};
use crate::theme_log::ThemeId;

/// The names of the themes each row is in; none where there are no themes.
pub(super) fn names_by_row(findings: &Findings) -> Option<Vec<Vec<&str>>> {
    let themes = findings.themes.as_ref()?;
    let mut names = vec![Vec::new(); findings.collection.len()];
    for theme in &themes.themes {
        for member in &theme.members {
            names[member.row].push(theme.name.as_str());
        }
    }
    Some(names)
}

#[derive(Serialize)]
pub(super) struct ThemesView<'a> {
    method: &'a str,
    list: Vec<ThemeView<'a>>,
    unassigned: &'a [usize],
}

impl<'a> ThemesView<'a> {
    pub(super) fn of(themes: &'a Themes, collection: &'a Collection) -> Self {
        Self {
            method: &themes.method,
            list: themes.themes.iter().map(|theme| ThemeView::of(theme, collection)).collect(),
            unassigned: &themes.unassigned,
        }
    }
}

#[derive(Serialize)]
struct ThemeView<'a> {
    id: Option<ThemeId>,
    name: &'a str,
    origin: Origin,
    description: Option<&'a str>,
    keywords: &'a [String],
    members: Vec<MemberView>,
    representative: Option<usize>,
    exemplars: &'a [usize],
    cohesion: f64,
    nearest: Option<NearView>,
    trust: Option<f64>,
    sub_themes: Vec<PartView<'a>>,
    outlets: Vec<OutletView<'a>>,
    dates: Vec<DateView>,
    fit: Option<FitView>,
}

impl<'a> ThemeView<'a> {
    fn of(theme: &'a Theme, collection: &'a Collection) -> Self {
        Self {
            id: theme.id,
            name: &theme.name,
            origin: theme.origin,
            description: theme.description.as_deref(),
            keywords: &theme.keywords,
            members: theme.members.iter().map(MemberView::of).collect(),
            representative: theme.representative,
            exemplars: &theme.exemplars,
            cohesion: rounded(theme.cohesion),
            nearest: theme.nearest.map(|near| NearView { theme: near.theme, cosine: rounded(near.cosine) }),
            trust: theme.trust.map(rounded),
            sub_themes: theme.parts.iter().map(PartView::of).collect(),
            outlets: outlets(theme, collection),
            dates: dates(theme, collection),
            fit: theme.fit.as_ref().map(FitView::of),
        }
    }
}

/// The outlets whose paragraphs are in a theme, most first, then by name.
fn outlets<'a>(theme: &Theme, collection: &'a Collection) -> Vec<OutletView<'a>> {
    let counts = tally(collection.outlets.len(), theme.members.iter().map(|member| collection.outlet_of(member.row)));
    let named = collection.outlets.iter().zip(counts).filter(|(_, count)| *count > 0);
    let mut views: Vec<OutletView<'a>> = named.map(|(name, paragraphs)| OutletView { name, paragraphs }).collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.paragraphs));
    views
}

/// The days on which a theme's paragraphs were published, ascending.
fn dates(theme: &Theme, collection: &Collection) -> Vec<DateView> {
    let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
    for date in theme.members.iter().filter_map(|member| collection.article_of(member.row).date) {
        *counts.entry(date).or_default() += 1;
    }
    counts.into_iter().map(|(date, paragraphs)| DateView { date: date.to_string(), paragraphs }).collect()
}

#[derive(Serialize)]
struct NearView {
    theme: usize,
    cosine: f64,
}

#[derive(Serialize)]
struct OutletView<'a> {
    name: &'a str,
    paragraphs: usize,
}

#[derive(Serialize)]
struct DateView {
    date: String,
    paragraphs: usize,
}

#[derive(Serialize)]
struct PartView<'a> {
    name: &'a str,
    keywords: &'a [String],
    members: Vec<MemberView>,
    trust: f64,
}

impl<'a> PartView<'a> {
    fn of(part: &'a SubTheme) -> Self {
        let members = part.members.iter().map(MemberView::of).collect();
        Self { name: &part.name, keywords: &part.keywords, members, trust: rounded(part.trust) }
    }
}

#[derive(Serialize)]
struct MemberView {
    row: usize,
    score: f64,
}

impl MemberView {
    fn of(member: &Member) -> Self {
        Self { row: member.row, score: rounded(member.score) }
    }
}

#[derive(Serialize)]
struct FitView {
    threshold: f64,
    given: bool,
    background: f64,
    counter: usize,
    absent: Option<AbsentView>,
    nearest_misses: Vec<MemberView>,
}

#[derive(Serialize)]
struct AbsentView {
    nearest: f64,
    unrelated: f64,
}

impl FitView {
    fn of(fit: &Fit) -> Self {
        Self {
            threshold: rounded(fit.threshold),
            given: fit.given,
            background: rounded(fit.background),
            counter: fit.counter,
            absent: fit
                .absent
                .map(|(nearest, unrelated)| AbsentView { nearest: rounded(nearest), unrelated: rounded(unrelated) }),
            nearest_misses: fit.nearest_misses.iter().map(MemberView::of).collect(),
        }
    }
}
