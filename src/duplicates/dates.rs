//! Dates in running text: years, months and days, with the part of the year they name.
//!
//! "November 4, 2025", "4 November 2025", "2025-11-04", "November 2025", "late 2026", "by the end of 2026",
//! "2027". A day or month without a year is none. Not here: other figures (`figures`).

use std::ops::Range;

use crate::text::Word;

/// A date as far as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// 1900 to 2100: outside, four digits are more often a number of things.
    pub(super) year: u32,
    /// 1 to 12.
    pub(super) month: Option<u32>,
    /// 1 to 31.
    pub(super) day: Option<u32>,
    /// Named part of the year.
    pub(super) part: Option<Part>,
}

/// A part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// "early", "the start of", "the beginning of".
    Early,
    /// "mid".
    Mid,
    /// "late", "the end of".
    Late,
}

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The date whose year is word `at`, or which word `at` begins in ISO form, and the words it takes.
pub(super) fn date(text: &str, words: &[Word], at: usize) -> Option<(Date, Range<usize>)> {
    let year = year(&words.get(at)?.form)?;
    if let Some(date) = iso(text, words, at, year) {
        return Some((date, at..at + 3));
    }
    let none = Date { year, month: None, day: None, part: None };
    if let Some((month, first)) = month_before(words, at) {
        let (day, first) = day_near(words, first, at);
        return Some((Date { month: Some(month), day, ..none }, first..at + 1));
    }
    let (part, first) = part_before(words, at);
    Some((Date { part, ..none }, first..at + 1))
}

fn year(form: &str) -> Option<u32> {
    let plain = form.len() == 4 && form.bytes().all(|byte| byte.is_ascii_digit());
    form.parse().ok().filter(|year| plain && (1900..=2100).contains(year))
}

fn iso(text: &str, words: &[Word], at: usize, year: u32) -> Option<Date> {
    let (month, day) = (words.get(at + 1)?, words.get(at + 2)?);
    let dashed = |a: &Word, b: &Word| &text[a.span.end..b.span.start] == "-";
    let number = |word: &Word, most: u32| word.form.parse().ok().filter(|n| (1..=most).contains(n));
    let joined = dashed(&words[at], month) && dashed(month, day);
    joined.then_some(())?;
    Some(Date { year, month: Some(number(month, 12)?), day: Some(number(day, 31)?), part: None })
}

/// The month among the two words before the year, and the first word of what is taken.
fn month_before(words: &[Word], at: usize) -> Option<(u32, usize)> {
    let named = |index: usize| month(&words[index].form).map(|month| (month, index));
    let day_between = || at >= 2 && day(&words[at - 1].form).is_some();
    at.checked_sub(1).and_then(named).or_else(|| day_between().then(|| named(at - 2))?)
}

/// The number of a month's name, in full or short: "november", "nov".
pub(super) fn month(form: &str) -> Option<u32> {
    let short = |name: &str| form == &name[..3] || (form == "sept" && name == "september");
    MONTHS.iter().position(|name| *name == form || short(name)).map(|index| index as u32 + 1)
}

fn day(form: &str) -> Option<u32> {
    form.parse().ok().filter(|day| (1..=31).contains(day))
}

/// The day between the month and the year, or before the month.
fn day_near(words: &[Word], month: usize, year: usize) -> (Option<u32>, usize) {
    if year == month + 2 {
        return (day(&words[month + 1].form), month);
    }
    match month.checked_sub(1).and_then(|before| day(&words[before].form)) {
        Some(day) => (Some(day), month - 1),
        None => (None, month),
    }
}

fn part_before(words: &[Word], at: usize) -> (Option<Part>, usize) {
    let back = |steps: usize| at.checked_sub(steps).map_or("", |index| words[index].form.as_str());
    match (back(2), back(1)) {
        (_, "late") => (Some(Part::Late), at - 1),
        (_, "early") => (Some(Part::Early), at - 1),
        (_, "mid") => (Some(Part::Mid), at - 1),
        ("end", "of") => (Some(Part::Late), at - 2),
        ("start" | "beginning", "of") => (Some(Part::Early), at - 2),
        _ => (None, at),
    }
}

impl Date {
    /// Whether both may be the same day, as far as both say.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        fn either<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        self.year == other.year
            && either(self.month, other.month)
            && either(self.day, other.day)
            && either(self.part, other.part)
    }

    /// The date in one form: "2025-11-04", "2025-11", "late 2026", "2027".
    pub(super) fn written(&self) -> String {
        let part = match self.part {
            Some(Part::Early) => "early ",
            Some(Part::Mid) => "mid ",
            Some(Part::Late) => "late ",
            None => "",
        };
        let month = self.month.map_or(String::new(), |month| format!("-{month:02}"));
        let day = self.day.map_or(String::new(), |day| format!("-{day:02}"));
        format!("{part}{}{month}{day}", self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn read(text: &str) -> Vec<String> {
        let words = words(text);
        (0..words.len()).filter_map(|at| date(text, &words, at)).map(|(date, _)| date.written()).collect()
    }

    #[test]
    fn every_way_of_writing_a_date() {
        assert_eq!(read("on November 4, 2025 and 4 November 2025 and 2025-11-04 and Nov. 4, 2025"), ["2025-11-04"; 4]);
        assert_eq!(read("by end of 2026, by the end of 2026, in late 2026"), ["late 2026"; 3]);
        assert_eq!(read("in November 2025, early 2026 or 2027"), ["2025-11", "early 2026", "2027"]);
        assert_eq!(read("1850 ships, 2,026 planes, on November 4"), Vec::<String>::new());
    }

    #[test]
    fn dates_agree_as_far_as_both_say() {
        let date = |text: &str| {
            let words = words(text);
            (0..words.len()).find_map(|at| date(text, &words, at)).unwrap().0
        };
        assert!(date("late 2026").agrees(&date("end of 2026")) && date("2026").agrees(&date("late 2026")));
        assert!(!date("early 2026").agrees(&date("end of 2026")) && !date("2026").agrees(&date("2027")));
    }
}
