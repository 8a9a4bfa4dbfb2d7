//! Figures: the amounts, shares, numbers of things, measures, spans of time and dates a text gives, in one form.
//!
//! "US$38bn", "$38 billion" and "38 billion dollars" read alike; "10 to 15 percent" is one figure from 10 to 15. Not
//! here: what is written around a number (`units`), whether two passages differ (`differences`).

use std::ops::Range;

use jiff::civil::Date as Day;

use super::dates::{Date, Page, date};
use super::numerals::{Number, Numeral, hyphenated, numeral, rounded, written};
use super::units::{Measured, after, before, ordinal, part_of_whole};
use super::{Fact, Value};
use crate::coverage::FactKind;
use crate::text::Word;

/// A number, what it measures, and what the text says of it besides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    number: Number,
    /// The upper end of a range.
    to: Option<Number>,
    bound: Bound,
    unit: Measured,
}

/// What a text says of a number besides its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Exactly,
    About,
    AtLeast,
    AtMost,
}

/// "about 38" and "39" are not a contradiction; "about 38" and "45" are.
const ABOUT: f64 = 0.05;
/// "4.4 percent" is rounded to "4 percent"; "$1.4 trillion" is not "$1 trillion".
const ROUNDED: f64 = 0.12;
/// "more than 38" speaks of something near 38: of 57, hardly of 80.
const BEYOND: f64 = 1.5;
/// From here on a number without a decimal may be rounded to two digits: "500,000" for 498,231.
const ROUND: f64 = 1000.0;

/// The figures of a text, in order; they do not overlap.
pub(super) fn figures(text: &str, words: &[Word], article: Option<Day>) -> Vec<Fact> {
    let page = Page { text, words, date: article };
    let mut found: Vec<Fact> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let figure = dated(page, at).or_else(|| quantity(text, words, at));
        at = figure.as_ref().map_or(at + 1, |figure| figure.words.end.max(at + 1));
        found.extend(figure);
    }
    found
}

/// A date, unless its year is an amount: "$2000", "2000 %", "2000 million".
fn dated(page: Page, at: usize) -> Option<Fact> {
    let (found, taken) = date(page, at)?;
    if found.is_bare_year() && is_amount(page, taken.end - 1) {
        return None;
    }
    let span = page.words[taken.start].span.start..page.words[taken.end - 1].span.end;
    Some(Fact { span, words: taken, kind: FactKind::Date, value: Value::Date(found) })
}

fn is_amount(page: Page, at: usize) -> bool {
    let Some(number) = numeral(page.text, page.words, at) else { return false };
    let measured = after(page.text, page.words, &number).is_some_and(|unit| unit.measured.is_known());
    number.next > at + 1 || before(page.text, page.words, at).is_some() || measured
}

fn quantity(text: &str, words: &[Word], at: usize) -> Option<Fact> {
    if joined_to_name(text, words, at) {
        return None;
    }
    if let Some((number, unit, end)) = ordinal(words, at).or_else(|| part_of_whole(text, words, at)) {
        return Some(fact(words, at..end, words[at].span.start, words[end - 1].span.end, Quantity {
            number, to: None, bound: bound(words, at), unit,
        }));
    }
    let first = numeral(text, words, at)?;
    let last = range(text, words, at, &first);
    let end = last.as_ref().unwrap_or(&first);
    let sign = before(text, words, at);
    let unit = after(text, words, end);
    let start = sign.as_ref().map_or(words[at].span.start, |(_, start)| *start);
    let written_end = words[end.next - 1].span.end;
    let (measured, stop, next) = match (sign, unit) {
        (Some((code, _)), _) => (Measured::money(code), written_end, end.next),
        (None, Some(unit)) if !end.lettered || unit.measured.is_known() => (unit.measured, unit.end, unit.next),
        (None, _) if end.lettered => return None,
        (None, _) => (Measured::bare(), written_end, end.next),
    };
    if measured.is_bare() && !is_bare_figure(text, words, at, end) {
        return None;
    }
    let (number, to) = spread(&first, last.as_ref());
    Some(fact(words, at..next, start, stop, Quantity { number, to, bound: bound(words, at), unit: measured }))
}

fn fact(words: &[Word], taken: Range<usize>, start: usize, end: usize, quantity: Quantity) -> Fact {
    let kind = quantity.unit.kind;
    debug_assert!(taken.end <= words.len());
    Fact { span: start..end, words: taken, kind, value: Value::Quantity(quantity) }
}

