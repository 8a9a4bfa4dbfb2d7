//! Keywords and names: what sets a theme's paragraphs apart from all others.
//!
//! Class-based TF-IDF (Grootendorst 2022, eq. 3): a term's weight in a theme is its count there times
//! `ln(1 + A / f)`, `A` the mean number of terms a theme and `f` the term's count in all of them. It is
//! multiplied by how much rarer the term is elsewhere, `1 - 2 p / q` of the shares of paragraphs outside
//! and inside that hold it: what is not twice as common here as elsewhere says nothing of the theme, so
//! that in a corpus about one story its hero names none.
//! Terms are words, pairs of words between which nothing stands, and proper names of three, without stop
//! words, counted by stem and shown as they are mostly written. No term is a piece of a proper name: "CEO Sam"
//! of "CEO Sam Altman" means nothing.

use std::collections::BTreeMap;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

use crate::collection::Collection;
use crate::neighbours::wording::is_stop_word;
use crate::text::{Word, words};
use crate::theme::{Origin, Theme};

/// Keywords shown a theme.
const KEYWORDS: usize = 6;
/// Keywords a discovered theme's name is made of.
const NAMED: usize = 2;
/// Words of reporting that stand in any article, beside the stop words.
const REPORTING: &[&str] = &[
    "according",
    "across",
    "already",
    "also",
    "although",
    "among",
    "amid",
    "another",
    "around",
    "became",
    "become",
    "could",
    "despite",
    "even",
    "ever",
    "every",
    "far",
    "first",
    "following",
    "get",
    "however",
    "including",
    "instead",
    "last",
    "less",
    "like",
    "made",
    "make",
    "many",
    "may",
    "meanwhile",
    "might",
    "much",
    "must",
    "never",
    "next",
    "now",
    "often",
    "one",
    "per",
    "rather",
    "said",
    "say",
    "saying",
    "says",
    "several",
    "since",
    "still",
    "take",
    "toward",
    "towards",
    "told",
    "two",
    "upon",
    "us",
    "via",
    "vs",
    "well",
    "whether",
    "within",
    "without",
    "would",
    "yet",
];
/// From this many paragraphs on, a word that only one of them has is chance.
const CHANCE: usize = 4;
/// Words of the longest term.
const LONGEST: usize = 3;
/// How much more words that belong together say than a word of the same weight.
const PAIR: f64 = 1.5;

/// A term's stems, the same however it is written.
type Stems = Vec<String>;

/// How often a term occurs, in how many paragraphs, and how it is written.
#[derive(Debug, Default)]
struct Term {
    count: usize,
    paragraphs: usize,
    last: Option<usize>,
    written: BTreeMap<String, usize>,
}

type Terms = BTreeMap<Stems, Term>;

/// Gives every theme its keywords, and discovered ones names that no other theme has.
pub(super) fn name(collection: &Collection, themes: &mut [Theme]) {
    let stemmer = Stemmer::create(Algorithm::English);
    let counted: Vec<Terms> = themes
        .iter()
        .map(|theme| count(&stemmer, theme.members.iter().map(|member| collection.text(member.row))))
        .collect();
    let corpus = Corpus::of(&counted, themes);
    let mut taken: Vec<String> =
        themes.iter().filter(|theme| theme.origin == Origin::Seeded).map(|theme| theme.name.clone()).collect();
    for (theme, terms) in themes.iter_mut().zip(&counted) {
        theme.keywords = keywords(terms, |stems, term| corpus.weight(stems, term, theme.members.len()));
        if theme.origin == Origin::Discovered {
            theme.name = unused_name(&theme.keywords, &taken);
            taken.push(theme.name.clone());
        }
    }
}

/// What all themes hold, to weigh one against.
struct Corpus<'a> {
    /// Count and paragraphs of each term, summed over the themes.
    terms: BTreeMap<&'a Stems, (usize, usize)>,
    paragraphs: usize,
    mean: f64,
}

