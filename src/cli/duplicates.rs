//! `refrain duplicates`: near-duplicate coverage alone.

use super::args::{DuplicatesArgs, EngineArgs};
use super::output::{self, Sink};
use super::progress::{Bar, Misuse};
use super::report::{duplicate_options, find_and_show};
use super::{engine, input};
use crate::coverage::By;
use crate::embed::DeviceChoice;
use crate::pipeline::{self, Corpus, Plan};

pub(super) fn run(arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    let options = duplicate_options(&arguments.duplicates)?;
    let by = options.by;
    let map = output::format(&arguments.page.output)?.has_map();
    let plan =
        Plan { themes: None, duplicates: Some(options), recurring_from: arguments.recurring.recurring_from, map };
    // Vectors of a folder are held to their model, so that it is loaded all the same.
    if by == By::Wording && !input::are_vectors(&arguments.input.inputs)? {
        return by_wording(&plan, arguments);
    }
    find_and_show(&plan, &arguments.input, &arguments.engine, (&arguments.page, None))
}

/// How texts are embedded says nothing where none is.
fn refuse_flags(arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    let EngineArgs { model, prompt, prompt_name, truncate_dim, device, .. } = &arguments.engine;
    let flags = [
        ("--model", model.is_some()),
        ("--prompt", prompt.is_some()),
        ("--prompt-name", prompt_name.is_some()),
        ("--truncate-dim", truncate_dim.is_some()),
        ("--device", !matches!(device, DeviceChoice::Auto | DeviceChoice::Cpu)),
        ("--omitted-from", arguments.duplicates.omitted_from.is_some()),
    ];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Misuse(format!("{flag} means nothing with --by wording: leave one out")).into()),
        None => Ok(()),
    }
}

/// Texts compared by their wording: no model is loaded.
fn by_wording(plan: &Plan, arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    refuse_flags(arguments)?;
    output::check(&arguments.page)?;
    output::spare(&arguments.input.inputs, arguments.page.output.output.as_deref())?;
    let sink = Sink::open(arguments.page.output.output.as_deref())?;
    let collection = input::read(&arguments.input.inputs, &arguments.input.reading)?;
    let corpus = Corpus { collection, embedded: None, inputs: input::names(&arguments.input.inputs) };
    let pool = engine::pool(&arguments.engine)?;
    let findings = pool.install(|| pipeline::run_by_wording(corpus, plan, &Bar::default()))?;
    output::findings(sink, &findings, &arguments.page)
}
