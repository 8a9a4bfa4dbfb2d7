//! Names of people in running text, and the full name that an article gives for a surname or a pronoun.
//!
//! A name is a run of capitalised words behind any titles ("Sen. John McCain": "John McCain"). No dictionary of
//! names: a run that holds a word of places, days or bodies is no person's. Not here: who speaks (`subjects`).

use std::ops::Range;

use super::lexicon::{
    is_circumstance, is_day, is_determiner, is_impersonal, is_opener, is_particle, is_speech, is_suffix, is_title, ties,
};
use crate::neighbours::wording::is_stop_word;
use crate::text::{Word, words};

/// A stretch of text with its words.
#[derive(Debug)]
pub(super) struct Stretch<'a> {
    text: &'a str,
    /// The words, with byte ranges in the whole text.
    pub(super) words: Vec<Word>,
}

impl<'a> Stretch<'a> {
    /// The words of a byte range of a text.
    pub(super) fn new(text: &'a str, span: Range<usize>) -> Self {
        let mut found = words(text.get(span.clone()).unwrap_or_default());
        for word in &mut found {
            word.span = word.span.start + span.start..word.span.end + span.start;
        }
        Self { text, words: found }
    }

    /// The form of a word; empty where there is none.
    pub(super) fn form(&self, word: usize) -> &str {
        self.words.get(word).map_or("", |word| word.form.as_str())
    }

    /// The byte range of some words.
    pub(super) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.words.get(range.start).map_or(0, |word| word.span.start);
        let end = range.end.checked_sub(1).and_then(|last| self.words.get(last)).map_or(start, |word| word.span.end);
        start..end
    }

    /// What is printed between a word and the next.
    pub(super) fn gap(&self, word: usize) -> &'a str {
        let (Some(left), Some(right)) = (self.words.get(word), self.words.get(word + 1)) else { return "" };
        self.text.get(left.span.end..right.span.start).unwrap_or_default()
    }

    fn printed(&self, word: usize) -> &'a str {
        self.words.get(word).and_then(|word| self.text.get(word.span.clone())).unwrap_or_default()
    }

    /// Whether a word may be part of a name: capitalised, and no small word or opener of a sentence.
    pub(super) fn is_name_word(&self, word: usize) -> bool {
        let form = self.form(word);
        let capital = self.printed(word).chars().next().is_some_and(char::is_uppercase);
        let initial = form.chars().count() == 1 && self.gap(word).starts_with('.');
        capital && (initial || !(is_stop_word(form) || is_opener(form) || is_day(form)))
    }

    /// Whether two neighbouring words may be of one name, by what is printed between them.
    fn is_joined(&self, word: usize) -> bool {
        let possessive = self.printed(word).ends_with("'s") || self.printed(word).ends_with("’s");
        let stopped = self.gap(word) == ". ";
        let abbreviated =
            self.form(word).chars().count() <= 2 || is_title(self.form(word)) || is_suffix(self.form(word));
        !possessive && (matches!(self.gap(word), " " | "-" | "‑" | ".") || (stopped && abbreviated))
    }

    /// The run of capitalised words, small words of names between them, that ends with `last`. Titles included.
    pub(super) fn run_to(&self, last: usize) -> Option<Range<usize>> {
        if !self.is_name_word(last) {
            return None;
        }
        let mut start = last;
        while let Some(before) = start.checked_sub(1).filter(|&before| self.is_joined(before)) {
            let particle = is_particle(self.form(before)) && before > 0 && self.is_name_word(before - 1);
            if !(self.is_name_word(before) || (particle && self.is_joined(before - 1))) {
                break;
            }
            start = before;
        }
        Some(start..last + 1)
    }

    /// The run of capitalised words that holds `first` and all that go on from it.
    pub(super) fn run_from(&self, first: usize) -> Option<Range<usize>> {
        let mut last = first;
        while self.is_joined(last) {
            let next = last + 1;
            let particle = is_particle(self.form(next)) && self.is_joined(next) && self.is_name_word(next + 1);
            if !(self.is_name_word(next) || particle) {
                break;
            }
            last = next;
        }
        (self.is_name_word(first)).then_some(first..last + 1)
    }

    /// The person in a run of capitalised words: what follows its last title. None where it is all titles.
    pub(super) fn person(&self, run: &Range<usize>) -> Option<Range<usize>> {
        let title = run.clone().rev().find(|&word| is_title(self.form(word)) && word + 1 < run.end);
        let name = title.map_or(run.start, |title| title + 1)..run.end;
        // "R-Ky." and "Va." say where somebody sits.
        let first = self.form(name.start).chars().count();
        if (name.len() == 2 && first == 1 && self.gap(name.start) == "-") || (name.len() == 1 && first <= 2) {
            return None;
        }
        let named = name.clone().any(|word| !is_title(self.form(word)) && !is_suffix(self.form(word)));
        named.then_some(name)
    }

    /// Whether any word of a run belongs to the names of places, days and bodies.
    pub(super) fn is_impersonal(&self, run: &Range<usize>) -> bool {
        run.clone().any(|word| is_impersonal(self.form(word)))
    }
}

