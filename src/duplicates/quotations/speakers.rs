//! Attribution: whom an article gives each of its quotations to, and where it says so.
//!
//! The words outside the marks are read: those inside a broken quotation first, then those before it in its
//! sentence, those behind it, the signature beneath it, a line before it that ends in a colon, and at last the
//! quotation before it in the same paragraph. Not here: the grammar of a subject (`subjects`), names (`names`).

use std::cell::OnceCell;
use std::ops::Range;

use super::lexicon::{is_speaking, is_speech};
use super::names::{People, Stretch, person_of, runs, unpossessed};
use super::parts::Quoted;
use super::subjects::{self, Subject};
use crate::coverage::Passage;
use crate::quotation::{Found, Speaker};
use crate::text::sentences;

/// Words from a closing mark to the verb of its attribution.
const AHEAD: usize = 25;
/// Marks and white space around quoted words.
const EDGES: &[char] = &['“', '”', '"', '«', '»', '„', '‘', '’', '\'', ' '];

/// One row of an article, with what stands between marks in it.
struct Row<'a> {
    row: usize,
    text: &'a str,
    /// In order, apart from one another.
    quoted: Vec<Range<usize>>,
    /// Asked for by each "he said", so found once.
    sentences: OnceCell<Vec<Range<usize>>>,
}

/// The attribution of each quotation of one article; `rows` are its rows with their texts, ascending.
pub(super) fn speakers(rows: &[(usize, &str)], quotations: &[Quoted]) -> Vec<Option<Speaker>> {
    let article = Article::new(rows, quotations);
    let mut found: Vec<Option<Speaker>> = Vec::with_capacity(quotations.len());
    for (at, quoted) in quotations.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| Some((quotations.get(before)?, found.get(before)?.as_ref())));
        found.push(article.speaker(quoted, before));
    }
    found
}

struct Article<'a> {
    rows: Vec<Row<'a>>,
    people: People,
}

