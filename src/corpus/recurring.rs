//! Boilerplate by recurrence: a paragraph that an outlet prints in one article after another says nothing of any of them.
//!
//! "Sign up for our newsletter", "The Associated Press contributed to this report", the line under every photo: no list of
//! phrases knows them all, but they come back. An article that consists of such paragraphs by two thirds of its words is
//! another edition of one text, and no witness of its recurring. Not here: furniture known by its words (`boilerplate`).

use std::hash::{Hash, Hasher};

use rayon::prelude::*;
use rustc_hash::FxHasher;

use crate::collection::{Collection, LeftOut};
use crate::text::words;

/// Why such a paragraph is left out.
const RECURRING: &str = "repeated through the outlet's articles";

/// A text and where it was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Printed {
    /// The outlet, numbered.
    outlet: u32,
    /// Equal where the words are.
    text: u64,
    /// The article, numbered.
    article: usize,
    /// Its words.
    words: usize,
}

impl Printed {
    /// A text of an article. Texts of the same words in the same order are equal, whatever their case and punctuation.
    fn new(outlet: u32, article: usize, text: &str) -> Self {
        let mut hasher = FxHasher::default();
        let words = words(text);
        words.iter().for_each(|word| word.form.hash(&mut hasher));
        Self { outlet, text: hasher.finish(), article, words: words.len() }
    }
}

/// Which of the texts recur: in at least `from` articles of their outlet that are mostly of other texts. `from` 0
/// means none.
fn recurring(printed: &[Printed], from: usize) -> Vec<bool> {
    if from == 0 {
        return vec![false; printed.len()];
    }
    let mut order: Vec<usize> = (0..printed.len()).collect();
    order.par_sort_unstable_by_key(|&at| printed[at]);
    let runs = || order.chunk_by(|&a, &b| (printed[a].outlet, printed[a].text) == (printed[b].outlet, printed[b].text));
    let editions = editions(printed, runs().filter(|run| articles(printed, run, &[]) >= from));
    let mut found = vec![false; printed.len()];
    for run in runs().filter(|run| articles(printed, run, &editions) >= from) {
        run.iter().for_each(|&at| found[at] = true);
    }
    found
}

/// How many different articles a run of one text has, without the editions.
fn articles(printed: &[Printed], run: &[usize], editions: &[bool]) -> usize {
    let articles = || run.iter().map(|&at| printed[at].article);
    let new = |(at, article): (usize, usize)| {
        let known = at.checked_sub(1).is_some_and(|before| printed[run[before]].article == article);
        !known && !editions.get(article).copied().unwrap_or(false)
    };
    articles().enumerate().filter(|&one| new(one)).count()
}

/// The articles of whose words two thirds and more stand in `runs`: another edition of one text, and no brief with two lines
/// of furniture under it.
fn editions<'a>(printed: &[Printed], runs: impl Iterator<Item = &'a [usize]>) -> Vec<bool> {
    let count = printed.iter().map(|one| one.article + 1).max().unwrap_or(0);
    let (mut texts, mut again) = (vec![0_usize; count], vec![0_usize; count]);
    printed.iter().for_each(|one| texts[one.article] += one.words);
    runs.flatten().for_each(|&at| again[printed[at].article] += printed[at].words);
    texts.iter().zip(again).map(|(&texts, again)| 3 * again >= 2 * texts).collect()
}

