//! Which paragraphs fit the themes the user described.
//!
//! A paragraph's score for a theme is meaning plus wording: the cosine of the two seen from the
//! corpus's mean, plus the cosine of their TF-IDF vectors. A description is a few words; what it means in this corpus
//! its best paragraphs say, so that their mean is added to it before scores are taken again (Rocchio 1971, blind).
//!
//! What fits is derived from the scores of the run: a paragraph fits from the score on that cuts all scores best in two
//! (Otsu 1979), and no less than [`SPREADS`] spreads above the background's median, as scores of a theme that few paragraphs
//! have are cut in the middle of the others, and a quarter of the way to the best. A cut there always is; so a theme of which not even the best paragraph is nearer to
//! the description than unrelated texts are to one another, in this model, fits none. A paragraph nearer to a counter-example than
//! to the theme's own texts does not fit.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::seeds::{ThemeSeed, ThemeSeeds};
use crate::background::Background;
use crate::collection::Collection;
use crate::neighbours::wording::{TermVector, Wording};
use crate::theme::{Fit, Member, Origin, Theme};

/// A background score lies this far out once in 44 times (normal, one side).
const SPREADS: f32 = 2.0;
/// Nor does what fits lie nearer to the median than this share of the way to the mean of so many best: where few
/// paragraphs of many fit, both other cuts fall among the rest.
const OF_THE_BEST: f32 = 0.25;
const BEST: usize = 5;
/// How many deviations above the mean cosine of unrelated texts a theme's best paragraph lies at the least.
const UNRELATED: f32 = 1.0;
/// The best paragraphs that say what a description means here: one in so many of all, from 3 to 80.
const TOLD_BY: usize = 20;
const TELLING: (usize, usize) = (3, 80);
/// Misses shown beside a theme.
const MISSES: usize = 3;

/// The vectors of the described themes' texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Described<'a> {
    /// One row for each of [`ThemeSeeds::texts`], as they are.
    pub(super) texts: ArrayView2<'a, f32>,
    /// The same seen from the corpus's mean.
    pub(super) centred: ArrayView2<'a, f32>,
    /// One row for each of [`ThemeSeeds::unrelated`], as they are.
    pub(super) unrelated: ArrayView2<'a, f32>,
}

/// What is decided of the themes, by their place, before paragraphs are looked at.
#[derive(Clone, Copy)]
pub(super) struct Decided<'a> {
    /// Whether a row is in a theme; none where what fits says so.
    pub(super) row: &'a dyn Fn(usize, usize) -> Option<bool>,
    /// What fits a theme that is there; none where the scores say so.
    pub(super) threshold: &'a dyn Fn(usize) -> Option<f32>,
}

/// The seeded themes with their members, in the user's order; keywords and cohesion are still to come.
///
/// `rows` has shape `(n, dim)`; `centred` is the same seen from the corpus's mean. What is decided goes before what fits.
pub(super) fn fit(
    collection: &Collection,
    (rows, centred): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    seeds: &ThemeSeeds,
    described: Described<'_>,
    decided: &Decided<'_>,
) -> Vec<Theme> {
    if seeds.is_empty() {
        return Vec::new();
    }
    let wording = Wording::learn(collection.paragraphs.iter().map(|paragraph| paragraph.text.as_str()));
    let words: Vec<TermVector> =
        collection.paragraphs.par_iter().map(|paragraph| wording.vector(&paragraph.text)).collect();
    let floor = unrelated(described.unrelated);
    let corpus = Corpus { centred: centred.view(), words: &words };
    let mut at = 0;
    let themes = seeds.themes().iter().enumerate().map(|(place, seed)| {
        let (own, counter) = (seed.texts(), &seed.counter_examples);
        let (texts, against) = (at..at + own.len(), at + own.len()..at + own.len() + counter.len());
        at = against.end;
        let about = corpus.texts(&wording, &own, described.centred.slice(s![texts.clone(), ..]));
        let not_about: Vec<About> = counter
            .iter()
            .zip(against)
            .map(|(text, at)| {
                corpus.texts(&wording, std::slice::from_ref(text), described.centred.slice(s![at..=at, ..]))
            })
            .collect();
        let nearest = rows.dot(&described.texts.slice(s![texts, ..]).t()).into_iter().fold(-1.0, f32::max);
        let own = Own { threshold: (decided.threshold)(place), row: &|row| (decided.row)(place, row) };
        theme(seed, corpus.scores(&about, &not_about), Presence { nearest, floor }, own)
    });
    themes.collect()
}

/// The paragraphs as both views see them.
struct Corpus<'a> {
    centred: ArrayView2<'a, f32>,
    words: &'a [TermVector],
}

/// What texts are about.
struct About {
    meant: Array1<f32>,
    said: TermVector,
}

/// A theme's score of each paragraph, and which of them a counter-example is nearer to.
struct Scores {
    scores: Vec<f32>,
    against: Vec<bool>,
}

/// What is decided of one theme.
#[derive(Clone, Copy)]
struct Own<'a> {
    threshold: Option<f32>,
    row: &'a dyn Fn(usize) -> Option<bool>,
}

