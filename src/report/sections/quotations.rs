//! Quotations: what somebody said, as each outlet prints it, and whom it gives it to.

use std::collections::BTreeSet;

use crate::article::OutletId;
use crate::coverage::Passage;
use crate::quotation::{Change, Found, Quotation, QuotedBy, Speaker};
use crate::report::blocks::{Block, Card, Rich, Tone};
use crate::report::excerpt::beginning;
use crate::report::phrase::counted;
use crate::report::sections::{Limits, and_more, quiet};
use crate::report::view::View;

/// Characters shown of a quotation.
const QUOTED: usize = 320;
/// Changes shown of one member.
const CHANGES: usize = 4;

/// The quotations that several outlets print; no section where there is none.
pub(super) fn quotations(view: &View, quotations: &[Quotation], limits: &Limits) -> Vec<Block> {
    if quotations.is_empty() {
        return Vec::new();
    }
    let altered = quotations.iter().filter(|one| one.members.iter().any(|member| member.form.altered)).count();
    let differ = quotations.iter().filter(|one| one.speakers_differ).count();
    let said = format!(
        "{} printed by two outlets or more; {altered} with words changed, {differ} given to different people.",
        counted(quotations.len(), "quotation")
    );
    let mut blocks = vec![Block::Heading("Quotations"), quiet(&said)];
    for (at, quotation) in quotations.iter().take(limits.groups).enumerate() {
        blocks.push(Block::Item(item(at + 1, quotation)));
        blocks.push(Block::Cards(cards(view, quotation)));
    }
    blocks.extend(and_more(quotations.len(), limits.groups, "quotation"));
    blocks
}

fn item(at: usize, quotation: &Quotation) -> Rich {
    let outlets: BTreeSet<OutletId> = quotation.members.iter().map(|member| member.outlet).collect();
    let head = Rich::default().quiet(&format!("{at}  ")).strong(&counted(outlets.len(), "outlet"));
    if quotation.speakers_differ { head.plain(" · ").with(Tone::Differs, "given to different people") } else { head }
}

/// The fullest form first, then the others as they stand.
fn cards(view: &View, quotation: &Quotation) -> Vec<Card> {
    let others = quotation.members.iter().enumerate().filter(|(at, _)| *at != quotation.fullest);
    let fullest = quotation.members.get(quotation.fullest);
    fullest.into_iter().chain(others.map(|(_, member)| member)).map(|member| card(view, member)).collect()
}

fn card(view: &View, member: &QuotedBy) -> Card {
    let text = member.parts.iter().map(|part| text(view, part)).collect::<Vec<_>>().join(" … ");
    let speaker = member.speaker.as_ref().map(|speaker| format!(" · {}", told(view, speaker))).unwrap_or_default();
    let form = if member.changes.is_empty() && member.form.name() == "whole" { "" } else { member.form.name() };
    let form = if form.is_empty() { String::new() } else { format!(" · {form}") };
    let foot = member.changes.iter().take(CHANGES).fold(Rich::default(), |foot, change| {
        let gap = if foot.text().is_empty() { "" } else { "; " };
        foot.quiet(gap).then(changed(view, change))
    });
    Card {
        head: view.cite(member.row).quiet(&format!("{speaker}{form}")),
        body: Rich::from(beginning(&format!("“{text}”"), QUOTED)),
        foot,
    }
}

/// "Sam Altman", "Sam Altman (“he”)", "not said who".
fn told(view: &View, speaker: &Speaker) -> String {
    let printed = text(view, &speaker.at);
    match speaker.found {
        Found::Pronoun => format!("{} (“{printed}”)", speaker.name),
        _ => speaker.name.clone(),
    }
}

/// "“massive” → “[huge]”", and whether the outlet shows the change.
fn changed(view: &View, change: &Change) -> Rich {
    let side = |parts: &[Passage]| parts.iter().map(|part| text(view, part)).collect::<Vec<_>>().join(" … ");
    let (from, to) = (side(&change.fullest), side(&change.member));
    let said = match (from.is_empty(), to.is_empty()) {
        (true, _) => Rich::default().quiet("added ").with(Tone::Differs, &format!("“{to}”")),
        (_, true) => Rich::default().quiet("without ").with(Tone::Differs, &format!("“{}”", beginning(&from, 80))),
        _ => Rich::default().with(Tone::Differs, &format!("“{to}”")).quiet(&format!(" for “{}”", beginning(&from, 80))),
    };
    if change.marked { said.quiet(" (shown)") } else { said }
}

fn text<'a>(view: &View<'a>, passage: &Passage) -> &'a str {
    view.collection.text(passage.row).get(passage.span.clone()).unwrap_or_default()
}
