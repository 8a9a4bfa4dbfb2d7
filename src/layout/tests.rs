//! The map's promises: few rows, copies, islands, order and threads.

use ndarray::Array2;
use proptest::prelude::*;

use super::*;

/// Rows round `bundles` directions.
fn rows(n: usize, bundles: usize) -> UnitRows {
    let mut chance = pull::Chance::new(3, 0, 0);
    let mut values = Array2::from_shape_fn((n, 16), |_| chance.centred() * 0.6);
    for (row, mut values) in values.rows_mut().into_iter().enumerate() {
        values[row % bundles] += 1.0;
    }
    UnitRows::normalized(values).unwrap()
}

fn is_in_the_square(map: &ThemeMap) -> bool {
    let extent = map.places.iter().flatten().fold(0.0_f32, |most, value| most.max(value.abs()));
    map.places.iter().flatten().all(|value| value.is_finite()) && (map.places.len() < 2 || (extent - 1.0).abs() < 1e-3)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[test]
fn few_rows_and_none_have_a_map() {
    assert!(lay_out(&UnitRows::empty(16), 1).places.is_empty());
    assert_eq!(lay_out(&rows(1, 1), 1).places, [[0.0, 0.0]]);
    for n in 2..20 {
        let map = lay_out(&rows(n, 2), 1);
        assert!(is_in_the_square(&map), "{n}: {:?}", map.places);
        assert!(
            map.neighbours
                .iter()
                .enumerate()
                .all(|(row, near)| { near.len() == (n - 1).min(GIVEN) && near.iter().all(|hit| hit.row != row) })
        );
    }
    let line = UnitRows::normalized(Array2::from_shape_vec((2, 1), vec![1.0, -1.0]).unwrap()).unwrap();
    assert!(is_in_the_square(&lay_out(&line, 1)));
}

#[test]
fn bundles_are_told_apart() {
    let map = lay_out(&rows(600, 6), 1);
    assert!(is_in_the_square(&map));
    let same = |row: usize, of: usize| row % 6 == of % 6;
    let nearest = |row: usize| {
        let others = (0..600).filter(|&other| other != row);
        others.min_by(|&a, &b| {
            distance(map.places[row], map.places[a]).total_cmp(&distance(map.places[row], map.places[b]))
        })
    };
    let right = (0..600).filter(|&row| nearest(row).is_some_and(|near| same(row, near))).count();
    assert!(right > 590, "{right}");
}

#[test]
fn copies_lie_beside_each_other_at_places_of_their_own() {
    let some = rows(300, 3);
    let copied = some.select(&(0..900).map(|at| if at % 3 == 0 { 7 } else { at % 300 }).collect::<Vec<_>>());
    let map = lay_out(&copied, 1);
    assert!(is_in_the_square(&map));
    for at in (0..900).step_by(3) {
        assert!(distance(map.places[at], map.places[0]) < 0.1);
        assert!(at == 0 || map.places[at] != map.places[0]);
        // Its nearest are the first of its copies, not itself.
        assert!(map.neighbours[at].iter().all(|hit| hit.row != at && hit.row <= 33 && (hit.cosine - 1.0).abs() < 1e-6));
    }
}

#[test]
fn rows_that_are_all_one_vector_have_a_map() {
    let map = lay_out(&rows(1, 1).select(&[0; 50]), 1);
    assert!(is_in_the_square(&map));
    assert_eq!(map.neighbours[0].iter().map(|hit| hit.row).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn an_island_does_not_shrink_the_rest() {
    let land: Vec<[f32; 2]> = (0..400).map(|at| [(at % 20) as f32 / 20.0, (at / 20) as f32 / 20.0]).collect();
    let mut places = land.clone();
    places.push([1_000.0, 1_000.0]);
    let of: Vec<u32> = (0..401).collect();
    let copies: Vec<Vec<usize>> = (0..401).map(|row| vec![row]).collect();
    let framed = frame::framed(places, &of, &copies);
    let side = framed[..400].iter().map(|place| place[0]).fold(f32::NEG_INFINITY, f32::max) + 1.0;
    assert!(side > 1.6, "{side}");
    // What lies together keeps its shape.
    assert!((distance(framed[0], framed[19]) - distance(framed[0], framed[380])).abs() < 1e-4);
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_the_map() {
    let rows = rows(500, 4);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let eight = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    let map = one.install(|| lay_out(&rows, 1));
    assert_eq!(map, eight.install(|| lay_out(&rows, 1)));
    let backwards = lay_out(&rows.select(&(0..500).rev().collect::<Vec<_>>()), 1);
    assert!(map.places.iter().eq(backwards.places.iter().rev()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_rows_have_a_map_in_the_square(n in 1_usize..60, copied in 1_usize..60) {
        let rows = rows(n, n.min(16));
        let picked: Vec<usize> = (0..n + copied).map(|at| at * at % n).collect();
        let map = lay_out(&rows.select(&picked), 1);
        prop_assert!(is_in_the_square(&map));
        prop_assert_eq!(map.places.len(), n + copied);
    }
}