/// The surname in a name: its last word that is no suffix.
pub(super) fn surname(name: &str) -> Option<String> {
    words(name).into_iter().map(|word| word.form).rfind(|form| !is_suffix(form))
}

/// Whether a name has a given name and a surname.
pub(super) fn is_full(name: &str) -> bool {
    name.split_whitespace().filter(|word| !is_suffix(&word.trim_end_matches('.').to_lowercase())).count() >= 2
}

/// A name with the parts that are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    surname: String,
    given: String,
    /// Ends in "Jr", "III".
    suffixed: bool,
    printed: String,
}

impl Name {
    fn new(printed: &str) -> Option<Self> {
        let forms: Vec<String> = words(printed).into_iter().map(|word| word.form).collect();
        let suffixed = forms.last().is_some_and(|last| is_suffix(last));
        let given = forms.first()?.clone();
        Some(Self { surname: surname(printed)?, given, suffixed, printed: printed.to_owned() })
    }
}

/// A person named in an article.
#[derive(Debug, Clone)]
struct Mention {
    row: usize,
    start: usize,
    /// Behind a preposition: named, but hardly who acts.
    aside: bool,
    /// A title before it or a verb of speech beside it: no place and no thing.
    acts: bool,
    /// Printed without a given name.
    short: bool,
    name: String,
}

/// The people an article names, in reading order.
#[derive(Debug, Default)]
pub(super) struct People {
    mentions: Vec<Mention>,
    full: Vec<Name>,
    /// Names that are some person's beyond doubt, ascending.
    sure: Vec<String>,
}

impl People {
    /// The people of an article: its rows with their texts, without what stands between quotation marks.
    pub(super) fn new(stretches: &[(usize, Stretch)]) -> Self {
        let mut people = Self::default();
        for (_, stretch) in stretches {
            let printed = runs(stretch).filter_map(|run| person_of(stretch, &run)).map(|(_, name)| name);
            people.full.extend(printed.filter(|name| is_full(name)).filter_map(|name| Name::new(&name)));
        }
        people.full.sort();
        people.full.dedup();
        let mentions = stretches.iter().flat_map(|(row, stretch)| people.mentions_of(*row, stretch)).collect();
        people.mentions = mentions;
        let sure = |mention: &&Mention| mention.acts || (mention.short && is_full(&mention.name));
        people.sure = people.mentions.iter().filter(sure).map(|mention| mention.name.clone()).collect();
        people.sure.sort();
        people.sure.dedup();
        people
    }

    fn mentions_of(&self, row: usize, stretch: &Stretch) -> Vec<Mention> {
        let mention = |run: Range<usize>| {
            let (range, printed) = person_of(stretch, &run)?;
            let before = run.start.checked_sub(1).map_or("", |before| stretch.form(before));
            let spoke = is_speech(before) || is_speech(stretch.form(run.end));
            Some(Mention {
                row,
                start: stretch.span(&range).start,
                aside: ties(before) || is_circumstance(before),
                acts: (spoke || range.start > run.start) && !is_determiner(before),
                short: !is_full(&printed),
                name: self.resolve(&printed),
            })
        };
        runs(stretch).filter_map(mention).collect()
    }

    /// Whether the article leaves no doubt that a name is a person's: a title, a surname alone, a verb of speech.
    pub(super) fn is_sure(&self, name: &str) -> bool {
        self.sure.binary_search_by(|sure| sure.as_str().cmp(name)).is_ok()
    }

    /// The full name of the article that ends with `printed`, where there is one alone; else `printed`.
    /// "Donald Trump" and "Donald J. Trump" are one, "Donald Trump Jr." is another.
    pub(super) fn resolve(&self, printed: &str) -> String {
        let Some(wanted) = Name::new(printed).filter(|_| !is_full(printed)) else { return printed.to_owned() };
        let from = self.full.partition_point(|name| name.surname < wanted.surname);
        let fitting = self.full.iter().skip(from).take_while(|name| name.surname == wanted.surname);
        let fitting: Vec<&Name> = fitting.filter(|name| name.suffixed == wanted.suffixed).collect();
        let one = fitting.windows(2).all(|two| matches!(two, [a, b] if a.given == b.given));
        let shortest = fitting.iter().min_by_key(|name| name.printed.len()).filter(|_| one);
        shortest.map_or(printed, |name| name.printed.as_str()).to_owned()
    }

