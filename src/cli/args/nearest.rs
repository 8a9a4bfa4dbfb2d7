//! What the user may write after `refrain nearest`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{EngineArgs, OutputArgs, ReadingArgs, values};
use crate::nearest::Mode;
use crate::paragraph::Kind;

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain nearest \"who pays for the data centres?\" news/ -k 5
  refrain nearest \"export controls\" news.refrain --from 2026-11-01 --outlet bbc
  refrain nearest \"export controls\" news.refrain --elsewhere   also what other outlets have that is nearest to each
  refrain nearest \"export controls\" news.refrain --theme t3    in one of the library's themes
  refrain nearest \"GB200\" news.refrain --mode lexical          by words alone
  refrain nearest --paragraph bbc-17:3 news.refrain            what is near the third paragraph of an article
  refrain nearest --query-file paragraph.txt news/ --not-outlet bbc
  pbpaste | refrain nearest - news/

The score of a paragraph is the cosine of its meaning to the question's, plus the share of the question's words that it has, \
each rare word counting more than a common one (BM25 over the most that any text could have). Both are shown.")]
pub(in crate::cli) struct NearestArgs {
    /// The text to look for, or - for standard input; with --query-file or --paragraph the first PATH instead
    #[arg(value_name = "QUERY")]
    pub(in crate::cli) query: String,
    /// Files, folders (with all they hold), - for standard input, or a library
    #[arg(value_name = "PATH")]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    /// Read the query from a file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) query_file: Option<PathBuf>,
    /// Ask by a paragraph of the corpus: the article's id and the paragraph's number in it
    #[arg(long, value_name = "ARTICLE:NUMBER", conflicts_with = "query_file")]
    pub(in crate::cli) paragraph: Option<String>,
    /// How many paragraphs to show
    #[arg(short, value_name = "K", default_value = "5", value_parser = values::some)]
    pub(in crate::cli) k: NonZeroUsize,
    /// What is looked for by
    #[arg(long, value_name = "MODE", default_value = "hybrid")]
    pub(in crate::cli) mode: By,
    /// Show under each the nearest paragraph of another outlet than its own
    #[arg(long)]
    pub(in crate::cli) elsewhere: bool,
    #[command(flatten)]
    pub(in crate::cli) filter: FilterArgs,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// Which paragraphs may answer.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filters")]
pub(in crate::cli) struct FilterArgs {
    /// Only paragraphs of this outlet (may be given more than once)
    #[arg(long, value_name = "OUTLET")]
    pub(in crate::cli) outlet: Vec<String>,
    /// No paragraphs of this outlet (may be given more than once)
    #[arg(long, value_name = "OUTLET")]
    pub(in crate::cli) not_outlet: Vec<String>,
    /// Published on this day or later; not those without a date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::day)]
    pub(in crate::cli) from: Option<Date>,
    /// Published on this day or earlier; not those without a date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::day)]
    pub(in crate::cli) to: Option<Date>,
    /// Only paragraphs of this theme of a library, by id or name (may be given more than once)
    #[arg(long, value_name = "THEME")]
    pub(in crate::cli) theme: Vec<String>,
    /// Only paragraphs of this kind (may be given more than once)
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: Vec<OfKind>,
}

/// What paragraphs are looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum By {
    /// Meaning and words together
    Hybrid,
    /// Meaning alone
    Semantic,
    /// Words alone; needs no model
    Lexical,
}

impl By {
    pub(in crate::cli) fn mode(self) -> Mode {
        match self {
            Self::Hybrid => Mode::Hybrid,
            Self::Semantic => Mode::Semantic,
            Self::Lexical => Mode::Lexical,
        }
    }
}

/// A kind of paragraph that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OfKind {
    /// Running text
    Body,
    /// An item of a list
    ListItem,
    /// A row of a table
    TableRow,
    /// Somebody's words, set off
    Quote,
}

impl OfKind {
    pub(in crate::cli) fn kind(self) -> Kind {
        match self {
            Self::Body => Kind::Body,
            Self::ListItem => Kind::ListItem,
            Self::TableRow => Kind::TableRow,
            Self::Quote => Kind::Quote,
        }
    }
}
