//! Slots: two texts laid against one another word by word, and what stands between the words both share.
//!
//! The alignment of `align` wants evidence: runs of words. Here every changed word must get a place, so single words
//! count, stems of one word match, and words that facts are made of weigh little: names that changed places
//! are not what the texts have in common. Moved text is found as there, in what the first round left over. Not here: what the
//! slots hold (`differences`, `polarity`).

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHasher;

use super::super::align::Alignment;
use super::names::is_title;
use super::{Fact, Facts, Value};
use crate::neighbours::wording::is_stop_word;
use crate::text::Word;

/// A word as it is laid against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// Equal where the forms are.
    pub(super) key: u64,
    /// Equal where the stems are.
    pub(super) stem: u64,
    /// The stem without a prefix that denies, where it has one: "unlikely", "likely".
    pub(super) bare: Option<u64>,
    weight: u16,
}

/// What words weigh in the alignment: those that say what a sentence is about, stop words, parts of names.
const CONTENT: u16 = 6;
const STOP: u16 = 2;
const NAMED: u16 = 2;
/// For a match that continues the one before it.
const NEXT: u32 = 1;

/// Words times words of the largest table that is filled; longer texts are laid by their shared runs alone.
const MOST: usize = 120_000;
/// Matches further apart than this on either side belong to other clusters.
const APART: usize = 8;
/// A cluster has this many words and words of content; where text was moved, more.
const LEAST: (usize, usize) = (3, 2);
const LEAST_MOVED: (usize, usize) = (5, 3);
const ROUNDS: usize = 4;

const PREFIXES: &[&str] = &["un", "in", "im", "dis", "non", "il", "ir"];

/// The words of a text, with the parts of its names.
pub(super) fn units(text: &str, words: &[Word], names: &[Fact]) -> Vec<Unit> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut units: Vec<Unit> = words.iter().map(|word| unit(&stemmer, text, word)).collect();
    for at in names.iter().flat_map(|name| name.words.clone()) {
        units.get_mut(at).into_iter().for_each(|unit| unit.weight = NAMED);
    }
    units
}

fn unit(stemmer: &Stemmer, text: &str, word: &Word) -> Unit {
    let form = word.form.as_str();
    let small = text.get(word.span.clone()).is_some_and(|own| own.chars().all(char::is_lowercase));
    let bare = PREFIXES.iter().filter_map(|prefix| form.strip_prefix(prefix)).find(|rest| small && rest.len() >= 4);
    let digits = form.starts_with(|c: char| c.is_ascii_digit());
    Unit {
        key: key(form),
        stem: key(&stemmer.stem(form)),
        bare: bare.map(|rest| key(&stemmer.stem(rest))),
        weight: if is_stop_word(form) || is_title(form) || digits { STOP } else { CONTENT },
    }
}

/// Equal for equal forms.
pub(super) fn key(form: &str) -> u64 {
    let mut hasher = FxHasher::default();
    form.hash(&mut hasher);
    hasher.finish()
}

impl Unit {
    /// Whether it says what its sentence is about.
    pub(super) fn is_content(&self) -> bool {
        self.weight == CONTENT
    }

    /// Whether it joins the parts of a list.
    pub(super) fn joins(&self) -> bool {
        ["and", "or", "nor"].iter().any(|word| self.key == key(word))
    }

    fn matches(&self, other: &Self) -> Option<u32> {
        let weight = u32::from(self.weight.min(other.weight));
        if self.key == other.key {
            return Some(weight);
        }
        (self.stem == other.stem && weight > u32::from(STOP)).then_some(weight - 1)
    }
}

/// Words between two that both texts share, or at an end: word positions in the paragraphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// Words of the left text.
    pub(super) left: Range<usize>,
    /// Words of the right text.
    pub(super) right: Range<usize>,
    /// Shared words stand on both sides, or the passage ends there in both.
    pub(super) bounded: bool,
}

/// Two texts laid against one another.
#[derive(Debug)]
pub(super) struct Lay {
    /// For each word of the left paragraph the word of the right that it matches.
    pub(super) left: Vec<Option<usize>>,
    /// For each word of the right paragraph the word of the left that it matches.
    pub(super) right: Vec<Option<usize>>,
    /// What stands between the matches.
    pub(super) slots: Vec<Slot>,
}

/// Words of both texts that match: positions on the left and on the right.
type Match = (usize, usize);

impl Lay {
    /// Lays the words `within` of two texts against one another. The texts are put in an order of their own first, so
    /// that both ways round give the same.
    pub(super) fn new(
        left: &Facts,
        right: &Facts,
        within: &(Range<usize>, Range<usize>),
        alignment: &Alignment,
    ) -> Self {
        let keys = |facts: &Facts, range: &Range<usize>| -> Vec<u64> {
            facts.units.get(range.clone()).unwrap_or_default().iter().map(|unit| unit.key).collect()
        };
        let (a, b) = within.clone();
        let clusters = if a.len() * b.len() > MOST {
            runs(alignment, (a.start, b.start))
        } else if keys(left, &a) <= keys(right, &b) {
            clusters(left, right, (a, b))
        } else {
            let turned = clusters(right, left, (b, a));
            turned.into_iter().map(|cluster| cluster.into_iter().map(|(x, y)| (y, x)).collect()).collect()
        };
        Self::of(clusters, (left.units.len(), right.units.len()), within)
    }

