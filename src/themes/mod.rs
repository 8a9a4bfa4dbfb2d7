//! Themes: paragraphs of one subject, described by the user (`seeded`) or found in the corpus (`discovered`).
//!
//! Both work on vectors seen from the corpus's own mean (`centred`), so that what every paragraph
//! shares does not count. Seeded themes take what fits them; the rest is discovered. Every theme gets
//! its keywords, and a discovered one its name, from `naming`.

mod born;
mod centred;
mod communal;
mod communities;
mod density;
mod discovered;
mod division;
mod extended;
#[cfg(test)]
mod fixture;
mod former;
mod kmeans;
mod mixture;
mod naming;
mod options;
mod profile;
mod scales;
mod seeded;
mod seeds;
mod settle;
mod silhouette;

pub use former::Former;
pub use options::{Density, Granularity, Method, Options};
pub use seeds::{ThemeSeed, ThemeSeeds};

use std::path::PathBuf;

use ndarray::Array2;
use thiserror::Error;

use crate::collection::Collection;
use crate::neighbours::distinct::Distinct;
use crate::theme::{Origin, SubTheme, Theme, Themes};
use crate::vectors::{UnitRows, VectorsError};
use discovered::{Discovered, Found};

use division::Group;
use former::Marks;
use seeded::{Decided, Described};

