//! The themes of a library: those that it keeps, extended where little changed and found anew where much did; and what became of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{advised, embedded, engine_of, of_inputs};
use crate::cli::args::{EngineArgs, InputArgs, PageFormat, ThemeFlags, ThemesArgs};
use crate::cli::engine::{Loaded, Use};
use crate::cli::output::{self, Sink};
use crate::cli::progress::{Bar, Level, Misuse, say};
use crate::cli::report::run_plan;
use crate::cli::themes::{THEME_FILE, whole_plan};
use crate::cli::{input, namer};
use crate::findings::Findings;
use crate::library::{Basis, Generation, Held, LITTLE, Library, LibraryError, Since, Standing, ThemeSettings, Why};
use crate::pipeline::{Corpus, Plan, Progress, extend_themes};
use crate::report::theme_log as page;
use crate::report::{counted, number, quoted};
use crate::theme::{Origin, Themes};
use crate::themes::{Former, ThemeSeeds};

/// Runs a plan with the themes of a library: those kept where they are still those of what it holds; these extended where little changed; else new
/// ones. What is extended or new is kept.
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
    let stand = standing(&library, &held, (&settings, own), flags)?;
    let namer = (flags.namer.as_deref(), input.reading.strict);
    let extended = extended(&engine, &held, (&settings, &stand), namer)?;
    let themes = matches!(stand, Standing::Anew(_)).then(|| (settings.seeds.clone(), settings.options));
    // What an outlet repeats is set aside already.
    let plan = Plan { themes, recurring_from: 0, ..plan.clone() };
    let Held { collection, vectors, ids, windowed, changes } = held;
    let embedded = Some(embedded(&library, vectors, windowed));
    let corpus = Corpus { collection, embedded, inputs: input::names(&input.inputs) };
    let mut findings = run_plan(&engine, corpus, &plan, namer)?;
    findings.themes = findings.themes.or(extended);
    let generation = generation.map(|latest| latest.number);
    let basis = Basis { changes, generation, ids: &ids, extended: matches!(stand, Standing::Little(..)) };
    match (stand, &mut findings.themes) {
        (Standing::Current(themes), _) => findings.themes = Some(themes),
        (stand, Some(themes)) => keep((&library, own.then_some(&settings)), themes, basis, &stand)?,
        (_, None) => (),
    }
    Ok(findings)
}

/// What there is to do, said where all are found anew and it is not what the user asked for. The `settings` are the library's `own`, or to be.
fn standing(
    library: &Library,
    held: &Held,
    (settings, own): (&ThemeSettings, bool),
    flags: &ThemeFlags,
) -> anyhow::Result<Standing> {
    if flags.anew {
        return Ok(Standing::Anew(Why::Asked));
    }
    let stand = library.standing(held, settings).map_err(advised)?;
    match &stand {
        Standing::Current(_) => tell_unasked(flags),
        Standing::Anew(Why::Otherwise) if own => {
            let what =
                "themes were last found with other settings, or in the vectors of another model: all are found anew";
            say(what, Level::Note);
        }
        Standing::Anew(Why::Empty) => say("there is no theme to put paragraphs into: all are found anew", Level::Note),
        Standing::Anew(Why::Much(since)) => {
            say(&format!("{}: more than one in {LITTLE}, so all are found anew", said(since)), Level::Note);
        }
        _ => (),
    }
    Ok(stand)
}

/// "312 of 5,004 paragraphs are new since themes were last found, and 3 are gone".
fn said(Since { paragraphs, came, went }: &Since) -> String {
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let all = counted(*paragraphs, "paragraph");
    let gone = format!("{} {} gone", number(*went), are(*went));
    match (came.len(), went) {
        (0, _) => format!("of the paragraphs that themes were last found in {gone}"),
        (new, 0) => format!("{} of {all} {} new since themes were last found", number(new), are(new)),
        (new, _) => format!("{} of {all} {} new since themes were last found, and {gone}", number(new), are(new)),
    }
}

