//! Which paragraphs fit the themes the user described.
//!
//! A paragraph's score for a theme is meaning plus wording: the cosine of the two seen from the
//! corpus's mean, plus the cosine of their TF-IDF vectors. What fits is derived from the scores of the
//! run: a paragraph fits when its score lies [`SPREADS`] spreads above the background's median.

use ndarray::{Array1, Array2, ArrayView2, s};
use rayon::prelude::*;

use super::seeds::{ThemeSeed, ThemeSeeds};
use crate::background::Background;
use crate::collection::Collection;
use crate::neighbours::wording::{TermVector, Wording};
use crate::theme::{Fit, Member, Origin, Theme};

/// A background score lies this far out once in 44 times (normal, one side).
const SPREADS: f32 = 2.0;
/// Misses shown beside a theme.
const MISSES: usize = 3;

/// The seeded themes with their members, in the user's order; keywords and cohesion are still to come.
///
/// `rows` and `seed_rows` are seen from the corpus's mean; `seed_rows` holds each seed's texts in order.
pub(super) fn fit(
    collection: &Collection,
    rows: &Array2<f32>,
    seeds: &ThemeSeeds,
    seed_rows: &ArrayView2<'_, f32>,
) -> Vec<Theme> {
    if seeds.is_empty() {
        return Vec::new();
    }
    let wording = Wording::learn(collection.paragraphs.iter().map(|paragraph| paragraph.text.as_str()));
    let words: Vec<TermVector> =
        collection.paragraphs.par_iter().map(|paragraph| wording.vector(&paragraph.text)).collect();
    let mut at = 0;
    let themes = seeds.themes().iter().map(|seed| {
        let texts = seed.texts();
        let meant = mean_direction(&seed_rows.slice(s![at..at + texts.len(), ..]));
        at += texts.len();
        let described = wording.vector(&texts.join(" "));
        let meaning = rows.dot(&meant);
        let scores = words.iter().zip(&meaning).map(|(words, meaning)| meaning + words.cosine(&described)).collect();
        theme(seed, scores)
    });
    themes.collect()
}

fn mean_direction(rows: &ArrayView2<'_, f32>) -> Array1<f32> {
    let sum = rows.sum_axis(ndarray::Axis(0));
    let length = sum.dot(&sum).sqrt();
    if length > f32::EPSILON { sum / length } else { sum }
}

fn theme(seed: &ThemeSeed, scores: Vec<f32>) -> Theme {
    let background = Background::measure(scores.clone()).unwrap_or(Background { median: 0.0, spread: 0.0 });
    let threshold = seed.threshold.unwrap_or_else(|| background.above(SPREADS));
    let mut ranked: Vec<Member> = scores.into_iter().enumerate().map(|(row, score)| Member { row, score }).collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    let nearest_misses = ranked.split_off(ranked.partition_point(|member| fits(member.score, threshold, background)));
    Theme {
        name: seed.name.clone(),
        origin: Origin::Seeded,
        description: Some(seed.description.clone()),
        keywords: Vec::new(),
        representative: ranked.first().map(|member| member.row),
        members: ranked,
        cohesion: 0.0,
        fit: Some(Fit {
            threshold,
            given: seed.threshold.is_some(),
            background: background.median,
            nearest_misses: nearest_misses.into_iter().take(MISSES).collect(),
        }),
    }
}

/// A score no better than the typical paragraph's never fits by itself: without spread there is nothing to tell apart.
fn fits(score: f32, threshold: f32, background: Background) -> bool {
    score >= threshold && (background.spread > 0.0 || score > background.median)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(threshold: Option<f32>) -> ThemeSeed {
        ThemeSeed { name: "a".into(), description: "b".into(), examples: vec![], threshold }
    }

    #[test]
    fn what_stands_out_of_the_background_fits() {
        let mut scores = [-0.1, 0.0, 0.0, 0.1].repeat(10);
        scores[7] = 0.9;
        let theme = theme(&seed(None), scores);
        assert_eq!(theme.members, [Member { row: 7, score: 0.9 }]);
        assert_eq!(theme.representative, Some(7));
        let fit = theme.fit.unwrap();
        assert!(!fit.given && fit.threshold > fit.background);
        assert_eq!(fit.nearest_misses.len(), MISSES);
    }

    #[test]
    fn nothing_fits_where_all_are_alike_and_the_nearest_misses_are_told() {
        let theme = theme(&seed(None), vec![0.1; 6]);
        assert!(theme.members.is_empty() && theme.representative.is_none());
        assert_eq!(theme.fit.unwrap().nearest_misses[0].row, 0);
    }

    #[test]
    fn a_threshold_of_the_users_own_wins() {
        let theme = theme(&seed(Some(0.05)), vec![0.1, 0.04, 0.2]);
        assert_eq!(theme.members.iter().map(|member| member.row).collect::<Vec<_>>(), [2, 0]);
        assert!(theme.fit.unwrap().given);
    }
}
