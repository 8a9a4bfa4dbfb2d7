//! Near-duplicate coverage as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;

use crate::article::OutletId;
use crate::collection::Collection;
use crate::coverage::{
    By, Coverage, Difference, Disagreement, Exclusive, FactKind, First, Given, Grade, Group, Omission, Origins,
    Overlap, Pair, Passage, Reading, Scope, SharedSpan, Side, Threshold, ThresholdSource,
};
use crate::report::json::rounded;

#[derive(Serialize)]
pub(super) struct CoverageView<'a> {
    by: By,
    threshold: ThresholdView<'a>,
    pairs: Vec<PairView<'a>>,
    groups: Vec<GroupView<'a>>,
    overlap: Vec<OverlapView<'a>>,
    exclusives: Vec<ExclusiveView>,
    omitted_from: Option<usize>,
    omissions: Vec<OmissionView<'a>>,
    today: Option<String>,
    misdated: Vec<MisdatedView<'a>>,
}

impl<'a> CoverageView<'a> {
    pub(super) fn of(collection: &'a Collection, coverage: &'a Coverage) -> Self {
        Self {
            by: coverage.by,
            threshold: ThresholdView::of(collection, &coverage.threshold),
            pairs: coverage.pairs.iter().map(|pair| PairView::of(collection, pair)).collect(),
            groups: coverage.groups.iter().map(|group| GroupView::of(collection, group)).collect(),
            overlap: overlaps(collection, &coverage.overlap),
            exclusives: coverage.exclusives.iter().map(ExclusiveView::of).collect(),
            omitted_from: coverage.omitted_from,
            omissions: coverage.omissions.iter().map(|found| OmissionView::of(collection, found)).collect(),
            today: coverage.today.map(|day| day.to_string()),
            misdated: coverage.misdated.iter().map(|&article| MisdatedView::of(collection, article)).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PassageView<'a> {
    row: usize,
    span: [usize; 2],
    text: &'a str,
}

impl<'a> PassageView<'a> {
    pub(super) fn of(collection: &'a Collection, passage: &Passage) -> Self {
        Self { row: passage.row, span: ends(&passage.span), text: stretch(collection, passage.row, &passage.span) }
    }
}

fn stretch<'a>(collection: &'a Collection, row: usize, span: &Range<usize>) -> &'a str {
    collection.text(row).get(span.clone()).unwrap_or_default()
}

fn ends(span: &Range<usize>) -> [usize; 2] {
    [span.start, span.end]
}

#[derive(Serialize)]
struct ThresholdView<'a> {
    value: f64,
    source: ThresholdSource,
    background: f64,
    spread: f64,
    sampled: usize,
    histogram: &'a [usize],
    above: &'a [usize],
    below: Vec<BelowView<'a>>,
}

#[derive(Serialize)]
struct BelowView<'a> {
    left: PassageView<'a>,
    right: PassageView<'a>,
    likeness: f64,
}

impl<'a> ThresholdView<'a> {
    fn of(collection: &'a Collection, threshold: &'a Threshold) -> Self {
        let below = threshold.below.iter().map(|(left, right, likeness)| BelowView {
            left: PassageView::of(collection, left),
            right: PassageView::of(collection, right),
            likeness: rounded(*likeness),
        });
        Self {
            value: rounded(threshold.value),
            source: threshold.source,
            background: rounded(threshold.background),
            spread: rounded(threshold.spread),
            sampled: threshold.sampled,
            histogram: &threshold.histogram,
            above: &threshold.above,
            below: below.collect(),
        }
    }
}

#[derive(Serialize)]
struct PairView<'a> {
    left: PassageView<'a>,
    right: PassageView<'a>,
    scope: Scope,
    grade: Grade,
    container: Option<Side>,
    likeness: f64,
    cosine: f64,
    wording: f64,
    matched: f64,
    shared: Vec<SharedView>,
    probability: f64,
    differences: Vec<DifferenceView<'a>>,
}

impl<'a> PairView<'a> {
    fn of(collection: &'a Collection, pair: &'a Pair) -> Self {
        Self {
            left: PassageView::of(collection, &pair.left),
            right: PassageView::of(collection, &pair.right),
            scope: pair.scope,
            grade: pair.grade,
            container: pair.container,
            likeness: rounded(pair.likeness()),
            cosine: rounded(pair.cosine),
            wording: rounded(pair.wording),
            matched: rounded(pair.matched),
            shared: pair.shared.iter().map(SharedView::of).collect(),
            probability: rounded(pair.probability),
            differences: pair.differences.iter().map(|found| DifferenceView::of(collection, pair, found)).collect(),
        }
    }
}

#[derive(Serialize)]
struct DifferenceView<'a> {
    kind: FactKind,
    left: GivenView<'a>,
    right: GivenView<'a>,
}

impl<'a> DifferenceView<'a> {
    fn of(collection: &'a Collection, pair: &'a Pair, difference: &'a Difference) -> Self {
        let given = |row, given: &'a Given| GivenView {
            span: ends(&given.span),
            text: stretch(collection, row, &given.span),
            value: &given.value,
        };
        let (left, right) = (given(pair.left.row, &difference.left), given(pair.right.row, &difference.right));
        Self { kind: difference.kind, left, right }
    }
}

