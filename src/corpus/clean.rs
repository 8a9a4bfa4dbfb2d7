//! Cleaning: a stretch of a page as it is embedded and shown.
//!
//! White space is folded to single spaces, invisible and control characters are dropped, the rest is
//! put in Unicode's composed form (NFC). Not here: markup and what a stretch is (`split`).

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text folded to single spaces between visible characters, composed, without the invisible ones.
pub(crate) fn clean(raw: &str) -> String {
    let mut kept = String::with_capacity(raw.len());
    let mut gap = false;
    for c in raw.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_invisible(c) || (!gap && joins_letters(c, &kept)) {
            if gap && !kept.is_empty() {
                kept.push(' ');
            }
            gap = false;
            kept.push(c);
        }
    }
    if is_nfc(&kept) { kept } else { kept.nfc().collect() }
}

/// The text with every run of white space made one space, and nothing else changed.
pub(super) fn folded(raw: &str) -> String {
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character leaves no mark on the page: zero-width, soft hyphen, byte-order mark, text
/// direction, control.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// The joiner and non-joiner spell words in Persian and Indic scripts and hold emoji together; after
/// anything before U+0590 (Latin, Greek, Cyrillic) they are dirt.
fn joins_letters(c: char, before: &str) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}') && before.chars().next_back().is_some_and(|last| last >= '\u{590}')
}

/// Whether a character takes no room of its own: white space or invisible.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Markdown inside a line of plain text, and what stays of it: of images nothing, of links and bold
/// their text. No counted repetitions: of Unicode classes they take tens of milliseconds to compile.
static INLINE: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
    Some([
        Regex::new(r"!\[[^\[\]\n]*\]\([^()\s]+\)").ok()?,
        Regex::new(r"\[(?<kept>[^\[\]\n]+)\]\((?:https?://|mailto:|/|#)[^()\s]*\)").ok()?,
        Regex::new(r"\*\*(?<kept>[^*\n]+)\*\*").ok()?,
    ])
});

/// A line of plain text without Markdown's links, images and bold.
fn without_inline_markup(raw: &str) -> Cow<'_, str> {
    let marked = raw.contains("](") || raw.contains("**");
    let Some([images, links, bold]) = marked.then(|| INLINE.as_ref()).flatten() else { return Cow::Borrowed(raw) };
    let text = images.replace_all(raw, "");
    let text = links.replace_all(&text, "$kept");
    Cow::Owned(bold.replace_all(&text, "$kept").into_owned())
}

/// Clean text of a stretch of plain text: inline Markdown off, white space folded.
pub(super) fn clean_plain(raw: &str) -> String {
    clean(&without_inline_markup(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_of_all_kinds_fold_and_invisible_characters_go() {
        assert_eq!(clean("\u{feff}  $38\u{a0}billion\u{2009}deal\r\n\tnow "), "$38 billion deal now");
        assert_eq!(clean("infra\u{ad}struc\u{200b}ture\u{202e}\u{0}\u{7}"), "infrastructure");
    }

    #[test]
    fn joiners_stay_where_they_spell() {
        assert_eq!(clean("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(clean("a\u{200c}b"), "ab");
        assert_eq!(clean("👩\u{200d}💻"), "👩\u{200d}💻");
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(clean("Cafe\u{301}"), "Café");
    }

    #[test]
    fn a_bracket_that_is_never_closed_takes_no_text_with_it() {
        let raw = "What a result![ He said so. [The report](https://a.b/c) agrees [sic and [here](https://a.b).";
        assert_eq!(without_inline_markup(raw), "What a result![ He said so. The report agrees [sic and here.");
    }

    #[test]
    fn inline_markdown_leaves_its_words() {
        let raw = "![a chip](x.png) **Altman** said [on X](https://x.com/sama) that 2 ** 3 [is] (8).";
        assert_eq!(without_inline_markup(raw), " Altman said on X that 2 ** 3 [is] (8).");
    }
}
