//! Dates in running text, as far as they are given, and whether two of them can be the same.
//!
//! "November 4, 2025", "4 November", "2025-11-04", "Tuesday", "late 2026", "the 1990s", "10:30 p.m.", "yesterday", "last
//! year". With the article's date a relative one is a date, and a weekday compares with one. Not here: the words of
//! the calendar (`calendar`), other figures (`figures`).

use std::ops::Range;

use jiff::civil::Date as Day;

use super::calendar::{Relative, month, relative, weekday, weekday_name, weekday_of};
use crate::text::Word;

/// A date as far as it is given.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Date {
    /// 1900 to 2100: outside, four digits are more often a number of things.
    year: Option<u32>,
    /// The year is the first of ten: "the 1990s".
    decade: bool,
    /// 1 to 12.
    month: Option<u32>,
    /// 1 to 31.
    day: Option<u32>,
    /// Monday 0.
    weekday: Option<u32>,
    /// Named part of the year or month.
    part: Option<Part>,
    /// Minutes from midnight, and whether "a.m." or "p.m." said which half of the day.
    clock: Option<(u32, bool)>,
    /// Steps from the article's day.
    relative: Option<Relative>,
    /// Something ends with it: "by", "through", "until".
    until: bool,
    /// When the article was published.
    article: Option<Day>,
}

/// A part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// "early", "the start of", "the beginning of".
    Early,
    /// "mid".
    Mid,
    /// "late", "the end of".
    Late,
}

/// Words before a month that stands alone: "march" and "may" are verbs too.
const BEFORE_MONTH: &[&str] =
    &["in", "of", "last", "since", "until", "by", "through", "from", "early", "late", "mid", "this", "next", "to"];

/// Where dates are read: a text, its words, and the day its article was published.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Its words.
    pub(super) words: &'a [Word],
    /// The article's date.
    pub(super) date: Option<Day>,
}

/// The date that word `at` begins, and the words it takes.
pub(super) fn date(page: Page, at: usize) -> Option<(Date, Range<usize>)> {
    let (part, first) = part(page, at);
    let (found, next) = page.core(first).filter(|(found, _)| part.is_none() || found.has_part())?;
    Some((Date { part, until: page.until(at), article: page.date, ..found }, at..next))
}

/// "late", "the end of" at word `at`, and the word after.
fn part(page: Page, at: usize) -> (Option<Part>, usize) {
    let the = |next: usize| next + usize::from(page.form(next) == "the");
    match (page.form(at), page.form(at + 1)) {
        ("late", _) => (Some(Part::Late), the(at + 1)),
        ("early", _) => (Some(Part::Early), the(at + 1)),
        ("mid", _) => (Some(Part::Mid), the(at + 1)),
        ("end", "of") => (Some(Part::Late), the(at + 2)),
        ("start" | "beginning", "of") => (Some(Part::Early), the(at + 2)),
        _ => (None, at),
    }
}

