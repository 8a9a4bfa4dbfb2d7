//! `refrain completions SHELL`: a completion script on standard output.

use std::io::{Write, stdout};

use clap::CommandFactory;

use super::args::{Arguments, CompletionsArgs};

pub(super) fn run(arguments: &CompletionsArgs) -> anyhow::Result<()> {
    // clap_complete panics where it cannot write: it writes to memory, and a closed pipe is our error.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "refrain", &mut script);
    Ok(stdout().write_all(&script)?)
}
