//! Coverage groups: pairs joined, whole paragraphs first, then the statements they do not explain.
//!
//! Statement clusters between the same rows are one group: two articles that share two sentences share
//! one thing to show. Not here: which pairs may join (`linkage`), what facts differ (`disagreements`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;

use super::disagreements::disagreements;
use super::linkage::Linkage;
use super::material::Material;
use super::origins::{first, origins};
use super::pairs::{Bar, Compared, Edge, LIKELY, MOSTLY, merged, statement_pair};
use crate::coverage::{Group, Pair, Passage, Scope};

/// All pairs, and the groups they make.
#[derive(Debug)]
pub(super) struct Grouped {
    /// Pairs, highest likeness first, then by passages.
    pub(super) pairs: Vec<Pair>,
    /// Groups: most outlets first, then those that disagree, then the longest shared wording, then by row.
    pub(super) groups: Vec<Group>,
}

/// Joins what was found. A pair whose passages the linkage keeps apart belongs to no group.
pub(super) fn group(
    material: &Material,
    compared: &[Compared],
    (bar, threshold, today): (Bar, f32, Option<Date>),
) -> Grouped {
    let whole: Vec<Pair> = compared.iter().filter_map(|compared| compared.whole.clone()).collect();
    let edges = edges(compared.iter());
    let rows = homes(&row_clusters(material, &whole, threshold));
    let statements = by_rows(material, statement_clusters(material, &edges, threshold));
    let absorbed = absorbed(material, &rows, &statements);
    let home = |pair: &Pair| {
        let rows = shared_home(&rows, pair.left.row, pair.right.row)?;
        Some(absorbed.get(&rows).map_or(Home::Rows(rows), |&statements| Home::Statements(statements)))
    };
    let mut found: Vec<(Option<Home>, Pair)> = whole
        .into_iter()
        .map(|pair| (home(&pair), pair))
        .chain(statement_pairs(material, (&unexplained(material, compared, &rows), bar), &homes(&statements)))
        .collect();
    found.sort_by(|a, b| best_first(&a.1, &b.1));
    let groups = groups(material, &found, today);
    Grouped { pairs: found.into_iter().map(|(_, pair)| pair).collect(), groups }
}

/// The cluster a pair lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    Rows(usize),
    Statements(usize),
}

fn row_clusters(material: &Material, whole: &[Pair], threshold: f32) -> Vec<Vec<usize>> {
    let mut ranked: Vec<&Pair> = whole.iter().collect();
    ranked.sort_by(|a, b| best_first(a, b));
    let edges: Vec<Edge> = ranked.iter().map(|pair| (pair.left.row, pair.right.row)).collect();
    let outlets = material.outlets();
    let comparable = |a: usize, b: usize| outlets[a] != outlets[b];
    let likeness = |a, b| held(material.of_rows(a, b).sum(), threshold, || material.rows_share_wording(a, b));
    Linkage { comparable: &comparable, likeness: &likeness, threshold }.clusters(&edges)
}

fn statement_clusters(material: &Material, edges: &[Edge], threshold: f32) -> Vec<Vec<usize>> {
    let measured = |a, b| material.of_statements(a, b).sum();
    let likeness = |a, b| held(measured(a, b), threshold, || material.statements_share_wording(a, b));
    let mut ranked: Vec<(f32, Edge)> = edges.iter().map(|&(a, b)| (measured(a, b), (a, b))).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let ranked: Vec<Edge> = ranked.into_iter().map(|(_, edge)| edge).collect();
    let outlet = |statement| material.outlets()[material.statement(statement).row];
    let comparable = |a, b| outlet(a) != outlet(b);
    Linkage { comparable: &comparable, likeness: &likeness, threshold }.clusters(&ranked)
}

/// A likeness, no less than the threshold where the wording makes both the same: a pair may lack as a candidate only because
/// what they share stands in too many rows.
fn held(likeness: f32, threshold: f32, shares_wording: impl Fn() -> bool) -> f32 {
    if likeness < threshold && shares_wording() { threshold } else { likeness }
}

/// The cluster of each node.
fn homes(clusters: &[Vec<usize>]) -> BTreeMap<usize, usize> {
    clusters.iter().enumerate().flat_map(|(home, nodes)| nodes.iter().map(move |&node| (node, home))).collect()
}

