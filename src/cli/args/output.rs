//! What the user may write about output: where it goes, in which format, how much of it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Where findings go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs<F: ValueEnum + Send + Sync + 'static = Format> {
    /// How the result is written [default: text, or by the ending of --output]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<F>,
    /// Write to a file, whole or not at all, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: When,
    /// Columns of the text report [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", value_parser = super::values::any)]
    pub(in crate::cli) width: Option<usize>,
}

/// What a page of findings shows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct PageArgs {
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs<PageFormat>,
    /// What the HTML page is headed by, such as the story's name [default: how much it is about]
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) title: Option<String>,
    /// Open the page in the browser once it is written: with -o FILE.html
    #[arg(long)]
    pub(in crate::cli) open: bool,
    /// The most that any list of the text and Markdown report shows; JSON always holds everything, HTML up to limits of its own
    #[arg(long, value_name = "N", value_parser = super::values::any)]
    pub(in crate::cli) most: Option<usize>,
    /// List the paragraphs that take no part (headings, boilerplate ...), each with the reason; HTML always does
    #[arg(long)]
    pub(in crate::cli) list_left_out: bool,
    /// Tell how the threshold of near-duplicates was set: the background, and the closest pairs on both sides; HTML always does
    #[arg(long)]
    pub(in crate::cli) explain_threshold: bool,
}

/// A format that the ending of a file can name.
pub(in crate::cli) trait Ending: Copy {
    /// What is written where nothing names a format.
    const TEXT: Self;
    /// The endings there are, for an error.
    const ENDINGS: &'static str;

    /// The format of an ending in lower case; none where nothing is written so.
    fn of_ending(ending: Option<&str>) -> Option<Self>;
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// A page for the terminal
    Text,
    /// Everything, in a documented, versioned schema
    Json,
    /// For pull requests and mails
    Markdown,
}

impl Ending for Format {
    const TEXT: Self = Self::Text;
    const ENDINGS: &'static str = ".txt, .md or .json";

    fn of_ending(ending: Option<&str>) -> Option<Self> {
        match ending {
            Some("json") => Some(Self::Json),
            Some("md" | "markdown") => Some(Self::Markdown),
            None | Some("txt" | "text") => Some(Self::Text),
            Some(_) => None,
        }
    }
}

/// How the findings of a corpus are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PageFormat {
    /// A page for the terminal
    Text,
    /// Everything, in a documented, versioned schema
    Json,
    /// For pull requests and mails
    Markdown,
    /// One self-contained page for a browser: a map, filters and search
    Html,
    /// The paragraphs as a table: theme, groups, place on the map, neighbours
    Csv,
    /// The same table, typed, for pandas, DuckDB and embedding viewers
    Parquet,
}

impl PageFormat {
    /// Whether it says where paragraphs lie on the map, and which are near which.
    pub(in crate::cli) fn has_map(self) -> bool {
        matches!(self, Self::Html | Self::Csv | Self::Parquet)
    }
}

impl Ending for PageFormat {
    const TEXT: Self = Self::Text;
    const ENDINGS: &'static str = ".txt, .md, .html, .json, .csv or .parquet";

    fn of_ending(ending: Option<&str>) -> Option<Self> {
        match ending {
            Some("html" | "htm") => Some(Self::Html),
            Some("csv") => Some(Self::Csv),
            Some("parquet") => Some(Self::Parquet),
            other => Format::of_ending(other).map(|format| match format {
                Format::Text => Self::Text,
                Format::Json => Self::Json,
                Format::Markdown => Self::Markdown,
            }),
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum When {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