    fn of(mut clusters: Vec<Vec<Match>>, words: (usize, usize), within: &(Range<usize>, Range<usize>)) -> Self {
        clusters.sort_by_key(|cluster| cluster.first().copied());
        let (mut left, mut right) = (vec![None; words.0], vec![None; words.1]);
        for &(a, b) in clusters.iter().flatten() {
            left.get_mut(a).into_iter().for_each(|slot| *slot = Some(b));
            right.get_mut(b).into_iter().for_each(|slot| *slot = Some(a));
        }
        let slots = clusters.iter().flat_map(|cluster| slots_of(cluster, (&left, &right), within)).collect();
        Self { left, right, slots }
    }

    /// Whether the word of the left matches none.
    pub(super) fn is_loose_left(&self, at: usize) -> bool {
        self.left.get(at).is_some_and(Option::is_none)
    }

    /// Whether the word of the right matches none.
    pub(super) fn is_loose_right(&self, at: usize) -> bool {
        self.right.get(at).is_some_and(Option::is_none)
    }
}

/// The shared runs of the alignment, each a cluster, in positions of the paragraphs.
fn runs(alignment: &Alignment, before: (usize, usize)) -> Vec<Vec<Match>> {
    let matches = |run: &super::super::align::Run| {
        (0..run.len).map(|step| (before.0 + run.left + step, before.1 + run.right + step)).collect()
    };
    let mut clusters: Vec<Vec<Match>> = Vec::new();
    for run in &alignment.runs {
        let more: Vec<Match> = matches(run);
        match (clusters.last_mut(), more.first()) {
            (Some(last), Some(&first)) if last.last().is_some_and(|&end| follows(end, first)) => last.extend(more),
            _ => clusters.push(more),
        }
    }
    clusters
}

/// Whether a match comes after another on both sides, and near it.
fn follows(before: Match, next: Match) -> bool {
    next.0 > before.0 && next.1 > before.1 && next.0 - before.0 <= APART && next.1 - before.1 <= APART
}

fn clusters(left: &Facts, right: &Facts, (a, b): (Range<usize>, Range<usize>)) -> Vec<Vec<Match>> {
    let (mut free, mut other): (Vec<usize>, Vec<usize>) = (a.collect(), b.collect());
    let mut found: Vec<Vec<Match>> = Vec::new();
    for round in 0..ROUNDS {
        let matches = matches(left, right, &free, &other);
        let least = if round == 0 { LEAST } else { LEAST_MOVED };
        let fresh: Vec<Vec<Match>> =
            clustered(&matches).into_iter().filter(|cluster| is_evidence(left, cluster, least)).collect();
        if fresh.is_empty() {
            break;
        }
        let taken = |side: fn(&Match) -> usize| -> Vec<usize> {
            let mut taken: Vec<usize> = fresh.iter().flatten().map(side).collect();
            taken.sort_unstable();
            taken
        };
        let (taken_left, taken_right) = (taken(|at| at.0), taken(|at| at.1));
        free.retain(|at| taken_left.binary_search(at).is_err());
        other.retain(|at| taken_right.binary_search(at).is_err());
        found.extend(fresh);
    }
    found
}

fn is_evidence(left: &Facts, cluster: &[Match], (words, content): (usize, usize)) -> bool {
    let weighty = cluster.iter().filter(|at| left.units.get(at.0).is_some_and(Unit::is_content)).count();
    cluster.len() >= words && weighty >= content
}

fn clustered(matches: &[Match]) -> Vec<Vec<Match>> {
    let mut clusters: Vec<Vec<Match>> = Vec::new();
    for &next in matches {
        match clusters.last_mut() {
            Some(cluster) if cluster.last().is_some_and(|&before| follows(before, next)) => cluster.push(next),
            _ => clusters.push(vec![next]),
        }
    }
    clusters
}

/// The heaviest matches in step (a weighted longest common subsequence), ascending. Equal beginnings match at once.
fn matches(left: &Facts, right: &Facts, free: &[usize], other: &[usize]) -> Vec<Match> {
    let score = |i: usize, j: usize| {
        let units = free.get(i).zip(other.get(j)).and_then(|(&a, &b)| left.units.get(a).zip(right.units.get(b)));
        units.and_then(|(a, b)| a.matches(b))
    };
    let same = |i: usize, j: usize| {
        score(i, j).is_some()
            && free.get(i).zip(other.get(j)).is_some_and(|(&a, &b)| left.units[a].key == right.units[b].key)
    };
    let head = (0..free.len().min(other.len())).take_while(|&at| same(at, at)).count();
    let (rows, columns) = (free.len() - head, other.len() - head);
    let tail = (0..rows.min(columns)).take_while(|&back| same(free.len() - 1 - back, other.len() - 1 - back)).count();
    let table = Table::fill(
        rows - tail,
        columns - tail,
        |i, j| score(head + i, head + j),
        |i, j| {
            let next = |side: &[usize], at: usize| {
                at > 0 && side.get(at - 1).zip(side.get(at)).is_some_and(|(a, b)| a + 1 == *b)
            };
            next(free, head + i) && next(other, head + j)
        },
    );
    let inner = table.path().into_iter().map(|(i, j)| (head + i, head + j));
    let ends = (0..tail).map(|at| (free.len() - tail + at, other.len() - tail + at));
    let all = (0..head).map(|at| (at, at)).chain(inner).chain(ends);
    all.filter_map(|(i, j)| free.get(i).copied().zip(other.get(j).copied())).collect()
}

