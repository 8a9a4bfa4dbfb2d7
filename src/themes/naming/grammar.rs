//! Parts of speech, as far as a name needs them: which words can stand in one, which can end one.
//!
//! No tagger: what a word is shows in its neighbours over the corpus (a noun ends phrases, after `the` or `of`; a
//! verb follows `to`, `will` or `they`, or comes before `the`), and where the corpus has seen little of it in its
//! ending. Not here: terms (`terms`).

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::neighbours::wording::is_stop_word;

/// What a word is to the words beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Opens a phrase that ends in a noun: `the`, `my`.
    Determiner,
    /// Has a verb after it, or what is said of a subject: `to`, `will`, `they`, `is`.
    BeforeVerb,
    /// `of`, which may stand within a proper name.
    Of,
    /// Has a noun after it: `in`, `for`.
    Preposition,
    /// Names no subject, but may open a proper name: `new`, `first`.
    Filler,
    /// A figure, which may end a proper name.
    Figure,
    /// Another word that no term holds.
    Function,
    /// Anything else.
    Content,
}

const DETERMINERS: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their", "some",
    "any", "no", "each", "every", "another",
];
const BEFORE_VERBS: &[&str] = &[
    "to", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "cannot", "can't", "won't",
    "not", "i", "we", "they", "you", "he", "she", "it", "who", "which", "is", "are", "was", "were", "be", "been",
    "being", "am", "has", "have", "had", "did", "does", "do", "don't", "didn't", "doesn't", "get", "gets", "got",
    "getting",
];

const PREPOSITIONS: &[&str] = &[
    "in", "on", "at", "by", "for", "with", "from", "into", "over", "about", "against", "between", "during", "after",
    "before", "under", "without", "through",
];

impl Class {
    pub(super) fn of(form: &str) -> Self {
        if DETERMINERS.contains(&form) {
            Self::Determiner
        } else if BEFORE_VERBS.contains(&form) {
            Self::BeforeVerb
        } else if form == "of" {
            Self::Of
        } else if PREPOSITIONS.contains(&form) {
            Self::Preposition
        } else if is_stop_word(form) {
            Self::Function
        } else if is_function(form) {
            Self::Filler
        } else if form.chars().all(char::is_numeric) {
            Self::Figure
        } else if !is_worded(form) {
            Self::Function
        } else {
            Self::Content
        }
    }
}

/// Whether a word (in [`crate::text::form`]) is a stop word, a filler, or one of them shortened: `isn't`, `we'll`.
pub(super) fn is_function(form: &str) -> bool {
    static FILLERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = include_str!("fillers.txt").lines().filter(|line| !line.starts_with('#'));
        lines.flat_map(str::split_whitespace).collect()
    });
    let shortened = |(stem, end): (&str, &str)| {
        matches!(end, "m" | "re" | "ve" | "ll" | "d" | "t") || is_stop_word(stem) && !stem.is_empty()
    };
    is_stop_word(form) || FILLERS.contains(form) || form.split_once('\'').is_some_and(shortened)
}

/// Whether a word is one that could be read as such: no bare figure, no single letter.
fn is_worded(form: &str) -> bool {
    form.chars().count() > 1 && form.chars().any(char::is_alphabetic) && !is_figure(form)
}

/// `5bn`, `20th`, `1980s`: a figure and its unit.
fn is_figure(form: &str) -> bool {
    let letters = form.trim_start_matches(|c: char| c.is_numeric() || c == '.' || c == ',');
    letters.len() < form.len() && letters.chars().count() <= 3 && letters.chars().all(char::is_alphabetic)
}

/// What the places of a form say of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence {
    ending: Ending,
    places: u32,
    /// Places in which it ends a phrase as a noun would.
    ends: u32,
    /// Of these, those in which a determiner or a preposition opens the phrase.
    led: u32,
    /// Places in which it stands as a verb would.
    verb: u32,
}

/// Endings that say what a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// `-ed`, `-ly`: ends no phrase but straight after a determiner or as a name.
    Participle,
    Adverb,
    /// `-ing`.
    Gerund,
    /// `-ous`, `-able`.
    Adjective,
    /// `-tion`, `-ness`, and the plural.
    Noun,
    Other,
}

