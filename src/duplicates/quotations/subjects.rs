//! Who a verb of speech belongs to: the name, noun phrase or pronoun before or behind it.
//!
//! Read from the words alone, by closed rules of English: adverbs and circumstances between subject and verb are
//! passed over, and so is an apposition between commas. Not here: which verb belongs to which quotation (`speakers`).

use std::ops::Range;

use super::lexicon::{
    is_circumstance, is_day, is_determiner, is_opener, is_other_pronoun, is_personal, is_speaking, is_speech,
    is_verbal, may_intervene, ties,
};
use super::names::Stretch;
use crate::neighbours::wording::is_stop_word;

/// Words a noun phrase may have before its head: "a senior spokesman for the House committee".
const PHRASE_WORDS: usize = 8;
/// Words between a subject and its verb, an apposition and a circumstance among them.
const REACH: usize = 30;

/// Who speaks, as word positions of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A name, without its titles.
    Name(Range<usize>),
    /// A noun phrase.
    Phrase(Range<usize>),
    /// "he" or "she".
    Pronoun(Range<usize>),
    /// Another pronoun: somebody, but nobody who can be named.
    Nobody,
}

/// The subject before the verb at `verb`: "Altman said", "Sen. McCain, R-Ariz., told reporters".
pub(super) fn before(stretch: &Stretch, verb: usize) -> Option<Subject> {
    if is_speaking(stretch.form(verb)) {
        return first(stretch, verb);
    }
    if is_passive(stretch, verb) {
        return if stretch.form(verb + 1) == "by" { behind(stretch, verb + 1) } else { None };
    }
    let mut end = verb;
    let passed = |last: &usize| {
        may_intervene(stretch.form(*last)) || (stretch.form(*last) == "on" && is_day(stretch.form(last + 1)))
    };
    while let Some(last) = end.checked_sub(1).filter(passed) {
        end = last;
    }
    ending(stretch, end, verb.saturating_sub(REACH))
}

/// "was asked by": who is named before it hears. "Was quoted" alone has its speaker before it.
fn is_passive(stretch: &Stretch, verb: usize) -> bool {
    let before = verb.checked_sub(1).map_or("", |before| stretch.form(before));
    ["was", "were", "been", "being", "is", "are"].contains(&before) && stretch.form(verb) != "quoted"
}

/// The subject behind the verb at `verb`: "said Sam Altman", "according to the company".
pub(super) fn behind(stretch: &Stretch, verb: usize) -> Option<Subject> {
    let start = verb + 1;
    let head = stretch.form(start);
    if start >= stretch.words.len() || is_day(head) || breaks(stretch.gap(verb)) || is_circumstance(head) || ties(head)
    {
        return None;
    }
    if is_personal(head) {
        return Some(Subject::Pronoun(start..start + 1));
    }
    if is_other_pronoun(head) && !is_determiner(head) {
        return Some(Subject::Nobody);
    }
    let end = clause_end(stretch, start);
    let name = (start..end).find_map(|at| stretch.run_from(at).filter(|run| run.end <= end));
    match name {
        Some(run) if run.end < end && is_noun(stretch, run.end) => {
            Some(Subject::Phrase(start..phrase_end(stretch, start, end)))
        }
        Some(run) if !(start..run.start).any(|word| ties(stretch.form(word))) => named(stretch, run, start),
        _ => Some(Subject::Phrase(start..phrase_end(stretch, start, end))),
    }
}

/// Ends at a comma, a stop, a relative or a circumstance.
fn clause_end(stretch: &Stretch, start: usize) -> usize {
    let limit = (start + PHRASE_WORDS + 4).min(stretch.words.len());
    let stops = |word: usize| {
        let next = stretch.form(word + 1);
        breaks(stretch.gap(word))
            || ["who", "that", "when", "while", "as", "which", "if"].contains(&next)
            || is_circumstance(next)
    };
    (start..limit).find(|&word| stops(word)).map_or(limit, |last| last + 1)
}

/// Whether a word in small letters can be what a name before it belongs to: "a Trump aide".
fn is_noun(stretch: &Stretch, word: usize) -> bool {
    let form = stretch.form(word);
    let other =
        is_stop_word(form) || is_opener(form) || may_intervene(form) || is_speech(form) || form.ends_with("ing");
    !form.is_empty() && !other && !stretch.is_name_word(word) && !breaks(stretch.gap(word - 1))
}

