//! Communities of a graph: the Leiden algorithm (Traag, Waltman and van Eck 2019) on modularity with a resolution
//! (Reichardt and Bornholdt 2006).
//!
//! What is sought is the division of highest `sum(inside - r * degrees^2 / total)`: `inside` twice a community's own
//! weight, `r` the resolution; the higher it is the more communities there are. Nodes move to the community they gain most
//! by, each community is then cut into parts that hold together, the parts become nodes, and so on until nothing
//! moves. Where the original draws parts by chance the best is taken, so that the only chance is the order of
//! visits, which starts from a seed.

use std::borrow::Cow;
use std::collections::VecDeque;

use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::neighbours::graph::{Gathered, Graph};

/// Passes over the graph at the most, each from what the one before found; the second changes little.
const PASSES: usize = 2;
/// Rounds of moving, cutting and grouping a pass at the most; few graphs need five.
const ROUNDS: usize = 20;
/// A gain smaller than this share of a node's weight is rounding: links are held in 32 bits.
const LEAST_GAIN: f64 = 1e-6;

/// The community of each node, named from 0 in the order of their first nodes.
pub(super) fn communities(graph: &Graph, resolution: f64, seed: u64) -> Vec<u32> {
    let mut random = Xoshiro256Plus::seed_from_u64(seed);
    let mut found: Vec<u32> = (0..graph.len() as u32).collect();
    for _ in 0..PASSES {
        let before = found.clone();
        found = pass(graph, found, resolution, &mut random);
        if found == before {
            break;
        }
    }
    found
}

/// A division that is better than the one given, or the same.
fn pass(graph: &Graph, mut division: Vec<u32>, resolution: f64, random: &mut Xoshiro256Plus) -> Vec<u32> {
    let mut of_node: Vec<u32> = (0..graph.len() as u32).collect();
    let mut level = Cow::Borrowed(graph);
    for _ in 0..ROUNDS {
        let moved = Division::new(&level, &mut division, resolution).improve(random);
        named(&mut division);
        if !moved {
            break;
        }
        let mut parts = cut(&level, &division, resolution, random);
        let number = named(&mut parts);
        let mut above = vec![0; number];
        for (&part, &community) in parts.iter().zip(&division) {
            above[part as usize] = community;
        }
        of_node.iter_mut().for_each(|node| *node = parts[*node as usize]);
        level = Cow::Owned(level.grouped(&parts, number));
        division = above;
    }
    let mut found: Vec<u32> = of_node.iter().map(|&node| division[node as usize]).collect();
    named(&mut found);
    found
}

/// How many groups there are, named from 0.
pub(super) fn number(groups: &[u32]) -> usize {
    groups.iter().max().map_or(0, |&most| most as usize + 1)
}

/// Renames groups from 0 in the order of their first nodes; their number.
pub(super) fn named(groups: &mut [u32]) -> usize {
    let mut names = vec![u32::MAX; number(groups)];
    let mut next = 0;
    for group in groups {
        let name = &mut names[*group as usize];
        if *name == u32::MAX {
            *name = next;
            next += 1;
        }
        *group = *name;
    }
    next as usize
}

/// A division that is being improved.
struct Division<'a> {
    graph: &'a Graph,
    of: &'a mut [u32],
    degrees: Vec<f64>,
    /// Degrees summed over each community.
    sums: Vec<f64>,
    /// Nodes in each community, and the communities that have none.
    counts: Vec<u32>,
    empty: Vec<u32>,
    /// The resolution over the weight of all links, counted twice.
    price: f64,
}

impl<'a> Division<'a> {
    fn new(graph: &'a Graph, of: &'a mut [u32], resolution: f64) -> Self {
        let degrees: Vec<f64> = (0..graph.len()).map(|node| graph.degree(node)).collect();
        let mut sums = vec![0.0; graph.len()];
        let mut counts = vec![0; graph.len()];
        for (&community, degree) in of.iter().zip(&degrees) {
            sums[community as usize] += degree;
            counts[community as usize] += 1;
        }
        let empty = (0..graph.len() as u32).filter(|&community| counts[community as usize] == 0).rev().collect();
        let total: f64 = degrees.iter().sum();
        Self { graph, of, degrees, sums, counts, empty, price: resolution / total.max(f64::MIN_POSITIVE) }
    }

