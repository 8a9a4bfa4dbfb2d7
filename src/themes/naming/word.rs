//! Words: interned, with what their neighbours tell of them.
//!
//! A text becomes a row of [`Token`]s of four bytes, so that what is counted are numbers. A *form* is a word as it is
//! compared, a *stem* what its forms share (Snowball English), a *surface* one way of writing it. Not here: terms of
//! several words (`terms`), which of them tell (`weigh`).

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use rust_stemmers::{Algorithm, Stemmer};

use super::grammar::{self, Class, Evidence};
use crate::collection::Collection;
use crate::text::{form, sentences, words};

/// How a word stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Joint {
    /// Something else stands between them, or nothing is before it.
    Apart,
    /// A space.
    Space,
    /// A hyphen.
    Hyphen,
}

/// A word where it stands: its surface, its joint, and whether its capitals say anything there.
///
/// Bits 0 to 28 are the surface, 29 says that capitals tell, 30 and 31 are the joint: the words of a corpus take less
/// memory than its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token(u32);

const TELLS: u32 = 1 << 29;
const JOINT: u32 = 30;

impl Token {
    fn new(surface: u32, joint: Joint, tells: bool) -> Self {
        Self(surface & (TELLS - 1) | if tells { TELLS } else { 0 } | (joint as u32) << JOINT)
    }

    pub(super) fn surface(self) -> usize {
        (self.0 & (TELLS - 1)) as usize
    }

    pub(super) fn joint(self) -> Joint {
        match self.0 >> JOINT {
            0 => Joint::Apart,
            1 => Joint::Space,
            _ => Joint::Hyphen,
        }
    }

    /// Whether the word is written as it is for its own sake: not because a sentence opens or a headline stands in
    /// capitals.
    pub(super) fn tells(self) -> bool {
        self.0 & TELLS != 0
    }
}

/// A form.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) stem: u32,
    pub(super) class: Class,
    /// What its places say of its part of speech.
    pub(super) evidence: Evidence,
    /// How it is mostly written.
    pub(super) written: u32,
    /// Whether it is mostly written with a capital.
    pub(super) is_name: bool,
    /// Whether it and its kin are verbs.
    pub(super) is_verb: bool,
}

impl Form {
    /// Whether it can end a term.
    pub(super) fn is_noun(&self) -> bool {
        self.is_name || self.class == Class::Content && !self.is_verb && self.evidence.is_noun()
    }

    /// Whether it can stand in a term before its end.
    pub(super) fn is_modifier(&self) -> bool {
        self.is_name || self.evidence.is_modifier(self.is_verb)
    }
}

/// The words of a corpus.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// Each surface's text and form.
    surfaces: Vec<(Box<str>, u32)>,
    forms: Vec<Form>,
    texts: Vec<Box<str>>,
    rows: Vec<Vec<Token>>,
}

/// A word as it is read, before it is interned.
struct Read {
    written: String,
    joint: Joint,
    case: Case,
}

/// What the capitals of a word at its place can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Case {
    /// It opens a sentence, or all is in capitals.
    Silent,
    /// Of a headline Every Word of Which Has One.
    Title,
    Tells,
}

/// Paragraphs read at once: enough for all cores, and little beside the corpus.
const READ_AT_ONCE: usize = 4096;

