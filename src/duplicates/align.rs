//! Word-by-word alignment of two texts: the unbroken runs of words both share.
//!
//! Words are compared in their form (no case, accents, quote style, possessive). A run has at least two
//! words, one of them not a stop word: a single "the" that matches is chance. Text that was moved is
//! found by aligning what the first alignment left over. Not here: what the runs mean (`grade`).

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::FxHasher;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::statements::quotations;
use crate::coverage::SharedSpan;
use crate::neighbours::wording::is_stop_word;
use crate::text::{Word, words};

/// The shortest run that is evidence where the texts are in step.
const LEAST_RUN: usize = 2;
/// The shortest run that is evidence out of step: six words in a row are hardly ever chance.
const LEAST_MOVED: usize = 6;
/// Times the left-over text is aligned again: each finds the blocks moved past those found before.
const MOVED_ROUNDS: usize = 4;

/// A word as it is aligned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    start: u32,
    end: u32,
    /// Equal where the forms are.
    pub(super) key: u64,
    /// Not a stop word.
    pub(super) content: bool,
    /// Between quotation marks.
    pub(super) quoted: bool,
}

impl Token {
    /// Byte range in the text.
    pub(super) fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The words of a text. Words of equal form have equal keys.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let quoted = quotations(text);
    words(text)
        .into_iter()
        .map(|word| Token {
            quoted: quoted.iter().any(|quote| quote.start <= word.span.start && word.span.end <= quote.end),
            ..token(&word)
        })
        .collect()
}

/// A word as it is aligned, between no quotation marks.
pub(super) fn token(word: &Word) -> Token {
    Token {
        start: word.span.start as u32,
        end: word.span.end as u32,
        key: key(&word.form),
        content: !is_stop_word(&word.form),
        quoted: false,
    }
}

/// The tokens that stand inside a byte range.
pub(super) fn within<'a>(tokens: &'a [Token], span: &Range<usize>) -> &'a [Token] {
    let first = tokens.partition_point(|token| (token.start as usize) < span.start);
    let end = tokens.partition_point(|token| (token.end as usize) <= span.end);
    tokens.get(first..end).unwrap_or_default()
}

fn key(form: &str) -> u64 {
    let mut hasher = FxHasher::default();
    form.hash(&mut hasher);
    hasher.finish()
}

/// An unbroken run of words both texts share, in word positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// First word on the left.
    pub(super) left: usize,
    /// First word on the right.
    pub(super) right: usize,
    /// Words.
    pub(super) len: usize,
}

/// How two texts lie against one another.
#[derive(Debug, Clone)]
pub(super) struct Alignment<'a> {
    /// The words of the left text.
    pub(super) left: &'a [Token],
    /// The words of the right text.
    pub(super) right: &'a [Token],
    /// The shared runs, by their place on the left; they overlap on neither side.
    pub(super) runs: Vec<Run>,
}

/// Aligns two texts. Of several equally long alignments the algorithm takes the one it meets first, so
/// the texts are first put in an order of their own: both ways round give the same runs.
pub(super) fn align<'a>(left: &'a [Token], right: &'a [Token]) -> Alignment<'a> {
    let keys = |side: &'a [Token]| side.iter().map(|token| token.key);
    let mut runs = if keys(left).le(keys(right)) {
        ordered_runs(left, right)
    } else {
        let mirror = |run: Run| Run { left: run.right, right: run.left, len: run.len };
        ordered_runs(right, left).into_iter().map(mirror).collect()
    };
    runs.sort_by_key(|run| run.left);
    Alignment { left, right, runs }
}

fn ordered_runs(left: &[Token], right: &[Token]) -> Vec<Run> {
    let mut runs = in_step(left, right);
    for _ in 0..MOVED_ROUNDS {
        let moved = moved(left, right, &runs);
        if moved.is_empty() {
            break;
        }
        runs.extend(moved);
    }
    runs
}

