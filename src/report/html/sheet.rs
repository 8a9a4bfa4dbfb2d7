//! What every section of the page reads, and the small pieces they share: citations, names, links, the rows of an item.
//!
//! Everything that comes from outside passes through here or [`clean`] once; maud escapes it. Not here: what is said.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::article::{Article, OutletId};
use crate::coverage::Passage;
use crate::findings::Findings;
use crate::report::clean::clean;
use crate::report::html::shown::Shown;
use crate::report::label::labels;
use crate::report::phrase::{counted, day};
use crate::report::view::{View, Widths};
use crate::theme::Theme;

/// Themes that have a colour of their own.
const COLOURS: usize = 10;

/// The findings as the page speaks of them.
pub(super) struct Sheet<'a> {
    pub(super) findings: &'a Findings,
    /// What the user calls the page.
    pub(super) title: Option<&'a str>,
    pub(super) view: View<'a>,
    pub(super) shown: &'a Shown,
    /// Names of the themes, cleaned and no two alike.
    pub(super) themes: Vec<String>,
    /// The theme each row fits best.
    pub(super) best: Vec<Option<usize>>,
    /// The place of each theme among the ten largest.
    colours: Vec<Option<usize>>,
    /// Articles of each outlet.
    articles: Vec<usize>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(findings: &'a Findings, shown: &'a Shown) -> Self {
        let collection = &findings.collection;
        let themes: &[Theme] = findings.themes.as_ref().map_or(&[], |themes| &themes.themes);
        let names: Vec<String> = themes.iter().map(|theme| clean(&theme.name)).collect();
        let best = findings.themes.as_ref().map(|themes| themes.best_of_rows(collection.len()));
        let view = View::of(findings, Widths::FULL);
        let articles = collection.articles.iter().map(|article| article.outlet);
        Self {
            findings,
            title: None,
            shown,
            themes: labels(&names, usize::MAX),
            best: best.unwrap_or_else(|| vec![None; collection.len()]),
            colours: colours(themes),
            articles: crate::report::view::tally(collection.outlets.len(), articles),
            view,
        }
    }

    /// The same under the user's title, if there is one.
    pub(super) fn headed(self, title: Option<&'a str>) -> Self {
        Self { title, ..self }
    }

    /// The themes found; none where they were not asked for.
    pub(super) fn found_themes(&self) -> &'a [Theme] {
        self.findings.themes.as_ref().map_or(&[], |themes| &themes.themes)
    }

    /// The colour of a theme: 0 to 9 for the ten largest, -1 for the others.
    pub(super) fn colour(&self, theme: usize) -> i32 {
        self.colours.get(theme).copied().flatten().map_or(-1, |colour| colour as i32)
    }

    /// The class that colours what belongs to a theme: `t0` to `t9`, `tx` for the others, `tn` for none.
    pub(super) fn theme_class(&self, theme: Option<usize>) -> String {
        match theme.map(|theme| self.colour(theme)) {
            None => "tn".to_owned(),
            Some(-1) => "tx".to_owned(),
            Some(colour) => format!("t{colour}"),
        }
    }

    /// The theme a row fits best, as a link to it; nothing where it is in none.
    pub(super) fn theme_of(&self, row: usize) -> Markup {
        html! { @if let Some(theme) = self.best[row] { (self.theme_link(theme)) } }
    }

    /// A theme's name with its colour, as a link to it.
    pub(super) fn theme_link(&self, theme: usize) -> Markup {
        let class = format!("chip {}", self.theme_class(Some(theme)));
        html! { a class=(class) href=(format!("#theme-{}", theme + 1)) { bdi { (self.themes[theme]) } } }
    }

    /// An outlet's name.
    pub(super) fn outlet(&self, outlet: OutletId) -> Markup {
        html! { bdi.outlet { (self.view.outlet(outlet)) } }
    }

    /// Where a row stands, as a link that opens it: "Herald ¶3".
    pub(super) fn cite(&self, row: usize) -> Markup {
        let outlet = self.outlet(self.view.collection.outlet_of(row));
        let place = self.view.collection.paragraphs[row].place;
        let inner = html! { (outlet) span.place { " ¶" (place) } };
        match self.shown.index(row) {
            Some(index) => html! { a.cite href=(format!("#p={index}")) { (inner) } },
            None => html! { span.cited { (inner) } },
        }
    }

    /// The article a row stands in: its date, and its title where the outlet has several, with where it can be read.
    pub(super) fn source(&self, row: usize) -> Markup {
        let article = self.view.collection.article_of(row);
        let several = self.articles[article.outlet.index()] > 1;
        let named = several || web_address(article).is_some();
        html! {
            span.source {
                @if let Some(date) = self.view.date(self.view.collection.paragraphs[row].article) { time datetime=(date) { (day(date)) } }
                @if named { " " (self.title(article)) }
            }
        }
    }

    /// An article's title, as a link where it has an address on the web.
    pub(super) fn title(&self, article: &Article) -> Markup {
        let title = self.view.title(article);
        match web_address(article) {
            Some(url) => html! { a.away href=(url) rel="noopener noreferrer nofollow" dir="auto" { (title) } },
            None => html! { bdi { (title) } },
        }
    }

    /// The text of a passage, cleaned.
    pub(super) fn text(&self, passage: &Passage) -> String {
        clean(self.view.collection.text(passage.row).get(passage.span.clone()).unwrap_or_default())
    }

    /// The outlets of rows, in order.
    pub(super) fn outlets_of(&self, rows: impl IntoIterator<Item = usize>) -> BTreeSet<OutletId> {
        rows.into_iter().map(|row| self.view.collection.outlet_of(row)).collect()
    }

    /// The indices of rows that are shown, apart by spaces: what filters read.
    pub(super) fn rows_attribute(&self, rows: impl IntoIterator<Item = usize>) -> String {
        let rows: BTreeSet<usize> = rows.into_iter().collect();
        spaced(self.shown.indices(rows))
    }
}

/// The positions of outlets, apart by spaces.
pub(super) fn outlets_attribute(outlets: &BTreeSet<OutletId>) -> String {
    spaced(outlets.iter().map(|outlet| outlet.0))
}

fn spaced(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// The ten largest themes by size, then position: for each theme its place among them.
fn colours(themes: &[Theme]) -> Vec<Option<usize>> {
    let mut by_size: Vec<usize> = (0..themes.len()).filter(|&at| !themes[at].members.is_empty()).collect();
    by_size.sort_by_key(|&at| (std::cmp::Reverse(themes[at].members.len()), at));
    let mut colours = vec![None; themes.len()];
    by_size.iter().take(COLOURS).enumerate().for_each(|(colour, &theme)| colours[theme] = Some(colour));
    colours
}

/// Where an article can be read on the web: no other kind of address is linked.
pub(super) fn web_address(article: &Article) -> Option<String> {
    let url = clean(article.url.as_deref()?.trim());
    let scheme = url.split_once("://")?.0.to_ascii_lowercase();
    (scheme == "http" || scheme == "https").then_some(url)
}

/// A part of a fragment, with all but letters, digits and `-._~` written as percent signs and numbers.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let of = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(of).collect()
}

/// How many more there are than are listed, and where they are.
pub(super) fn and_more(total: usize, listed: usize, noun: &str) -> Markup {
    let more = total.saturating_sub(listed);
    html! { @if more > 0 { p.cut { "… and " (counted(more, &format!("more {noun}"))) ", in the JSON output." } } }
}
