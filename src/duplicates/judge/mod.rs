//! The pair score: how probable it is that two passages say the same.
//!
//! Cosine and word overlap do not see who did what to whom. So the words of both are matched (`said`, `matching`),
//! measured for what they share, what one has alone (`features`) and what became of their order (`order`), and a small
//! fitted model gives the probability (`model`, `trees`). docs/judge.md has its definition and what it is worth. Not
//! here: grades by wording (`grade`).
//! Cost: about ten microseconds a pair of sentences.

mod features;
mod matching;
mod model;
mod order;
mod said;
mod trees;

use super::material::Likeness;

pub(super) use features::{COUNT, NAMES};
pub(super) use said::Said;

/// The numbers that two passages are judged by, in the order of [`NAMES`]; the same both ways round.
pub(super) fn features(left: &Said, right: &Said, likeness: Likeness) -> [f32; COUNT] {
    features::features(left, right, likeness)
}

/// The probability, 0 to 1, that two passages say the same; the same both ways round.
pub(super) fn probability(left: &Said, right: &Said, likeness: Likeness) -> f32 {
    model::probability(&features(left, right, likeness))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::neighbours::wording::Wording;

    fn judged(left: &str, right: &str, cosine: f32) -> f32 {
        let wording = Wording::learn([left, right]);
        let likeness = Likeness { cosine, wording: wording.vector(left).cosine(&wording.vector(right)) };
        probability(&Said::new(left, &wording), &Said::new(right, &wording), likeness)
    }

    const PARIS: &str = "The music hall was first imported from Paris to London in 1862 and became popular";

    #[test]
    fn a_text_says_what_it_says() {
        assert!(judged(PARIS, PARIS, 1.0) > 0.9);
    }

    #[test]
    fn names_that_change_places_say_something_else() {
        let swapped = PARIS.replace("Paris to London", "London to Paris");
        let moved = "In 1862 the music hall was first imported from Paris to London and became popular";
        assert!(judged(PARIS, &swapped, 0.98) < 0.5);
        assert!(judged(PARIS, moved, 0.98) > 0.5);
    }

    #[test]
    fn strangers_are_strangers() {
        assert!(judged(PARIS, "Analysts wondered how the young company would ever pay for chips", 0.05) < 0.1);
    }

    proptest! {
        #[test]
        fn a_pair_is_judged_the_same_from_both_sides(
            left in "([a-dA-D]{1,3}|the|of|and|not|[1-3])( ([a-dA-D]{1,3}|the|of|and|not|[1-3])){0,20}",
            right in "([a-dA-D]{1,3}|the|of|and|not|[1-3])( ([a-dA-D]{1,3}|the|of|and|not|[1-3])){0,20}",
            cosine in -1.0_f32..1.0,
        ) {
            let (one, other) = (judged(&left, &right, cosine), judged(&right, &left, cosine));
            prop_assert_eq!(one.to_bits(), other.to_bits());
            prop_assert!((0.0..=1.0).contains(&one));
        }
    }
}
