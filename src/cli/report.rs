//! `refrain report`: themes, near-duplicate coverage and exclusives.

use jiff::Zoned;

use super::args::{ByWhat, DuplicateFlags, EngineArgs, InputArgs, PageArgs, ReportArgs};
use super::engine::Use;
use super::output::{self, Sink};
use super::progress::Bar;
use super::{input, namer, themes};
use crate::coverage::By;
use crate::duplicates;
use crate::pipeline::{self, Corpus, Engine, Plan};

pub(super) fn run(arguments: &ReportArgs) -> anyhow::Result<()> {
    let plan = Plan {
        themes: Some(themes::plan(&arguments.themes, &arguments.input.inputs)?),
        duplicates: Some(duplicate_options(&arguments.duplicates)?),
        recurring_from: arguments.recurring.recurring_from,
        map: output::format(&arguments.page.output)?.has_map(),
    };
    find_and_show(&plan, &arguments.input, &arguments.engine, (&arguments.page, arguments.themes.namer.as_deref()))
}

pub(super) fn duplicate_options(flags: &DuplicateFlags) -> anyhow::Result<duplicates::Options> {
    let options = duplicates::Options {
        by: match flags.by {
            ByWhat::Statements => By::Statements,
            ByWhat::Paragraphs => By::Paragraphs,
            ByWhat::Wording => By::Wording,
        },
        threshold: flags.threshold,
        omitted_from: flags.omitted_from.map(usize::from),
        today: Some(flags.today.unwrap_or_else(|| Zoned::now().date())),
    };
    duplicates::check(&options)?;
    Ok(options)
}

/// What `report`, `themes` and `duplicates` have in common: read, run the plan, show the findings.
pub(super) fn find_and_show(
    plan: &Plan,
    input: &InputArgs,
    engine: &EngineArgs,
    (page, namer): (&PageArgs, Option<&str>),
) -> anyhow::Result<()> {
    output::check(page)?;
    output::spare(&input.inputs, page.output.output.as_deref())?;
    let sink = Sink::open(page.output.output.as_deref())?;
    let (engine, corpus) = input::open(&input.inputs, &input.reading, engine, Use::Compare)?;
    let input::Corpus { collection, embedded } = corpus;
    let corpus = Corpus { collection, embedded, inputs: input::names(&input.inputs) };
    let with = Engine { encoder: &engine.encoder, device: &engine.device };
    let mut findings = engine.pool.install(|| pipeline::run(with, corpus, plan, &Bar::default()))?;
    if let (Some(command), Some(themes)) = (namer, &mut findings.themes) {
        namer::name(command, &findings.collection, themes, (input.reading.strict, &Bar::default()))?;
    }
    output::findings(sink, &findings, page)
}
