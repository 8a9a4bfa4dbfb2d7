//! What a number measures, as texts write it around the number: a currency, a percent sign, a unit, a noun.
//!
//! Units convert only where that is exact and usual: hours and days, months and years. Not here: the number
//! (`numerals`), the figure both make (`figures`).

use super::super::stems::content_stems;
use super::numerals::{Number, Numeral, adjoin, hyphenated, is_spelled};
use crate::coverage::FactKind;
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

/// Units by name, what they measure, and how many of its smallest unit they are.
const UNITS: &[(&str, &str, f64)] = &[
    ("second", "day", 1.0 / 86400.0),
    ("minute", "day", 1.0 / 1440.0),
    ("hour", "day", 1.0 / 24.0),
    ("day", "day", 1.0),
    ("week", "day", 7.0),
    ("month", "month", 1.0),
    ("year", "month", 12.0),
    ("decade", "month", 120.0),
    ("century", "month", 1200.0),
    ("mile", "mile", 1.0),
    ("kilometer", "km", 1.0),
    ("kilometre", "km", 1.0),
    ("km", "km", 1.0),
    ("meter", "meter", 1.0),
    ("metre", "meter", 1.0),
    ("foot", "foot", 1.0),
    ("feet", "foot", 1.0),
    ("inch", "inch", 1.0),
    ("inche", "inch", 1.0),
    ("yard", "yard", 1.0),
    ("acre", "acre", 1.0),
    ("hectare", "hectare", 1.0),
    ("ton", "ton", 1.0),
    ("tonne", "ton", 1.0),
    ("kilogram", "kg", 1.0),
    ("kg", "kg", 1.0),
    ("gram", "gram", 1.0),
    ("ounce", "ounce", 1.0),
    ("gallon", "gallon", 1.0),
    ("barrel", "barrel", 1.0),
    ("litre", "liter", 1.0),
    ("liter", "liter", 1.0),
    ("degree", "degree", 1.0),
    ("mph", "mph", 1.0),
    ("megawatt", "watt", 1e6),
    ("gigawatt", "watt", 1e9),
    ("kilowatt", "watt", 1e3),
    ("vote", "vote", 1.0),
    ("point", "point", 1.0),
    ("seat", "seat", 1.0),
];

/// Plurals that no rule makes.
const IRREGULAR: &[(&str, &str)] = &[
    ("men", "man"),
    ("women", "woman"),
    ("children", "child"),
    ("people", "person"),
    ("persons", "person"),
    ("lives", "life"),
    ("centuries", "century"),
];

/// What a number measures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// What it is.
    pub(super) kind: FactKind,
    /// The same for all writings of one unit, and for units that convert.
    base: String,
    /// How many of the base it is.
    pub(super) factor: f64,
    /// As it is shown.
    pub(super) shown: String,
}

/// What follows a number: what it measures, and where that is written to, in bytes and words.
pub(super) struct Following {
    pub(super) measured: Measured,
    pub(super) end: usize,
    pub(super) next: usize,
}

impl Measured {
    /// An amount of a currency.
    pub(super) fn money(code: &str) -> Self {
        Self::plain(FactKind::Money, code)
    }

    /// A number of which nothing says what it counts.
    pub(super) fn bare() -> Self {
        Self::plain(FactKind::Count, "")
    }

    fn plain(kind: FactKind, name: &str) -> Self {
        Self { kind, base: name.to_owned(), factor: 1.0, shown: name.to_owned() }
    }

    /// Whether nothing says what is counted.
    pub(super) fn is_bare(&self) -> bool {
        self.base.is_empty()
    }

    /// Whether it is a currency, a share or a unit, and no noun.
    pub(super) fn is_known(&self) -> bool {
        self.kind != FactKind::Count
    }

    /// Whether numbers of both compare.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        self.kind == other.kind && self.base == other.base
    }
}

/// The unit or noun that follows a number.
pub(super) fn after(text: &str, words: &[Word], numeral: &Numeral) -> Option<Following> {
    let next = numeral.next;
    if let Some((end, next)) = share(text, words, next) {
        let points =
            words.get(next).filter(|word| word.form.starts_with("point") && adjoin(text, &words[next - 1], word));
        let name = if points.is_some() { "percentage point" } else { "percent" };
        let end = points.map_or(end, |word| word.span.end);
        let measured = Measured::plain(FactKind::Percent, name);
        return Some(Following { measured, end, next: next + usize::from(points.is_some()) });
    }
    if let Some((code, next)) = currency_after(text, words, next) {
        return Some(Following { measured: Measured::money(code), end: words[next - 1].span.end, next });
    }
    let noun = noun(text, words, numeral)?;
    let form = words[noun].form.as_str();
    let end = words[noun].span.end;
    if let Some(measured) = unit(form) {
        return Some(Following { measured, end, next: noun + 1 });
    }
    let stem = irregular(form).map(str::to_owned).or_else(|| content_stems(&text[words[noun].span.clone()]).pop())?;
    let measured = Measured { shown: singular(form), ..Measured::plain(FactKind::Count, &stem) };
    Some(Following { measured, end, next: numeral.next })
}