/// Moves the paragraphs that recur in at least `from` articles of their outlet to those left out. Gives the rows that
/// stay, as they were numbered before.
pub fn set_aside_recurring(collection: &mut Collection, from: usize) -> Vec<usize> {
    let outlets = collection.row_outlets();
    let paragraphs = &collection.paragraphs;
    let printed: Vec<Printed> = paragraphs
        .par_iter()
        .zip(&outlets)
        .map(|(paragraph, outlet)| Printed::new(outlet.0, paragraph.article, &paragraph.text))
        .collect();
    let found = recurring(&printed, from);
    let kept: Vec<usize> = (0..found.len()).filter(|&row| !found[row]).collect();
    if kept.len() == found.len() {
        return kept;
    }
    for (paragraph, recurs) in std::mem::take(&mut collection.paragraphs).into_iter().zip(found) {
        if recurs {
            collection.left_out.push(LeftOut { paragraph, reason: RECURRING.to_owned() });
        } else {
            collection.paragraphs.push(paragraph);
        }
    }
    collection.left_out.sort_by_key(|left_out| (left_out.paragraph.article, left_out.paragraph.place));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{Article, OutletId, Place};
    use crate::paragraph::{Kind, Paragraph};

    /// Articles of outlets, a text a paragraph.
    fn collection(articles: &[(u32, &[&str])]) -> Collection {
        let mut made = Collection { outlets: vec!["a".to_owned(), "b".to_owned()], ..Collection::default() };
        for (at, (outlet, texts)) in articles.iter().enumerate() {
            made.articles.push(Article {
                id: at.to_string(),
                outlet: OutletId(*outlet),
                title: None,
                date: None,
                url: None,
                place: Place { file: "made".to_owned(), line: None },
                text: String::new(),
                extra: serde_json::Map::new(),
            });
            made.paragraphs.extend(texts.iter().enumerate().map(|(place, text)| Paragraph {
                article: at,
                place: place + 1,
                kind: Kind::Body,
                span: 0..text.len(),
                text: (*text).to_owned(),
            }));
        }
        made
    }

    const WIRE: &str = "The Associated Press contributed to this report.";

    #[test]
    fn what_an_outlet_prints_in_three_articles_is_left_out_and_named() {
        let mut made = collection(&[
            (0, &["One thing happened.", "It was seen.", WIRE]),
            (0, &["Another thing.", "It was heard.", "THE ASSOCIATED PRESS contributed to this report"]),
            (0, &["A third thing.", "It was told.", WIRE]),
            (1, &["A fourth thing.", WIRE]),
        ]);
        assert_eq!(set_aside_recurring(&mut made, 3), [0, 1, 3, 4, 6, 7, 9, 10]);
        assert_eq!((made.len(), made.left_out.len()), (8, 3));
        assert!(made.left_out.iter().all(|left_out| left_out.reason == RECURRING));
        assert_eq!(made.text(7), WIRE, "the other outlet has it once");
    }

    #[test]
    fn twice_is_not_recurring_and_neither_is_three_times_in_one_article() {
        let mut made = collection(&[(0, &["A", "It rained.", WIRE, WIRE, WIRE]), (0, &["B", "It snowed.", WIRE])]);
        assert_eq!(set_aside_recurring(&mut made, 3).len(), 8);
        assert_eq!(set_aside_recurring(&mut made, 0).len(), 8);
    }

    #[test]
    fn a_brief_with_two_lines_of_furniture_is_no_edition() {
        let sign = "Sign up here for our letter from the valley.";
        let brief = |text: &'static str| -> &'static [&'static str] { vec![text, WIRE, sign].leak() };
        let mut made = collection(&[
            (0, brief("The council of the valley voted on Monday to close the old bridge for a year.")),
            (0, brief("Two people were hurt on Tuesday when a bus left the road near the old mill.")),
            (0, brief("The harvest fair opens on Saturday with a parade and a market on the green.")),
        ]);
        assert_eq!(set_aside_recurring(&mut made, 3), [0, 3, 6]);
    }

    #[test]
    fn editions_of_one_article_are_no_boilerplate() {
        let story: &[&str] = &["The minister resigned.", "He had served two years.", "An election follows."];
        let mut made = collection(&[(0, story), (0, story), (0, story), (0, &["Else.", "Other.", story[1]])]);
        assert_eq!(set_aside_recurring(&mut made, 3).len(), 12);
    }
}
