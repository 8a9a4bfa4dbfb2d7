//! What a question finds: the paragraphs that answer it best, each with what speaks for it.
//!
//! Not here: how they are found (`lookup`), how they are shown (`report`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::collection::Collection;
use crate::coverage::Difference;

/// What paragraphs are looked for by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Meaning and words together.
    #[default]
    Hybrid,
    /// Meaning alone: the cosine of embeddings.
    Semantic,
    /// Words alone: BM25 of stems.
    Lexical,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Hybrid, Self::Semantic, Self::Lexical];

    /// Its name, as in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Semantic => "semantic",
            Self::Lexical => "lexical",
        }
    }

    /// Whether it needs the question's embedding.
    pub fn by_meaning(self) -> bool {
        self != Self::Lexical
    }

    /// Whether it needs the question's words.
    pub fn by_words(self) -> bool {
        self != Self::Semantic
    }
}

/// A paragraph near another, or near a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The row.
    pub row: usize,
    /// Cosine of its embedding and the other's: -1 to 1.
    pub cosine: f32,
}

/// How well the words of a paragraph answer a question.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WordScore {
    /// BM25 of the question's stems, 0 and more (k1 1.2, b 0.75).
    pub bm25: f32,
    /// That over the most that any text could have for the question: 0 to 1.
    pub share: f32,
}

/// A paragraph that answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The row.
    pub row: usize,
    /// What it is ranked by: cosine, share, or in [`Mode::Hybrid`] their sum.
    pub score: f32,
    /// Cosine of its embedding and the question's, -1 to 1; none in [`Mode::Lexical`].
    pub cosine: Option<f32>,
    /// Its words; none in [`Mode::Semantic`].
    pub words: Option<WordScore>,
}

/// What the question and a paragraph are to one another, held to be texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Why {
    /// Words of the paragraph that are the question's too, but for their endings: byte ranges of its text, ascending.
    pub shared: Vec<Range<usize>>,
    /// Those words, each once, in lower case, by their first place.
    pub words: Vec<String>,
    /// How much both say the same: "verbatim", "light edit", "contained", "paraphrase", "same subject"; none where nothing says so.
    pub verdict: Option<&'static str>,
    /// Facts that both give differently (left: the question). Without a verdict that they say the same: quantities alone, each the
    /// only one of its kind in either, where the paragraph has half of the question's words or more.
    pub differences: Vec<Difference>,
}

/// The nearest paragraph of another outlet than a hit's.
#[derive(Debug, Clone, PartialEq)]
pub struct Elsewhere {
    /// Its row in the answer's collection.
    pub row: usize,
    /// Its row in all that was searched.
    pub source: usize,
    /// Cosine of its embedding and the hit's.
    pub cosine: f32,
    /// What it and the hit are to one another; the hit is left.
    pub why: Why,
}

/// A paragraph that answers, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The scores; the row is one of the answer's collection.
    pub scored: Scored,
    /// Its row in all that was searched.
    pub row: usize,
    /// The library's id of it; none where files were searched.
    pub id: Option<i64>,
    /// What speaks for it.
    pub why: Why,
    /// The nearest of another outlet, where that was asked for and there is one.
    pub elsewhere: Option<Elsewhere>,
}

/// What was searched.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Searched {
    /// Paragraphs that could have answered.
    pub paragraphs: usize,
    /// Those that filters shut out.
    pub shut_out: usize,
    /// Articles of both.
    pub articles: usize,
    /// The share of the true nearest that an approximate search finds, as measured on a sample, 0 to 1; none where it was exact.
    pub recall: Option<f64>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The question as the user gave it.
    pub question: String,
    /// What was looked for by.
    pub mode: Mode,
    /// What was searched.
    pub searched: Searched,
    /// Best first, ties by row.
    pub hits: Vec<Found>,
    /// The articles and paragraphs that the answer names, and no others; outlets are those of all that was searched.
    pub collection: Collection,
}

/// A collection of some rows alone, in the order given: its row `i` is `rows[i]`. Articles without their texts.
pub fn excerpt(collection: &Collection, rows: &[usize]) -> Collection {
    let mut articles: Vec<usize> = rows.iter().map(|&row| collection.paragraphs[row].article).collect();
    articles.sort_unstable();
    articles.dedup();
    let paragraphs = rows.iter().map(|&row| {
        let mut paragraph = collection.paragraphs[row].clone();
        paragraph.article = articles.partition_point(|&article| article < paragraph.article);
        paragraph
    });
    let paragraphs = paragraphs.collect();
    let without_text = |&at: &usize| {
        let article = &collection.articles[at];
        crate::article::Article {
            id: article.id.clone(),
            outlet: article.outlet,
            title: article.title.clone(),
            date: article.date,
            url: article.url.clone(),
            place: article.place.clone(),
            text: String::new(),
            extra: serde_json::Map::new(),
        }
    };
    let articles = articles.iter().map(without_text).collect();
    Collection { outlets: collection.outlets.clone(), articles, paragraphs, ..Collection::default() }
}
