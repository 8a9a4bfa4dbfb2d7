//! How two partitions of the same items meet: which class and which cluster share how many of them.
//!
//! Only what is shared is held, sorted, so that sums over it have one order. Not here: what is made of it
//! (`agreement`, `information`).

use std::collections::BTreeMap;

/// Counts of two partitions of the same items.
pub(super) struct Contingency {
    /// Items.
    pub(super) items: usize,
    /// Items of each class.
    pub(super) classes: Vec<usize>,
    /// Items of each cluster.
    pub(super) clusters: Vec<usize>,
    /// Class, cluster, and the items they share: at least one; by class, then cluster.
    pub(super) cells: Vec<(usize, usize, usize)>,
}

impl Contingency {
    /// Of labels of equal number, one an item.
    pub(super) fn of(truth: &[usize], found: &[usize]) -> Self {
        let (truth, classes) = ranked(truth);
        let (found, clusters) = ranked(found);
        let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for pair in truth.iter().copied().zip(found) {
            *shared.entry(pair).or_default() += 1;
        }
        let cells = shared.into_iter().map(|((class, cluster), count)| (class, cluster, count)).collect();
        Self { items: truth.len(), classes, clusters, cells }
    }
}

/// The labels as ranks without gaps, and how often each comes.
fn ranked(labels: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut ranks: BTreeMap<usize, usize> = labels.iter().map(|&label| (label, 0)).collect();
    ranks.values_mut().enumerate().for_each(|(at, rank)| *rank = at);
    let ranked: Vec<usize> = labels.iter().map(|label| ranks[label]).collect();
    let mut sizes = vec![0; ranks.len()];
    ranked.iter().for_each(|&rank| sizes[rank] += 1);
    (ranked, sizes)
}
