//! Quotations over outlets: the same words of somebody, whole, shortened or altered, and whom each outlet gives them to.
//!
//! 1. What stands between marks, joined to whole quotations (`marks`, `parts`), and who spoke (`speakers`, `subjects`,
//!    `names`, `lexicon`), article by article.
//! 2. The same quotation over outlets (`spoken`, `matching`), and how each lies to the fullest form (`changes`).
//!
//! Not here: near-duplicate paragraphs and statements (the rest of `duplicates`). English is assumed by attribution
//! alone; marks and matching know no language.

mod changes;
mod lexicon;
mod marks;
mod matching;
mod names;
mod parts;
mod speakers;
mod spoken;
mod subjects;

use rayon::prelude::*;

use self::spoken::Spoken;
use crate::article::OutletId;
use crate::collection::Collection;
use crate::quotation::Quotation;

/// The quotations that at least two outlets print: most outlets first, then the longest, then by row.
///
/// Quotations of fewer than four words, or of fewer than two that are not stop words, are left aside.
/// The same collection gives the same quotations, whatever the thread count.
pub fn quotations(collection: &Collection) -> Vec<Quotation> {
    matching::matching(spoken(collection))
}

/// Every quotation of every article, with its speaker, by row and place.
fn spoken(collection: &Collection) -> Vec<Spoken> {
    let rows: Vec<usize> = (0..collection.len()).collect();
    let article = |row: usize| collection.paragraphs.get(row).map(|paragraph| paragraph.article);
    let articles: Vec<&[usize]> = rows.chunk_by(|&a, &b| article(a) == article(b)).collect();
    articles.par_iter().flat_map_iter(|rows| of_article(collection, rows)).collect()
}

fn of_article<'a>(collection: &'a Collection, rows: &[usize]) -> impl Iterator<Item = Spoken> + use<'a> {
    let paragraphs = rows.iter().filter_map(|&row| Some((row, collection.paragraphs.get(row)?)));
    let quoted = parts::quotations(paragraphs);
    let texts: Vec<(usize, &str)> = rows.iter().map(|&row| (row, collection.text(row))).collect();
    let speakers = speakers::speakers(&texts, &quoted);
    quoted.into_iter().zip(speakers).map(move |(quoted, speaker)| {
        let outlet = quoted.parts.first().map_or(OutletId(0), |part| collection.outlet_of(part.row));
        Spoken::new(outlet, quoted.parts, speaker, |row| collection.text(row))
    })
}
