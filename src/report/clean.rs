//! Text from articles, made safe to show: no escape sequences, no control characters, no hidden
//! reordering.
//!
//! Not here: escaping for Markdown (`markdown`) or JSON (`json`).

use anstream::adapter::strip_str;

/// The text as it may be printed: escape sequences and control characters are gone, white space is
/// a plain space, and nothing reorders what is shown.
pub(crate) fn clean(text: &str) -> String {
    strip_str(text).to_string().chars().filter_map(shown).collect()
}

fn shown(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if c.is_control() || is_hidden(c) => None,
        _ => Some(c),
    }
}

/// Characters that change how others are read without being seen: bidirectional embeddings, overrides
/// and isolates, tags, the byte order mark. Joiners and plain direction marks stay: Persian, Hindi and
/// emoji need them.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_controls_and_reordering_go() {
        assert_eq!(clean("a\x1b[31mred\x1b[0m\x07 b"), "ared b");
        assert_eq!(clean("title\x1b]0;owned\x07!"), "title!");
        assert_eq!(clean("line\none\ttwo"), "line one two");
        assert_eq!(clean("c1\u{9b}31m"), "c131m");
        assert_eq!(clean("user\u{202e}nimda"), "usernimda");
    }

    #[test]
    fn words_of_every_script_stay() {
        for text in ["l’été « oui »", "می‌خواهم", "👩‍🚀 AI", "数据中心"] {
            assert_eq!(clean(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_is_left(text in any::<String>()) {
            prop_assert!(clean(&text).chars().all(|c| !c.is_control()));
        }
    }
}
