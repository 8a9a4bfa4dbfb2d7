//! Near-duplicate coverage by wording alone: no model, no vectors, seconds where embedding takes minutes.
//!
//! Candidates share three content words in a row, and what is told of them is what the alignment of their words shows:
//! verbatim, light edit, contained, a long run, a quotation. Text that says the same in other words is not found, so
//! neither exclusives nor omissions are told: nobody knows that they are. Not here: grades (`grade`), groups (`groups`).

use rayon::prelude::*;

use super::align::tokens;
use super::candidates::{Candidate, of_pairs};
use super::material::Material;
use super::pairs::{Bar, Compared, compare};
use super::promise::Promise;
use super::shingles::pairs_by_wording;
use super::{DuplicatesError, Options, background, groups, origins, standing};
use crate::collection::Collection;
use crate::coverage::{By, Coverage, Threshold, ThresholdSource};

/// Finds near-duplicate coverage by wording alone.
///
/// In what it gives, every `cosine` is the wording again, and the threshold is that at which groups join.
///
/// # Errors
/// [`DuplicatesError::Threshold`] unless a given threshold is above 0 and at most 2.
pub fn find_by_wording(collection: &Collection, options: &Options) -> Result<Coverage, DuplicatesError> {
    background::check(options.threshold)?;
    let candidates = of_pairs(collection, promising(collection));
    let material = Material::new(collection, None, &candidates);
    let bar = Bar::NEVER;
    let compared: Vec<Compared> = candidates.pairs().par_iter().map(|pair| compare(&material, pair, bar)).collect();
    let threshold = unmeasured(options.threshold);
    let found = groups::group(&material, &compared, (bar, threshold.value, options.today));
    Ok(Coverage {
        by: By::Wording,
        overlap: standing::overlap(&material, &found.pairs),
        exclusives: Vec::new(),
        omissions: Vec::new(),
        omitted_from: None,
        today: options.today,
        misdated: origins::untrue(collection, options.today),
        pairs: found.pairs,
        groups: found.groups,
        threshold,
    })
}

/// Row pairs that share wording, and of which aligning may show something.
fn promising(collection: &Collection) -> Vec<Candidate> {
    let outlets = collection.row_outlets();
    let texts: Vec<&str> = (0..collection.len()).map(|row| collection.text(row)).collect();
    let pairs = pairs_by_wording(&texts, &outlets);
    let mut asked = vec![false; texts.len()];
    for &(left, right) in &pairs {
        asked[left] = true;
        asked[right] = true;
    }
    let promise = |(text, &asked): (&&str, &bool)| if asked { Promise::new(&tokens(text)) } else { Promise::default() };
    let promises: Vec<Promise> = texts.par_iter().zip(&asked).map(promise).collect();
    pairs
        .into_par_iter()
        .filter(|&(left, right)| promises[left].with(&promises[right]))
        .map(|(left, right)| Candidate { left, right, near: false, shares_wording: true })
        .collect()
}

fn unmeasured(given: Option<f32>) -> Threshold {
    let source = if given.is_some() { ThresholdSource::Given } else { ThresholdSource::Default };
    Threshold {
        value: given.unwrap_or(background::UNMEASURED),
        source,
        background: 0.0,
        spread: 0.0,
        sampled: 0,
        histogram: Vec::new(),
        above: Vec::new(),
        below: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::collection;
    use super::*;
    use crate::coverage::Grade;

    const LEAD: &str = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday.";
    const OTHER: &str = "Analysts fear that spending on artificial intelligence has become a bubble.";

    #[test]
    fn copies_edits_and_containment_are_found_without_vectors() {
        let (edited, longer) = (LEAD.replace("Monday", "Tuesday"), format!("{OTHER} {LEAD} {OTHER}"));
        let rows = [(0, LEAD), (1, LEAD), (2, edited.as_str()), (3, longer.as_str()), (4, OTHER)];
        let found = find_by_wording(&collection(&rows), &Options::default()).unwrap();
        let grade = |left, right| {
            found.pairs.iter().find(|pair| (pair.left.row, pair.right.row) == (left, right)).map(|pair| pair.grade)
        };
        assert_eq!(grade(0, 1), Some(Grade::Verbatim));
        assert_eq!(grade(1, 2), Some(Grade::LightEdit));
        assert_eq!(grade(0, 3), Some(Grade::Contained));
        assert_eq!(grade(0, 4), None);
        assert!(found.exclusives.is_empty() && found.omissions.is_empty());
    }

    #[test]
    fn a_wire_story_of_hundreds_of_outlets_is_one_group() {
        let texts: Vec<String> = (0..300).map(|at| format!("{LEAD} It was edition {}.", at % 7)).collect();
        let rows: Vec<(u32, &str)> = (0..300).zip(&texts).map(|(outlet, text)| (outlet, text.as_str())).collect();
        let found = find_by_wording(&collection(&rows), &Options::default()).unwrap();
        assert_eq!(found.groups.iter().map(|group| group.passages.len()).collect::<Vec<_>>(), [300]);
    }
}
