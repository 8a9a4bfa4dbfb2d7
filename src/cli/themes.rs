//! `refrain themes`: themes alone. Which seeded themes are looked for is decided here.

use std::path::PathBuf;

use anyhow::bail;

use super::args::{Fineness, Means, ThemeFlags, ThemesArgs};
use super::progress::Misuse;
use super::report::find_and_show;
use super::{library, output};
use crate::pipeline::Plan;
use crate::themes::{Density, Granularity, Method, Options, ThemeSeeds};

/// The file of seeded themes looked for in an input folder.
pub(super) const THEME_FILE: &str = "themes.toml";

pub(super) fn run(arguments: &ThemesArgs) -> anyhow::Result<()> {
    if arguments.history.log || arguments.history.since.is_some() {
        return library::themes::tell(arguments);
    }
    find_and_show(
        &whole_plan(arguments)?,
        &arguments.input,
        &arguments.engine,
        (&arguments.page, Some(&arguments.themes)),
    )
}

pub(super) fn whole_plan(arguments: &ThemesArgs) -> anyhow::Result<Plan> {
    Ok(Plan {
        themes: Some(plan(&arguments.themes, &arguments.input.inputs)?),
        duplicates: None,
        recurring_from: arguments.recurring.recurring_from,
        map: output::format(&arguments.page.output)?.has_map(),
    })
}

/// The seeded themes of the file named, else of the one input folder that has a `themes.toml`.
pub(super) fn plan(flags: &ThemeFlags, inputs: &[PathBuf]) -> anyhow::Result<(ThemeSeeds, Options)> {
    let options = options(flags)?;
    let beside: Vec<PathBuf> =
        inputs.iter().map(|input| input.join(THEME_FILE)).filter(|path| path.is_file()).collect();
    let file = match (&flags.theme_file, beside.as_slice()) {
        _ if flags.no_seeded => None,
        (Some(named), _) => Some(named),
        (None, []) => None,
        (None, [one]) => Some(one),
        (None, several) => bail!("{} input folders hold a {THEME_FILE}: name one with --theme-file", several.len()),
    };
    let seeds = file.map(|path| ThemeSeeds::read(path)).transpose()?.unwrap_or_default();
    if flags.only_seeded && seeds.is_empty() {
        let what = "--only-seeded, and there are no seeded themes: expected --theme-file, or an input folder with a themes.toml";
        return Err(Misuse(what.to_owned()).into());
    }
    Ok((seeds, options))
}

fn options(flags: &ThemeFlags) -> anyhow::Result<Options> {
    let density = Density { min_points: flags.min_points.map(usize::from), tolerance: flags.tolerance };
    let method = match flags.method {
        Means::Auto => Method::Auto,
        Means::Graph => Method::Graph,
        Means::Kmeans => Method::KMeans,
        Means::Dbscan => Method::Dbscan(density),
        Means::Optics => Method::Optics(density),
        Means::Gmm => Method::Gmm,
    };
    let granularity = match flags.granularity {
        Fineness::Coarsest => Granularity::Coarsest,
        Fineness::Coarse => Granularity::Coarse,
        Fineness::Medium => Granularity::Medium,
        Fineness::Fine => Granularity::Fine,
        Fineness::Finest => Granularity::Finest,
    };
    refuse(flags, method)?;
    let (discovered, only_seeded) = (flags.themes.map(usize::from), flags.only_seeded);
    Ok(Options { method, discovered, granularity, only_seeded, ..Options::default() })
}

/// A flag that the method does not know would be silently without effect.
fn refuse(flags: &ThemeFlags, method: Method) -> anyhow::Result<()> {
    let dense = matches!(method, Method::Dbscan(_) | Method::Optics(_));
    let graph = matches!(method, Method::Auto | Method::Graph);
    let given = [
        ("--min-points", flags.min_points.is_some(), dense, "dbscan and optics"),
        ("--tolerance", flags.tolerance.is_some(), dense, "dbscan and optics"),
        ("--themes", flags.themes.is_some(), !dense, "graph, kmeans and gmm"),
        ("--granularity", flags.granularity != Fineness::Medium, graph, "graph"),
    ];
    match given.into_iter().find(|&(_, given, known, _)| given && !known) {
        Some((flag, .., methods)) => Err(Misuse(format!("{flag} is for --method {methods}: leave one out")).into()),
        None => Ok(()),
    }
}
