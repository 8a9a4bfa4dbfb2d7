//! The same quotation over outlets: groups of quotations around their fullest form.
//!
//! 1. Quotations of equal words are one form; forms are ordered by fullness.
//! 2. Forms that share four words in a row are compared word by word.
//! 3. From the fullest down, a form that no group holds yet is the fullest of a new one, and takes what is the same.
//!
//! Not here: how a member lies to the fullest (`changes`). Cost: a sort of one entry a word, and one alignment for
//! each two forms that share four words.

use std::cmp::Reverse;
use std::hash::{Hash, Hasher};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::super::align::{Alignment, Token, align};
use super::super::grade::{LONG_QUOTE, LONG_RUN, by_wording};
use super::changes::changes;
use super::lexicon::is_impersonal;
use super::names::{is_full, surname};
use super::spoken::Spoken;
use crate::quotation::{Change, Form, Found, Quotation, QuotedBy, Speaker};
use crate::text::words;

/// Words in a row that make two quotations worth comparing.
const GRAM: usize = 4;
/// Forms a gram may stand in and still pair all of them. One that stands in more is a phrase of the language, or of a
/// quotation that hundreds alter.
const COMMON: usize = 128;
/// A commoner gram pairs each form with this many of the fullest that have it, since a group lies around its fullest
/// form, and with as many next to it in fullness. Cost stays linear.
const LINKS: usize = 8;
/// A quotation of fewer words, or fewer that are not stop words, is too little to be known again in a longer one
/// of somebody else: "the United States of America".
const SURE: (usize, usize) = (6, 3);

/// Words in a row, and how many not stop words, that two people do not say by chance.
const STRANGERS: (usize, usize) = (12, 6);

/// The quotations that at least two outlets print: most outlets first, then by words, then by place.
pub(super) fn matching(mut quotations: Vec<Spoken>) -> Vec<Quotation> {
    quotations.retain(|quoted| tells(quoted) && (is_sure(quoted) || speaker(quoted).is_some()));
    quotations.sort_by_key(|quoted| (Reverse(quoted.tokens.len()), quoted.place()));
    let forms = forms(&quotations);
    let groups = groups(&quotations, &forms);
    let mut found: Vec<Quotation> =
        groups.par_iter().filter_map(|group| quotation(&quotations, &forms, group)).collect();
    found.sort_by_cached_key(rank);
    found
}

fn tells(quoted: &Spoken) -> bool {
    let content = quoted.tokens.iter().filter(|token| token.content).count();
    quoted.tokens.len() >= LONG_QUOTE.0 && content >= LONG_QUOTE.1 && !quoted.is_title
}

/// Indices of quotations of equal words, fullest first.
fn forms(quotations: &[Spoken]) -> Vec<Vec<usize>> {
    let mut known: FxHashMap<(Vec<u64>, Option<String>), usize> = FxHashMap::default();
    let mut forms: Vec<Vec<usize>> = Vec::new();
    for (at, quoted) in quotations.iter().enumerate() {
        let of = if is_sure(quoted) { None } else { speaker(quoted) };
        let form = *known.entry((quoted.keys().collect(), of)).or_insert(forms.len());
        match forms.get_mut(form) {
            Some(form) => form.push(at),
            None => forms.push(vec![at]),
        }
    }
    forms
}

/// Groups of forms, the fullest of each first.
fn groups(quotations: &[Spoken], forms: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let first: Vec<&Spoken> = forms.iter().filter_map(|form| quotations.get(*form.first()?)).collect();
    let same: Vec<(u32, u32)> = candidates(&first)
        .into_par_iter()
        .filter(|&(full, part)| match (first.get(full as usize), first.get(part as usize)) {
            (Some(full), Some(part)) => is_same(full, part),
            _ => false,
        })
        .collect();
    let mut taken = vec![false; forms.len()];
    let mut groups = Vec::new();
    for form in 0..forms.len() {
        if taken.get(form).copied().unwrap_or(true) {
            continue;
        }
        let from = same.partition_point(|&(full, _)| (full as usize) < form);
        let parts =
            same.iter().skip(from).take_while(|&&(full, _)| full as usize == form).map(|&(_, part)| part as usize);
        let mut group = vec![form];
        for part in parts {
            if let Some(free) = taken.get_mut(part).filter(|taken| !**taken) {
                *free = true;
                group.push(part);
            }
        }
        groups.push(group);
    }
    groups
}

