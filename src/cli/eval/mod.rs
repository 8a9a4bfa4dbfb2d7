//! `refrain eval`: what is found, held to what is known. One file a thing that is scored.

mod duplicates;
mod labels;
mod lookup;
mod themes;

use super::args::{EvalArgs, EvalCommand};

pub(super) fn run(arguments: &EvalArgs) -> anyhow::Result<()> {
    match &arguments.command {
        EvalCommand::Themes(arguments) => themes::run(arguments),
        EvalCommand::Duplicates(arguments) => duplicates::run(arguments),
        EvalCommand::Lookup(arguments) => lookup::run(arguments),
    }
}