impl Page<'_> {
    fn form(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.form.as_str())
    }

    fn gap(&self, at: usize) -> &str {
        let between = self.words.get(at).zip(self.words.get(at + 1));
        between.and_then(|(a, b)| self.text.get(a.span.end..b.span.start)).unwrap_or_default()
    }

    fn is_capital(&self, at: usize) -> bool {
        let first = self.words.get(at).and_then(|word| self.text.get(word.span.clone())?.chars().next());
        first.is_some_and(char::is_uppercase)
    }

    fn until(&self, at: usize) -> bool {
        let back = |steps: usize| at.checked_sub(steps).map_or("", |index| self.form(index));
        let before = if back(1) == "the" { back(2) } else { back(1) };
        matches!(before, "by" | "through" | "until" | "till" | "before")
    }

    fn core(&self, at: usize) -> Option<(Date, usize)> {
        let none = Date::default();
        self.iso(at)
            .or_else(|| self.clock(at))
            .or_else(|| self.with_weekday(at))
            .or_else(|| self.month_and_day(at))
            .or_else(|| year(self.form(at)).map(|(year, decade)| (Date { year: Some(year), decade, ..none }, at + 1)))
            .or_else(|| self.relative(at))
    }

    fn iso(&self, at: usize) -> Option<(Date, usize)> {
        let (year, _) = year(self.form(at))?;
        let number = |at: usize, most: u32| self.form(at).parse().ok().filter(|n| (1..=most).contains(n));
        let joined = self.gap(at) == "-" && self.gap(at + 1) == "-";
        let (month, day) = (number(at + 1, 12), number(at + 2, 31));
        (joined && month.is_some() && day.is_some())
            .then_some((Date { year: Some(year), month, day, ..Date::default() }, at + 3))
    }

    /// "10 a.m.", "10:30 p.m.", "10:30", "noon", "midnight".
    fn clock(&self, at: usize) -> Option<(Date, usize)> {
        let told = |minutes, sure| Some(Date { clock: Some((minutes, sure)), ..Date::default() });
        match self.form(at) {
            "noon" => return told(12 * 60, true).map(|date| (date, at + 1)),
            "midnight" => return told(0, true).map(|date| (date, at + 1)),
            _ => {}
        }
        let (digits, joined) = split_half(self.form(at));
        let hour: u32 = digits.parse().ok().filter(|hour| *hour < 24 && digits.len() <= 2)?;
        let minutes = self.form(at + 1);
        let (minutes, half_joined) = split_half(minutes);
        let timed = self.gap(at) == ":" && minutes.len() == 2;
        let (minute, next, joined) =
            if timed { (minutes.parse().ok()?, at + 2, half_joined) } else { (0, at + 1, joined) };
        let spaced = half(self.form(next)).filter(|_| self.gap(next - 1).trim().is_empty());
        match joined.or(spaced) {
            Some(half) => {
                told((hour % 12 + half) * 60 + minute, true).map(|date| (date, next + usize::from(joined.is_none())))
            }
            None if timed => told(hour * 60 + minute, hour > 12).map(|date| (date, next)),
            None => None,
        }
    }

    fn with_weekday(&self, at: usize) -> Option<(Date, usize)> {
        let weekday = weekday(self.form(at)).filter(|_| self.is_capital(at))?;
        let date =
            self.month_and_day(at + 1).filter(|(date, _)| date.day.is_some() && self.gap(at).trim_end().len() <= 1);
        let (date, next) = date.unwrap_or((Date::default(), at + 1));
        Some((Date { weekday: Some(weekday), ..date }, next))
    }

    /// "Nov. 4, 2025", "4 November", "November 2025", "in November".
    fn month_and_day(&self, at: usize) -> Option<(Date, usize)> {
        let near = |at: usize| self.gap(at).trim_matches(['.', ' ', ',', '\u{a0}']).is_empty();
        if let Some(day) = day(self.form(at)) {
            let month = month(self.form(at + 1)).filter(|_| near(at) && self.is_capital(at + 1))?;
            return Some(self.with_year(Date { month: Some(month), day: Some(day), ..Date::default() }, at + 2));
        }
        let month = month(self.form(at)).filter(|_| self.is_capital(at))?;
        let day = day(self.form(at + 1)).filter(|_| near(at));
        let alone = at.checked_sub(1).is_some_and(|before| BEFORE_MONTH.contains(&self.form(before)));
        let dated =
            self.with_year(Date { month: Some(month), day, ..Date::default() }, at + 1 + usize::from(day.is_some()));
        (day.is_some() || dated.0.year.is_some() || alone).then_some(dated)
    }

    fn with_year(&self, date: Date, next: usize) -> (Date, usize) {
        let near = next.checked_sub(1).is_some_and(|at| self.gap(at).trim_matches(['.', ' ', ',']).is_empty());
        match year(self.form(next)).filter(|(_, decade)| near && !decade) {
            Some((year, _)) => (Date { year: Some(year), ..date }, next + 1),
            None => (date, next),
        }
    }

    fn relative(&self, at: usize) -> Option<(Date, usize)> {
        let (said, words) = relative(self.form(at), self.form(at + 1))?;
        let day = self.date.and_then(|date| said.from(date));
        Some((Date { relative: Some(said), ..day.map_or(Date::default(), |day| of_day(said, day)) }, at + words))
    }
}

