//! The background of a set of scores: what scores look like when there is nothing to find.
//!
//! What a cosine means differs by model and corpus, so every threshold is stated against the scores of
//! the run itself. Most scores are background and what is looked for lies above, so the spread is
//! taken from the lower half alone and mirrored: true finds do not widen it.

/// Centre and spread of a run's background scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Background {
    /// The median score.
    pub median: f32,
    /// Root mean square distance of the scores at or below the median from it.
    pub spread: f32,
}

impl Background {
    /// Measures the background; none where there are no scores. NaN must not occur.
    pub fn measure(mut scores: Vec<f32>) -> Option<Self> {
        scores.sort_unstable_by(f32::total_cmp);
        let median = *scores.get(scores.len().checked_sub(1)? / 2)?;
        let below = &scores[..scores.partition_point(|&score| score <= median)];
        let squares: f64 = below.iter().map(|&score| f64::from(median - score).powi(2)).sum();
        Some(Self { median, spread: (squares / below.len() as f64).sqrt() as f32 })
    }

    /// The score that lies so many spreads above the median.
    pub fn above(self, spreads: f32) -> f32 {
        self.median + spreads * self.spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_above_the_median_do_not_widen_the_spread() {
        let plain = Background::measure(vec![0.0, 1.0, 2.0, 3.0, 4.0]).unwrap();
        let with_finds = Background::measure(vec![0.0, 1.0, 2.0, 300.0, 400.0]).unwrap();
        assert_eq!(plain, with_finds);
        assert_eq!(plain.median, 2.0);
        assert!((plain.spread - (5.0_f32 / 3.0).sqrt()).abs() < 1e-6);
        assert_eq!(plain.above(2.0), 2.0 + 2.0 * plain.spread);
    }

    #[test]
    fn no_scores_have_no_background() {
        assert_eq!(Background::measure(Vec::new()), None);
        assert_eq!(Background::measure(vec![0.5]), Some(Background { median: 0.5, spread: 0.0 }));
    }
}
