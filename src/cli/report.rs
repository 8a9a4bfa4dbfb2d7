//! `refrain report`: themes, near-duplicate coverage and exclusives.

use jiff::Zoned;

use super::args::{ByWhat, DuplicateFlags, EngineArgs, InputArgs, PageArgs, ReportArgs, ThemeFlags};
use super::engine::{Loaded, Use};
use super::output::{self, Sink};
use super::progress::Bar;
use super::{input, library, namer, themes};
use crate::coverage::By;
use crate::duplicates;
use crate::findings::Findings;
use crate::pipeline::{self, Corpus, Engine, Plan};

pub(super) fn run(arguments: &ReportArgs) -> anyhow::Result<()> {
    let plan = Plan {
        themes: Some(themes::plan(&arguments.themes, &arguments.input.inputs)?),
        duplicates: Some(duplicate_options(&arguments.duplicates)?),
        recurring_from: arguments.recurring.recurring_from,
        map: output::format(&arguments.page.output)?.has_map(),
    };
    find_and_show(&plan, &arguments.input, &arguments.engine, (&arguments.page, Some(&arguments.themes)))
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
    (page, themes): (&PageArgs, Option<&ThemeFlags>),
) -> anyhow::Result<()> {
    output::check(page)?;
    output::spare(&input.inputs, page.output.output.as_deref())?;
    let sink = Sink::open(page.output.output.as_deref())?;
    let findings = match (library::of_inputs(&input.inputs)?, themes) {
        (Some(path), Some(flags)) => library::themes::find(path, plan, (input, engine), flags)?,
        (None, Some(flags)) if flags.keep => return Err(library::themes::no_library("--keep")),
        (None, Some(flags)) if flags.anew => return Err(library::themes::no_library("--anew")),
        _ => find(plan, input, engine, themes.and_then(|themes| themes.namer.as_deref()))?,
    };
    output::findings(sink, &findings, page)
}

fn find(plan: &Plan, input: &InputArgs, engine: &EngineArgs, namer: Option<&str>) -> anyhow::Result<Findings> {
    let (engine, corpus) = input::open(&input.inputs, &input.reading, engine, Use::Compare)?;
    let input::Corpus { collection, embedded } = corpus;
    let corpus = Corpus { collection, embedded, inputs: input::names(&input.inputs) };
    run_plan(&engine, corpus, plan, (namer, input.reading.strict))
}

/// Runs a plan, and has themes named where there is a command for it.
pub(super) fn run_plan(
    engine: &Loaded,
    corpus: Corpus,
    plan: &Plan,
    (namer, strict): (Option<&str>, bool),
) -> anyhow::Result<Findings> {
    let with = Engine { encoder: &engine.encoder, device: &engine.device };
    let mut findings = engine.pool.install(|| pipeline::run(with, corpus, plan, &Bar::default()))?;
    if let (Some(command), Some(themes)) = (namer, &mut findings.themes) {
        namer::name(command, &findings.collection, (themes, &[]), (strict, &Bar::default()))?;
    }
    Ok(findings)
}