impl<'a> Corpus<'a> {
    fn of(counted: &'a [Terms], themes: &[Theme]) -> Self {
        let mut terms: BTreeMap<&Stems, (usize, usize)> = BTreeMap::new();
        for (stems, term) in counted.iter().flatten() {
            let sum = terms.entry(stems).or_default();
            *sum = (sum.0 + term.count, sum.1 + term.paragraphs);
        }
        let total: usize = terms.values().map(|sum| sum.0).sum();
        let paragraphs = themes.iter().map(|theme| theme.members.len()).sum();
        Self { terms, paragraphs, mean: total as f64 / counted.len().max(1) as f64 }
    }

    /// The weight of a term in a theme of so many paragraphs.
    fn weight(&self, stems: &Stems, term: &Term, inside: usize) -> f64 {
        let &(count, paragraphs) = self.terms.get(stems).unwrap_or(&(term.count, term.paragraphs));
        if inside >= CHANCE && term.paragraphs < 2 {
            return 0.0;
        }
        let outside = self.paragraphs.saturating_sub(inside).max(1);
        let share_outside = (paragraphs - term.paragraphs) as f64 / outside as f64;
        let share_inside = term.paragraphs as f64 / inside.max(1) as f64;
        let pair = if stems.len() > 1 { PAIR } else { 1.0 };
        let own = (1.0 - 2.0 * share_outside / share_inside).max(0.0);
        pair * own * term.count as f64 * (1.0 + self.mean / count as f64).ln()
    }
}

fn count<'a>(stemmer: &Stemmer, texts: impl Iterator<Item = &'a str>) -> Terms {
    let mut terms = Terms::new();
    for (paragraph, text) in texts.enumerate() {
        let found = words(text);
        for at in 0..found.len() {
            for words in 1..=LONGEST.min(found.len() - at) {
                if is_term(text, &found, at..at + words) {
                    add(&mut terms, stemmer, (paragraph, text), &found[at..at + words]);
                }
            }
        }
    }
    terms
}

/// Whether words stand together as a term: a word, a pair that is no piece of a longer proper name, or three words
/// that are one.
fn is_term(text: &str, found: &[Word], range: Range<usize>) -> bool {
    let capital = |at: usize| text[found[at].span.start..].starts_with(char::is_uppercase);
    let one_name = |left: usize| adjoin(text, &found[left], &found[left + 1]) && capital(left) && capital(left + 1);
    let (first, last) = (range.start, range.end - 1);
    let together = (first..last).all(|at| adjoin(text, &found[at], &found[at + 1]));
    let is_piece = (first > 0 && one_name(first - 1)) || (range.end < found.len() && one_name(last));
    match range.len() {
        1 => true,
        2 => together && !is_piece,
        _ => together && !is_piece && range.clone().all(capital),
    }
}

/// Whether only a space or a hyphen stands between two words.
fn adjoin(text: &str, left: &Word, right: &Word) -> bool {
    matches!(&text[left.span.end..right.span.start], " " | "-" | "‑")
}

fn add(terms: &mut Terms, stemmer: &Stemmer, (paragraph, text): (usize, &str), found: &[Word]) {
    if !found.iter().all(|word| tells(&word.form)) {
        return;
    }
    let stems = found.iter().map(|word| stemmer.stem(&word.form).into_owned()).collect();
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return };
    let written = text[first.span.start..last.span.end].trim_end_matches("’s").trim_end_matches("'s");
    let term = terms.entry(stems).or_default();
    term.count += 1;
    if term.last.replace(paragraph) != Some(paragraph) {
        term.paragraphs += 1;
    }
    *term.written.entry(written.to_owned()).or_default() += 1;
}

/// Whether a word can stand in a name: no stop word, no word of reporting, no bare figure, no single letter.
fn tells(form: &str) -> bool {
    form.chars().count() > 1
        && form.chars().any(char::is_alphabetic)
        && !is_stop_word(form)
        && !REPORTING.contains(&form)
}

/// The best terms as they are mostly written; none shares a stem with a better one.
fn keywords(terms: &Terms, weight: impl Fn(&Stems, &Term) -> f64) -> Vec<String> {
    let mut ranked: Vec<(&Stems, &Term, f64)> =
        terms.iter().map(|(stems, term)| (stems, term, weight(stems, term))).filter(|term| term.2 > 0.0).collect();
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    let mut used: Vec<&String> = Vec::new();
    let mut chosen = Vec::new();
    for (stems, term, _) in ranked {
        if chosen.len() == KEYWORDS {
            break;
        }
        if stems.iter().any(|stem| used.contains(&stem)) {
            continue;
        }
        used.extend(stems);
        chosen.push(mostly(&term.written));
    }
    chosen
}

