//! What the tests of facts share: what two texts give differently.

use jiff::civil::Date;

use super::super::align::{align, tokens};
use super::{Facts, differences};
use crate::coverage::FactKind;

/// A difference: its kind, what the left text gives and what the right one does.
pub(super) type Told = (FactKind, String, String);

/// What two texts give differently, both ways round; `day` is when both were published.
pub(super) fn dated(left: &str, right: &str, day: Option<Date>) -> Vec<Told> {
    let told = |a: &str, b: &str| -> Vec<Told> {
        let (x, y) = (tokens(a), tokens(b));
        let all = differences(&Facts::of(a, day), &Facts::of(b, day), &align(&x, &y));
        all.into_iter().map(|told| (told.kind, told.left.value, told.right.value)).collect()
    };
    let mut back: Vec<_> = told(right, left).into_iter().map(|(kind, a, b)| (kind, b, a)).collect();
    let mut found = told(left, right);
    back.sort();
    found.sort();
    assert_eq!(found, back, "{left} / {right}");
    found
}

/// The same of texts without a date.
pub(super) fn differ(left: &str, right: &str) -> Vec<Told> {
    dated(left, right, None)
}

/// A single difference.
pub(super) fn one(kind: FactKind, left: &str, right: &str) -> Vec<Told> {
    vec![(kind, left.to_owned(), right.to_owned())]
}
