//! Near-duplicate coverage: the groups, then how outlets overlap, what only one has, and what counted.

use crate::article::OutletId;
use crate::coverage::{Coverage, Exclusive, Overlap, Passage, Threshold, ThresholdSource};
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::excerpt::beginning;
use crate::report::phrase::{counted, number, percent, score};
use crate::report::sections::{Limits, MOST_COLUMNS, and_more, card, groups};
use crate::report::view::View;

/// Characters shown of an exclusive.
const EXCLUSIVE: usize = 240;
/// Characters shown of the passages closest to the threshold.
const CLOSEST: usize = 140;

/// All that is said of coverage.
pub(super) fn sections(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Near-duplicate coverage")];
    match view.outlets_heard() {
        0 => blocks.push(Block::Line("There are no paragraphs to compare.".into())),
        1 => blocks.push(Block::Line(
            "All paragraphs come from one outlet. Coverage compares outlets, so there is nothing to compare.".into(),
        )),
        _ => {
            blocks.extend(groups::groups(view, coverage, limits));
            blocks.extend(overlap(view, coverage, limits));
            blocks.extend(exclusives(view, &coverage.exclusives, limits));
            blocks.extend(threshold(view, coverage));
        }
    }
    blocks
}

fn overlap(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    if coverage.pairs.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::Heading("Overlap between outlets"),
        Block::Line("Share of the row's paragraphs that the column carries: same text / in other words only.".into()),
    ];
    if view.collection.outlets.len() <= MOST_COLUMNS {
        blocks.push(Block::Table(overlap_matrix(view, &coverage.overlap)));
    } else {
        blocks.extend(overlap_list(view, &coverage.overlap, limits));
    }
    blocks
}

fn overlap_matrix(view: &View, overlap: &[Vec<Overlap>]) -> Table {
    let mut columns = vec![Column::text(""), Column::number("paragraphs")];
    columns.extend(view.outlets().map(|outlet| Column::number(view.head(outlet))));
    let rows = view.outlets().zip(overlap).map(|(row, cells)| {
        let whole = view.paragraphs_of(row);
        let shares = view.outlets().zip(cells).map(
            |(column, cell)| {
                if row == column { Rich::default() } else { share(cell, whole) }
            },
        );
        [Rich::default().strong(view.outlet(row)), number(whole).into()].into_iter().chain(shares).collect()
    });
    Table { columns, rows: rows.collect() }
}

fn share(cell: &Overlap, whole: usize) -> Rich {
    match cell.same_text + cell.paraphrase {
        0 => Rich::default().quiet("·"),
        _ => format!("{} / {}", percent(cell.same_text, whole), percent(cell.paraphrase, whole)).into(),
    }
}

/// Where there are too many outlets for a matrix: the pairs that overlap most.
fn overlap_list(view: &View, overlap: &[Vec<Overlap>], limits: &Limits) -> Vec<Block> {
    let mut found: Vec<(OutletId, OutletId, &Overlap)> = view
        .outlets()
        .zip(overlap)
        .flat_map(|(row, cells)| view.outlets().zip(cells).map(move |(column, cell)| (row, column, cell)))
        .filter(|(row, column, cell)| row != column && cell.same_text + cell.paraphrase > 0)
        .collect();
    let total = found.len();
    found.sort_by_key(|(row, column, cell)| (std::cmp::Reverse(cell.same_text + cell.paraphrase), *row, *column));
    found.truncate(limits.rows);
    let columns =
        vec![Column::text("row"), Column::text("column"), Column::number("paragraphs"), Column::number("share")];
    let rows = found.iter().map(|(row, column, cell)| {
        let whole = view.paragraphs_of(*row);
        vec![view.outlet(*row).into(), view.outlet(*column).into(), number(whole).into(), share(cell, whole)]
    });
    let table = Block::Table(Table { columns, rows: rows.collect() });
    [table].into_iter().chain(and_more(total, limits.rows, "pair")).collect()
}