impl Lexicon {
    pub(super) fn read(collection: &Collection) -> Self {
        let mut making = Making { stemmer: Some(Stemmer::create(Algorithm::English)), ..Making::default() };
        let mut rows = Vec::with_capacity(collection.len());
        for chunk in collection.paragraphs.chunks(READ_AT_ONCE) {
            let read: Vec<Vec<Read>> = chunk.par_iter().map(|paragraph| read(&paragraph.text)).collect();
            rows.extend(read.iter().map(|words| making.intern(words)));
        }
        making.finish(rows)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row(&self, row: usize) -> &[Token] {
        &self.rows[row]
    }

    pub(super) fn form(&self, token: Token) -> &Form {
        &self.forms[self.surfaces[token.surface()].1 as usize]
    }

    pub(super) fn stem(&self, token: Token) -> u32 {
        self.form(token).stem
    }

    /// The text of a stem's first form.
    pub(super) fn stem_text(&self, stem: u32) -> &str {
        &self.texts[stem as usize]
    }

    /// Whether a word is written with a capital of its own. Of a filler only its place says so: the "New" of "New
    /// York".
    pub(super) fn is_capital(&self, token: Token) -> bool {
        let form = self.form(token);
        let here = self.surfaces[token.surface()].0.starts_with(char::is_uppercase);
        match form.class {
            Class::Filler => here && token.tells(),
            _ => form.is_name && (here || !token.tells()),
        }
    }

    /// How a word is written: as it is here where that says something, else as it mostly is.
    pub(super) fn written(&self, token: Token) -> &str {
        let surface = if token.tells() { token.surface() } else { self.form(token).written as usize };
        &self.surfaces[surface].0
    }

    /// How a word is written here: the "Sports" of "(Sports Network)".
    pub(super) fn written_here(&self, token: Token) -> &str {
        &self.surfaces[token.surface()].0
    }
}

fn read(text: &str) -> Vec<Read> {
    let all = words(text);
    let mut found = Vec::with_capacity(all.len());
    let mut next = 0;
    for sentence in sentences(text) {
        let from = next;
        next += all[from..].iter().take_while(|word| word.span.start < sentence.end).count();
        let words = &all[from..next];
        let gap_before = |at: usize| Some(&text[all[at.checked_sub(1)?].span.end..all[at].span.start]);
        let style = style(words.iter().map(|word| &text[word.span.clone()]));
        for (at, word) in words.iter().enumerate() {
            let gap = gap_before(from + at);
            let titled = gap == Some(". ") && is_title(&text[all[from + at - 1].span.clone()]);
            let opens = at == 0 && !titled
                || gap
                    .is_none_or(|gap| !gap.chars().all(|c| matches!(c, ' ' | '-' | '‑' | ',' | '&' | '/')) && !titled);
            found.push(Read {
                written: bare(&text[word.span.clone()]).to_owned(),
                joint: if titled { Joint::Space } else { joint(gap) },
                case: if opens { Case::Silent } else { style },
            });
        }
    }
    found
}

/// Whether a word with a full stop opens a name: `St. Louis`, `Mt. Gox`.
fn is_title(word: &str) -> bool {
    matches!(word, "St" | "Mt" | "Ft" | "Dr" | "Mr" | "Mrs" | "Ms")
}

/// A word without its possessive `'s`.
fn bare(word: &str) -> &str {
    ["’s", "'s", "ʼs"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word)
}

fn joint(gap: Option<&str>) -> Joint {
    match gap {
        Some(" " | "\u{a0}") => Joint::Space,
        Some("-" | "‑") => Joint::Hyphen,
        _ => Joint::Apart,
    }
}

/// Words of which a headline is told from a sentence by its capitals.
const HEADLINE: usize = 4;

/// What capitals say within a sentence: nothing where all or nearly all words that could be small have one.
fn style<'a>(words: impl Iterator<Item = &'a str>) -> Case {
    let (mut able, mut capital, mut shouted) = (0_usize, 0_usize, 0_usize);
    for word in words.filter(|word| word.chars().count() > 1 && !grammar::is_function(&form(word))) {
        able += 1;
        capital += usize::from(word.starts_with(|c: char| c.is_uppercase() || c.is_numeric()));
        shouted += usize::from(!word.chars().any(char::is_lowercase));
    }
    match able {
        _ if able > 1 && shouted == able => Case::Silent,
        _ if able >= HEADLINE && capital * 5 >= able * 4 => Case::Title,
        _ => Case::Tells,
    }
}

/// Words before a noun among which what opens its phrase is looked for.
const LED: usize = 3;

/// A lexicon in the making.
#[derive(Default)]
struct Making {
    stemmer: Option<Stemmer>,
    surfaces: Vec<(Box<str>, u32)>,
    by_surface: HashMap<Box<str>, u32>,
    by_form: HashMap<Box<str>, u32>,
    by_stem: HashMap<Box<str>, u32>,
    forms: Vec<Form>,
    texts: Vec<Box<str>>,
    /// Of each surface, how often it stands where its capitals tell, and in a headline.
    votes: Vec<(u32, u32)>,
}

