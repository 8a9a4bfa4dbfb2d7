//! Scores held to scikit-learn's, and what must be true of any two partitions.
//!
//! The golden values are those of scikit-learn 1.9.1; B-cubed, which it lacks, by its definition:
//!
//! ```python
//! from collections import Counter
//! from sklearn import metrics as m
//! def bcubed(t, f):
//!     n, both, a, b = len(t), Counter(zip(t, f)), Counter(t), Counter(f)
//!     p = sum(c * c / b[j] for (_, j), c in both.items()) / n
//!     r = sum(c * c / a[i] for (i, _), c in both.items()) / n
//!     return p, r, 2 * p * r / (p + r)
//! def scores(t, f):
//!     return [m.adjusted_rand_score(t, f), m.adjusted_mutual_info_score(t, f),
//!             *m.homogeneity_completeness_v_measure(t, f), *bcubed(t, f)]
//! print(scores([0, 0, 0, 1, 1, 1, 2, 2, 2, 2], [5, 5, 1, 1, 1, 1, 1, 3, 3, 5]))
//! print(scores([i * i % 7 for i in range(100)], [i * i * i % 5 + i // 60 for i in range(100)]))
//! print(scores([i // 100 for i in range(20_000)], [i // 200 if i % 3 else i % 100 for i in range(20_000)]))
//! ```

use proptest::prelude::*;

use super::*;

/// In the order of the snippet.
fn scores(truth: &[usize], found: &[usize]) -> [f64; 8] {
    let is = Agreement::of(truth, found).unwrap();
    let information = [is.adjusted_mutual_information, is.homogeneity, is.completeness, is.v_measure];
    let [adjusted, homogeneity, completeness, v] = information;
    let bcubed = (is.bcubed_precision, is.bcubed_recall, is.bcubed_f1);
    [is.adjusted_rand, adjusted, homogeneity, completeness, v, bcubed.0, bcubed.1, bcubed.2]
}

fn assert_near(found: [f64; 8], golden: [f64; 8]) {
    for (at, (found, golden)) in found.iter().zip(&golden).enumerate() {
        assert!((found - golden).abs() < 1e-9, "score {at}: found {found}, expected {golden}");
    }
}

#[test]
fn a_few_items_score_as_in_scikit_learn() {
    let found = scores(&[0, 0, 0, 1, 1, 1, 2, 2, 2, 2], &[5, 5, 1, 1, 1, 1, 1, 3, 3, 5]);
    let golden = [
        0.136_690_647_482_014_4,
        0.175_143_456_243_492_84,
        0.388_291_362_671_870_14,
        0.410_633_921_782_165_2,
        0.399_150_228_815_331_63,
        0.586_666_666_666_666_7,
        0.616_666_666_666_666_6,
        0.601_292_705_447_830_2,
    ];
    assert_near(found, golden);
}

#[test]
fn worse_than_chance_is_below_zero_as_in_scikit_learn() {
    let truth: Vec<usize> = (0..100).map(|i| i * i % 7).collect();
    let found: Vec<usize> = (0..100).map(|i| i * i * i % 5 + i / 60).collect();
    let golden = [
        -0.032_770_104_166_641_674,
        -0.050_704_105_598_113_59,
        0.006_164_566_175_239_377,
        0.004_794_438_458_219_606,
        0.005_393_853_572_900_405,
        0.267_166_666_666_666_66,
        0.183_642_036_124_794_7,
        0.217_666_741_336_344_3,
    ];
    assert_near(scores(&truth, &found), golden);
}

#[test]
fn two_hundred_classes_and_a_hundred_clusters_score_as_in_scikit_learn() {
    let truth: Vec<usize> = (0..20_000).map(|i| i / 100).collect();
    let found: Vec<usize> = (0..20_000).map(|i| if i % 3 > 0 { i / 200 } else { i % 100 }).collect();
    let golden = [
        0.293_611_011_652_717_3,
        0.515_082_659_122_568_5,
        0.533_331_666_016_412_4,
        0.613_607_179_830_810_3,
        0.570_660_137_083_525_7,
        0.227_220_231_155_780_27,
        0.454_444_000_000_054_9,
        0.302_961_094_356_625_8,
    ];
    assert_near(scores(&truth, &found), golden);
}

#[test]
fn degenerate_partitions_score_as_in_scikit_learn() {
    let (one, each) = ([0, 0, 0], [0, 1, 2]);
    assert_near(scores(&one, &[7, 7, 7]), [1.0; 8]);
    assert_near(scores(&each, &[2, 1, 0]), [1.0; 8]);
    assert_near(scores(&[4], &[9]), [1.0; 8]);
    assert_near(scores(&one, &each), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0 / 3.0, 0.5]);
    assert_near(scores(&each, &one), [0.0, 0.0, 0.0, 1.0, 0.0, 1.0 / 3.0, 1.0, 0.5]);
    assert_near(scores(&[0, 0, 1, 1], &[0, 1, 0, 1]), [-0.5, -0.5, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5]);
    assert_near(scores(&[], &[]), [1.0; 8]);
}

#[test]
fn labels_of_other_items_are_refused() {
    assert_eq!(Agreement::of(&[1, 2], &[1]), Err(MeasureError::Lengths { truth: 2, found: 1 }));
}

#[test]
fn sizes_are_told() {
    let is = Agreement::of(&[3, 3, 8], &[0, 1, 2]).unwrap();
    assert_eq!((is.items, is.classes, is.clusters), (3, 2, 3));
}

/// Two partitions of up to 60 items.
fn partitions() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0usize..8, 0usize..6), 1..60)
}

proptest! {
    #[test]
    fn which_is_the_truth_matters_to_no_adjusted_score(pairs in partitions()) {
        let (truth, found): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let (one, other) = (Agreement::of(&truth, &found).unwrap(), Agreement::of(&found, &truth).unwrap());
        prop_assert_eq!(one.adjusted_rand, other.adjusted_rand);
        prop_assert!((one.adjusted_mutual_information - other.adjusted_mutual_information).abs() < 1e-9);
        prop_assert!((one.homogeneity - other.completeness).abs() < 1e-12);
        prop_assert!((one.v_measure - other.v_measure).abs() < 1e-12);
        prop_assert!((one.bcubed_precision - other.bcubed_recall).abs() < 1e-12);
    }

    #[test]
    fn names_of_clusters_and_the_order_of_items_do_not_matter(pairs in partitions()) {
        let (truth, found): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let renamed: Vec<usize> = found.iter().rev().map(|cluster| 1_000 - 7 * cluster).collect();
        let turned: Vec<usize> = truth.iter().rev().map(|class| class * class).collect();
        let (one, other) = (scores(&truth, &found), scores(&turned, &renamed));
        for (one, other) in one.iter().zip(&other) {
            prop_assert!((one - other).abs() < 1e-9, "{} {}", one, other);
        }
    }

    #[test]
    fn a_partition_agrees_with_itself(pairs in partitions()) {
        let (truth, _): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        for score in scores(&truth, &truth) {
            prop_assert!((score - 1.0).abs() < 1e-9, "{}", score);
        }
    }

    #[test]
    fn no_score_is_out_of_bounds(pairs in partitions()) {
        let (truth, found): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let [rand, adjusted, rest @ ..] = scores(&truth, &found);
        prop_assert!((-0.5..=1.0).contains(&rand) && adjusted.is_finite() && adjusted <= 1.0 + 1e-9);
        prop_assert!(rest.iter().all(|score| (0.0..=1.0 + 1e-12).contains(score)), "{:?}", rest);
    }
}
