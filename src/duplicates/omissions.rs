//! Omissions: what several outlets carry and another lacks that wrote of the same story.
//!
//! An outlet lacks most of what there is because it wrote of other things, or earlier. So only those are asked that surely
//! share something else with the articles in question, in an article of the same days, and whose paragraphs come nowhere near. Not here: who carries what (`standing`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::material::Material;
use super::pairs::{Compared, LIKELY};
use crate::article::OutletId;
use crate::coverage::{Group, Omission, Pair};

/// Outlets that usually must carry something: two may have one source by chance.
const USUAL: usize = 3;
/// An outlet that writes so many days after the others has had its chance.
const LATER: i64 = 3;

/// How many outlets must carry something for its lack to be told, unless the user says.
pub(super) fn usual(material: &Material) -> usize {
    let outlets: BTreeSet<OutletId> = material.outlets().iter().copied().collect();
    USUAL.min(outlets.len().saturating_sub(1)).max(2)
}

/// Groups of at least `from` outlets with the outlets that lack them, by group. What reaches a likeness of `near` to one of
/// the group's paragraphs is not lacking.
pub(super) fn omissions(
    material: &Material,
    (pairs, groups): (&[Pair], &[Group]),
    compared: &[Compared],
    (from, near): (usize, f32),
) -> Vec<Omission> {
    let stories = stories(material, pairs);
    let close = close(material, compared, near);
    let lacking = |(group, found): (usize, &Group)| {
        let rows = || found.passages.iter().map(|passage| passage.row);
        let carrying: BTreeSet<OutletId> = rows().map(|row| material.outlets()[row]).collect();
        if carrying.len() < from {
            return None;
        }
        let having: BTreeSet<OutletId> = rows().filter_map(|row| close.get(&row)).flatten().copied().collect();
        let articles: BTreeSet<usize> = rows().map(|row| material.article(row)).collect();
        let days: BTreeSet<Date> = articles.iter().filter_map(|&article| date(material, article)).collect();
        let in_time = |&&(_, article): &&(OutletId, usize)| match (date(material, article), days.first(), days.last()) {
            (Some(day), Some(&first), Some(&last)) => {
                day >= first && last.checked_add(LATER.days()).map_or(true, |latest| day <= latest)
            }
            _ => true,
        };
        let linked = articles.iter().filter_map(|article| stories.get(article)).flatten();
        let asked: BTreeSet<OutletId> = linked.filter(in_time).map(|&(outlet, _)| outlet).collect();
        let outlets: Vec<OutletId> =
            asked.into_iter().filter(|outlet| !carrying.contains(outlet) && !having.contains(outlet)).collect();
        (!outlets.is_empty()).then_some(Omission { group, outlets })
    };
    groups.iter().enumerate().filter_map(lacking).collect()
}

/// For each article those that surely share something with it, with their outlets.
fn stories(material: &Material, pairs: &[Pair]) -> BTreeMap<usize, BTreeSet<(OutletId, usize)>> {
    let mut stories: BTreeMap<usize, BTreeSet<(OutletId, usize)>> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.shares_wording() || pair.probability >= LIKELY) {
        let [left, right] = [pair.left.row, pair.right.row].map(|row| (material.outlets()[row], material.article(row)));
        stories.entry(left.1).or_default().insert(right);
        stories.entry(right.1).or_default().insert(left);
    }
    stories
}

fn date(material: &Material, article: usize) -> Option<Date> {
    material.collection().articles.get(article).and_then(|article| article.date)
}

/// For each row the outlets with a statement near one of its own.
fn close(material: &Material, compared: &[Compared], near: f32) -> BTreeMap<usize, BTreeSet<OutletId>> {
    let mut close: BTreeMap<usize, BTreeSet<OutletId>> = BTreeMap::new();
    for (candidate, compared) in material.candidates().pairs().iter().zip(compared) {
        let below = compared.below.is_some_and(|(_, likeness)| likeness >= near);
        if below || compared.whole.is_some() || !compared.edges.is_empty() {
            close.entry(candidate.left).or_default().insert(material.outlets()[candidate.right]);
            close.entry(candidate.right).or_default().insert(material.outlets()[candidate.left]);
        }
    }
    close
}
