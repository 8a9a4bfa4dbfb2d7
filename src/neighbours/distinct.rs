//! Rows of one vector as one, in an order that their vectors alone decide.
//!
//! A paragraph that stands twenty times in a corpus would be its own twenty nearest neighbours, and a theme. And themes
//! must not depend on the order in which articles were read: chance and ties go by this order instead.

use ndarray::ArrayView2;

/// The different vectors of a set of rows.
#[derive(Debug)]
pub(crate) struct Distinct {
    /// One row of each vector, in the order of the vectors' values.
    pub(crate) firsts: Vec<usize>,
    /// For each row given, which of them it is.
    pub(crate) of: Vec<u32>,
}

impl Distinct {
    /// Of some rows of a matrix of shape `(n, dim)`.
    pub(crate) fn of(vectors: ArrayView2<'_, f32>, rows: &[usize]) -> Self {
        let bits = |at: usize| vectors.row(rows[at]).into_iter().map(|value| value.to_bits());
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| bits(a).cmp(bits(b)));
        let mut distinct = Self { firsts: Vec::new(), of: vec![0; rows.len()] };
        let mut last: Option<usize> = None;
        for at in order {
            if last.is_none_or(|last| bits(last).ne(bits(at))) {
                distinct.firsts.push(rows[at]);
            }
            distinct.of[at] = distinct.firsts.len() as u32 - 1;
            last = Some(at);
        }
        distinct
    }

    /// All rows, those of one vector beside each other, in the order of the vectors' values; for rows that were all given.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.of.len()).collect();
        rows.sort_by_key(|&row| (self.of[row], row));
        rows
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn equal_vectors_are_one_in_any_order_of_rows() {
        let rows = array![[0.0_f32, 1.0], [1.0, 0.0], [0.0, 1.0], [0.6, 0.8]];
        let forward = Distinct::of(rows.view(), &[0, 1, 2, 3]);
        let backward = Distinct::of(rows.view(), &[3, 2, 1, 0]);
        assert_eq!(forward.firsts.len(), 3);
        assert_eq!(forward.of[0], forward.of[2]);
        let vectors = |found: &Distinct| found.firsts.iter().map(|&row| rows.row(row).to_vec()).collect::<Vec<_>>();
        assert_eq!(vectors(&forward), vectors(&backward));
        assert_eq!(forward.of, backward.of.iter().rev().copied().collect::<Vec<_>>());
    }
}
