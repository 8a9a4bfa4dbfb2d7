//! The themes of a library: those that it keeps, found anew where it has changed; and what became of them.

use std::path::Path;

use jiff::Timestamp;

use super::{advised, embedded, engine_of, of_inputs};
use crate::cli::args::{EngineArgs, InputArgs, PageFormat, ThemeFlags, ThemesArgs};
use crate::cli::engine::Use;
use crate::cli::input;
use crate::cli::output::{self, Sink};
use crate::cli::progress::{Level, Misuse, say};
use crate::cli::report::run_plan;
use crate::cli::themes::whole_plan;
use crate::findings::Findings;
use crate::library::{Basis, Generation, Library, LibraryError, ThemeSettings};
use crate::pipeline::{Corpus, Plan};
use crate::report::theme_log as page;

/// Runs a plan with the themes of a library: those kept where they are still those of what it holds, else new ones, which are kept.
pub(in crate::cli) fn find(
    path: &Path,
    plan: &Plan,
    (input, engine): (&InputArgs, &EngineArgs),
    flags: &ThemeFlags,
) -> anyhow::Result<Findings> {
    input::refuse_reading(&input.reading, "a library")?;
    let library = Library::open_to_read(path).map_err(advised)?;
    let engine = engine_of(&library, engine, Use::Compare)?;
    let generation = library.generation().map_err(advised)?;
    let (settings, own) = settings(plan, flags, generation.as_ref());
    let held = library.load().map_err(advised)?;
    input::check(&held.collection, input.reading.strict, &input.inputs)?;
    let held = held.without_recurring(settings.recurring_from);
    let kept = library.current_themes(&held, &settings).map_err(advised)?;
    let themes = kept.is_none().then(|| (settings.seeds.clone(), settings.options));
    // What an outlet repeats is set aside already.
    let plan = Plan { themes, recurring_from: 0, ..plan.clone() };
    let embedded = Some(embedded(&library, &engine, held.vectors, held.windowed));
    let corpus = Corpus { collection: held.collection, embedded, inputs: input::names(&input.inputs) };
    let mut findings = run_plan(&engine, corpus, &plan, (flags.namer.as_deref(), input.reading.strict))?;
    if kept.is_some() {
        tell_unasked(flags);
        findings.themes = kept;
    } else if let Some(themes) = &mut findings.themes {
        let generation = generation.map(|latest| latest.number);
        let basis = Basis { changes: held.changes, generation, ids: &held.ids };
        let placed = library.place_themes(themes, basis, own.then_some(&settings), Timestamp::now());
        // What was found stands all the same.
        placed
            .map_err(advised)?
            .iter()
            .for_each(|error| say(&format!("these themes are not kept: {error}"), Level::Warning));
    }
    Ok(findings)
}

fn tell_unasked(flags: &ThemeFlags) {
    if flags.namer.is_some() {
        say("--namer was not asked: no theme is new, and those there are keep their names", Level::Note);
    }
}

/// How themes are found, and whether that is how the library's are. Where nothing is asked for, they are found as they were.
fn settings(plan: &Plan, flags: &ThemeFlags, generation: Option<&Generation>) -> (ThemeSettings, bool) {
    let (seeds, options) = plan.themes.clone().unwrap_or_default();
    let given = ThemeSettings { options, recurring_from: plan.recurring_from, seeds };
    let plain = ThemeSettings { recurring_from: PLAIN_RECURRING, ..ThemeSettings::default() };
    let Some(kept) = generation.map(|generation| &generation.settings).filter(|_| !flags.keep) else {
        return (given, true);
    };
    if given == *kept {
        return (given, true);
    }
    if given == plain && !flags.no_seeded {
        say("themes are found as this library's are; other options with --keep change that", Level::Note);
        return (kept.clone(), true);
    }
    let what = "these options are not those that this library's themes are found with: what they show is not kept; --keep makes them the library's";
    say(what, Level::Note);
    (given, false)
}

/// The default of `--recurring-from`.
const PLAIN_RECURRING: usize = 3;

/// Tells what became of the themes of a library: all of it, or what is new since a day.
pub(in crate::cli) fn tell(arguments: &ThemesArgs) -> anyhow::Result<()> {
    let asked = if arguments.history.log { "--log" } else { "--since" };
    let Some(path) = of_inputs(&arguments.input.inputs)? else { return Err(no_library(asked)) };
    let format = output::format(&arguments.page.output)?;
    if !matches!(format, PageFormat::Text | PageFormat::Markdown | PageFormat::Json) {
        return Err(Misuse(format!("{asked} is told as text, Markdown or JSON: expected one of them")).into());
    }
    output::check(&arguments.page)?;
    output::spare(&arguments.input.inputs, arguments.page.output.output.as_deref())?;
    let sink = Sink::open(arguments.page.output.output.as_deref())?;
    let terminal = output::page(&arguments.page.output);
    let terminal = crate::report::Page { most: arguments.page.most, ..terminal };
    let told = told(path, arguments)?;
    sink.write(|out| match format {
        PageFormat::Json => page::json(&told, out),
        PageFormat::Markdown => page::markdown(&told, terminal.most, out),
        _ => page::terminal(&told, &terminal, out),
    })
}

fn told(path: &Path, arguments: &ThemesArgs) -> anyhow::Result<page::Told> {
    let Some(since) = arguments.history.since else {
        let library = Library::open_to_read(path).map_err(advised)?;
        return Ok(page::Told::Log(library.theme_log(None).map_err(advised)?));
    };
    // What was added since has to have its themes first.
    if !is_current(path).map_err(advised)? {
        find(path, &whole_plan(arguments)?, (&arguments.input, &arguments.engine), &arguments.themes)?;
    }
    let library = Library::open_to_read(path).map_err(advised)?;
    let news = library.theme_news(since).map_err(advised)?;
    news.map(page::Told::News)
        .ok_or_else(|| anyhow::anyhow!("library {} keeps no themes: expected it to be writable, once", path.display()))
}

fn is_current(path: &Path) -> Result<bool, LibraryError> {
    let library = Library::open_to_read(path)?;
    let changes = library.changes()?;
    Ok(library.generation()?.is_some_and(|generation| generation.changes == changes))
}

/// A flag for libraries, with other inputs.
pub(in crate::cli) fn no_library(flag: &str) -> anyhow::Error {
    Misuse(format!("{flag} is for the themes of a library: expected a library that `refrain add` made")).into()
}
