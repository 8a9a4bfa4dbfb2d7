//! Terms: what could name a group of paragraphs, and in which paragraphs they stand.
//!
//! A term is a phrase that ends in a noun: one to three words with nothing but a space or a hyphen between them, or a
//! proper name of up to four. It is known by its stems. Candidates come from the best paragraphs of a group alone,
//! and only they are counted in the corpus: the three-word sequences of a large corpus are never held. Not here:
//! which terms tell (`weigh`).

use std::collections::{BTreeMap, HashMap};

use super::grammar::Class;
use super::word::{Joint, Lexicon, Token};

/// Words of the longest term, which only a proper name has.
pub(super) const LONGEST: usize = 4;
/// Words of the longest term that is no proper name.
const PHRASE: usize = 3;
/// Paragraphs of a group, its best, that terms are looked for in.
const READ: usize = 400;
/// From this many paragraphs on, a term that only one of them has is chance.
const CHANCE: usize = 4;
/// For a pair of words it is chance from so many on: of few paragraphs one may say best what all are about. Of three
/// words that only one paragraph has, one is too often a verb.
const CHANCE_PAIR: usize = 12;
/// Candidates of a group, those that most of its paragraphs have.
const CANDIDATES: usize = 2000;
/// No stem has this number.
const NONE: u32 = u32::MAX;

/// A term's stems, the same however it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stems([u32; LONGEST]);

impl Stems {
    pub(super) fn of(stems: &[u32]) -> Self {
        let mut all = [NONE; LONGEST];
        for (at, &stem) in all.iter_mut().zip(stems) {
            *at = stem;
        }
        Self(all)
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        let len = self.0.iter().position(|&stem| stem == NONE).unwrap_or(LONGEST);
        &self.0[..len]
    }

    pub(super) fn holds(&self, other: &Self) -> bool {
        let (long, short) = (self.as_slice(), other.as_slice());
        long.windows(short.len()).any(|window| window == short)
    }
}

/// What could tell a group from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) stems: Stems,
    /// Whether it can be a name. A verb or an adjective may be a keyword: "declined" tells of payments.
    pub(super) names: bool,
}

/// Of the paragraphs that hold a word, so many must have it where it can be a name: of "kills" and "killed" most are
/// none.
const NAMING: f64 = 0.4;

/// The candidates of a group: what its best paragraphs speak of.
pub(super) fn candidates(lexicon: &Lexicon, rows: &[usize]) -> Vec<Candidate> {
    let read = &rows[..rows.len().min(READ)];
    // Paragraphs in which each is a term, and in which it stands at all.
    let mut counts: BTreeMap<Stems, (u32, u32)> = BTreeMap::new();
    for &row in read {
        let mut found = of_row(lexicon, lexicon.row(row));
        found.sort_unstable();
        found.dedup_by_key(|found| found.0);
        for (stems, other) in found {
            let count = counts.entry(stems).or_default();
            *count = (count.0 + u32::from(!other), count.1 + 1);
        }
    }
    let least = |stems: &Stems| {
        let chance = if stems.as_slice().len() == 2 { CHANCE_PAIR } else { CHANCE };
        if rows.len() >= chance { 2 } else { 1 }
    };
    let often = |(stems, count): &(Stems, (u32, u32))| count.1 >= least(stems);
    let mut able: Vec<(Stems, (u32, u32))> = counts.into_iter().filter(often).collect();
    able.sort_by(|a, b| b.1.1.cmp(&a.1.1).then(a.0.cmp(&b.0)));
    let candidate = |(stems, (terms, all)): (Stems, (u32, u32))| Candidate {
        stems,
        names: terms >= least(&stems) && f64::from(terms) >= NAMING * f64::from(all),
    };
    able.into_iter().take(CANDIDATES).map(candidate).collect()
}

/// The terms of a row, `false`, and the words that are none, `true`.
fn of_row(lexicon: &Lexicon, tokens: &[Token]) -> Vec<(Stems, bool)> {
    let stems: Vec<u32> = tokens.iter().map(|&token| lexicon.stem(token)).collect();
    let reading = Reading { lexicon, tokens };
    let mut found = Vec::new();
    for first in 0..tokens.len() {
        for last in first..tokens.len().min(first + LONGEST) {
            if last > first && tokens[last].joint() == Joint::Apart {
                break;
            }
            if reading.is_term(first, last) {
                found.push((Stems::of(&stems[first..=last]), false));
            } else if first == last && reading.tells(first) {
                found.push((Stems::of(&stems[first..=last]), true));
            }
        }
    }
    found
}

/// Words of a row as a term sees them.
struct Reading<'a> {
    lexicon: &'a Lexicon,
    tokens: &'a [Token],
}

