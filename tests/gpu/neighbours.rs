//! Nearest rows, near pairs and centroids on a card: the CPU's plain definitions, to the bit.

use ndarray::Array2;
use refrain::neighbours::cards::{NearPair, Rule, assign_on, assign_plain, nearest_on, pairs_on};
use refrain::neighbours::exact::{Neighbour, nearest_plain};
use refrain::vectors::UnitRows;

use super::{card, numbers};

/// Rows that look random, every fifth of them like the row two before it, so that scores tie.
fn rows(seed: u32, count: usize, dim: usize) -> UnitRows {
    let mut values = Array2::from_shape_vec((count, dim), numbers(seed, count * dim)).unwrap();
    for row in (5..count).step_by(5) {
        let same = values.row(row - 2).to_owned();
        values.row_mut(row).assign(&same);
    }
    UnitRows::normalized(values).unwrap()
}

fn bits(found: &[Vec<Neighbour>]) -> Vec<Vec<(usize, u32)>> {
    found.iter().map(|of| of.iter().map(|near| (near.row, near.cosine.to_bits())).collect()).collect()
}

#[test]
fn the_nearest_are_those_of_the_definition_to_the_bit_and_in_ties() {
    let Some(gpu) = card() else { return };
    for (seed, (queries, count, dim, k)) in
        [(70, 200, 20, 3), (1, 300, 384, 40), (130, 65, 8, 1), (3, 2, 5, 9)].into_iter().enumerate()
    {
        let seed = 2 * seed as u32;
        let (asked, all) = (rows(seed, queries, dim), rows(seed + 1, count, dim));
        let outlet = |row: usize| (row % 3) as u32;
        let [ours, theirs] = [queries, count].map(|count| (0..count).map(outlet).collect::<Vec<u32>>());
        let made = nearest_on(&gpu, (&asked, &all), k, Rule::OtherLabel(&ours, &theirs)).unwrap();
        let plain = nearest_plain(&asked, &all, k, &|query, row| outlet(query) != outlet(row));
        assert_eq!(bits(&made), bits(&plain), "{queries} queries, {count} rows of {dim}, {k} each");
        let made = nearest_on(&gpu, (&asked, &all), k, Rule::Any).unwrap();
        assert_eq!(bits(&made), bits(&nearest_plain(&asked, &all, k, &|_, _| true)));
        let made = nearest_on(&gpu, (&all, &all), k, Rule::OtherRow).unwrap();
        assert_eq!(bits(&made), bits(&nearest_plain(&all, &all, k, &|query, row| query != row)));
    }
}

#[test]
fn none_asked_for_is_none_found() {
    let Some(gpu) = card() else { return };
    let two = rows(1, 2, 8);
    assert_eq!(nearest_on(&gpu, (&two, &two), 0, Rule::Any).unwrap(), [vec![], vec![]]);
    assert_eq!(nearest_on(&gpu, (&two, &UnitRows::empty(8)), 3, Rule::Any).unwrap(), [vec![], vec![]]);
    assert!(nearest_on(&gpu, (&UnitRows::empty(8), &two), 3, Rule::Any).unwrap().is_empty());
    assert!(pairs_on(&gpu, &UnitRows::empty(8), 0.5, Rule::Any).unwrap().is_empty());
    let error = nearest_on(&gpu, (&two, &two), 1, Rule::OtherLabel(&[1], &[1, 2])).unwrap_err().to_string();
    assert!(error.contains("labels that are not one each"), "{error}");
    assert!(nearest_on(&gpu, (&rows(1, 2, 9), &two), 1, Rule::Any).is_err());
}

#[test]
fn pairs_are_all_that_are_near_enough() {
    let Some(gpu) = card() else { return };
    let all = rows(9, 150, 20);
    let labels: Vec<u32> = (0..150).map(|row| row / 4).collect();
    let plain = |at_least: f32, allowed: &dyn Fn(usize, usize) -> bool| -> Vec<NearPair> {
        let behind = |left: usize| (left + 1..all.len()).map(move |right| (left, right));
        let both = (0..all.len()).flat_map(behind).filter(|&(left, right)| allowed(left, right));
        both.map(|(left, right)| NearPair { left, right, cosine: all.cosine(left, right) })
            .filter(|pair| pair.cosine >= at_least)
            .collect()
    };
    let made = pairs_on(&gpu, &all, 0.4, Rule::Any).unwrap();
    assert!(made.len() > 28 && made == plain(0.4, &|_, _| true), "{} pairs", made.len());
    let other = |left: usize, right: usize| labels[left] != labels[right];
    assert_eq!(pairs_on(&gpu, &all, 0.4, Rule::OtherLabel(&labels, &labels)).unwrap(), plain(0.4, &other));
}

#[test]
fn rows_go_to_the_centroid_at_the_least_distance() {
    let Some(gpu) = card() else { return };
    let all = rows(11, 90, 20);
    let mut centroids = Array2::from_shape_vec((70, 20), numbers(12, 1_400)).unwrap() * 0.3;
    let same = centroids.row(3).to_owned();
    centroids.row_mut(66).assign(&same);
    let made = assign_on(&gpu, &all, centroids.view()).unwrap();
    assert_eq!(made, assign_plain(&all, centroids.view()));
    // Not in order of rows: the same numbers, the same answers.
    let mut turned = Array2::zeros((20, 70));
    turned.assign(&centroids.t());
    assert_eq!(made, assign_on(&gpu, &all, turned.t()).unwrap());
    assert_eq!(made, assign_plain(&all, turned.t()));
    let distance = |row: usize, centroid: usize| -> f64 {
        let both = all.row(row).into_iter().zip(centroids.row(centroid)).map(|(a, b)| f64::from(a - b).powi(2));
        both.sum()
    };
    for (row, &centroid) in made.iter().enumerate() {
        let least = (0..70).map(|other| distance(row, other)).fold(f64::INFINITY, f64::min);
        assert!(distance(row, centroid) <= least + 1e-5, "row {row}");
    }
}