/// The most frequent way of writing, the first in order on ties.
fn mostly(written: &BTreeMap<String, usize>) -> String {
    let best = written.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    best.map(|(written, _)| written.clone()).unwrap_or_default()
}

/// The first keywords, as many as it takes to be unlike every name taken.
fn unused_name(keywords: &[String], taken: &[String]) -> String {
    let free = |name: &String| !name.is_empty() && !taken.contains(name);
    (NAMED..=keywords.len().max(NAMED))
        .map(|count| keywords.iter().take(count).cloned().collect::<Vec<_>>().join(", "))
        .find(free)
        .unwrap_or_else(|| numbered(&keywords.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "), taken))
}

fn numbered(name: &str, taken: &[String]) -> String {
    let stem = if name.is_empty() { "theme" } else { name };
    (2_usize..).map(|number| format!("{stem} ({number})")).find(|name| !taken.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Terms {
        count(&Stemmer::create(Algorithm::English), std::iter::once(text))
    }

    #[test]
    fn terms_keep_case_and_merge_forms() {
        let found = terms("OpenAI’s chips. A chip, OpenAI chips and OpenAI");
        assert_eq!(found[&vec!["openai".to_owned()]].count, 3);
        assert_eq!(mostly(&found[&vec!["openai".to_owned()]].written), "OpenAI");
        assert_eq!(found[&vec!["chip".to_owned()]].count, 3);
        assert_eq!(found[&vec!["openai".to_owned(), "chip".to_owned()]].count, 2);
    }

    #[test]
    fn a_pair_does_not_reach_over_a_full_stop_or_a_stop_word() {
        assert!(!terms("the deal. Amazon of Seattle").keys().any(|stems| stems.len() > 1));
    }

    #[test]
    fn no_term_is_a_piece_of_a_proper_name() {
        let found =
            terms("then CEO Sam Altman spoke, and Sam Altman of the Wall Street firm Amazon Web Services Cloud Unit");
        let longer: Vec<String> = found.keys().filter(|stems| stems.len() > 1).map(|stems| stems.join(" ")).collect();
        assert_eq!(longer, ["ceo sam altman", "sam altman", "wall street"].map(String::from));
    }

    #[test]
    fn no_keyword_repeats_another() {
        let found = terms("cloud deal cloud deal deals cloud chips");
        let words = keywords(&found, |stems, term| (term.count * stems.len()) as f64);
        assert_eq!(words, ["cloud deal", "chips"]);
    }

    #[test]
    fn what_every_theme_speaks_of_names_none() {
        let texts = ["OpenAI chips", "OpenAI chips", "OpenAI debt", "OpenAI debt"];
        let counted: Vec<Terms> =
            texts.chunks(2).map(|two| count(&Stemmer::create(Algorithm::English), two.iter().copied())).collect();
        let member = |row| crate::theme::Member { row, score: 0.0 };
        let themes: Vec<Theme> =
            [[0, 1], [2, 3]].map(|rows| super::super::discovered_theme(rows.map(member).to_vec())).to_vec();
        let corpus = Corpus::of(&counted, &themes);
        let words = keywords(&counted[0], |stems, term| corpus.weight(stems, term, 2));
        assert_eq!(words, ["OpenAI chips"]);
        assert_eq!(corpus.weight(&vec!["openai".to_owned()], &counted[0][&vec!["openai".to_owned()]], 2), 0.0);
    }

    #[test]
    fn no_two_themes_have_one_name() {
        let words: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        assert_eq!(unused_name(&words, &[]), "a, b");
        assert_eq!(unused_name(&words, &["a, b".into()]), "a, b, c");
        assert_eq!(unused_name(&words[..2], &["a, b".into()]), "a, b (2)");
        assert_eq!(unused_name(&[], &[]), "theme (2)");
    }
}
