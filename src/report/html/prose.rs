//! Running text with parts of it marked: shared words, differences, what stands round a passage.
//!
//! Ranges that do not fit a text are passed over. Not here: which parts (`groups`, `quotations`).

use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::report::clean::clean;
use crate::report::excerpt::{beginning, ending};
use crate::text::{Word, words};

/// A stretch of text, and whether it is marked.
fn pieces<'t>(text: &'t str, span: &Range<usize>, marks: &[Range<usize>]) -> Vec<(bool, &'t str)> {
    let mut pieces = Vec::new();
    let mut at = span.start;
    for mark in marks {
        pieces.push((false, text.get(at..mark.start).unwrap_or_default()));
        pieces.push((true, text.get(mark.clone()).unwrap_or_default()));
        at = mark.end.max(at);
    }
    pieces.push((false, text.get(at..span.end).unwrap_or_default()));
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

/// A passage with parts of it marked as shared. The marks are sorted and apart.
pub(super) fn marked(text: &str, span: &Range<usize>, marks: &[Range<usize>], class: &str) -> Markup {
    html! {
        @for (is_marked, piece) in pieces(text, span, marks) {
            @if is_marked { mark class=(class) { (clean(piece)) } } @else { (clean(piece)) }
        }
    }
}

/// A part of a text, marked, with about so many characters on each side.
pub(super) fn around(text: &str, span: &Range<usize>, most: usize) -> Markup {
    let before = ending(text.get(..span.start).unwrap_or_default(), most);
    let after = beginning(text.get(span.end..).unwrap_or_default(), most);
    html! { bdi { (clean(&before)) mark.differs { (clean(text.get(span.clone()).unwrap_or_default())) } (clean(&after)) } }
}

/// A passage's own words in its paragraph: what stands round it is quiet, and cut where it is long.
pub(super) fn in_paragraph(text: &str, span: &Range<usize>, passage: &Markup) -> Markup {
    const AROUND: usize = 220;
    let before = ending(text.get(..span.start).unwrap_or_default(), AROUND);
    let after = beginning(text.get(span.end..).unwrap_or_default(), AROUND);
    html! {
        @if !before.trim().is_empty() { span.context { (clean(&before)) } }
        (passage)
        @if !after.trim().is_empty() { span.context { (clean(&after)) } }
    }
}

/// How two wordings differ, word by word.
pub(super) struct Comparison<'t> {
    texts: [&'t str; 2],
    words: [Vec<Word>; 2],
    ops: Vec<DiffOp>,
}

impl<'t> Comparison<'t> {
    /// Compares two texts by the forms of their words.
    pub(super) fn new(old: &'t str, new: &'t str) -> Self {
        let words = [words(old), words(new)];
        let [before, after] = [0, 1].map(|side: usize| forms(&words[side]));
        let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
        Self { texts: [old, new], words, ops }
    }

    /// The share of all words of both that stand in the other, in order: 0 to 1 (Dice).
    pub(super) fn matched(&self) -> f64 {
        let equal: usize = self.ops.iter().map(|op| if let DiffOp::Equal { len, .. } = op { *len } else { 0 }).sum();
        2.0 * equal as f64 / (self.words[0].len() + self.words[1].len()).max(1) as f64
    }

    /// Words that only one of the two has.
    pub(super) fn changed(&self) -> usize {
        let changed = |op: &DiffOp| match *op {
            DiffOp::Equal { .. } => 0,
            DiffOp::Delete { old_len, .. } => old_len,
            DiffOp::Insert { new_len, .. } => new_len,
            DiffOp::Replace { old_len, new_len, .. } => old_len.max(new_len),
        };
        self.ops.iter().map(changed).sum()
    }

    /// The new text, with the words that it lacks struck and those that it alone has marked.
    pub(super) fn edits(&self) -> Markup {
        let mut at = 0;
        let parts: Vec<Markup> = self.ops.iter().map(|op| self.edit(op, &mut at)).collect();
        let rest = self.texts[1].get(at..).unwrap_or_default();
        html! { @for part in &parts { (part) } (clean(rest)) }
    }

    fn edit(&self, op: &DiffOp, at: &mut usize) -> Markup {
        let (old, new) = (op.old_range(), op.new_range());
        let gone = self.stretch(0, &old);
        let Some(span) = self.span(1, &new) else {
            // What follows a later one begins with the gap between its words.
            let (before, after) = if *at == 0 { ("", " ") } else { (" ", "") };
            return html! { @if !gone.is_empty() { (before) del { (clean(gone)) } (after) } };
        };
        let gap = self.texts[1].get(*at..span.start).unwrap_or_default();
        *at = span.end;
        let text = clean(&self.texts[1][span]);
        html! {
            (clean(gap))
            @match op {
                DiffOp::Equal { .. } => (text),
                _ => {
                    @if !gone.is_empty() { del { (clean(gone)) } (PreEscaped(" ")) }
                    ins { (text) }
                },
            }
        }
    }

    /// The words of one side from the first's start to the last's end.
    fn stretch(&self, side: usize, words: &Range<usize>) -> &'t str {
        self.span(side, words).and_then(|span| self.texts[side].get(span)).unwrap_or_default()
    }

    fn span(&self, side: usize, words: &Range<usize>) -> Option<Range<usize>> {
        let words = self.words[side].get(words.clone())?;
        Some(words.first()?.span.start..words.last()?.span.end)
    }
}

fn forms(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.form.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_differ_are_marked_where_they_stand() {
        let compared = Comparison::new("The deal is worth $38 billion.", "The pact, signed, is worth $39 billion now.");
        assert_eq!(
            compared.edits().into_string(),
            "The <del>deal</del> <ins>pact, signed</ins>, is worth $<del>38</del> <ins>39</ins> billion <ins>now</ins>."
        );
        assert_eq!(compared.changed(), 4);
    }

    #[test]
    fn words_left_out_are_struck() {
        let compared = Comparison::new("We will never sell it", "We will sell it");
        assert_eq!(compared.edits().into_string(), "We will <del>never</del> sell it");
        let compared = Comparison::new("In short we sell", "“We sell");
        assert_eq!(compared.edits().into_string(), "<del>In short</del> “We sell");
    }

    proptest! {
        #[test]
        fn the_new_text_is_whole_without_what_is_struck(old in "[a-d ,.<]{0,30}", new in "[a-d ,.<]{0,30}") {
            let edits = Comparison::new(&old, &new).edits().into_string();
            let kept = regex::Regex::new(" ?<del>[^<]*</del> ?|</?ins>").unwrap().replace_all(&edits, " ").replace("&lt;", "<");
            let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(plain(&kept), plain(&new));
        }

        #[test]
        fn ranges_that_do_not_fit_never_fail(text in "\\PC{0,40}", a in 0usize..60, b in 0usize..60, c in 0usize..60) {
            marked(&text, &(a..b), &Vec::from([b..c, c..a]), "same");
            around(&text, &(a..b), c);
            in_paragraph(&text, &(a..c), &html! {});
        }
    }
}
