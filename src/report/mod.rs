//! Findings to page: for the terminal, as Markdown and as JSON.
//!
//! [`terminal()`] and [`markdown()`] say the same: `sections` turns the findings into `blocks` once, and
//! each renderer lays the blocks out. [`json()`] gives everything, unabridged; `docs/formats.md`
//! documents it. [`nearest`] does all three for the hits of one query, [`eval`] for scores against known labels.
//!
//! What articles bring (text, titles, names of files and outlets) is not trusted: `clean` takes control
//! and escape characters out before it reaches a page, and Markdown escapes what is left.

mod blocks;
mod clean;
pub mod eval;
mod excerpt;
mod html;
mod json;
mod label;
mod markdown;
pub mod models;
pub mod nearest;
mod phrase;
mod sections;
mod terminal;
mod view;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub(crate) use clean::is_hidden;
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub(crate) use phrase::counted;
pub use terminal::{Page, terminal};
