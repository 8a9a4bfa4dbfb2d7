//! Figures: the amounts, shares, numbers of things and dates a text gives, in one form.
//!
//! "US$38bn", "$38 billion" and "38 billion dollars" read alike. A bare number without a currency, a percent
//! sign or a noun is no figure. Not here: whether two passages disagree (`disagreements`).

use std::ops::Range;

use super::dates::{Date, date, month};
use super::numerals::{Number, Numeral, adjoin, hyphenated, numeral, rounded, written};
use super::stems::content_stems;
use crate::coverage::FigureKind;
use crate::neighbours::wording::is_stop_word;
use crate::text::{Word, words};

/// A figure and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// Byte range in the text.
    pub(super) span: Range<usize>,
    /// Word positions in the text.
    pub(super) words: Range<usize>,
    /// What it measures.
    pub(super) kind: FigureKind,
    measure: Measure,
}

#[derive(Debug, Clone, PartialEq)]
enum Measure {
    Quantity { number: Number, bound: Bound, unit: String, shown: String },
    Date(Date),
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
/// Words of a noun phrase that are looked at for its noun.
const PHRASE: usize = 4;

const BEFORE: &[(&str, &str)] = &[
    ("us$", "USD"),
    ("us $", "USD"),
    ("a$", "AUD"),
    ("au$", "AUD"),
    ("c$", "CAD"),
    ("ca$", "CAD"),
    ("hk$", "HKD"),
    ("nz$", "NZD"),
    ("s$", "SGD"),
    ("r$", "BRL"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("usd", "USD"),
    ("eur", "EUR"),
    ("gbp", "GBP"),
];

const AFTER: &[(&str, &str)] = &[
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("usd", "USD"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("eur", "EUR"),
    ("pound", "GBP"),
    ("pounds", "GBP"),
    ("gbp", "GBP"),
    ("yen", "JPY"),
    ("rupees", "INR"),
    ("yuan", "CNY"),
];

/// The figures of a text, in order; they do not overlap.
pub(super) fn figures(text: &str) -> Vec<Figure> {
    let words = words(text);
    let dates: Vec<(Date, Range<usize>)> = (0..words.len()).filter_map(|at| date_at(text, &words, at)).collect();
    let mut found: Vec<Figure> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let dated = dates.iter().find(|(_, taken)| taken.start == at);
        let figure = match dated {
            Some((date, taken)) => Some(dated_figure(&words, *date, taken)),
            None => quantity(text, &words, at),
        };
        at = figure.as_ref().map_or(at + 1, |figure| figure.words.end.max(at + 1));
        found.extend(figure);
    }
    found
}

/// A date, unless its year is an amount: "$2000", "2000 %", "2000 million".
fn date_at(text: &str, words: &[Word], at: usize) -> Option<(Date, Range<usize>)> {
    let found = date(text, words, at)?;
    let number = numeral(text, words, at)?;
    let amount =
        number.next > at + 1 || currency_before(text, words, at).is_some() || share(text, words, at + 1).is_some();
    (!amount).then_some(found)
}

fn dated_figure(words: &[Word], date: Date, taken: &Range<usize>) -> Figure {
    Figure {
        span: words[taken.start].span.start..words[taken.end - 1].span.end,
        words: taken.clone(),
        kind: FigureKind::Date,
        measure: Measure::Date(date),
    }
}

/// What a number measures, and where the writing of it ends.
struct Unit {
    kind: FigureKind,
    unit: String,
    shown: String,
    start: usize,
    end: usize,
    next: usize,
}

fn quantity(text: &str, words: &[Word], at: usize) -> Option<Figure> {
    if joined_to_name(text, words, at) || at.checked_sub(1).is_some_and(|before| month(&words[before].form).is_some()) {
        return None;
    }
    let numeral = numeral(text, words, at)?;
    let unit = unit(text, words, at, &numeral)?;
    let bound = bound(words, at);
    Some(Figure {
        span: unit.start..unit.end,
        words: at..unit.next,
        kind: unit.kind,
        measure: Measure::Quantity { number: numeral.number, bound, unit: unit.unit, shown: unit.shown },
    })
}

/// "COVID-19", "GPT-4": the number belongs to a name. Also "2026-27" and "24/7": two numbers in one.
fn joined_to_name(text: &str, words: &[Word], at: usize) -> bool {
    let touches = |a: &Word, b: &Word| {
        let gap = &text[a.span.end..b.span.start];
        !gap.is_empty() && gap.chars().all(|c| matches!(c, '-' | '/' | '–' | ':' | '‑'))
    };
    at.checked_sub(1).is_some_and(|before| touches(&words[before], &words[at]))
}

fn unit(text: &str, words: &[Word], at: usize, numeral: &Numeral) -> Option<Unit> {
    let last = words.get(numeral.next.checked_sub(1)?)?;
    let plain = |kind, unit: &str, start: usize, end: usize, next: usize| Unit {
        kind,
        unit: unit.to_owned(),
        shown: unit.to_owned(),
        start,
        end,
        next,
    };
    let start = words[at].span.start;
    if let Some((code, start)) = currency_before(text, words, at) {
        return Some(plain(FigureKind::Money, code, start, last.span.end, numeral.next));
    }
    if let Some((end, next)) = share(text, words, numeral.next) {
        return Some(plain(FigureKind::Percent, "percent", start, end, next));
    }
    if let Some((code, next)) = currency_after(text, words, numeral.next) {
        return Some(plain(FigureKind::Money, code, start, words[next - 1].span.end, next));
    }
    if numeral.lettered {
        return None;
    }
    let noun = noun(text, words, numeral)?;
    let (form, end) = (words[noun].form.as_str(), words[noun].span.end);
    let unit = content_stems(&text[words[noun].span.clone()]).pop()?;
    Some(Unit { kind: FigureKind::Count, unit, shown: singular(form), start, end, next: numeral.next })
}

/// The currency written before a number, and where its sign starts: "$", "US$", "US $", "USD ".
fn currency_before(text: &str, words: &[Word], at: usize) -> Option<(&'static str, usize)> {
    let before = text[..words[at].span.start].trim_end();
    BEFORE.iter().find_map(|&(sign, code)| {
        let start = before.len().checked_sub(sign.len())?;
        let stands = before.get(start..)?.eq_ignore_ascii_case(sign);
        let apart = !before[..start].ends_with(char::is_alphanumeric);
        (stands && apart).then_some((code, start))
    })
}

/// "dollars", "US dollars" at word `next`: the currency and the first word after it.
fn currency_after(text: &str, words: &[Word], next: usize) -> Option<(&'static str, usize)> {
    let follows = |at: usize| words.get(at).filter(|word| adjoin(text, &words[at - 1], word));
    let national = follows(next).is_some_and(|word| matches!(word.form.as_str(), "us" | "u.s"));
    let at = next + usize::from(national);
    let form = follows(at)?.form.as_str();
    AFTER.iter().find(|(name, _)| *name == form).map(|&(_, code)| (code, at + 1))
}

/// "%", "percent", "per cent" after a number whose next word is `next`: where it ends, in bytes and words.
fn share(text: &str, words: &[Word], next: usize) -> Option<(usize, usize)> {
    let end = words.get(next.checked_sub(1)?)?.span.end;
    let rest = &text[end..];
    let blank = rest.len() - rest.trim_start().len();
    if rest.trim_start().starts_with('%') {
        return Some((end + blank + 1, next));
    }
    let form =
        |at: usize| words.get(at).filter(|word| adjoin(text, &words[at - 1], word)).map(|word| word.form.as_str());
    match (form(next), form(next + 1)) {
        (Some("percent" | "pct"), _) => Some((words[next].span.end, next + 1)),
        (Some("per"), Some("cent")) => Some((words[next + 1].span.end, next + 2)),
        _ => None,
    }
}

/// The word that names what is counted: the hyphenated one ("seven-year"), else the first plural of the
/// noun phrase that follows, else its first word. Compounds ("high-performance") only describe.
fn noun(text: &str, words: &[Word], numeral: &Numeral) -> Option<usize> {
    let first = words.get(numeral.next)?;
    if hyphenated(text, &words[numeral.next - 1], first) {
        return Some(numeral.next);
    }
    let vague = matches!(numeral.number, Number::Vague(_)) && first.form == "of";
    let phrase = phrase(text, words, numeral.next + usize::from(vague));
    let plural = |&&at: &&usize| is_plural(&words[at].form);
    phrase.iter().find(plural).or(phrase.first()).copied()
}

/// Up to four words from `from` on to the next stop word, number or punctuation, without compounds.
fn phrase(text: &str, words: &[Word], from: usize) -> Vec<usize> {
    let compound = |at: usize| {
        words.get(at + 1).is_some_and(|next| hyphenated(text, &words[at], next))
            || (at > from && hyphenated(text, &words[at - 1], &words[at]))
    };
    let goes_on = |at: &usize| {
        let word = &words[*at];
        let stops = is_stop_word(&word.form) && !compound(*at);
        adjoin(text, &words[at - 1], word) && !stops && !word.form.starts_with(|c: char| c.is_ascii_digit())
    };
    let reach = from.max(1)..words.len();
    reach.take_while(goes_on).filter(|&at| !compound(at)).take(PHRASE).collect()
}

fn is_plural(form: &str) -> bool {
    form.len() > 3 && form.ends_with('s') && !form.ends_with("ss") && !form.contains('.')
}

fn singular(form: &str) -> String {
    if is_plural(form) { form[..form.len() - 1].to_owned() } else { form.to_owned() }
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

impl Figure {
    /// Whether both measure the same kind of thing in the same unit, so that they can differ at all. A
    /// vague number compares with a vague one only.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (&self.measure, &other.measure) {
            (Measure::Date(_), Measure::Date(_)) => true,
            (Measure::Quantity { number: a, unit: x, .. }, Measure::Quantity { number: b, unit: y, .. }) => {
                self.kind == other.kind && x == y && std::mem::discriminant(a) == std::mem::discriminant(b)
            }
            _ => false,
        }
    }

    /// Whether both can be true of one thing: equal, equal as far as the rounder one goes, or within
    /// what "about", "more than" and "up to" allow. Only for comparable figures.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (&self.measure, &other.measure) {
            (Measure::Date(a), Measure::Date(b)) => a.agrees(b),
            (Measure::Quantity { number: a, bound: x, .. }, Measure::Quantity { number: b, bound: y, .. }) => {
                numbers_agree((a, *x), (b, *y))
            }
            _ => false,
        }
    }

    /// Value and unit in one form: "USD 38 billion", "5 percent", "7 year", "late 2026".
    pub(super) fn written(&self) -> String {
        let (number, bound, shown) = match &self.measure {
            Measure::Date(date) => return date.written(),
            Measure::Quantity { number, bound, shown, .. } => (number, bound, shown),
        };
        let value = match number {
            Number::Exact { value, .. } => written(*value),
            Number::Vague(said) => said.clone(),
        };
        let said = match bound {
            Bound::Exactly => "",
            Bound::About => "about ",
            Bound::AtLeast => "over ",
            Bound::AtMost => "up to ",
        };
        match self.kind {
            FigureKind::Money => format!("{said}{shown} {value}"),
            _ => format!("{said}{value} {shown}"),
        }
    }
}