fn shared_home(homes: &BTreeMap<usize, usize>, left: usize, right: usize) -> Option<usize> {
    homes.get(&left).filter(|&home| homes.get(&right) == Some(home)).copied()
}

/// The statements matched in some row pairs, ascending.
fn edges<'a>(compared: impl Iterator<Item = &'a Compared>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = compared.flat_map(|compared| compared.edges.iter().copied()).collect();
    edges.sort_unstable();
    edges
}

/// The statements to show as pairs: not those of rows that are the same as whole paragraphs, or lie in
/// one paragraph cluster, which shows them.
fn unexplained(material: &Material, compared: &[Compared], rows: &BTreeMap<usize, usize>) -> Vec<Edge> {
    let row = |statement| material.statement(statement).row;
    let mut edges = edges(compared.iter().filter(|compared| compared.whole.is_none()));
    edges.retain(|&(a, b)| shared_home(rows, row(a), row(b)).is_none());
    edges
}

/// Paragraph clusters that a statement cluster with further rows holds as good as whole: paragraphs of one
/// sentence that others carry inside longer ones. They are shown once, with those others.
fn absorbed(material: &Material, rows: &BTreeMap<usize, usize>, statements: &[Vec<usize>]) -> BTreeMap<usize, usize> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (&row, &home) in rows {
        members.entry(home).or_default().push(row);
    }
    let mut absorbed = BTreeMap::new();
    for (index, cluster) in statements.iter().enumerate() {
        let homes = cluster.iter().filter_map(|&statement| rows.get(&material.statement(statement).row));
        for home in homes.copied().collect::<BTreeSet<usize>>() {
            if members.get(&home).is_some_and(|rows| holds(material, cluster, rows)) {
                absorbed.entry(home).or_insert(index);
            }
        }
    }
    absorbed
}

/// Whether a statement cluster has most of each of the rows, and another row besides.
fn holds(material: &Material, cluster: &[usize], rows: &[usize]) -> bool {
    let row = |statement: usize| material.statement(statement).row;
    let words = |row_held: usize| -> usize {
        let held = cluster.iter().filter(|&&statement| row(statement) == row_held);
        held.map(|&statement| material.passage_tokens(material.statement(statement)).len()).sum()
    };
    cluster.iter().any(|&statement| !rows.contains(&row(statement)))
        && rows.iter().all(|&row| words(row) as f32 >= MOSTLY * material.tokens(row).len() as f32)
}

/// Joins statement clusters that lie in the same rows.
fn by_rows(material: &Material, clusters: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut joined: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for cluster in clusters {
        let mut rows: Vec<usize> = cluster.iter().map(|&statement| material.statement(statement).row).collect();
        rows.dedup();
        joined.entry(rows).or_default().extend(cluster);
    }
    joined.into_values().collect()
}

/// Statement pairs with their cluster, those that follow on one another merged.
fn statement_pairs(
    material: &Material,
    (edges, bar): (&[Edge], Bar),
    homes: &BTreeMap<usize, usize>,
) -> Vec<(Option<Home>, Pair)> {
    let mut lots: BTreeMap<(usize, usize, Option<usize>), Vec<Edge>> = BTreeMap::new();
    for &(left, right) in edges {
        let rows = (material.statement(left).row, material.statement(right).row);
        lots.entry((rows.0, rows.1, shared_home(homes, left, right))).or_default().push((left, right));
    }
    let lots: Vec<(Option<usize>, Vec<Edge>)> = lots.into_iter().map(|((_, _, home), edges)| (home, edges)).collect();
    let pairs = lots.par_iter().flat_map_iter(|(home, edges)| {
        let pair = move |(left, right)| (home.map(Home::Statements), statement_pair(material, (left, right), bar));
        merged(edges).into_iter().map(pair)
    });
    pairs.collect()
}

fn best_first(a: &Pair, b: &Pair) -> std::cmp::Ordering {
    let place = |pair: &Pair| (pair.left.row, pair.left.span.start, pair.right.row, pair.right.span.start);
    b.likeness().total_cmp(&a.likeness()).then_with(|| place(a).cmp(&place(b)))
}

