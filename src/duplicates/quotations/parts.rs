//! Quotations of one article, whole: over paragraphs, broken by their attribution, set off as a block, or posted.
//!
//! Not here: marks inside a paragraph (`marks`), who speaks (`speakers`).

use std::ops::Range;

use super::lexicon::is_speech;
use super::marks::{Marks, begins_quoted, marks};
use crate::coverage::Passage;
use crate::paragraph::{Kind, Paragraph};
use crate::text::words;

/// Words an attribution inside a quotation may have: "said the chairman of the House committee on Monday,".
const INSIDE_WORDS: usize = 15;
/// Words of the signature of a post: "— Donald J. Trump (@realDonaldTrump) May 10, 2020".
const SIGNATURE_WORDS: usize = 12;

/// A quotation as an article prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quoted {
    /// What stands between the marks, in reading order; never empty.
    pub(super) parts: Vec<Passage>,
    /// The name beneath a post.
    pub(super) signature: Option<Passage>,
}

/// The quotations of one article. `rows` are its paragraphs in order, with their row.
pub(super) fn quotations<'a>(rows: impl IntoIterator<Item = (usize, &'a Paragraph)>) -> Vec<Quoted> {
    let mut reading = Reading::default();
    for (row, paragraph) in rows {
        reading.paragraph(row, paragraph);
    }
    reading.found
}

#[derive(Default)]
struct Reading {
    found: Vec<Quoted>,
    /// Parts of a quotation that goes on in the next paragraph, and the place of its last.
    running: Option<(Vec<Passage>, usize)>,
}

impl Reading {
    fn paragraph(&mut self, row: usize, paragraph: &Paragraph) {
        let text = &paragraph.text;
        if let Some((posted, signature)) = signed(text) {
            self.running = None;
            self.keep(vec![Passage { row, span: posted }], text, Some(Passage { row, span: signature }));
            return;
        }
        let found = marks(text);
        if paragraph.kind == Kind::Quote && found.open.is_none() && !is_mostly_quoted(text, &found) {
            self.keep(vec![Passage { row, span: 0..text.len() }], text, None);
            return;
        }
        self.marked(row, paragraph, &found);
    }

    fn marked(&mut self, row: usize, paragraph: &Paragraph, found: &Marks) {
        let text = &paragraph.text;
        let first = if begins_quoted(text) { text.chars().next().map(char::len_utf8) } else { None };
        let running = self.running.take().filter(|(_, place)| paragraph.place == place + 1);
        let mut before = running.filter(|_| first.is_some()).map(|(parts, _)| parts).unwrap_or_default();
        for spans in broken(text, &found.closed) {
            let mut parts =
                if spans.first().map(|span| span.start) == first { std::mem::take(&mut before) } else { vec![] };
            parts.extend(spans.into_iter().map(|span| Passage { row, span }));
            self.keep(parts, text, None);
        }
        if let Some(start) = found.open {
            let mut parts = if Some(start) == first { before } else { vec![] };
            parts.push(Passage { row, span: start..text.len() });
            self.running = Some((parts, paragraph.place));
        }
    }

    /// Keeps a quotation whose last part ends in `text`, without the links of a post at its end.
    fn keep(&mut self, mut parts: Vec<Passage>, text: &str, signature: Option<Passage>) {
        if let Some(last) = parts.last_mut() {
            last.span = without_links(text, last.span.clone());
        }
        parts.retain(|part| !part.span.is_empty());
        if !parts.is_empty() {
            self.found.push(Quoted { parts, signature });
        }
    }
}

/// Spans joined where an attribution breaks in: "I think," he said, "that it works."
fn broken(text: &str, spans: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
    let mut joined: Vec<Vec<Range<usize>>> = Vec::new();
    for span in spans {
        let goes_on = |last: &Vec<Range<usize>>| last.last().is_some_and(|last| breaks_in(text, last, span));
        match joined.last_mut().filter(|last| goes_on(last)) {
            Some(last) => last.push(span.clone()),
            None => joined.push(vec![span.clone()]),
        }
    }
    joined
}

