//! The words that deny a statement ("not", "never", "denied") and those that soften one ("reportedly", "may").
//!
//! Not here: what they do to a statement that another text makes too (`polarity`).

use std::ops::Range;

use super::{Fact, Value};
use crate::coverage::FactKind;
use crate::text::Word;

/// A word or phrase that denies or softens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    form: String,
    denies: bool,
    strength: Strength,
}

/// What a word does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// It denies or softens: "not", "may".
    Full,
    /// It can stand for one that does, and leaving it out says nothing: "refused", "claimed".
    Stand,
}

const NOT: &[&str] = &[
    "not", "cannot", "never", "no", "without", "nor", "neither", "none", "nobody", "nothing", "nowhere", "hardly",
    "cant", "non", "dont", "doesnt", "didnt", "isnt", "wasnt", "arent", "havent", "hasnt", "hadnt", "wont", "wouldnt",
    "couldnt", "shouldnt",
];

/// After "not" these make an addition of it: "not only".
const ADDS: &[&str] = &["only", "just", "merely", "simply", "least", "doubt", "matter", "but"];

const VERBS: &[&str] = &[
    "deny",
    "denied",
    "denies",
    "denying",
    "refuse",
    "refused",
    "refuses",
    "refusing",
    "fail",
    "failed",
    "fails",
    "failing",
    "decline",
    "declined",
    "declines",
    "declining",
    "reject",
    "rejected",
    "rejects",
    "rejecting",
    "unable",
    "lack",
    "lacks",
    "lacked",
    "lacking",
    "unlikely",
    "impossible",
    "false",
    "untrue",
    "avoid",
    "avoided",
    "stopped",
    "absent",
    "few",
    "little",
    "failure",
    "refusal",
    "rarely",
    "seldom",
];

/// What the verbs that deny are the opposite of.
const AFFIRMING: &[&str] = &[
    "confirmed",
    "confirms",
    "confirm",
    "admitted",
    "admits",
    "admit",
    "acknowledged",
    "agreed",
    "agrees",
    "agree",
    "accepted",
    "accepts",
    "accept",
    "approved",
    "approves",
    "managed",
    "manages",
    "succeeded",
    "succeeds",
    "able",
    "true",
    "possible",
    "embraced",
];

const SOFT: &[&str] = &[
    "allegedly",
    "reportedly",
    "apparently",
    "purportedly",
    "supposedly",
    "presumably",
    "possibly",
    "perhaps",
    "probably",
    "likely",
    "potentially",
    "conceivably",
    "arguably",
    "ostensibly",
    "evidently",
    "plausibly",
    "theoretically",
    "hypothetically",
    "seemingly",
    "may",
    "might",
    "could",
    "alleged",
    "suspected",
    "purported",
    "supposed",
    "maybe",
];

const SOFT_VERBS: &[&str] = &[
    "accused", "alleges", "allege", "claims", "claimed", "claim", "hopes", "hoped", "suspects", "unlikely", "seeks",
    "believes", "believed", "thinks", "rumors",
];

/// Words that soften together with the "to" after them.
const SOFT_TO: &[&str] = &[
    "expected", "believed", "thought", "plans", "planning", "planned", "plan", "seems", "seem", "seemed", "appears",
    "appear", "appeared", "rumored", "intends", "poised", "set",
];

/// The cues of a text, in order.
pub(super) fn cues(text: &str, words: &[Word]) -> Vec<Fact> {
    let negated_modal = |at: usize| {
        words.get(at).is_some_and(|word| matches!(word.form.as_str(), "couldn't" | "mightn't" | "unlikely"))
    };
    let hedge = |at: usize| negated_modal(at).then(|| fact(words, at..at + 1, false, Strength::Full)).flatten();
    (0..words.len()).flat_map(|at| cue(text, words, at).into_iter().chain(hedge(at))).collect()
}

fn cue(text: &str, words: &[Word], at: usize) -> Option<Fact> {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    if let Some(strength) = denial(form(at), form(at + 1)) {
        let start = at - usize::from(form(at) == "no" && matches!(at.checked_sub(1).map(form), Some("by" | "in")));
        let phrase = form(at) == "no" && matches!(form(at + 1), "longer" | "means" | "way" | "more");
        return fact(words, start..at + 1 + usize::from(phrase), true, strength);
    }
    if AFFIRMING.contains(&form(at)) {
        let span = words.get(at)?.span.clone();
        return Some(Fact { span, words: at..at + 1, kind: FactKind::Negation, value: Value::Plain("affirmed") });
    }
    let (end, strength) = softens(text, words, at)?;
    fact(words, at..end, false, strength)
}

fn fact(words: &[Word], taken: Range<usize>, denies: bool, strength: Strength) -> Option<Fact> {
    let kind = if denies { FactKind::Negation } else { FactKind::Hedge };
    let own = words.get(taken.clone())?;
    let said = own.iter().map(|word| word.form.as_str()).collect::<Vec<_>>().join(" ");
    let span = own.first()?.span.start..own.last()?.span.end;
    Some(Fact { span, words: taken, kind, value: Value::Cue(Cue { form: said, denies, strength }) })
}

fn denial(form: &str, next: &str) -> Option<Strength> {
    let number = form == "no" && next.starts_with(|c: char| c.is_ascii_digit());
    if (NOT.contains(&form) || form.ends_with("n't")) && !ADDS.contains(&next) && !number {
        return Some(Strength::Full);
    }
    VERBS.contains(&form).then_some(Strength::Stand)
}

/// One past the last word of the phrase that softens from word `at` on, and how strongly.
fn softens(text: &str, words: &[Word], at: usize) -> Option<(usize, Strength)> {
    let form = |at: usize| words.get(at).map_or("", |word| word.form.as_str());
    let small = text.get(words.get(at)?.span.clone())?.starts_with(char::is_lowercase);
    let month = form(at) == "may" && !small;
    if SOFT.contains(&form(at)) && !month {
        return Some((at + 1, Strength::Full));
    }
    let told = matches!(form(at), "said" | "alleged")
        && matches!(at.checked_sub(1).map(form), Some("is" | "are" | "was" | "were"));
    if (SOFT_TO.contains(&form(at)) || told) && form(at + 1) == "to" {
        return Some((at + 2, Strength::Full));
    }
    let sources =
        form(at) == "according" && form(at + 1) == "to" && (2..5).any(|step| form(at + step).starts_with("source"));
    let stands = SOFT_VERBS.contains(&form(at)).then_some(at + 1);
    sources.then_some(at + 2).or(stands).map(|end| (end, Strength::Stand))
}

impl Cue {
    /// Whether it denies, rather than softens.
    pub(super) fn denies(&self) -> bool {
        self.denies
    }

    /// Whether it only stands for one that denies or softens: "refused".
    pub(super) fn only_stands(&self) -> bool {
        self.strength == Strength::Stand
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
        assert_eq!(
            said("It may, in May, reportedly, is expected to and is said to"),
            ["may", "reportedly", "expected to", "said to"]
        );
    }
}
