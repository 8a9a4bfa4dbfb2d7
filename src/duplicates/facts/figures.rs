//! Figures: the amounts, shares, numbers of things, measures, spans of time and dates a text gives, in one form.
//!
//! "US$38bn", "$38 billion" and "38 billion dollars" read alike; "10 to 15 percent" is one figure from 10 to 15. Not
//! here: what is written around a number (`units`), whether two passages differ (`differences`).

use std::ops::Range;

use jiff::civil::Date as Day;

use super::dates::{Page, date};
use super::numerals::{Number, Numeral, hyphenated, numeral};
use super::quantity::{Bound, Quantity};
use super::signs::Lead;
use super::units::{Measured, after, ordinal, part_of_whole};
use super::{Fact, Value};
use crate::coverage::FactKind;
use crate::text::Word;

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
    let priced = Lead::of(page.text, page.words, at).is_some_and(|lead| lead.currency.is_some());
    number.next > at + 1 || priced || measured
}

fn quantity(text: &str, words: &[Word], at: usize) -> Option<Fact> {
    if joined_to_name(text, words, at) {
        return None;
    }
    if let Some((number, unit, end)) = ordinal(words, at).or_else(|| part_of_whole(text, words, at)) {
        return Some(fact(
            words,
            at..end,
            words[at].span.start,
            words[end - 1].span.end,
            Quantity { number, to: None, bound: bound(words, at), unit },
        ));
    }
    let first = numeral(text, words, at).filter(|first| !is_pronoun(words, at, first))?;
    let last = range(text, words, at, &first);
    let end = last.as_ref().unwrap_or(&first);
    let lead = Lead::of(text, words, at)?;
    let unit = after(text, words, end);
    let written_end = words[end.next - 1].span.end;
    let (measured, stop, next) = match (lead.currency, unit) {
        (Some(code), _) => (Measured::money(code), written_end, end.next),
        (None, Some(unit)) if !end.lettered || unit.measured.is_known() => (unit.measured, unit.end, unit.next),
        (None, _) if end.lettered => return None,
        (None, _) => (Measured::bare(), written_end, end.next),
    };
    if measured.is_bare() && !is_bare_figure(text, words, at, end) {
        return None;
    }
    let (number, to) = spread(lead.signed(first.number), last.map(|last| last.number));
    // "$38 billion over seven years" is no more than seven.
    let during = measured.kind == FactKind::TimeSpan && lead.word > 0 && words[lead.word - 1].form == "over";
    let bound = if during { Bound::Exactly } else { bound(words, lead.word) };
    Some(fact(words, lead.word..next, lead.start, stop, Quantity { number, to, bound, unit: measured }))
}

fn fact(words: &[Word], taken: Range<usize>, start: usize, end: usize, quantity: Quantity) -> Fact {
    let kind = quantity.unit.kind;
    debug_assert!(taken.end <= words.len());
    Fact { span: start..end, words: taken, kind, value: Value::Quantity(quantity) }
}

/// "no one", "the one", "one another", "one of": no number.
fn is_pronoun(words: &[Word], at: usize, number: &Numeral) -> bool {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    let before = at.checked_sub(1).map_or("", form);
    let points =
        matches!(before, "no" | "any" | "every" | "the" | "this" | "that" | "which" | "each" | "another" | "some");
    form(at) == "one" && number.next == at + 1 && (points || form(at + 1) == "another")
}

/// Numbers in digits count without a noun, in words only "two" and more: "one" is a pronoun.
fn is_bare_figure(text: &str, words: &[Word], at: usize, end: &Numeral) -> bool {
    let digits = words[at].form.starts_with(|c: char| c.is_ascii_digit());
    let vague = matches!(end.number, Number::Vague(_));
    let pronoun = words.get(at).is_some_and(|word| word.form == "one") && end.next == at + 1;
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
    let minus = usize::from(next > first.next && words.get(next).is_some_and(|word| word.form == "minus"));
    let next = next + minus;
    let last = numeral(text, words, next)?;
    let exact = |numeral: &Numeral| matches!(numeral.number, Number::Exact { .. });
    // The dash of "10 -15" joins the two.
    let lead = Lead::of(text, words, next).filter(|_| next > first.next);
    let number = lead.map_or_else(|| last.number.clone(), |lead| lead.signed(last.number.clone()));
    (exact(first) && exact(&last)).then_some(Numeral { number, ..last })
}