/// Numbers in digits count without a noun, in words only "two" and more: "one" is a pronoun.
fn is_bare_figure(text: &str, words: &[Word], at: usize, end: &Numeral) -> bool {
    let digits = words[at].form.starts_with(|c: char| c.is_ascii_digit());
    let vague = matches!(end.number, Number::Vague(_));
    let pronoun = words[at].form == "one" && end.next == at + 1;
    let glued = words.get(end.next).is_some_and(|next| hyphenated(text, &words[end.next - 1], next));
    digits || !(vague || pronoun || glued)
}

/// The second number of "10 to 15", "$10-15 million", "between 3 and 4", "52-48".
fn range(text: &str, words: &[Word], at: usize, first: &Numeral) -> Option<Numeral> {
    let gap = |next: usize| text.get(words[next - 1].span.end..words.get(next)?.span.start);
    let between = at.checked_sub(1).is_some_and(|before| matches!(words[before].form.as_str(), "between" | "from"));
    let dash = gap(first.next)?.trim();
    let joined = matches!(dash.trim_end_matches(['$', '£', '€', ' ']), "-" | "–" | "—" | "‑");
    let link = words.get(first.next)?.form.as_str();
    let next = match link {
        "to" => first.next + 1,
        "and" if between => first.next + 1,
        _ if joined => first.next,
        _ => return None,
    };
    let last = numeral(text, words, next)?;
    let exact = |numeral: &Numeral| matches!(numeral.number, Number::Exact { .. });
    (exact(first) && exact(&last)).then_some(last)
}

/// Both ends of a range: the magnitude written once holds for both ("$10-15 million").
fn spread(first: &Numeral, last: Option<&Numeral>) -> (Number, Option<Number>) {
    let Some(last) = last else { return (first.number.clone(), None) };
    match (&first.number, &last.number) {
        (&Number::Exact { value: low, digits }, &Number::Exact { value: high, .. }) => {
            let scaled = [1e12, 1e9, 1e6, 1e3].into_iter().find(|scale| low < *scale && low * scale <= high && high >= *scale);
            let whole = scaled.filter(|_| low < 1000.0).unwrap_or(1.0);
            (Number::Exact { value: low * whole, digits }, Some(last.number.clone()))
        }
        _ => (first.number.clone(), Some(last.number.clone())),
    }
}

/// "COVID-19", "GPT-4": the number belongs to a name. Also "24/7": two numbers in one.
fn joined_to_name(text: &str, words: &[Word], at: usize) -> bool {
    let touches = |a: &Word, b: &Word| {
        let gap = &text[a.span.end..b.span.start];
        let joins = !gap.is_empty() && gap.chars().all(|c| matches!(c, '-' | '/' | '–' | ':' | '‑'));
        joins && (gap.contains(['/', ':']) || a.form.ends_with(char::is_alphanumeric))
    };
    let number = words.get(at).is_some_and(|word| word.form.starts_with(|c: char| c.is_ascii_digit()));
    number && at.checked_sub(1).is_some_and(|before| touches(&words[before], &words[at]))
}

/// What stands before a number, up to its currency sign.
fn bound(words: &[Word], at: usize) -> Bound {
    let back = |steps: usize| at.checked_sub(steps).map_or("", |index| words[index].form.as_str());
    let skip = usize::from(matches!(back(1), "us" | "u.s" | "usd" | "a" | "an"));
    match (back(2 + skip), back(1 + skip)) {
        ("more" | "greater", "than") | ("at", "least") | (_, "over" | "above" | "exceeding") | ("upwards", "of") => {
            Bound::AtLeast
        }
        ("less" | "fewer", "than") | ("up", "to") | ("at", "most") | (_, "under" | "below") => Bound::AtMost,
        (
            _,
            "about" | "around" | "approximately" | "roughly" | "nearly" | "almost" | "some" | "estimated" | "nearing",
        ) => Bound::About,
        _ => Bound::Exactly,
    }
}

