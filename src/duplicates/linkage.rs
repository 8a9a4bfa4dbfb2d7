//! Who belongs together: pairs joined into clusters that do not chain strangers.
//!
//! Pairs are taken best first; two clusters join only while the mean likeness of all cross-outlet pairs
//! between them stays at the threshold (average linkage, Sokal & Michener 1958). A~B and B~C
//! alone do not make A and C the same. Not here: what a node is (a row, or a statement).

use rustc_hash::{FxHashMap, FxHashSet};

/// Likenesses measured for one join at most, of members evenly spread over both clusters.
const MOST_MEASURED: usize = 256;

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
    /// the likeness: it was called the same on its wording. Cost: a join measures [`MOST_MEASURED`] likenesses at most,
    /// and moves the members of the smaller cluster; two clusters that were kept apart are not measured again before one
    /// of them has grown.
    pub(super) fn clusters(&self, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut clusters = Clusters::of(edges);
        let known: FxHashSet<(usize, usize)> = edges.iter().copied().collect();
        let mut apart: FxHashMap<(usize, usize), (usize, usize)> = FxHashMap::default();
        for &(left, right) in edges {
            let (a, b) = (clusters.of_node(left), clusters.of_node(right));
            let pair = (a.min(b), a.max(b));
            let sizes = (clusters.members[pair.0].len(), clusters.members[pair.1].len());
            if a == b || apart.get(&pair) == Some(&sizes) {
                continue;
            }
            if self.belong(&clusters.members[pair.0], &clusters.members[pair.1], &known) {
                clusters.join(a, b);
            } else {
                apart.insert(pair, sizes);
            }
        }
        clusters.in_order()
    }

    fn belong(&self, left: &[usize], right: &[usize], known: &FxHashSet<(usize, usize)>) -> bool {
        let (most_left, most_right) = measured(left.len(), right.len());
        let (mut sum, mut count) = (0.0_f64, 0_usize);
        for a in spread(left, most_left) {
            for b in spread(right, most_right) {
                let (a, b) = (a.min(b), a.max(b));
                if (self.comparable)(a, b) {
                    sum += f64::from(self.counted(a, b, known));
                    count += 1;
                }
            }
        }
        count > 0 && sum >= f64::from(self.threshold) * count as f64
    }

    fn counted(&self, left: usize, right: usize, known: &FxHashSet<(usize, usize)>) -> f32 {
        let likeness = (self.likeness)(left, right);
        if known.contains(&(left, right)) { likeness.max(self.threshold) } else { likeness }
    }
}

/// Of how many members of each of two clusters all likenesses are measured: of all while that is few enough, else as many
/// of either as allow it.
fn measured(left: usize, right: usize) -> (usize, usize) {
    let side = MOST_MEASURED.isqrt();
    if left * right <= MOST_MEASURED {
        (left, right)
    } else if left <= side {
        (left, MOST_MEASURED / left.max(1))
    } else if right <= side {
        (MOST_MEASURED / right.max(1), right)
    } else {
        (side, side)
    }
}

/// So many of the members, evenly spread, all where there are no more.
fn spread(members: &[usize], most: usize) -> impl Iterator<Item = usize> {
    let count = members.len().min(most);
    (0..count).filter_map(move |at| members.get(at * members.len() / count).copied())
}

/// A division of nodes that only ever gets coarser.
struct Clusters {
    /// The nodes that have an edge, ascending.
    nodes: Vec<usize>,
    /// The cluster of each of them.
    home: Vec<usize>,
    /// The nodes of each cluster; none of one that was joined to another.
    members: Vec<Vec<usize>>,
}

impl Clusters {
    /// Each node of some edges by itself.
    fn of(edges: &[(usize, usize)]) -> Self {
        let mut nodes: Vec<usize> = edges.iter().flat_map(|&(left, right)| [left, right]).collect();
        nodes.sort_unstable();
        nodes.dedup();
        Self { home: (0..nodes.len()).collect(), members: nodes.iter().map(|&node| vec![node]).collect(), nodes }
    }

    fn of_node(&self, node: usize) -> usize {
        self.home[self.nodes.partition_point(|&held| held < node)]
    }

    /// Moves the smaller of two clusters to the other, of equals the later to the earlier.
    fn join(&mut self, a: usize, b: usize) {
        let rank = |cluster: usize| (self.members[cluster].len(), usize::MAX - cluster);
        let (from, to) = if rank(a) < rank(b) { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut self.members[from]);
        for &node in &moved {
            let at = self.nodes.partition_point(|&held| held < node);
            self.home[at] = to;
        }
        self.members[to].extend(moved);
    }

