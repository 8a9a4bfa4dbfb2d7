//! Who is near whom: by meaning (`exact`) and by wording (`wording`).

pub mod exact;
pub mod wording;

pub use exact::{Neighbour, nearest};
