//! How well scores tell pairs that are the same from those that are not, and how far a probability can be believed.
//!
//! Scores of equal value are one step, whatever their order, as in scikit-learn, by which the values are tested. Not
//! here: where the scores come from.

use super::MeasureError;

/// Bins of the probability in which it is held to what is so.
const BINS: usize = 10;

/// How well scores rank what is so above what is not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranking {
    /// Items.
    pub items: usize,
    /// Items of which it is so.
    pub positive: usize,
    /// Mean precision over the recall gained at each score, 0 to 1; chance gives the share of the positive. 0 where none is.
    pub average_precision: f64,
    /// The best harmonic mean of precision and recall that any cut through the scores gives.
    pub best_f1: f64,
    /// The lowest score that counts at that cut; of cuts as good the highest.
    pub best_cut: f64,
}

impl Ranking {
    /// Of scores, higher for what is more likely so, and what is known, one each an item. Scores are finite.
    ///
    /// # Errors
    /// [`MeasureError::Lengths`] unless there are as many of both.
    pub fn of(scores: &[f64], known: &[bool]) -> Result<Self, MeasureError> {
        if scores.len() != known.len() {
            return Err(MeasureError::Lengths { truth: known.len(), found: scores.len() });
        }
        let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(known.iter().copied()).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let positive = known.iter().filter(|&&known| known).count();
        let mut ranking = Self { items: known.len(), positive, average_precision: 0.0, best_f1: 0.0, best_cut: 0.0 };
        let (mut right, mut taken) = (0, 0);
        for step in ranked.chunk_by(|a, b| a.0 == b.0) {
            let gained = step.iter().filter(|(_, known)| *known).count();
            (right, taken) = (right + gained, taken + step.len());
            let precision = right as f64 / taken as f64;
            if gained > 0 {
                ranking.average_precision += precision * gained as f64 / positive as f64;
            }
            let f1 = 2.0 * right as f64 / (taken + positive) as f64;
            if f1 > ranking.best_f1 {
                (ranking.best_f1, ranking.best_cut) = (f1, step[0].0);
            }
        }
        Ok(ranking)
    }
}

/// How far probabilities can be believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Mean squared distance from what is so (Brier 1950): 0 to 1, less is better.
    pub brier: f64,
    /// Expected calibration error: in ten bins of equal width the distance between the mean probability and the share that
    /// is so, averaged over items (Naeini et al. 2015): 0 to 1, less is better.
    pub expected_error: f64,
}

impl Calibration {
    /// Of probabilities, 0 to 1, and what is known, one each an item.
    ///
    /// # Errors
    /// [`MeasureError::Lengths`] unless there are as many of both.
    pub fn of(probabilities: &[f64], known: &[bool]) -> Result<Self, MeasureError> {
        if probabilities.len() != known.len() {
            return Err(MeasureError::Lengths { truth: known.len(), found: probabilities.len() });
        }
        let items = known.len().max(1) as f64;
        let mut bins = [(0.0, 0.0); BINS];
        let mut brier = 0.0;
        for (&probability, &known) in probabilities.iter().zip(known) {
            let is = f64::from(u8::from(known));
            brier += (probability - is).powi(2) / items;
            let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
            *bin = (bin.0 + probability, bin.1 + is);
        }
        let expected_error = bins.iter().map(|(told, is): &(f64, f64)| (told - is).abs()).sum::<f64>() / items;
        Ok(Self { brier, expected_error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(of: &[u8]) -> Vec<bool> {
        of.iter().map(|&one| one == 1).collect()
    }

    /// The hundred pairs of the second golden row: `int(i * i % 7 < 3)` by `(i * 37 % 101) / 101`.
    fn hundred() -> (Vec<f64>, Vec<bool>) {
        ((0..100).map(|i| f64::from(i * 37 % 101) / 101.0).collect(), (0..100).map(|i| i * i % 7 < 3).collect())
    }

    /// scikit-learn 1.9: `average_precision_score`, the best F1 of `precision_recall_curve`, `brier_score_loss`.
    #[test]
    fn rankings_are_those_of_scikit_learn() {
        let scores = [0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.3, 0.3];
        let few = Ranking::of(&scores, &known(&[1, 0, 1, 1, 0, 0, 1, 0])).unwrap();
        assert!((few.average_precision - 0.729_166_666_667).abs() < 1e-9, "{few:?}");
        assert!((few.best_f1 - 0.75).abs() < 1e-9 && few.best_cut == 0.7, "{few:?}");
        let (scores, known) = hundred();
        let many = Ranking::of(&scores, &known).unwrap();
        assert!((many.average_precision - 0.692_716_230_435).abs() < 1e-9, "{many:?}");
        assert!((many.best_f1 - 0.837_209_302_326).abs() < 1e-9 && many.best_cut == 0.0, "{many:?}");
        let calibration = Calibration::of(&scores, &known).unwrap();
        assert!((calibration.brier - 0.352_618_370_468).abs() < 1e-9, "{calibration:?}");
        assert!((calibration.expected_error - 0.324_752_475_248).abs() < 1e-9, "{calibration:?}");
    }

    #[test]
    fn nothing_to_rank_scores_nothing() {
        let none = Ranking { items: 0, positive: 0, average_precision: 0.0, best_f1: 0.0, best_cut: 0.0 };
        assert_eq!(Ranking::of(&[], &[]).unwrap(), none);
        assert_eq!(Ranking::of(&[0.5], &[false]).unwrap().average_precision, 0.0);
        assert_eq!(Ranking::of(&[0.5], &[]), Err(MeasureError::Lengths { truth: 0, found: 1 }));
    }

    #[test]
    fn a_probability_that_is_always_right_is_calibrated() {
        let sure = Calibration::of(&[1.0, 0.0, 1.0], &known(&[1, 0, 1])).unwrap();
        assert_eq!((sure.brier, sure.expected_error), (0.0, 0.0));
    }
}
