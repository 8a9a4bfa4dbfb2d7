//! What the user may write of near-duplicates, and of what is left out before they are looked for.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::values;

/// How near-duplicates are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Near-duplicates")]
pub(in crate::cli) struct DuplicateFlags {
    /// The likeness (cosine + wording, 0 to 2) from which two statements say the same [default: from the corpus's background]
    #[arg(long, value_name = "LIKENESS", value_parser = values::likeness)]
    pub(in crate::cli) threshold: Option<f32>,
    /// What near-duplicates are looked for by: statements, one vector each; paragraphs, whose vectors stand for their statements (faster); wording, with no model at all (of texts), which finds no paraphrases
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ByWhat::Statements)]
    pub(in crate::cli) by: ByWhat,
    /// Report what at least so many outlets carry and another lacks that wrote of the same story [default: 3, or one less than all where they are few]
    #[arg(long, value_name = "OUTLETS", value_parser = values::between::<u16>(2, 65_535))]
    pub(in crate::cli) omitted_from: Option<u16>,
    /// The day of the run: an article dated more than a day later cannot be first [default: the system's date]
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub(in crate::cli) today: Option<Date>,
}

/// What near-duplicates are looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ByWhat {
    Statements,
    Paragraphs,
    Wording,
}

/// What is left out as the outlet's own furniture.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(in crate::cli) struct RecurringFlags {
    /// Leave out as boilerplate the paragraphs that an outlet prints in at least N of its articles, which are mostly otherwise different; 0 keeps all
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = articles)]
    pub(in crate::cli) recurring_from: usize,
}

/// One article is no recurring.
fn articles(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(1) => Err("one article is no recurring: expected 0, or 2 and more".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("expected a number of articles".to_owned()),
    }
}
