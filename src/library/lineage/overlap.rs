//! How many paragraphs themes of then and of now have in common, and how many came and went.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Before, Present};
use crate::theme_log::Sizes;

/// Paragraphs in common: themes of then by now.
pub(super) struct Overlap {
    /// By theme of then: its paragraphs, each once; and how many of them still take part.
    then: Vec<(HashSet<u64>, usize)>,
    /// By theme of now: its paragraphs, each once; and how many of them took part then.
    now: Vec<(HashSet<u64>, usize)>,
    /// For each pair of themes that have any, how many paragraphs.
    common: BTreeMap<(usize, usize), usize>,
}

impl Overlap {
    pub(super) fn of(before: &Before, themes: &[Present], known: &[u64]) -> Self {
        let known_then: HashSet<u64> = before.known.iter().copied().collect();
        let known_now: HashSet<u64> = known.iter().copied().collect();
        let then: Vec<_> = before.themes.iter().map(|theme| within(&theme.members, &known_now)).collect();
        let now: Vec<_> = themes.iter().map(|theme| within(&theme.members, &known_then)).collect();
        let common = common(&then, &now);
        Self { then, now, common }
    }

    /// Paragraphs that a theme of then and one of now have in common.
    pub(super) fn common(&self, then: usize, now: usize) -> usize {
        self.common.get(&(then, now)).copied().unwrap_or(0)
    }

    /// The pairs that have any in common, with how many.
    pub(super) fn pairs(&self) -> impl Iterator<Item = ((usize, usize), usize)> + '_ {
        self.common.iter().map(|(&pair, &common)| (pair, common))
    }

    /// Paragraphs of a theme of then that still take part.
    pub(super) fn still(&self, then: usize) -> usize {
        self.then[then].1
    }

    /// Paragraphs of a theme of now that took part then.
    pub(super) fn old(&self, now: usize) -> usize {
        self.now[now].1
    }

    /// The shared paragraphs of either theme: what [`Self::common`] is a part of.
    pub(super) fn either(&self, then: usize, now: usize) -> usize {
        self.still(then) + self.old(now) - self.common(then, now)
    }

    /// Paragraphs of a theme of now.
    pub(super) fn size(&self, now: usize) -> usize {
        self.now[now].0.len()
    }

    /// Paragraphs of a theme of then.
    pub(super) fn size_then(&self, then: usize) -> usize {
        self.then[then].0.len()
    }

    /// What came and what went.
    pub(super) fn sizes(&self, then: usize, now: usize) -> Sizes {
        let common = self.common(then, now);
        let (joined, left) = (self.old(now) - common, self.still(then) - common);
        let (before, size) = (self.size_then(then), self.size(now));
        Sizes { before, now: size, added: size - self.old(now), joined, removed: before - self.still(then), left }
    }
}

fn within(members: &[u64], known: &HashSet<u64>) -> (HashSet<u64>, usize) {
    let members: HashSet<u64> = members.iter().copied().collect();
    let shared = members.iter().filter(|member| known.contains(member)).count();
    (members, shared)
}

/// A paragraph may be in several themes.
fn common(then: &[(HashSet<u64>, usize)], now: &[(HashSet<u64>, usize)]) -> BTreeMap<(usize, usize), usize> {
    let mut homes: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, (members, _)) in now.iter().enumerate() {
        members.iter().for_each(|&member| homes.entry(member).or_default().push(at));
    }
    let mut common = BTreeMap::new();
    for (at, (members, _)) in then.iter().enumerate() {
        let homes = members.iter().filter_map(|member| homes.get(member)).flatten();
        homes.for_each(|&home| *common.entry((at, home)).or_insert(0) += 1);
    }
    common
}
