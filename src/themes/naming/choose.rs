//! Choice: the few terms that are shown of a group, and which of them are its name.
//!
//! Terms are taken by weight, each for what it says that those taken do not (maximal marginal relevance, Carbonell
//! and Goldstein 1998), and none that repeats another. Not here: weights (`weigh`), how terms are written
//! (`written`).

use super::terms::Stems;
use super::weigh::Weighed;
use super::word::Lexicon;

/// Keywords shown.
pub(super) const KEYWORDS: usize = 6;
/// Keywords of a name.
const NAMED: usize = 2;
/// Keywords of a name, where one alone says enough.
const ALONE: usize = 1;
/// A phrase that so many of the paragraphs hold says enough alone.
const ENOUGH: f64 = 0.5;
/// The longer of two terms is taken where it stands in so many of the paragraphs of the shorter (the idea of C-value,
/// Frantzi et al. 2000): "Francisco" is short for "San Francisco".
const LONGER: f64 = 0.5;
/// A word that stands in so many of its paragraphs beside a term that was taken is a piece of one name with it.
const JOINED: f64 = 0.8;
/// What a paragraph counts in which a term that was taken stands already.
const AGAIN: f64 = 0.4;

/// The best terms, none like another or like one to avoid.
pub(super) fn keywords(lexicon: &Lexicon, ranked: &[Weighed], avoid: &[Stems]) -> Vec<Weighed> {
    let mut chosen: Vec<Weighed> = Vec::new();
    let mut covered = vec![false; ranked.first().map_or(0, |term| term.covers.len())];
    let mut able: Vec<&Weighed> = ranked.iter().filter(|term| !repeats(&term.stems, avoid)).collect();
    while chosen.len() < KEYWORDS {
        let gain = |term: &Weighed| term.weight * fresh(term, &covered);
        let Some(best) = first_max(&able, gain) else { break };
        let whole = longest(best, ranked);
        let short = chosen.iter_mut().find(|term| alike(lexicon, &term.stems, &whole.stems));
        let taken = match short {
            None => whole,
            // "Edward" says that "Snowden" is short for "Edward Snowden".
            Some(short) if whole.share >= JOINED * best.share => {
                if whole.stems.holds(&short.stems) {
                    *short = whole.clone();
                }
                able.retain(|term| !alike(lexicon, &term.stems, &whole.stems));
                continue;
            }
            Some(_) => best,
        };
        covered.iter_mut().zip(&taken.covers).for_each(|(covered, &has)| *covered |= has);
        able.retain(|term| !alike(lexicon, &term.stems, &taken.stems));
        if !repeats(&taken.stems, avoid) {
            chosen.push(taken.clone());
        }
    }
    // The name is made of the first: a noun, then what tells most whatever it is ("payment, declined"), then the nouns.
    let first = chosen.first().map(|term| term.stems);
    let noun = chosen.iter().find(|term| term.names).map(|term| term.stems);
    chosen.sort_by_key(|term| match Some(term.stems) {
        stems if stems == noun => 0,
        stems if stems == first => 1,
        _ if term.names => 2,
        _ => 3,
    });
    chosen
}

/// Whether all of a term stands in others.
fn repeats(term: &Stems, others: &[Stems]) -> bool {
    term.as_slice().iter().all(|stem| others.iter().any(|other| other.as_slice().contains(stem)))
}

fn first_max<'a>(able: &[&'a Weighed], gain: impl Fn(&Weighed) -> f64) -> Option<&'a Weighed> {
    let best = able.iter().fold(None, |best: Option<(&Weighed, f64)>, &term| {
        let gain = gain(term);
        if best.is_none_or(|best| gain > best.1) { Some((term, gain)) } else { best }
    });
    best.map(|best| best.0)
}

/// How much of what a term stands in no term taken does: 1 for all, [`AGAIN`] for nothing.
fn fresh(term: &Weighed, covered: &[bool]) -> f64 {
    let held = term.covers.iter().filter(|&&has| has).count();
    let new = term.covers.iter().zip(covered).filter(|&(&has, &covered)| has && !covered).count();
    if held == 0 { AGAIN } else { AGAIN + (1.0 - AGAIN) * new as f64 / held as f64 }
}

/// The longest term that a term is mostly a piece of, or itself.
fn longest<'a>(term: &'a Weighed, ranked: &'a [Weighed]) -> &'a Weighed {
    let whole = |other: &&Weighed| other.names && other.stems.holds(&term.stems) && other.share >= LONGER * term.share;
    let key = |other: &Weighed| other.stems.as_slice().len();
    ranked.iter().filter(whole).fold(term, |best, other| if key(other) > key(best) { other } else { best })
}

/// Whether two terms share a stem, or nearly.
fn alike(lexicon: &Lexicon, left: &Stems, right: &Stems) -> bool {
    let text = |&stem: &u32| lexicon.stem_text(stem);
    left.as_slice().iter().any(|left| right.as_slice().iter().any(|right| akin(text(left), text(right))))
}

/// Letters that akin stems share at least.
const SHARED: usize = 4;

/// Whether stems are of one word: the same, or nearly all of the shorter opens the longer (`russia`, `russian`).
fn akin(left: &str, right: &str) -> bool {
    let shared = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
    let shorter = left.chars().count().min(right.chars().count());
    left == right || shared >= SHARED && shared * 4 > shorter * 3
}

/// How many of the keywords are the name: as few as say enough, and as many as it takes to be unlike every name taken.
pub(super) fn named(keywords: &[Weighed], taken: &[Vec<Stems>]) -> usize {
    let enough = |term: &Weighed| term.stems.as_slice().len() > 1 && term.share >= ENOUGH;
    let least = if keywords.first().is_some_and(enough) { ALONE } else { NAMED };
    let least = least.min(keywords.len());
    let free = |same: fn(&[Weighed], &[Stems]) -> bool| {
        (least..=keywords.len()).find(|&count| !taken.iter().any(|taken| same(&keywords[..count], taken)))
    };
    free(is_alike).or_else(|| free(is_same)).unwrap_or(least)
}

/// Whether one name holds all of another.
fn is_alike(name: &[Weighed], taken: &[Stems]) -> bool {
    name.iter().filter(|term| taken.contains(&term.stems)).count() == name.len().min(taken.len())
}

fn is_same(name: &[Weighed], taken: &[Stems]) -> bool {
    name.len() == taken.len() && is_alike(name, taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_of_one_word_are_akin() {
        for (left, right) in [("deal", "deal"), ("russia", "russian"), ("isra", "israel"), ("acquir", "acquisit")] {
            assert!(akin(left, right), "{left} {right}");
        }
        for (left, right) in [("interest", "internet"), ("comput", "compani"), ("ai", "aim"), ("market", "mars")] {
            assert!(!akin(left, right), "{left} {right}");
        }
    }
}
