//! Cards: one under the other on a narrow page, side by side on a wide one.

use crate::report::blocks::{Card, Rich};
use crate::report::terminal::PROSE;
use crate::report::terminal::ink::Ink;
use crate::report::terminal::layout::{clip, pad, width, wrap};

/// The narrowest a card is set beside another.
const NARROWEST: usize = 46;
/// Columns between two cards.
const GAP: usize = 4;
/// Columns a card's text stands in from its head.
const INDENT: usize = 2;

/// The cards in lines of at most `room` columns, an empty line between rows of cards.
pub(super) fn lines(cards: &[Card], room: usize, ink: Ink) -> Vec<String> {
    let beside = ((room + GAP) / (NARROWEST + GAP)).clamp(1, cards.len().max(1));
    let each = ((room + GAP) / beside - GAP).min(PROSE);
    let rows = cards.chunks(beside).map(|row| {
        let row: Vec<Vec<Rich>> = row.iter().map(|card| card_lines(card, each, ink)).collect();
        side_by_side(&row, each, ink)
    });
    rows.collect::<Vec<_>>().join(&[String::new()][..])
}

fn card_lines(card: &Card, room: usize, ink: Ink) -> Vec<Rich> {
    let body = wrap(&ink.marked(&card.body), room.saturating_sub(INDENT));
    let foot = wrap(&ink.marked(&card.foot), room.saturating_sub(INDENT));
    let foot = foot.into_iter().filter(|line| width(line) > 0);
    let text = body.into_iter().chain(foot).map(|line| Rich::from(" ".repeat(INDENT)).then(line));
    [clip(&ink.marked(&card.head), room)].into_iter().chain(text).collect()
}

fn side_by_side(row: &[Vec<Rich>], each: usize, ink: Ink) -> Vec<String> {
    let height = row.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let cells = row.iter().map(|card| {
            let line = card.get(at).cloned().unwrap_or_default();
            format!("{}{}", ink.painted(&line), pad(width(&line), each + GAP))
        });
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..height).map(line).collect()
}