#[derive(Serialize)]
struct GivenView<'a> {
    span: [usize; 2],
    text: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct SharedView {
    left: [usize; 2],
    right: [usize; 2],
    words: usize,
}

impl SharedView {
    fn of(shared: &SharedSpan) -> Self {
        Self { left: ends(&shared.left), right: ends(&shared.right), words: shared.words }
    }
}

#[derive(Serialize)]
struct GroupView<'a> {
    scope: Scope,
    grade: Grade,
    outlets: Vec<&'a str>,
    passages: Vec<PassageView<'a>>,
    pairs: &'a [usize],
    because: &'a [usize],
    origins: OriginsView<'a>,
    first: Option<FirstView<'a>>,
    disagreements: Vec<DisagreementView<'a>>,
}

impl<'a> GroupView<'a> {
    fn of(collection: &'a Collection, group: &'a Group) -> Self {
        let outlets: BTreeSet<_> = group.passages.iter().map(|passage| collection.outlet_of(passage.row)).collect();
        Self {
            scope: group.scope,
            grade: group.grade,
            outlets: outlets.into_iter().map(|outlet| collection.outlet_name(outlet)).collect(),
            passages: group.passages.iter().map(|passage| PassageView::of(collection, passage)).collect(),
            pairs: &group.pairs,
            because: &group.because,
            origins: OriginsView::of(&group.origins),
            first: group.first.as_ref().map(|first| FirstView::of(collection, first)),
            disagreements: group.disagreements.iter().map(|found| DisagreementView::of(collection, found)).collect(),
        }
    }
}

#[derive(Serialize)]
struct OriginsView<'a> {
    lots: &'a [Vec<usize>],
    effective: f64,
}

impl<'a> OriginsView<'a> {
    fn of(origins: &'a Origins) -> Self {
        Self { lots: &origins.lots, effective: rounded(origins.effective) }
    }
}

#[derive(Serialize)]
struct FirstView<'a> {
    date: String,
    outlets: Vec<&'a str>,
    undated: usize,
}

impl<'a> FirstView<'a> {
    fn of(collection: &'a Collection, first: &First) -> Self {
        let outlets = first.outlets.iter().map(|&outlet| collection.outlet_name(outlet));
        Self { date: first.date.to_string(), outlets: outlets.collect(), undated: first.undated }
    }
}

#[derive(Serialize)]
struct OmissionView<'a> {
    group: usize,
    outlets: Vec<&'a str>,
}

impl<'a> OmissionView<'a> {
    fn of(collection: &'a Collection, omission: &Omission) -> Self {
        let outlets = omission.outlets.iter().map(|&outlet| collection.outlet_name(outlet));
        Self { group: omission.group, outlets: outlets.collect() }
    }
}

#[derive(Serialize)]
struct MisdatedView<'a> {
    article: &'a str,
    date: Option<String>,
}

impl<'a> MisdatedView<'a> {
    fn of(collection: &'a Collection, article: usize) -> Self {
        let article = &collection.articles[article];
        Self { article: &article.id, date: article.date.map(|date| date.to_string()) }
    }
}

#[derive(Serialize)]
struct DisagreementView<'a> {
    kind: FactKind,
    readings: Vec<ReadingView<'a>>,
}

impl<'a> DisagreementView<'a> {
    fn of(collection: &'a Collection, disagreement: &'a Disagreement) -> Self {
        let readings = disagreement.readings.iter().map(|reading| ReadingView::of(collection, reading));
        Self { kind: disagreement.kind, readings: readings.collect() }
    }
}

#[derive(Serialize)]
struct ReadingView<'a> {
    row: usize,
    span: [usize; 2],
    text: &'a str,
    value: &'a str,
}

impl<'a> ReadingView<'a> {
    fn of(collection: &'a Collection, reading: &'a Reading) -> Self {
        let Reading { row, span, value } = reading;
        Self { row: *row, span: ends(span), text: stretch(collection, *row, span), value }
    }
}

#[derive(Serialize)]
struct OverlapView<'a> {
    outlet: &'a str,
    other: &'a str,
    same_text: usize,
    paraphrase: usize,
}

/// Every two outlets that overlap, by outlet, then by the other.
fn overlaps<'a>(collection: &'a Collection, overlap: &BTreeMap<(OutletId, OutletId), Overlap>) -> Vec<OverlapView<'a>> {
    let view = |(&(outlet, other), &Overlap { same_text, paraphrase })| OverlapView {
        outlet: collection.outlet_name(outlet),
        other: collection.outlet_name(other),
        same_text,
        paraphrase,
    };
    overlap.iter().map(view).collect()
}

#[derive(Serialize)]
struct ExclusiveView {
    row: usize,
    nearest: Option<NearestView>,
}

#[derive(Serialize)]
struct NearestView {
    row: usize,
    cosine: f64,
}

impl ExclusiveView {
    fn of(exclusive: &Exclusive) -> Self {
        let nearest = exclusive.nearest.map(|(row, cosine)| NearestView { row, cosine: rounded(cosine) });
        Self { row: exclusive.row, nearest }
    }
}
