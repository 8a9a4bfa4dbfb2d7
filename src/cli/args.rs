//! What the user may write. Help teaches by example; defaults suit a folder of articles.

mod duplicates;
mod embed;
mod eval;
mod library;
mod nearest;
mod output;
mod serve;
mod themes;
mod values;

use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use duplicates::{ByWhat, DuplicateFlags, RecurringFlags};
pub(super) use embed::{EmbedArgs, VectorFormat, VectorWidth};
pub(super) use eval::{EvalArgs, EvalCommand, EvalDuplicatesArgs, EvalLookupArgs, EvalThemesArgs, LabelArgs};
pub(super) use library::{
    AddArgs, CompactArgs, InfoArgs, LibraryArgs, ListArgs, ReembedArgs, RemoveArgs, VerifyArgs, WatchArgs, WhichArgs,
};
pub(super) use nearest::{NearestArgs, OfKind};
pub(super) use output::{Ending, Format, OutputArgs, PageArgs, PageFormat, When};
pub(super) use serve::ServeArgs;
pub(super) use themes::{Fineness, HistoryFlags, Means, RenameArgs, ThemeFlags};

use crate::embed::hub::ModelId;
use crate::embed::{DeviceChoice, Precision};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "refrain", version, about, long_about = LONG, after_long_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const LONG: &str = "Reads what many outlets wrote, gathers every paragraph into themes, and shows what they all say, \
what they say differently, and what only one of them says. Works offline: the model is inside the binary, and nothing is \
downloaded but another model that --model names.";

const EXAMPLES: &str = "Examples:
  refrain report news/                      themes and near-duplicate coverage of a folder of articles
  refrain report news/ -o coverage.html --open  the same as one page, in the browser
  refrain report week.jsonl.gz -o week.md   the same as a Markdown file
  refrain duplicates news/ --format json    near-duplicate coverage alone, for other programs
  refrain nearest \"export controls\" news/   the paragraphs nearest to a text
  refrain embed news/ -o vectors.npy        a vector for every paragraph
  refrain embed year.jsonl.zst -o batch     the same as Parquet shards, for inputs of any size
  refrain add news.refrain news/            a library, kept between runs, that every command takes for a folder
  refrain serve news.refrain                a page to search it, and an API, for this machine
  refrain eval themes --labels own.jsonl    how well themes agree with your own labels
  refrain models                            the models there are, and what else can be used";

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Themes, near-duplicate coverage and exclusives of a corpus
    Report(ReportArgs),
    /// Themes alone: seeded and discovered
    Themes(ThemesArgs),
    /// Near-duplicate coverage across outlets alone
    Duplicates(DuplicatesArgs),
    /// The paragraphs nearest to a text
    Nearest(NearestArgs),
    /// Vectors of all paragraphs: JSON lines, .npy, or a folder of Parquet shards for inputs of any size
    Embed(EmbedArgs),
    /// Put articles into a library, which is kept between runs: what is new or changed
    Add(AddArgs),
    /// Put what appears in a folder into a library, until it is stopped
    Watch(WatchArgs),
    /// The articles of a library
    List(ListArgs),
    /// A library in figures: model, articles, outlets, dates
    Info(InfoArgs),
    /// Take articles out of a library
    Remove(RemoveArgs),
    /// Call a theme of a library otherwise, for good
    Rename(RenameArgs),
    /// Whether a library holds what was written
    Verify(VerifyArgs),
    /// Give the room that nothing in a library uses back to the system
    Compact(CompactArgs),
    /// Move a library to another model
    Reembed(ReembedArgs),
    /// Answers over HTTP: what is in a library, a page to search it, and vectors
    Serve(ServeArgs),
    /// How well what is found agrees with what is known: your own labelled records
    Eval(EvalArgs),
    /// The models there are: bundled, in the cache, and what else can be used
    Models(ModelsArgs),
    /// A completion script for a shell
    Completions(CompletionsArgs),
}

/// What is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArgs {
    /// Files, folders (with all they hold), or - for standard input: text, Markdown, HTML, JSONL, CSV, Parquet, also .gz and .zst; or folders that `refrain embed` wrote; or a library that `refrain add` made
    #[arg(required = true, value_name = "PATH")]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

/// How it is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct ReadingArgs {
    /// A CSV file "file,outlet" that says which file is whose
    #[arg(long, value_name = "FILE")]
    pub(super) outlets: Option<PathBuf>,
    /// Name of the field that holds the article's text [default: text]
    #[arg(long, value_name = "NAME")]
    pub(super) text_field: Option<String>,
    /// Name of the field that holds the outlet [default: outlet, source, publisher or series]
    #[arg(long, value_name = "NAME")]
    pub(super) outlet_field: Option<String>,
    /// Name of the field that holds the article's id [default: id]
    #[arg(long, value_name = "NAME")]
    pub(super) id_field: Option<String>,
    /// Name of the field that holds the title [default: title]
    #[arg(long, value_name = "NAME")]
    pub(super) title_field: Option<String>,
    /// Name of the field that holds the date [default: date]
    #[arg(long, value_name = "NAME")]
    pub(super) date_field: Option<String>,
    /// Name of the field that holds the address [default: url]
    #[arg(long, value_name = "NAME")]
    pub(super) url_field: Option<String>,
    /// Fail if anything about the input was wrong, rather than go on without it
    #[arg(long)]
    pub(super) strict: bool,
}

