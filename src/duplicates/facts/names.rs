//! Names: runs of capitalised words that are not just the first word of a sentence.
//!
//! Titles are no part of a name ("Mr. Altman"). In text that is all capitals, or a headline with a capital on every word, nothing tells a name from a word: it has
//! none. Not here: what else can stand for a name (`name`).

use super::calendar::{month, weekday};
use super::name::Name;
use super::{Fact, Value};
use crate::coverage::FactKind;
use crate::neighbours::wording::is_stop_word;
use crate::text::Word;

/// From this share of capitalised words on, capitals mark no names.
const HEADLINE: f32 = 0.7;

/// Short forms whose full stop ends no sentence.
const SHORT: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "sen", "rep", "gov", "gen", "col", "capt", "lt", "sgt", "rev", "st", "jr", "sr",
    "det", "insp", "inc", "corp", "co",
];

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "president",
    "vice",
    "former",
    "then",
    "sen",
    "senator",
    "rep",
    "representative",
    "gov",
    "governor",
    "gen",
    "general",
    "judge",
    "justice",
    "secretary",
    "prime",
    "minister",
    "chief",
    "sir",
    "lord",
    "lady",
    "king",
    "queen",
    "prince",
    "princess",
    "pope",
    "attorney",
    "speaker",
    "chairman",
    "chairwoman",
    "director",
    "mayor",
    "congressman",
    "congresswoman",
    "col",
    "colonel",
    "capt",
    "captain",
    "lt",
    "sgt",
    "officer",
    "detective",
    "sheriff",
    "ambassador",
    "deputy",
    "rev",
    "reverend",
    "ceo",
    "the",
];

/// Second words that make a title the first word of a name: "Justice Department", "General Motors".
const BODIES: &[&str] =
    &["department", "ministry", "motors", "electric", "assembly", "court", "office", "committee", "minister", "house"];

const CONNECTORS: &[&str] = &["of", "de", "la", "von", "van", "bin", "al", "del", "du", "da", "el", "ibn", "di"];

/// Verbs and the like that follow the subject a sentence opens with.
const AFTER_SUBJECT: &[&str] = &[
    "said",
    "says",
    "told",
    "is",
    "was",
    "has",
    "had",
    "will",
    "would",
    "also",
    "did",
    "does",
    "can",
    "could",
    "may",
    "and",
    "added",
    "announced",
    "wrote",
    "called",
    "made",
    "took",
    "won",
    "lost",
    "signed",
    "plans",
    "wants",
];

/// Whether word `at` is the first of a sentence.
pub(super) fn opens_sentence(text: &str, words: &[Word], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| words.get(before)) else { return true };
    let gap = gap(text, words, at);
    let short = before.form.chars().count() == 1 || before.form.contains('.') || SHORT.contains(&before.form.as_str());
    gap.contains(['!', '?', '\n', '…']) || (gap.contains('.') && !short && month(&before.form).is_none())
}

/// Whether something besides a name may have given word `at` its capital.
fn opens(text: &str, words: &[Word], at: usize) -> bool {
    at == 0
        || gap(text, words, at).contains([':', '“', '"', '—', '•', '‘', '(', '[', '*', '|', '–', ';'])
        || opens_sentence(text, words, at)
}

fn gap<'a>(text: &'a str, words: &[Word], at: usize) -> &'a str {
    let ends = at.checked_sub(1).and_then(|before| words.get(before)).zip(words.get(at));
    ends.and_then(|(before, word)| text.get(before.span.end..word.span.start)).unwrap_or_default()
}

/// Whether a word is a title, which belongs to the name it stands before.
pub(super) fn is_title(form: &str) -> bool {
    TITLES.contains(&form) || SHORT.contains(&form)
}

/// The names of a text in order; words that `taken` facts hold are no names.
pub(super) fn names(text: &str, words: &[Word], taken: &[Fact]) -> Vec<Fact> {
    let mut free = vec![true; words.len()];
    for at in taken.iter().flat_map(|fact| fact.words.clone()) {
        free.get_mut(at).into_iter().for_each(|free| *free = false);
    }
    let capital: Vec<bool> = words.iter().zip(free).map(|(word, free)| free && is_name_word(text, word)).collect();
    let written = words.iter().filter(|word| starts(text, word, char::is_alphabetic)).count();
    let capitals = words.iter().filter(|word| starts(text, word, char::is_uppercase)).count();
    if capitals as f32 > HEADLINE * written.max(5) as f32 {
        return Vec::new();
    }
    let scan = Scan { text, words, capital: &capital };
    let (mut at, mut found) = (0, Vec::new());
    while at < words.len() {
        let end = scan.end(at);
        found.extend(end.and_then(|end| scan.name(at, end)));
        at = end.unwrap_or(at + 1);
    }
    found
}

fn starts(text: &str, word: &Word, is: impl Fn(char) -> bool) -> bool {
    text.get(word.span.clone()).and_then(|word| word.chars().next()).is_some_and(is)
}

fn is_name_word(text: &str, word: &Word) -> bool {
    let form = word.form.as_str();
    let pronoun = form == "i" || form.starts_with("i'");
    starts(text, word, char::is_uppercase) && !pronoun && month(form).is_none() && weekday(form).is_none()
}

struct Scan<'a> {
    text: &'a str,
    words: &'a [Word],
    capital: &'a [bool],
}

