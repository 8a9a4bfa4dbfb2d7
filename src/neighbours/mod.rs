//! Who is near whom: by meaning (`exact`; `cells` gives nearly the same for many rows, `cards` the same on NVIDIA cards) and by wording (`wording`).

pub mod cards;
pub mod cells;
pub mod exact;
pub mod wording;

pub use exact::{Neighbour, nearest};