/// Whether a theme is there at all.
#[derive(Clone, Copy)]
struct Presence {
    /// The highest cosine of a paragraph to a text of the theme.
    nearest: f32,
    /// Where unrelated texts end.
    floor: f32,
}

impl Corpus<'_> {
    fn texts(&self, wording: &Wording, texts: &[String], rows: ArrayView2<'_, f32>) -> About {
        About { meant: direction(rows.sum_axis(Axis(0))), said: wording.vector(&texts.join(" ")) }
    }

    fn score(&self, about: &About) -> Vec<f32> {
        let meaning = self.centred.dot(&about.meant);
        self.words.iter().zip(&meaning).map(|(words, meaning)| meaning + words.cosine(&about.said)).collect()
    }

    fn scores(&self, about: &About, not_about: &[About]) -> Scores {
        let first = self.score(about);
        let mut against = vec![false; first.len()];
        for other in not_about {
            for (against, (score, other)) in against.iter_mut().zip(first.iter().zip(self.score(other))) {
                *against |= other > *score;
            }
        }
        let told = told(&first, &against);
        if told.is_empty() {
            return Scores { scores: first, against };
        }
        let mean =
            direction(told.iter().fold(Array1::zeros(self.centred.ncols()), |sum, &row| sum + self.centred.row(row)));
        let again = About { meant: direction(&about.meant + &mean), said: about.said.clone() };
        Scores { scores: self.score(&again), against }
    }
}

/// The best paragraphs of those that fit.
fn told(scores: &[f32], against: &[bool]) -> Vec<usize> {
    let threshold = derived(scores).0;
    let mut best: Vec<usize> = (0..scores.len()).filter(|&row| scores[row] >= threshold && !against[row]).collect();
    best.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    best.truncate((scores.len() / TOLD_BY).clamp(TELLING.0, TELLING.1));
    best
}

fn direction(sum: Array1<f32>) -> Array1<f32> {
    let length = sum.dot(&sum).sqrt();
    if length > f32::EPSILON { sum / length } else { sum }
}

/// The cosine that unrelated texts mostly do not reach: they are described alike, which alone makes them somewhat alike.
fn unrelated(texts: ArrayView2<'_, f32>) -> f32 {
    let cosine = |a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>| a.dot(&b);
    let pairs = (0..texts.nrows()).flat_map(|a| (0..a).map(move |b| (a, b)));
    let cosines: Vec<f32> = pairs.map(|(a, b)| cosine(texts.row(a), texts.row(b))).collect();
    let n = cosines.len().max(1) as f32;
    let mean = cosines.iter().sum::<f32>() / n;
    let deviation = (cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / n).sqrt();
    mean + UNRELATED * deviation
}

/// The score that fits, from the scores themselves, and their background.
fn derived(scores: &[f32]) -> (f32, Background) {
    let background = Background::measure(scores.to_vec()).unwrap_or(Background { median: 0.0, spread: 0.0 });
    let of_the_best = background.median + OF_THE_BEST * (best(scores) - background.median);
    (cut(scores).max(background.above(SPREADS)).max(of_the_best), background)
}

/// The mean of the best few scores.
fn best(scores: &[f32]) -> f32 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    sorted.truncate(BEST);
    sorted.iter().sum::<f32>() / sorted.len().max(1) as f32
}

/// The score from which on the upper of two classes lies, where their means differ most for their sizes (Otsu 1979).
fn cut(scores: &[f32]) -> f32 {
    let mut sorted: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let n = sorted.len() as f64;
    let mut best = (0.0, f64::NEG_INFINITY);
    let mut below = 0.0;
    for at in 1..sorted.len() {
        below += sorted[at - 1];
        let size = at as f64;
        let apart = below / size - (total - below) / (n - size);
        let between = size * (n - size) * apart * apart;
        if between > best.0 {
            best = (between, sorted[at]);
        }
    }
    best.1 as f32
}

fn theme(seed: &ThemeSeed, Scores { scores, against }: Scores, presence: Presence, own: Own<'_>) -> Theme {
    let (derived, background) = derived(&scores);
    let known = seed.threshold.or(own.threshold);
    let threshold = known.unwrap_or(derived);
    let absent = known.is_none() && presence.nearest < presence.floor;
    let mut ranked: Vec<Member> = scores.into_iter().enumerate().map(|(row, score)| Member { row, score }).collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    let fits = |member: &Member| !absent && !against[member.row] && fits(member.score, threshold, background);
    let stays = |member: &Member| (own.row)(member.row).unwrap_or_else(|| fits(member));
    let (members, others): (Vec<Member>, Vec<Member>) = ranked.into_iter().partition(stays);
    // What fits and is left out all the same is no miss.
    let misses = others.into_iter().filter(|other| !against[other.row] && !fits(other));
    let counter = against.iter().filter(|&&against| against).count();
    Theme {
        name: seed.name.clone(),
        description: Some(seed.description.clone()),
        fit: Some(Fit {
            threshold,
            given: seed.threshold.is_some(),
            background: background.median,
            counter,
            absent: absent.then_some((presence.nearest, presence.floor)),
            nearest_misses: misses.take(MISSES).collect(),
        }),
        ..Theme::found(Origin::Seeded, members)
    }
}

