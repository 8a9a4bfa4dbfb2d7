//! Which windows are run together: sorted by length, so that little is padding.
//!
//! The batches depend on the windows alone, never on the number of threads, so that every vector is
//! the same bytes however many threads there are.

use std::ops::Range;

/// An order of windows and the stretches of it that are run together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Window indices, longest first, then by index.
    pub(super) order: Vec<usize>,
    /// Ranges of `order`.
    pub(super) batches: Vec<Range<usize>>,
}

/// Plans batches for windows of the given lengths in tokens; none but a single window holds more than `most` tokens,
/// counting every window as long as the longest of its batch.
pub(super) fn plan(lengths: &[usize], most: usize) -> Plan {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&window| (std::cmp::Reverse(lengths[window]), window));
    let mut batches = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let widest = lengths[order[start]].max(1);
        let end = (start + (most / widest).max(1)).min(order.len());
        batches.push(start..end);
        start = end;
    }
    Plan { order, batches }
}

/// Plans batches where nothing is padded: windows in the order given, none but a single window holding more than `most`
/// tokens.
pub(super) fn plan_unpadded(lengths: &[usize], most: usize) -> Plan {
    let (mut batches, mut start, mut held) = (Vec::new(), 0, 0);
    for (window, &length) in lengths.iter().enumerate() {
        if window > start && held + length > most {
            batches.push(start..window);
            (start, held) = (window, 0);
        }
        held += length;
    }
    if start < lengths.len() {
        batches.push(start..lengths.len());
    }
    Plan { order: (0..lengths.len()).collect(), batches }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn longest_first_and_a_batch_is_as_wide_as_its_first() {
        let plan = plan(&[10, 2_000, 10, 2_000], 2_048);
        assert_eq!(plan.order, [1, 3, 0, 2]);
        assert_eq!(plan.batches, [0..1, 1..2, 2..4]);
    }

    #[test]
    fn without_padding_windows_stay_in_order() {
        assert_eq!(plan_unpadded(&[3, 4, 2, 9, 1], 8).batches, [0..2, 2..3, 3..4, 4..5]);
        assert!(plan_unpadded(&[], 8).batches.is_empty());
    }

    proptest! {
        #[test]
        fn every_window_is_in_one_batch(lengths in proptest::collection::vec(0_usize..3_000, 0..300)) {
            let plan = plan(&lengths, 512);
            let mut seen: Vec<usize> = plan.batches.iter().flat_map(|batch| plan.order[batch.clone()].to_vec()).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in plan.batches {
                prop_assert!(batch.len() == 1 || lengths[plan.order[batch.start]] * batch.len() <= 512);
            }
        }
    }
}