/// Whether what stands between two quoted stretches says who speaks and ends no sentence.
fn breaks_in(text: &str, left: &Range<usize>, right: &Range<usize>) -> bool {
    let (Some(said), Some(gap)) = (text.get(left.clone()), text.get(left.end..right.start)) else { return false };
    let gap = gap.trim_matches(|c: char| c.is_whitespace() || "“”\"«»„‘’'".contains(c));
    let pauses = said.trim_end().ends_with([',', '—', '–', '-', '…']) || gap.starts_with([',', '—', '–']);
    let resumes = gap.ends_with([',', '—', '–', '-']);
    let spoken = words(gap);
    pauses && resumes && spoken.len() <= INSIDE_WORDS && spoken.iter().any(|word| is_speech(&word.form))
}

/// Whether nearly all of a block stands between marks of its own.
fn is_mostly_quoted(text: &str, found: &Marks) -> bool {
    let of = |span: &Range<usize>| words(text.get(span.clone()).unwrap_or_default()).len();
    5 * found.closed.iter().map(of).sum::<usize>() >= 4 * words(text).len()
}

/// A post and the name beneath it: "… — Sam Altman (@sama) May 10, 2025".
fn signed(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let handle = text.rfind("(@")?;
    let before = text.get(..handle)?;
    let dash = before.rfind(['—', '–', '―'])?;
    let start = dash + before.get(dash..)?.chars().next()?.len_utf8();
    let name = before.get(start..)?;
    let signature = words(text.get(dash..)?).len() <= SIGNATURE_WORDS && !name.trim().is_empty();
    let span = start + name.len() - name.trim_start().len()..start + name.trim_end().len();
    (signature && dash > 0).then_some((0..dash, span))
}

/// A span without white space around it and links at its end.
fn without_links(text: &str, span: Range<usize>) -> Range<usize> {
    let piece = text.get(span.clone()).unwrap_or_default();
    let mut kept = piece.trim_end();
    while let Some(at) = kept.rfind(char::is_whitespace) {
        let last = kept.get(at..).unwrap_or_default().trim_start();
        if !(last.contains("://") || last.starts_with("pic.twitter.com")) {
            break;
        }
        kept = kept.get(..at).unwrap_or_default().trim_end();
    }
    let start = span.start + (kept.len() - kept.trim_start().len());
    start..(span.start + kept.len()).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[(Kind, &str)]) -> Vec<String> {
        let paragraphs: Vec<Paragraph> = rows
            .iter()
            .enumerate()
            .map(|(at, (kind, text))| Paragraph {
                article: 0,
                place: at + 1,
                kind: *kind,
                span: 0..text.len(),
                text: (*text).to_owned(),
            })
            .collect();
        let shown = |part: &Passage| paragraphs[part.row].text[part.span.clone()].to_owned();
        quotations(paragraphs.iter().enumerate())
            .iter()
            .map(|quoted| quoted.parts.iter().map(shown).collect::<Vec<_>>().join(" | "))
            .collect()
    }

    #[test]
    fn a_quotation_broken_by_its_attribution_is_one() {
        let text = "“I think,” he said, “that it works.” She laughed. “No,” she said. “It does not.”";
        assert_eq!(read(&[(Kind::Body, text)]), ["I think, | that it works.", "No,", "It does not."]);
    }

    #[test]
    fn a_quotation_over_paragraphs_is_one() {
        let rows = [
            (Kind::Body, "He wrote: “We met in May."),
            (Kind::Body, "“We talked for long."),
            (Kind::Body, "“Then we signed,” and left."),
        ];
        assert_eq!(read(&rows), ["We met in May. | We talked for long. | Then we signed,"]);
    }

    #[test]
    fn what_is_never_closed_quotes_nothing() {
        assert_eq!(read(&[(Kind::Body, "He wrote: “We met."), (Kind::Body, "She left. “So be it.”")]), ["So be it."]);
    }

    #[test]
    fn a_block_is_a_quotation_with_or_without_marks() {
        assert_eq!(read(&[(Kind::Quote, "We met in May.")]), ["We met in May."]);
        assert_eq!(read(&[(Kind::Quote, "“We met in May.”")]), ["We met in May."]);
        assert_eq!(read(&[(Kind::Quote, "We call it “the plan” here.")]), ["We call it “the plan” here."]);
    }

    #[test]
    fn a_post_ends_before_its_links_and_its_signature() {
        let post = "Racism is evil! https://t.co/x pic.twitter.com/y — Donald J. Trump (@realDonaldTrump) May 10, 2020";
        assert_eq!(read(&[(Kind::Body, post)]), ["Racism is evil!"]);
        let found = signed(post).map(|(_, name)| &post[name]);
        assert_eq!(found, Some("Donald J. Trump"));
    }
}
