//! Near-duplicate coverage: passages of different outlets that say the same thing, with the evidence.
//!
//! A *passage* is a whole paragraph or some sentences of one. A *pair* is two passages of two outlets,
//! graded by what the word-by-word alignment shows; a *coverage group* is passages joined by pairs.
//! Not here: how they are found (`duplicates`).

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use serde::Serialize;

use crate::article::OutletId;

/// How two passages are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The same words in the same order; case, quotes and punctuation may differ.
    Verbatim,
    /// The same text with some words changed.
    LightEdit,
    /// Nearly all of the shorter stands in the longer.
    Contained,
    /// The same statement in other words.
    Paraphrase,
}

impl Grade {
    /// The grade in words, for people.
    pub fn name(self) -> &'static str {
        match self {
            Grade::Verbatim => "verbatim",
            Grade::LightEdit => "light edit",
            Grade::Contained => "contained",
            Grade::Paraphrase => "paraphrase",
        }
    }

    /// Whether the wording itself is shared, not the meaning alone.
    pub fn shares_wording(self) -> bool {
        self != Grade::Paraphrase
    }
}

/// How much of the paragraphs a pair or group speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Whole paragraphs.
    Paragraph,
    /// Sentences inside paragraphs that otherwise differ.
    Statement,
    /// Somebody's words, quoted inside sentences that otherwise differ.
    Quotation,
    /// A long run of words inside sentences that otherwise differ.
    Run,
}

impl Scope {
    /// Whether what is shared is a part of sentences that otherwise differ.
    pub fn is_part(self) -> bool {
        matches!(self, Scope::Quotation | Scope::Run)
    }
}

/// One side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left passage.
    Left,
    /// The right passage.
    Right,
}

/// A stretch of one paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Passage {
    /// The row.
    pub row: usize,
    /// Byte range in [`Paragraph::text`](crate::paragraph::Paragraph::text).
    pub span: Range<usize>,
}

/// Words that stand in both passages in a row: one unbroken run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedSpan {
    /// Byte range in the left paragraph's text.
    pub left: Range<usize>,
    /// Byte range in the right paragraph's text.
    pub right: Range<usize>,
    /// Words in the run.
    pub words: usize,
}

/// Two passages of two outlets that say the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The passage of the lower row.
    pub left: Passage,
    /// The passage of the higher row.
    pub right: Passage,
    /// Whole paragraphs, statements inside them, or a quotation or a run of words in those.
    pub scope: Scope,
    /// What the alignment shows, of the quotation or run alone where that is the scope.
    pub grade: Grade,
    /// For [`Grade::Contained`]: the side that holds the other.
    pub container: Option<Side>,
    /// Cosine of the passages' embeddings.
    pub cosine: f32,
    /// Cosine of the passages' TF-IDF vectors (stemmed words, weights of this corpus).
    pub wording: f32,
    /// Words the alignment matched, over the words of the shorter passage: 0 to 1.
    pub matched: f32,
    /// The unbroken runs of two words and more that both share, longest first; they overlap on neither
    /// side, and follow one another in both but where text was moved.
    pub shared: Vec<SharedSpan>,
    /// How likely both say the same, by the fitted pair score: 0 to 1.
    pub probability: f32,
    /// Facts they give differently, in the order of the left passage.
    pub differences: Vec<Difference>,
}

impl Pair {
    /// Whether the passages share their wording, not their meaning or a part alone.
    pub fn shares_wording(&self) -> bool {
        self.grade.shares_wording() && !self.scope.is_part()
    }

    /// Likeness: cosine and wording summed, about 0 to 2. What the threshold is applied to.
    pub fn likeness(&self) -> f32 {
        self.cosine + self.wording
    }
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// An amount of a currency.
    Money,
    /// A share in percent; fractions are shares.
    Percent,
    /// A number of things, a score, a place in an order.
    Count,
    /// A number of a unit: lengths, weights, degrees, votes.
    Measure,
    /// A year, month, day, weekday or time of day.
    Date,
    /// A number of days, years and the like; ages are such.
    TimeSpan,
    /// A person, place or body.
    Name,
    /// Whether something is said to be so or not to be so.
    Negation,
    /// Whether something is said to be so or to be possible, expected or hearsay.
    Hedge,
}

/// A fact as one passage gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The row it stands in.
    pub row: usize,
    /// Byte range in the paragraph's text. Of a denial or hedge that the passage lacks: the word it would belong to.
    pub span: Range<usize>,
    /// Value and unit in one form, so that "US$38bn" and "$38 billion" read alike; "affirmed" and "stated" where
    /// another passage denies or hedges.
    pub value: String,
}

/// A fact that passages of one group give differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// What it is about.
    pub kind: FactKind,
    /// The readings, by row; at least two different values.
    pub readings: Vec<Reading>,
}

/// A fact as one passage of a pair gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Byte range in the paragraph's text, as [`Reading::span`].
    pub span: Range<usize>,
    /// As [`Reading::value`].
    pub value: String,
}

/// A fact that the two passages of a pair give differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub kind: FactKind,
    /// What the left passage gives.
    pub left: Given,
    /// What the right passage gives.
    pub right: Given,
}

