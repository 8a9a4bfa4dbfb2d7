//! Numbers as texts write them: "38", "500,000", "1.4 trillion", "seven", "38bn", "hundreds of thousands".
//!
//! A number is exact, with as many significant digits as were written, or vague. Not here: what it
//! measures (`figures`), whether a minus stands before it (`signs`).

use crate::text::Word;

/// A number and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    /// A value, and how many significant digits its numeral has.
    Exact {
        /// The value, magnitude included.
        value: f64,
        /// Significant digits written: 2 for "38 billion" and for "1.4 trillion".
        digits: u32,
    },
    /// Only an order of magnitude, in words: "hundreds of thousands".
    Vague(String),
}

impl Number {
    /// The same below zero. Nothing and a vague number have no other side.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Exact { value, digits } if value != 0.0 => Self::Exact { value: -value, digits },
            other => other,
        }
    }
}

/// A number among the words of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numeral {
    /// What it says.
    pub(super) number: Number,
    /// The first word after it.
    pub(super) next: usize,
    /// Written with a letter for the magnitude ("5m", "2k"), which outside money may be a unit.
    pub(super) lettered: bool,
}

const SPELLED: &[(&str, f64)] = &[
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("dozen", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
];

const MAGNITUDES: &[(&str, f64)] = &[
    ("dozen", 12.0),
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
    ("mn", 1e6),
    ("bn", 1e9),
    ("tn", 1e12),
];

const LETTERS: &[(&str, f64)] =
    &[("k", 1e3), ("m", 1e6), ("b", 1e9), ("t", 1e12), ("mn", 1e6), ("bn", 1e9), ("tn", 1e12)];

const VAGUE: &[&str] = &["dozens", "tens", "hundreds", "thousands", "millions", "billions", "trillions"];

/// The number that begins at word `at`, if one does.
pub(super) fn numeral(text: &str, words: &[Word], at: usize) -> Option<Numeral> {
    vague(text, words, at).or_else(|| exact(text, words, at))
}

fn lookup(table: &[(&str, f64)], form: &str) -> Option<f64> {
    table.iter().find(|(name, _)| *name == form).map(|&(_, value)| value)
}

/// Whether a word is a number in letters: "seven".
pub(super) fn is_spelled(form: &str) -> bool {
    lookup(SPELLED, form).is_some()
}

/// Whether two words follow one another with only white space or a hyphen between them.
pub(super) fn adjoin(text: &str, before: &Word, next: &Word) -> bool {
    text[before.span.end..next.span.start].chars().all(|c| c.is_whitespace() || is_hyphen(c))
}

/// Whether two words are written as one with a hyphen.
pub(super) fn hyphenated(text: &str, before: &Word, next: &Word) -> bool {
    let gap = &text[before.span.end..next.span.start];
    !gap.is_empty() && gap.chars().all(is_hyphen)
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑')
}

fn vague(text: &str, words: &[Word], at: usize) -> Option<Numeral> {
    let follows = |next: usize| next < words.len() && adjoin(text, &words[next - 1], &words[next]);
    let mut said = words.get(at).filter(|word| VAGUE.contains(&word.form.as_str()))?.form.clone();
    let mut next = at + 1;
    while next + 1 < words.len() && words[next].form == "of" && follows(next) && follows(next + 1) {
        if !VAGUE.contains(&words[next + 1].form.as_str()) {
            break;
        }
        said = format!("{said} of {}", words[next + 1].form);
        next += 2;
    }
    Some(Numeral { number: Number::Vague(said), next, lettered: false })
}

fn exact(text: &str, words: &[Word], at: usize) -> Option<Numeral> {
    let form = words.get(at)?.form.as_str();
    let (mut value, digits, lettered) = match lookup(SPELLED, form) {
        Some(value) => (value, significant(&value.to_string()), false),
        None if after_point(text, &words[at]) => in_digits(&format!("0.{form}"))?,
        None => in_digits(form)?,
    };
    let mut next = at + 1;
    if let Some(ones) = ones(text, words, at, value) {
        value += ones;
        next += 1;
    }
    while let Some(word) = words.get(next).filter(|word| adjoin(text, &words[next - 1], word)) {
        let Some(times) = lookup(MAGNITUDES, &word.form) else { break };
        value *= times;
        next += 1;
    }
    Some(Numeral { number: Number::Exact { value, digits }, next, lettered })
}

/// Whether a number begins with its decimal point: ".20", "-.5".
pub(super) fn after_point(text: &str, word: &Word) -> bool {
    let before = text.get(..word.span.start).and_then(|before| before.strip_suffix('.'));
    before.is_some_and(|before| before.is_empty() || before.ends_with([' ', '$', '(', '-', '−', '+']))
}

/// The "five" of "twenty-five".
fn ones(text: &str, words: &[Word], at: usize, tens: f64) -> Option<f64> {
    let next = words.get(at + 1).filter(|next| hyphenated(text, &words[at], next))?;
    let spelled = lookup(SPELLED, &words[at].form).is_some() && (20.0..100.0).contains(&tens);
    lookup(SPELLED, &next.form).filter(|ones| spelled && (1.0..10.0).contains(ones))
}

/// "1.4", "500,000", "38bn": value, significant digits, and whether a letter gives the magnitude.
fn in_digits(form: &str) -> Option<(f64, u32, bool)> {
    let end = form.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(form.len());
    let (number, letters) = form.split_at(end);
    let times = if letters.is_empty() { 1.0 } else { lookup(LETTERS, letters)? };
    let plain = without_commas(number)?;
    let value: f64 = plain.parse().ok()?;
    Some((value * times, significant(&plain), letters.len() == 1))
}

/// Commas only where they part thousands: "3,5" may be three and a half.
fn without_commas(number: &str) -> Option<String> {
    let whole = number.split('.').next().unwrap_or_default();
    let mut parts = whole.split(',');
    let first = parts.next().unwrap_or_default();
    let grouped = !whole.contains(',') || (first.len() <= 3 && parts.all(|part| part.len() == 3));
    let starts = number.starts_with(|c: char| c.is_ascii_digit());
    (grouped && starts).then(|| number.replace(',', ""))
}

fn significant(plain: &str) -> u32 {
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let shown = if plain.contains('.') { digits.as_str() } else { digits.trim_end_matches('0') };
    shown.trim_start_matches('0').len().max(1) as u32
}

/// Rounds to so many significant digits.
pub(super) fn rounded(value: f64, digits: u32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powi(digits as i32 - 1 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// A value as people write it: "38 billion", "500,000", "-1.4 trillion".
pub(super) fn written(value: f64) -> String {
    if value < 0.0 {
        return format!("-{}", written(-value));
    }
    let scaled = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")].into_iter().find(|(at, _)| value >= *at);
    match scaled {
        Some((at, name)) => format!("{} {name}", rounded(value / at, 12)),
        None => with_commas(&rounded(value, 12).to_string()),
    }
}

fn with_commas(plain: &str) -> String {
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn read(text: &str) -> Option<Number> {
        numeral(text, &words(text), 0).map(|numeral| numeral.number)
    }

    fn exact(value: f64, digits: u32) -> Option<Number> {
        Some(Number::Exact { value, digits })
    }

    #[test]
    fn digits_words_letters_and_magnitudes() {
        assert_eq!(read("38 billion dollars"), exact(38e9, 2));
        assert_eq!(read("38bn"), exact(38e9, 2));
        assert_eq!(read("500,000 chips"), exact(500_000.0, 1));
        assert_eq!(read("1.4 trillion"), exact(1.4e12, 2));
        assert_eq!(read("seven-year"), exact(7.0, 1));
        assert_eq!(read("two hundred thousand"), exact(200_000.0, 1));
        assert_eq!(read("twenty-five ships"), exact(25.0, 1));
        assert_eq!(read("two dozen ships"), exact(24.0, 1));
        assert_eq!(read("hundreds of thousands of chips"), Some(Number::Vague("hundreds of thousands".to_owned())));
    }

    #[test]
    fn names_ordinals_and_decimal_commas_are_no_numbers() {
        for text in ["GB200", "4th", "3,5", "5g", "none"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_written_as_people_do() {
        assert_eq!(
            [38e9, 1.4e12, 500_000.0, 7.0, 1234.5, -38e9, -1234.5, -100.0].map(written),
            ["38 billion", "1.4 trillion", "500,000", "7", "1,234.5", "-38 billion", "-1,234.5", "-100"]
        );
        assert_eq!(rounded(37.8, 2), 38.0);
    }
}