/// Why themes could not be found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ThemesError {
    /// The file of seeded themes cannot be read.
    #[error("reading {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of seeded themes is not what it should be.
    #[error("reading {}: {what}", path.display())]
    Seeds {
        /// The file.
        path: PathBuf,
        /// What was found, where, and what was expected.
        what: String,
    },
    /// More themes were asked for than there are paragraphs to put in them.
    #[error("{asked} themes for {rows} different paragraphs that fit no seeded theme: expected {rows} or fewer")]
    TooMany {
        /// Themes asked for.
        asked: usize,
        /// Rows left to cluster.
        rows: usize,
    },
    /// Themes to extend have a row that the collection has not.
    #[error("row {row} in the themes to extend: expected one of {rows}")]
    FormerRow {
        /// The highest row of theirs.
        row: usize,
        /// Rows of the collection.
        rows: usize,
    },
    /// Themes to extend were found with other seeds.
    #[error("{found} seeded themes to extend: expected {expected}, one a seed")]
    FormerSeeds {
        /// Seeded themes that there were.
        found: usize,
        /// Seeds.
        expected: usize,
    },
    /// Vectors are no unit rows.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// More rows than a method that compares every one with every other can take.
    #[error(
        "{rows} different paragraphs for {method}: expected {most} or fewer, as it compares every one with every other"
    )]
    Large {
        /// The method.
        method: &'static str,
        /// Rows to cluster.
        rows: usize,
        /// What it can take.
        most: usize,
    },
    /// K-means failed.
    #[error("clustering by K-means: {0}")]
    KMeans(#[from] linfa_clustering::KMeansError),
    /// DBSCAN failed.
    #[error("clustering by DBSCAN: {0}")]
    Dbscan(#[from] linfa_clustering::DbscanParamsError),
    /// OPTICS failed.
    #[error("clustering by OPTICS: {0}")]
    Optics(#[from] linfa_clustering::OpticsError),
    /// The mixture of Gaussians failed.
    #[error("clustering by a Gaussian mixture: {0}")]
    Gmm(#[from] linfa_clustering::GmmError),
    /// Principal components could not be had.
    #[error("finding principal components: {0}")]
    Principal(#[from] linfa_linalg::LinalgError),
}

/// The vectors of the texts that describe themes.
#[derive(Debug, Clone)]
pub struct SeedVectors {
    /// One row for each of [`ThemeSeeds::texts`], in that order.
    pub texts: UnitRows,
    /// One row for each of [`ThemeSeeds::unrelated`].
    pub unrelated: UnitRows,
}

impl SeedVectors {
    /// Of no themes, beside vectors of so many components.
    pub fn none(dim: usize) -> Self {
        Self { texts: UnitRows::empty(dim), unrelated: UnitRows::empty(dim) }
    }
}

/// Finds the themes of a collection; `vectors` has shape `(n_rows, dim)`.
///
/// # Errors
/// [`ThemesError::TooMany`], or what the method chosen fails with.
pub fn find(
    collection: &Collection,
    vectors: &UnitRows,
    seeds: (&ThemeSeeds, &SeedVectors),
    options: Options,
) -> Result<Themes, ThemesError> {
    let nothing = Decided { row: &|_, _| None, threshold: &|_| None };
    let (rows, mut themes) = seeded_of(collection, vectors, seeds, &nothing);
    let left = rest(collection.len(), &themes);
    let found = match options.only_seeded {
        true => Discovered { themes: Vec::new(), method: "none are discovered, as asked".to_owned() },
        false => discovered::find((vectors.view(), rows.view()), &left, options)?,
    };
    themes.extend(found.themes.into_iter().map(discovered_theme));
    let unassigned = rest(collection.len(), &themes);
    profile::measure(vectors, rows.view(), &mut themes);
    naming::name(collection, &mut themes);
    Ok(Themes { themes, unassigned, method: found.method })
}

/// Extends themes that were found, with the same seeds and options, in what of the collection was there then: see [`Former`]. Rows that were there stay in
/// their themes, or in none; those that came go to the described themes that they fit, else to the discovered one that they fit best, if they do.
/// Discovered themes have new names, their parts those they had.
///
/// # Errors
/// [`ThemesError::FormerRow`] and [`ThemesError::FormerSeeds`] where the former themes are not such; [`ThemesError::Vectors`] where a row is none.
pub fn extend(
    collection: &Collection,
    vectors: &UnitRows,
    (seeds, described): (&ThemeSeeds, &SeedVectors),
    options: Options,
    former: &Former,
) -> Result<Themes, ThemesError> {
    former.check(collection.len(), seeds.themes().len())?;
    let marks = Marks::new(former, collection.len());
    let past = former::described(&former.themes);
    let row = |theme: usize, row: usize| (!marks.came(row)).then(|| past[theme].rows.contains(&row));
    let decided = Decided { row: &row, threshold: &|theme| past[theme].threshold };
    let (rows, mut themes) = seeded_of(collection, vectors, (seeds, described), &decided);
    // The number that was asked for stays.
    let births = options.discovered.is_none() && !options.only_seeded;
    let least = births.then(|| settle::least(collection.len()));
    themes.extend(extended::extend((vectors.view(), rows.view()), &rest(collection.len(), &themes), &marks, least)?);
    let unassigned = rest(collection.len(), &themes);
    profile::measure(vectors, rows.view(), &mut themes);
    let names: Vec<Vec<String>> =
        themes.iter().map(|theme| theme.parts.iter().map(|part| part.name.clone()).collect()).collect();
    naming::name(collection, &mut themes);
    for (part, name) in themes.iter_mut().flat_map(|theme| &mut theme.parts).zip(names.into_iter().flatten()) {
        part.name = name;
    }
    Ok(Themes { themes, unassigned, method: former.themes.method.clone() })
}

/// The rows seen from their mean, and the themes that the user described.
fn seeded_of(
    collection: &Collection,
    vectors: &UnitRows,
    (seeds, described): (&ThemeSeeds, &SeedVectors),
    decided: &Decided<'_>,
) -> (Array2<f32>, Vec<Theme>) {
    let all: Vec<usize> = (0..collection.len()).collect();
    let centre = centred::Centre::of(vectors.view(), Distinct::of(vectors.view(), &all).order());
    let rows = centre.rows(vectors.view());
    let texts = centre.rows(described.texts.view());
    let described =
        Described { texts: described.texts.view(), centred: texts.view(), unrelated: described.unrelated.view() };
    let themes = seeded::fit(collection, (vectors.view(), rows.view()), seeds, described, decided);
    (rows, themes)
}

fn claimed(rows: usize, themes: &[Theme]) -> Vec<bool> {
    let mut claimed = vec![false; rows];
    for member in themes.iter().flat_map(|theme| &theme.members) {
        claimed[member.row] = true;
    }
    claimed
}

/// Rows in no theme, ascending.
fn rest(rows: usize, themes: &[Theme]) -> Vec<usize> {
    let claimed = claimed(rows, themes);
    (0..rows).filter(|&row| !claimed[row]).collect()
}

fn discovered_theme(found: Found) -> Theme {
    let part = |part: Group| SubTheme {
        name: String::new(),
        keywords: Vec::new(),
        members: part.members,
        trust: part.trust.unwrap_or(0.0),
    };
    Theme {
        trust: found.group.trust,
        parts: found.parts.into_iter().map(part).collect(),
        ..Theme::found(Origin::Discovered, found.group.members)
    }
}
