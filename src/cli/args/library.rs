//! What the user may write about libraries: adding, listing, checking, removing.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::{EngineArgs, ListFormat, ReadingArgs, values};

/// The library, and how the answer is written.
#[derive(Debug, Args)]
pub(in crate::cli) struct LibraryArgs {
    /// The library: a file such as news.refrain
    #[arg(value_name = "LIBRARY")]
    pub(in crate::cli) library: PathBuf,
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: ListFormat,
    /// Seconds to wait for another program that is writing to it
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = values::between::<u32>(0, 86_400))]
    pub(in crate::cli) wait: u32,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain add news.refrain news/                 makes the library where there is none
  refrain add news.refrain today.jsonl           embeds only what is new or changed
  refrain add news.refrain batch/                takes the vectors of a folder that `refrain embed` wrote
  refrain nearest \"export controls\" news.refrain
  refrain report news.refrain -o coverage.html

An article is known again by its outlet and id, a record without an id by its address, a file that is one article by its \
path; a record with none of these by what it says. One that changed takes the place of what it was, and each paragraph that \
stays keeps its vector. What is written is written in portions: a run that is cut off leaves the portions before, and the \
same command goes on.")]
pub(in crate::cli) struct AddArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
    /// Files, folders (with all they hold), or - for standard input; or folders that `refrain embed` wrote
    #[arg(required = true, value_name = "PATH")]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
}

/// Which articles.
#[derive(Debug, Args)]
pub(in crate::cli) struct WhichArgs {
    /// Ids of articles, as `refrain list` shows them
    #[arg(value_name = "ID")]
    pub(in crate::cli) ids: Vec<String>,
    /// Of this outlet (may be given more than once)
    #[arg(long, value_name = "OUTLET")]
    pub(in crate::cli) outlet: Vec<String>,
    /// Read from this file, as `refrain list` shows it (may be given more than once)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) file: Vec<String>,
    /// Published before this day; not those without a date
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::day)]
    pub(in crate::cli) before: Option<Date>,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain list news.refrain
  refrain list news.refrain --outlet bbc --before 2025-11-01
  refrain list news.refrain --format json | jq -r '.articles[].id'")]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
    #[command(flatten)]
    pub(in crate::cli) which: WhichArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain remove news.refrain article-17
  refrain remove news.refrain --outlet bbc --before 2025-11-01 --dry-run

An article has to meet all of ids, --outlet, --file and --before that are given. The room it took is used again; \
`refrain compact` gives it back.")]
pub(in crate::cli) struct RemoveArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
    #[command(flatten)]
    pub(in crate::cli) which: WhichArgs,
    /// Say which articles would be removed, and remove none
    #[arg(short = 'n', long)]
    pub(in crate::cli) dry_run: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Example:
  refrain info news.refrain --format json")]
pub(in crate::cli) struct InfoArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Example:
  refrain verify news.refrain && cp news.refrain /backup/

Exit code 1 where a fault was found; each is named, with what mends it.")]
pub(in crate::cli) struct VerifyArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Example:
  refrain compact news.refrain

Takes as much free room on the disk as the library is large, while it runs.")]
pub(in crate::cli) struct CompactArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain reembed news.refrain --model intfloat/multilingual-e5-small
  refrain reembed news.refrain --precision int8

The library answers with its old vectors until all new ones are made; a run that is cut off goes on where it was.")]
pub(in crate::cli) struct ReembedArgs {
    #[command(flatten)]
    pub(in crate::cli) library: LibraryArgs,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
}

#[derive(Debug, Clone, Args)]
#[command(after_long_help = "Examples:
  refrain watch news/ --library news.refrain
  refrain watch news/ --library news.refrain --prune
  refrain watch /mnt/share/news --library news.refrain --poll 30
  refrain watch news/ --library news.refrain --format json | jq -r 'select(.event == \"read\") | .file'

What is there is added first, then what appears or changes, as `refrain add` does; one line a change. A file is read once it has been \
unchanged for a moment (--settle). Ctrl-C or SIGTERM ends it with exit code 0, after what is in hand is written; a second one at once, with 130.")]
pub(in crate::cli) struct WatchArgs {
    /// The folder, with all it holds
    #[arg(value_name = "FOLDER")]
    pub(in crate::cli) folder: PathBuf,
    /// The library: made where there is none
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) library: PathBuf,
    /// Remove the articles of a file that disappears
    #[arg(long)]
    pub(in crate::cli) prune: bool,
    /// Look every so many seconds rather than wait for the system to tell of changes: for network folders
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) poll: Option<f64>,
    /// How long a file must have been unchanged before it is read
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub(in crate::cli) settle: f64,
    /// How each line is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: ListFormat,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
}

/// A day at the most: a typing error is no reason to look once a year.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.05..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected a number of seconds, from 0.05 to 86400".to_owned()),
    }
}
