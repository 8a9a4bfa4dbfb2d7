//! Findings to page: for the terminal, as Markdown, HTML and JSON, and paragraphs as a table.
//!
//! [`terminal()`] and [`markdown()`] say the same: `sections` turns the findings into `blocks` once, and
//! each renderer lays the blocks out. [`json()`] gives everything, unabridged; `docs/formats.md`
//! documents it. [`csv()`] and `parquet` (with that feature) give the paragraphs alone, a row each. [`nearest`] does all three for the hits of one query, [`eval`] for scores against known labels.
//!
//! What articles bring (text, titles, names of files and outlets) is not trusted: `clean` takes control
//! and escape characters out before it reaches a page, and Markdown escapes what is left.

mod blocks;
mod clean;
pub mod eval;
mod excerpt;
pub mod holdings;
mod html;
mod json;
mod label;
mod markdown;
pub mod models;
pub mod nearest;
mod phrase;
mod sections;
mod table;
mod terminal;
pub mod theme_log;
mod view;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub(crate) use clean::is_hidden;
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub(crate) use phrase::{counted, number, quoted};
pub use table::csv;
#[cfg(feature = "parquet")]
pub use table::parquet;
pub use terminal::{Page, terminal};