/// Whether a phrase reads as one: an article or a name at its head, and no verb or relative inside.
pub(super) fn is_whole_phrase(stretch: &Stretch, range: &Range<usize>) -> bool {
    let head = stretch.form(range.start);
    let opened = is_determiner(head) && !["that", "this", "his", "her", "their", "its", "both"].contains(&head);
    let plural = range.len() <= 2 && range.end.checked_sub(1).is_some_and(|last| stretch.form(last).ends_with('s'));
    let inside = range.clone().any(|word| is_verbal(stretch.form(word)));
    !inside
        && (opened || plural || stretch.is_name_word(range.start))
        && !range.clone().any(|word| {
            ["week", "weeks", "time", "times", "day", "days", "year", "years"].contains(&stretch.form(word))
        })
}

fn phrase_end(stretch: &Stretch, start: usize, end: usize) -> usize {
    let verb = (start + 1..end).find(|&word| is_speech(stretch.form(word)) || is_speaking(stretch.form(word)));
    verb.unwrap_or(end).max(start + 1)
}

fn breaks(gap: &str) -> bool {
    let stop = gap.trim_end().ends_with('.') && gap.len() > 2;
    stop || gap.contains([',', ';', ':', '(', '—', '–', '?', '!', '“', '"'])
}

/// A run of capitalised words as the subject: with an article before it, or all titles, it is a phrase.
fn named(stretch: &Stretch, run: Range<usize>, from: usize) -> Option<Subject> {
    let article = run.start.checked_sub(1).filter(|&before| before >= from && is_determiner(stretch.form(before)));
    let person = stretch.person(&run);
    match (article, person) {
        (None, Some(name)) => Some(Subject::Name(name)),
        (Some(start), Some(name)) if name.start > run.start => {
            if stretch.is_impersonal(&name) {
                Some(Subject::Phrase(start..run.end))
            } else {
                Some(Subject::Name(name))
            }
        }
        (Some(start), _) => Some(Subject::Phrase(start..run.end)),
        (None, None) => Some(Subject::Phrase(run)),
    }
}

/// The first name or pronoun of a sentence that stands behind no preposition: who a participle speaks of.
fn first(stretch: &Stretch, end: usize) -> Option<Subject> {
    let mut at = 0;
    while at < end {
        let form = stretch.form(at);
        let aside = at.checked_sub(1).is_some_and(|before| {
            let form = stretch.form(before);
            ties(form)
                || is_circumstance(form)
                || (is_determiner(form) && before > 0 && is_circumstance(stretch.form(before - 1)))
        });
        if is_personal(form) {
            return Some(Subject::Pronoun(at..at + 1));
        }
        match stretch.run_from(at) {
            Some(run) if !aside => return named(stretch, run, 0),
            Some(run) => at = run.end,
            None => at += 1,
        }
    }
    None
}

/// The subject whose last word is before `end`, not looking further back than `from`.
fn ending(stretch: &Stretch, end: usize, from: usize) -> Option<Subject> {
    let last = end.checked_sub(1).filter(|&last| last >= from)?;
    if breaks(stretch.gap(last)) {
        return before_apposition(stretch, last, from);
    }
    let form = stretch.form(last);
    if is_personal(form) {
        return Some(Subject::Pronoun(last..end));
    }
    if form == "who" {
        return before_apposition(stretch, last, from).or_else(|| ending(stretch, last, from));
    }
    if is_other_pronoun(form) {
        return Some(Subject::Nobody);
    }
    match stretch.run_to(last) {
        Some(run) => tied(stretch, run.start, end, from).unwrap_or_else(|| named(stretch, run, from)),
        None => phrase(stretch, last, from),
    }
}

/// What a preposition before the words from `start` makes of them: part of a longer phrase, or a circumstance to
/// pass over. None where no preposition stands there.
fn tied(stretch: &Stretch, start: usize, end: usize, from: usize) -> Option<Option<Subject>> {
    let mut before = start.checked_sub(1).filter(|&before| before >= from)?;
    if is_determiner(stretch.form(before)) {
        before = before.checked_sub(1).filter(|&before| before >= from)?;
    }
    if breaks(stretch.gap(before)) {
        return None;
    }
    if ties(stretch.form(before)) {
        let head = before.checked_sub(1)?;
        let whole = match stretch.run_to(head) {
            Some(run) => run.start..end,
            None => phrase_start(stretch, head, from)..end,
        };
        return Some(Some(Subject::Phrase(whole)));
    }
    is_circumstance(stretch.form(before)).then(|| ending(stretch, before, from))
}

/// A phrase of small letters that ends with the word at `last`.
fn phrase(stretch: &Stretch, last: usize, from: usize) -> Option<Subject> {
    let start = phrase_start(stretch, last, from);
    let outer = if is_determiner(stretch.form(start)) { start + 1 } else { start };
    tied(stretch, outer.min(last), last + 1, from).unwrap_or_else(|| Some(Subject::Phrase(start..last + 1)))
}

