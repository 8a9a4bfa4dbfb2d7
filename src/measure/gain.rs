//! How good the order of an answer is, by what people judged relevant.
//!
//! Normalised discounted cumulative gain with linear gains, as trec_eval and BEIR have it (Järvelin and Kekäläinen 2002).
//! Not here: what was found.

/// nDCG of the first `k`: `found` are the gains of what was found, best first (0: judged irrelevant or not judged), `judged`
/// all gains of the question, in any order. 0 to 1; 0 where nothing is relevant.
pub fn ndcg(found: &[f64], judged: &[f64], k: usize) -> f64 {
    let mut ideal = judged.to_vec();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let most = discounted(&ideal, k);
    if most > 0.0 { discounted(found, k) / most } else { 0.0 }
}

/// The share of the relevant that is among the first `k` found. 0 where nothing is relevant.
pub fn recall(found: &[f64], judged: &[f64], k: usize) -> f64 {
    let relevant = |gains: &[f64]| gains.iter().filter(|gain| **gain > 0.0).count() as f64;
    let all = relevant(judged);
    if all > 0.0 { relevant(&found[..k.min(found.len())]) / all } else { 0.0 }
}

fn discounted(gains: &[f64], k: usize) -> f64 {
    gains.iter().take(k).zip(2..).map(|(gain, rank)| gain / f64::from(rank).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scikit-learn 1.9: `ndcg_score([[3, 2, 0, 1, 2]], [[5, 3, 4, 1, 2]], k=3)` and without `k`.
    #[test]
    fn gains_are_those_of_scikit_learn() {
        let (found, judged) = ([3.0, 0.0, 2.0, 2.0, 1.0], [3.0, 2.0, 0.0, 1.0, 2.0]);
        assert!((ndcg(&found, &judged, 3) - 0.760_187_533_4).abs() < 1e-9, "{}", ndcg(&found, &judged, 3));
        assert!((ndcg(&found, &judged, 5) - 0.921_945_133_7).abs() < 1e-9, "{}", ndcg(&found, &judged, 5));
    }

    #[test]
    fn nothing_relevant_scores_nothing_and_recall_counts_what_is() {
        assert_eq!((ndcg(&[0.0], &[], 10), recall(&[0.0], &[], 10)), (0.0, 0.0));
        assert_eq!(recall(&[0.0, 1.0, 2.0], &[1.0, 2.0, 1.0, 0.0], 2), 1.0 / 3.0);
        assert_eq!(ndcg(&[1.0], &[1.0], 10), 1.0);
    }
}
