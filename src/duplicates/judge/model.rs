//! What features say together: a boosted forest of small trees, and a probability from its sum.
//!
//! Friedman (2001), "Greedy function approximation: a gradient boosting machine", fitted by LightGBM with the
//! direction of most features fixed by what they mean; Platt (1999) for the probability. A tree is full: a split that
//! asks nothing has an infinite bound. Not here: the numbers (`trees`) and how they were made (`benches/judge.py`).

use super::features::COUNT;
use super::trees::{SCALE, TREES};

/// Splits from the root to a leaf.
const DEPTH: usize = 4;
/// Splits of a tree.
const SPLITS: usize = (1 << DEPTH) - 1;

/// A tree: split `i` has its children at `2 i + 1`, taken up to its bound, and `2 i + 2`, taken above it.
#[derive(Debug)]
pub(super) struct Tree {
    /// Which feature a split asks.
    pub(super) features: [u8; SPLITS],
    /// The largest value of it that goes to the first child.
    pub(super) bounds: [f32; SPLITS],
    /// What a leaf adds to the sum.
    pub(super) leaves: [f32; SPLITS + 1],
}

impl Tree {
    fn value(&self, features: &[f32; COUNT]) -> f32 {
        let mut at = 0;
        for _ in 0..DEPTH {
            let feature = self.features.get(at).and_then(|&feature| features.get(usize::from(feature)));
            let above = feature.zip(self.bounds.get(at)).is_some_and(|(value, bound)| value > bound);
            at = 2 * at + 1 + usize::from(above);
        }
        self.leaves.get(at - SPLITS).copied().unwrap_or_default()
    }
}

/// The probability, 0 to 1, that two passages with these features say the same.
pub(super) fn probability(features: &[f32; COUNT]) -> f32 {
    let sum: f32 = TREES.iter().map(|tree| tree.value(features)).sum();
    let (slope, offset) = SCALE;
    1.0 / (1.0 + (-(slope * sum + offset)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_sends_what_is_at_its_bound_to_the_first_child() {
        let mut leaves = [0.0; SPLITS + 1];
        (leaves[0], leaves[8]) = (1.0, 2.0);
        let mut bounds = [f32::INFINITY; SPLITS];
        bounds[0] = 0.5;
        let tree = Tree { features: [0; SPLITS], bounds, leaves };
        let mut features = [0.0; COUNT];
        features[0] = 0.5;
        assert_eq!(tree.value(&features), 1.0);
        features[0] = 0.6;
        assert_eq!(tree.value(&features), 2.0);
    }

    #[test]
    fn every_split_asks_a_feature_that_exists() {
        assert!(TREES.iter().flat_map(|tree| tree.features).all(|feature| usize::from(feature) < COUNT));
    }
}
