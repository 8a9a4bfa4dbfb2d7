//! A division of rows into themes, whichever way it was found.

use ndarray::{Array2, ArrayView2, Axis};

use crate::theme::Member;

/// Rows divided into groups.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Division {
    /// The group of each row, by its place among the rows given; none for what is in no group.
    pub(super) of: Vec<Option<u32>>,
    /// Of each group how far it is found again, where that was tried.
    pub(super) trust: Vec<Option<f32>>,
    /// How it was found, in a sentence.
    pub(super) method: String,
    /// What groups divide into: a part lies in one group, and a row in a group need not be in a part.
    pub(super) parts: Option<Box<Division>>,
}

/// A group's rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Best first, then by row.
    pub(super) members: Vec<Member>,
    /// How far it is found again.
    pub(super) trust: Option<f32>,
}

impl Division {
    /// No row is in any group.
    pub(super) fn none(rows: usize, method: String) -> Self {
        Self { of: vec![None; rows], trust: Vec::new(), method, parts: None }
    }

    /// Groups found without a trial of how far they are found again.
    pub(super) fn untried(of: Vec<Option<u32>>, method: String) -> Self {
        let groups = of.iter().flatten().max().map_or(0, |&most| most as usize + 1);
        Self { of, trust: vec![None; groups], method, parts: None }
    }

    /// The groups with their members scored by their cosine to the group's mean, largest first, then by first row. A row
    /// alone makes no group.
    ///
    /// `divided` holds the rows that were divided, shape `(n, dim)`. Each of them may be told more than once: `told` says of each row
    /// of `rows`, shape `(all, dim)`, that has a part in it, which it is: `(row, divided row)`. Where a group lies its different rows
    /// say, as one that is told sixty times would draw it to itself.
    pub(super) fn groups(
        &self,
        divided: ArrayView2<'_, f32>,
        rows: ArrayView2<'_, f32>,
        told: impl IntoIterator<Item = (usize, u32)>,
    ) -> Vec<Group> {
        let told = told.into_iter().filter_map(|(row, of)| Some((row, self.of[of as usize]?)));
        let mut groups = self.scored(divided, rows, told);
        groups.retain(|group| group.members.len() > 1);
        groups.sort_by_key(|group| (std::cmp::Reverse(group.members.len()), group.members.iter().map(|m| m.row).min()));
        groups
    }

    /// The groups in their order, of rows of which `told` says the group: `(row, group)`.
    pub(super) fn scored(
        &self,
        divided: ArrayView2<'_, f32>,
        rows: ArrayView2<'_, f32>,
        told: impl IntoIterator<Item = (usize, u32)>,
    ) -> Vec<Group> {
        let directions = directions(divided, &self.of, self.trust.len());
        let mut groups: Vec<Group> = self.trust.iter().map(|&trust| Group { members: Vec::new(), trust }).collect();
        for (row, group) in told {
            let score = rows.row(row).dot(&directions.row(group as usize));
            groups[group as usize].members.push(Member { row, score });
        }
        for group in &mut groups {
            group.members.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        }
        groups
    }
}

/// The mean direction of each group, shape `(groups, dim)`; of a group whose rows cancel out, zero.
pub(super) fn directions(rows: ArrayView2<'_, f32>, of: &[Option<u32>], groups: usize) -> Array2<f32> {
    let mut sums = Array2::<f32>::zeros((groups, rows.ncols()));
    for (row, group) in rows.axis_iter(Axis(0)).zip(of) {
        if let Some(group) = group {
            let mut sum = sums.row_mut(*group as usize);
            sum += &row;
        }
    }
    normalize(&mut sums);
    sums
}

/// Scales rows to length one; a row of no length stays.
pub(super) fn normalize(rows: &mut Array2<f32>) {
    for mut row in rows.rows_mut() {
        let length = row.dot(&row).sqrt();
        if length > f32::EPSILON {
            row /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn members_stand_best_first_and_a_row_alone_is_no_group() {
        let rows = array![[1.0, 0.0], [0.0, 1.0], [0.8, 0.6], [0.96, 0.28]];
        let of = vec![Some(1), Some(0), Some(1), Some(1)];
        let division = Division::untried(of, String::new());
        let groups = division.groups(rows.view(), rows.view(), (0..4).map(|row| (row, row as u32)));
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].members.iter().map(|member| member.row).collect::<Vec<_>>(), [3, 0, 2]);
    }
}
