//! What the user may write after `refrain eval`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{EngineArgs, OutputArgs, ThemeFlags};

#[derive(Debug, Args)]
pub(in crate::cli) struct EvalArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: EvalCommand,
}

/// What to score.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EvalCommand {
    /// How well the themes found agree with known labels: AMI, ARI, V-measure, B-cubed
    Themes(EvalThemesArgs),
    /// How well the comparing of texts agrees with labelled pairs: average precision, F1, grades, differences
    Duplicates(EvalDuplicatesArgs),
    /// How well looking up agrees with what people judged relevant: nDCG@10 by meaning, by words, and by both
    Lookup(EvalLookupArgs),
}

/// What is labelled, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(in crate::cli) struct LabelArgs {
    /// Records with a text and a label each, or - for standard input: JSONL, JSON, CSV, TSV, Parquet, also .gz and .zst. A record is one paragraph, whole
    #[arg(long, value_name = "FILE", required = true)]
    pub(in crate::cli) labels: PathBuf,
    /// Name of the field that holds the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(in crate::cli) text_field: String,
    /// Name of the field that holds the label; given more than once, each is scored by itself
    #[arg(long, value_name = "NAME", default_value = "label")]
    pub(in crate::cli) label_field: Vec<String>,
    /// Name of the field that holds the id [default: id; else the line]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) id_field: Option<String>,
    /// Leave out records whose text an earlier record has
    #[arg(long)]
    pub(in crate::cli) drop_duplicates: bool,
    /// Fail if anything about the input was wrong, rather than go on without it
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Take these vectors instead of embedding: .npy, float32, one row for each record that takes part, in their order
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) vectors: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(mut_arg("theme_file", |file| file.help("Seeded themes to look for [default: none]")))]
#[command(mut_arg("no_seeded", |flag| flag.hide(true)), mut_arg("namer", |flag| flag.hide(true)))]
#[command(after_long_help = "Examples:
  refrain eval themes --labels stories.jsonl
  refrain eval themes --labels news.csv --text-field title --label-field category --label-field desk
  refrain eval themes --labels stories.jsonl.gz --themes 20 --format json
  refrain eval themes --labels stories.jsonl --save-vectors v.npy      embeds once ...
  refrain eval themes --labels stories.jsonl --vectors v.npy           ... and then takes the vectors, or another tool's
  refrain eval themes --labels stories.jsonl --assignments found.jsonl  which record came into which theme")]
pub(in crate::cli) struct EvalThemesArgs {
    #[command(flatten)]
    pub(in crate::cli) labelled: LabelArgs,
    #[command(flatten)]
    pub(in crate::cli) themes: ThemeFlags,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
    /// Write which record came into which theme: JSON lines
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) assignments: Option<PathBuf>,
    /// Write the vectors of the records that take part: .npy, as --vectors takes them
    #[arg(long, value_name = "FILE", help_heading = "Output", conflicts_with = "vectors")]
    pub(in crate::cli) save_vectors: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
#[command(after_long_help = "Examples:
  refrain eval duplicates --labels pairs.jsonl
  refrain eval duplicates --labels questions.csv --text-field question1 --text-field question2 --label-field is_duplicate
  refrain eval duplicates --labels pairs.jsonl.gz --format json -o scores.json
  refrain eval duplicates --labels pairs.jsonl --judged judged.jsonl    what was found of each pair

A record holds two texts and a label. Where every label says yes or no (1/0, true/false, yes/no, same/different, duplicate/other) the
scores are ranked against them; in any case the grades are counted by label. A field \"differs\", a list of
{\"kind\": \"figure\"|\"date\"|\"name\"|\"negation\"|\"hedge\", \"left\": TEXT, \"right\": TEXT}, says which facts are known to
differ ([] none): the differences told are then held to it. \"date1\" and \"date2\" are the texts' days of publication.")]
pub(in crate::cli) struct EvalDuplicatesArgs {
    /// Records with two texts and a label each, or - for standard input: JSONL, JSON, CSV, TSV, Parquet, also .gz and .zst
    #[arg(long, value_name = "FILE", required = true)]
    pub(in crate::cli) labels: PathBuf,
    /// Names of the fields that hold the texts, given twice [default: text1 and text2]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) text_field: Vec<String>,
    /// Name of the field that holds the label
    #[arg(long, value_name = "NAME", default_value = "label")]
    pub(in crate::cli) label_field: String,
    /// Name of the field that holds the id [default: id; else the line]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) id_field: Option<String>,
    /// Fail if anything about the input was wrong, rather than go on without it
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
    /// Write what was found of each pair: JSON lines
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) judged: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
#[command(after_long_help = "Examples:
  refrain eval lookup --corpus corpus.jsonl.gz --queries queries.jsonl.gz --qrels qrels.tsv
  refrain eval lookup --corpus corpus.jsonl --queries queries.jsonl --qrels qrels/test.tsv --id-field _id      sets of BEIR")]
pub(in crate::cli) struct EvalLookupArgs {
    /// Records with an id and a text each, which is searched whole: JSONL, JSON, CSV, TSV, Parquet, also .gz and .zst
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) corpus: PathBuf,
    /// Questions: records with an id and a text each
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) queries: PathBuf,
    /// What is relevant: a question's id, a text's id and a gain a line, tabs between them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) qrels: PathBuf,
    /// Name of the field that holds the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(in crate::cli) text_field: String,
    /// Name of the field that holds the id [default: id; else the line]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) id_field: Option<String>,
    /// Fail if anything about the input was wrong, rather than go on without it
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}