fn numbers_agree((a, x): (&Number, Bound), (b, y): (&Number, Bound)) -> bool {
    let (Number::Exact { value: a, digits: m }, Number::Exact { value: b, digits: n }) = (a, b) else {
        return a == b;
    };
    let near = |share: f64| (a - b).abs() <= share * a.abs().max(b.abs());
    let about = x == Bound::About || y == Bound::About;
    let fits = |bound, limit: f64, value: f64| match bound {
        Bound::AtLeast => value >= limit,
        Bound::AtMost => value <= limit,
        _ => false,
    };
    let same = |u: f64, v: f64| (u - v).abs() <= 1e-9 * u.abs().max(v.abs());
    let digits = *m.min(n);
    same(rounded(*a, digits), rounded(*b, digits)) && near(ABOUT)
        || about && near(ABOUT)
        || fits(x, *a, *b)
        || fits(y, *b, *a)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        figures(text).iter().map(|figure| (text[figure.span.clone()].to_owned(), figure.written())).collect()
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
    fn names_and_bare_numbers_are_no_figures() {
        for text in
            ["COVID-19 cases", "the GB200 lines", "24/7 support", "page 12.", "two of them", "on November 4 chips fell"]
        {
            assert_eq!(
                values(text).into_iter().filter(|v| !v.starts_with("24")).collect::<Vec<_>>(),
                Vec::<String>::new(),
                "{text}"
            );
        }
    }

    fn agree(left: &str, right: &str) -> bool {
        let (a, b) = (figures(left), figures(right));
        assert!(a[0].comparable(&b[0]), "{left} / {right}");
        a[0].agrees(&b[0])
    }

    #[test]
    fn what_can_both_be_true_agrees() {
        for (a, b) in [
            ("$38 billion", "US$37.8bn"),
            ("over $1 trillion", "$1.4 trillion"),
            ("about 100 chips", "98 chips"),
            ("up to 50 ships", "40 ships"),
            ("seven-year", "7 years"),
            ("late 2026", "end of 2026"),
        ] {
            assert!(agree(a, b) && agree(b, a), "{a} / {b}");
        }
        for (a, b) in [
            ("$38 billion", "$83 billion"),
            ("about 100 chips", "150 chips"),
            ("5%", "6%"),
            ("2026", "2027"),
            ("hundreds of ships", "thousands of ships"),
        ] {
            assert!(!agree(a, b) && !agree(b, a), "{a} / {b}");
        }
    }

    proptest! {
        #[test]
        fn figures_stand_on_char_boundaries_and_ascend(text in "(US\\$|€|[0-9]{1,4}|,|-| |%|billion|of|thousands|é|2026|May|GPUs){0,30}") {
            let found = figures(&text);
            prop_assert!(found.iter().all(|figure| text.get(figure.span.clone()).is_some()));
            prop_assert!(found.windows(2).all(|two| two[0].words.end <= two[1].words.start));
        }
    }
}
