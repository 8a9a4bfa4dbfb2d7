//! Refrain reads what many outlets wrote, gathers every paragraph into themes, and shows what they all
//! say, what they say differently, and what only one of them says.

pub mod article;
pub mod collection;
pub mod corpus;
pub mod paragraph;
pub mod text;
pub mod vectors;
