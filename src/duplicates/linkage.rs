//! Who belongs together: pairs joined into clusters that do not chain strangers.
//!
//! Pairs are taken best first; two clusters join only while the mean likeness of all cross-outlet pairs
//! between them stays at the threshold (average linkage, Sokal & Michener 1958). A~B and B~C
//! alone do not make A and C the same. Not here: what a node is (a row, or a statement).

use std::collections::BTreeMap;

/// Likenesses measured for one join at most, evenly spread over all of them.
const MOST_MEASURED: usize = 4_096;

/// How nodes are compared.
pub(super) struct Linkage<'a> {
    /// Whether two nodes may be compared: published by different outlets.
    pub(super) comparable: &'a dyn Fn(usize, usize) -> bool,
    /// Likeness of two nodes.
    pub(super) likeness: &'a dyn Fn(usize, usize) -> f32,
    /// The likeness of a near-duplicate.
    pub(super) threshold: f32,
}

impl Linkage<'_> {
    /// Clusters of nodes, each ascending and of two nodes or more, by their first node.
    ///
    /// `edges` are pairs of comparable nodes, best first. An edge counts at least the threshold, whatever
    /// the likeness: it was called the same on its wording.
    pub(super) fn clusters(&self, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut home: BTreeMap<usize, usize> =
            edges.iter().flat_map(|&(left, right)| [(left, left), (right, right)]).collect();
        let mut members: BTreeMap<usize, Vec<usize>> = home.keys().map(|&node| (node, vec![node])).collect();
        let mut known = edges.to_vec();
        known.sort_unstable();
        for (left, right) in edges {
            let (from, to) = (home[left].max(home[right]), home[left].min(home[right]));
            if from == to || !self.belong(&members[&to], &members[&from], &known) {
                continue;
            }
            let moved = members.remove(&from).unwrap_or_default();
            home.extend(moved.iter().map(|&node| (node, to)));
            members.entry(to).or_default().extend(moved);
        }
        in_order(members)
    }

    fn belong(&self, left: &[usize], right: &[usize], known: &[(usize, usize)]) -> bool {
        let stride = (left.len() * right.len()).div_ceil(MOST_MEASURED);
        let pairs = left.iter().flat_map(|&a| right.iter().map(move |&b| (a.min(b), a.max(b))));
        let (mut sum, mut count) = (0.0_f64, 0_usize);
        for (a, b) in pairs.filter(|&(a, b)| (self.comparable)(a, b)).step_by(stride) {
            sum += f64::from(self.counted(a, b, known));
            count += 1;
        }
        count > 0 && sum >= f64::from(self.threshold) * count as f64
    }

    fn counted(&self, left: usize, right: usize, known: &[(usize, usize)]) -> f32 {
        let likeness = (self.likeness)(left, right);
        if known.binary_search(&(left, right)).is_ok() { likeness.max(self.threshold) } else { likeness }
    }
}

fn in_order(members: BTreeMap<usize, Vec<usize>>) -> Vec<Vec<usize>> {
    let several = members.into_values().filter(|nodes| nodes.len() > 1);
    let mut clusters: Vec<Vec<usize>> = several
        .map(|mut nodes| {
            nodes.sort_unstable();
            nodes
        })
        .collect();
    clusters.sort_unstable();
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(edges: &[(usize, usize)], likeness: &dyn Fn(usize, usize) -> f32) -> Vec<Vec<usize>> {
        Linkage { comparable: &|_, _| true, likeness, threshold: 1.0 }.clusters(edges)
    }

    #[test]
    fn a_like_b_and_b_like_c_does_not_chain_a_to_c() {
        let chain = |a: usize, b: usize| if b - a == 1 { 1.1 } else { 0.2 };
        assert_eq!(clusters(&[(0, 1), (1, 2)], &chain), [[0, 1]]);
    }

    #[test]
    fn three_that_are_alike_are_one_cluster() {
        // The pair (0, 2) falls short by itself: (1.2 + 0.8) / 2 does not.
        let alike = |a: usize, b: usize| if b - a == 1 { 1.2 } else { 0.8 };
        assert_eq!(clusters(&[(0, 1), (1, 2)], &alike), [[0, 1, 2]]);
    }

    #[test]
    fn nodes_of_one_outlet_do_not_count_against_one_another() {
        let linkage = Linkage {
            comparable: &|a, b| a % 2 != b % 2,
            likeness: &|a, b| if a % 2 == b % 2 { 0.0 } else { 1.2 },
            threshold: 1.0,
        };
        assert_eq!(linkage.clusters(&[(0, 1), (1, 2)]), [[0, 1, 2]]);
    }
}
