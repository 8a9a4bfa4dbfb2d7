//! `refrain duplicates`: near-duplicate coverage alone.

use super::args::DuplicatesArgs;
use super::output::{self, Sink};
use super::progress::Bar;
use super::report::{duplicate_options, find_and_show};
use super::{engine, input};
use crate::coverage::By;
use crate::pipeline::{self, Corpus, Plan};

pub(super) fn run(arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    let options = duplicate_options(&arguments.duplicates)?;
    let by = options.by;
    let plan = Plan { themes: None, duplicates: Some(options), recurring_from: arguments.recurring.recurring_from };
    // Vectors of a folder are held to their model, so that it is loaded all the same.
    if by == By::Wording && !input::are_vectors(&arguments.input.inputs)? {
        return by_wording(&plan, arguments);
    }
    find_and_show(&plan, &arguments.input, &arguments.engine, (&arguments.page, None))
}

/// Texts compared by their wording: no model is loaded.
fn by_wording(plan: &Plan, arguments: &DuplicatesArgs) -> anyhow::Result<()> {
    output::format(&arguments.page.output)?;
    let sink = Sink::open(arguments.page.output.output.as_deref())?;
    let collection = input::read(&arguments.input.inputs, &arguments.input.reading)?;
    let corpus = Corpus { collection, embedded: None, inputs: input::names(&arguments.input.inputs) };
    let pool = engine::pool(&arguments.engine)?;
    let findings = pool.install(|| pipeline::run_by_wording(corpus, plan, &Bar::default()))?;
    output::findings(sink, &findings, &arguments.page)
}