/// What of a day a relative date names: all of it, its month, its year; a week has no date.
fn of_day(said: Relative, day: Day) -> Date {
    use super::calendar::Step;
    let (year, month) = (Some(i32::from(day.year()).unsigned_abs()), Some(i32::from(day.month()).unsigned_abs()));
    let none = Date::default();
    match said.step {
        Step::Day => {
            Date { year, month, day: Some(i32::from(day.day()).unsigned_abs()), weekday: Some(weekday_of(day)), ..none }
        }
        Step::Month => Date { year, month, ..none },
        Step::Year => Date { year, ..none },
        Step::Week => none,
    }
}

/// Hours that "a.m." and "p.m." add.
fn half(form: &str) -> Option<u32> {
    match form {
        "am" | "a.m" => Some(0),
        "pm" | "p.m" => Some(12),
        _ => None,
    }
}

/// "10am": the digits and the half of the day.
fn split_half(form: &str) -> (&str, Option<u32>) {
    let end = form.find(|c: char| !c.is_ascii_digit()).unwrap_or(form.len());
    let (digits, rest) = form.split_at(end);
    match half(rest) {
        Some(half) => (digits, Some(half)),
        None => (form, None),
    }
}

/// "2026", and "1990s" as the first year of ten.
fn year(form: &str) -> Option<(u32, bool)> {
    let (digits, decade) = form.strip_suffix("0s").map_or((form, false), |_| (&form[..form.len() - 1], true));
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|year| plain && (1900..=2100).contains(year)).map(|year| (year, decade))
}

/// "4", "4th".
fn day(form: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| form.strip_suffix(end)).unwrap_or(form);
    digits.parse().ok().filter(|day| digits.len() <= 2 && (1..=31).contains(day))
}

fn apart<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

impl Date {
    /// Whether something ends with it: "by", "through", "until".
    pub(super) fn is_end(&self) -> bool {
        self.until
    }

    /// A year and no more, which may be a number of things.
    pub(super) fn is_bare_year(&self) -> bool {
        self.year.is_some() && self.month.is_none() && self.relative.is_none() && !self.decade && self.part.is_none()
    }

    fn has_part(&self) -> bool {
        self.clock.is_none() && self.day.is_none() && self.weekday.is_none()
    }