fn in_step(left: &[Token], right: &[Token]) -> Vec<Run> {
    let keys = |side: &[Token]| side.iter().map(|token| token.key).collect::<Vec<_>>();
    equal_runs(&keys(left), &keys(right))
        .filter(|run| run.len >= LEAST_RUN && content_words(left, run.left, run.len) > 0)
        .collect()
}

/// Myers with the crate's own bound on effort: near-linear on texts that agree, never quadratic for
/// long ones that do not, and no clock, so that equal input gives equal runs.
fn equal_runs<T: Hash + Eq>(left: &[T], right: &[T]) -> impl Iterator<Item = Run> {
    capture_diff_slices(Algorithm::Myers, left, right).into_iter().filter_map(|op| match op {
        DiffOp::Equal { old_index, new_index, len } => Some(Run { left: old_index, right: new_index, len }),
        _ => None,
    })
}

fn content_words(tokens: &[Token], first: usize, len: usize) -> usize {
    tokens[first..first + len].iter().filter(|token| token.content).count()
}

/// A word that no run holds yet, or the end of a stretch of them; no two stretches match across an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Loose {
    Word(u64),
    LeftEnd(usize),
    RightEnd(usize),
}

fn moved(left: &[Token], right: &[Token], runs: &[Run]) -> Vec<Run> {
    let (from, to) = (
        loose(left, runs.iter().map(|run| run.left..run.left + run.len), Loose::LeftEnd),
        loose(right, runs.iter().map(|run| run.right..run.right + run.len), Loose::RightEnd),
    );
    let words = |side: &[(Loose, usize)]| side.iter().map(|(loose, _)| *loose).collect::<Vec<_>>();
    equal_runs(&words(&from), &words(&to))
        .map(|run| Run { left: from[run.left].1, right: to[run.right].1, len: run.len })
        .filter(|run| run.len >= LEAST_MOVED && 3 * content_words(left, run.left, run.len) >= run.len)
        .collect()
}

/// The words outside `held`, with their positions, in stretches long enough to hold a moved run.
fn loose(tokens: &[Token], held: impl Iterator<Item = Range<usize>>, end: fn(usize) -> Loose) -> Vec<(Loose, usize)> {
    let mut held: Vec<Range<usize>> = held.collect();
    held.sort_by_key(|range| range.start);
    held.push(tokens.len()..tokens.len());
    let (mut found, mut at) = (Vec::new(), 0);
    for range in held {
        if range.start >= at + LEAST_MOVED {
            found.extend((at..range.start).map(|word| (Loose::Word(tokens[word].key), word)));
            found.push((end(range.start), range.start));
        }
        at = range.end;
    }
    found
}

impl Alignment<'_> {
    /// Whether both have the same words in the same order.
    pub(super) fn is_same(&self) -> bool {
        self.left.len() == self.right.len() && self.left.iter().zip(self.right).all(|(a, b)| a.key == b.key)
    }

    /// Words of the shorter text.
    pub(super) fn shorter(&self) -> usize {
        self.left.len().min(self.right.len())
    }

    /// Words of the longer text.
    pub(super) fn longer(&self) -> usize {
        self.left.len().max(self.right.len())
    }

    /// Words in runs of at least `len` words.
    pub(super) fn matched(&self, len: usize) -> usize {
        self.runs.iter().map(|run| run.len).filter(|&words| words >= len).sum()
    }

    /// Words of the longest run.
    pub(super) fn longest(&self) -> usize {
        self.runs.iter().map(|run| run.len).max().unwrap_or(0)
    }

    /// Words both share, over the words of the shorter: 0 to 1.
    pub(super) fn coverage(&self) -> f32 {
        match self.shorter() {
            0 => 0.0,
            words => self.matched(LEAST_RUN) as f32 / words as f32,
        }
    }

    /// The runs as byte ranges, longest first, then by place.
    pub(super) fn shared(&self) -> Vec<SharedSpan> {
        let mut shared: Vec<SharedSpan> = self.runs.iter().map(|run| self.span_of(*run)).collect();
        shared.sort_by_key(|span| (usize::MAX - span.words, span.left.start));
        shared
    }

    fn span_of(&self, run: Run) -> SharedSpan {
        SharedSpan {
            left: stretch(self.left, run.left, run.len),
            right: stretch(self.right, run.right, run.len),
            words: run.len,
        }
    }

    /// Words of a run that are not stop words.
    pub(super) fn content_of(&self, run: Run) -> usize {
        content_words(self.left, run.left, run.len)
    }

    /// The longest part of a run that both texts set between quotation marks: first word and words.
    pub(super) fn quoted_part(&self, run: Run) -> Run {
        let (mut best, mut now) = (Run { len: 0, ..run }, Run { len: 0, ..run });
        for step in 0..run.len {
            if self.left[run.left + step].quoted && self.right[run.right + step].quoted {
                now.len += 1;
            } else {
                now = Run { left: run.left + step + 1, right: run.right + step + 1, len: 0 };
            }
            if now.len > best.len {
                best = now;
            }
        }
        best
    }
}

