//! The neighbour graph: rows joined to their nearest, strongly where they are near for the place they lie in.
//!
//! How far apart two rows are means little by itself: in a dense part of a corpus every cosine is high. So a row's
//! links are weighed against its own nearest: `exp(-(c1 - c) / s)`, `c1` the highest of its cosines and `s` the mean
//! distance from it, as UMAP weighs its graph (McInnes, Healy and Melville 2018, section 3.1); a link that both rows
//! have counts as `a + b - ab`.

/// A weighted graph without direction, in compressed rows; what lies inside a node that stands for many is in `loops`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    /// Where each node's links begin; one longer than there are nodes.
    starts: Vec<usize>,
    /// The other end and the weight of each link, ascending; each link stands at both of its ends.
    links: Vec<(u32, f32)>,
    /// Twice the weight inside each node.
    loops: Vec<f64>,
}

impl Graph {
    /// The graph of each row's nearest others: `(row, cosine)`, best first.
    pub(crate) fn of_neighbours<T: AsRef<[(u32, f32)]>>(near: &[T]) -> Self {
        let mut directed: Vec<Vec<(u32, f32)>> = vec![Vec::new(); near.len()];
        for (row, found) in near.iter().enumerate() {
            for (other, weight) in weighed(found.as_ref()) {
                directed[row].push((other, weight as f32));
                directed[other as usize].push((row as u32, weight as f32));
            }
        }
        let mut links = Vec::with_capacity(directed.iter().map(Vec::len).sum());
        let mut starts = vec![0];
        for mut of_row in directed {
            of_row.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            let from = links.len();
            for (other, weight) in of_row {
                match links[from..].last_mut() {
                    Some((last, sum)) if *last == other => *sum += weight - *sum * weight,
                    _ => links.push((other, weight)),
                }
            }
            starts.push(links.len());
        }
        Self { starts, links, loops: vec![0.0; near.len()] }
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.loops.len()
    }

    /// The links of a node: the other end and the weight.
    pub(crate) fn links(&self, node: usize) -> &[(u32, f32)] {
        &self.links[self.starts[node]..self.starts[node + 1]]
    }

    /// The weight of all that a node has, inside it counted twice.
    pub(crate) fn degree(&self, node: usize) -> f64 {
        self.loops[node] + self.links(node).iter().map(|link| f64::from(link.1)).sum::<f64>()
    }

    /// The graph of groups of nodes: `group` names each node's, from 0 to `groups - 1`.
    pub(crate) fn grouped(&self, group: &[u32], groups: usize) -> Self {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); groups];
        for (node, &group) in group.iter().enumerate() {
            members[group as usize].push(node as u32);
        }
        let mut gathered = Gathered::new(groups);
        let (mut starts, mut links, mut loops) = (vec![0], Vec::new(), vec![0.0_f64; groups]);
        for (own, members) in members.iter().enumerate() {
            for &node in members {
                loops[own] += self.loops[node as usize];
                for &(other, weight) in self.links(node as usize) {
                    match group[other as usize] as usize {
                        to if to == own => loops[own] += f64::from(weight),
                        to => gathered.add(to as u32, f64::from(weight)),
                    }
                }
            }
            let mut found = gathered.take();
            found.sort_unstable_by_key(|link| link.0);
            links.extend(found);
            starts.push(links.len());
        }
        Self { starts, links, loops }
    }
}

/// A row's links with their weights, 1 for its nearest.
pub(crate) fn weighed(found: &[(u32, f32)]) -> impl Iterator<Item = (u32, f64)> {
    let first = found.first().map_or(0.0, |near| near.1);
    let behind = move |cosine: f32| f64::from(first - cosine).max(0.0);
    let mean = found.iter().map(|near| behind(near.1)).sum::<f64>() / found.len().max(1) as f64;
    let scale = mean.max(f64::from(f32::EPSILON));
    found.iter().map(move |&(other, cosine)| (other, (-behind(cosine) / scale).exp()))
}

/// Sums by name of few names out of many.
pub(crate) struct Gathered {
    sums: Vec<f64>,
    touched: Vec<u32>,
}

impl Gathered {
    pub(crate) fn new(names: usize) -> Self {
        Self { sums: vec![0.0; names], touched: Vec::new() }
    }

    /// Adds a weight, which is above 0.
    pub(crate) fn add(&mut self, name: u32, weight: f64) {
        let sum = &mut self.sums[name as usize];
        if *sum == 0.0 {
            self.touched.push(name);
        }
        *sum += weight;
    }

    pub(crate) fn sum(&self, name: u32) -> f64 {
        self.sums[name as usize]
    }

    /// The names added to, in the order of their first.
    pub(crate) fn names(&self) -> &[u32] {
        &self.touched
    }

    pub(crate) fn clear(&mut self) {
        for name in self.touched.drain(..) {
            self.sums[name as usize] = 0.0;
        }
    }

    fn take(&mut self) -> Vec<(u32, f32)> {
        let found = self.touched.iter().map(|&name| (name, self.sums[name as usize] as f32)).collect();
        self.clear();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        Graph::of_neighbours(&[vec![(1, 0.9), (2, 0.5)], vec![(0, 0.9), (2, 0.4)], vec![(0, 0.5)]])
    }

    #[test]
    fn a_link_that_both_have_is_weighed_by_both() {
        // Row 2's only neighbour is its nearest: weight 1, whatever the other thinks of it.
        let graph = graph();
        assert_eq!(graph.links(2).iter().map(|link| link.0).collect::<Vec<_>>(), [0, 1]);
        assert!((f64::from(graph.links(2)[0].1) - 1.0).abs() < 1e-6);
        // Row 1's second neighbour lies twice the mean distance behind its first: e^-2.
        assert!((f64::from(graph.links(2)[1].1) - (-2.0_f64).exp()).abs() < 1e-6);
        for (node, other) in [(0, 1), (1, 2), (0, 2)] {
            let weight = |from: usize, to: usize| graph.links(from).iter().find(|l| l.0 as usize == to).map(|l| l.1);
            assert_eq!(weight(node, other), weight(other, node));
        }
    }

    #[test]
    fn grouping_keeps_all_weight() {
        let graph = graph();
        let grouped = graph.grouped(&[0, 0, 1], 2);
        let sum = |graph: &Graph| (0..graph.len()).map(|node| graph.degree(node)).sum::<f64>();
        assert!((sum(&graph) - sum(&grouped)).abs() < 1e-6);
        assert!((grouped.degree(1) - graph.degree(2)).abs() < 1e-6);
        assert_eq!(grouped.links(0).len(), 1);
    }

    #[test]
    fn neighbours_all_equally_near_weigh_the_same() {
        let graph = Graph::of_neighbours(&[vec![(1, 0.5), (2, 0.5)], vec![], vec![]]);
        assert_eq!(graph.links(0), [(1, 1.0), (2, 1.0)]);
    }
}
