//! What the caller decides about themes.

use serde::{Deserialize, Serialize};

/// How themes that nobody described are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// What measured best: the graph.
    #[default]
    Auto,
    /// Communities of the neighbour graph, at the scale that halves of the corpus agree on.
    Graph,
    /// K-means.
    KMeans,
    /// Dense places, by DBSCAN.
    Dbscan(Density),
    /// Dense places, by OPTICS cut where the silhouette is highest.
    Optics(Density),
    /// A mixture of Gaussians.
    Gmm,
}

/// What counts as dense.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// Paragraphs within reach that make a place dense; the default where none.
    pub min_points: Option<usize>,
    /// What is within reach: the Euclidean distance of unit vectors, 0 to 2; from the corpus where none.
    pub tolerance: Option<f32>,
}

/// How many themes, relative to what the corpus shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Granularity {
    /// A quarter or less.
    Coarsest,
    /// Half or less.
    Coarse,
    /// As the corpus shows.
    #[default]
    Medium,
    /// Twice as many or more.
    Fine,
    /// Four times as many or more.
    Finest,
}

/// What the caller decides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// How themes are discovered.
    pub method: Method,
    /// The number of themes to discover; found where none.
    pub discovered: Option<usize>,
    /// Coarser or finer than what is found.
    pub granularity: Granularity,
    /// What no described theme claims stays unassigned.
    pub only_seeded: bool,
    /// Where every random choice starts.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { method: Method::Auto, discovered: None, granularity: Granularity::Medium, only_seeded: false, seed: 42 }
    }
}