fn groups(material: &Material, found: &[(Option<Home>, Pair)], today: Option<Date>) -> Vec<Group> {
    let mut lots: BTreeMap<Home, Vec<usize>> = BTreeMap::new();
    for (index, (home, _)) in found.iter().enumerate() {
        if let Some(home) = home {
            lots.entry(*home).or_default().push(index);
        }
    }
    let lots: Vec<Vec<usize>> = lots.into_values().collect();
    let mut groups: Vec<Group> = lots.into_par_iter().filter_map(|pairs| made(material, found, pairs, today)).collect();
    groups.sort_by_cached_key(|group| rank(material, found, group));
    groups
}

/// A group of the pairs numbered, which are best first.
fn made(material: &Material, found: &[(Option<Home>, Pair)], pairs: Vec<usize>, today: Option<Date>) -> Option<Group> {
    let members: Vec<&Pair> = pairs.iter().map(|&index| &found[index].1).collect();
    let strongest = members.iter().min_by_key(|pair| (pair.scope.is_part(), pair.scope == Scope::Run, pair.grade))?;
    let (scope, grade) = (strongest.scope, strongest.grade);
    // A run or a quotation in common does not make all the rest of both sentences speak of one thing.
    let trusted = |pair: &&&Pair| pair.shares_wording() || !pair.scope.is_part() && pair.probability >= LIKELY;
    let trusted: Vec<&Pair> = members.iter().filter(trusted).copied().collect();
    let (passages, disagreements) = (passages(&members), disagreements(material, &trusted));
    let (collection, because) = (material.collection(), because(&passages, found, &pairs));
    let (origins, first) = (origins(collection, &passages, &members), first(collection, &passages, today));
    Some(Group { scope, grade, passages, pairs, because, origins, first, disagreements })
}

/// For each passage its closest pair: what whole passages share before quotations and runs, by grade, then the most alike.
fn because(passages: &[Passage], found: &[(Option<Home>, Pair)], pairs: &[usize]) -> Vec<usize> {
    let closeness = |&pair: &usize| {
        let Pair { scope, grade, .. } = found[pair].1;
        (scope.is_part(), scope == Scope::Run, grade)
    };
    let mut ranked = pairs.to_vec();
    // Stable: pairs of one grade stay most alike first.
    ranked.sort_by_key(closeness);
    let mut sides: BTreeMap<usize, Vec<(usize, &Passage)>> = BTreeMap::new();
    for &pair in &ranked {
        for side in [&found[pair].1.left, &found[pair].1.right] {
            sides.entry(side.row).or_default().push((pair, side));
        }
    }
    let of = |passage: &Passage| {
        let inside = |side: &Passage| passage.span.start <= side.span.start && side.span.end <= passage.span.end;
        sides.get(&passage.row)?.iter().find(|(_, side)| inside(side)).map(|(pair, _)| *pair)
    };
    passages.iter().filter_map(of).collect()
}

/// The passages of some pairs, by row and place; passages of one row that overlap are one.
fn passages(pairs: &[&Pair]) -> Vec<Passage> {
    let mut all: Vec<&Passage> = pairs.iter().flat_map(|pair| [&pair.left, &pair.right]).collect();
    all.sort_by_key(|passage| (passage.row, passage.span.start, passage.span.end));
    let mut joined: Vec<Passage> = Vec::new();
    for passage in all {
        match joined.last_mut() {
            Some(last) if last.row == passage.row && passage.span.start < last.span.end => {
                last.span.end = last.span.end.max(passage.span.end);
            }
            _ => joined.push(passage.clone()),
        }
    }
    joined
}

