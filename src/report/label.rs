//! Names cut to a width, each still told from the others.

use std::collections::BTreeMap;

use textwrap::core::display_width;
use unicode_segmentation::UnicodeSegmentation;

/// The longest beginning of `text` that takes at most `width` columns, in whole characters.
fn front(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, piece) in text.grapheme_indices(true) {
        used += display_width(piece);
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// The longest ending of `text` that takes at most `width` columns, in whole characters.
fn back(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, piece) in text.grapheme_indices(true).rev() {
        used += display_width(piece);
        if used > width {
            return &text[at + piece.len()..];
        }
    }
    text
}

/// `text` in at most `width` columns, ending in `…` where something is cut.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    format!("{}…", front(text, width.saturating_sub(1)).trim_end())
}

/// `text` in at most `width` columns, its middle cut.
fn clip_middle(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    format!("{}…{}", front(text, room.div_ceil(2)), back(text, room / 2))
}

/// The names in at most `width` columns each, in the order given and no two alike: cut at the end,
/// where that leaves two alike in the middle, and where that does too, numbered.
pub(crate) fn labels(names: &[String], width: usize) -> Vec<String> {
    let mut short: Vec<String> = names.iter().map(|name| clip(name, width)).collect();
    for at in alike(&short) {
        short[at] = clip_middle(&names[at], width);
    }
    for at in alike(&short) {
        let number = format!("…{}", at + 1);
        short[at] = format!("{}{number}", front(&names[at], width.saturating_sub(display_width(&number))));
    }
    short
}

/// Positions of the labels that another label equals.
fn alike(labels: &[String]) -> Vec<usize> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labels {
        *times.entry(label).or_default() += 1;
    }
    (0..labels.len()).filter(|&at| times[labels[at].as_str()] > 1).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn short(names: &[&str], width: usize) -> Vec<String> {
        labels(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), width)
    }

    #[test]
    fn long_names_are_cut_where_they_still_differ() {
        assert_eq!(short(&["Herald", "Harbour Evening Herald"], 10), ["Herald", "Harbour E…"]);
        assert_eq!(short(&["The Daily North", "The Daily South"], 9), ["The …orth", "The …outh"]);
        assert_eq!(short(&["north one south", "north two south"], 7), ["north…1", "north…2"]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(clip("数据中心网络", 7), "数据中…");
    }

    proptest! {
        #[test]
        fn labels_fit_and_differ(names in proptest::collection::btree_set("[a-c ]{1,12}", 1..9), width in 6usize..12) {
            let names: Vec<String> = names.into_iter().collect();
            let found = labels(&names, width);
            prop_assert!(found.iter().all(|label| display_width(label) <= width));
            prop_assert!(alike(&found).is_empty(), "{found:?}");
        }
    }
}
