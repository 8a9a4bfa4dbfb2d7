//! A theme: a cluster of paragraphs about one subject, described by the user or found in the corpus.
//!
//! Not here: how themes are found and named (`themes`).

use serde::Serialize;

/// Who named the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The user described it.
    Seeded,
    /// The corpus showed it.
    Discovered,
}

/// A paragraph that belongs to a theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// The row.
    pub row: usize,
    /// How well it fits: seeded, the likeness to the description (cosine beyond the corpus's mean plus
    /// TF-IDF cosine, -1 to 2); discovered, the cosine to the theme's centroid (-1 to 1).
    pub score: f32,
}

/// What counted as fitting a seeded theme, and where that came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The smallest score that fits.
    pub threshold: f32,
    /// Whether the user gave it; otherwise it is derived from the corpus's own background.
    pub given: bool,
    /// The score of a typical paragraph of this corpus (the median).
    pub background: f32,
    /// The closest paragraphs that do not fit, best first.
    pub nearest_misses: Vec<Member>,
}

/// One theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Unique among the themes of a run.
    pub name: String,
    /// Seeded or discovered.
    pub origin: Origin,
    /// The user's description of a seeded theme.
    pub description: Option<String>,
    /// What sets its paragraphs apart from the others, most telling first.
    pub keywords: Vec<String>,
    /// Its paragraphs, best first, then by row.
    pub members: Vec<Member>,
    /// The row that stands for it: of a seeded theme the best fit, of a discovered one the medoid. None when empty.
    pub representative: Option<usize>,
    /// Mean cosine between its paragraphs (1 for a single one, 0 for none).
    pub cohesion: f32,
    /// For seeded themes, what counted as fitting.
    pub fit: Option<Fit>,
}

/// All themes of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Themes {
    /// Seeded themes as the user ordered them, then discovered ones by size, largest first.
    pub themes: Vec<Theme>,
    /// Rows in no theme.
    pub unassigned: Vec<usize>,
    /// How the discovered themes were found and how their number was chosen, in a sentence.
    pub method: String,
}