impl<'a> Article<'a> {
    fn new(rows: &[(usize, &'a str)], quotations: &[Quoted]) -> Self {
        let mut rows: Vec<Row> = rows.iter().map(|&(row, text)| Row::new(row, text)).collect();
        for part in quotations.iter().flat_map(|quoted| &quoted.parts) {
            if let Ok(at) = rows.binary_search_by_key(&part.row, |row| row.row)
                && let Some(row) = rows.get_mut(at)
            {
                row.quoted.push(part.span.clone());
            }
        }
        let outside =
            |row: &Row<'a>| row.outside().map(|span| (row.row, Stretch::new(row.text, span))).collect::<Vec<_>>();
        let people = People::new(&rows.iter().flat_map(outside).collect::<Vec<_>>());
        Self { rows, people }
    }

    fn row(&self, row: usize) -> Option<&Row<'a>> {
        self.rows.binary_search_by_key(&row, |row| row.row).ok().and_then(|at| self.rows.get(at))
    }

    fn speaker(&self, quoted: &Quoted, before: Option<(&Quoted, Option<&Speaker>)>) -> Option<Speaker> {
        if let Some(signature) = &quoted.signature {
            return self.signed(signature.clone());
        }
        let said = self.inside(quoted).or_else(|| self.beside(quoted)).or_else(|| self.announced(quoted));
        match said {
            Some(said) => said,
            None => self.carried(quoted, before),
        }
    }

    fn signed(&self, at: Passage) -> Option<Speaker> {
        let printed = self.row(at.row)?.text.get(at.span.clone())?.to_owned();
        Some(Speaker { at, name: self.people.resolve(&printed), printed, found: Found::Signature })
    }

    /// Said where the attribution breaks into the quotation.
    fn inside(&self, quoted: &Quoted) -> Option<Option<Speaker>> {
        quoted.parts.windows(2).find_map(|two| match two {
            [left, right] if left.row == right.row => {
                let row = self.row(left.row)?;
                self.after(row, left.span.end..right.span.start)
            }
            _ => None,
        })
    }

    /// Said in the sentence of the quotation: before it where words stand there, else behind it.
    fn beside(&self, quoted: &Quoted) -> Option<Option<Speaker>> {
        let (first, last) = (quoted.parts.first()?, quoted.parts.last()?);
        let (opening, closing) = (self.row(first.row)?, self.row(last.row)?);
        let lead = opening.before(first.span.start);
        let tail = closing.behind(last);
        self.lead(opening, lead).or_else(|| self.after(closing, tail.clone())).or_else(|| self.dashed(closing, last))
    }

    /// Said before the quotation: by the last verb of speech there, or by "according to".
    fn lead(&self, row: &Row, span: Range<usize>) -> Option<Option<Speaker>> {
        let (stretch, end) = (Stretch::new(row.text, span.clone()), span.end - usize::from(span.end > span.start));
        let verbs = (0..stretch.words.len()).rev().filter(|&at| speaks(&stretch, at));
        for verb in verbs {
            let subject = if stretch.form(verb) == "to" {
                subjects::behind(&stretch, verb)
            } else {
                subjects::before(&stretch, verb)
            };
            if let Some(subject) = subject {
                return Some(self.name(row, &stretch, &subject));
            }
        }
        row.text.get(end..)?.trim_start().starts_with(':').then(|| self.colon(row, &stretch)).flatten()
    }

    /// Before a colon without a verb of speech: the first name there that is surely a person's.
    fn colon(&self, row: &Row, stretch: &Stretch) -> Option<Option<Speaker>> {
        let known = |run: Range<usize>| {
            let (range, printed) = person_of(stretch, &run)?;
            self.people.is_sure(&self.people.resolve(&printed)).then_some(range)
        };
        let range = runs(stretch).find_map(known)?;
        Some(self.name(row, stretch, &Subject::Name(range)))
    }

    /// Said behind the quotation: by the first verb of speech there.
    fn after(&self, row: &Row, span: Range<usize>) -> Option<Option<Speaker>> {
        let stretch = Stretch::new(row.text, span);
        let verb = (0..stretch.words.len().min(AHEAD)).find(|&at| speaks(&stretch, at))?;
        let told = ["told", "tells", "telling"].contains(&stretch.form(verb));
        let behind = || if told { None } else { subjects::behind(&stretch, verb) };
        let subject = if stretch.form(verb) == "to" || verb == 0 {
            behind()
        } else {
            subjects::before(&stretch, verb).or_else(behind)
        };
        Some(self.name(row, &stretch, &subject?))
    }

    /// A name behind a dash that ends the paragraph: "“So be it.” — Sam Altman".
    fn dashed(&self, row: &Row, last: &Passage) -> Option<Option<Speaker>> {
        let rest = row.text.get(last.span.end..)?.trim_start_matches(EDGES);
        let name = rest.strip_prefix(['—', '–', '―', '-'])?;
        let start = row.text.len() - name.trim_start().len();
        let stretch = Stretch::new(row.text, start..row.text.len());
        let run = stretch.run_from(0)?;
        let person = stretch
            .person(&run)
            .filter(|_| run.end == stretch.words.len() || stretch.gap(run.end - 1).contains(','))?;
        Some(self.signed(Passage { row: row.row, span: stretch.span(&person) }))
    }

    /// Said by the end of the paragraph before, where that ends in a colon.
    fn announced(&self, quoted: &Quoted) -> Option<Option<Speaker>> {
        let first = quoted.parts.first()?;
        let opening = self.row(first.row)?;
        if !opening.text.get(..first.span.start)?.trim_matches(EDGES).is_empty() {
            return None;
        }
        let at = self.rows.binary_search_by_key(&first.row, |row| row.row).ok()?;
        let before = self.rows.get(at.checked_sub(1)?)?;
        if !before.text.trim_end().ends_with(':') {
            return None;
        }
        self.lead(before, before.before(before.text.len()))
    }

    /// The speaker of the quotation before it in the same paragraph, where no sentence of another stands between.
    fn carried(&self, quoted: &Quoted, before: Option<(&Quoted, Option<&Speaker>)>) -> Option<Speaker> {
        let (other, speaker) = before?;
        let (left, right) = (other.parts.last()?, quoted.parts.first()?);
        let row = self.row(right.row).filter(|_| left.row == right.row)?;
        let between = Stretch::new(row.text, left.span.end..right.span.start);
        let speaker = speaker?;
        // The sentence that names the speaker may name whom it likes; another must name nobody.
        let told = speaker.at.row == row.row
            && left.span.end <= speaker.at.span.start
            && speaker.at.span.end <= right.span.start;
        let named = !told && runs(&between).any(|run| !between.is_impersonal(&run));
        let sentences = sentences(row.text.get(left.span.end..right.span.start)?.trim_matches(EDGES)).len();
        (!named && sentences <= 1).then(|| Speaker { found: Found::Carried, ..speaker.clone() })
    }

    fn name(&self, row: &Row, stretch: &Stretch, subject: &Subject) -> Option<Speaker> {
        let (range, found) = match subject {
            Subject::Name(range) => (range, Found::Named),
            Subject::Phrase(range) => (range, Found::Described),
            Subject::Pronoun(range) => (range, Found::Pronoun),
            Subject::Nobody => return None,
        };
        let span = stretch.span(range);
        let printed = unpossessed(row.text.get(span.clone())?).to_owned();
        if found == Found::Described && !subjects::is_whole_phrase(stretch, range) {
            return None;
        }
        let name = match found {
            Found::Pronoun => self.people.before(row.row, span.start, |row, at| self.sentence(row, at))?.to_owned(),
            Found::Named => self.people.resolve(&printed),
            _ => printed.clone(),
        };
        Some(Speaker { at: Passage { row: row.row, span }, printed, name, found })
    }

    /// The sentence a place stands in.
    fn sentence(&self, row: usize, at: usize) -> Range<usize> {
        self.row(row).and_then(|row| row.sentence(at)).unwrap_or(at..at + 1)
    }
}

/// Whether a word is a verb of speech, or the "to" of "according to".
fn speaks(stretch: &Stretch, at: usize) -> bool {
    let form = stretch.form(at);
    let according = form == "to" && at.checked_sub(1).is_some_and(|before| stretch.form(before) == "according");
    let infinitive = at.checked_sub(1).is_some_and(|before| stretch.form(before) == "to");
    according || (!infinitive && is_speech(form)) || is_speaking(form)
}

impl<'a> Row<'a> {
    fn new(row: usize, text: &'a str) -> Self {
        Self { row, text, quoted: Vec::new(), sentences: OnceCell::new() }
    }

