//! The words that deny a statement ("not", "never", "denied") and those that soften one ("reportedly", "may").
//!
//! Not here: what they do to a statement that another text makes too (`polarity`).

use super::{Fact, Value};
use crate::coverage::FactKind;
use crate::text::Word;

/// A word or phrase that denies or softens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    form: String,
    denies: Option<Denial>,
}

/// How a word denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denial {
    /// By itself: "not".
    Plain,
    /// In its meaning: "refused". It stands for "not", and no more.
    Verb,
}

const NOT: &[&str] = &[
    "not", "cannot", "never", "no", "without", "nor", "neither", "none", "nobody", "nothing", "nowhere", "hardly", "cant", "non",
];

/// After "not" these make an addition of it: "not only".
const ADDS: &[&str] = &["only", "just", "merely", "simply", "least", "doubt", "matter", "but"];

const VERBS: &[&str] = &[
    "deny", "denied", "denies", "denying", "refuse", "refused", "refuses", "refusing", "fail", "failed", "fails", "failing",
    "decline", "declined", "declines", "declining", "reject", "rejected", "rejects", "rejecting", "unable", "lack", "lacks",
    "lacked", "lacking", "unlikely", "impossible", "false", "untrue", "avoid", "avoided", "stopped", "absent", "few", "little",
];

const SOFT: &[&str] = &[
    "allegedly", "reportedly", "apparently", "purportedly", "supposedly", "presumably", "possibly", "perhaps", "probably",
    "likely", "potentially", "seemingly", "may", "might", "could", "alleged", "suspected", "purported", "supposed", "maybe", "accused", "alleges", "claims", "claimed", "hopes", "hoped", "suspects", "unlikely", "seeks",
];

/// Words that soften together with the "to" after them.
const SOFT_TO: &[&str] =
    &["expected", "believed", "thought", "plans", "planning", "planned", "plan", "seems", "seem", "seemed", "appears", "appear", "appeared", "rumored", "intends", "poised", "set"];

/// The cues of a text, in order.
pub(super) fn cues(text: &str, words: &[Word]) -> Vec<Fact> {
    let negated_modal = |at: usize| words.get(at).is_some_and(|word| matches!(word.form.as_str(), "couldn't" | "mightn't"));
    let hedge = |at: usize| negated_modal(at).then(|| fact(words, at, at + 1, None)).flatten();
    (0..words.len()).flat_map(|at| cue(text, words, at).into_iter().chain(hedge(at))).collect()
}

fn cue(text: &str, words: &[Word], at: usize) -> Option<Fact> {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    let denies = denial(form(at), form(at + 1));
    let end = if denies.is_some() { Some(at + 1) } else { softens(text, words, at) }?;
    fact(words, at, end, denies)
}

fn fact(words: &[Word], at: usize, end: usize, denies: Option<Denial>) -> Option<Fact> {
    let kind = if denies.is_some() { FactKind::Negation } else { FactKind::Hedge };
    let said = words.get(at..end)?.iter().map(|word| word.form.as_str()).collect::<Vec<_>>().join(" ");
    let span = words.get(at)?.span.start..words.get(end - 1)?.span.end;
    Some(Fact { span, words: at..end, kind, value: Value::Cue(Cue { form: said, denies }) })
}

fn denial(form: &str, next: &str) -> Option<Denial> {
    let number = form == "no" && next.starts_with(|c: char| c.is_ascii_digit());
    if (NOT.contains(&form) || form.ends_with("n't")) && !ADDS.contains(&next) && !number {
        return Some(Denial::Plain);
    }
    VERBS.contains(&form).then_some(Denial::Verb)
}

/// One past the last word of the phrase that softens from word `at` on.
fn softens(text: &str, words: &[Word], at: usize) -> Option<usize> {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    let small = text.get(words.get(at)?.span.clone())?.starts_with(char::is_lowercase);
    let month = form(at) == "may" && !small;
    if SOFT.contains(&form(at)) && !month {
        return Some(at + 1);
    }
    let told = matches!(form(at), "said" | "alleged") && matches!(at.checked_sub(1).map(form), Some("is" | "are" | "was" | "were"));
    if (SOFT_TO.contains(&form(at)) || told) && form(at + 1) == "to" {
        return Some(at + 2);
    }
    let sources = form(at) == "according" && form(at + 1) == "to" && (2..5).any(|step| form(at + step).starts_with("source"));
    sources.then_some(at + 2)
}

impl Cue {
    /// Whether it denies, rather than softens.
    pub(super) fn denies(&self) -> bool {
        self.denies.is_some()
    }

    /// Whether it denies by its meaning only, so that leaving it out denies nothing: "refused".
    pub(super) fn is_verb(&self) -> bool {
        self.denies == Some(Denial::Verb)
    }

    /// The word, in lower case.
    pub(super) fn written(&self) -> String {
        self.form.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    fn read(text: &str) -> Vec<(FactKind, String)> {
        cues(text, &words(text)).iter().map(|fact| (fact.kind, fact.written())).collect()
    }

    #[test]
    fn words_that_deny() {
        let said = |text: &str| read(text).into_iter().map(|(_, word)| word).collect::<Vec<_>>();
        assert_eq!(said("He didn’t go, never will, and cannot."), ["didn't", "never", "cannot"]);
        assert_eq!(said("not only that, No. 3"), Vec::<String>::new());
    }

    #[test]
    fn words_that_soften() {
        let said = |text: &str| read(text).into_iter().map(|(_, word)| word).collect::<Vec<_>>();
        assert_eq!(said("It may, in May, reportedly, is expected to and is said to"), ["may", "reportedly", "expected to", "said to"]);
    }
}
