//! Small drawings: bars for shares, columns for counts over time. Pictures beside numbers that stand as text, so hidden from screen readers.

use maud::{Markup, html};

/// Width and height of a bar in its own units; the style sheet gives it its size.
const LONG: f64 = 100.0;

/// A bar for a share of 0 to 1, in the colour of `class`.
pub(super) fn bar(share: f64, class: &str) -> Markup {
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect.rail width="100" height="8" {}
            rect class=(class) width=(length(share)) height="8" {}
        }
    }
}

/// Columns as high as their counts, with a label each.
pub(super) fn columns(counts: &[(String, usize)], class: &str) -> Markup {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1) as f64;
    let width = LONG / counts.len().max(1) as f64;
    html! {
        svg.columns viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true" {
            @for (at, (_, count)) in counts.iter().enumerate() {
                @let height = 28.0 * *count as f64 / most;
                rect class=(class) x=(tenths(at as f64 * width + width * 0.08)) y=(tenths(30.0 - height)) width=(tenths(width * 0.84)) height=(tenths(height)) {}
            }
        }
    }
}

/// A share as a length of the bar; any share above nothing shows.
fn length(share: f64) -> String {
    let share = share.clamp(0.0, 1.0);
    tenths(if share > 0.0 { (share * LONG).max(0.5) } else { 0.0 })
}

/// A number with one decimal, and none where it is whole.
pub(super) fn tenths(value: f64) -> String {
    let value = (value * 10.0).round() / 10.0;
    format!("{value}")
}

/// A step of heat from 0 (nothing) to 5 for a share of 0 to 1.
pub(super) fn heat(share: f64) -> &'static str {
    match share {
        share if share <= 0.0 => "h0",
        share if share < 0.05 => "h1",
        share if share < 0.15 => "h2",
        share if share < 0.35 => "h3",
        share if share < 0.65 => "h4",
        _ => "h5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_share_shows_and_none_does_not() {
        assert_eq!([length(0.0), length(0.000_1), length(0.333_3), length(7.0)], ["0", "0.5", "33.3", "100"]);
        assert_eq!([heat(0.0), heat(0.01), heat(1.0)], ["h0", "h1", "h5"]);
    }
}
