//! `refrain rename`: what the user calls a theme.

use jiff::Timestamp;

use super::{advised, answer, to_write};
use crate::cli::args::RenameArgs;
use crate::cli::progress::Misuse;
use crate::report::theme_log as page;
use crate::theme_log::ThemeId;

/// Characters of a name at the most: what is longer fits no table.
const LONGEST: usize = 100;

pub(in crate::cli) fn run(arguments: &RenameArgs) -> anyhow::Result<()> {
    let name = arguments.name.as_deref().map(usable).transpose()?;
    let mut library = to_write(&arguments.library)?;
    let event = library.rename_theme(&arguments.theme, name, Timestamp::now()).map_err(advised)?;
    let library = arguments.library.library.display().to_string();
    answer(
        &arguments.library,
        |terminal, out| page::renamed(&library, event.as_ref(), terminal, out),
        |out| page::renamed_json(&library, event.as_ref(), out),
    )
}

/// The name, if it can be one.
fn usable(name: &str) -> anyhow::Result<&str> {
    let name = name.trim();
    let what = match name.chars().count() {
        0 => "the name is empty: expected what to call the theme".to_owned(),
        long if long > LONGEST => format!("a name of {long} characters: expected {LONGEST} or fewer"),
        _ if name.chars().any(char::is_control) => {
            "the name holds a control character: expected one line of text".to_owned()
        }
        _ if name.parse::<ThemeId>().is_ok() => format!("\"{name}\" is how ids are written: expected a name"),
        _ => return Ok(name),
    };
    Err(Misuse(what).into())
}
