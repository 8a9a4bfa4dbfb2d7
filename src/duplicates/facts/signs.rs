//! What is written directly before a number: its currency, and the sign that makes it negative.
//!
//! "-5 percent", "−5", "-$5 million", "$-5 million" and "minus 5" are negative; "10-15", "5 minus 3", "plus or
//! minus 5" and "- 5" are not. A plus says nothing. Not here: the number (`numerals`), the currencies (`units`).

use super::numerals::{Number, adjoin, after_point, numeral};
use super::units::before;
use crate::text::Word;

/// What leads a number in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lead {
    /// The currency written before it.
    pub(super) currency: Option<&'static str>,
    /// A minus stands before the number or its currency.
    pub(super) negative: bool,
    /// First byte of all that belongs to the number.
    pub(super) start: usize,
    /// First word that does: "minus", or the number's own.
    pub(super) word: usize,
}

impl Lead {
    /// The lead of the number that begins at word `at`.
    pub(super) fn of(text: &str, words: &[Word], at: usize) -> Option<Self> {
        let word = words.get(at)?;
        let number = word.span.start - usize::from(after_point(text, word));
        let inner = minus(text, number);
        let currency = before(text, inner.unwrap_or(number));
        let inner = inner.filter(|&start| currency.is_some() || stands_apart(text, start));
        let start = currency.map(|(_, start)| start).or(inner).unwrap_or(number);
        let outer = if inner.is_none() { minus(text, start).filter(|&at| stands_apart(text, at)) } else { None };
        let spelled = if inner.or(outer).is_none() { spelled(text, words, at, start) } else { None };
        Some(Self {
            currency: currency.map(|(code, _)| code),
            negative: inner.or(outer).or(spelled).is_some(),
            start: spelled.or(outer).unwrap_or(start),
            word: at - usize::from(spelled.is_some()),
        })
    }

    /// The number as it is meant with what leads it in. No sign turns a vague number.
    pub(super) fn signed(&self, number: Number) -> Number {
        if self.negative { number.negated() } else { number }
    }
}

/// Where the minus sign that ends at a byte starts. An en dash is none: it sets words apart.
fn minus(text: &str, end: usize) -> Option<usize> {
    text.get(..end)?.strip_suffix(['-', '−']).map(str::len)
}

/// Whether white space, an opening bracket or nothing stands before a byte: no range and no hyphen.
fn stands_apart(text: &str, at: usize) -> bool {
    let last = text.get(..at).and_then(|before| before.chars().next_back());
    last.is_none_or(|c| c.is_whitespace() || c == '(')
}

/// Where the "minus" before a number starts, unless it subtracts ("5 minus 3") or goes both ways ("plus or minus 3").
fn spelled(text: &str, words: &[Word], at: usize, start: usize) -> Option<usize> {
    let before = at.checked_sub(1)?;
    let word = words.get(before).filter(|word| word.form == "minus")?;
    let blank = text.get(word.span.end..start)?.chars().all(char::is_whitespace);
    let earlier = |steps: usize| before.checked_sub(steps).and_then(|at| words.get(at).map(|word| (at, word)));
    let said = |steps: usize, form: &str| earlier(steps).is_some_and(|(_, word)| word.form == form);
    let both_ways = said(1, "or") && said(2, "plus");
    let subtracts =
        earlier(1).is_some_and(|(at, first)| adjoin(text, first, word) && numeral(text, words, at).is_some());
    (blank && !both_ways && !subtracts).then_some(word.span.start)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{differ, one};
    use super::*;
    use crate::coverage::FactKind;
    use crate::text::words;

    /// Whether the last number of a text is negative, its currency, and what is written for it up to its digits.
    fn lead(text: &str) -> (bool, Option<&'static str>, &str) {
        let words = words(text);
        let at = words.iter().rposition(|word| word.form.starts_with(|c: char| c.is_ascii_digit())).unwrap();
        let lead = Lead::of(text, &words, at).unwrap();
        (lead.negative, lead.currency, &text[lead.start..words[at].span.end])
    }

    #[test]
    fn a_minus_before_the_number_or_its_currency_negates() {
        assert_eq!(lead("by -5"), (true, None, "-5"));
        assert_eq!(lead("−5"), (true, None, "−5"));
        assert_eq!(lead("it (-5"), (true, None, "-5"));
        assert_eq!(lead("by -.5"), (true, None, "-.5"));
        assert_eq!(lead("of -$5"), (true, Some("USD"), "-$5"));
        assert_eq!(lead("of $-5"), (true, Some("USD"), "$-5"));
        assert_eq!(lead("of −US$5"), (true, Some("USD"), "−US$5"));
        assert_eq!(lead("of minus 5"), (true, None, "minus 5"));
        assert_eq!(lead("of minus $5"), (true, Some("USD"), "minus $5"));
    }

    #[test]
    fn a_plus_a_range_a_hyphen_a_dash_and_a_subtraction_do_not() {
        for text in [
            "plus or minus 5",
            "+/-5",
            "by +5",
            "10-15",
            "10−15",
            "COVID-19",
            "it - 5",
            "it – 5",
            "it –5",
            "5 minus 3",
            "minus the 5",
        ] {
            assert!(!lead(text).0, "{text}");
        }
    }

    #[test]
    fn a_sign_that_only_one_passage_has_is_told() {
        let text = "The index of the exchange moved by -5 percent on Monday, the bank said.";
        for plain in ["5 percent", "+5 percent", "five percent"] {
            assert_eq!(
                differ(text, &text.replace("-5 percent", plain)),
                one(FactKind::Percent, "-5 percent", "5 percent"),
                "{plain}"
            );
        }
        for same in ["−5 percent", "minus 5 percent", "-5%", "minus five per cent"] {
            assert_eq!(differ(text, &text.replace("-5 percent", same)), [], "{same}");
        }
        let text = "The firm booked a result of -$5 million in the last quarter, the bank said.";
        assert_eq!(differ(text, &text.replace("-$5", "$5")), one(FactKind::Money, "USD -5 million", "USD 5 million"));
    }

    #[test]
    fn a_verb_that_says_what_a_sign_does_is_no_difference() {
        let left = "The index of the exchange fell 5 percent on Monday, the bank said.";
        let right = "The index of the exchange was at -5 percent on Monday, the bank said.";
        assert_eq!(differ(left, right), []);
    }
}
