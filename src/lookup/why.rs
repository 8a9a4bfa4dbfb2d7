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
use crate::coverage::Grade;
use crate::duplicates::{Texts, Verdict, compare_two};
use crate::nearest::Why;
use crate::text::words;

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
}

impl<'a> Explainer<'a> {
    /// Of a question.
    ///
    /// # Errors
    /// [`LookupError::Words`].
    pub fn new(tokeniser: &'a Tokeniser, question: Text<'a>) -> Result<Self, LookupError> {
        let stems = tokeniser.question(question.text)?.into_iter().collect();
        Ok(Self { tokeniser, question, stems })
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
            all.push(why);
        }
        Ok(all)
    }

    fn shared(&self, text: &str) -> Result<Why, LookupError> {
        let words = words(text);
        let forms: Vec<&str> = words.iter().map(|word| word.form.as_str()).collect();
        let mut why = Why::default();
        for (word, stems) in words.iter().zip(self.tokeniser.stems(&forms)?) {
            if stems.iter().any(|stem| self.stems.contains(stem)) {
                why.shared.push(word.span.clone());
                if !why.words.contains(&word.form) {
                    why.words.push(word.form.clone());
                }
            }
        }
        Ok(why)
    }
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
}
