//! The command line: arguments, one file a subcommand, and where output goes.
//!
//! `args` is what the user may write; each subcommand turns its arguments into a call of the library
//! and hands the result to `output`. Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted (by the signal itself).

mod args;
mod completions;
mod duplicates;
mod embed;
mod engine;
mod eval;
mod hub;
mod input;
mod library;
mod models;
mod namer;
mod nearest;
mod npy;
mod open;
mod output;
mod progress;
mod report;
#[cfg(feature = "serve")]
mod serve;
#[cfg(not(feature = "serve"))]
#[path = "serve_off.rs"]
mod serve;
#[cfg(feature = "parquet")]
mod shards;
#[cfg(not(feature = "parquet"))]
#[path = "shards_off.rs"]
mod shards;
mod themes;
mod told;
mod watching;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Arguments, Command};
use progress::Misuse;

use crate::duplicates::DuplicatesError;

/// Parses the command line, runs it, and says how it ended.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            progress::fail(&error);
            if is_misuse(&error) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// Whether the command line itself is wrong, which clap alone cannot see.
fn is_misuse(error: &anyhow::Error) -> bool {
    error.is::<Misuse>() || matches!(error.downcast_ref(), Some(DuplicatesError::Threshold(_)))
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Report(arguments) => report::run(&arguments),
        Command::Themes(arguments) => themes::run(&arguments),
        Command::Duplicates(arguments) => duplicates::run(&arguments),
        Command::Nearest(arguments) => nearest::run(&arguments),
        Command::Embed(arguments) => embed::run(&arguments),
        Command::Add(arguments) => library::add::run(&arguments),
        Command::Watch(arguments) => watching::run(&arguments),
        Command::List(arguments) => library::list::run(&arguments),
        Command::Info(arguments) => library::info::run(&arguments),
        Command::Remove(arguments) => library::remove::run(&arguments),
        Command::Rename(arguments) => library::rename::run(&arguments),
        Command::Verify(arguments) => library::verify::run(&arguments),
        Command::Compact(arguments) => library::compact::run(&arguments),
        Command::Reembed(arguments) => library::reembed::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

fn refuse(error: &clap::Error) -> ExitCode {
    // Where the message cannot be written there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}