/// A score no better than the typical paragraph's never fits by itself: without spread there is nothing to tell apart.
fn fits(score: f32, threshold: f32, background: Background) -> bool {
    score >= threshold && (background.spread > 0.0 || score > background.median)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: Presence = Presence { nearest: 0.9, floor: 0.3 };
    const FREE: Own<'_> = Own { threshold: None, row: &|_| None };

    fn seed(threshold: Option<f32>) -> ThemeSeed {
        ThemeSeed { name: "a".into(), description: "b".into(), examples: vec![], counter_examples: vec![], threshold }
    }

    fn plain(scores: Vec<f32>) -> Scores {
        Scores { against: vec![false; scores.len()], scores }
    }

    #[test]
    fn what_stands_out_of_the_background_fits() {
        let mut scores = [-0.1, 0.0, 0.0, 0.1].repeat(10);
        scores[7] = 0.9;
        let theme = theme(&seed(None), plain(scores), THERE, FREE);
        assert_eq!(theme.members, [Member { row: 7, score: 0.9 }]);
        assert_eq!(theme.representative, Some(7));
        let fit = theme.fit.unwrap();
        assert!(!fit.given && fit.threshold > fit.background);
        assert_eq!(fit.nearest_misses.len(), MISSES);
    }

    #[test]
    fn nothing_fits_where_all_are_alike_and_the_nearest_misses_are_told() {
        let theme = theme(&seed(None), plain(vec![0.1; 6]), THERE, FREE);
        assert!(theme.members.is_empty() && theme.representative.is_none());
        assert_eq!(theme.fit.unwrap().nearest_misses[0].row, 0);
    }

    #[test]
    fn a_threshold_of_the_users_own_wins() {
        let nowhere = Presence { nearest: 0.1, floor: 0.3 };
        let theme = theme(&seed(Some(0.05)), plain(vec![0.1, 0.04, 0.2]), nowhere, FREE);
        assert_eq!(theme.members.iter().map(|member| member.row).collect::<Vec<_>>(), [2, 0]);
        assert!(theme.fit.unwrap().given);
    }

    #[test]
    fn a_theme_no_nearer_than_unrelated_texts_is_empty() {
        let mut scores = vec![0.0; 40];
        scores[7] = 0.9;
        let theme = theme(&seed(None), plain(scores), Presence { nearest: 0.2, floor: 0.3 }, FREE);
        let fit = theme.fit.unwrap();
        assert!(theme.members.is_empty() && fit.nearest_misses[0].row == 7);
        assert_eq!(fit.absent, Some((0.2, 0.3)));
    }

    #[test]
    fn a_theme_that_is_extended_keeps_what_it_has_and_what_fits_it() {
        let nowhere = Presence { nearest: 0.2, floor: 0.3 };
        // Rows 0 and 1 were there, the first in the theme with a threshold of 0.4; the others came.
        let was = |row| (row < 2).then_some(row == 0);
        let theme =
            theme(&seed(None), plain(vec![0.1, 0.8, 0.5, 0.3, 0.0]), nowhere, Own { threshold: Some(0.4), row: &was });
        assert_eq!(theme.members.iter().map(|member| member.row).collect::<Vec<_>>(), [2, 0]);
        let fit = theme.fit.unwrap();
        assert_eq!((fit.threshold, fit.given, fit.absent), (0.4, false, None));
    }

    #[test]
    fn what_is_nearer_to_a_counter_example_does_not_fit() {
        let mut scores = [-0.1, 0.0, 0.0, 0.1].repeat(10);
        (scores[7], scores[8]) = (0.9, 0.8);
        let against = (0..40).map(|row| row == 7).collect();
        let theme = theme(&seed(None), Scores { scores, against }, THERE, FREE);
        assert_eq!(theme.members, [Member { row: 8, score: 0.8 }]);
        let fit = theme.fit.unwrap();
        assert!(fit.counter == 1 && fit.nearest_misses.iter().all(|miss| miss.row != 7));
    }

    #[test]
    fn few_that_fit_well_among_many_do_not_take_the_rest_with_them() {
        // The rest is in two crowds, which a cut in two and the spread alone would part.
        let rest = (0..1_000).map(|at| if at % 3 == 0 { 0.1 } else { -0.05 } + (at % 7) as f32 * 0.001);
        let scores: Vec<f32> = rest.chain((0..6).map(|at| 0.9 - at as f32 * 0.01)).collect();
        assert!(cut(&scores) < 0.11);
        let theme = theme(&seed(None), plain(scores), THERE, FREE);
        assert_eq!(theme.members.len(), 6);
    }

    #[test]
    fn scores_are_cut_where_two_classes_part() {
        let scores: Vec<f32> =
            (0..30).map(|at| at as f32 * 0.01).chain((0..5).map(|at| 0.9 + at as f32 * 0.01)).collect();
        assert!((cut(&scores) - 0.9).abs() < 1e-6);
        assert_eq!(cut(&[0.5, 0.5]), f32::NEG_INFINITY);
    }
}