impl Scan<'_> {
    fn form(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.form.as_str())
    }

    fn is_capital(&self, at: usize) -> bool {
        self.capital.get(at).copied().unwrap_or(false)
    }

    /// One past the last word of the run of capitals that word `at` begins.
    fn end(&self, at: usize) -> Option<usize> {
        if !self.is_capital(at) || self.is_opener(at) {
            return None;
        }
        let mut end = at + 1;
        loop {
            let the = usize::from(CONNECTORS.contains(&self.form(end)) && self.form(end + 1) == "the");
            let linked = CONNECTORS.contains(&self.form(end))
                && self.is_capital(end + 1 + the)
                && self.joins(end)
                && self.joins(end + 1);
            if self.is_capital(end) && self.joins(end) && !opens_sentence(self.text, self.words, end) {
                end += 1;
            } else if linked {
                end += 2 + the;
            } else {
                return Some(end);
            }
        }
    }

    fn joins(&self, at: usize) -> bool {
        let gap = gap(self.text, self.words, at);
        matches!(gap.trim_start_matches('.'), " " | "-" | "\u{a0}" | " & " | "" | "’" | "'")
    }

    /// An ordinary word, and capital only as the first of its sentence or quotation: "The", "But".
    fn is_opener(&self, at: usize) -> bool {
        let form = self.form(at);
        let form = form.split('\'').next().unwrap_or(form);
        let own = self.words.get(at).and_then(|word| self.text.get(word.span.clone())).unwrap_or_default();
        let plain = own.chars().skip(1).filter(|c| c.is_alphabetic()).all(char::is_lowercase);
        (plain || form.chars().count() == 1) && is_stop_word(form) || (form == "no" || form == "yes")
    }

    fn name(&self, at: usize, end: usize) -> Option<Fact> {
        let mut first = at;
        while first + 1 < end && is_title(self.form(first)) && !BODIES.contains(&self.form(first + 1)) {
            first += 1;
        }
        let opens = opens(self.text, self.words, at);
        let lone = first + 1 == end;
        if lone && (is_title(self.form(first)) || first == at && opens && !self.is_subject(first)) {
            return None;
        }
        let name = self.read(first, end)?;
        let span = self.words.get(first)?.span.start..self.words.get(end - 1)?.span.end;
        Some(Fact { span, words: first..end, kind: FactKind::Name, value: Value::Name(name) })
    }

    /// Whether the one capital word a sentence opens with is followed as a subject is, and no plural or participle.
    fn is_subject(&self, at: usize) -> bool {
        let form = self.form(at);
        let own = self.words.get(at).and_then(|word| self.text.get(word.span.clone())).unwrap_or_default();
        let possessive = own.chars().count() > form.chars().count();
        let inner = own.chars().skip(1).any(char::is_uppercase)
            && (own.chars().any(char::is_lowercase) || own.chars().count() <= 4);
        let ordinary = ["s", "ing", "ly", "ed", "ion", "ice"].iter().any(|end| form.ends_with(end));
        inner
            || possessive
            || (!ordinary && AFTER_SUBJECT.contains(&self.form(at + 1)) && gap(self.text, self.words, at + 1) == " ")
    }

    fn read(&self, first: usize, end: usize) -> Option<Name> {
        let words = self.words.get(first..end)?;
        let own: Vec<&str> = words.iter().filter_map(|word| self.text.get(word.span.clone())).collect();
        let part = |word: &&Word| {
            let form = word.form.as_str();
            form.chars().count() > 1
                && !CONNECTORS.contains(&form)
                && !matches!(form, "jr" | "sr" | "ii" | "iii" | "the")
        };
        let parts: Vec<String> = words.iter().filter(part).flat_map(|word| undotted(&word.form)).collect();
        let initials = parts.iter().filter_map(|part| part.chars().next()).collect();
        let shown = own.join(" ").trim_end_matches("'s").trim_end_matches("’s").to_owned();
        (!parts.is_empty()).then_some(Name { parts, initials, shown })
    }
}

/// A word without full stops: "f.b.i" is one word, "v.putin" an initial and one.
fn undotted(form: &str) -> Vec<String> {
    let pieces: Vec<&str> = form.split('.').filter(|piece| !piece.is_empty()).collect();
    if pieces.iter().all(|piece| piece.chars().count() == 1) {
        return vec![pieces.concat()];
    }
    let told = pieces.into_iter().filter(|piece| piece.chars().count() > 1 && !SHORT.contains(piece));
    told.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn found(text: &str) -> Vec<Fact> {
        names(text, &words(text), &[])
    }

    fn read(text: &str) -> Vec<String> {
        found(text).iter().map(Fact::written).collect()
    }

    #[test]
    fn names_are_runs_of_capitals_without_titles_and_openers() {
        assert_eq!(
            read("The chief of the U.S. Department of Justice met Mr. Sam Altman in New York."),
            ["U.S Department of Justice", "Sam Altman", "New York"]
        );
        assert_eq!(
            read("But Officials met President Trump’s aides. Police left. However, it rained."),
            ["Officials", "Trump"]
        );
        assert_eq!(read("Apple said it. Analysts said no. Google's rival won."), ["Apple", "Google"]);
    }

    #[test]
    fn headlines_and_capitals_have_no_names() {
        assert_eq!(read("OPENAI SIGNED A DEAL WITH AMAZON"), Vec::<String>::new());
        assert_eq!(read("Amazon Signs Deal With OpenAI In Texas"), Vec::<String>::new());
    }
}