impl Making {
    fn intern(&mut self, words: &[Read]) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(words.len());
        for word in words {
            let surface = self.surface(&word.written);
            let votes = &mut self.votes[surface as usize];
            votes.0 += u32::from(word.case == Case::Tells);
            votes.1 += u32::from(word.case == Case::Title);
            tokens.push(Token::new(surface, word.joint, word.case == Case::Tells));
        }
        self.note(&tokens);
        tokens
    }

    fn surface(&mut self, written: &str) -> u32 {
        if let Some(&known) = self.by_surface.get(written) {
            return known;
        }
        let form = self.form(&form(written));
        let id = self.surfaces.len() as u32;
        self.surfaces.push((written.into(), form));
        self.votes.push((0, 0));
        self.by_surface.insert(written.into(), id);
        id
    }

    fn form(&mut self, form: &str) -> u32 {
        if let Some(&known) = self.by_form.get(form) {
            return known;
        }
        let stem = self.stemmer.as_ref().map_or_else(|| form.to_owned(), |stemmer| stemmer.stem(form).into_owned());
        let next = self.by_stem.len() as u32;
        let stem_id = *self.by_stem.entry(stem.clone().into()).or_insert(next);
        if stem_id == next {
            self.texts.push(stem.into());
        }
        let id = self.forms.len() as u32;
        let class = Class::of(form);
        self.forms.push(Form {
            stem: stem_id,
            class,
            evidence: Evidence::of(form),
            written: 0,
            is_name: false,
            is_verb: false,
        });
        self.by_form.insert(form.into(), id);
        id
    }

    /// Takes in what the places of the words of a row say of them.
    fn note(&mut self, tokens: &[Token]) {
        let form_of = |token: &Token| self.surfaces[token.surface()].1 as usize;
        let forms: Vec<usize> = tokens.iter().map(form_of).collect();
        for (at, &form) in forms.iter().enumerate() {
            let before = at.checked_sub(1).filter(|_| tokens[at].joint() != Joint::Apart);
            let after = Some(at + 1).filter(|&next| next < tokens.len() && tokens[next].joint() != Joint::Apart);
            let led = self.is_led(tokens, &forms, at);
            let before = before.map(|at| self.forms[forms[at]].class);
            let after = after.map(|at| self.forms[forms[at]].class);
            self.forms[form].evidence.note((before, led), after);
        }
    }

    /// Whether a determiner or a preposition opens the phrase of a word: "the exchange rate".
    fn is_led(&self, tokens: &[Token], forms: &[usize], at: usize) -> bool {
        let mut before =
            (at.saturating_sub(LED)..at).rev().take_while(|&before| tokens[before + 1].joint() != Joint::Apart);
        let opens = before.find(|&before| self.forms[forms[before]].class != Class::Content);
        let class = opens.map(|at| self.forms[forms[at]].class);
        matches!(class, Some(Class::Determiner | Class::Preposition | Class::Of))
    }

    /// Which forms are verbs, by all the forms of their stems.
    fn find_verbs(&mut self) {
        let mut of_stem = vec![(0.0, 0.0); self.texts.len()];
        for form in &self.forms {
            let (sum, own): (&mut (f64, f64), _) = (&mut of_stem[form.stem as usize], form.evidence.verbs());
            *sum = (sum.0 + own.0, sum.1 + own.1);
        }
        for form in &mut self.forms {
            form.is_verb = grammar::is_verb(of_stem[form.stem as usize]);
        }
    }

    fn finish(mut self, rows: Vec<Vec<Token>>) -> Lexicon {
        self.find_verbs();
        let mut best: Vec<Option<usize>> = vec![None; self.forms.len()];
        for (surface, &(_, form)) in self.surfaces.iter().enumerate() {
            let best = &mut best[form as usize];
            let key = |surface: usize| (self.votes[surface], std::cmp::Reverse(&self.surfaces[surface].0));
            if best.is_none_or(|best| key(surface) > key(best)) {
                *best = Some(surface);
            }
        }
        let mut small: BTreeMap<usize, String> = BTreeMap::new();
        for (form, best) in best.into_iter().enumerate() {
            let Some(best) = best else { continue };
            let text = &self.surfaces[best].0;
            let capital = text.starts_with(char::is_uppercase);
            let seen = self.votes[best] != (0, 0);
            self.forms[form].written = best as u32;
            self.forms[form].is_name = (capital && self.votes[best].0 > 0) || inner_capital(text);
            if !seen && !inner_capital(text) {
                small.insert(form, text.to_lowercase());
            }
        }
        // A word that only ever opened a sentence is written small.
        for (form, text) in small {
            self.forms[form].written = self.surfaces.len() as u32;
            self.surfaces.push((text.into(), form as u32));
        }
        Lexicon { surfaces: self.surfaces, forms: self.forms, texts: self.texts, rows }
    }
}

/// Whether a word is written with small letters and capitals of its own, as no sentence or headline would: `OpenAI`,
/// `iPhone`.
fn inner_capital(word: &str) -> bool {
    word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase)
}