/// Byte range from the first word's start to the last word's end.
fn stretch(tokens: &[Token], first: usize, len: usize) -> Range<usize> {
    tokens[first].start as usize..tokens[first + len - 1].end as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::form;

    fn shared(left: &str, right: &str) -> Vec<(String, String)> {
        let (a, b) = (tokens(left), tokens(right));
        let spans = align(&a, &b).shared();
        spans.into_iter().map(|span| (left[span.left].to_owned(), right[span.right].to_owned())).collect()
    }

    #[test]
    fn runs_cover_from_the_first_word_to_the_last() {
        let found = shared("“Scaling frontier AI” requires compute.", "So scaling Frontier AI demands compute");
        assert_eq!(found, [("Scaling frontier AI".to_owned(), "scaling Frontier AI".to_owned())]);
    }

    #[test]
    fn scattered_and_stop_words_are_no_evidence() {
        assert_eq!(shared("the bank of the river rose", "a bank may fall of the rose"), []);
    }

    #[test]
    fn moved_text_is_found() {
        let (first, second) = (
            "Amazon will build seven large data centres there.",
            "Chips remain scarce across the whole industry today.",
        );
        let (left, right) = (format!("{first} {second}"), format!("{second} {first}"));
        let (a, b) = (tokens(&left), tokens(&right));
        assert_eq!(align(&a, &b).coverage(), 1.0);
    }

    #[test]
    fn the_quoted_part_needs_both_marks() {
        let (a, b) =
            (tokens("He said “compute is the new money” again"), tokens("“said compute is the new money again”"));
        let alignment = align(&a, &b);
        assert_eq!(alignment.quoted_part(alignment.runs[0]), Run { left: 2, right: 1, len: 5 });
    }

    proptest! {
        #[test]
        fn runs_are_equal_words_on_char_boundaries(left in "([a-cé’]{1,3}[ ,.“”]{1,2}){0,40}", right in "([a-cé’]{1,3}[ ,.“”]{1,2}){0,40}") {
            let (a, b) = (tokens(&left), tokens(&right));
            let alignment = align(&a, &b);
            let mut sides: Vec<_> = alignment.runs.iter().map(|run| run.right..run.right + run.len).collect();
            sides.sort_by_key(|range| range.start);
            prop_assert!(sides.windows(2).all(|two| two[0].end <= two[1].start));
            prop_assert!(alignment.runs.windows(2).all(|two| two[0].left + two[0].len <= two[1].left));
            for span in alignment.shared() {
                let (one, other) = (left.get(span.left).unwrap(), right.get(span.right).unwrap());
                let forms = |text: &str| words(text).into_iter().map(|word| form(&word.form)).collect::<Vec<_>>();
                prop_assert_eq!(forms(one), forms(other));
            }
        }

        #[test]
        fn a_text_matches_itself_throughout(text in "[a-z]{3,6}( [a-z]{3,6}){1,40}") {
            let a = tokens(&text);
            let alignment = align(&a, &a);
            prop_assert!(alignment.is_same());
            prop_assert_eq!(alignment.runs.iter().map(|run| run.len).max().unwrap_or(0), alignment.matched(2));
        }
    }
}
