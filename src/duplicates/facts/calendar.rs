//! The words of the calendar: months, days of the week, and the days that only an article's date makes a date.
//!
//! Not here: dates put together from them (`dates`).

use jiff::civil::Date as Day;
use jiff::{Span, ToSpan};

/// A stretch of the calendar that "last" and "next" count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Day,
    Week,
    Month,
    Year,
}

/// So many steps from the day of the article: "last year" is one year back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relative {
    /// What is counted.
    pub(super) step: Step,
    /// How many: negative in the past.
    pub(super) by: i32,
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

const WEEKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The number of a month's name, 1 to 12, in full or short: "november", "nov".
pub(super) fn month(form: &str) -> Option<u32> {
    let short = |name: &str| name.get(..3) == Some(form) || (form == "sept" && name == "september");
    MONTHS.iter().position(|name| *name == form || short(name)).map(|index| index as u32 + 1)
}

/// The number of a day of the week, Monday 0, in full or short: "tuesday", "tues", "tue".
pub(super) fn weekday(form: &str) -> Option<u32> {
    let short = |name: &str| form.len() >= 3 && form.len() <= 5 && name.starts_with(form);
    WEEKDAYS.iter().position(|name| *name == form || short(name)).map(|index| index as u32)
}

/// The name of a day of the week.
pub(super) fn weekday_name(weekday: u32) -> &'static str {
    WEEKDAYS.get(weekday as usize).copied().unwrap_or_default()
}

/// The day of the week, Monday 0.
pub(super) fn weekday_of(day: Day) -> u32 {
    day.weekday().to_monday_zero_offset().unsigned_abs().into()
}

/// "yesterday", "last year", "next week": what two words say, and how many of them.
pub(super) fn relative(first: &str, second: &str) -> Option<(Relative, usize)> {
    let day = |by| Some((Relative { step: Step::Day, by }, 1));
    match first {
        "yesterday" => day(-1),
        "today" | "tonight" => day(0),
        "tomorrow" => day(1),
        _ => {
            let by = match first {
                "last" | "previous" => -1,
                "this" => 0,
                "next" => 1,
                _ => return None,
            };
            step(second).map(|step| (Relative { step, by }, 2))
        }
    }
}

fn step(form: &str) -> Option<Step> {
    match form {
        "week" => Some(Step::Week),
        "month" => Some(Step::Month),
        "year" => Some(Step::Year),
        _ => None,
    }
}

impl Relative {
    /// The day so many steps from `day`, if the calendar has it.
    pub(super) fn from(self, day: Day) -> Option<Day> {
        let span: Span = match self.step {
            Step::Day => self.by.days(),
            Step::Week => self.by.weeks(),
            Step::Month => self.by.months(),
            Step::Year => self.by.years(),
        };
        day.checked_add(span).ok()
    }

    /// In words: "last year", "today".
    pub(super) fn written(self) -> String {
        let name = match (self.step, self.by) {
            (Step::Day, by) if by < 0 => return "yesterday".to_owned(),
            (Step::Day, 0) => return "today".to_owned(),
            (Step::Day, _) => return "tomorrow".to_owned(),
            (Step::Week, _) => "week",
            (Step::Month, _) => "month",
            (Step::Year, _) => "year",
        };
        let which = ["last", "this", "next"].get((self.by + 1).unsigned_abs() as usize).copied().unwrap_or_default();
        format!("{which} {name}")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_and_weekdays_have_short_forms() {
        assert_eq!(["november", "nov", "sept", "mars"].map(month), [Some(11), Some(11), Some(9), None]);
        assert_eq!(["tuesday", "tue", "tues", "we"].map(weekday), [Some(1), Some(1), Some(1), None]);
    }

    #[test]
    fn relative_days_are_counted_from_the_article() {
        let article = date(2025, 11, 4);
        let said = |a, b| relative(a, b).and_then(|(relative, _)| relative.from(article));
        assert_eq!(said("yesterday", ""), Some(date(2025, 11, 3)));
        assert_eq!(said("last", "year"), Some(date(2024, 11, 4)));
        assert_eq!(said("last", "word"), None);
    }
}
