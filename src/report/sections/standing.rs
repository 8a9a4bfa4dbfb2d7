//! What an outlet lacks that others carry, and dates that were not used.

use crate::coverage::{Coverage, Omission};
use crate::report::blocks::{Block, Rich};
use crate::report::excerpt::beginning;
use crate::report::phrase::{counted, day, listed_few};
use crate::report::sections::{Limits, and_more, quiet};
use crate::report::view::View;

/// Characters shown of what is lacking.
const LACKING: usize = 160;

/// What so many outlets carry and others lack that wrote of the story; no section where there is nothing.
pub(super) fn omissions(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let omissions = &coverage.omissions;
    if omissions.is_empty() {
        return Vec::new();
    }
    let said = format!(
        "Carried by at least {} and by no paragraph of an outlet that shares other passages with the same articles.",
        counted(coverage.omitted_from.unwrap_or_default(), "outlet")
    );
    let mut blocks = vec![Block::Heading("Omissions"), quiet(&said)];
    let listed = omissions.iter().take(limits.groups).filter_map(|omission| line(view, coverage, omission));
    blocks.push(Block::List(listed.collect()));
    blocks.extend(and_more(omissions.len(), limits.groups, "omission"));
    blocks
}

fn line(view: &View, coverage: &Coverage, omission: &Omission) -> Option<Rich> {
    let group = coverage.groups.get(omission.group)?;
    let passage = group.passages.first()?;
    let text = view.collection.text(passage.row).get(passage.span.clone())?;
    let names: Vec<&str> = omission.outlets.iter().map(|&outlet| view.outlet(outlet)).collect();
    let without = listed_few(&names, "outlet");
    let head = Rich::default().quiet(&format!("group {}  ", omission.group + 1)).strong(&without);
    Some(head.quiet(" without: ").plain(&beginning(text, LACKING)))
}

/// The articles whose date cannot be true.
pub(super) fn misdated(view: &View, coverage: &Coverage) -> Option<Block> {
    let articles = || coverage.misdated.iter().filter_map(|&at| view.collection.articles.get(at));
    let named = |(id, date): (&str, _)| format!("{id} ({})", day(date));
    let dated = articles().filter_map(|article| Some((article.id.as_str(), article.date?)));
    let named: Vec<String> = dated.map(named).collect();
    let said = format!(
        "Not counted for who was first, as the date cannot be true: {}",
        listed_few(&named.iter().map(String::as_str).collect::<Vec<_>>(), "article")
    );
    (!named.is_empty()).then(|| quiet(&said))
}
