//! Libraries: opening one as a command needs it, and the commands that keep one. Each is a file here.

pub(super) mod add;
pub(super) mod compact;
pub(super) mod info;
pub(super) mod list;
pub(super) mod reembed;
pub(super) mod remove;
pub(super) mod rename;
pub(super) mod themes;
pub(super) mod verify;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{EngineArgs, LibraryArgs, ListFormat, ReadingArgs};
use super::engine::{self, Loaded, Made, Use};
use super::input::{self, Corpus};
use super::output::Sink;
use super::progress::{Advised, Misuse};
use crate::library::{Library, LibraryError, MadeBy, Statements, is_library};
use crate::pipeline::{Embedded, Memory};
use crate::report::Page;
use crate::vectors::UnitRows;

/// The library that the inputs are; none where they are something else.
///
/// # Errors
/// A library among other inputs.
pub(super) fn of_inputs(inputs: &[PathBuf]) -> anyhow::Result<Option<&Path>> {
    let Some(library) = inputs.iter().find(|input| is_library(input)) else { return Ok(None) };
    if inputs.len() > 1 {
        let what =
            format!("{} is a library: expected it alone, or `refrain add` to put the rest into it", library.display());
        return Err(Misuse(what).into());
    }
    Ok(Some(library))
}

/// A library to read, its model and what it holds.
pub(super) fn load(
    path: &Path,
    reading: &ReadingArgs,
    arguments: &EngineArgs,
    purpose: Use,
) -> anyhow::Result<(Loaded, Corpus)> {
    input::refuse_reading(reading, "a library")?;
    let library = Library::open_to_read(path).map_err(advised)?;
    let engine = engine_of(&library, arguments, purpose)?;
    let held = library.load().map_err(advised)?;
    let embedded = Some(embedded(&library, &engine, held.vectors, held.windowed));
    Ok((engine, Corpus { collection: held.collection, embedded }))
}

/// Vectors of a library, as a run takes them; what else an engine that is the library's own embeds is remembered.
fn embedded(library: &Library, engine: &Loaded, vectors: UnitRows, windowed: usize) -> Embedded {
    let made_by = library.made_by();
    let (device, precision) = (device(made_by).to_owned(), made_by.precision.clone());
    let memory =
        (engine.encoder.precision() == precision).then(|| Box::new(Statements::of(library, true)) as Box<dyn Memory>);
    Embedded { vectors, windowed, device, precision, memory }
}

/// A library to write to.
fn to_write(arguments: &LibraryArgs) -> anyhow::Result<Library> {
    let opened = Library::open_within(&arguments.library, arguments.wait.into());
    opened.map_err(advised)
}

/// A library to read.
fn to_read(arguments: &LibraryArgs) -> anyhow::Result<Library> {
    let opened = Library::open_to_read_within(&arguments.library, arguments.wait.into());
    opened.map_err(advised)
}

/// The model of a library, asked as it was.
pub(super) fn engine_of(library: &Library, arguments: &EngineArgs, purpose: Use) -> anyhow::Result<Loaded> {
    let made_by = library.made_by();
    let own = EngineArgs { model: arguments.model.clone().or_else(|| made_by.source.clone()), ..arguments.clone() };
    let made =
        Made { path: library.path(), model: &made_by.model, precision: &made_by.precision, device: device(made_by) };
    engine::load_like(&own, purpose, made)
}

/// Where the model ran, as far as the numbers tell.
fn device(made_by: &MadeBy) -> &'static str {
    if made_by.precision == "f16" { "cuda" } else { "cpu" }
}

/// What made the vectors that an engine makes.
fn made_by(engine: &Loaded, arguments: &EngineArgs) -> MadeBy {
    let precision = engine.encoder.precision();
    MadeBy {
        model: engine.mark(),
        // Without the instructions, which are this machine's.
        precision: precision.split(' ').next().unwrap_or_default().to_owned(),
        source: arguments.model.as_deref().map(source),
    }
}

/// A model as it is found again from any folder.
fn source(model: &str) -> String {
    match Path::new(model).canonicalize() {
        Ok(folder) if folder.is_dir() => folder.to_string_lossy().into_owned(),
        _ => model.to_owned(),
    }
}

/// An error with what to do about it.
pub(super) fn advised(error: LibraryError) -> anyhow::Error {
    let hint = match &error {
        LibraryError::Missing { .. } | LibraryError::Empty { .. } => "make it with `refrain add LIBRARY PATH...`",
        LibraryError::Foreign { .. } => "name a library, or another file to make one",
        LibraryError::Newer { .. } => "use that version or a later one",
        LibraryError::Damaged { .. } => "`refrain verify` says what is damaged and what mends it",
        LibraryError::Busy { .. } => "try again later, or wait longer with --wait; what was committed stands",
        LibraryError::NoFolder { .. } => "make the folder, or name another",
        LibraryError::Overtaken { .. } => "let one of the two end, then run the same command again",
        LibraryError::Full { .. } => "make room and run the same command again; what was committed stands",
        LibraryError::ReadOnly { .. } => "copy it to where it may be written to; reading needs no such right",
        LibraryError::OtherModel { .. } => {
            "leave the flag out that changes it, or move the library with `refrain reembed`"
        }
        LibraryError::Moved { .. } => "run the same command again",
        LibraryError::NoTheme { .. } => "`refrain themes LIBRARY` finds and names them",
        LibraryError::NameTaken { .. } => "rename the other first, or choose another name",
        _ => return error.into(),
    };
    Advised { what: error.to_string(), hint: hint.into() }.into()
}

/// Writes an answer as the arguments say.
fn answer(
    arguments: &LibraryArgs,
    text: impl FnOnce(&Page, &mut dyn Write) -> io::Result<()>,
    json: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let columns = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let page = Page { width: columns, ..Page::default() };
    Sink::Stdout.write(|out| match arguments.format {
        ListFormat::Text => text(&page, out),
        ListFormat::Json => json(out),
    })
}
