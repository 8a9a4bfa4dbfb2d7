//! A name, and what else can stand for it: a surname, initials, an acronym, a demonym, another spelling.
//!
//! Not here: finding names in a text (`names`).

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    /// Its words in lower case, without titles, initials and connectors.
    pub(super) parts: Vec<String>,
    /// The first letters of its words, connectors aside.
    pub(super) initials: String,
    /// As the text writes it, on one line.
    pub(super) shown: String,
}

/// Names of one country, of which the first stands for all.
const SAME: &[&[&str]] = &[
    &["us", "usa", "america", "american", "americans", "united states"],
    &["uk", "britain", "british", "united kingdom", "great britain"],
    &["eu", "european union"],
    &["un", "united nations"],
    &["france", "french"],
    &["germany", "german", "germans"],
    &["spain", "spanish"],
    &["gop", "republican", "republicans", "republican party"],
    &["democrat", "democrats", "democratic", "democratic party"],
];

/// Endings that make another word of a name: "China", "Chinese".
const ENDINGS: &[&str] =
    &["", "s", "a", "e", "n", "an", "ans", "ian", "ians", "ese", "ish", "i", "is", "ic", "ist", "ists"];

/// Spellings of one name: "Qaeda", "Qaida"; longer ones may differ in two letters.
fn same_spelling(a: &str, b: &str) -> bool {
    let apart = match a.chars().count().min(b.chars().count()) {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    };
    a.chars().next() == b.chars().next() && strsim::osa_distance(a, b) <= apart
}

/// Words that differ only in an ending that makes another word of the same name.
fn same_word(a: &str, b: &str) -> bool {
    let shared: usize = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let rest = |word: &str| word.get(shared..).is_some_and(|rest| ENDINGS.contains(&rest));
    a == b || (shared >= 4 && rest(a) && rest(b)) || same_spelling(a, b)
}

/// Whether two first names may be one: two letters in common from the start, or one for an initial. "Jane" is not "John".
fn begin_alike(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    shared >= 2 || shared == 1 && a.chars().count().min(b.chars().count()) == 1
}

impl Name {
    /// The words it is made of.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }

    /// Whether it says of somebody where he comes from: "Kentucky Republican".
    pub(super) fn describes(&self) -> bool {
        let last = self.parts.last().map_or("", String::as_str);
        self.parts.len() > 1 && matches!(last, "republican" | "democrat" | "republicans" | "democrats" | "native")
    }

    /// As the text writes it, on one line.
    pub(super) fn written(&self) -> String {
        self.shown.clone()
    }

    /// Whether both can name one person, place or body.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.holds(other)
            || other.holds(self)
            || self.abbreviates(other)
            || other.abbreviates(self)
            || self.is_alias(other)
            || self.is_nickname(other)
            || self.parts.concat() == other.parts.concat()
    }

    /// Whether every word of the other is one of its own.
    fn holds(&self, other: &Self) -> bool {
        other.parts.iter().all(|part| self.parts.iter().any(|own| same_word(own, part)))
    }

    /// "FBI", "F.B.I." for "Federal Bureau of Investigation".
    fn abbreviates(&self, other: &Self) -> bool {
        let [one] = self.parts.as_slice() else { return false };
        let letters: String = one.chars().filter(|c| c.is_alphanumeric()).collect();
        other.parts.len() > 1 && letters.chars().count() > 1 && letters == other.initials
    }

    fn is_alias(&self, other: &Self) -> bool {
        let group = |name: &Self| {
            let joined = name.parts.join(" ");
            SAME.iter().position(|same| same.contains(&joined.as_str()))
        };
        group(self).zip(group(other)).is_some_and(|(a, b)| a == b)
    }

    /// The last two words are the same: "House Leader Kevin McCarthy", "Minority Leader Kevin McCarthy".
    fn ends_alike(&self, other: &Self) -> bool {
        let last = |name: &Self| {
            name.parts.len().checked_sub(2).and_then(|first| name.parts.get(first..)).map(<[String]>::to_vec)
        };
        last(self).zip(last(other)).is_some_and(|(a, b)| a == b)
    }

    /// One surname, and first names that begin alike: "Mike Pence", "Michael R. Pence".
    fn is_nickname(&self, other: &Self) -> bool {
        let ends =
            |name: &Self| name.parts.first().cloned().zip(name.parts.last().cloned()).filter(|_| name.parts.len() > 1);
        ends(self).zip(ends(other)).is_some_and(|((a, x), (b, y))| x == y && begin_alike(&a, &b))
            || self.ends_alike(other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::names;
    use super::super::{Fact, Value};
    use super::*;
    use crate::text::words;

    fn found(text: &str) -> Name {
        let all: Vec<Fact> = names(text, &words(text), &[]);
        let Value::Name(name) = all[0].value.clone() else { unreachable!("a name was read as something else") };
        name
    }

    #[test]
    fn short_and_long_forms_of_a_name_agree() {
        let agree = |a: &str, b: &str| {
            let (a, b) = (format!("we met {a} there today"), format!("we met {b} there today"));
            let (x, y) = (found(&a), found(&b));
            assert_eq!(x.agrees(&y), y.agrees(&x));
            x.agrees(&y)
        };
        for (a, b) in [
            ("Sam Altman", "Altman"),
            ("Mr. Altman", "Sam Altman"),
            ("FBI", "Federal Bureau of Investigation"),
            ("U.S.", "United States"),
            ("China", "Chinese"),
            ("Mike Pence", "Michael Pence"),
            ("J. Smith", "John Smith"),
        ] {
            assert!(agree(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("Donald Trump", "Melania Trump"),
            ("New York", "New Jersey"),
            ("Amazon", "Google"),
            ("Austria", "Australia"),
        ] {
            assert!(!agree(a, b), "{a} / {b}");
        }
    }
}
