//! The splitter: an article's text into pieces, each with its kind, its byte span and its clean text.
//!
//! In three steps: the markup says what it can (`plain`, `markdown`, `html`), then `judge` tells
//! headings, datelines and furniture from prose by their wording and neighbours. Pure: no I/O.
//! Not here: files, fields and encodings (`read`).

mod html;
mod judge;
mod lines;
mod markdown;
mod piece;
mod plain;
mod tables;
mod wrap;

pub use html::{Page, extract};
pub(crate) use html::{extract_fragment, looks_like_html};
pub use markdown::FrontMatter;
pub use piece::Piece;

/// How a text is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// Plain text, with what light Markdown people type into it: lists, tables, headings, quotes.
    Plain,
    /// CommonMark with tables and front matter.
    Markdown,
}

/// Splits a text into pieces, in order. A text of a single line is content, whatever it looks like:
/// a headline can be all there is.
pub fn split(text: &str, markup: Markup) -> Vec<Piece> {
    let mut pieces = match markup {
        Markup::Plain => plain::pieces(text),
        Markup::Markdown => markdown::pieces(text),
    };
    judge::judge(&mut pieces);
    pieces
}

/// The metadata a Markdown file opens with; empty for any other text.
pub fn front_matter(text: &str) -> FrontMatter {
    markdown::front_matter(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clean::is_blank;
    use super::*;

    fn check_spans(text: &str, pieces: &[Piece]) {
        let mut at = 0;
        for piece in pieces {
            assert!(piece.span.start >= at && piece.span.start < piece.span.end, "{pieces:?}");
            assert!(text.get(piece.span.clone()).is_some(), "{:?} of {text:?}", piece.span);
            at = piece.span.end;
        }
    }

    /// Text with the structure the splitter looks for, which arbitrary strings seldom have.
    fn pages() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "[A-Z][a-z]{2,8}( [a-z0-9]{1,9}){0,20}[.?!:]?",
            "[a-z]{1,8}( [a-z]{1,9}){5,9}-?",
            "(- |\\* |1\\. |> |## |\\(a\\) )[A-Za-z ]{0,40}",
            "\\|( ?[a-z0-9]{0,6} ?\\|){1,4}",
            "\\|?(:?-{2,4}\\|){1,3}-{0,3}",
            "(=|-|_|\\*){1,8}",
            "\u{feff}?[ \t\u{a0}]{0,3}",
            "2025-11-04|By Jane Doe|Leave a Reply|```|&nbsp;|<b>|\\[a\\]\\(https://b.c\\)",
            "\\PC{0,30}",
        ];
        proptest::collection::vec(line, 0..14).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn spans_ascend_within_any_text(text in "(?s).{0,300}") {
            check_spans(&text, &split(&text, Markup::Plain));
            check_spans(&text, &split(&text, Markup::Markdown));
        }

        #[test]
        fn spans_ascend_within_any_page(text in pages()) {
            check_spans(&text, &split(&text, Markup::Plain));
            check_spans(&text, &split(&text, Markup::Markdown));
        }

        #[test]
        fn nothing_but_white_space_lies_outside_the_spans_of_plain_text(text in pages()) {
            // A bare ">" parts the paragraphs of a quote as a blank line does.
            let nothing = |c: char| is_blank(c) || c == '>';
            let mut at = 0;
            for piece in split(&text, Markup::Plain) {
                prop_assert!(text[at..piece.span.start].chars().all(nothing));
                at = piece.span.end;
            }
            prop_assert!(text[at..].chars().all(nothing));
        }

        #[test]
        fn line_ends_make_no_difference(text in pages()) {
            let lines = |text: &str| -> Vec<_> {
                split(text, Markup::Plain).into_iter().map(|piece| (piece.kind, piece.text, piece.reason)).collect()
            };
            prop_assert_eq!(lines(&text), lines(&text.replace('\n', "\r\n")));
            prop_assert_eq!(lines(&text), lines(&text.replace('\n', "\r")));
        }

        #[test]
        fn html_is_never_a_panic(html in "(<(p|div|li|ul|table|tr|td|h2|br|pre|script|b)>|</(p|div|ul|table|li)>|[a-z .&;<]{0,20}){0,30}") {
            let page = extract(&html);
            check_spans(&page.text, &page.pieces);
        }
    }
}
