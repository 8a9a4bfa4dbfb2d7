//! Quotations over outlets as JSON.

use serde::Serialize;

use super::coverage::PassageView;
use crate::collection::Collection;
use crate::quotation::{Change, Found, Quotation, QuotedBy, Speaker};

#[derive(Serialize)]
pub(super) struct QuotationView<'a> {
    fullest: usize,
    speakers_differ: bool,
    members: Vec<QuotedView<'a>>,
}

impl<'a> QuotationView<'a> {
    pub(super) fn of(collection: &'a Collection, quotation: &'a Quotation) -> Self {
        Self {
            fullest: quotation.fullest,
            speakers_differ: quotation.speakers_differ,
            members: quotation.members.iter().map(|member| QuotedView::of(collection, member)).collect(),
        }
    }
}

#[derive(Serialize)]
struct QuotedView<'a> {
    outlet: &'a str,
    parts: Vec<PassageView<'a>>,
    form: &'static str,
    changes: Vec<ChangeView<'a>>,
    speaker: Option<SpeakerView<'a>>,
}

impl<'a> QuotedView<'a> {
    fn of(collection: &'a Collection, member: &'a QuotedBy) -> Self {
        Self {
            outlet: collection.outlet_name(member.outlet),
            parts: member.parts.iter().map(|part| PassageView::of(collection, part)).collect(),
            form: member.form.name(),
            changes: member.changes.iter().map(|change| ChangeView::of(collection, change)).collect(),
            speaker: member.speaker.as_ref().map(|speaker| SpeakerView::of(collection, speaker)),
        }
    }
}

#[derive(Serialize)]
struct ChangeView<'a> {
    fullest: Vec<PassageView<'a>>,
    member: Vec<PassageView<'a>>,
    marked: bool,
}

impl<'a> ChangeView<'a> {
    fn of(collection: &'a Collection, change: &'a Change) -> Self {
        let told = |side: &'a [_]| side.iter().map(|part| PassageView::of(collection, part)).collect();
        Self { fullest: told(&change.fullest), member: told(&change.member), marked: change.marked }
    }
}

#[derive(Serialize)]
struct SpeakerView<'a> {
    name: &'a str,
    found: Found,
    at: PassageView<'a>,
}

impl<'a> SpeakerView<'a> {
    fn of(collection: &'a Collection, speaker: &'a Speaker) -> Self {
        Self { name: &speaker.name, found: speaker.found, at: PassageView::of(collection, &speaker.at) }
    }
}
