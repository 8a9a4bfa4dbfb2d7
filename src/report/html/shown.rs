//! Which paragraphs a page shows: all of them, or of many those that its findings speak of and an even spread of the others.
//!
//! Not here: what is said of them.

use crate::collection::Collection;
use crate::coverage::Coverage;
use crate::findings::Findings;
use crate::report::html::{caps, groups, only, themes};
use crate::theme::Themes;

/// Paragraphs that a page holds at the most: more would be slow to open.
const MOST: usize = 20_000;

/// The rows that a page shows.
pub(super) struct Shown {
    /// Ascending.
    pub(super) rows: Vec<usize>,
    /// The index of each row of the collection, where it is shown.
    index: Vec<Option<u32>>,
}

impl Shown {
    /// The rows shown of these findings.
    pub(super) fn of(findings: &Findings) -> Self {
        Self::at_most(findings, MOST)
    }

    /// The same where so many are the most.
    fn at_most(findings: &Findings, most: usize) -> Self {
        let total = findings.collection.len();
        // To leave out a few for a round number would be worse than a slightly larger page.
        let rows = if total <= most + most / 10 { (0..total).collect() } else { sample(findings, most) };
        let mut index = vec![None; total];
        for (at, &row) in rows.iter().enumerate() {
            index[row] = Some(at as u32);
        }
        Self { rows, index }
    }

    /// Whether paragraphs of the corpus are not shown.
    pub(super) fn is_sample(&self) -> bool {
        self.rows.len() < self.index.len()
    }

    /// The index of a row, if it is shown.
    pub(super) fn index(&self, row: usize) -> Option<u32> {
        self.index.get(row).copied().flatten()
    }

    /// The indices of those rows that are shown, in the order given.
    pub(super) fn indices(&self, rows: impl IntoIterator<Item = usize>) -> Vec<u32> {
        rows.into_iter().filter_map(|row| self.index(row)).collect()
    }
}

/// What the findings speak of first, up to three quarters; then a spread of the others. Ascending.
fn sample(findings: &Findings, most: usize) -> Vec<usize> {
    let mut is_kept = vec![false; findings.collection.len()];
    let mut kept = 0;
    for row in spoken_of(findings) {
        if kept < most / 4 * 3 && !std::mem::replace(&mut is_kept[row], true) {
            kept += 1;
        }
    }
    let others = spread(&findings.collection, findings.themes.as_ref(), &is_kept);
    let room = most - kept;
    // Every n-th of the others, n a fraction: each theme and outlet keeps its share.
    for step in 0..room.min(others.len()) {
        is_kept[others[step * others.len() / room.min(others.len())]] = true;
    }
    (0..is_kept.len()).filter(|&row| is_kept[row]).collect()
}

/// The rows that stand in the findings as the page lists them.
pub(super) fn spoken_of(findings: &Findings) -> Vec<usize> {
    let mut rows = Vec::new();
    for theme in findings.themes.iter().flat_map(|themes| &themes.themes) {
        let (members, misses) = themes::listed(theme);
        rows.extend(members.iter().chain(&misses).map(|member| member.row));
    }
    if let Some(coverage) = &findings.coverage {
        of_coverage(&findings.collection, coverage, &mut rows);
    }
    let quotations = findings.quotations.iter().flatten().take(caps::QUOTATIONS);
    rows.extend(quotations.flat_map(|quotation| quotation.members.iter().map(|member| member.row)));
    rows
}

fn of_coverage(collection: &Collection, coverage: &Coverage, rows: &mut Vec<usize>) {
    let exclusives = only::listed(collection, coverage);
    rows.extend(exclusives.iter().map(|exclusive| exclusive.row));
    let threshold = &coverage.threshold;
    let closest = threshold.above.iter().filter_map(|&at| coverage.pairs.get(at));
    let pairs = groups::loose(coverage).into_iter().take(caps::PAIRS).chain(closest);
    rows.extend(pairs.flat_map(|pair| [pair.left.row, pair.right.row]));
    rows.extend(threshold.below.iter().flat_map(|(left, right, _)| [left.row, right.row]));
    // Those that have no counterpart are told with what is nearest.
    rows.extend(exclusives.iter().filter_map(|exclusive| exclusive.nearest.map(|(row, _)| row)));
    let groups = coverage.groups.iter().take(caps::GROUPS);
    rows.extend(groups.flat_map(|group| group.passages.iter().map(|passage| passage.row)));
}

/// The rows not kept yet, by theme, outlet and row.
fn spread(collection: &Collection, themes: Option<&Themes>, is_kept: &[bool]) -> Vec<usize> {
    let best = themes.map(|themes| themes.best_of_rows(collection.len()));
    let mut rows: Vec<usize> = (0..collection.len()).filter(|&row| !is_kept[row]).collect();
    rows.sort_by_key(|&row| (best.as_ref().and_then(|best| best[row]), collection.outlet_of(row), row));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn of_many_paragraphs_those_spoken_of_come_first() {
        let findings = sample::findings();
        let shown = Shown::at_most(&findings, 8);
        assert_eq!(shown.rows.len(), 8);
        assert!(shown.is_sample() && shown.rows.is_sorted());
        assert_eq!(shown.index(shown.rows[3]), Some(3));
        let spoken: Vec<usize> = spoken_of(&findings).into_iter().take(5).collect();
        assert!(spoken.iter().all(|row| shown.rows.contains(row)), "{spoken:?} {:?}", shown.rows);
    }

    #[test]
    fn few_are_all_shown() {
        let shown = Shown::of(&sample::findings());
        assert_eq!((shown.rows.len(), shown.is_sample()), (11, false));
    }
}
