//! What counted as the same: the threshold, where it came from, and the closest pairs on both sides of it.

use crate::coverage::{By, Coverage, Passage, Threshold, ThresholdSource};
use crate::report::blocks::{Block, Column, Rich, Room, Table};
use crate::report::excerpt::beginning;
use crate::report::phrase::{bar, counted, number, score};
use crate::report::sections::Limits;
use crate::report::view::View;

/// Characters shown of the passages closest to the threshold.
const CLOSEST: usize = 140;

/// What is looked for without vectors.
const WORDED: &str = "By wording alone: verbatim, light edits, what is contained, long runs of words and quotations. What is said in other \
                      words is not found, so nobody's exclusives or omissions are known.";
/// What stands for the meaning of a statement.
const OF_PARAGRAPHS: &str = "The meaning of a statement is that of its paragraph, as --by paragraphs asks.";

/// How a threshold is measured.
pub(crate) const HOW_MEASURED: &str = "Measured on statements of neighbouring paragraphs of two outlets that share no three content words \
     in a row: the same stories, nearly always other statements. Median plus three spreads, held between 0.90 and 1.30, the bounds of \
     labelled paraphrases and of labelled strangers (MRPC, PAN).";

/// The threshold, and the closest pairs on both sides: one each, or all that are known where it is to be explained.
pub(super) fn threshold(view: &View, coverage: &Coverage, limits: &Limits) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("What counted as the same"), Block::Line(said(coverage).into())];
    if coverage.by == By::Wording {
        return blocks;
    }
    if limits.explain_threshold {
        blocks.extend(explained(coverage));
    }
    let rows = closest(view, coverage, if limits.explain_threshold { usize::MAX } else { 1 });
    if !rows.is_empty() {
        let side = || Column::text("").giving(Room::Wrap);
        let columns = vec![Column::text(""), Column::number("likeness"), side(), side()];
        blocks.push(Block::Table(Table::new(columns, rows)));
    }
    blocks
}

/// The threshold in words: what it decides and where it came from.
pub(crate) fn said(coverage: &Coverage) -> String {
    match coverage.by {
        By::Wording => WORDED.to_owned(),
        By::Statements => threshold_line(&coverage.threshold),
        By::Paragraphs => format!("{} {OF_PARAGRAPHS}", threshold_line(&coverage.threshold)),
    }
}

fn threshold_line(threshold: &Threshold) -> String {
    let value = score(threshold.value);
    let counted_from = format!("Passages count as the same from a likeness of {value} (cosine plus wording, 0 to 2)");
    let below = match threshold.source {
        ThresholdSource::Given => "Below it they do where they share a long run of words or a quotation.",
        _ => {
            "Above it they must be the same with a probability of 0.36, below it, down to a quarter of the way to the background, of \
             0.50; a long run of words, a quotation or two codes in common count in any case."
        }
    };
    let from = match threshold.source {
        ThresholdSource::Given => "as given",
        ThresholdSource::Measured => "derived from this corpus",
        ThresholdSource::Floor => "the least a paraphrase has, as this corpus's background lies far below",
        ThresholdSource::Ceiling => {
            "the most that unrelated passages have, as this corpus's background lies close below"
        }
        ThresholdSource::Default => "the default, as there are too few pairs to measure a background",
    };
    match threshold.source {
        ThresholdSource::Default => format!("{counted_from}, {from}. {below}"),
        _ if threshold.sampled == 0 => format!("{counted_from}, {from}. {below}"),
        _ => format!("{counted_from}, {from}: unrelated passages have {}. {below}", background(threshold)),
    }
}

fn background(threshold: &Threshold) -> String {
    let median = format!("{} ± {}", score(threshold.background), score(threshold.spread));
    let sampled = format!("(median and spread of {})", counted(threshold.sampled, "cross-outlet pair"));
    let apart = (threshold.value - threshold.background) / threshold.spread;
    if apart.is_finite() {
        format!("{median} {sampled}, {apart:.1} spreads lower")
    } else {
        format!("{median} {sampled}")
    }
}

/// How it was set, and how the likeness of what is unrelated and of what counts is distributed.
fn explained(coverage: &Coverage) -> Vec<Block> {
    let threshold = &coverage.threshold;
    let lines = vec![Block::Line(Rich::default().quiet(HOW_MEASURED))];
    let last = threshold.histogram.iter().rposition(|&count| count > 0).unwrap_or(0);
    let mut kept = vec![0; threshold.histogram.len()];
    for pair in &coverage.pairs {
        let bin = ((pair.likeness().max(0.0) * 10.0) as usize).min(kept.len().saturating_sub(1));
        kept.iter_mut().skip(bin).take(1).for_each(|count| *count += 1);
    }
    if threshold.sampled == 0 && coverage.pairs.is_empty() {
        return lines;
    }
    let most = threshold.histogram.iter().copied().max().unwrap_or(0);
    let last = last.max(kept.iter().rposition(|&count| count > 0).unwrap_or(0));
    let rows = threshold.histogram.iter().zip(&kept).take(last + 1).enumerate().map(|(bin, (&unrelated, &kept))| {
        let range = format!("{:.1} to {:.1}", bin as f32 / 10.0, (bin + 1) as f32 / 10.0);
        let bar = bar(unrelated as f64 / most.max(1) as f64);
        vec![
            range.into(),
            number(unrelated).into(),
            bar.into(),
            if kept == 0 { "·".into() } else { number(kept).into() },
        ]
    });
    let columns = vec![
        Column::text("likeness"),
        Column::number("background"),
        Column::text(""),
        Column::number("pairs that count"),
    ];
    lines.into_iter().chain([Block::Table(Table::new(columns, rows))]).collect()
}

/// The closest pairs on both sides of the threshold, at most so many on each: from the surest down.
fn closest(view: &View, coverage: &Coverage, most: usize) -> Vec<Vec<Rich>> {
    let threshold = &coverage.threshold;
    let above = threshold.above.iter().take(most).filter_map(|&at| coverage.pairs.get(at)).collect::<Vec<_>>();
    let above =
        above.into_iter().rev().map(|pair| closest_row(view, "just above", pair.likeness(), [&pair.left, &pair.right]));
    let reaches = |likeness: f32| likeness >= threshold.value;
    let told = |which, reached: bool| {
        let its = threshold.below.iter().filter(move |below| reaches(below.2) == reached).take(most);
        its.map(move |(left, right, likeness)| closest_row(view, which, *likeness, [left, right]))
    };
    let unlikely = (most > 1).then(|| told("not likely", true)).into_iter().flatten();
    let below = told("just below", false);
    above.chain(unlikely).chain(below).collect()
}

fn closest_row(view: &View, which: &str, likeness: f32, sides: [&Passage; 2]) -> Vec<Rich> {
    let [left, right] = sides.map(|passage| {
        let text = view.collection.text(passage.row).get(passage.span.clone()).unwrap_or_default();
        view.cite(passage.row).plain(": ").plain(&beginning(text, CLOSEST))
    });
    vec![which.into(), score(likeness).into(), left, right]
}
