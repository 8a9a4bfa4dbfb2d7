//! Plain text into pieces: a paragraph a line, or wrapped lines joined again, with lists, tables,
//! quotes and headings by their marks.
//!
//! Not here: what a line without a mark is (`judge`).

use std::ops::Range;

use super::lines::{Line, Mark, lines};
use super::piece::Piece;
use super::{tables, wrap};
use crate::corpus::clean::clean_plain;
use crate::paragraph::Kind;

/// The pieces of a plain text, before judgement.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let lines = lines(text);
    let full = wrap::width(text, &lines);
    let mut found = Vec::new();
    for group in lines.chunk_by(|above, below| belong(text, above, below, full)) {
        match group[0].mark {
            Mark::Table => {
                let spans: Vec<Range<usize>> = group.iter().map(|line| line.span.clone()).collect();
                found.extend(tables::pieces(text, &spans));
            }
            mark => found.extend(piece(text, mark, group)),
        }
    }
    found
}

fn belong(text: &str, above: &Line, below: &Line, full: Option<usize>) -> bool {
    let one_table = above.mark == Mark::Table && below.mark == Mark::Table && !below.opens_block;
    one_table || full.is_some_and(|full| wrap::joins(text, above, below, full))
}

fn piece(text: &str, mark: Mark, group: &[Line]) -> Option<Piece> {
    let span = group.first()?.span.start..group.last()?.span.end;
    let bodies: Vec<String> = group.iter().map(|line| clean_line(text, line)).collect();
    let clean = wrap::join(bodies.iter().map(String::as_str), text);
    Some(match mark {
        Mark::Item => Piece::new(Kind::ListItem, span, clean),
        Mark::Quote => Piece::new(Kind::Quote, span, clean),
        Mark::Heading => Piece::new(Kind::Heading, span, clean.trim_end_matches(['#', ' ']).to_owned()),
        Mark::Decoration => Piece::left_out(Kind::Boilerplate, span, clean, "decoration"),
        Mark::None | Mark::Table => Piece::new(Kind::Body, span, clean),
    })
}

/// The clean body of a line. A soft hyphen at its end breaks a word as a hyphen does.
fn clean_line(text: &str, line: &Line) -> String {
    let mut clean = clean_plain(&text[line.body.clone()]);
    if text[line.body.end..].starts_with('\u{ad}') {
        clean.push('-');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::super::{Markup, split};
    use super::*;

    fn found(text: &str) -> Vec<(Kind, String)> {
        split(text, Markup::Plain).into_iter().map(|piece| (piece.kind, piece.text)).collect()
    }

    const WRAPPED: &str = "\
OpenAI has signed a landmark seven-year, $38 billion cloud-computing
agreement with Amazon.com Inc., marking its first major strategic
partnership since a recent corporate restructuring of its infra-
structure business.

  - Execution risk: deploying hundreds of thousands of GPUs is a task
    that few have managed before.
  - Cost: high.

> “Scaling frontier AI requires massive, reliable compute,” Altman
> said in a statement.
";

    #[test]
    fn hard_wrapped_lines_are_joined_again() {
        assert_eq!(
            found(WRAPPED),
            [
                (
                    Kind::Body,
                    "OpenAI has signed a landmark seven-year, $38 billion cloud-computing agreement with Amazon.com \
                     Inc., marking its first major strategic partnership since a recent corporate restructuring of \
                     its infrastructure business."
                        .to_owned()
                ),
                (
                    Kind::ListItem,
                    "Execution risk: deploying hundreds of thousands of GPUs is a task that few have managed before."
                        .to_owned()
                ),
                (Kind::ListItem, "Cost: high.".to_owned()),
                (
                    Kind::Quote,
                    "“Scaling frontier AI requires massive, reliable compute,” Altman said in a statement.".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_paragraph_a_line_stays_so_with_and_without_blank_lines() {
        let first = "The partnership will grant OpenAI access to hundreds of thousands of NVIDIA GPUs hosted in AWS data centers worldwide.";
        let second = "For Amazon, the deal is a decisive win after months of speculation that AWS was losing momentum to Microsoft.";
        let both = [(Kind::Body, first.to_owned()), (Kind::Body, second.to_owned())];
        assert_eq!(found(&format!("{first}\n{second}\n")), both);
        assert_eq!(found(&format!("{first}\n\n{second}\n\n\n")), both);
    }

    #[test]
    fn a_byte_order_mark_is_no_text_and_moves_no_span() {
        let text = "\u{feff}One line is all there is here.";
        let pieces = split(text, Markup::Plain);
        assert_eq!((pieces[0].span.start, pieces[0].text.as_str()), (3, "One line is all there is here."));
    }
}