/// Forms that share a gram, the fuller first, ascending.
fn candidates(forms: &[&Spoken]) -> Vec<(u32, u32)> {
    let mut entries: Vec<(u64, u32)> = forms
        .par_iter()
        .enumerate()
        .flat_map_iter(|(form, quoted)| grams(&quoted.tokens).into_iter().map(move |gram| (gram, form as u32)))
        .collect();
    entries.par_sort_unstable();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    entries.chunk_by(|a, b| a.0 == b.0).for_each(|sharing| link(sharing, &mut pairs));
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

/// Pairs the forms of one gram, which come fullest first.
fn link(sharing: &[(u64, u32)], pairs: &mut Vec<(u32, u32)>) {
    let (around, next) = if sharing.len() <= COMMON { (0, COMMON) } else { (LINKS, LINKS) };
    for (at, &(_, form)) in sharing.iter().enumerate() {
        pairs.extend(sharing.iter().take(around.min(at)).map(|&(_, full)| (full, form)));
        pairs.extend(sharing.iter().skip(at + 1).take(next).map(|&(_, part)| (form, part)));
    }
}

/// Keys of the distinct runs of four words, two of them not stop words.
fn grams(tokens: &[Token]) -> Vec<u64> {
    let telling =
        tokens.windows(GRAM).filter(|words| words.iter().filter(|token| token.content).count() >= LONG_QUOTE.1);
    let mut keys: Vec<u64> = telling.map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(words: &[Token]) -> u64 {
    let mut hasher = FxHasher::default();
    for word in words {
        word.key.hash(&mut hasher);
    }
    hasher.finish()
}

/// Whether two quotations, the fuller first, are the same words of one speaker.
fn is_same(full: &Spoken, part: &Spoken) -> bool {
    let alignment = align(&full.tokens, &part.tokens);
    let content: usize = alignment.runs.iter().map(|&run| alignment.content_of(run)).sum();
    let held = by_wording(&alignment).is_some() && content >= LONG_QUOTE.1;
    let longest = |(words, content): (usize, usize)| {
        alignment.runs.iter().any(|&run| run.len >= words && alignment.content_of(run) >= content)
    };
    match (speaker(full), speaker(part)) {
        (Some(left), Some(right)) if left == right => held || longest(LONG_RUN),
        (Some(_), Some(_)) => (held && longest(LONG_RUN)) || longest(STRANGERS),
        _ => (held && longest(SURE)) || nearly_all(&alignment, content) || longest(STRANGERS),
    }
}

/// Whether the texts agree but for a few words, in enough words that it is no chance.
fn nearly_all(alignment: &Alignment, content: usize) -> bool {
    let matched = alignment.matched(2);
    matched >= SURE.0 && content >= SURE.1 && 10 * matched >= 7 * alignment.longer()
}

/// Whether a quotation says enough by its words alone to be known again.
fn is_sure(quoted: &Spoken) -> bool {
    quoted.tokens.len() >= SURE.0 && quoted.tokens.iter().filter(|token| token.content).count() >= SURE.1
}

/// The surname of the person a quotation is given to; none for a noun phrase.
fn speaker(quoted: &Spoken) -> Option<String> {
    let speaker = quoted.speaker.as_ref().filter(|speaker| speaker.name.starts_with(char::is_uppercase))?;
    if speaker.found == Found::Described { None } else { surname(&speaker.name) }
}

/// A group as a quotation; none where one outlet alone prints it.
fn quotation(quotations: &[Spoken], forms: &[Vec<usize>], group: &[usize]) -> Option<Quotation> {
    let fullest = quotations.get(*forms.get(*group.first()?)?.first()?)?;
    let mut members: Vec<&Spoken> =
        group.iter().filter_map(|&form| forms.get(form)).flatten().filter_map(|&at| quotations.get(at)).collect();
    if members.iter().all(|member| member.outlet == fullest.outlet) {
        return None;
    }
    members.sort_by_key(|member| member.place());
    let at = members.iter().position(|member| member.place() == fullest.place())?;
    let members: Vec<QuotedBy> = members.into_iter().map(|member| quoted_by(fullest, member)).collect();
    let differ = !fullest.is_nesting && speakers_differ(&members);
    Some(Quotation { fullest: at, speakers_differ: differ, members })
}

fn quoted_by(fullest: &Spoken, member: &Spoken) -> QuotedBy {
    let (form, changes): (Form, Vec<Change>) =
        if fullest.keys().eq(member.keys()) { Default::default() } else { changes(fullest, member) };
    QuotedBy {
        outlet: member.outlet,
        row: member.place().0,
        parts: member.parts.clone(),
        form,
        changes,
        speaker: member.speaker.clone(),
    }
}

/// Whether two outlets print full names with no word in common. A pronoun that was resolved is no evidence.
fn speakers_differ(members: &[QuotedBy]) -> bool {
    let named: Vec<(u32, Vec<String>)> =
        members.iter().filter_map(|member| Some((member.outlet.0, person(member.speaker.as_ref()?)?))).collect();
    let strangers =
        |a: &(u32, Vec<String>), b: &(u32, Vec<String>)| a.0 != b.0 && a.1.iter().all(|word| !b.1.contains(word));
    named.iter().enumerate().any(|(at, a)| named.iter().skip(at + 1).any(|b| strangers(a, b)))
}

/// The words of a full name that the outlet itself prints for a person.
fn person(speaker: &Speaker) -> Option<Vec<String>> {
    let forms: Vec<String> = words(&speaker.name).into_iter().map(|word| word.form).collect();
    let body = forms.iter().any(|form| is_impersonal(form));
    (speaker.found.is_printed_name() && is_full(&speaker.name) && !body).then_some(forms)
}

/// Most outlets first, then the most quoted bytes, then by place.
fn rank(quotation: &Quotation) -> impl Ord + use<> {
    let mut outlets: Vec<_> = quotation.members.iter().map(|member| member.outlet).collect();
    outlets.sort_unstable();
    outlets.dedup();
    let fullest = quotation.members.get(quotation.fullest);
    let length: usize = fullest.map_or(0, |fullest| fullest.parts.iter().map(|part| part.span.len()).sum());
    let place = fullest.map(|fullest| (fullest.row, fullest.parts.first().map(|part| part.span.start)));
    (Reverse(outlets.len()), Reverse(length), place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::OutletId;
    use crate::coverage::Passage;

    /// One quotation a row: outlet, text, and the speaker's name.
    fn spoken(rows: &[(u32, &str, Option<&str>)]) -> Vec<Spoken> {
        let one = |(row, (outlet, text, name)): (usize, &(u32, &str, Option<&str>))| {
            let passage = Passage { row, span: 0..text.len() };
            let speaker = name.map(|name| Speaker {
                at: passage.clone(),
                printed: name.to_owned(),
                name: name.to_owned(),
                found: Found::Named,
            });
            Spoken::new(OutletId(*outlet), vec![passage], speaker, |_| text)
        };
        rows.iter().enumerate().map(one).collect()
    }

    /// Rows and forms of each group.
    fn groups(rows: &[(u32, &str, Option<&str>)]) -> Vec<Vec<(usize, &'static str)>> {
        let shown = |group: Quotation| group.members.iter().map(|member| (member.row, member.form.name())).collect();
        matching(spoken(rows)).into_iter().map(shown).collect()
    }

    const FULL: &str = "Scaling frontier AI requires massive, reliable compute for many years to come";
    const HEAD: &str = "Scaling frontier AI requires massive, reliable compute";

    #[test]
    fn whole_shortened_and_altered_lie_around_the_fullest() {
        let edited = FULL.replace("massive", "enormous");
        let rows = [(0, HEAD, None), (1, FULL, None), (2, FULL, None), (3, edited.as_str(), None)];
        assert_eq!(groups(&rows), [[(0, "shortened"), (1, "whole"), (2, "whole"), (3, "altered")]]);
        assert_eq!(matching(spoken(&rows))[0].fullest, 1);
    }

    #[test]
    fn one_outlet_alone_makes_no_quotation() {
        assert!(groups(&[(0, FULL, None), (0, FULL, None), (0, HEAD, None)]).is_empty());
    }

    #[test]
    fn a_few_words_are_the_same_of_one_speaker_alone() {
        let phrase = "step in the right direction";
        assert!(groups(&[(0, phrase, Some("Paul Ryan")), (1, phrase, Some("Hillary Clinton"))]).is_empty());
        assert!(groups(&[(0, phrase, None), (1, phrase, None)]).is_empty());
        assert_eq!(groups(&[(0, phrase, Some("Paul Ryan")), (1, phrase, Some("Ryan"))]).len(), 1);
    }

    #[test]
    fn the_title_of_a_work_is_no_speech() {
        let title = "All In With Chris Hayes and the News";
        assert!(groups(&[(0, title, None), (1, title, None)]).is_empty());
    }

    #[test]
    fn full_names_differ_and_surnames_agree() {
        let differ = |left: &str, right: &str| {
            let rows = [(0, FULL, Some(left)), (1, FULL, Some(right))];
            matching(spoken(&rows))[0].speakers_differ
        };
        assert!(differ("Sam Altman", "Tim Cook"));
        assert!(!differ("Sam Altman", "Altman") && !differ("Sam Altman", "S. Altman"));
        assert!(!differ("Sam Altman", "Fox News"));
    }

    #[test]
    fn a_pronoun_is_no_evidence_against_a_name() {
        let mut quotations = spoken(&[(0, FULL, Some("Sam Altman")), (1, FULL, Some("Tim Cook"))]);
        quotations[1].speaker.as_mut().unwrap().found = Found::Pronoun;
        assert!(!matching(quotations)[0].speakers_differ);
    }

    #[test]
    fn the_order_of_quotations_changes_nothing() {
        let edited = FULL.replace("massive", "enormous");
        let rows = [(0, HEAD, None), (1, FULL, None), (2, FULL, None), (3, edited.as_str(), None)];
        let mut turned = spoken(&rows);
        turned.reverse();
        assert_eq!(matching(turned), matching(spoken(&rows)));
    }

    #[test]
    fn a_quotation_that_hundreds_alter_is_one() {
        let words: Vec<&str> = FULL.split_whitespace().collect();
        let altered = |at: usize| {
            let mut words = words.clone();
            let own = format!("word{at}");
            words[at % FULL.split_whitespace().count()] = &own;
            words.join(" ")
        };
        let texts: Vec<String> = (0..600).map(altered).collect();
        let rows: Vec<(u32, &str, Option<&str>)> =
            texts.iter().zip(0..).map(|(text, outlet)| (outlet, text.as_str(), Some("Sam Altman"))).collect();
        let found = groups(&rows);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [600]);
    }
}