impl Quantity {
    /// Whether both measure the same kind of thing in the same unit. A vague number compares with a vague one only.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        let vague = |quantity: &Self| matches!(quantity.number, Number::Vague(_));
        vague(self) == vague(other) && self.unit.same_kind(&other.unit)
    }

    /// Whether both give one number of things that are counted or paid in other units: "5 miles", "5 km".
    pub(super) fn same_number_otherwise(&self, other: &Self) -> bool {
        let known = self.unit.is_known() && other.unit.is_known();
        known && !self.unit.same_kind(&other.unit) && self.number == other.number && self.to == other.to
    }

    /// Whether both give the same number, whatever it counts.
    pub(super) fn agrees_in_number(&self, other: &Self) -> bool {
        let converts = self.unit.factor != other.unit.factor;
        match (self.ends(converts), other.ends(converts)) {
            (Some(a), Some(b)) => ends_agree((a, self), (b, other)),
            _ => self.number == other.number,
        }
    }

    /// Whether the text leaves the number open above or below.
    pub(super) fn is_limit(&self) -> bool {
        matches!(self.bound, Bound::AtLeast | Bound::AtMost)
    }

    /// Whether nothing says what is counted.
    pub(super) fn is_bare(&self) -> bool {
        self.unit.is_bare()
    }

    /// Whether both can be true of one thing: equal, equal as far as the rounder one goes, one within the
    /// other's range, or within what "about", "more than" and "up to" allow.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.comparable(other) && self.agrees_in_number(other)
    }

    /// Both ends, in the base of the unit where units are converted.
    fn ends(&self, converts: bool) -> Option<(End, Option<End>)> {
        let factor = if converts { self.unit.factor } else { 1.0 };
        let end = |number: &Number| match number {
            Number::Exact { value, digits } => Some(End { value: value * factor, digits: *digits }),
            Number::Vague(_) => None,
        };
        Some((end(&self.number)?, self.to.as_ref().and_then(end)))
    }

    /// Value and unit in one form: "USD 38 billion", "5 percent", "7 year".
    pub(super) fn written(&self, kind: FactKind) -> String {
        let one = |number: &Number| match number {
            Number::Exact { value, .. } => written(*value),
            Number::Vague(said) => said.clone(),
        };
        let value = match &self.to {
            Some(to) => format!("{} to {}", one(&self.number), one(to)),
            None => one(&self.number),
        };
        let said = match self.bound {
            Bound::Exactly => "",
            Bound::About => "about ",
            Bound::AtLeast => "over ",
            Bound::AtMost => "up to ",
        };
        let shown = &self.unit.shown;
        match kind {
            FactKind::Money => format!("{said}{shown} {value}"),
            _ if shown.is_empty() => format!("{said}{value}"),
            _ => format!("{said}{value} {shown}"),
        }
    }
}

/// One end of a figure in its unit's base.
#[derive(Debug, Clone, Copy)]
struct End {
    value: f64,
    digits: u32,
}

fn ends_agree((a, x): ((End, Option<End>), &Quantity), (b, y): ((End, Option<End>), &Quantity)) -> bool {
    let inside = |at: End, (low, high): (End, End)| {
        let (low, high) = (low.value.min(high.value), low.value.max(high.value));
        (low..=high).contains(&at.value)
    };
    match (a, b) {
        ((low, Some(high)), (one, Some(other))) => alike(low, one) && alike(high, other),
        ((low, Some(high)), (one, None)) => inside(one, (low, high)),
        ((one, None), (low, Some(high))) => inside(one, (low, high)),
        ((one, None), (other, None)) => values_agree((one, x.bound), (other, y.bound)),
    }
}

fn values_agree((a, x): (End, Bound), (b, y): (End, Bound)) -> bool {
    let about = (x == Bound::About) != (y == Bound::About);
    if alike(a, b) || (about && near(a, b, ABOUT)) {
        return true;
    }
    let fits = |bound, limit: End, end: End, other: Bound| match bound {
        _ if other == bound => false,
        Bound::AtLeast => end.value >= limit.value && end.value <= BEYOND * limit.value,
        Bound::AtMost => end.value <= limit.value && end.value * BEYOND >= limit.value,
        _ => false,
    };
    fits(x, a, b, y) || fits(y, b, a, x)
}

fn near(a: End, b: End, share: f64) -> bool {
    (a.value - b.value).abs() <= share * a.value.abs().max(b.value.abs())
}