/// Places that an ending is worth.
const PRIOR: f64 = 4.0;
/// Of the places of a noun, at least so many are ends of phrases...
const NOUN: f64 = 0.3;
/// ... and at least so many ends of phrases that a determiner or a preposition opens.
const LED: f64 = 0.05;
/// Of the places of a verb, at least so many are those of one.
const VERB: f64 = 0.35;
/// Of the places of all forms of a verb, at least so many are those of one.
const VERBS: f64 = 0.45;

impl Evidence {
    pub(super) fn of(form: &str) -> Self {
        Self { ending: Ending::of(form), places: 0, ends: 0, led: 0, verb: 0 }
    }

    /// Takes in a place: the classes of the words it adjoins, and whether a determiner or a preposition opens its
    /// phrase.
    pub(super) fn note(&mut self, (before, led): (Option<Class>, bool), after: Option<Class>) {
        self.places += 1;
        let verb = before == Some(Class::BeforeVerb) || after == Some(Class::Determiner);
        let able = match self.ending {
            Ending::Participle | Ending::Adverb => before == Some(Class::Determiner),
            Ending::Gerund => before.is_some(),
            // "massive, reliable"
            Ending::Adjective => led || after.is_some(),
            Ending::Noun | Ending::Other => true,
        };
        let ends = able && !verb && !matches!(after, Some(Class::Content | Class::Figure));
        self.verb += u32::from(verb);
        self.ends += u32::from(ends);
        self.led += u32::from(ends && led);
    }

    /// Whether it can end a term.
    pub(super) fn is_noun(&self) -> bool {
        let (ends, led) = self.ending.prior();
        let share = |seen: u32, prior: f64| (f64::from(seen) + PRIOR * prior) / (f64::from(self.places) + PRIOR);
        share(self.ends, ends) >= NOUN && share(self.led, led) >= LED && !self.is_verb()
    }

    /// Whether it can open a term of several words.
    pub(super) fn is_modifier(&self, kin_are_verbs: bool) -> bool {
        // "requires" is a verb where "require" is one, but "exchange" opens "exchange rate".
        let conjugated = kin_are_verbs && self.ending == Ending::Noun;
        self.ending != Ending::Adverb && !conjugated && !self.is_verb()
    }

    /// Whether its ending lets it be a noun.
    pub(super) fn may_be_noun(&self) -> bool {
        !matches!(self.ending, Ending::Adverb | Ending::Participle | Ending::Gerund)
    }

    fn is_verb(&self) -> bool {
        f64::from(self.verb) >= VERB * (f64::from(self.places) + PRIOR)
    }

    /// How often it stands, and how often as a verb.
    pub(super) fn verbs(&self) -> (f64, f64) {
        let verbs = match self.ending {
            Ending::Participle | Ending::Gerund => self.places - self.ends,
            _ => self.verb,
        };
        (f64::from(self.places), f64::from(verbs))
    }
}

/// Whether a stem whose forms stand so often, and so often as verbs, is one: "defends" is as "defended" and "to
/// defend" are.
pub(super) fn is_verb((places, verbs): (f64, f64)) -> bool {
    verbs >= VERBS * (places + PRIOR / 2.0)
}

impl Ending {
    fn of(form: &str) -> Self {
        let stem = |end: &str| form.strip_suffix(end).is_some_and(|stem| stem.chars().any(|c| "aeiouy".contains(c)));
        let ends = |endings: &[&str]| endings.iter().any(|end| form.ends_with(end));
        if stem("ed") && !form.ends_with("eed") {
            Self::Participle
        } else if stem("ly") {
            Self::Adverb
        } else if stem("ing") {
            Self::Gerund
        } else if ends(ADJECTIVES) {
            Self::Adjective
        } else if ends(NOUNS) {
            Self::Noun
        } else {
            Self::Other
        }
    }

    /// What it lets one expect: the shares of places that are ends of phrases, and of phrases that are opened.
    fn prior(self) -> (f64, f64) {
        match self {
            Self::Participle | Self::Adverb => (0.05, 0.0),
            Self::Gerund => (0.2, 0.05),
            Self::Adjective => (0.15, 0.0),
            Self::Noun => (0.6, 0.2),
            Self::Other => (0.45, 0.1),
        }
    }
}

/// Endings of adjectives, and of nouns.
const ADJECTIVES: &[&str] = &["ive", "ous", "able", "ible", "ful", "ic", "less", "al", "ish", "ary"];
const NOUNS: &[&str] = &["tion", "sion", "ment", "ness", "ity", "ship", "ism", "ist", "er", "or", "ence", "ance", "s"];
