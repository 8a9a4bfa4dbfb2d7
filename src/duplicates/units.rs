//! What a number measures, as texts write it around the number: a currency, a percent sign, a noun.
//!
//! Not here: the number (`numerals`), the figure both make (`figures`).

use super::numerals::{Number, Numeral, adjoin, hyphenated};
use crate::neighbours::wording::is_stop_word;
use crate::text::Word;

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

/// The currency written before a number, and where its sign starts: "$", "US$", "US $", "USD ".
pub(super) fn currency_before(text: &str, words: &[Word], at: usize) -> Option<(&'static str, usize)> {
    let before = text[..words[at].span.start].trim_end();
    BEFORE.iter().find_map(|&(sign, code)| {
        let start = before.len().checked_sub(sign.len())?;
        let stands = before.get(start..)?.eq_ignore_ascii_case(sign);
        let apart = !before[..start].ends_with(char::is_alphanumeric);
        (stands && apart).then_some((code, start))
    })
}

/// "dollars", "US dollars" at word `next`: the currency and the first word after it.
pub(super) fn currency_after(text: &str, words: &[Word], next: usize) -> Option<(&'static str, usize)> {
    let follows = |at: usize| words.get(at).filter(|word| adjoin(text, &words[at - 1], word));
    let national = follows(next).is_some_and(|word| matches!(word.form.as_str(), "us" | "u.s"));
    let at = next + usize::from(national);
    let form = follows(at)?.form.as_str();
    AFTER.iter().find(|(name, _)| *name == form).map(|&(_, code)| (code, at + 1))
}

/// "%", "percent", "per cent" after a number whose next word is `next`: where it ends, in bytes and words.
pub(super) fn share(text: &str, words: &[Word], next: usize) -> Option<(usize, usize)> {
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
pub(super) fn noun(text: &str, words: &[Word], numeral: &Numeral) -> Option<usize> {
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
        let joined = adjoin(text, &words[at - 1], word) || abbreviated(text, &words[at - 1], word);
        joined && !stops && !word.form.starts_with(|c: char| c.is_ascii_digit())
    };
    let reach = from.max(1)..words.len();
    reach.take_while(goes_on).filter(|&at| !compound(at)).take(PHRASE).collect()
}

/// Whether only the full stop of an abbreviation ("U.S.") and white space stand between two words.
fn abbreviated(text: &str, before: &Word, next: &Word) -> bool {
    let rest = text[before.span.end..next.span.start].strip_prefix('.');
    before.form.contains('.') && rest.is_some_and(|rest| rest.chars().all(char::is_whitespace))
}

fn is_plural(form: &str) -> bool {
    form.len() > 3 && form.ends_with('s') && !form.ends_with("ss") && !form.contains('.')
}

pub(super) fn singular(form: &str) -> String {
    if is_plural(form) { form[..form.len() - 1].to_owned() } else { form.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::numerals::numeral;
    use super::*;
    use crate::text::words;

    #[test]
    fn the_noun_is_the_plural_and_not_what_describes_it() {
        let named = |text: &str| {
            let words = words(text);
            let numeral = numeral(text, &words, 0).unwrap();
            noun(text, &words, &numeral).map(|at| words[at].form.clone())
        };
        assert_eq!(named("500,000 high-performance Nvidia chips of"), Some("chips".to_owned()));
        assert_eq!(named("25 million U.S. homes wait"), Some("homes".to_owned()));
        assert_eq!(named("seven-year deal"), Some("year".to_owned()));
        assert_eq!(named("12, and"), None);
    }
}
