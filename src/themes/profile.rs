//! What a theme is like: how close its paragraphs lie, what is nearest to it, which paragraphs span it.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::theme::{Member, NearTheme, Theme};
use crate::vectors::UnitRows;

/// Rows shown beside the representative.
const EXEMPLARS: usize = 3;
/// Of a theme's members the better half may be exemplars: those at its edge do not stand for it...
const CENTRAL: usize = 2;
/// ... and no more than so many, as each is compared with all chosen.
const CONSIDERED: usize = 400;

/// Cohesion, nearest theme and exemplars of every theme, from unit rows of shape `(n, dim)`, as they are and seen from their
/// mean.
pub(super) fn measure(vectors: &UnitRows, centred: ArrayView2<'_, f32>, themes: &mut [Theme]) {
    let sums: Vec<Array1<f64>> = themes.iter().map(|theme| sum(vectors, &theme.members)).collect();
    let near = nearest(&sums, themes);
    for ((theme, sum), near) in themes.iter_mut().zip(&sums).zip(near) {
        theme.cohesion = cohesion(sum, theme.members.len());
        theme.nearest = near;
        theme.exemplars = exemplars(centred, theme);
    }
}

fn sum(vectors: &UnitRows, members: &[Member]) -> Array1<f64> {
    let mut sum = Array1::zeros(vectors.dim());
    for member in members {
        sum.zip_mut_with(&vectors.row(member.row), |sum, &value| *sum += f64::from(value));
    }
    sum
}

/// Mean cosine over all pairs of members: `(|sum|^2 - n) / (n (n - 1))`.
fn cohesion(sum: &Array1<f64>, members: usize) -> f32 {
    let n = members as f64;
    match members {
        0 => 0.0,
        1 => 1.0,
        _ => ((sum.dot(sum) - n) / (n * (n - 1.0))) as f32,
    }
}

/// Of each theme the one of highest mean cosine, the first of equals.
fn nearest(sums: &[Array1<f64>], themes: &[Theme]) -> Vec<Option<NearTheme>> {
    let dim = sums.first().map_or(0, Array1::len);
    let mut means = Array2::<f64>::zeros((sums.len(), dim));
    for ((mut mean, sum), theme) in means.axis_iter_mut(Axis(0)).zip(sums).zip(themes) {
        mean.assign(&(sum / theme.members.len().max(1) as f64));
    }
    let cosines = means.dot(&means.t());
    let empty = |theme: usize| themes[theme].members.is_empty();
    let of = |own: usize| {
        let others = (0..sums.len()).filter(|&other| other != own && !empty(other) && !empty(own));
        others.fold(None, |best: Option<NearTheme>, theme| {
            let cosine = cosines[(own, theme)] as f32;
            if best.is_none_or(|best| cosine > best.cosine) { Some(NearTheme { theme, cosine }) } else { best }
        })
    };
    (0..sums.len()).map(of).collect()
}

/// Rows that span a theme: each time the one farthest from the representative and those taken, among the members that fit better than
/// most (Gonzalez 1985).
fn exemplars(rows: ArrayView2<'_, f32>, theme: &Theme) -> Vec<usize> {
    let Some(representative) = theme.representative else { return Vec::new() };
    let central = theme.members.len().div_ceil(CENTRAL);
    let step = central.div_ceil(CONSIDERED).max(1);
    let able: Vec<usize> = theme.members[..central].iter().step_by(step).map(|member| member.row).collect();
    let mut taken = vec![representative];
    // Each row's cosine to the nearest that was taken.
    let mut near: Vec<f32> = able.iter().map(|&row| rows.row(row).dot(&rows.row(representative))).collect();
    while taken.len() <= EXEMPLARS {
        let free = able.iter().zip(&near).filter(|(row, _)| !taken.contains(row));
        let farthest = free.fold(
            None,
            |best: Option<(usize, f32)>, (&row, &near)| {
                if best.is_none_or(|best| near < best.1) { Some((row, near)) } else { best }
            },
        );
        let Some((row, _)) = farthest else { break };
        taken.push(row);
        for (near, &other) in near.iter_mut().zip(&able) {
            *near = near.max(rows.row(row).dot(&rows.row(other)));
        }
    }
    taken.split_off(1)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::theme::Origin;

    fn theme(rows: &[usize]) -> Theme {
        Theme::found(Origin::Discovered, rows.iter().map(|&row| Member { row, score: 0.0 }).collect())
    }

    #[test]
    fn cohesion_is_the_mean_cosine_of_pairs() {
        let rows = UnitRows::new(array![[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]).unwrap();
        let of = |members: &[usize]| {
            let members = theme(members).members;
            cohesion(&sum(&rows, &members), members.len())
        };
        assert!((of(&[0, 1, 2]) - (0.0 + 0.6 + 0.8) / 3.0).abs() < 1e-6);
        assert_eq!((of(&[0]), of(&[])), (1.0, 0.0));
    }

    #[test]
    fn the_nearest_theme_and_its_mean_cosine() {
        let rows = UnitRows::new(array![[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]]).unwrap();
        let mut themes = vec![theme(&[0]), theme(&[1, 2]), theme(&[3]), theme(&[])];
        measure(&rows, rows.view(), &mut themes);
        let near: Vec<Option<usize>> = themes.iter().map(|theme| theme.nearest.map(|near| near.theme)).collect();
        assert_eq!(near, [Some(1), Some(0), Some(1), None]);
        assert!((themes[0].nearest.unwrap().cosine - 0.3).abs() < 1e-6);
    }

    #[test]
    fn exemplars_are_far_from_each_other() {
        let rows = array![[1.0_f32, 0.0], [0.999, 0.045], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0], [-0.6, 0.8]];
        // The second half, [3..], is at the edge.
        assert_eq!(exemplars(rows.view(), &theme(&[0, 1, 2, 3, 4, 5])), [2, 1]);
    }
}
