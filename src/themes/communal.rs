//! Themes as communities of the neighbour graph, at the scale the corpus shows, and their parts.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::centred::centred;
use super::division::Division;
use super::scales::{self, Ladder, Near, Scale};
use super::settle::{self, settle};
use super::{Granularity, Method, Options};
use crate::neighbours::cells::nearest_others;
use crate::vectors::UnitRows;

/// Rows of a theme that may have parts.
const DIVISIBLE: usize = 24;
/// How well halves of a theme must agree about its parts: below it parts are drawn rather than found.
const PARTS_AGREED: f64 = 0.6;

/// Divides rows that are all different, `(n, dim)`, in an order of their own.
pub(super) fn divide(rows: &UnitRows, options: Options) -> Division {
    let (near, recall) = neighbours(rows, options.seed);
    let ladder = Ladder::new(rows.view(), &near, options.seed);
    let scales = ladder.scales();
    let least = settle::least(rows.len());
    let (scale, why) = match options.discovered {
        Some(number) => {
            let scale = settle::exactly(&ladder, &scales, rows.view(), (number, least));
            (Some(scale), "as asked".to_owned())
        }
        None => choose(&scales, options.granularity, least),
    };
    drop(ladder);
    let Some(scale) = scale else { return one_theme(rows.len(), options.seed) };
    let enough = |&least: &usize| options.discovered.is_none_or(|number| scale.large(least) >= number);
    let least = [least, 2].into_iter().find(enough).unwrap_or(1);
    let (of, kept) = settle(&scale.of, (rows.view(), &near), least);
    let trust = trusts(&scale, &kept);
    let (links, seed) = (scales::links(rows.len()), options.seed);
    let themes = counted(trust.len(), least);
    let auto = if options.method == Method::Auto { "auto takes what measured best: " } else { "" };
    let method = format!("{auto}communities of the graph of {links} nearest{recall} (seed {seed}): {themes}, {why}");
    let parts = Some(Box::new(parts(rows.view(), &near, (&of, trust.len()), options.seed)));
    Division { of, trust, method, parts }
}

/// "7 themes of 3 paragraphs or more".
fn counted(themes: usize, least: usize) -> String {
    let themes = if themes == 1 { "1 theme".to_owned() } else { format!("{themes} themes") };
    if least > 1 { format!("{themes} of {least} paragraphs or more") } else { themes }
}

/// Each row's neighbours, and in words how many of the true ones they are.
fn neighbours(rows: &UnitRows, seed: u64) -> (Vec<Vec<(u32, f32)>>, String) {
    let found = nearest_others(rows, scales::neighbours_for(rows.len()), seed);
    let lists = found.lists.into_iter().map(|found| found.iter().map(|near| (near.row as u32, near.cosine)).collect());
    let said = found.recall.map(|recall| format!(", {:.0} % of them found", recall * 100.0));
    (lists.collect(), said.unwrap_or_default())
}

/// All rows in one theme: they differ no more within than between any parts.
fn one_theme(rows: usize, seed: u64) -> Division {
    let method = format!("communities of the neighbour graph (seed {seed}): one theme, which no scale divides");
    Division::untried(vec![Some(0); rows], method)
}

fn choose(scales: &[Scale], granularity: Granularity, least: usize) -> (Option<Scale>, String) {
    let Some(medium) = scales::best(scales, |_| true) else { return (None, String::new()) };
    // What is too small to be a theme does not count as one.
    let themes = |scale: &Scale| scale.large(least);
    let number = themes(medium);
    let fewer = |by: usize| scales::best(scales, |scale| themes(scale) > 1 && themes(scale) * by <= number);
    let more = |by: usize| scales::best(scales, |scale| themes(scale) >= number * by);
    let able = || scales.iter().filter(|scale| themes(scale) > 1);
    // Of a few themes there is no quarter: then as few as there are, or as many.
    let fewest = || able().min_by_key(|scale| (themes(scale), scale.number));
    let most = || able().max_by_key(|scale| (themes(scale), std::cmp::Reverse(scale.number)));
    let (chosen, than) = match granularity {
        Granularity::Coarsest => (fewer(4).or_else(fewest), "coarsest"),
        Granularity::Coarse => (fewer(2).or_else(fewest), "coarse"),
        Granularity::Medium => (Some(medium), ""),
        Granularity::Fine => (more(2).or_else(most), "fine"),
        Granularity::Finest => (more(4).or_else(most), "finest"),
    };
    let agree = format!("adjusted Rand {:.2}, silhouette {:.2}", medium.replicated, medium.silhouette);
    let why = match granularity {
        Granularity::Medium => format!("at the scale that halves of the corpus agree on best ({agree})"),
        _ => format!("{than} as asked; halves of the corpus agree best on {number} ({agree})"),
    };
    (Some(chosen.unwrap_or(medium).clone()), why)
}

fn trusts(scale: &Scale, kept: &[Option<u32>]) -> Vec<Option<f32>> {
    let of_kept = scale.found_again.iter().zip(kept).filter(|(_, kept)| kept.is_some());
    of_kept.map(|(&trust, _)| Some(trust as f32)).collect()
}

/// What themes divide into, each by itself.
fn parts(rows: ArrayView2<'_, f32>, near: &Near, (of, themes): (&settle::Assigned, usize), seed: u64) -> Division {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); themes];
    for (row, theme) in of.iter().enumerate() {
        if let Some(theme) = *theme {
            members[theme as usize].push(row);
        }
    }
    let found: Vec<Option<Division>> = members.par_iter().map(|members| parts_of(rows, near, members, seed)).collect();
    let mut all = Division::none(rows.nrows(), String::new());
    for (members, found) in members.iter().zip(found) {
        let Some(found) = found else { continue };
        let before = all.trust.len() as u32;
        for (&row, part) in members.iter().zip(&found.of) {
            all.of[row] = part.map(|part| before + part);
        }
        all.trust.extend(found.trust);
    }
    all
}

fn parts_of(rows: ArrayView2<'_, f32>, near: &Near, members: &[usize], seed: u64) -> Option<Division> {
    if members.len() < DIVISIBLE {
        return None;
    }
    let mut place = std::collections::BTreeMap::new();
    place.extend(members.iter().enumerate().map(|(at, &row)| (row as u32, at as u32)));
    let within = |row: usize| near[row].iter().filter_map(|near| Some((*place.get(&near.0)?, near.1))).collect();
    let near: Vec<Vec<(u32, f32)>> = members.iter().map(|&row| within(row)).collect();
    let own = centred(rows.select(Axis(0), members).view());
    let ladder = Ladder::of_theme(own.view(), &near, seed);
    let scales = ladder.scales();
    let scale = scales::best(&scales, |scale| scale.replicated >= PARTS_AGREED)?;
    let (of, kept) = settle(&scale.of, (own.view(), &near), settle::least(members.len()));
    let trust = trusts(scale, &kept);
    (trust.len() > 1).then(|| Division { of, trust, method: String::new(), parts: None })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn paragraphs_that_make_no_theme_have_no_parts() {
        let (rows, near) = (Array2::zeros((3, 2)), vec![Vec::new(); 3]);
        let parts = parts(rows.view(), &near, (&vec![None; 3], 0), 42);
        assert_eq!((parts.of, parts.trust), (vec![None; 3], Vec::new()));
    }
}
