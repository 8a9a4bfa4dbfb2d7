//! From a division of the graph to themes: communities too small to be one, and a number the user asked for.

use ndarray::{Array2, ArrayView2};

use super::communities::{self, named};
use super::division::directions;
use super::scales::{Ladder, Near, Scale, sizes};

/// Rows a theme has at the least, and at the least in a corpus of n: `sqrt(n)` over this.
const LEAST: usize = 3;
const LEAST_SHARE: f64 = 12.0;
/// The share of rows that may be left unassigned.
const UNASSIGNED: f64 = 0.1;
/// Resolutions tried for a number that no scale has, each twice the one before.
const DOUBLINGS: usize = 16;

/// A row's theme, if it has one.
pub(super) type Assigned = Vec<Option<u32>>;

/// Rows a theme has at the least, of so many in all.
pub(super) fn least(rows: usize) -> usize {
    LEAST.max(((rows as f64).sqrt() / LEAST_SHARE) as usize)
}

/// The rows' communities without those of fewer than `least` rows. Rows of these stay unassigned; where that were more
/// than one row in ten, those that lie best go where most of their neighbours are.
///
/// The second value holds for each community its name among those kept.
pub(super) fn settle(
    of: &[u32],
    (rows, near): (ArrayView2<'_, f32>, &Near),
    least: usize,
) -> (Assigned, Vec<Option<u32>>) {
    let mut next = 0..;
    let kept: Vec<Option<u32>> = sizes(of).iter().map(|&size| if size >= least { next.next() } else { None }).collect();
    let mut assigned: Assigned = of.iter().map(|&community| kept[community as usize]).collect();
    let themes = kept.iter().flatten().count();
    let may_stay = (of.len() as f64 * UNASSIGNED) as usize;
    if themes > 0 {
        let means = directions(rows, &assigned, themes);
        while move_best(&mut assigned, (rows, near), &means, may_stay) {}
    }
    (assigned, kept)
}

/// Assigns rows that have a neighbour in a theme, those that lie best first, until no more than so many are left; whether there may be
/// more to do.
fn move_best(
    assigned: &mut Assigned,
    (rows, near): (ArrayView2<'_, f32>, &Near),
    means: &Array2<f32>,
    may_stay: usize,
) -> bool {
    let left = assigned.iter().filter(|of| of.is_none()).count();
    if left <= may_stay {
        return false;
    }
    let mut moves: Vec<(f32, usize, u32)> = (0..assigned.len())
        .filter(|&row| assigned[row].is_none())
        .filter_map(|row| {
            let theme = nearest_theme(&near[row], assigned)?;
            Some((rows.row(row).dot(&means.row(theme as usize)), row, theme))
        })
        .collect();
    moves.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for &(_, row, theme) in moves.iter().take(left - may_stay) {
        assigned[row] = Some(theme);
    }
    !moves.is_empty()
}

/// The theme most of a row's neighbours are in, the nearer of equals.
fn nearest_theme(near: &[(u32, f32)], assigned: &Assigned) -> Option<u32> {
    let themes: Vec<u32> = near.iter().filter_map(|near| assigned[near.0 as usize]).collect();
    let count = |theme: u32| themes.iter().filter(|&&other| other == theme).count();
    let mut best: Option<(u32, usize)> = None;
    for &theme in &themes {
        let votes = count(theme);
        if best.is_none_or(|best| votes > best.1) {
            best = Some((theme, votes));
        }
    }
    best.map(|best| best.0)
}

/// A division into exactly `number` communities of at least `least` rows beside smaller ones: the coarsest that has
/// so many, its most alike joined until they are as many as asked for.
pub(super) fn exactly(
    ladder: &Ladder<'_>,
    scales: &[Scale],
    rows: ArrayView2<'_, f32>,
    (number, least): (usize, usize),
) -> Scale {
    let finest = scales.last().map_or(1.0, |scale| scale.resolution);
    let has = |least: usize| Some((scales.iter().find(|scale| scale.large(least) >= number).cloned()?, least));
    let finer = || {
        let mut resolutions = (1..=DOUBLINGS as i32).map(|doubled| finest * 2.0_f64.powi(doubled));
        let enough = |&resolution: &f64| communities::number(&ladder.communities(resolution)) >= number;
        resolutions.find(enough).map(|resolution| ladder.scale(resolution))
    };
    // Smaller ones rather than none; of one row alone last.
    let found = [least, 2, 1].into_iter().find_map(has);
    let (from, least) = found.unwrap_or_else(|| (finer().unwrap_or_else(|| alone(ladder, rows.nrows())), 1));
    if from.large(least) == number {
        return from;
    }
    let of = joined(&from, rows, (number, least));
    ladder.measured_joined(of, from.resolution)
}

/// Every row by itself.
fn alone(ladder: &Ladder<'_>, rows: usize) -> Scale {
    ladder.measured_joined((0..rows as u32).collect(), f64::MAX.sqrt())
}

/// Joins the two large communities whose joining costs least, until there are as many as wanted (Ward 1963: the growth
/// of the sum of squared distances to means, `a b / (a + b) |m1 - m2|^2` for sizes `a`, `b`).
fn joined(from: &Scale, rows: ArrayView2<'_, f32>, (wanted, least): (usize, usize)) -> Vec<u32> {
    let counts = sizes(&from.of);
    let mut large: Vec<usize> = (0..from.number).filter(|&community| counts[community] >= least).collect();
    let mut means = means(&from.of, rows, &counts);
    let mut weights: Vec<f32> = counts.iter().map(|&count| count as f32).collect();
    let mut into: Vec<u32> = (0..from.number as u32).collect();
    while large.len() > wanted {
        let Some((kept, lost)) = cheapest(&large, &means, &weights) else { break };
        let (a, b) = (weights[kept], weights[lost]);
        let mean = (&means.row(kept) * a + &means.row(lost) * b) / (a + b);
        means.row_mut(kept).assign(&mean);
        weights[kept] = a + b;
        large.retain(|&community| community != lost);
        into.iter_mut().filter(|name| **name == lost as u32).for_each(|name| *name = kept as u32);
    }
    let mut of: Vec<u32> = from.of.iter().map(|&community| into[community as usize]).collect();
    named(&mut of);
    of
}

fn means(of: &[u32], rows: ArrayView2<'_, f32>, counts: &[usize]) -> Array2<f32> {
    let mut means = Array2::<f32>::zeros((counts.len(), rows.ncols()));
    for (row, &community) in rows.rows().into_iter().zip(of) {
        let mut sum = means.row_mut(community as usize);
        sum.scaled_add(1.0 / counts[community as usize] as f32, &row);
    }
    means
}

fn cheapest(large: &[usize], means: &Array2<f32>, weights: &[f32]) -> Option<(usize, usize)> {
    let squares: Vec<f32> = large.iter().map(|&community| means.row(community).dot(&means.row(community))).collect();
    let mut best: Option<(f32, usize, usize)> = None;
    for (i, &a) in large.iter().enumerate() {
        for (j, &b) in large.iter().enumerate().skip(i + 1) {
            let apart = squares[i] + squares[j] - 2.0 * means.row(a).dot(&means.row(b));
            let cost = weights[a] * weights[b] / (weights[a] + weights[b]) * apart;
            if best.is_none_or(|best| cost < best.0) {
                best = Some((cost, a, b));
            }
        }
    }
    best.map(|(_, a, b)| (a, b))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::bundles;
    use super::*;

    /// Each row's three nearest by place.
    fn near(rows: u32) -> Vec<Vec<(u32, f32)>> {
        let of = |row: u32| {
            let mut others: Vec<u32> = (0..rows).filter(|&other| other != row).collect();
            others.sort_by_key(|&other| other.abs_diff(row));
            others.into_iter().take(3).map(|other| (other, 0.5)).collect()
        };
        (0..rows).map(of).collect()
    }

    #[test]
    fn small_communities_stay_unassigned_up_to_one_row_in_ten() {
        let rows = bundles(10);
        let of: Vec<u32> =
            (0..30).map(|row| if row == 9 || row == 19 { 2 + row / 10 } else { u32::from(row > 9) }).collect();
        let (assigned, kept) = settle(&of, (rows.view(), &near(30)), 3);
        assert_eq!(kept, [Some(0), Some(1), None, None]);
        assert_eq!((assigned[9], assigned[19], assigned[0]), (None, None, Some(0)));
    }

    #[test]
    fn more_go_where_their_neighbours_are() {
        let rows = bundles(10);
        let of: Vec<u32> = (0..30).map(|row| if row < 20 { row / 10 } else { row }).collect();
        let (assigned, kept) = settle(&of, (rows.view(), &near(30)), 3);
        assert_eq!(kept.iter().flatten().count(), 2);
        assert_eq!(assigned.iter().filter(|of| of.is_none()).count(), 3);
        assert!(assigned[..20].iter().all(Option::is_some));
    }

    #[test]
    fn least_grows_with_the_corpus() {
        assert_eq!([10, 2_000, 200_000].map(least), [3, 3, 37]);
    }
}
