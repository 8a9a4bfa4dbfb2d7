//! Themes: paragraphs of one subject, described by the user (`seeded`) or found in the corpus (`discovered`).
//!
//! Both work on vectors seen from the corpus's own mean (`centred`), so that what every paragraph
//! shares does not count. Seeded themes take what fits them; the rest is discovered. Every theme gets
//! its keywords, and a discovered one its name, from `naming`.

mod centred;
mod discovered;
mod naming;
mod seeded;
mod seeds;

pub use seeds::{ThemeSeed, ThemeSeeds};

use std::path::PathBuf;

use thiserror::Error;

use crate::collection::Collection;
use crate::theme::{Member, Origin, Theme, Themes};
use crate::vectors::UnitRows;

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
    #[error("{asked} themes for {rows} paragraphs that fit no seeded theme: expected 1 to {rows}")]
    TooMany {
        /// Themes asked for.
        asked: usize,
        /// Rows left to cluster.
        rows: usize,
    },
    /// K-means failed.
    #[error("clustering: {0}")]
    Cluster(#[from] linfa_clustering::KMeansError),
}

/// What the caller decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The number of themes to discover; chosen by the data where none.
    pub discovered: Option<usize>,
    /// Where every random choice starts.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { discovered: None, seed: 42 }
    }
}

/// Finds the themes of a collection.
///
/// `vectors` has shape `(n_rows, dim)`; `seed_vectors` one row for each of [`ThemeSeeds::texts`], in that order.
///
/// # Errors
/// [`ThemesError::TooMany`], [`ThemesError::Cluster`].
pub fn find(
    collection: &Collection,
    vectors: &UnitRows,
    (seeds, seed_vectors): (&ThemeSeeds, &UnitRows),
    options: Options,
) -> Result<Themes, ThemesError> {
    let centre = centred::Centre::of(vectors);
    let centred_rows = centre.rows(vectors);
    let mut themes = seeded::fit(collection, &centred_rows, seeds, &centre.rows(seed_vectors).view());
    let claimed = claimed(collection.len(), &themes);
    let rest: Vec<usize> = (0..collection.len()).filter(|&row| !claimed[row]).collect();
    let found = discovered::cluster(&centred_rows, &rest, options)?;
    themes.extend(found.clusters.into_iter().map(discovered_theme));
    let unassigned = unassigned(collection.len(), &themes);
    for theme in &mut themes {
        theme.cohesion = cohesion(vectors, &theme.members);
    }
    naming::name(collection, &mut themes);
    Ok(Themes { themes, unassigned, method: found.method })
}

fn claimed(rows: usize, themes: &[Theme]) -> Vec<bool> {
    let mut claimed = vec![false; rows];
    for member in themes.iter().flat_map(|theme| &theme.members) {
        claimed[member.row] = true;
    }
    claimed
}

fn unassigned(rows: usize, themes: &[Theme]) -> Vec<usize> {
    let claimed = claimed(rows, themes);
    (0..rows).filter(|&row| !claimed[row]).collect()
}

fn discovered_theme(members: Vec<Member>) -> Theme {
    Theme {
        name: String::new(),
        origin: Origin::Discovered,
        description: None,
        keywords: Vec::new(),
        representative: members.first().map(|member| member.row),
        members,
        cohesion: 0.0,
        fit: None,
    }
}

/// Mean cosine over all pairs of members: `(|sum|^2 - n) / (n (n - 1))`, from one pass.
fn cohesion(vectors: &UnitRows, members: &[Member]) -> f32 {
    let n = members.len() as f64;
    if members.len() < 2 {
        return if members.is_empty() { 0.0 } else { 1.0 };
    }
    let mut sum = vec![0.0_f64; vectors.dim()];
    for member in members {
        sum.iter_mut().zip(vectors.row(member.row)).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let square: f64 = sum.iter().map(|value| value * value).sum();
    ((square - n) / (n * (n - 1.0))) as f32
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn cohesion_is_the_mean_cosine_of_pairs() {
        let rows = UnitRows::new(array![[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]).unwrap();
        let members: Vec<Member> = (0..3).map(|row| Member { row, score: 0.0 }).collect();
        assert!((cohesion(&rows, &members) - (0.0 + 0.6 + 0.8) / 3.0).abs() < 1e-6);
        assert_eq!((cohesion(&rows, &members[..1]), cohesion(&rows, &[])), (1.0, 0.0));
    }
}
