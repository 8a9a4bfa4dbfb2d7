//! Dates as pages write them, and datelines: lines that hold a date, a place or a byline and no more.
//!
//! English month names; a day and a month as two figures are read only where one order is possible.
//! Not here: which date an article takes (`gather`).

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use regex::{Captures, Regex};

/// A date in a text; `date` is none where day and month cannot be told apart or there is no such day.
struct Found {
    span: Range<usize>,
    date: Option<Date>,
}

const MONTH: &str = r"(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?";

/// How dates are written, most exact first.
static WRITTEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        r"\b(?<year>\d{4})(?:-(?<m>\d{1,2})-|/(?<m2>\d{1,2})/|\.(?<m3>\d{1,2})\.)(?<day>\d{1,2})(?:T|\b)".to_owned(),
        format!(r"\b(?<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+|-)(?:of\s+)?{MONTH}(?:,?\s+|-)(?<year>\d{{4}})\b"),
        format!(r"\b{MONTH}\s+(?<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?<year>\d{{4}})\b"),
        r"\b(?<day>\d{1,2})\.\s?(?<m>\d{1,2})\.\s?(?<year>\d{4})\b".to_owned(),
        r"\b(?<left>\d{1,2})[/-](?<right>\d{1,2})[/-](?<year>\d{4})\b".to_owned(),
        r"(?<year>\d{4})\s?年\s?(?<m>\d{1,2})\s?月\s?(?<day>\d{1,2})\s?日".to_owned(),
    ];
    forms.iter().filter_map(|form| Regex::new(&format!("(?i){form}")).ok()).collect()
});

/// What stands beside a date without saying more than the date: times, zones, weekdays, "Updated".
static BESIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?\s?m\b\.?|h\b|Z\b)?|\b\d{1,2}\s?[ap]\.?m\b\.?|[+-]\d{2}:?\d{2}\b",
        r"|\b(?:[ecmp][sd]?t|gmt|utc|bst|cest?|ist|jst|hkt|sgt|aest|aedt|eastern|pacific)\b",
        r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?",
        r"|\b(?:first|last|originally)?\s*(?:published|updated|posted|modified|edited|created|released|issued|filed)\b",
        r"|\b(?:date|dated|time|on|at|by|and|read|in)\b|\b\d{1,3}[\s-]min(?:ute)?s?\b(?:\s+read\b)?|[\s,;:|/·•.()\[\]–—-]+",
    ))
    .ok()
});

static BYLINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?i:(?:written|story|words|text|reporting|reported|additional reporting|edited|editing|compiled|posted|published|analysis|opinion)\s+by|by|authors?:)\s+",
        r"(?:(?:\p{Lu}[\p{L}.'’-]*|and|in|of|for|at|the|de|da|di|la|le|van|von|der|den|bin|al|&|\||·|(?i:editing|reporting) by)[,;:]?\s*)+\.?$",
    ))
    .ok()
});

static AGO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:published|updated|posted)\s+)?(?:an?|one|\d{1,2})\s+(?:min(?:ute)?|hour|hr|day|week|month|year)s?\s+ago$").ok()
});

static WIRE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?<place>\p{Lu}[\p{Lu} .,'’/-]{2,})(?:,\s*\p{Lu}[a-z]{2,8}\.?\s+\d{1,2})?\s*\((?<agency>[\p{L} /]{2,})\)\s*[-–—]*$").ok()
});
/// Characters of a place and of an agency at most: longer ones are a headline. Counted here, for a counted repetition of
/// Unicode classes takes tens of milliseconds to compile.
const PLACE: usize = 60;
const AGENCY: usize = 30;

/// "SAN FRANCISCO, Nov 4 (Reuters) -"
fn is_wire(line: &str) -> bool {
    let found = WIRE.as_ref().and_then(|wire| wire.captures(line));
    let fits = |found: &Captures<'_>, name: &str, most: usize| found[name].chars().count() <= most;
    found.is_some_and(|found| fits(&found, "place", PLACE) && fits(&found, "agency", AGENCY))
}

/// The date a field or a line gives: ISO 8601, RFC 2822, the forms pages print, seconds or
/// milliseconds since 1970. None unless all of it is a date and what stands beside dates.
pub(crate) fn parse(raw: &str) -> Option<Date> {
    let raw = raw.trim();
    if raw.len() >= 8 && raw.bytes().all(|b| b.is_ascii_digit()) {
        return from_digits(raw);
    }
    let found = find(raw)?;
    rest(raw, &found.span).is_empty().then_some(found.date)?
}