/// Says what became of what came, where anything came or went.
fn tell_extended(since: &Since, themes: &Themes) {
    let (came, left) = (since.came.len(), since.left_over(themes));
    let placed = match left {
        _ if came == 0 => String::new(),
        0 => format!(": {} put into a theme", number(came)),
        left => format!(": {} put into a theme, {} left in none", number(came - left), number(left)),
    };
    if came + since.went > 0 {
        say(&format!("{}{placed}; --anew finds all anew", said(since)), Level::Note);
    }
}

/// The themes that a library keeps with what came since; those that are born are named by the user's command, where there is one.
fn extended(
    engine: &Loaded,
    held: &Held,
    (settings, stand): (&ThemeSettings, &Standing),
    (namer, strict): (Option<&str>, bool),
) -> anyhow::Result<Option<Themes>> {
    let Standing::Little(former, since) = stand else { return Ok(None) };
    let progress = Bar::default();
    progress.begin("finding themes", 0);
    let seeds = (&settings.seeds, settings.options);
    let themes =
        engine.pool.install(|| extend_themes(&engine.encoder, (&held.collection, &held.vectors), seeds, former));
    progress.end();
    let mut themes = themes?;
    let born: Vec<usize> = (0..themes.themes.len()).filter(|&at| former.is_new(&themes.themes[at])).collect();
    match namer {
        Some(_) if born.is_empty() => tell_unnamed(),
        Some(command) => {
            let of = born.iter().map(|&at| themes.themes[at].clone()).collect();
            let mut new = Themes { themes: of, ..Themes::default() };
            namer::name(command, &held.collection, (&mut new, &kept_names(former)), (strict, &progress))?;
            born.iter().zip(new.themes).for_each(|(&at, theme)| themes.themes[at].name = theme.name);
        }
        None => (),
    }
    tell_extended(since, &themes);
    Ok(Some(themes))
}

/// What the themes are called that stay.
fn kept_names(former: &Former) -> Vec<String> {
    let stay = former.themes.themes.iter().filter(|theme| theme.origin == Origin::Seeded || theme.members.len() > 1);
    stay.map(|theme| theme.name.clone()).collect()
}

/// Gives themes their ids and keeps them, where they are found as the library's are.
fn keep(
    (library, own): (&Library, Option<&ThemeSettings>),
    themes: &mut Themes,
    basis: Basis<'_>,
    stand: &Standing,
) -> anyhow::Result<()> {
    let placed = library.place_themes(themes, basis, own, Timestamp::now()).map_err(advised)?;
    // What was found stands all the same.
    placed.iter().for_each(|error| say(&format!("these themes are not kept: {error}"), Level::Warning));
    stand.tell(themes);
    Ok(())
}

fn tell_unasked(flags: &ThemeFlags) {
    if flags.namer.is_some() {
        tell_unnamed();
    }
}

fn tell_unnamed() {
    say("--namer was not asked: no theme is new, and those there are keep their names", Level::Note);
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
    if arguments.themes.anew || !is_current(path).map_err(advised)? {
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

/// Says how a library takes the themes that are described beside what was added to it, unless it has them.
pub(super) fn note_described(library: &Path, inputs: &[PathBuf]) {
    let beside =
        |input: &PathBuf| if input.is_dir() { Some(input.clone()) } else { input.parent().map(Path::to_path_buf) };
    let files = inputs.iter().filter_map(beside).map(|folder| folder.join(THEME_FILE));
    let files: BTreeSet<PathBuf> = files.filter(|file| file.is_file()).collect();
    let kept = Library::open_to_read(library).and_then(|library| library.generation());
    let kept = kept.ok().flatten().map(|generation| generation.settings.seeds);
    for file in files {
        let known = ThemeSeeds::read(&file).is_ok_and(|described| Some(described) == kept);
        if !known {
            let word = |path: &Path| quoted(&path.display().to_string());
            let what = format!(
                "{} is not part of a library: `refrain themes {} --theme-file {} --keep` has its themes looked for",
                file.display(),
                word(library),
                word(&file)
            );
            say(&what, Level::Note);
        }
    }
}

/// A flag for libraries, with other inputs.
pub(in crate::cli) fn no_library(flag: &str) -> anyhow::Error {
    Misuse(format!("{flag} is for the themes of a library: expected a library that `refrain add` made")).into()
}