/// What it is embedded with.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct EngineArgs {
    /// A sentence-transformers model folder, or org/name[@REVISION] on the Hugging Face hub, downloaded once into its cache [default: the bundled all-MiniLM-L6-v2]
    #[arg(long, value_name = "MODEL")]
    pub(super) model: Option<String>,
    /// Download nothing, as HF_HUB_OFFLINE=1: a model that is not in the cache is an error
    #[arg(long)]
    pub(super) offline: bool,
    /// Where the model runs: auto, cpu, cuda, or NVIDIA cards by number as in cuda:0,1; one that is asked for and missing is an error
    #[arg(long, value_name = "DEVICE", default_value = "auto", value_parser = Devices)]
    pub(super) device: DeviceChoice,
    /// Numbers the model runs in: auto (f32 on a CPU, f16 on cards), f32, f16 (cards alone), bf16 (cosines move by a few thousandths) or int8 (by a few hundredths at most; CPU alone); docs/accuracy.md has speeds
    #[arg(long, value_name = "PRECISION", default_value = "auto", value_parser = PossibleValuesParser::new(["auto", "f32", "f16", "bf16", "int8"]).try_map(|text| text.parse::<Precision>()))]
    pub(super) precision: Precision,
    /// Put a text before everything that is embedded; with `nearest` before the question alone [default: what the model names for it]
    #[arg(long, value_name = "TEXT", conflicts_with = "prompt_name")]
    pub(super) prompt: Option<String>,
    /// As --prompt, by the name that the model gives it
    #[arg(long, value_name = "NAME")]
    pub(super) prompt_name: Option<String>,
    /// Keep the first N components of each vector, for models trained for it [default: as the model says, else all]
    #[arg(long, value_name = "N", value_parser = values::some)]
    pub(super) truncate_dim: Option<NonZeroUsize>,
    /// Threads; the result is the same at any number [default: all cores]
    #[arg(long, value_name = "N", value_parser = values::between::<u16>(1, 512))]
    pub(super) threads: Option<u16>,
    /// Say on standard error what runs: model, device, numbers, instructions, threads; of a batch also each shard, and where the time went
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain report seeds
  refrain report news/ -o coverage.html --open
  refrain report news/ -o paragraphs.parquet
  refrain report news/ --outlets outlets.csv --theme-file themes.toml
  zcat week.jsonl.gz | refrain report - --text-field body --format json")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) recurring: RecurringFlags,
    #[command(flatten)]
    pub(super) themes: ThemeFlags,
    #[command(flatten)]
    pub(super) duplicates: DuplicateFlags,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
    #[command(flatten)]
    pub(super) page: PageArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("explain_threshold", |flag| flag.hide(true)))]
#[command(after_long_help = "Examples:
  refrain themes news/ --granularity fine
  refrain themes news/ --themes 12
  refrain themes news/ --theme-file themes.toml --only-seeded
  refrain themes news/ --namer 'jq -r .keywords[0]'
  refrain themes news/ --theme-file themes.toml --format json
  refrain themes news.refrain --since 2026-11-20
  refrain themes news.refrain --since \"7 days\"
  refrain themes news.refrain --theme-file themes.toml --keep
  refrain themes news.refrain --anew

The themes of a library keep their ids and names as it grows (docs/library-themes.md). What little comes is put into the themes \
there are; once much has changed, or with --anew, all are found anew.")]
pub(super) struct ThemesArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) recurring: RecurringFlags,
    #[command(flatten)]
    pub(super) themes: ThemeFlags,
    #[command(flatten)]
    pub(super) history: HistoryFlags,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
    #[command(flatten)]
    pub(super) page: PageArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  refrain duplicates news/
  refrain duplicates news/ --threshold 1.2 --format markdown -o same.md")]
pub(super) struct DuplicatesArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) recurring: RecurringFlags,
    #[command(flatten)]
    pub(super) duplicates: DuplicateFlags,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
    #[command(flatten)]
    pub(super) page: PageArgs,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "Examples:
  refrain models
  refrain models get intfloat/multilingual-e5-small
  refrain report news/ --model intfloat/multilingual-e5-small

The cache is that of Hugging Face's own tools: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub. HF_TOKEN \
(or the file HF_TOKEN_PATH, else HF_HOME/token) opens private and gated models, HF_ENDPOINT names another hub, and \
HF_HUB_OFFLINE=1 keeps everything from being downloaded."
)]
pub(super) struct ModelsArgs {
    #[command(subcommand)]
    pub(super) command: Option<ModelsCommand>,
    /// How the list is written [default: text]
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    pub(super) format: ListFormat,
}

/// What to do about models.
#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Download what is needed of a model into the cache, and say where it lies
    Get {
        /// org/name, or org/name@REVISION: a branch, a tag or a commit
        model: ModelId,
    },
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// A page for the terminal
    Text,
    /// In a documented, versioned schema
    Json,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Example:
  refrain completions bash > ~/.local/share/bash-completion/completions/refrain")]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

/// Reads `--device`: its values for help and completions, and cards by number besides.
#[derive(Debug, Clone)]
struct Devices;

impl TypedValueParser for Devices {
    type Value = DeviceChoice;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        text: &OsStr,
    ) -> Result<DeviceChoice, clap::Error> {
        let parser = StringValueParser::new().try_map(|text| text.parse::<DeviceChoice>());
        parser.parse_ref(command, argument, text)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(["auto", "cpu", "cuda"].into_iter().map(PossibleValue::new)))
    }
}