/// Both ends of a range: the magnitude written once holds for both ("$10-15 million").
fn spread(first: Number, last: Option<Number>) -> (Number, Option<Number>) {
    let (Number::Exact { value: low, digits }, Some(Number::Exact { value: high, .. })) = (&first, &last) else {
        return (first, last);
    };
    let fits = |scale: &f64| low.abs() < *scale && low * scale <= *high && high.abs() >= *scale;
    let scaled = [1e12, 1e9, 1e6, 1e3].into_iter().find(fits);
    let whole = scaled.filter(|_| low.abs() < 1000.0).unwrap_or(1.0);
    (Number::Exact { value: low * whole, digits: *digits }, last)
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
        assert_eq!(
            values("a $38-billion deal at least US$1.4 trillion"),
            ["USD 38 billion", "at least USD 1.4 trillion"]
        );
    }

    #[test]
    fn shares_counts_and_dates() {
        assert_eq!(values("up about 5 % or 5 percent or five per cent"), ["about 5 percent", "5 percent", "5 percent"]);
        assert_eq!(values("a seven-year deal, over 7 years"), ["7 year", "7 year"]);
        assert_eq!(values("over 500,000 chips and 30 gigawatts of power"), ["at least 500,000 chip", "30 gigawatt"]);
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
        assert_eq!(
            values("a third of voters, two-thirds, half of them"),
            ["33.3333333333 percent", "66.6666666667 percent", "50 percent"]
        );
        assert_eq!(values("the fourth time, the 21st day"), ["4 th", "21 th"]);
    }

    #[test]
    fn a_minus_is_part_of_its_figure_and_a_plus_says_nothing() {
        assert_eq!(values("by -5 percent, −5 %, minus 5 percent, (-5%)"), ["-5 percent"; 4]);
        assert_eq!(values("by +5 percent, up 5%, plus 5 percent"), ["5 percent"; 3]);
        assert_eq!(values("-$5 million, $-5 million, minus $5 million, -5 million dollars"), ["USD -5 million"; 4]);
        assert_eq!(values("from -10 to -5 million dollars"), ["USD -10 million to -5 million"]);
        assert_eq!(values("between -3 and 4 degrees"), ["-3 to 4 degree"]);
        assert_eq!(values("minus 10 to minus 5 degrees"), ["-10 to -5 degree"]);
        assert_eq!(values("about minus 30 degrees"), ["about -30 degree"]);
        assert_eq!(read("it was (-5%)"), [("-5%".to_owned(), "-5 percent".to_owned())]);
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
            ("-5 percent", "minus five percent"),
            ("+5 percent", "5 percent"),
            ("-0.0 percent", "0 percent"),
            ("-498,231 chips", "-500,000 chips"),
            ("-$37.8bn", "$-38 billion"),
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
            ("-5%", "5%"),
            ("-5%", "-6%"),
            ("−5 million", "+5 million"),
            ("-$38 billion", "$38 billion"),
            ("-1,000 chips", "-1,100 chips"),
            ("2026", "2027"),
            ("hundreds of ships", "thousands of ships"),
            ("10 to 15 percent", "10 to 18 percent"),
        ] {
            assert!(!agree(a, b) && !agree(b, a), "{a} / {b}");
        }
    }

    proptest! {
        #[test]
        fn figures_stand_on_char_boundaries_and_ascend(text in "(US\\$|€|[0-9]{1,4}|,|-|−|minus|\\.| |%|:|billion|of|to|half|third|p.m.|thousands|é|2026|May|GPUs){0,30}") {
            let found = facts(&text);
            prop_assert!(found.iter().all(|figure| text.get(figure.span.clone()).is_some()));
            prop_assert!(found.windows(2).all(|two| two[0].words.end <= two[1].words.start));
        }
    }
}
