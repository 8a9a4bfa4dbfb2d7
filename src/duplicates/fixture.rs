//! For tests of this folder: collections of one-line articles, and vectors without a model.

use ndarray::Array2;

use super::stems::content_stems;
use crate::article::{Article, OutletId, Place};
use crate::collection::Collection;
use crate::paragraph::{Kind, Paragraph};
use crate::vectors::UnitRows;

/// One row a text, published by the outlet numbered; one article a row.
pub(super) fn collection(rows: &[(u32, &str)]) -> Collection {
    let outlets = rows.iter().map(|(outlet, _)| outlet + 1).max().unwrap_or(0);
    Collection {
        outlets: (0..outlets).map(|outlet| format!("outlet {outlet}")).collect(),
        articles: rows.iter().map(|(outlet, text)| article(OutletId(*outlet), text)).collect(),
        paragraphs: rows.iter().enumerate().map(|(row, (_, text))| paragraph(row, text)).collect(),
        ..Collection::default()
    }
}

fn article(outlet: OutletId, text: &str) -> Article {
    Article {
        id: text.to_owned(),
        outlet,
        title: None,
        date: None,
        url: None,
        place: Place { file: "made".to_owned(), line: None },
        text: text.to_owned(),
        extra: serde_json::Map::new(),
    }
}

fn paragraph(article: usize, text: &str) -> Paragraph {
    Paragraph { article, place: 1, kind: Kind::Body, span: 0..text.len(), text: text.to_owned() }
}

/// Hashed bags of stems, of length one: alike where words are alike, and no more.
pub(super) fn bags<'a>(texts: impl IntoIterator<Item = &'a str>) -> UnitRows {
    const DIM: usize = 256;
    let bags: Vec<[f32; DIM]> = texts.into_iter().map(bag).collect();
    let flat: Vec<f32> = bags.iter().flatten().copied().collect();
    UnitRows::normalized(Array2::from_shape_vec((bags.len(), DIM), flat).unwrap()).unwrap()
}

fn bag<const DIM: usize>(text: &str) -> [f32; DIM] {
    let mut bag = [0.01; DIM];
    for stem in content_stems(text) {
        let hash = stem.bytes().fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
        bag[hash % DIM] += 1.0;
    }
    bag
}

/// Every pair of rows: what a small collection's neighbours come to.
pub(super) fn all_pairs(rows: usize) -> Vec<(usize, usize)> {
    (0..rows).flat_map(|left| (left + 1..rows).map(move |right| (left, right))).collect()
}
