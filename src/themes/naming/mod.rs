//! Keywords and names: what sets a theme's paragraphs apart from all others, in words an editor would choose.
//!
//! Words are interned and judged (`word`, `grammar`), phrases that could be names are found in each theme's best
//! paragraphs (`terms`), weighed against all paragraphs of the corpus (`weigh`), and the few that say most without
//! repeating one another are chosen (`choose`) and written as they mostly are (`written`). Parts of a theme are named
//! against its other parts. Time is linear in the text; memory is the words of the corpus as numbers, beside its
//! vocabulary.

mod choose;
mod grammar;
mod terms;
mod weigh;
mod word;
mod written;

use std::collections::BTreeSet;

use crate::collection::Collection;
use crate::theme::{Member, Origin, Theme};
use terms::Stems;
use weigh::Weighed;
use word::Lexicon;

/// Gives every theme and part its keywords, and those that were discovered names that no other has.
pub(super) fn name(collection: &Collection, themes: &mut [Theme]) {
    let lexicon = Lexicon::read(collection);
    let all = distinct(collection, 0..lexicon.rows());
    let groups: Vec<Vec<usize>> = themes.iter().map(|theme| rows(collection, &theme.members)).collect();
    let mut taken = Taken::default();
    taken.names.extend(themes.iter().filter(|theme| theme.origin == Origin::Seeded).map(|theme| theme.name.clone()));
    let ranked = weigh::rank(&lexicon, &all, &groups);
    for ((theme, ranked), rows) in themes.iter_mut().zip(&ranked).zip(&groups) {
        let chosen = choose::keywords(&lexicon, ranked, &[]);
        theme.keywords = write(&lexicon, &chosen, rows);
        if theme.origin == Origin::Discovered {
            let own = taken.name(&chosen, &theme.keywords);
            theme.name.clone_from(&own.0);
            name_parts((collection, &lexicon), theme, &own.1);
        }
    }
}

fn name_parts((collection, lexicon): (&Collection, &Lexicon), theme: &mut Theme, own: &[Stems]) {
    let groups: Vec<Vec<usize>> = theme.parts.iter().map(|part| rows(collection, &part.members)).collect();
    let ranked = weigh::rank(lexicon, &rows(collection, &theme.members), &groups);
    let mut taken = Taken { names: vec![theme.name.clone()], stems: Vec::new() };
    for ((part, ranked), rows) in theme.parts.iter_mut().zip(&ranked).zip(&groups) {
        let mut chosen = choose::keywords(lexicon, ranked, own);
        if chosen.is_empty() {
            chosen = choose::keywords(lexicon, ranked, &[]);
        }
        part.keywords = write(lexicon, &chosen, rows);
        part.name = taken.name(&chosen, &part.keywords).0;
    }
}

/// The rows of a group, best first.
fn rows(collection: &Collection, members: &[Member]) -> Vec<usize> {
    distinct(collection, members.iter().map(|member| member.row))
}

/// Rows, each text once: one that is told sixty times names no theme.
fn distinct(collection: &Collection, rows: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    rows.filter(|&row| seen.insert(collection.text(row))).collect()
}

fn write(lexicon: &Lexicon, chosen: &[Weighed], rows: &[usize]) -> Vec<String> {
    let terms: Vec<(Stems, bool)> = chosen.iter().map(|term| (term.stems, term.names)).collect();
    written::write(lexicon, &terms, rows)
}

/// Names given.
#[derive(Default)]
struct Taken {
    names: Vec<String>,
    stems: Vec<Vec<Stems>>,
}

impl Taken {
    /// A name of the first keywords, and their stems.
    fn name(&mut self, chosen: &[Weighed], keywords: &[String]) -> (String, Vec<Stems>) {
        let count = choose::named(chosen, &self.stems);
        let stems: Vec<Stems> = chosen[..count].iter().map(|term| term.stems).collect();
        let name = self.unused(&keywords[..count].join(", "));
        self.stems.push(stems.clone());
        self.names.push(name.clone());
        (name, stems)
    }

    fn unused(&self, name: &str) -> String {
        let free = |name: &String| !name.is_empty() && !self.names.contains(name);
        let stem = if name.is_empty() { "theme" } else { name };
        let numbered = (2_usize..).map(|number| format!("{stem} ({number})"));
        std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
