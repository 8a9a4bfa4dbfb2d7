//! The numbers two passages are judged by: likeness, shared words, what only one has, and order.
//!
//! Each is the same both ways round. Shares are 0 to 1, counts and weights enter as `ln(1 + x)`. Not here: what
//! they are worth (`model`).

use super::matching::Matching;
use super::order::Order;
use super::said::{Kind, Said, Term};
use crate::duplicates::material::Likeness;

/// How many features there are.
pub(in crate::duplicates) const COUNT: usize = 30;

/// Their names, in order.
pub(in crate::duplicates) const NAMES: [&str; COUNT] = [
    "cosine",
    "wording",
    "held_least",
    "held_most",
    "length",
    "in_step",
    "longest",
    "triples",
    "grams",
    "functions",
    "alone_least",
    "alone_most",
    "rarest_alone",
    "figures_alone",
    "names_alone",
    "negation",
    "replaced",
    "governed_words",
    "moved",
    "exchanged",
    "shifted",
    "inverted",
    "kept",
    "breaks",
    "governed_moved",
    "beside",
    "uprooted",
    "torn",
    "traded",
    "listed",
];

/// The features of two passages, in the order of [`NAMES`].
pub(super) fn features(left: &Said, right: &Said, likeness: Likeness) -> [f32; COUNT] {
    let (left, right) = ordered(left, right);
    let found = Matching::new(left, right);
    let order = Order::new(&found);
    let (only_left, only_right) = (found.only_left(), found.only_right());
    let (alone_left, alone_right) = (weight(&only_left), weight(&only_right));
    let (short, long) = (left.terms.len().min(right.terms.len()), left.terms.len().max(right.terms.len()));
    let shared: f32 = found.matches.iter().filter_map(|one| left.terms.get(one.left)).map(|term| term.weight).sum();
    let (held_left, held_right) = (share(shared, left.weight), share(shared, right.weight));
    let counted = |kind: Kind| {
        let count = |terms: &[&Term]| terms.iter().filter(|term| term.kind == kind).count();
        eased(count(&only_left).max(count(&only_right)) as f32)
    };
    [
        likeness.cosine,
        likeness.wording,
        held_left.min(held_right),
        held_left.max(held_right),
        share(short as f32, long as f32),
        share(found.in_step as f32, long as f32),
        share(found.longest as f32, short as f32),
        dice(&left.triples, &right.triples),
        dice(&left.grams, &right.grams),
        dice(&left.functions, &right.functions),
        eased(alone_left.min(alone_right)),
        eased(alone_left.max(alone_right)),
        rarest(&only_left).max(rarest(&only_right)),
        counted(Kind::Figure),
        counted(Kind::Name),
        eased(left.negations.abs_diff(right.negations) as f32),
        eased(replaced(&found)),
        dice(&left.governed, &right.governed),
        order.moved,
        eased(order.exchanged as f32),
        eased(order.shifted as f32),
        order.inverted,
        order.kept,
        eased(order.breaks as f32),
        order.governed_moved,
        order.beside,
        order.uprooted,
        eased(order.torn as f32),
        eased(order.traded as f32),
        eased(order.listed as f32),
    ]
}

/// The two in an order of their own, so that both ways round give the same bits.
fn ordered<'a>(left: &'a Said, right: &'a Said) -> (&'a Said, &'a Said) {
    if left.keys <= right.keys { (left, right) } else { (right, left) }
}

/// Part of a whole; all of nothing is there.
fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 1.0 }
}

/// Counts and weights, the more of them the less one more says.
fn eased(count: f32) -> f32 {
    count.max(0.0).ln_1p()
}

fn weight(terms: &[&Term]) -> f32 {
    terms.iter().map(|term| term.weight).sum()
}

fn rarest(terms: &[&Term]) -> f32 {
    terms.iter().map(|term| term.weight).fold(0.0, f32::max)
}

/// Weight of the words of substance that others stand for in the same place.
fn replaced(found: &Matching) -> f32 {
    let alone = |said: &Said, matched: &[Option<usize>], stretch: &std::ops::Range<usize>| -> f32 {
        let words = said.terms.iter().zip(matched).skip(stretch.start).take(stretch.len());
        words.filter(|(_, to)| to.is_none()).map(|(term, _)| term.weight).sum()
    };
    let gap = |gap: &super::matching::Gap| {
        alone(found.left, &found.of_left, &gap.left).min(alone(found.right, &found.of_right, &gap.right))
    };
    found.gaps.iter().map(gap).sum()
}

/// Sørensen and Dice: twice what two ascending lists share, over the length of both. 1 where both are empty.
fn dice(left: &[u64], right: &[u64]) -> f32 {
    let both = left.len() + right.len();
    if both == 0 { 1.0 } else { 2.0 * common(left, right) as f32 / both as f32 }
}

/// Numbers two ascending lists have in common, each as often as both have it.
fn common(left: &[u64], right: &[u64]) -> usize {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut count = 0;
    while let (Some(&a), Some(&b)) = (left.peek(), right.peek()) {
        count += usize::from(a == b);
        if a <= b {
            left.next();
        }
        if b <= a {
            right.next();
        }
    }
    count
}
