//! Refrain reads what many outlets wrote, gathers every paragraph into themes, and shows what they all
//! say, what they say differently, and what only one of them says.
//!
//! The flow:
//! 1. [`corpus`] reads files into a [`Collection`](collection::Collection): articles, split into paragraphs.
//! 2. [`embed`] makes a unit vector of every paragraph.
//! 3. [`neighbours`] finds who is near whom, by meaning and by wording.
//! 4. [`themes`], [`duplicates`] and [`layout`] read what lies below them and never each other.
//! 5. [`pipeline`] joins the steps into [`Findings`](findings::Findings).
//! 6. [`library`] keeps what was read and its vectors between runs; [`report`] shows findings; `serve` answers over HTTP; [`cli`] is the program. Where paragraphs have known labels, [`measure`] says how well
//!    what was found agrees with them.
//!
//! Imports run that way only, ground floor first; `tests/layers.rs` keeps it so.

// Ground floor: the words of the field. No files, tensors or threads.
pub mod article;
pub mod background;
pub mod collection;
pub mod coverage;
pub mod findings;
pub mod holdings;
pub mod map;
pub mod model;
pub mod nearest;
pub mod paragraph;
pub mod quotation;
pub mod text;
pub mod theme;
pub mod theme_log;
pub mod vectors;

// First floor: reading, and what is kept of it with its vectors; scores against known labels.
pub mod corpus;
pub mod measure;
pub mod shards;

// Second floor: vectors, and who is near whom; below them the cards that may compute both.
pub mod embed;
pub mod gpu;
pub mod neighbours;

// Third floor: what the paragraphs show.
pub mod duplicates;
pub mod layout;
pub mod themes;

// Over it: which paragraphs answer a question.
pub mod lookup;

// Fourth floor: the steps joined, shown, and run.
pub mod pipeline;

pub mod library;

pub mod report;

#[cfg(feature = "serve")]
pub mod serve;

pub mod cli;
