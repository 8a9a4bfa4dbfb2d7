//! Why a paragraph answers: the words it shares with the question, how far both say the same, and the facts they give
//! differently.
//!
//! Words count as shared where their stems are equal, as the index has them; stop words do not count. Not here: how texts
//! are compared (`duplicates`).

use std::collections::BTreeSet;

use jiff::civil::Date;
use rayon::prelude::*;

use super::LookupError;
use super::terms::Tokeniser;
use crate::coverage::{Difference, Grade};
use crate::duplicates::{Figures, Texts, Verdict, compare_two};
use crate::nearest::Why;
use crate::neighbours::wording::is_stop_word;
use crate::text::words;

/// Where nothing says that both say the same, figures are told only of what shares one in so many of the question's words.
const AT_LEAST: usize = 2;

/// A text, and the day it was published, as far as known.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// The day.
    pub date: Option<Date>,
}

/// Explains answers to one question.
#[derive(Debug)]
pub struct Explainer<'a> {
    tokeniser: &'a Tokeniser,
    question: Text<'a>,
    stems: BTreeSet<String>,
    /// The stems of words with a digit, word by word: "12.7" is no "7".
    numbers: BTreeSet<Vec<String>>,
    figures: Figures,
    /// Whether it has no words but stop words.
    plain: bool,
}

impl<'a> Explainer<'a> {
    /// Of a question.
    ///
    /// # Errors
    /// [`LookupError::Words`].
    pub fn new(tokeniser: &'a Tokeniser, question: Text<'a>) -> Result<Self, LookupError> {
        let stems = tokeniser.question(question.text)?.into_iter().collect();
        let words = words(question.text);
        let numbers: Vec<&str> = words.iter().map(|word| word.form.as_str()).filter(|form| is_number(form)).collect();
        let numbers = tokeniser.stems(&numbers)?.into_iter().collect();
        let plain = words.iter().all(|word| is_stop_word(&word.form));
        Ok(Self { tokeniser, question, stems, numbers, plain, figures: Figures::of(question.text) })
    }

    /// Why each of some texts answers; with each the cosine of its embedding and the question's, where it is known.
    ///
    /// # Errors
    /// [`LookupError::Words`].
    pub fn explain(&self, answers: &[(Text, Option<f32>)]) -> Result<Vec<Why>, LookupError> {
        let question = self.question;
        let compare = |(answer, cosine): &(Text, Option<f32>)| {
            let texts = Texts { left: question.text, right: answer.text, dates: [question.date, answer.date] };
            cosine.map(|cosine| compare_two(texts, cosine))
        };
        let compared: Vec<_> = answers.par_iter().map(compare).collect();
        let mut all = Vec::with_capacity(answers.len());
        for ((answer, _), compared) in answers.iter().zip(compared) {
            let mut why = self.shared(answer.text)?;
            if let Some((verdict, differences)) = compared {
                (why.verdict, why.differences) = (name(verdict), differences);
            }
            if why.verdict.is_none() {
                why.differences = self.beside(&why, answer.text)?;
            }
            all.push(why);
        }
        Ok(all)
    }

    fn shared(&self, text: &str) -> Result<Why, LookupError> {
        let words = words(text);
        let forms: Vec<&str> = words.iter().map(|word| word.form.as_str()).collect();
        let mut why = Why::default();
        for (word, stems) in words.iter().zip(self.tokeniser.stems(&forms)?) {
            if self.asks_for(&word.form, &stems) {
                why.shared.push(word.span.clone());
                if !why.words.contains(&word.form) {
                    why.words.push(word.form.clone());
                }
            }
        }
        Ok(why)
    }

    /// Whether a word is one of the question's, but for its ending.
    fn asks_for(&self, form: &str, stems: &[String]) -> bool {
        // "one" has the stem of "on".
        let any = || (self.plain || !is_stop_word(form)) && stems.iter().any(|stem| self.stems.contains(stem));
        if is_number(form) { self.numbers.contains(stems) } else { any() }
    }