/// Passages of at least two outlets joined by pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The scope of its strongest pair.
    pub scope: Scope,
    /// The grade of its strongest pair; a quotation is weaker than what whole passages share.
    pub grade: Grade,
    /// Its passages, by row and place; those of its pairs lie inside them.
    pub passages: Vec<Passage>,
    /// Its pairs: indices into [`Coverage::pairs`], best first.
    pub pairs: Vec<usize>,
    /// Why each passage is in it: its closest pair with another passage, an index into [`Coverage::pairs`].
    pub because: Vec<usize>,
    /// Which of its passages share their wording.
    pub origins: Origins,
    /// Who had it first; none where fewer than two outlets have a date.
    pub first: Option<First>,
    /// Facts its passages give differently.
    pub disagreements: Vec<Disagreement>,
}

/// Which passages of a group share their wording, and so have one origin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origins {
    /// Passages of one wording each, as indices into [`Group::passages`]: most outlets first, then by passage.
    pub lots: Vec<Vec<usize>>,
    /// Effective number of independent origins: `1 / sum(s^2)`, `s` each origin's share of the outlets (Hill 1973,
    /// order 2). Ten outlets with one text have 1, ten in words of their own 10.
    pub effective: f32,
}

/// The outlets that had a group's content first, as far as articles are dated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The earliest day of publication.
    pub date: Date,
    /// The outlets that have an article of that day, in order.
    pub outlets: Vec<OutletId>,
    /// Outlets of the group without a date that can be true.
    pub undated: usize,
}

/// Outlets that lack what others carry, though they wrote of the same story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omission {
    /// The group: an index into [`Coverage::groups`].
    pub group: usize,
    /// The outlets without it, in order.
    pub outlets: Vec<OutletId>,
}

/// What near-duplicates are looked for by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The meaning of statements, and wording.
    #[default]
    Statements,
    /// The meaning of whole paragraphs, and wording: no statement is embedded by itself.
    Paragraphs,
    /// Wording alone: nothing is embedded, and what is said in other words is not found.
    Wording,
}

/// Where a threshold came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdSource {
    /// The user gave it.
    Given,
    /// Measured on this run: background and spread.
    Measured,
    /// What was measured lies below what any paraphrase has; the lower bound stands in.
    Floor,
    /// What was measured lies above what any unrelated pair has; the upper bound stands in.
    Ceiling,
    /// There were too few pairs to measure.
    Default,
}

/// The likeness from which two passages are called the same, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The likeness (cosine + wording) from which statements count as the same, where that is likely too. Below it count what
    /// shares its wording, what is more likely the same than not, and what is named by the same codes.
    pub value: f32,
    /// Where it came from.
    pub source: ThresholdSource,
    /// Median likeness of cross-outlet statement pairs of neighbouring paragraphs that share no
    /// wording: what other statements about the same things have in this corpus.
    pub background: f32,
    /// Spread of the background: its standard deviation, taken from the lower half alone.
    pub spread: f32,
    /// Cross-outlet pairs the background was measured on.
    pub sampled: usize,
    /// How the likeness of the sampled pairs is distributed: the number in each tenth of a point from 0 on.
    pub histogram: Vec<usize>,
    /// The pairs of lowest likeness at or above the threshold, lowest first, as indices into [`Coverage::pairs`].
    pub above: Vec<usize>,
    /// The closest statements that do not count, with their likeness, closest first: five that reach the threshold and are
    /// not likely the same, and five below it.
    pub below: Vec<(Passage, Passage, f32)>,
}

impl Threshold {
    /// Half-way from the background to the threshold: nearer to chance below, nearer to the same above.
    pub fn halfway(&self) -> f32 {
        (self.background + self.value) / 2.0
    }

    /// Three quarters of the way from the background to the threshold: nearly the same.
    pub fn nearly(&self) -> f32 {
        (self.background + 3.0 * self.value) / 4.0
    }
}

/// Overlap of one outlet with another, in paragraphs of the first that the other carries in whole or in part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// Paragraphs whose wording the other shares (verbatim, light edit, contained).
    pub same_text: usize,
    /// Paragraphs the other carries in other words, or of which it has a quotation or a run of words alone.
    pub paraphrase: usize,
}

/// A paragraph of substance that no other outlet carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusive {
    /// The row.
    pub row: usize,
    /// The nearest paragraph of another outlet, with the cosine; none where there is one outlet.
    pub nearest: Option<(usize, f32)>,
}

/// All near-duplicate coverage of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// What it was looked for by.
    pub by: By,
    /// Near-duplicate pairs, highest likeness first, then by passages.
    pub pairs: Vec<Pair>,
    /// Coverage groups: most outlets first, then those that disagree on a fact, then the longest shared wording, then by row.
    pub groups: Vec<Group>,
    /// `overlap[(a, b)]`: how much of outlet `a` outlet `b` carries; outlets that share nothing have no entry.
    pub overlap: BTreeMap<(OutletId, OutletId), Overlap>,
    /// Paragraphs only one outlet has, the least like any other outlet's first.
    pub exclusives: Vec<Exclusive>,
    /// Groups of at least [`Coverage::omitted_from`] outlets that others lack which wrote of the story, by group.
    pub omissions: Vec<Omission>,
    /// Outlets that must carry something for its lack elsewhere to count; none where that is not known.
    pub omitted_from: Option<usize>,
    /// The day of the run, if any was given: later dates cannot be true.
    pub today: Option<Date>,
    /// Articles whose date cannot be true and was not used, ascending: indices into
    /// [`Collection::articles`](crate::collection::Collection::articles).
    pub misdated: Vec<usize>,
    /// What counted as the same.
    pub threshold: Threshold,
}
