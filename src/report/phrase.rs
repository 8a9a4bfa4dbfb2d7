//! Numbers, shares and dates as people read them, and words as a shell does.

use jiff::civil::Date;

/// A number with its thousands apart: `12,345`.
pub(crate) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what is counted: `1 article`, `5 articles`. For nouns that take an s.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(n))
}

/// A part of a whole in percent; a part too small for one percent is still told from none.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    let share = part as f64 / whole.max(1) as f64 * 100.0;
    match part {
        0 => "0".to_owned(),
        _ if share < 1.0 => "<1".to_owned(),
        _ => format!("{share:.0}"),
    }
}

/// A score with two decimals.
pub(crate) fn score(value: f32) -> String {
    // Adding zero turns -0 into 0.
    format!("{:.2}", (f64::from(value) * 100.0).round() / 100.0 + 0.0)
}

/// A score with three decimals, where differences are small.
pub(crate) fn fine_score(value: f64) -> String {
    format!("{:.3}", (value * 1e3).round() / 1e3 + 0.0)
}

/// Names as [`listed`], the first few and how many others.
pub(crate) fn listed_few(names: &[&str], noun: &str) -> String {
    const FEW: usize = 6;
    match names.len().saturating_sub(FEW) {
        0 => listed(names),
        more => format!("{} and {}", names[..FEW].join(", "), counted(more, &format!("more {noun}"))),
    }
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// A day: `4 November 2025`.
pub(crate) fn day(date: Date) -> String {
    format!("{} {}", date.day(), month_and_year(date))
}

/// From one day to another: `4 November 2025`, `3 to 5 November 2025`, `30 October 2025 to 5 November 2025`.
pub(crate) fn days(from: Date, to: Date) -> String {
    if from == to {
        return day(from);
    }
    let start = if from.first_of_month() == to.first_of_month() { from.day().to_string() } else { day(from) };
    format!("{start} to {}", day(to))
}

fn month_and_year(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// Cells of a bar drawn in full.
const BAR_CELLS: usize = 10;

/// A bar for a share of 0 to 1; any share above nothing shows.
pub(crate) fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let wanted = (share.clamp(0.0, 1.0) * (BAR_CELLS * 8) as f64).round() as usize;
    let eighths = if share > 0.0 { wanted.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A word as a POSIX shell takes it for itself, whatever is in it: the name of a file may be anything.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let word = if word.starts_with('-') && word.len() > 1 { format!("./{word}") } else { word.to_owned() };
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_file_name_is_one_word_of_the_command_and_never_a_command_itself() {
        assert_eq!(quoted("news/a-1.txt"), "news/a-1.txt");
        assert_eq!(quoted("a.txt $(touch b).txt"), "'a.txt $(touch b).txt'");
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
        assert_eq!(quoted("--open"), "'./--open'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_counted() {
        assert_eq!((number(74), number(1_234_567)), ("74".to_owned(), "1,234,567".to_owned()));
        assert_eq!((counted(1, "outlet"), counted(0, "outlet")), ("1 outlet".to_owned(), "0 outlets".to_owned()));
    }

    #[test]
    fn a_small_share_is_told_from_none() {
        assert_eq!([percent(0, 9), percent(1, 1000), percent(1, 3), percent(0, 0)], ["0", "<1", "33", "0"]);
        assert_eq!([bar(0.0), bar(0.0001), bar(0.5), bar(1.0)], ["", "▏", "█████", "██████████"]);
    }

    #[test]
    fn days_are_said_once() {
        assert_eq!(days(date(2025, 11, 4), date(2025, 11, 4)), "4 November 2025");
        assert_eq!(days(date(2025, 11, 3), date(2025, 11, 5)), "3 to 5 November 2025");
        assert_eq!(days(date(2025, 10, 30), date(2025, 11, 5)), "30 October 2025 to 5 November 2025");
    }
}
