//! How well a partition agrees with known labels: every score from one contingency table.
//!
//! Degenerate partitions score as in scikit-learn 1.9, by which the values are tested. Not here: which items take
//! part, and what stands for items that are in no cluster; both are the caller's.

use super::MeasureError;
use super::contingency::Contingency;
use super::information::{entropy, expected_mutual, mutual};

/// How well a partition agrees with known labels. 1 is agreement; the adjusted scores are 0 on average where chance
/// alone made the partition, and below where it does worse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Items.
    pub items: usize,
    /// Distinct known labels.
    pub classes: usize,
    /// Parts of the partition.
    pub clusters: usize,
    /// Pairs of items on which both agree, chance taken off (Hubert and Arabie 1985): -0.5 to 1. Large classes weigh most.
    pub adjusted_rand: f64,
    /// Mutual information, chance taken off, over the mean of the two entropies (Vinh, Epps and Bailey 2010): at most 1.
    pub adjusted_mutual_information: f64,
    /// Whether each cluster holds one class only: mutual information over the entropy of the classes, 0 to 1
    /// (Rosenberg and Hirschberg 2007). More clusters never lower it.
    pub homogeneity: f64,
    /// Whether each class lies in one cluster: mutual information over the entropy of the clusters, 0 to 1.
    pub completeness: f64,
    /// Harmonic mean of the two, which is mutual information normalised by the mean of the entropies: 0 to 1.
    pub v_measure: f64,
    /// Of an item's cluster the share that is of its class, averaged over items (Amigó et al. 2009): above 0, to 1.
    pub bcubed_precision: f64,
    /// Of an item's class the share that is in its cluster, averaged over items: above 0, to 1.
    pub bcubed_recall: f64,
    /// Harmonic mean of the two.
    pub bcubed_f1: f64,
}

impl Agreement {
    /// Of known labels and of the partition found, one number an item; what the numbers are does not matter, only which
    /// are equal. No items agree.
    ///
    /// # Errors
    /// [`MeasureError::Lengths`] unless there are as many of both.
    pub fn of(truth: &[usize], found: &[usize]) -> Result<Self, MeasureError> {
        if truth.len() != found.len() {
            return Err(MeasureError::Lengths { truth: truth.len(), found: found.len() });
        }
        let table = Contingency::of(truth, found);
        let information = Information::of(&table);
        let (homogeneity, completeness) = (information.homogeneity(), information.completeness());
        let (precision, recall) = bcubed(&table);
        Ok(Self {
            items: table.items,
            classes: table.classes.len(),
            clusters: table.clusters.len(),
            adjusted_rand: adjusted_rand(&table),
            adjusted_mutual_information: information.adjusted(&table),
            homogeneity,
            completeness,
            v_measure: harmonic(homogeneity, completeness),
            bcubed_precision: precision,
            bcubed_recall: recall,
            bcubed_f1: harmonic(precision, recall),
        })
    }
}

/// [`Agreement::adjusted_rand`] alone, of two partitions of the same items; the longer is cut to the shorter.
pub fn adjusted_rand_index(left: &[u32], right: &[u32]) -> f64 {
    let wide = |labels: &[u32]| labels.iter().map(|&label| label as usize).collect::<Vec<_>>();
    let items = left.len().min(right.len());
    adjusted_rand(&Contingency::of(&wide(&left[..items]), &wide(&right[..items])))
}

/// From counts of ordered pairs, exact until the last division.
fn adjusted_rand(table: &Contingency) -> f64 {
    let squares = |counts: &mut dyn Iterator<Item = usize>| counts.map(|count| (count as i128).pow(2)).sum::<i128>();
    let items = table.items as i128;
    let both = squares(&mut table.cells.iter().map(|cell| cell.2));
    let same_class_alone = squares(&mut table.classes.iter().copied()) - both;
    let same_cluster_alone = squares(&mut table.clusters.iter().copied()) - both;
    if same_class_alone == 0 && same_cluster_alone == 0 {
        return 1.0;
    }
    let (neither, both) = (items.pow(2) - same_class_alone - same_cluster_alone - both, both - items);
    let above = 2 * (both * neither - same_class_alone * same_cluster_alone);
    let below = (both + same_class_alone) * (same_class_alone + neither)
        + (both + same_cluster_alone) * (same_cluster_alone + neither);
    above as f64 / below as f64
}

/// What two partitions say and share, in nats.
struct Information {
    classes: f64,
    clusters: f64,
    shared: f64,
}

impl Information {
    fn of(table: &Contingency) -> Self {
        let (classes, clusters) = (entropy(&table.classes), entropy(&table.clusters));
        // Rounding may not make a partition tell more than there is to know.
        Self { classes, clusters, shared: mutual(table).min(classes).min(clusters) }
    }

    fn homogeneity(&self) -> f64 {
        if self.classes > 0.0 { self.shared / self.classes } else { 1.0 }
    }

    fn completeness(&self) -> f64 {
        if self.clusters > 0.0 { self.shared / self.clusters } else { 1.0 }
    }

    fn adjusted(&self, table: &Contingency) -> f64 {
        match (table.classes.len(), table.clusters.len(), table.cells.len()) {
            // The same partition, whatever rounding makes of it.
            (classes, clusters, cells) if classes == cells && clusters == cells => return 1.0,
            (1, ..) | (_, 1, _) => return 0.0,
            _ => {}
        }
        let expected = expected_mutual(table);
        // Where chance leaves nothing to win, rounding may neither divide by zero nor turn the sign.
        let kept_from_zero = |value: f64| if value < 0.0 { value.min(-f64::EPSILON) } else { value.max(f64::EPSILON) };
        kept_from_zero(self.shared - expected) / kept_from_zero(f64::midpoint(self.classes, self.clusters) - expected)
    }
}

/// Precision and recall of B-cubed; items of a cell are alike.
fn bcubed(table: &Contingency) -> (f64, f64) {
    if table.items == 0 {
        return (1.0, 1.0);
    }
    let mean = |of: &dyn Fn(&(usize, usize, usize)) -> usize| {
        let sum: f64 = table.cells.iter().map(|cell| (cell.2 as f64).powi(2) / of(cell) as f64).sum();
        sum / table.items as f64
    };
    (mean(&|cell| table.clusters[cell.1]), mean(&|cell| table.classes[cell.0]))
}

fn harmonic(left: f64, right: f64) -> f64 {
    if left + right > 0.0 { 2.0 * left * right / (left + right) } else { 0.0 }
}
