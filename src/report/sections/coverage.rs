//! Near-duplicate coverage: how outlets overlap, the groups (`groups`), who is quoted (`quotations`), what only one has, what one lacks (`standing`), and
//! what counted as the same (`threshold`).

use std::collections::BTreeMap;

use crate::article::OutletId;
use crate::coverage::{By, Coverage, Exclusive, Overlap};
use crate::quotation::Quotation;
use crate::report::blocks::{Block, Card, Column, Rich, Table};
use crate::report::phrase::{counted, number, percent, score};
use crate::report::sections::{Limits, MOST_COLUMNS, and_more, card, groups, quotations, standing, threshold};
use crate::report::view::View;

type OverlapCells = BTreeMap<(OutletId, OutletId), Overlap>;

/// Characters shown of an exclusive.
const EXCLUSIVE: usize = 240;

/// All that is said of coverage.
pub(super) fn sections(view: &View, coverage: &Coverage, quotations: &[Quotation], limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Near-duplicate coverage")];
    match view.outlets_heard() {
        0 => blocks.push(Block::Line("There are no paragraphs to compare.".into())),
        1 => blocks.push(Block::Line(
            "All paragraphs come from one outlet. Coverage compares outlets, so there is nothing to compare. Whose an article is says a field (--outlet-field), a sub-folder, or a table (--outlets).".into(),
        )),
        _ => blocks.extend(compared(view, coverage, quotations, limits)),
    }
    blocks
}

fn compared(view: &View, coverage: &Coverage, quotations: &[Quotation], limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Line(summary(coverage).into())];
    if !coverage.pairs.is_empty() {
        blocks.extend(overlap(view, coverage, limits));
    }
    if !coverage.groups.is_empty() {
        blocks.extend(groups::groups(view, coverage, limits));
    }
    blocks.extend(quotations::quotations(view, quotations, limits));
    if coverage.by != By::Wording {
        blocks.extend(exclusives(view, &coverage.exclusives, limits));
    }
    blocks.extend(standing::omissions(view, coverage, limits));
    blocks.extend(standing::misdated(view, coverage));
    blocks.extend(threshold::threshold(view, coverage, limits));
    blocks
}

fn summary(coverage: &Coverage) -> String {
    if coverage.groups.is_empty() {
        return "No two outlets say the same thing.".to_owned();
    }
    let pairs = counted(coverage.pairs.len(), "near-duplicate pair");
    let grouped: usize = coverage.groups.iter().map(|group| group.pairs.len()).sum();
    let groups = counted(coverage.groups.len(), "group");
    if grouped == coverage.pairs.len() {
        return format!("{pairs} in {groups}.");
    }
    format!(
        "{pairs}, {} of them in {groups}; the others join no group, as its other members say something else.",
        number(grouped)
    )
}

/// How much of each outlet the others carry.
fn overlap(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let legend = "Percent of each row's paragraphs that the column carries: same text / in other words or in part.";
    let mut blocks = vec![Block::Line(legend.into())];
    if view.collection.outlets.len() <= MOST_COLUMNS {
        blocks.push(Block::Table(overlap_matrix(view, &coverage.overlap)));
    } else {
        blocks.extend(overlap_list(view, &coverage.overlap, limits));
    }
    blocks
}

fn overlap_matrix(view: &View, overlap: &OverlapCells) -> Table {
    let mut columns = vec![Column::text("")];
    columns.extend(view.outlets().map(|outlet| Column::number(view.head(outlet))));
    let rows = view.outlets().map(|row| {
        let whole = view.paragraphs_of(row);
        let shares = view.outlets().map(move |column| match overlap.get(&(row, column)) {
            _ if row == column => Rich::default(),
            Some(cell) => share(cell, whole),
            None => Rich::default().quiet("·"),
        });
        [Rich::default().strong(view.outlet(row))].into_iter().chain(shares).collect()
    });
    Table::new(columns, rows)
}

fn share(cell: &Overlap, whole: usize) -> Rich {
    Rich::from(percent(cell.same_text, whole)).quiet(" / ").plain(&percent(cell.paraphrase, whole))
}

/// Where there are too many outlets for a matrix: the pairs that overlap most.
fn overlap_list(view: &View, overlap: &OverlapCells, limits: &Limits) -> Vec<Block> {
    let mut found: Vec<(OutletId, OutletId, &Overlap)> =
        overlap.iter().map(|(&(row, column), cell)| (row, column, cell)).collect();
    let total = found.len();
    found.sort_by_key(|(row, column, cell)| (std::cmp::Reverse(cell.same_text + cell.paraphrase), *row, *column));
    found.truncate(limits.rows);
    let columns =
        vec![Column::text("row"), Column::text("column"), Column::number("paragraphs"), Column::number("share")];
    let rows = found.iter().map(|(row, column, cell)| {
        let whole = view.paragraphs_of(*row);
        vec![view.outlet(*row).into(), view.outlet(*column).into(), number(whole).into(), share(cell, whole)]
    });
    let table = Block::Table(Table::new(columns, rows));
    [table].into_iter().chain(and_more(total, limits.rows, "pair")).collect()
}

fn exclusives(view: &View, exclusives: &[Exclusive], limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Exclusives")];
    let total = exclusives.len();
    if total == 0 {
        blocks.push(Block::Line(
            "Every paragraph of twelve words and more has something like it in another outlet.".into(),
        ));
        return blocks;
    }
    blocks.push(Block::Line(exclusive_counts(view, exclusives)));
    let listed = most_exclusive(view, exclusives, limits.exclusives);
    blocks.push(Block::Cards(listed.iter().map(|exclusive| exclusive_card(view, exclusive)).collect()));
    blocks.extend(and_more(total, listed.len(), "exclusive"));
    blocks
}

fn exclusive_counts(view: &View, exclusives: &[Exclusive]) -> Rich {
    let counts = view.by_outlet(exclusives.iter().map(|exclusive| exclusive.row));
    let by_outlet = view.outlets().zip(counts).filter(|(_, count)| *count > 0).take(MOST_COLUMNS);
    let by_outlet: Vec<String> =
        by_outlet.map(|(outlet, count)| format!("{} {}", view.outlet(outlet), number(count))).collect();
    let total = counted(exclusives.len(), "paragraph");
    Rich::from(format!("{total} of substance without a counterpart in another outlet: "))
        .plain(&by_outlet.join(", "))
        .plain(if view.collection.outlets.len() > MOST_COLUMNS { ", …" } else { "" })
}

/// Of each outlet those least like any other's, by outlet; of many outlets only the least like of all.
fn most_exclusive<'a>(view: &View, exclusives: &'a [Exclusive], each: usize) -> Vec<&'a Exclusive> {
    let mut listed = view.by_outlet([]);
    let of_outlet = |exclusive: &&Exclusive| view.collection.outlet_of(exclusive.row);
    let within = |exclusive: &&Exclusive| {
        let count = &mut listed[of_outlet(exclusive).index()];
        *count += 1;
        *count <= each
    };
    let most = each.saturating_mul(MOST_COLUMNS);
    let mut chosen: Vec<&Exclusive> = exclusives.iter().filter(within).take(most).collect();
    chosen.sort_by_key(of_outlet);
    chosen
}

fn exclusive_card(view: &View, exclusive: &Exclusive) -> Card {
    let foot = exclusive.nearest.map(|(row, cosine)| {
        Rich::default().quiet(&format!("Nearest elsewhere: {}, cosine {}", view.cite(row).text(), score(cosine)))
    });
    Card { foot: foot.unwrap_or_default(), ..card(view, exclusive.row, "", EXCLUSIVE) }
}
