//! Who is near whom: by meaning (`exact`; `cells` gives nearly the same for many rows, `cards` the same on NVIDIA cards) and by wording (`wording`).
//!
//! For what is made of neighbours: rows of one vector as one (`distinct`), links weighed by how near they are for their place (`graph`), and rows in few
//! dimensions (`reduce`).

pub mod cards;
pub mod cells;
pub(crate) mod distinct;
pub mod exact;
pub(crate) mod graph;
pub(crate) mod reduce;
pub mod wording;

pub use exact::{Neighbour, nearest};
