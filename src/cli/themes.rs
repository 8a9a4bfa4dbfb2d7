//! `refrain themes`: themes alone. Which seeded themes are looked for is decided here.

use std::path::PathBuf;

use anyhow::bail;

use super::args::{ThemeFlags, ThemesArgs};
use super::report::find_and_show;
use crate::pipeline::Plan;
use crate::themes::{Options, ThemeSeeds};

/// The file of seeded themes looked for in an input folder.
pub(super) const THEME_FILE: &str = "themes.toml";

pub(super) fn run(arguments: &ThemesArgs) -> anyhow::Result<()> {
    let plan = Plan { themes: Some(plan(&arguments.themes, &arguments.input.inputs)?), duplicates: None };
    find_and_show(&plan, &arguments.input, &arguments.engine, &arguments.page)
}

/// The seeded themes of the file named, else of the one input folder that has a `themes.toml`.
pub(super) fn plan(flags: &ThemeFlags, inputs: &[PathBuf]) -> anyhow::Result<(ThemeSeeds, Options)> {
    let options = Options { discovered: flags.themes.map(usize::from), ..Options::default() };
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
    Ok((seeds, options))
}
