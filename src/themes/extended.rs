//! Themes extended: what was there stays where it was, and what came is put where it fits.
//!
//! A row fits a theme by its cosine to the theme's mean direction, as members are scored; it goes to the theme that it fits best, if it fits as well as
//! nine in ten of the members fit the others. So does a part of that theme take it. What equals a row that was there goes where that is. Rows that came
//! since all were clustered and are in no theme are a new one where enough of them fit one another (`born`).
//!
//! Not here: themes as they were (`former`), what fits a theme that the user described (`seeded`), when themes are found anew (`library/themes`).

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::ThemesError;
use super::born::{born, fit};
use super::division::{Division, Group, directions};
use super::former::Marks;
use crate::neighbours::distinct::Distinct;
use crate::theme::{Member, Origin, SubTheme, Theme};

/// One member in so many fits a theme worse than what is put into it.
const WORSE: usize = 10;
/// Different rows that a new theme has at the least.
const BORN: usize = 12;

/// The discovered themes of the rows named, of unit rows of shape `(n, dim)` as they are and seen from their mean: largest first, without names; parts
/// have the names they had. With `least` rows or more, new themes too.
pub(super) fn extend(
    (vectors, rows): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    rest: &[usize],
    marks: &Marks<'_>,
    least: Option<usize>,
) -> Result<Vec<Theme>, ThemesError> {
    let distinct = Distinct::of(vectors, rest);
    let chosen = rows.select(Axis(0), &distinct.firsts);
    let (of, parts) = placed(chosen.view(), rest, &distinct, marks);
    let mut themes = divided(marks.discovered.iter().map(|theme| theme.trust).collect(), of);
    if let Some(least) = least {
        let left = leftover(rest, &distinct, marks, &themes.of);
        add_born(&mut themes, chosen.view(), &left, least.max(BORN))?;
    }
    let parts =
        divided(marks.discovered.iter().flat_map(|theme| &theme.parts).map(|part| Some(part.trust)).collect(), parts);
    let told = |homes: &[Option<u32>], now: &Division| {
        let of_row = |(&row, &of): (&usize, &u32)| {
            let home = if marks.came[row] || marks.open[row] { now.of[of as usize] } else { homes[row] };
            home.map(|home| (row, home))
        };
        rest.iter().zip(&distinct.of).filter_map(of_row).collect::<Vec<_>>()
    };
    let groups = |homes, now: &Division| now.scored(chosen.view(), rows, told(homes, now));
    Ok(assembled(groups(&marks.theme, &themes), &groups(&marks.part, &parts), marks))
}

fn divided(trust: Vec<Option<f32>>, of: Vec<Option<u32>>) -> Division {
    Division { of, trust, method: String::new(), parts: None }
}

/// The theme and the part of each different row: that of what was there, else that which it fits.
fn placed(
    chosen: ArrayView2<'_, f32>,
    rest: &[usize],
    distinct: &Distinct,
    marks: &Marks<'_>,
) -> (Vec<Option<u32>>, Vec<Option<u32>>) {
    let mut of = vec![None; distinct.firsts.len()];
    let (mut part, mut there) = (of.clone(), vec![false; of.len()]);
    for (&row, &at) in rest.iter().zip(&distinct.of) {
        let at = at as usize;
        there[at] |= !marks.came[row];
        of[at] = of[at].or(marks.theme[row]);
        part[at] = part[at].or(marks.part[row]);
    }
    let themes = Grounds::of(chosen, &of, marks.discovered.len());
    let parts = Grounds::of(chosen, &part, marks.parts.last().map_or(0, |last| last.end));
    let place = |at: usize| {
        let theme = themes.best(chosen.row(at), 0..marks.discovered.len())?;
        Some((at, theme, parts.best(chosen.row(at), marks.parts[theme].clone())))
    };
    let new: Vec<_> = (0..of.len()).into_par_iter().filter(|&at| !there[at]).filter_map(place).collect();
    for (at, theme, within) in new {
        (of[at], part[at]) = (Some(theme as u32), within.map(|part| part as u32));
    }
    (of, part)
}

/// Where groups lie, and what fits them.
struct Grounds {
    directions: Array2<f32>,
    thresholds: Vec<f32>,
}

impl Grounds {
    fn of(rows: ArrayView2<'_, f32>, of: &[Option<u32>], groups: usize) -> Self {
        Self { directions: directions(rows, of, groups), thresholds: thresholds(rows, of, groups) }
    }

    /// Which group a row fits best, the first of equals; none where it does not fit that.
    fn best(&self, row: ArrayView1<'_, f32>, among: Range<usize>) -> Option<usize> {
        let mut best: Option<(usize, f32)> = None;
        for group in among {
            let score = row.dot(&self.directions.row(group));
            if best.is_none_or(|best| score > best.1) {
                best = Some((group, score));
            }
        }
        best.filter(|&(group, score)| score >= self.thresholds[group]).map(|best| best.0)
    }
}