    /// The sentence a place stands in; none for white space between two.
    fn sentence(&self, at: usize) -> Option<Range<usize>> {
        let all = self.sentences.get_or_init(|| sentences(self.text));
        all.get(all.partition_point(|span| span.end <= at)).filter(|span| span.contains(&at)).cloned()
    }

    /// What stands between no marks.
    fn outside(&self) -> impl Iterator<Item = Range<usize>> + Clone + '_ {
        let ends = self.quoted.iter().map(|span| span.start).chain([self.text.len()]);
        let starts = [0].into_iter().chain(self.quoted.iter().map(|span| span.end));
        starts.zip(ends).filter(|(start, end)| start < end).map(|(start, end)| start..end)
    }

    /// The words of the same sentence before a quotation that opens at `at`, back to the quotation before it.
    fn before(&self, at: usize) -> Range<usize> {
        let earlier = self.quoted.partition_point(|span| span.end < at);
        let from = earlier.checked_sub(1).and_then(|last| self.quoted.get(last)).map_or(0, |span| span.end);
        let gap = self.text.get(from..at).unwrap_or_default();
        let trimmed = gap.trim_end_matches(EDGES);
        let last = sentences(trimmed).last().map_or(0, |span| span.start);
        if ended(trimmed) { at..at } else { from + last..from + trimmed.len() }
    }

    /// The words of the same sentence behind a quotation, up to the next quotation.
    fn behind(&self, part: &Passage) -> Range<usize> {
        let from = part.span.end;
        let next = self.quoted.partition_point(|span| span.start <= from);
        let to = self.quoted.get(next).map_or(self.text.len(), |span| span.start);
        let gap = self.text.get(from..to).unwrap_or_default();
        let skipped = gap.len() - gap.trim_start_matches(EDGES).len();
        let rest = gap.get(skipped..).unwrap_or_default();
        let said = self.text.get(part.span.clone()).unwrap_or_default().trim_end();
        let goes_on = !said.ends_with('.') || rest.starts_with(|c: char| c.is_lowercase() || c == ',');
        let first = sentences(rest).first().map_or(0, |span| span.end);
        if goes_on { from + skipped..from + skipped + first } else { from..from }
    }
}

