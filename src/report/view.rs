//! A collection as a page speaks of it: labels of outlets, citations, counts.
//!
//! Not here: what findings say about it (`sections`).

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::article::{Article, OutletId};
use crate::collection::{Collection, LeftOut};
use crate::findings::Findings;
use crate::paragraph::Paragraph;
use crate::report::blocks::Rich;
use crate::report::clean::clean;
use crate::report::label::{clip, labels};
use crate::report::phrase::counted;

/// Days or months that a line of counts names at the most.
const PERIODS: usize = 12;

/// Columns that names may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Widths {
    /// An outlet's name in a citation or at the head of a row.
    pub(crate) outlet: usize,
    /// An outlet's name at the head of a column of figures.
    pub(crate) head: usize,
    /// An article's title in a citation.
    pub(crate) title: usize,
}

impl Widths {
    /// Nothing is shortened.
    pub(crate) const FULL: Self = Self { outlet: usize::MAX, head: usize::MAX, title: usize::MAX };
}

/// A collection and what its outlets are called on this page.
pub(crate) struct View<'a> {
    /// The collection.
    pub(crate) collection: &'a Collection,
    widths: Widths,
    outlets: Vec<String>,
    heads: Vec<String>,
    paragraphs: Vec<usize>,
    misdated: Vec<usize>,
}

impl<'a> View<'a> {
    /// The view of a collection, with names as wide as `widths` allows.
    pub(crate) fn new(collection: &'a Collection, widths: Widths) -> Self {
        let names: Vec<String> = collection.outlets.iter().map(|name| named(name)).collect();
        let paragraphs = tally(names.len(), collection.row_outlets());
        Self {
            collection,
            widths,
            outlets: labels(&names, widths.outlet),
            heads: labels(&names, widths.head),
            paragraphs,
            misdated: Vec::new(),
        }
    }

    /// The view of what findings are about: dates that they found cannot be true are none.
    pub(crate) fn of(findings: &'a Findings, widths: Widths) -> Self {
        let misdated = findings.coverage.as_ref().map_or_else(Vec::new, |coverage| coverage.misdated.clone());
        Self { misdated, ..Self::new(&findings.collection, widths) }
    }

    /// The outlets, in order.
    pub(crate) fn outlets(&self) -> impl Iterator<Item = OutletId> + use<> {
        (0..self.outlets.len() as u32).map(OutletId)
    }

    /// What an outlet is called.
    pub(crate) fn outlet(&self, outlet: OutletId) -> &str {
        &self.outlets[outlet.index()]
    }

    /// What an outlet is called above a column of figures.
    pub(crate) fn head(&self, outlet: OutletId) -> &str {
        &self.heads[outlet.index()]
    }

    /// Paragraphs of an outlet that take part.
    pub(crate) fn paragraphs_of(&self, outlet: OutletId) -> usize {
        self.paragraphs[outlet.index()]
    }

    /// The articles of an outlet, in reading order.
    pub(crate) fn articles_of(&self, outlet: OutletId) -> Vec<&'a Article> {
        self.collection.articles.iter().filter(|article| article.outlet == outlet).collect()
    }

    /// Outlets with at least one paragraph that takes part.
    pub(crate) fn outlets_heard(&self) -> usize {
        self.paragraphs.iter().filter(|&&count| count > 0).count()
    }

    /// How many of `rows` each outlet published.
    pub(crate) fn by_outlet(&self, rows: impl IntoIterator<Item = usize>) -> Vec<usize> {
        tally(self.outlets.len(), rows.into_iter().map(|row| self.collection.outlet_of(row)))
    }

    /// Where a row stands: outlet, paragraph and, where the outlet has several, the article.
    pub(crate) fn cite(&self, row: usize) -> Rich {
        self.cite_paragraph(&self.collection.paragraphs[row], "")
    }

    /// Where a paragraph stands, with a remark before the part that a narrow page may cut.
    pub(crate) fn cite_paragraph(&self, paragraph: &Paragraph, remark: &str) -> Rich {
        let article = &self.collection.articles[paragraph.article];
        let cite = Rich::default().strong(self.outlet(article.outlet)).quiet(&format!(" ¶{}", paragraph.place));
        let several = self.collection.articles.iter().filter(|other| other.outlet == article.outlet).nth(1).is_some();
        let which = if several { format!(" · {}", self.title(article)) } else { String::new() };
        cite.quiet(&format!("{remark}{which}"))
    }

    /// What an article is called: its title in quotes, else where it was found.
    pub(crate) fn title(&self, article: &Article) -> String {
        match &article.title {
            Some(title) => format!("“{}”", clip(&clean(title), self.widths.title)),
            None => clip(&clean(&article.place.to_string()), self.widths.title),
        }
    }

    /// The day an article was published, where it has one that can be true.
    pub(crate) fn date(&self, article: usize) -> Option<Date> {
        self.collection.articles[article].date.filter(|_| self.misdated.binary_search(&article).is_err())
    }

    /// First and last day of the articles that have one, and what is said of those that have none.
    pub(crate) fn dates(&self) -> Option<(Date, Date, Option<String>)> {
        let dates = || (0..self.collection.articles.len()).filter_map(|article| self.date(article));
        let undated = self.collection.articles.len() - dates().count();
        let what = if self.misdated.is_empty() { "without a date" } else { "without a date that can be true" };
        let said = (undated > 0).then(|| format!("{} {what}", counted(undated, "article")));
        Some((dates().min()?, dates().max()?, said))
    }

    /// How many of `rows` were published when: by day, month or year, whichever gives no more than [`PERIODS`]. None where their articles
    /// have fewer than two days.
    pub(crate) fn over_time(&self, rows: impl IntoIterator<Item = usize>) -> Option<Vec<(String, usize)>> {
        let articles = rows.into_iter().map(|row| self.collection.paragraphs[row].article);
        let dates: Vec<Date> = articles.filter_map(|article| self.date(article)).collect();
        if dates.iter().min() == dates.iter().max() {
            return None;
        }
        let by = |period: &str| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            dates.iter().for_each(|date| *counts.entry(date.strftime(period).to_string()).or_default() += 1);
            counts
        };
        let counts = ["%Y-%m-%d", "%Y-%m"].into_iter().map(by).find(|counts| counts.len() <= PERIODS);
        Some(counts.unwrap_or_else(|| by("%Y")).into_iter().collect())
    }

    /// Paragraphs left out for each reason, most first, then by reason.
    pub(crate) fn left_out_by_reason(&self) -> Vec<(&'a str, Vec<&'a LeftOut>)> {
        let mut reasons: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
        for left_out in &self.collection.left_out {
            reasons.entry(&left_out.reason).or_default().push(left_out);
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, paragraphs)| std::cmp::Reverse(paragraphs.len()));
        reasons
    }
}

/// How often each of so many outlets occurs.
pub(crate) fn tally(outlets: usize, found: impl IntoIterator<Item = OutletId>) -> Vec<usize> {
    let mut counts = vec![0; outlets];
    for outlet in found {
        counts[outlet.index()] += 1;
    }
    counts
}

fn named(name: &str) -> String {
    let name = clean(name).trim().to_owned();
    if name.is_empty() { "(no name)".to_owned() } else { name }
}