/// Most outlets first, then what they disagree on, then the longest shared wording, then by row; paragraphs before
/// statements.
fn rank(material: &Material, found: &[(Option<Home>, Pair)], group: &Group) -> impl Ord + use<> {
    let mut outlets: Vec<_> = group.passages.iter().map(|passage| material.outlets()[passage.row]).collect();
    outlets.sort_unstable();
    outlets.dedup();
    let longest = group.pairs.iter().filter_map(|&pair| found[pair].1.shared.first()).map(|span| span.words).max();
    let first = group.passages.first().map(|passage| (passage.row, passage.span.start));
    let agreed = group.disagreements.is_empty();
    (usize::MAX - outlets.len(), agreed, usize::MAX - longest.unwrap_or(0), first, group.scope)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{all_pairs, bags, collection};
    use super::super::{Options, candidates, find};
    use crate::coverage::{Coverage, Grade, Scope};

    fn coverage(rows: &[(u32, &str)]) -> Coverage {
        let collection = collection(rows);
        let candidates = candidates(&collection, &all_pairs(rows.len())).unwrap();
        let vectors = bags(rows.iter().map(|(_, text)| *text));
        let statements = bags(candidates.texts(&collection));
        find(&collection, &vectors, &candidates, &statements, &Options { threshold: Some(1.1), ..Options::default() })
            .unwrap()
    }

    const LEAD: &str = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday.";
    const OTHER: &str = "Analysts fear that spending on artificial intelligence has become a bubble.";
    const THIRD: &str = "Electricity grids in several states struggle under the load of new halls.";

    #[test]
    fn one_outlet_makes_no_pair_and_no_group() {
        let found = coverage(&[(0, LEAD), (0, LEAD), (0, LEAD)]);
        assert!(found.pairs.is_empty() && found.groups.is_empty());
    }

    #[test]
    fn copies_in_three_outlets_are_one_group_of_three_pairs() {
        let found = coverage(&[(0, LEAD), (1, LEAD), (2, LEAD), (0, LEAD), (1, OTHER)]);
        assert_eq!(found.groups.len(), 1);
        let group = &found.groups[0];
        assert_eq!((group.scope, group.grade), (Scope::Paragraph, Grade::Verbatim));
        assert_eq!(group.passages.iter().map(|p| p.row).collect::<Vec<_>>(), [0, 1, 2, 3]);
        // Rows 0 and 3 are one outlet's: no pair of theirs among the six.
        assert_eq!(found.pairs.len(), 5);
    }

    #[test]
    fn one_shared_sentence_is_a_pair_of_statements() {
        let (left, right) = (format!("{OTHER} {LEAD} It rained."), format!("{THIRD} {LEAD} {THIRD}"));
        let found = coverage(&[(0, &left), (1, &right)]);
        let pair = &found.pairs[0];
        assert_eq!((found.pairs.len(), pair.scope), (1, Scope::Statement));
        assert_eq!(&right[pair.right.span.clone()], LEAD);
        assert!(left[pair.left.span.clone()].starts_with(LEAD));
    }

    #[test]
    fn two_shared_sentences_in_step_are_one_passage() {
        let tail = format!("{} {}", THIRD.replace("halls", "sheds"), THIRD.replace("grids", "lines"));
        let (left, right) = (format!("{LEAD} {OTHER}"), format!("{tail} {tail} {LEAD} {OTHER} {tail}"));
        let found = coverage(&[
            (0, &format!("{left} Nobody else had asked. {}", "Snow fell on every roof in Oslo. ".repeat(4))),
            (1, &right),
        ]);
        assert_eq!((found.pairs.len(), found.groups.len()), (1, 1));
        assert_eq!(&right[found.pairs[0].right.span.clone()], left);
    }

    #[test]
    fn a_paragraph_of_one_sentence_joins_those_that_carry_it_in_longer_ones() {
        let long = format!("{OTHER} {LEAD} {THIRD} {}", THIRD.replace("halls", "barns"));
        let found = coverage(&[(0, LEAD), (1, LEAD), (2, &long)]);
        let rows: Vec<Vec<usize>> =
            found.groups.iter().map(|group| group.passages.iter().map(|passage| passage.row).collect()).collect();
        assert_eq!(rows, [[0, 1, 2]]);
        assert_eq!(found.groups[0].pairs.len(), found.pairs.len());
    }

    #[test]
    fn the_order_of_neighbours_changes_nothing() {
        let rows = [(0, LEAD), (1, OTHER), (2, LEAD), (1, LEAD), (2, THIRD)];
        let collection = collection(&rows);
        let mut near = all_pairs(rows.len());
        let first = candidates(&collection, &near).unwrap();
        near.reverse();
        let turned: Vec<(usize, usize)> = near.iter().map(|&(a, b)| (b, a)).collect();
        assert_eq!(candidates(&collection, &turned).unwrap(), first);
    }
}