/// `20251104`, or a Unix time in seconds or milliseconds.
fn from_digits(raw: &str) -> Option<Date> {
    let number: i64 = raw.parse().ok()?;
    let stamp = match raw.len() {
        8 => return Date::new((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok(),
        9 | 10 => Timestamp::from_second(number),
        12 | 13 => Timestamp::from_millisecond(number),
        _ => return None,
    };
    Some(stamp.ok()?.to_zoned(TimeZone::UTC).date())
}

/// The date in a dateline, wherever in the line it stands.
pub(crate) fn of_dateline(line: &str) -> Option<Date> {
    find(line)?.date
}

/// Why a short line is no prose but a dateline or byline, if it is one.
pub(crate) fn dateline(line: &str) -> Option<&'static str> {
    if line.len() > 160 || line.split_whitespace().count() > 16 {
        return None;
    }
    if BYLINE.as_ref().is_some_and(|byline| byline.is_match(line)) {
        return Some("byline");
    }
    let undated = is_wire(line) || AGO.as_ref().is_some_and(|ago| ago.is_match(line));
    let may_date = || line.bytes().any(|byte| byte.is_ascii_digit());
    (undated || (may_date() && is_dated_line(line))).then_some("dateline")
}

/// A date with nothing beside it but a place or names: "SAN FRANCISCO, Nov. 4, 2025".
fn is_dated_line(line: &str) -> bool {
    find(line).is_some_and(|found| {
        let rest = rest(line, &found.span);
        rest.len() <= 5 && rest.iter().all(|word| word.starts_with(char::is_uppercase))
    })
}

/// The words of a line that belong neither to the date nor beside it.
fn rest(line: &str, date: &Range<usize>) -> Vec<String> {
    let around = format!("{} {}", &line[..date.start], &line[date.end..]);
    // A second date beside the first: "Published ... Updated ...".
    let around = match find(&around) {
        Some(second) => format!("{} {}", &around[..second.span.start], &around[second.span.end..]),
        None => around,
    };
    let Some(beside) = BESIDE.as_ref() else { return Vec::new() };
    beside.replace_all(&around, " ").split_whitespace().map(str::to_owned).collect()
}

/// The first date written in a text.
fn find(text: &str) -> Option<Found> {
    let first = WRITTEN.iter().filter_map(|form| form.captures(text)).min_by_key(|found| found.get_match().start())?;
    let whole = first.get_match();
    Some(Found { span: whole.start()..whole.end(), date: date_of(&first) })
}

fn date_of(found: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().parse::<i8>().ok());
    let year: i16 = found.name("year")?.as_str().parse().ok()?;
    if let (Some(left), Some(right)) = (number("left"), number("right")) {
        return either_order(year, left, right);
    }
    let named = found.name("month").and_then(|name| month(name.as_str()));
    let month = named.or_else(|| number("m")).or_else(|| number("m2")).or_else(|| number("m3"))?;
    Date::new(year, month, number("day")?).ok()
}

/// 25/12/2025 and 12/25/2025 can be read one way only, 5/5/2025 both ways alike; 4/11/2025 is refused.
fn either_order(year: i16, left: i8, right: i8) -> Option<Date> {
    match (left > 12, right > 12) {
        (true, false) => Date::new(year, right, left).ok(),
        (false, true) => Date::new(year, left, right).ok(),
        _ if left == right => Date::new(year, left, right).ok(),
        _ => None,
    }
}

fn month(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = name.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).map(|at| at as i8 + 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_fourth_of_november_in_every_dress() {
        for raw in [
            "2025-11-04",
            "2025-11-04T10:15:00Z",
            "2025-11-04T10:15:00.123+01:00",
            "2025-11-04 10:15:00",
            "2025/11/04",
            "Tue, 04 Nov 2025 10:15:00 +0000",
            "Tue, 04 Nov 2025 10:15:00 GMT",
            "November 4, 2025",
            "Nov. 4, 2025",
            "4 Nov 2025",
            "4th of November 2025",
            "04-Nov-2025",
            "4.11.2025",
            "2025年11月4日",
            "20251104",
            "1762251300",
            "1762251300000",
            "Published: Tuesday, November 4, 2025 at 3:15 p.m. ET",
        ] {
            assert_eq!(parse(raw), Some(date(2025, 11, 4)), "{raw}");
        }
    }

    #[test]
    fn what_is_no_date_or_two_is_refused() {
        for raw in ["", "yesterday", "04/11/2025", "2025-13-40", "12345678901", "the deal of November 4, 2025"] {
            assert_eq!(parse(raw), None, "{raw}");
        }
        assert_eq!(parse("25/12/2025"), Some(date(2025, 12, 25)));
        assert_eq!(parse("12/25/2025"), Some(date(2025, 12, 25)));
    }

    #[test]
    fn datelines_hold_a_date_a_place_or_a_byline_and_no_more() {
        for line in [
            "2025-11-04",
            "Published Nov. 4, 2025, 9:00 a.m. EST | Updated Nov. 5, 2025",
            "SAN FRANCISCO, November 4, 2025",
            "Jane Doe | 4 November 2025 | 5 min read",
            "3 hours ago",
            "WASHINGTON, Nov 4 (Reuters) -",
        ] {
            assert_eq!(dateline(line), Some("dateline"), "{line}");
        }
        for line in
            ["By Jane Doe", "By Jane van Doe and John O'Roe, Reuters", "Reporting by Jane Doe; Editing by J. Roe"]
        {
            assert_eq!(dateline(line), Some("byline"), "{line}");
        }
    }

    #[test]
    fn a_headline_with_a_word_in_brackets_is_no_dateline() {
        assert_eq!(dateline("SAN FRANCISCO, Nov 4 (Reuters) -"), Some("dateline"));
        let headline = "TEN MEN ARRESTED AFTER LONG CHASE THROUGH CENTRAL LONDON STREETS, POLICE SAY (video)";
        assert_eq!(dateline(headline), None);
        assert_eq!(dateline("LONDON (all the pictures of the long night in it)"), None);
    }

    #[test]
    fn a_sentence_with_a_date_is_no_dateline() {
        for line in [
            "OpenAI signed on November 4, 2025.",
            "By moving away from Microsoft, OpenAI opens its operations.",
            "Start Date: Immediate (November 2025)",
            "The deal runs from November 4, 2025 until 2032",
        ] {
            assert_eq!(dateline(line), None, "{line}");
        }
    }
}
