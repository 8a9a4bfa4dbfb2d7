//! Themes as JSON.

use serde::Serialize;

use crate::findings::Findings;
use crate::report::json::rounded;
use crate::theme::{Fit, Member, Origin, Theme, Themes};

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
    pub(super) fn of(themes: &'a Themes) -> Self {
        Self {
            method: &themes.method,
            list: themes.themes.iter().map(ThemeView::of).collect(),
            unassigned: &themes.unassigned,
        }
    }
}

#[derive(Serialize)]
struct ThemeView<'a> {
    name: &'a str,
    origin: Origin,
    description: Option<&'a str>,
    keywords: &'a [String],
    members: Vec<MemberView>,
    representative: Option<usize>,
    cohesion: f64,
    fit: Option<FitView>,
}

impl<'a> ThemeView<'a> {
    fn of(theme: &'a Theme) -> Self {
        Self {
            name: &theme.name,
            origin: theme.origin,
            description: theme.description.as_deref(),
            keywords: &theme.keywords,
            members: theme.members.iter().map(MemberView::of).collect(),
            representative: theme.representative,
            cohesion: rounded(theme.cohesion),
            fit: theme.fit.as_ref().map(FitView::of),
        }
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
    nearest_misses: Vec<MemberView>,
}

impl FitView {
    fn of(fit: &Fit) -> Self {
        Self {
            threshold: rounded(fit.threshold),
            given: fit.given,
            background: rounded(fit.background),
            nearest_misses: fit.nearest_misses.iter().map(MemberView::of).collect(),
        }
    }
}
