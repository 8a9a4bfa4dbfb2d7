//! Table rows as text that reads well: "Deal Value: $38 billion over 7 years".
//!
//! Two columns read as name and value. With more, the first names the row and each other cell is
//! named by its column's head. Not here: where a table begins (`lines`, `markdown`, `html`).

use std::ops::Range;

use super::piece::Piece;
use crate::corpus::clean::clean_plain;
use crate::paragraph::Kind;

/// A row as a sentence-like text; `head` may be empty. Cells are clean.
pub(super) fn row_text(head: &[String], cells: &[String]) -> String {
    let named = |at: usize| head.get(at).map(String::as_str).filter(|name| !name.is_empty());
    let filled = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    if head.len().max(cells.len()) <= 2 {
        return filled.map(|(_, cell)| cell.trim_end_matches(':')).collect::<Vec<_>>().join(": ");
    }
    let values: Vec<String> = filled
        .filter(|(at, _)| *at > 0)
        .map(|(at, cell)| named(at).map_or_else(|| cell.clone(), |name| format!("{name}: {cell}")))
        .collect();
    let first = cells.first().filter(|cell| !cell.is_empty()).cloned();
    let parts = [first.unwrap_or_default(), values.join("; ")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" — ")
}

/// Whether a line rules off a table: bars, dashes and colons only, with at least one dash.
pub(super) fn is_rule(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | '+' | '=') || c.is_whitespace())
        || (line.contains('=') && line.starts_with('+') && line.chars().all(|c| matches!(c, '+' | '=')))
}

/// The pieces of a Markdown table given by its lines: rows as text, head and rules left out.
pub(super) fn pieces(text: &str, lines: &[Range<usize>]) -> Vec<Piece> {
    let rule = lines.iter().skip(1).position(|line| is_rule(&text[line.clone()])).map(|at| at + 1);
    let head_at = rule.and_then(|rule| rule.checked_sub(1)).filter(|&at| at <= 1 && !is_rule(&text[lines[at].clone()]));
    let head = head_at.map(|at| cells(&text[lines[at].clone()])).unwrap_or_default();
    let one = |(at, span): (usize, &Range<usize>)| {
        let raw = &text[span.clone()];
        if is_rule(raw) {
            return Piece::left_out(Kind::TableFrame, span.clone(), clean_plain(raw), "table rule");
        }
        if Some(at) == head_at {
            return Piece::left_out(Kind::TableFrame, span.clone(), cells(raw).join(" | "), "table head");
        }
        Piece::new(Kind::TableRow, span.clone(), row_text(&head, &cells(raw)))
    };
    lines.iter().enumerate().map(one).collect()
}

/// The clean cells of a row; `\|` is a bar within one.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().replace("\\|", "\u{1}");
    let row = row.strip_prefix('|').unwrap_or(&row);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(|cell| clean_plain(&cell.replace('\u{1}', "|"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(table: &str) -> Vec<(Kind, String)> {
        let mut at = 0;
        let lines: Vec<Range<usize>> = table
            .split('\n')
            .map(|line| {
                at += line.len() + 1;
                at - line.len() - 1..at - 1
            })
            .collect();
        pieces(table, &lines).into_iter().map(|piece| (piece.kind, piece.text)).collect()
    }

    #[test]
    fn two_columns_read_as_name_and_value() {
        assert_eq!(
            texts("| Detail | Specification |\n|---|---|\n| Deal Value | $38 billion over 7 years |"),
            [
                (Kind::TableFrame, "Detail | Specification".to_owned()),
                (Kind::TableFrame, "|---|---|".to_owned()),
                (Kind::TableRow, "Deal Value: $38 billion over 7 years".to_owned()),
            ]
        );
    }

    #[test]
    fn more_columns_are_named_by_their_heads_and_empty_cells_are_passed_over() {
        let table = "Provider | Amount | Years\n---|---|---\nAWS | $38 billion | 7\nOracle | $300 billion |";
        let rows: Vec<String> = texts(table).into_iter().skip(2).map(|(_, text)| text).collect();
        assert_eq!(rows, ["AWS — Amount: $38 billion; Years: 7", "Oracle — Amount: $300 billion"]);
    }

    #[test]
    fn a_table_without_head_keeps_all_its_rows() {
        assert_eq!(
            texts("| AWS | 7 years | $38 billion |\n| a \\| b | |"),
            [(Kind::TableRow, "AWS — 7 years; $38 billion".to_owned()), (Kind::TableRow, "a | b".to_owned())]
        );
    }
}