/// The best sums of all pairs of beginnings: in any way, and by way of a match of their last words.
struct Table {
    columns: usize,
    best: Vec<u32>,
    matched: Vec<u32>,
    bonus: Vec<bool>,
}

impl Table {
    fn fill(
        rows: usize,
        columns: usize,
        score: impl Fn(usize, usize) -> Option<u32>,
        in_step: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let size = if rows * columns > MOST { 0 } else { (rows + 1) * (columns + 1) };
        let mut table =
            Self { columns: columns + 1, best: vec![0; size], matched: vec![0; size], bonus: vec![false; size] };
        if size == 0 {
            return table;
        }
        for i in 0..rows {
            for j in 0..columns {
                table.cell(i, j, score(i, j), &in_step);
            }
        }
        table
    }

    fn cell(&mut self, i: usize, j: usize, score: Option<u32>, in_step: &impl Fn(usize, usize) -> bool) {
        let (at, above, before) = (self.at(i + 1, j + 1), self.at(i, j + 1), self.at(i + 1, j));
        let corner = self.at(i, j);
        if let Some(score) = score {
            let chained = self.matched[corner] > 0 && in_step(i, j) && self.matched[corner] + NEXT >= self.best[corner];
            self.matched[at] = score + if chained { self.matched[corner] + NEXT } else { self.best[corner] };
            self.bonus[at] = chained;
        }
        self.best[at] = self.matched[at].max(self.best[above]).max(self.best[before]);
    }

    fn at(&self, i: usize, j: usize) -> usize {
        i * self.columns + j
    }

    /// The matches of the best sum; of equal ones those that stand latest.
    fn path(&self) -> Vec<Match> {
        let (mut found, mut chained) = (Vec::new(), false);
        let (mut i, mut j) =
            (self.best.len().checked_div(self.columns).unwrap_or(0).saturating_sub(1), self.columns - 1);
        while i > 0 && j > 0 && !self.best.is_empty() {
            let at = self.at(i, j);
            if self.matched[at] > 0 && (chained || self.matched[at] == self.best[at]) {
                found.push((i - 1, j - 1));
                chained = self.bonus[at];
                (i, j) = (i - 1, j - 1);
            } else if self.best[self.at(i - 1, j)] == self.best[at] {
                i -= 1;
            } else {
                j -= 1;
            }
        }
        found.reverse();
        found
    }
}

fn slots_of(
    cluster: &[Match],
    (left, right): (&[Option<usize>], &[Option<usize>]),
    within: &(Range<usize>, Range<usize>),
) -> Vec<Slot> {
    let mut slots = Vec::new();
    let loose = |side: &[Option<usize>], at: usize| side.get(at).is_some_and(Option::is_none);
    if let Some(&(a, b)) = cluster.first() {
        let back = |side: &[Option<usize>], end: usize, first: usize| {
            let stretch = (first..end).rev().take_while(|&at| loose(side, at)).take(APART).count();
            end - stretch..end
        };
        let (a, b) = (back(left, a, within.0.start), back(right, b, within.1.start));
        let bounded = a.start == within.0.start && b.start == within.1.start;
        slots.push(Slot { left: a, right: b, bounded });
    }
    for two in cluster.windows(2) {
        slots.push(Slot { left: two[0].0 + 1..two[1].0, right: two[0].1 + 1..two[1].1, bounded: true });
    }
    if let Some(&(a, b)) = cluster.last() {
        let on = |side: &[Option<usize>], first: usize, end: usize| {
            let stretch = (first..end).take_while(|&at| loose(side, at)).take(APART).count();
            first..first + stretch
        };
        let (a, b) = (on(left, a + 1, within.0.end), on(right, b + 1, within.1.end));
        let bounded = a.end == within.0.end && b.end == within.1.end;
        slots.push(Slot { left: a, right: b, bounded });
    }
    slots.retain(|slot| !slot.left.is_empty() || !slot.right.is_empty());
    slots
}

/// Whether a text has all words of a name anywhere.
pub(super) fn has_name(facts: &Facts, name: &Fact, within: &Range<usize>) -> bool {
    let Value::Name(read) = &name.value else { return false };
    let units = facts.units.get(within.clone()).unwrap_or_default();
    read.parts().all(|part| units.iter().any(|unit| unit.key == key(part)))
}