    fn in_order(self) -> Vec<Vec<usize>> {
        let mut clusters: Vec<Vec<usize>> = self.members.into_iter().filter(|nodes| nodes.len() > 1).collect();
        clusters.iter_mut().for_each(|nodes| nodes.sort_unstable());
        clusters.sort_unstable();
        clusters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    /// The definition: every pair of members, and every edge asked anew.
    fn plain(linkage: &Linkage, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut clusters: Vec<Vec<usize>> = edges.iter().flat_map(|&(a, b)| [vec![a], vec![b]]).collect();
        clusters.sort_unstable();
        clusters.dedup();
        for (left, right) in edges {
            let at = |node| clusters.iter().position(|nodes: &Vec<usize>| nodes.contains(node)).unwrap();
            let (a, b) = (at(left), at(right));
            let all = || clusters[a].iter().flat_map(|&x| clusters[b].iter().map(move |&y| (x.min(y), x.max(y))));
            let pairs: Vec<(usize, usize)> = all().filter(|&(x, y)| (linkage.comparable)(x, y)).collect();
            let likeness = |&(x, y): &(usize, usize)| {
                let likeness = (linkage.likeness)(x, y);
                f64::from(if edges.contains(&(x, y)) { likeness.max(linkage.threshold) } else { likeness })
            };
            let enough = pairs.iter().map(likeness).sum::<f64>() >= f64::from(linkage.threshold) * pairs.len() as f64;
            if a != b && !pairs.is_empty() && enough {
                let moved = std::mem::take(&mut clusters[b]);
                clusters[a].extend(moved);
            }
        }
        clusters.retain(|nodes| nodes.len() > 1);
        clusters.iter_mut().for_each(|nodes| nodes.sort_unstable());
        clusters.sort_unstable();
        clusters
    }

    proptest! {
        #[test]
        fn the_clusters_are_those_of_the_definition(
            edges in proptest::collection::vec((0_usize..14, 0_usize..14), 0..60),
            salt in 0_usize..1000,
        ) {
            // Likenesses of quarters: sums in any order are exact.
            let likeness = |a: usize, b: usize| ((a * 31 + b * 17 + a * b * salt) % 7) as f32 / 4.0;
            let comparable = |a: usize, b: usize| a % 5 != b % 5;
            let mut edges: Vec<(usize, usize)> =
                edges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).filter(|&(a, b)| comparable(a, b)).collect();
            edges.sort_unstable();
            edges.dedup();
            edges.sort_by(|x, y| likeness(y.0, y.1).total_cmp(&likeness(x.0, x.1)).then(x.cmp(y)));
            let linkage = Linkage { comparable: &comparable, likeness: &likeness, threshold: 1.0 };
            prop_assert_eq!(linkage.clusters(&edges), plain(&linkage, &edges));
        }
    }

    #[test]
    fn clusters_of_thousands_are_measured_on_a_sample_that_spans_both() {
        assert_eq!(measured(3, 80), (3, 80));
        assert_eq!(measured(2, 10_000), (2, 128));
        assert_eq!(measured(10_000, 2), (128, 2));
        assert_eq!(measured(5_000, 7_000), (16, 16));
        assert_eq!(spread(&[1, 2, 3, 4, 5, 6], 3).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(spread(&[1, 2], 3).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn two_clusters_with_ten_thousand_edges_between_them_are_kept_apart_once() {
        let half = |node: usize| node / 300;
        let asked = std::cell::Cell::new(0_usize);
        let likeness = |a, b| {
            asked.set(asked.get() + 1);
            if half(a) == half(b) { 1.5 } else { 0.1 }
        };
        let inside = |from: usize| (from..from + 299).map(|node| (node, node + 1));
        let between = (0..100).flat_map(|a| (300..400).map(move |b| (a, b)));
        let edges: Vec<(usize, usize)> = inside(0).chain(inside(300)).chain(between).collect();
        let linkage = Linkage { comparable: &|_, _| true, likeness: &likeness, threshold: 1.0 };
        assert_eq!(linkage.clusters(&edges).len(), 2);
        assert!(asked.get() < 600 * 300 + 2 * MOST_MEASURED, "{}", asked.get());
    }
}
