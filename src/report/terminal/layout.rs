//! Text in lines of a width, and blocks of lines side by side.

use std::ops::Range;

use textwrap::WordSeparator;
use textwrap::core::{break_words, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

use crate::report::blocks::Rich;

/// Columns a text takes.
pub(super) fn width(rich: &Rich) -> usize {
    display_width(&rich.text())
}

/// The text in lines of at most `width` columns, tones kept. No text is one empty line.
pub(super) fn wrap(rich: &Rich, width: usize) -> Vec<Rich> {
    line_ranges(&rich.text(), width.max(1)).into_iter().map(|range| rich.slice(range)).collect()
}

fn line_ranges(text: &str, width: usize) -> Vec<Range<usize>> {
    let words = break_words(WordSeparator::new().find_words(text), width);
    let mut at = 0;
    let lines = wrap_first_fit(&words, &[width as f64]).into_iter().map(|line| {
        let start = at;
        at += line.iter().map(|word| word.word.len() + word.whitespace.len()).sum::<usize>();
        start..at - line.last().map_or(0, |word| word.whitespace.len())
    });
    lines.collect()
}

/// The text in at most `width` columns, ending in `…` where something is cut.
pub(super) fn clip(rich: &Rich, width: usize) -> Rich {
    let text = rich.text();
    let clipped = crate::report::label::clip(&text, width);
    match clipped.strip_suffix('…') {
        Some(kept) if clipped != text => rich.slice(0..kept.len()).quiet("…"),
        _ => rich.clone(),
    }
}

/// Spaces up to a width.
pub(super) fn pad(used: usize, width: usize) -> String {
    " ".repeat(width.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn wrapping_loses_only_white_space(text in "[a-z 数é-]{0,80}", width in 4usize..30) {
            let rich = Rich::from(text.as_str());
            let lines = wrap(&rich, width);
            let all: String = lines.iter().map(Rich::text).collect();
            prop_assert_eq!(all.replace(' ', ""), text.replace(' ', ""));
            prop_assert!(lines.iter().all(|line| super::width(line) <= width), "{:?}", lines);
        }
    }
}