impl Reading<'_> {
    fn class(&self, at: usize) -> Class {
        self.lexicon.form(self.tokens[at]).class
    }

    /// Whether a word is, or opens, a proper name.
    fn is_name(&self, at: usize) -> bool {
        matches!(self.class(at), Class::Content | Class::Filler) && self.lexicon.is_capital(self.tokens[at])
    }

    fn hyphen(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.joint() == Joint::Hyphen)
    }

    fn space(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.joint() == Joint::Space)
    }

    /// Whether a word says something, though it could not stand alone: a verb, an adjective.
    fn tells(&self, at: usize) -> bool {
        self.class(at) == Class::Content && !self.hyphen(at) && !self.hyphen(at + 1)
    }

    /// Whether the words from `first` to `last` can be a term where they stand.
    fn is_term(&self, first: usize, last: usize) -> bool {
        if self.hyphen(first) || self.hyphen(last + 1) || self.is_piece(first, last) {
            return false;
        }
        self.is_proper(first, last) || last - first < PHRASE && self.is_phrase(first, last)
    }

    /// Whether a longer proper name holds the words. One word of a name may stand for it: "Altman".
    fn is_piece(&self, first: usize, last: usize) -> bool {
        let before = first > 0 && self.space(first) && self.is_name(first - 1) && self.is_name(first);
        let after = self.space(last + 1) && self.is_name(last) && self.goes_on(last + 1);
        first < last && (before || after)
    }

    fn goes_on(&self, at: usize) -> bool {
        self.is_name(at) || self.class(at) == Class::Figure
    }

    /// A proper name: "San Francisco", "Bank of England", "New York", "Flight 370".
    fn is_proper(&self, first: usize, last: usize) -> bool {
        let able = |at: usize| {
            self.is_name(at) || self.class(at) == Class::Of || at == last && self.class(at) == Class::Figure
        };
        let worded = (first..=last).any(|at| self.class(at) == Class::Content);
        worded
            && self.is_name(first)
            && self.class(last) != Class::Of
            && (first..=last).all(able)
            && (first == last || self.class(last) != Class::Filler)
    }

    /// Words before a noun, and the noun. `top-up` is one though `up` alone is no word of a subject.
    fn is_phrase(&self, first: usize, last: usize) -> bool {
        let noun = |at: usize| self.lexicon.form(self.tokens[at]).is_noun();
        let modifies = self.space(last + 1) && self.class(last + 1) == Class::Content;
        let ends = match self.hyphen(last) {
            true => !modifies && (noun(last) || self.class(last) != Class::Content),
            false => noun(last),
        };
        let sound = |at: usize| match self.class(at) {
            Class::Content => at == last || self.lexicon.form(self.tokens[at]).is_modifier(),
            _ => at > first && self.hyphen(at),
        };
        self.class(first) == Class::Content && ends && (first..=last).all(sound)
    }
}

/// Which of some terms stand where.
#[derive(Debug)]
pub(super) struct Index {
    terms: Vec<Stems>,
    ids: HashMap<Stems, u32>,
    /// Words of the longest term that opens with a stem.
    longest: HashMap<u32, usize>,
}

impl Index {
    /// Of terms in order, each once.
    pub(super) fn new(terms: Vec<Stems>) -> Self {
        let mut longest: HashMap<u32, usize> = HashMap::new();
        for stems in &terms {
            let most = longest.entry(stems.0[0]).or_default();
            *most = (*most).max(stems.as_slice().len());
        }
        let ids = terms.iter().copied().zip(0..).collect();
        Self { terms, ids, longest }
    }

    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn id(&self, stems: &Stems) -> Option<usize> {
        self.ids.get(stems).map(|&id| id as usize)
    }

    /// The terms of a row with their places, `(term, first word, last word)`.
    pub(super) fn places(&self, lexicon: &Lexicon, row: usize) -> Vec<(usize, usize, usize)> {
        let tokens = lexicon.row(row);
        let stems: Vec<u32> = tokens.iter().map(|&token| lexicon.stem(token)).collect();
        let mut found = Vec::new();
        for first in 0..tokens.len() {
            let Some(&longest) = self.longest.get(&stems[first]) else { continue };
            for last in first..tokens.len().min(first + longest) {
                if last > first && tokens[last].joint() == Joint::Apart {
                    break;
                }
                found.extend(self.id(&Stems::of(&stems[first..=last])).map(|term| (term, first, last)));
            }
        }
        found
    }

    /// The terms of a row, ascending, each once.
    pub(super) fn of_row(&self, lexicon: &Lexicon, row: usize) -> Vec<usize> {
        let mut found: Vec<usize> = self.places(lexicon, row).into_iter().map(|place| place.0).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// In how many of the rows each term stands.
    pub(super) fn counts(&self, lexicon: &Lexicon, rows: impl Iterator<Item = usize>) -> Vec<u32> {
        let mut counts = vec![0; self.len()];
        for row in rows {
            for term in self.of_row(lexicon, row) {
                counts[term] += 1;
            }
        }
        counts
    }
}
