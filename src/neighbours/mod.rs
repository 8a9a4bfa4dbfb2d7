//! Who is near whom: by meaning (`exact`; `cards` gives the same on NVIDIA cards) and by wording (`wording`).

pub mod cards;
pub mod exact;
pub mod wording;

pub use exact::{Neighbour, nearest};