    /// The figures of a text that shares much with the question, beside the question's.
    fn beside(&self, why: &Why, text: &str) -> Result<Vec<Difference>, LookupError> {
        if self.figures.is_empty() || self.stems.is_empty() {
            return Ok(Vec::new());
        }
        let words: Vec<&str> = why.words.iter().map(String::as_str).collect();
        let shared: BTreeSet<String> = self.tokeniser.stems(&words)?.into_iter().flatten().collect();
        let much = AT_LEAST * shared.intersection(&self.stems).count() >= self.stems.len();
        Ok(if much { self.figures.beside(&Figures::of(text)) } else { Vec::new() })
    }
}

fn is_number(form: &str) -> bool {
    form.starts_with(|first: char| first.is_ascii_digit())
}

fn name(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Same(Grade::Verbatim, _) => Some("verbatim"),
        Verdict::Same(Grade::LightEdit, _) => Some("light edit"),
        Verdict::Same(Grade::Contained, _) => Some("contained"),
        Verdict::Same(Grade::Paraphrase, _) => Some("paraphrase"),
        Verdict::SameSubject => Some("same subject"),
        Verdict::Apart => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_words_are_marked_and_figures_that_differ_told() {
        let tokeniser = Tokeniser::new().unwrap();
        let text = |text| Text { text, date: None };
        let question = "OpenAI signed a seven-year deal with Amazon worth 38 billion dollars on Monday";
        let answer = "OpenAI signed a seven-year deal with Amazon worth 40 billion dollars on Monday";
        let explainer = Explainer::new(&tokeniser, text(question)).unwrap();
        let why = explainer.explain(&[(text(answer), Some(0.98)), (text("The dealer of cod"), Some(0.0))]).unwrap();
        assert_eq!(why[0].verdict, Some("light edit"));
        assert_eq!(why[0].differences.len(), 1);
        assert_eq!(&answer[why[0].differences[0].right.span.clone()], "40 billion dollars");
        assert!(why[0].words.contains(&"amazon".to_owned()) && !why[0].words.contains(&"a".to_owned()));
        assert_eq!((&why[1].words, why[1].verdict), (&vec![], None));
    }

    #[test]
    fn a_stop_word_is_shared_by_questions_of_stop_words_alone() {
        let tokeniser = Tokeniser::new().unwrap();
        let text = |text| Text { text, date: None };
        let words = |question, answer| {
            let explainer = Explainer::new(&tokeniser, text(question)).unwrap();
            explainer.explain(&[(text(answer), None)]).unwrap().remove(0).words
        };
        assert_eq!(words("One job lost", "On record is one job"), ["one", "job"]);
        assert_eq!(words("who is it", "It is on record"), ["it", "is"]);
    }

    #[test]
    fn a_number_is_no_part_of_another() {
        let tokeniser = Tokeniser::new().unwrap();
        let text = |text| Text { text, date: None };
        let explainer = Explainer::new(&tokeniser, text("Inflation was 7.7 percent in 2022")).unwrap();
        let words = |answer| explainer.explain(&[(text(answer), None)]).unwrap()[0].words.clone();
        assert_eq!(words("Of 12.7 million and 7 others; the rest 7.2"), Vec::<String>::new());
        assert_eq!(words("It was 7.7 in 2022"), ["7.7", "2022"]);
    }

    #[test]
    fn figures_of_texts_that_say_the_same_are_compared_in_their_places_alone() {
        let tokeniser = Tokeniser::new().unwrap();
        let text = |text| Text { text, date: None };
        let asked = "Amazon shares rose 5 percent in New York on Monday after the deal with OpenAI was announced";
        let answer = "Amazon shares rose in New York on Monday after the deal with OpenAI was announced, and unemployment in the state fell to 3 percent";
        let why = Explainer::new(&tokeniser, text(asked)).unwrap().explain(&[(text(answer), Some(0.95))]).unwrap();
        assert!(why[0].verdict.is_some() && why[0].differences.is_empty(), "{why:?}");
    }

    #[test]
    fn figures_in_another_order_are_told_where_much_is_shared() {
        let tokeniser = Tokeniser::new().unwrap();
        let text = |text| Text { text, date: None };
        let explainer = Explainer::new(&tokeniser, text("five-year $45 billion OpenAI Amazon deal")).unwrap();
        let told = |answer| explainer.explain(&[(text(answer), Some(0.6))]).unwrap()[0].differences.len();
        assert_eq!(told("The deal of OpenAI with Amazon is a $38 billion agreement over seven years"), 2);
        assert_eq!(told("Fishermen landed cod for $38 billion in seven years"), 0);
    }
}