    /// Moves nodes to the community they gain most by until none gains; whether any moved.
    fn improve(&mut self, random: &mut Xoshiro256Plus) -> bool {
        let mut queue: VecDeque<u32> = shuffled(self.graph.len(), random).into();
        let mut waits = vec![true; self.graph.len()];
        let mut gathered = Gathered::new(self.graph.len());
        let mut moved = false;
        while let Some(node) = queue.pop_front() {
            waits[node as usize] = false;
            let own = self.of[node as usize];
            let best = self.best(node as usize, &mut gathered);
            if best == own {
                continue;
            }
            moved = true;
            self.of[node as usize] = best;
            let degree = self.degrees[node as usize];
            self.sums[own as usize] -= degree;
            self.sums[best as usize] += degree;
            self.counts[own as usize] -= 1;
            self.counts[best as usize] += 1;
            if self.counts[own as usize] == 0 {
                self.sums[own as usize] = 0.0;
                self.empty.push(own);
            }
            if self.empty.last() == Some(&best) {
                self.empty.pop();
            }
            for &(other, _) in self.graph.links(node as usize) {
                if self.of[other as usize] != best && !std::mem::replace(&mut waits[other as usize], true) {
                    queue.push_back(other);
                }
            }
        }
        moved
    }

    /// The community a node gains most by: its own unless another, or one of its own, is better; the lower of equals.
    fn best(&self, node: usize, gathered: &mut Gathered) -> u32 {
        for &(other, weight) in self.graph.links(node) {
            gathered.add(self.of[other as usize], f64::from(weight));
        }
        let (own, degree) = (self.of[node], self.degrees[node]);
        let price = degree * self.price;
        let stay = gathered.sum(own) - price * (self.sums[own as usize] - degree);
        let gain = |community: u32| gathered.sum(community) - price * self.sums[community as usize];
        let others = gathered.names().iter().filter(|&&community| community != own);
        let best = others.fold((own, stay + LEAST_GAIN * degree), |best, &community| {
            let gain = gain(community);
            if gain > best.1 || (gain == best.1 && community < best.0 && best.0 != own) {
                (community, gain)
            } else {
                best
            }
        });
        gathered.clear();
        // Alone it gains nothing, which is more than less than nothing.
        match self.empty.last() {
            Some(&empty) if best.1 < -LEAST_GAIN * degree && self.counts[own as usize] > 1 => empty,
            _ => best.0,
        }
    }
}

/// Cuts communities into parts that hold together: nodes alone at first, each joined to the part of its community it
/// gains most by, if both are tied well enough to the rest of the community.
fn cut(graph: &Graph, division: &[u32], resolution: f64, random: &mut Xoshiro256Plus) -> Vec<u32> {
    let mut parts: Vec<u32> = (0..graph.len() as u32).collect();
    let whole = Division::new(graph, &mut parts, resolution);
    let (degrees, price) = (whole.degrees, whole.price);
    let inside = |node: usize| {
        let own = division[node];
        graph
            .links(node)
            .iter()
            .filter(|link| division[link.0 as usize] == own)
            .map(|link| f64::from(link.1))
            .sum::<f64>()
    };
    let mut of_community = vec![0.0; graph.len()];
    for (node, &community) in division.iter().enumerate() {
        of_community[community as usize] += degrees[node];
    }
    // Of each part: degrees, weight towards the rest of its community, and whether it is one node still.
    let mut sums = degrees.clone();
    let mut outward: Vec<f64> = (0..graph.len()).map(inside).collect();
    let mut single = vec![true; graph.len()];
    let mut gathered = Gathered::new(graph.len());
    let tied = |outward: f64, sum: f64, whole: f64| outward >= price * sum * (whole - sum);
    for node in shuffled(graph.len(), random) {
        let node = node as usize;
        let whole = of_community[division[node] as usize];
        if !single[node] || !tied(outward[node], degrees[node], whole) {
            continue;
        }
        for &(other, weight) in graph.links(node) {
            if division[other as usize] == division[node] {
                gathered.add(parts[other as usize], f64::from(weight));
            }
        }
        let fits = gathered.names().iter().filter(|&&part| tied(outward[part as usize], sums[part as usize], whole));
        let best = fits.fold((node as u32, 0.0), |best, &part| {
            let gain = gathered.sum(part) - price * degrees[node] * sums[part as usize];
            if gain > best.1 || (gain == best.1 && part < best.0 && gain > 0.0) { (part, gain) } else { best }
        });
        let joined = best.0 as usize;
        if joined != node {
            let between = gathered.sum(best.0);
            parts[node] = best.0;
            single[joined] = false;
            sums[joined] += degrees[node];
            outward[joined] += outward[node] - 2.0 * between;
        }
        gathered.clear();
    }
    parts
}