    /// Whom "he" or "she" at a place means: of the last sentence before it that surely names somebody, the first
    /// person there who is not behind a preposition. `sentence_of` is the byte range of the sentence at a place.
    pub(super) fn before(
        &self,
        row: usize,
        at: usize,
        sentence_of: impl FnOnce(usize, usize) -> Range<usize>,
    ) -> Option<&str> {
        let end = self.mentions.partition_point(|mention| (mention.row, mention.start) < (row, at));
        let mut earlier = self.mentions.get(..end)?.iter().rev().filter(|mention| self.is_sure(&mention.name));
        let last = earlier.next()?;
        let sentence = sentence_of(last.row, last.start);
        let together = earlier.take_while(|mention| mention.row == last.row && sentence.contains(&mention.start));
        let acting = [last].into_iter().chain(together).filter(|mention| !mention.aside).last();
        Some(acting.unwrap_or(last).name.as_str())
    }
}

/// The runs of capitalised words of a stretch, in order.
pub(super) fn runs<'s>(stretch: &'s Stretch<'_>) -> impl Iterator<Item = Range<usize>> + 's {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < stretch.words.len() {
            match stretch.run_from(at) {
                Some(run) => {
                    at = run.end;
                    return Some(run);
                }
                None => at += 1,
            }
        }
        None
    })
}

/// The person of a run, with the name as printed; none where it is a place, a body or too long for a name.
pub(super) fn person_of(stretch: &Stretch, run: &Range<usize>) -> Option<(Range<usize>, String)> {
    let name = stretch.person(run)?;
    if stretch.is_impersonal(&name) || name.len() > 4 {
        return None;
    }
    let printed = stretch.text.get(stretch.span(&name))?;
    Some((name, unpossessed(printed).to_owned()))
}

/// A name without the possessive ending.
pub(super) fn unpossessed(name: &str) -> &str {
    name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> People {
        People::new(&[(0, Stretch::new(text, 0..text.len()))])
    }

    #[test]
    fn a_surname_is_resolved_where_one_full_name_ends_so() {
        let one = people("OpenAI CEO Sam Altman signed. Mr. Altman left.");
        assert_eq!(one.resolve("Altman"), "Sam Altman");
        let two = people("Donald Trump and Melania Trump left.");
        assert_eq!(two.resolve("Trump"), "Trump");
        let initial = people("Donald J. Trump came. Later Donald Trump left.");
        assert_eq!(initial.resolve("Trump"), "Donald Trump");
    }

    #[test]
    fn titles_places_and_bodies_are_no_part_of_a_name() {
        let found = people("On Monday Texas Sen. Ted Cruz met House Speaker Paul Ryan in New York for Fox News.");
        assert_eq!(found.full.iter().map(|name| name.printed.as_str()).collect::<Vec<_>>(), ["Ted Cruz", "Paul Ryan"]);
    }

    #[test]
    fn small_words_and_hyphens_belong_to_a_name() {
        let found = people("Bill de Blasio and Alexandria Ocasio-Cortez came, and so did Robert F. Kennedy Jr. too.");
        assert_eq!(
            found.full.iter().map(|name| name.printed.as_str()).collect::<Vec<_>>(),
            ["Bill de Blasio", "Alexandria Ocasio-Cortez", "Robert F. Kennedy Jr"]
        );
    }

    #[test]
    fn a_son_is_not_his_father() {
        let found = people("Donald Trump Jr. met Donald Trump.");
        assert_eq!(
            (found.resolve("Trump Jr").as_str(), found.resolve("Trump").as_str()),
            ("Donald Trump Jr", "Donald Trump")
        );
    }

    #[test]
    fn a_pronoun_means_who_acts_in_the_last_sentence_that_names_somebody() {
        let text = "Mr. Sam Altman met reporters with Mr. Tim Cook. It rained in El Salvador.";
        let found = people(text);
        let sentence = |_, at: usize| if at < 47 { 0..47 } else { 47..text.len() };
        assert_eq!(found.before(0, text.len(), sentence), Some("Sam Altman"));
        assert_eq!(found.before(0, 0, |_, _| 0..0), None);
    }
}
