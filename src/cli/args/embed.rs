//! What the user may write after `refrain embed`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{EngineArgs, InputArgs, values};

#[derive(Debug, Args)]
#[command(mut_arg("inputs", |inputs| inputs.help("Files, folders (with all they hold), or - for standard input: text, Markdown, HTML, JSONL, CSV, Parquet, also .gz and .zst")))]
#[command(after_long_help = "Examples:
  refrain embed news/ > vectors.jsonl
  refrain embed news/ -o vectors.npy        shape (n_paragraphs, dim), float32
  refrain embed year.jsonl.zst -o batch     a folder of Parquet shards, for inputs of any size; killed, the
                                            same command goes on after the last whole shard
  refrain report batch                      a report on the folder, without embedding again")]
pub(in crate::cli) struct EmbedArgs {
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    #[command(flatten)]
    pub(in crate::cli) engine: EngineArgs,
    /// How vectors are written [default: jsonl, or by the ending of --output: .npy; parquet where it has none]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(in crate::cli) format: Option<VectorFormat>,
    /// Write to a file, whole or not at all, or to a folder of Parquet shards, instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Leave the texts out of the shards; a report on them is then not possible
    #[arg(long, help_heading = "Output")]
    pub(in crate::cli) no_text: bool,
    /// Numbers of the shards' vectors: f16 takes half the space, and cosines move by less than a thousandth
    #[arg(long, value_name = "TYPE", default_value = "f32", help_heading = "Output")]
    pub(in crate::cli) vector_type: VectorWidth,
    /// Paragraphs from which a shard is full; it ends with the article
    #[arg(long, value_name = "N", default_value = "32768", help_heading = "Output", value_parser = values::between::<u32>(1, 1 << 20))]
    pub(in crate::cli) shard_rows: u32,
}

/// How vectors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum VectorFormat {
    /// One object a paragraph
    Jsonl,
    /// NumPy's format, shape (n_paragraphs, dim), float32
    Npy,
    /// A folder of Parquet shards, for inputs of any size
    Parquet,
}

/// Numbers of the vectors in shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum VectorWidth {
    /// 32 bits
    F32,
    /// 16 bits
    F16,
}