fn exclusives(view: &View, exclusives: &[Exclusive], limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Exclusives")];
    let total = exclusives.len();
    if total == 0 {
        blocks.push(Block::Line("Every paragraph of substance has a counterpart in another outlet.".into()));
        return blocks;
    }
    let line = format!("{} of substance without a counterpart in another outlet", counted(total, "paragraph"));
    blocks.push(Block::Line(line.into()));
    for outlet in view.outlets() {
        let own: Vec<&Exclusive> =
            exclusives.iter().filter(|exclusive| view.collection.outlet_of(exclusive.row) == outlet).collect();
        if !own.is_empty() {
            blocks.extend(exclusives_of(view, outlet, &own, limits));
        }
    }
    blocks
}

fn exclusives_of(view: &View, outlet: OutletId, own: &[&Exclusive], limits: &Limits) -> Vec<Block> {
    let count = format!("  {}", counted(own.len(), "exclusive"));
    let cards = own.iter().take(limits.exclusives).map(|exclusive| {
        let remark = exclusive
            .nearest
            .map(|(row, cosine)| format!("  nearest elsewhere: {}, cosine {}", view.cite(row).text(), score(cosine)));
        card(view, exclusive.row, &remark.unwrap_or_default(), EXCLUSIVE)
    });
    let item = Block::Item(Rich::default().strong(view.outlet(outlet)).quiet(&count));
    [item, Block::Cards(cards.collect())]
        .into_iter()
        .chain(and_more(own.len(), limits.exclusives, "exclusive"))
        .collect()
}

fn threshold(view: &View, coverage: &Coverage) -> Vec<Block> {
    let threshold = &coverage.threshold;
    let mut blocks = vec![Block::Heading("What counted as the same"), Block::Line(threshold_line(threshold).into())];
    if threshold.sampled > 0 {
        blocks.push(Block::Line(background(threshold).into()));
    }
    let rows = closest(view, coverage);
    if !rows.is_empty() {
        let side = || Column::text("").giving(Room::Wrap);
        let columns = vec![Column::text(""), Column::number("likeness"), side(), side()];
        blocks.push(Block::Table(Table { columns, rows }));
    }
    blocks
}

fn threshold_line(threshold: &Threshold) -> String {
    let from = match threshold.source {
        ThresholdSource::Given => "the value given",
        ThresholdSource::Measured => "derived from this corpus's own background",
        ThresholdSource::Floor => "the least any paraphrase has; this corpus's background lies far below",
        ThresholdSource::Ceiling => "the most that unrelated passages have; this corpus's background lies close below",
        ThresholdSource::Default => "the default, as there are too few pairs to measure a background on",
    };
    format!("Passages with a likeness of {} and more (cosine plus wording, 0 to 2): {from}.", score(threshold.value))
}

fn background(threshold: &Threshold) -> String {
    let median = format!("Unrelated passages have {} ± {}", score(threshold.background), score(threshold.spread));
    let sampled = format!("median and spread of {}", counted(threshold.sampled, "cross-outlet pair"));
    let apart = (threshold.value - threshold.background) / threshold.spread;
    if apart.is_finite() {
        format!("{median} ({sampled}), {apart:.1} spreads lower.")
    } else {
        format!("{median} ({sampled}).")
    }
}

/// The closest pairs on both sides of the threshold.
fn closest(view: &View, coverage: &Coverage) -> Vec<Vec<Rich>> {
    let threshold = &coverage.threshold;
    let above = threshold
        .last_above
        .and_then(|at| coverage.pairs.get(at))
        .map(|pair| closest_row(view, "just counted", pair.likeness(), [&pair.left, &pair.right]));
    let below = threshold
        .first_below
        .as_ref()
        .map(|(left, right, likeness)| closest_row(view, "just not", *likeness, [left, right]));
    above.into_iter().chain(below).collect()
}

fn closest_row(view: &View, which: &str, likeness: f32, sides: [&Passage; 2]) -> Vec<Rich> {
    let [left, right] = sides.map(|passage| {
        let text = view.collection.text(passage.row).get(passage.span.clone()).unwrap_or_default();
        view.cite(passage.row).plain("  ").plain(&beginning(text, CLOSEST))
    });
    vec![which.into(), score(likeness).into(), left, right]
}