/// Equal, or equal once both are rounded as the rounder one is written. Small whole numbers are not rounded.
fn alike(a: End, b: End) -> bool {
    let same = |u: f64, v: f64| (u - v).abs() <= 1e-9 * u.abs().max(v.abs());
    let whole = |end: End| end.value.fract() == 0.0 && end.value < ROUND;
    if same(a.value, b.value) || (whole(a) && whole(b)) {
        return same(a.value, b.value);
    }
    let least = if a.value >= ROUND { 2 } else { 1 };
    let digits = a.digits.max(least).min(b.digits.max(least));
    same(rounded(a.value, digits), rounded(b.value, digits)) && near(a, b, ROUNDED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::words;

    fn facts(text: &str) -> Vec<Fact> {
        figures(text, &words(text), None)
    }

    fn read(text: &str) -> Vec<(String, String)> {
        facts(text).iter().map(|figure| (text[figure.span.clone()].to_owned(), figure.written())).collect()
    }

    fn values(text: &str) -> Vec<String> {
        read(text).into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn money_reads_alike_however_it_is_written() {
        for text in
            ["US$38bn", "$38 billion", "US $38 billion", "38 billion dollars", "USD 38bn", "38 billion US dollars"]
        {
            assert_eq!(
                read(&format!("worth {text}, it said")),
                [(text.to_owned(), "USD 38 billion".to_owned())],
                "{text}"
            );
        }
        assert_eq!(values("a fine of €5m and £2.5 million"), ["EUR 5 million", "GBP 2.5 million"]);
        assert_eq!(values("a $38-billion deal at least US$1.4 trillion"), ["USD 38 billion", "over USD 1.4 trillion"]);
    }

    #[test]
    fn shares_counts_and_dates() {
        assert_eq!(values("up about 5 % or 5 percent or five per cent"), ["about 5 percent", "5 percent", "5 percent"]);
        assert_eq!(values("a seven-year deal, over 7 years"), ["7 year", "over 7 year"]);
        assert_eq!(values("over 500,000 chips and 30 gigawatts of power"), ["over 500,000 chip", "30 gigawatt"]);
        assert_eq!(
            values("hundreds of thousands of state-of-the-art Nvidia GPUs, and hundreds of thousands of GPUs (new)"),
            ["hundreds of thousands gpu"; 2]
        );
        assert_eq!(values("by end of 2026, from November 2025"), ["late 2026", "2025-11"]);
        assert_eq!(values("between 2026 and 2027"), ["2026", "2027"]);
    }

    #[test]
    fn ranges_scores_fractions_and_ordinals() {
        assert_eq!(values("by 10 to 15 percent"), ["10 to 15 percent"]);
        assert_eq!(values("between $3bn and $4bn"), ["USD 3 billion to 4 billion"]);
        assert_eq!(values("worth $10-15 million"), ["USD 10 million to 15 million"]);
        assert_eq!(values("voted 52-48 on it"), ["52 to 48"]);
        assert_eq!(values("a third of voters, two-thirds, half of them"), ["33.3333333333 percent", "66.6666666667 percent", "50 percent"]);
        assert_eq!(values("the fourth time, the 21st day"), ["4 th", "21 th"]);
    }

    #[test]
    fn names_are_no_figures() {
        for text in ["COVID-19 cases", "the GB200 lines", "no one came", "one of them"] {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }

    fn agree(left: &str, right: &str) -> bool {
        let (a, b) = (facts(left), facts(right));
        a[0].agrees(&b[0])
    }

    #[test]
    fn what_can_both_be_true_agrees() {
        for (a, b) in [
            ("$38 billion", "US$37.8bn"),
            ("over $1 trillion", "$1.4 trillion"),
            ("about 100 chips", "98 chips"),
            ("up to 50 ships", "40 ships"),
            ("more than 38 people", "39 people"),
            ("seven-year", "7 years"),
            ("48 hours", "two days"),
            ("late 2026", "end of 2026"),
            ("10 to 15 percent", "12 percent"),
            ("498,231 chips", "500,000 chips"),
        ] {
            assert!(agree(a, b) && agree(b, a), "{a} / {b}");
        }
        for (a, b) in [
            ("$38 billion", "$83 billion"),
            ("$38 billion", "$40 billion"),
            ("about 100 chips", "150 chips"),
            ("more than 38 people", "more than 83 people"),
            ("21 people", "20 people"),
            ("5%", "6%"),
            ("2026", "2027"),
            ("hundreds of ships", "thousands of ships"),
            ("10 to 15 percent", "10 to 18 percent"),
        ] {
            assert!(!agree(a, b) && !agree(b, a), "{a} / {b}");
        }
    }

    proptest! {
        #[test]
        fn figures_stand_on_char_boundaries_and_ascend(text in "(US\\$|€|[0-9]{1,4}|,|-| |%|:|billion|of|to|half|third|p.m.|thousands|é|2026|May|GPUs){0,30}") {
            let found = facts(&text);
            prop_assert!(found.iter().all(|figure| text.get(figure.span.clone()).is_some()));
            prop_assert!(found.windows(2).all(|two| two[0].words.end <= two[1].words.start));
        }
    }
}