/// Of each group what nine in ten of its rows reach, each scored by the others; infinite for a row alone.
fn thresholds(rows: ArrayView2<'_, f32>, of: &[Option<u32>], groups: usize) -> Vec<f32> {
    let mut sums = vec![Array1::<f32>::zeros(rows.ncols()); groups];
    let members = || of.iter().enumerate().filter_map(|(at, group)| Some((at, (*group)? as usize)));
    members().for_each(|(at, group)| sums[group] += &rows.row(at));
    let mut scores: Vec<Vec<f32>> = vec![Vec::new(); groups];
    members().for_each(|(at, group)| scores[group].push(fit(rows.row(at), &sums[group], true)));
    let threshold = |mut scores: Vec<f32>| {
        scores.sort_unstable_by(f32::total_cmp);
        if scores.len() < 2 { f32::INFINITY } else { scores[scores.len() / WORSE] }
    };
    scores.into_iter().map(threshold).collect()
}

/// Different rows in no theme of which one at least may be in a new one.
fn leftover(rest: &[usize], distinct: &Distinct, marks: &Marks<'_>, of: &[Option<u32>]) -> Vec<usize> {
    let mut open = vec![false; of.len()];
    for (&row, &at) in rest.iter().zip(&distinct.of) {
        open[at as usize] |= marks.came[row] || marks.open[row];
    }
    (0..of.len()).filter(|&at| open[at] && of[at].is_none()).collect()
}

/// Adds what is born of rows that are left over: of at least so many that fit one another as members of the middle theme do.
fn add_born(
    themes: &mut Division,
    chosen: ArrayView2<'_, f32>,
    left: &[usize],
    least: usize,
) -> Result<(), ThemesError> {
    let mut thresholds = thresholds(chosen, &themes.of, themes.trust.len());
    thresholds.retain(|threshold| threshold.is_finite());
    thresholds.sort_unstable_by(f32::total_cmp);
    let Some(&middle) = thresholds.get(thresholds.len() / 2) else { return Ok(()) };
    for group in born(chosen.select(Axis(0), left).view(), middle, least)? {
        group.iter().for_each(|&at| themes.of[left[at]] = Some(themes.trust.len() as u32));
        themes.trust.push(None);
    }
    Ok(())
}

/// Themes of groups: the former ones in their order, then those that were born.
fn assembled(groups: Vec<Group>, parts: &[Group], marks: &Marks<'_>) -> Vec<Theme> {
    let theme = |(at, group): (usize, Group)| Theme {
        trust: group.trust,
        parts: marks.discovered.get(at).map_or_else(Vec::new, |past| parts_of(past, &parts[marks.parts[at].clone()])),
        ..Theme::found(Origin::Discovered, group.members)
    };
    let mut themes: Vec<Theme> = groups.into_iter().enumerate().map(theme).collect();
    // Of one row is no theme, as where all are clustered.
    themes.retain(|theme| theme.members.len() > 1);
    themes.sort_by_cached_key(|theme| size(&theme.members));
    themes
}