/// Where a phrase begins: at its article, behind a break, a verb or a joining word.
fn phrase_start(stretch: &Stretch, last: usize, from: usize) -> usize {
    let mut start = last;
    while !is_determiner(stretch.form(start)) && last - start < PHRASE_WORDS {
        let Some(before) = start.checked_sub(1).filter(|&before| before >= from) else { break };
        let form = stretch.form(before);
        let joins = ["and", "but", "or", "that", "as", "when", "while", "if", "because", "where", "so"].contains(&form);
        let ends = joins || is_circumstance(form) || ties(form) || is_speech(form) || is_speaking(form);
        if ends || breaks(stretch.gap(before)) {
            break;
        }
        start = before;
    }
    start
}

/// The subject before the comma that opens an apposition: "Tim Cook, the CEO of Apple, said".
fn before_apposition(stretch: &Stretch, last: usize, from: usize) -> Option<Subject> {
    let mut at = last;
    while let Some(word) = at.checked_sub(1).filter(|&word| word >= from) {
        at = word;
        if !stretch.gap(word).contains([',', '(', '—', '–']) || stretch.gap(word).contains(':') {
            continue;
        }
        if let Some(run) = stretch.run_to(word) {
            let before = run.start.checked_sub(1).map_or("", |before| stretch.form(before));
            let head =
                if ties(before) { run.start.checked_sub(2).and_then(|head| stretch.run_to(head)) } else { Some(run) };
            let person = head.filter(|head| stretch.person(head).is_some_and(|name| !stretch.is_impersonal(&name)));
            if let Some(head) = person.filter(|_| !is_circumstance(before)) {
                return named(stretch, head, from);
            }
        } else if is_personal(stretch.form(word)) {
            return Some(Subject::Pronoun(word..word + 1));
        }
    }
    // Nothing before the comma: what stands before the verb is no apposition.
    let run = stretch.run_to(last).filter(|run| !stretch.is_impersonal(run))?;
    named(stretch, run, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before or behind the verb that is marked by a star.
    fn subject(text: &str, side: fn(&Stretch, usize) -> Option<Subject>) -> String {
        let at = text.find('*').unwrap();
        let plain = text.replace('*', "");
        let stretch = Stretch::new(&plain, 0..plain.len());
        let verb = stretch.words.iter().position(|word| word.span.start == at).unwrap();
        match side(&stretch, verb) {
            Some(Subject::Name(range)) => format!("name {}", &plain[stretch.span(&range)]),
            Some(Subject::Phrase(range)) => format!("phrase {}", &plain[stretch.span(&range)]),
            Some(Subject::Pronoun(range)) => format!("pronoun {}", &plain[stretch.span(&range)]),
            Some(Subject::Nobody) => "nobody".to_owned(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn a_name_before_the_verb() {
        for (text, name) in [
            ("Altman *said in a statement", "name Altman"),
            ("But OpenAI CEO Sam Altman also *said", "name Sam Altman"),
            ("Sen. John McCain, R-Ariz., *told reporters", "name John McCain"),
            ("Mary Smith, a teacher from Columbus, Ohio, *said", "name Mary Smith"),
            ("State Department spokeswoman Heather Nauert *said", "name Heather Nauert"),
            ("Trump on Monday *called it", "name Trump"),
            ("Paolo Pescatore, who follows the industry, *said", "name Paolo Pescatore"),
            ("Trump defended the deal on Monday, *saying", "name Trump"),
            ("he later *told CNN", "pronoun he"),
            ("It *said", "nobody"),
            ("On Monday Ann Lee *added that", "name Ann Lee"),
            ("Cohen was *asked by Rep. Alexandria Ocasio-Cortez", "name Alexandria Ocasio-Cortez"),
            ("Hal Rogers, R-Kentucky, *told CNN", "name Hal Rogers"),
        ] {
            assert_eq!(subject(text, before), name, "{text}");
        }
    }

    #[test]
    fn a_noun_phrase_before_the_verb() {
        for (text, phrase) in [
            ("the memo *said", "phrase the memo"),
            ("a spokesman for Mr. Trump *said", "phrase a spokesman for Mr. Trump"),
            ("On Monday, the White House *said", "phrase the White House"),
            ("the company in a statement *said", "phrase the company"),
        ] {
            assert_eq!(subject(text, before), phrase, "{text}");
        }
    }

    #[test]
    fn a_subject_behind_the_verb() {
        for (text, found) in [
            ("*said Sam Altman, the head of OpenAI", "name Sam Altman"),
            ("*said former Vice President Joe Biden on Monday", "name Joe Biden"),
            ("*said a spokesman for Mr. Trump, who left", "phrase a spokesman for Mr. Trump"),
            ("*said in a statement", "none"),
            ("*said he was", "pronoun he"),
            ("*said the official, who left", "phrase the official"),
        ] {
            assert_eq!(subject(text, behind), found, "{text}");
        }
    }
}