/// Whether a stretch before a quotation ends a sentence, so that it says nothing of who speaks next.
fn ended(text: &str) -> bool {
    text.is_empty() || text.ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::super::parts::quotations;
    use super::*;
    use crate::paragraph::{Kind, Paragraph};

    /// Each quotation's speaker as "printed = name, how found".
    fn read(rows: &[&str]) -> Vec<String> {
        let paragraph = |(at, text): (usize, &&str)| Paragraph {
            article: 0,
            place: at + 1,
            kind: Kind::Body,
            span: 0..text.len(),
            text: (*text).to_owned(),
        };
        let paragraphs: Vec<Paragraph> = rows.iter().enumerate().map(paragraph).collect();
        let quoted = quotations(paragraphs.iter().enumerate());
        let texts: Vec<(usize, &str)> = rows.iter().copied().enumerate().collect();
        let shown = |speaker: Option<Speaker>| match speaker {
            Some(speaker) => format!("{} = {}, {:?}", speaker.printed, speaker.name, speaker.found),
            None => "none".to_owned(),
        };
        speakers(&texts, &quoted).into_iter().map(shown).collect()
    }

    #[test]
    fn a_surname_behind_the_quotation_is_resolved_in_the_article() {
        let rows = ["OpenAI CEO Sam Altman signed.", "“Scaling requires compute,” Altman said in a statement."];
        assert_eq!(read(&rows), ["Altman = Sam Altman, Named"]);
    }

    #[test]
    fn a_speaker_stands_before_inside_or_behind() {
        assert_eq!(read(&["Sam Altman said: “We need compute.”"]), ["Sam Altman = Sam Altman, Named"]);
        assert_eq!(read(&["“We need,” said Sam Altman, “more compute.”"]), ["Sam Altman = Sam Altman, Named"]);
        assert_eq!(read(&["The plan is “a big deal,” according to Sam Altman."]), ["Sam Altman = Sam Altman, Named"]);
        assert_eq!(read(&["Tim Cook, the CEO of Apple, told CNBC “it works” then."]), ["Tim Cook = Tim Cook, Named"]);
    }

    #[test]
    fn a_document_speaks_as_it_is_called() {
        assert_eq!(read(&["“We need more compute,” the memo said."]), ["the memo = the memo, Described"]);
        let one = read(&["“We need more compute,” said one London-based AI strategist."]);
        assert_eq!(one, ["one London-based AI strategist = one London-based AI strategist, Described"]);
    }

    #[test]
    fn a_pronoun_means_the_last_person_named() {
        let rows = ["Sam Altman said no more. It rained.", "“We need more compute,” he said."];
        assert_eq!(read(&rows), ["he = Sam Altman, Pronoun"]);
        assert_eq!(read(&["“We need more compute,” he said."]), ["none"]);
    }

    #[test]
    fn a_post_is_its_signature_s() {
        assert_eq!(
            read(&["We need more compute. — Sam Altman (@sama) May 10, 2025"]),
            ["Sam Altman = Sam Altman, Signature"]
        );
        assert_eq!(read(&["“We need more compute.” — Sam Altman"]), ["Sam Altman = Sam Altman, Signature"]);
    }

    #[test]
    fn a_second_quotation_is_carried_on_until_somebody_else_is_named() {
        let rows = [
            "“We need more,” said OpenAI CEO Sam Altman. “It costs much.” It rained. Tim Cook left. “No, it does not.”",
        ];
        assert_eq!(read(&rows), ["Sam Altman = Sam Altman, Named", "Sam Altman = Sam Altman, Carried", "none"]);
    }

    #[test]
    fn a_line_that_ends_in_a_colon_announces_the_next() {
        assert_eq!(read(&["Sam Altman wrote on X:", "“We need more compute.”"]), ["Sam Altman = Sam Altman, Named"]);
        let rows = ["Mr. Sam Altman left.", "CEO Sam Altman gave the reason for it all: “Compute is scarce.”"];
        assert_eq!(read(&rows), ["Sam Altman = Sam Altman, Named"]);
    }

    #[test]
    fn who_is_asked_is_not_who_speaks() {
        assert_eq!(read(&["Sam Altman was asked: “Where is the compute?”"]), ["none"]);
    }

    #[test]
    fn twenty_thousand_quotations_of_one_paragraph_are_attributed_in_one_go() {
        let row = format!("Mr. Sam Altman left. {}", "“So be it.” He said: “It is so.” ".repeat(10_000));
        let found = read(&[&row]);
        assert_eq!(found.len(), 20_000);
        assert!(found.iter().skip(1).step_by(2).all(|speaker| speaker == "He = Sam Altman, Pronoun"));
    }
}