fn irregular(form: &str) -> Option<&'static str> {
    IRREGULAR.iter().find(|(plural, one)| *plural == form || *one == form).map(|&(_, one)| one)
}

fn unit(form: &str) -> Option<Measured> {
    let singular = irregular(form).or_else(|| form.strip_suffix('s').filter(|one| !one.is_empty()));
    let (name, base, factor) = UNITS.iter().find(|(name, _, _)| *name == form || Some(*name) == singular)?;
    let kind = if matches!(*base, "day" | "month") { FactKind::TimeSpan } else { FactKind::Measure };
    Some(Measured { kind, base: (*base).to_owned(), factor: *factor, shown: (*name).to_owned() })
}

const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
];

/// "fourth", "21st" at word `at`: the number, its unit, and the next word.
pub(super) fn ordinal(words: &[Word], at: usize) -> Option<(Number, Measured, usize)> {
    let form = words.get(at)?.form.as_str();
    let spelled = ORDINALS.iter().position(|name| *name == form).map(|index| index as f64 + 1.0);
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| form.strip_suffix(end));
    let value = spelled.or_else(|| digits.and_then(|digits| digits.parse::<u32>().ok()).map(f64::from))?;
    Some((Number::Exact { value, digits: 4 }, Measured::plain(FactKind::Count, "th"), at + 1))
}

const PARTS: &[(&str, f64)] = &[
    ("half", 2.0),
    ("third", 3.0),
    ("thirds", 3.0),
    ("quarter", 4.0),
    ("quarters", 4.0),
    ("fourths", 4.0),
    ("fifth", 5.0),
    ("fifths", 5.0),
];

/// "a third of", "two-thirds", "half of": the share in percent, and the next word.
pub(super) fn part_of_whole(text: &str, words: &[Word], at: usize) -> Option<(Number, Measured, usize)> {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    let part = |at: usize| PARTS.iter().find(|(name, _)| *name == form(at)).map(|&(_, whole)| whole);
    let joins = |at: usize| words.get(at).is_some_and(|next| adjoin(text, &words[at - 1], next));
    let times = ["", "one", "two", "three", "four"].iter().position(|name| *name == form(at) && at < words.len());
    let share = |value: f64, next: usize| {
        let number = Number::Exact { value: 100.0 * value, digits: 2 };
        Some((number, Measured::plain(FactKind::Percent, "percent"), next))
    };
    if form(at) == "half" && matches!(form(at + 1), "of" | "the" | "its" | "their" | "all") {
        return share(0.5, at + 1);
    }
    if matches!(form(at), "a" | "one") && joins(at + 1) && form(at + 2) == "of" {
        return share(1.0 / part(at + 1)?, at + 2);
    }
    let joined = words.get(at).zip(words.get(at + 1)).is_some_and(|(a, b)| hyphenated(text, a, b));
    let told = joins(at + 1) && form(at + 1).ends_with('s') && (joined || form(at + 2) == "of");
    let counted = at
        .checked_sub(1)
        .is_some_and(|before| ORDINALS.contains(&form(before)) || matches!(form(before), "last" | "past"));
    let times = times.filter(|times| *times > 1 && told && !counted)?;
    share(times as f64 / part(at + 1)?, at + 2)
}

/// The currency written before a number that starts at a byte, and where its sign starts: "$", "US$", "US $", "USD ".
pub(super) fn before(text: &str, number: usize) -> Option<(&'static str, usize)> {
    let before = text.get(..number)?.trim_end();
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
    let plural = |&&at: &&usize| is_plural(&words[at].form) || irregular(&words[at].form).is_some();
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
        let adverb = matches!(
            word.form.as_str(),
            "last" | "next" | "ago" | "apiece" | "later" | "earlier" | "almost" | "nearly" | "roughly" | "around"
        ) || is_spelled(&word.form);
        joined && !stops && !adverb && !word.form.starts_with(|c: char| c.is_ascii_digit())
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

fn singular(form: &str) -> String {
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