    /// Whether both may be the same time, as far as both say.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (self.clock, other.clock) {
            return a.0 == b.0 || (!(a.1 && b.1) && a.0 % 720 == b.0 % 720);
        }
        let years = |date: &Self| date.year.map(|year| if self.decade || other.decade { year / 10 } else { year });
        let differs = apart(years(self), years(other))
            || apart(self.month, other.month)
            || apart(self.day, other.day)
            || apart(self.part, other.part)
            || apart(self.day_of_week(), other.day_of_week())
            || self.counts_otherwise(other);
        !differs
    }

    /// Whether both give the same time in the same parts: a year does not say a day of it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let plain = |date: &Self| Self { until: false, article: None, relative: None, ..*date };
        let named = |date: &Self| date.relative.filter(|_| date.year.is_none());
        plain(self) == plain(other) && named(self) == named(other)
    }

    /// "last year" and "last month", where no article's date tells: "yesterday" and "today" may be one day.
    fn counts_otherwise(&self, other: &Self) -> bool {
        use super::calendar::Step;
        let Some((a, b)) = self.relative.zip(other.relative) else { return false };
        let same_day = self.article == other.article;
        let days = a.step == Step::Day && b.step == Step::Day;
        a != b && same_day && (!days || self.article.is_some())
    }

    /// The day of the week it says or falls on; a day without its year in the year of the article.
    fn day_of_week(&self) -> Option<u32> {
        self.weekday.or_else(|| self.resolved().map(weekday_of))
    }

    fn resolved(&self) -> Option<Day> {
        let year = match self.year {
            Some(year) => year as i16,
            None => self.nearest_year()?,
        };
        Day::new(year, self.month? as i8, self.day? as i8).ok()
    }

    /// The year in which a day of a month is nearest to the article's.
    fn nearest_year(&self) -> Option<i16> {
        let article = self.article?;
        let (month, day) = (self.month? as i8, self.day? as i8);
        let away = |year: i16| {
            let day = Day::new(year, month, day).ok()?;
            Some((article.until(day).ok()?.get_days().unsigned_abs(), year))
        };
        (article.year() - 1..=article.year() + 1).filter_map(away).min().map(|(_, year)| year)
    }

    /// The date in one form: "2025-11-04", "2025-11", "late 2026", "Tuesday", "11-04", "22:30".
    pub(super) fn written(&self) -> String {
        if let Some((minutes, _)) = self.clock {
            return format!("{:02}:{:02}", minutes / 60, minutes % 60);
        }
        let part = match self.part {
            Some(Part::Early) => "early ",
            Some(Part::Mid) => "mid ",
            Some(Part::Late) => "late ",
            None => "",
        };
        let numbers = [self.year, self.month, self.day].into_iter().flatten().map(|number| format!("{number:02}"));
        let numbers = numbers.collect::<Vec<_>>().join("-") + if self.decade { "s" } else { "" };
        match (numbers.is_empty(), self.weekday, self.relative) {
            (false, _, _) => format!("{part}{numbers}"),
            (true, Some(weekday), _) => weekday_name(weekday).to_owned(),
            (true, None, Some(relative)) => format!("{part}{}", relative.written()),
            (true, None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn dates(text: &str, article: Option<Day>) -> Vec<Date> {
        let words = words(text);
        let page = Page { text, words: &words, date: article };
        let (mut at, mut found) = (0, Vec::new());
        while at < words.len() {
            let read = date(page, at);
            at = read.as_ref().map_or(at + 1, |(_, taken)| taken.end);
            found.extend(read.map(|(date, _)| date));
        }
        found
    }

    fn read(text: &str) -> Vec<String> {
        dates(text, None).iter().map(Date::written).collect()
    }

    fn agree(left: &str, right: &str) -> bool {
        let article = Some(jiff::civil::date(2025, 11, 5));
        let (a, b) = (dates(left, article), dates(right, article));
        assert_eq!(a[0].agrees(&b[0]), b[0].agrees(&a[0]));
        a[0].agrees(&b[0])
    }

    #[test]
    fn every_way_of_writing_a_date() {
        assert_eq!(read("on November 4, 2025 and 4 November 2025 and 2025-11-04 and Nov. 4, 2025"), ["2025-11-04"; 4]);
        assert_eq!(read("by end of 2026, by the end of 2026, in late 2026"), ["late 2026"; 3]);
        assert_eq!(read("in November 2025, early 2026 or 2027"), ["2025-11", "early 2026", "2027"]);
        assert_eq!(read("1850 ships, 2,026 planes"), Vec::<String>::new());
    }

    #[test]
    fn days_without_a_year_weekdays_and_times_are_dates() {
        assert_eq!(read("on Nov. 4 and 4 November, on the 4th"), ["11-04", "11-04"]);
        assert_eq!(read("Tuesday, last year and in the 1990s"), ["tuesday", "last year", "1990s"]);
        assert_eq!(read("at 10:30 p.m., 10pm, 9 a.m. and noon"), ["22:30", "22:00", "09:00", "12:00"]);
        assert_eq!(read("they may march in May"), ["05"]);
    }

    #[test]
    fn dates_agree_as_far_as_both_say() {
        assert!(agree("late 2026", "end of 2026") && agree("2026", "late 2026"));
        assert!(!agree("early 2026", "end of 2026") && !agree("2026", "2027"));
        assert!(agree("Nov. 4", "November 4, 2025") && !agree("Nov. 4", "Nov. 5"));
    }

    #[test]
    fn weekdays_and_relative_days_compare_by_the_article_s_date() {
        assert!(agree("Tuesday", "Nov. 4, 2025") && !agree("Monday", "Nov. 4, 2025"));
        assert!(agree("yesterday", "Tuesday") && !agree("yesterday", "Monday") && !agree("Monday", "Friday"));
        assert!(agree("last year", "2024") && !agree("last year", "2023"));
        assert!(!dates("Tuesday", None)[0].agrees(&dates("Nov. 3, 2025 ", None)[0]));
        assert!(dates("Tuesday", None)[0].agrees(&dates("Nov. 4", None)[0]));
    }
}