/// 0 to `n - 1` in an order of chance (Fisher and Yates).
fn shuffled(n: usize, random: &mut Xoshiro256Plus) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for at in (1..n).rev() {
        order.swap(at, (random.next_u64() % (at as u64 + 1)) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is sought, by its definition: the sum over communities of twice their own weight, less the resolution times
    /// their degrees' square over all.
    fn quality(graph: &Graph, of: &[u32], resolution: f64) -> f64 {
        let total: f64 = (0..graph.len()).map(|node| graph.degree(node)).sum();
        let (mut inside, mut degrees) = (vec![0.0; number(of)], vec![0.0; number(of)]);
        for (node, &own) in of.iter().enumerate() {
            degrees[own as usize] += graph.degree(node);
            let links = graph.links(node).iter().filter(|link| of[link.0 as usize] == own);
            inside[own as usize] += links.map(|link| f64::from(link.1)).sum::<f64>();
        }
        inside.iter().zip(&degrees).map(|(inside, degrees)| inside - resolution * degrees * degrees / total).sum()
    }

    /// Cliques of five, each linked to the next by its last row's worst neighbour.
    fn ring(cliques: u32) -> Graph {
        let near = |row: u32| {
            let first = row / 5 * 5;
            let mut near: Vec<(u32, f32)> =
                (first..first + 5).filter(|&other| other != row).map(|other| (other, 0.9)).collect();
            near.push(((first + 5) % (5 * cliques), 0.3));
            near
        };
        Graph::of_neighbours(&(0..5 * cliques).map(near).collect::<Vec<_>>())
    }

    fn connected(graph: &Graph, of: &[u32], community: u32) -> bool {
        let members: Vec<usize> = (0..of.len()).filter(|&node| of[node] == community).collect();
        let (mut seen, mut queue) = (vec![false; of.len()], vec![members[0]]);
        while let Some(node) = queue.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                queue.extend(graph.links(node).iter().map(|link| link.0 as usize).filter(|&o| of[o] == community));
            }
        }
        members.into_iter().all(|member| seen[member])
    }

    #[test]
    fn cliques_are_found_and_named_by_their_first_rows() {
        let found = communities(&ring(6), 1.0, 1);
        assert_eq!(found, (0..30).map(|row| row / 5).collect::<Vec<u32>>());
        assert!(communities(&Graph::of_neighbours::<Vec<(u32, f32)>>(&[]), 1.0, 1).is_empty());
        assert_eq!(communities(&Graph::of_neighbours(&[vec![], vec![]]), 1.0, 1), [0, 1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn communities_hold_together_and_are_better_than_rows_alone(
            links in proptest::collection::vec((0_u32..40, 0_u32..40, 0.0_f32..1.0), 20..160),
            resolution in 0.2_f64..4.0,
        ) {
            let mut near: Vec<Vec<(u32, f32)>> = vec![Vec::new(); 40];
            for (from, to, cosine) in links {
                if from != to && near[from as usize].iter().all(|near| near.0 != to) {
                    near[from as usize].push((to, cosine));
                }
            }
            near.iter_mut().for_each(|near| near.sort_by(|a, b| b.1.total_cmp(&a.1)));
            let graph = Graph::of_neighbours(&near);
            let found = communities(&graph, resolution, 7);
            let best = quality(&graph, &found, resolution);
            for community in 0..=*found.iter().max().unwrap() {
                prop_assert!(connected(&graph, &found, community));
            }
            let alone: Vec<u32> = (0..40).collect();
            prop_assert!(best >= quality(&graph, &alone, resolution) - 1e-6);
        }
    }
}
