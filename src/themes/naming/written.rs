//! How a term is written: as it mostly is in the paragraphs it names, where capitals say something.

use std::collections::BTreeMap;

use super::terms::{Index, Stems};
use super::word::{Joint, Lexicon, Token};

/// Paragraphs of a group, its best, that are looked at.
const READ: usize = 400;

/// Each of the terms as it is mostly written in the rows, the first in order on ties.
///
/// Each comes with whether it can be a name: then it is written as a noun.
pub(super) fn write(lexicon: &Lexicon, terms: &[(Stems, bool)], rows: &[usize]) -> Vec<String> {
    let index = Index::new(terms.iter().map(|term| term.0).collect());
    let mut written: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); terms.len()];
    for &row in &rows[..rows.len().min(READ)] {
        let tokens = lexicon.row(row);
        for (term, first, last) in index.places(lexicon, row) {
            let phrase = &tokens[first..=last];
            *written[term].entry(joined(lexicon, phrase)).or_default() += worth(lexicon, phrase, terms[term].1);
        }
    }
    written.iter().map(mostly).collect()
}

/// A noun counts more than all verbs of its stem, and a place where capitals tell twice one where they do not.
fn worth(lexicon: &Lexicon, phrase: &[Token], names: bool) -> usize {
    let last = phrase.last().map(|&token| lexicon.form(token));
    let noun = last.is_some_and(|form| form.is_name || form.evidence.may_be_noun());
    let tells = phrase.iter().all(|token| token.tells());
    (if names && noun { READ } else { 1 }) * (if tells { 2 } else { 1 })
}

fn joined(lexicon: &Lexicon, tokens: &[Token]) -> String {
    let mut text = String::new();
    for (at, &token) in tokens.iter().enumerate() {
        match token.joint() {
            _ if at == 0 => {}
            Joint::Hyphen => text.push('-'),
            _ => text.push(' '),
        }
        let opens_name = tokens.get(at + 1).is_some_and(|&next| next.tells() && lexicon.is_capital(next));
        text.push_str(if opens_name { lexicon.written_here(token) } else { lexicon.written(token) });
    }
    text
}

fn mostly(written: &BTreeMap<String, usize>) -> String {
    let best = written.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    best.map(|(written, _)| written.clone()).unwrap_or_default()
}
