//! Entropy, mutual information, and the mutual information that chance gives, in nats.
//!
//! Sources: Vinh, Epps and Bailey 2010, "Information Theoretic Measures for Clusterings Comparison", equation 24a for
//! the expectation.

use std::collections::BTreeMap;

use super::contingency::Contingency;

/// The entropy of a partition with parts of these sizes.
pub(super) fn entropy(sizes: &[usize]) -> f64 {
    // One part leaves no doubt: exactly none, which a sum in floating point may miss.
    if sizes.len() < 2 {
        return 0.0;
    }
    let items: f64 = sizes.iter().map(|&size| size as f64).sum();
    sizes.iter().map(|&size| size as f64 / items).map(|share| -share * share.ln()).sum()
}

/// What the one partition tells of the other.
pub(super) fn mutual(table: &Contingency) -> f64 {
    let items = table.items as f64;
    let of_cell = |&(class, cluster, count): &(usize, usize, usize)| {
        let (both, by_chance) = (count as f64, table.classes[class] as f64 * table.clusters[cluster] as f64);
        both / items * (both * items / by_chance).ln()
    };
    table.cells.iter().map(of_cell).sum::<f64>().max(0.0)
}

/// What partitions with parts of these sizes tell of each other on average, items dealt to them at random.
///
/// Each overlap that two parts may have counts with its hypergeometric probability. Parts of equal sizes have equal
/// terms, so they are computed once: at most `sqrt(2 n)` sizes differ.
pub(super) fn expected_mutual(table: &Contingency) -> f64 {
    let logs = log_factorials(table.items);
    let (classes, clusters) = (multiplicities(&table.classes), multiplicities(&table.clusters));
    let pairs = classes.iter().flat_map(|class| clusters.iter().map(move |cluster| (class, cluster)));
    pairs.map(|((&class, &alike), (&cluster, &too))| (alike * too) as f64 * expected_term(class, cluster, &logs)).sum()
}

/// Of one class and one cluster of these sizes.
fn expected_term(class: usize, cluster: usize, logs: &[f64]) -> f64 {
    let items = logs.len() - 1;
    let fixed = logs[class] + logs[cluster] + logs[items - class] + logs[items - cluster] - logs[items];
    let (least, most) = ((class + cluster).saturating_sub(items).max(1), class.min(cluster));
    let (n, by_chance) = (items as f64, class as f64 * cluster as f64);
    let of_overlap = |both: usize| {
        let rest = logs[both] + logs[class - both] + logs[cluster - both] + logs[items + both - class - cluster];
        let shared = both as f64;
        shared / n * (shared * n / by_chance).ln() * (fixed - rest).exp()
    };
    (least..=most).map(of_overlap).sum()
}

/// `ln k!` for 0 to `most`. The sum is compensated (Neumaier 1974): differences of these are taken, which plain rounding
/// would spoil for millions of items.
fn log_factorials(most: usize) -> Vec<f64> {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    let further = (1..=most).map(|k| {
        let log = (k as f64).ln();
        let next = sum + log;
        lost += if sum >= log { (sum - next) + log } else { (log - next) + sum };
        sum = next;
        sum + lost
    });
    std::iter::once(0.0).chain(further).collect()
}

/// How many parts there are of each size.
fn multiplicities(sizes: &[usize]) -> BTreeMap<usize, usize> {
    let mut times = BTreeMap::new();
    sizes.iter().for_each(|&size| *times.entry(size).or_default() += 1);
    times
}