fn parts_of(past: &Theme, groups: &[Group]) -> Vec<SubTheme> {
    let part = |(past, group): (&SubTheme, &Group)| SubTheme { members: group.members.clone(), ..past.clone() };
    let mut parts: Vec<SubTheme> = past.parts.iter().zip(groups).map(part).collect();
    parts.retain(|part| part.members.len() > 1);
    parts.sort_by_cached_key(|part| size(&part.members));
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// Larger first, then by first row.
fn size(members: &[Member]) -> (std::cmp::Reverse<usize>, Option<usize>) {
    (std::cmp::Reverse(members.len()), members.iter().map(|member| member.row).min())
}

#[cfg(test)]
mod tests {
    use ndarray::concatenate;

    use super::super::fixture::bundles;
    use super::super::former::Former;
    use super::*;
    use crate::theme::Themes;

    /// Themes of rows, and rows that came.
    fn former(themes: &[&[usize]], came: Range<usize>) -> Former {
        let members = |rows: &[usize]| rows.iter().map(|&row| Member { row, score: 0.5 }).collect();
        let themes = themes.iter().map(|rows| Theme::found(Origin::Discovered, members(rows))).collect();
        let themes = Themes { themes, ..Themes::default() };
        Former { themes, came: came.clone().collect(), open: came.collect() }
    }

    fn extended(rows: &Array2<f32>, former: &Former, least: Option<usize>) -> Vec<Vec<usize>> {
        let (all, marks) = ((0..rows.nrows()).collect::<Vec<_>>(), Marks::new(former, rows.nrows()));
        let themes = extend((rows.view(), rows.view()), &all, &marks, least).unwrap();
        let of = |theme: Theme| {
            let mut rows: Vec<usize> = theme.members.iter().map(|member| member.row).collect();
            rows.sort_unstable();
            rows
        };
        themes.into_iter().map(of).collect()
    }

    /// Two bundles of twenty; of each the last rows are said by `rows` to have come, as they stand at the end.
    fn two(came: usize) -> Array2<f32> {
        let rows = bundles(20);
        let at: Vec<usize> = (0..20 - came).chain(20..40 - came).chain(20 - came..20).chain(40 - came..40).collect();
        rows.select(Axis(0), &at)
    }

    #[test]
    fn what_came_goes_where_it_fits_and_what_was_there_stays() {
        let rows = two(3);
        // Row 33 is in no theme, whatever it fits, and row 16 in the other.
        let (first, second): (Vec<usize>, Vec<usize>) = ((0..16).collect(), (16..33).collect());
        let found = extended(&rows, &former(&[&first, &second], 34..40), Some(3));
        assert!(found.iter().flatten().all(|&row| row != 33), "{found:?}");
        for (was, came) in [(&first, 34..37), (&second, 37..40)] {
            let is = found.iter().find(|theme| theme.contains(&was[0])).unwrap();
            assert!(was.iter().all(|row| is.contains(row)), "{found:?}");
            let new: Vec<usize> = is.iter().copied().filter(|row| !was.contains(row)).collect();
            assert!(!new.is_empty() && new.iter().all(|row| came.contains(row)), "{found:?}");
        }
    }

    #[test]
    fn former_themes_of_other_rows_or_other_seeds_are_refused() {
        let fits = former(&[&[0, 1], &[2, 3]], 4..6);
        assert!(fits.check(6, 0).is_ok());
        assert!(matches!(fits.check(5, 0), Err(ThemesError::FormerRow { row: 5, rows: 5 })));
        assert!(matches!(fits.check(6, 1), Err(ThemesError::FormerSeeds { found: 0, expected: 1 })));
        let mut other = fits;
        other.themes.themes[0].members[0].row = 9;
        assert!(matches!(other.check(6, 0), Err(ThemesError::FormerRow { row: 9, rows: 6 })));
    }

    #[test]
    fn what_fits_worse_than_nine_in_ten_members_is_in_no_theme() {
        let rows = bundles(20);
        let first: Vec<usize> = (0..20).collect();
        assert_eq!(extended(&rows, &former(&[&first], 20..60), None), [first]);
    }

    #[test]
    fn a_copy_goes_where_the_first_is() {
        let rows = two(1);
        let again = concatenate![Axis(0), rows, rows.select(Axis(0), &[0, 25, 38])];
        let (first, second): (Vec<usize>, Vec<usize>) = ((0..19).collect(), (19..38).collect());
        // Of row 38, which is in no theme, neither is.
        let mut former = former(&[&first, &second], 40..43);
        former.themes.unassigned = vec![38, 39];
        let found = extended(&again, &former, Some(3));
        let with = |members: &[usize], copy: usize| [members, &[copy]].concat();
        assert_eq!(found, [with(&first, 40), with(&second, 41)]);
    }

    #[test]
    fn a_part_takes_what_fits_it() {
        let rows = bundles(20);
        let at: Vec<usize> = (0..18).chain(20..38).chain(18..20).chain(38..40).collect();
        let rows = rows.select(Axis(0), &at);
        let all: Vec<usize> = (0..36).collect();
        let mut former = former(&[&all], 36..40);
        let part = |rows: Range<usize>, name: &str| SubTheme {
            name: name.to_owned(),
            keywords: Vec::new(),
            members: rows.map(|row| Member { row, score: 0.5 }).collect(),
            trust: 1.0,
        };
        former.themes.themes[0].parts = vec![part(0..18, "a"), part(18..36, "b")];
        let (all, marks) = ((0..40).collect::<Vec<_>>(), Marks::new(&former, 40));
        let themes = extend((rows.view(), rows.view()), &all, &marks, None).unwrap();
        for (name, own, came) in [("a", 0..18, 36..38), ("b", 18..36, 38..40)] {
            let part = themes[0].parts.iter().find(|part| part.name == name).unwrap();
            assert!(part.members.iter().all(|member| own.contains(&member.row) || came.contains(&member.row)));
            assert!(part.members.len() >= 18);
        }
    }

    #[test]
    fn many_that_fit_nothing_but_one_another_are_a_theme_and_few_are_none() {
        let rows = bundles(20);
        let (first, second): (Vec<usize>, Vec<usize>) = ((0..20).collect(), (20..40).collect());
        let found = extended(&rows, &former(&[&first, &second], 40..60), Some(3));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().any(|theme| theme.len() >= BORN && theme.iter().all(|row| *row >= 40)), "{found:?}");
        let few = rows.slice(ndarray::s![..40 + BORN - 1, ..]).to_owned();
        assert_eq!(extended(&few, &former(&[&first, &second], 40..40 + BORN - 1), Some(3)).len(), 2);
    }

    #[test]
    fn what_was_left_over_before_counts_for_a_theme_that_is_born() {
        let rows = bundles(20);
        let (first, second): (Vec<usize>, Vec<usize>) = ((0..20).collect(), (20..40).collect());
        let mut former = former(&[&first, &second], 50..60);
        former.themes.unassigned = (40..50).collect();
        assert_eq!(extended(&rows, &former, Some(3)).len(), 2);
        former.open = (40..60).collect();
        let found = extended(&rows, &former, Some(3));
        assert!(found.len() == 3 && found.iter().any(|theme| theme.contains(&42) && theme.contains(&55)), "{found:?}");
    }
}
