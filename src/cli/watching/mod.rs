//! `refrain watch`: a folder's articles into a library, those that are there and those that appear or change, until it is stopped.
//!
//! What wakes it (`wake`) says no more than that something may have happened; `folder` compares what is there with what was read, and so what is
//! done does not depend on how the system tells of changes. `said` is one line a change. The library is never held between two portions.

mod folder;
mod said;
mod wake;

use std::collections::BTreeMap;
use std::io::{ErrorKind, empty};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;
use jiff::Timestamp;

use super::args::{AddArgs, LibraryArgs, ListFormat, WatchArgs};
use super::engine::Loaded;
use super::input;
use super::library::{add, advised};
use super::progress::{Level, Misuse, say};
use crate::collection::Problem;
use crate::corpus::{CorpusError, Item, Stream};
use crate::library::{Adder, LeftBehind, Library, LibraryError, Which};
use folder::{Folder, Look, Stamp};
use said::{Read, Said};
use wake::{Waker, Woken};

/// Files that are read and written at once: a stop waits for no more than these.
const PORTION: usize = 32;
/// Seconds that are waited for another program's writing before it is said.
const WAIT: u32 = 20;
/// How long a library that could not be written to is left alone.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a watch works with.
struct Watching<'a> {
    arguments: &'a WatchArgs,
    library: Library,
    engine: Loaded,
    folder: Folder,
    waker: Waker,
}

/// Watches until it is stopped, which is how it is meant to end.
pub(super) fn run(arguments: &WatchArgs) -> anyhow::Result<()> {
    if !arguments.folder.is_dir() {
        let what =
            format!("{} is no folder: expected one to watch; `refrain add` takes files", arguments.folder.display());
        return Err(Misuse(what).into());
    }
    // What it adds is known by where it lies, from whatever folder that was named: only such files can be gone.
    let arguments = &WatchArgs { folder: arguments.folder.canonicalize()?, ..arguments.clone() };
    let (library, engine) = add::open(&as_add(arguments))?;
    // From here on a stop is waited for: what is in hand is written first.
    let waker = Waker::start(&arguments.folder, arguments.poll)?;
    let settle = Duration::from_secs_f64(arguments.settle);
    let folder =
        Folder::new(settle, library.list().map_err(advised)?.into_iter().map(|listed| listed.file), &arguments.folder);
    let mut watching = Watching { arguments, library, engine, folder, waker };
    watching.say(&Said::Watching {
        folder: &arguments.folder,
        library: &arguments.library,
        polling: watching.waker.polls(),
    })?;
    while !watching.waker.stopped() {
        let wait = watching.round()?;
        if watching.waker.wait(wait) == Woken::Stopped {
            break;
        }
    }
    watching.say(&Said::Stopped)
}

fn as_add(arguments: &WatchArgs) -> AddArgs {
    AddArgs {
        library: LibraryArgs { library: arguments.library.clone(), format: ListFormat::Text, wait: WAIT },
        inputs: vec![arguments.folder.clone()],
        reading: arguments.reading.clone(),
        engine: arguments.engine.clone(),
    }
}

/// What files held, by their names.
#[derive(Default)]
struct Gathered {
    read: BTreeMap<String, Read>,
    problems: Vec<Problem>,
    left_behind: Vec<LeftBehind>,
}

impl Gathered {
    fn take(&mut self, item: Item, adder: &mut Adder<'_>) -> Result<(), LibraryError> {
        let article = match item {
            Item::Problem(problem) => {
                self.problems.push(problem);
                return Ok(());
            }
            Item::Article(article) => article,
        };
        self.problems.extend(article.problems.iter().cloned());
        self.problems.extend(adder.repeated(&article)?);
        let (file, title) = (article.article.place.file.clone(), article.article.title.clone());
        let fate = adder.take(*article)?;
        self.read.entry(file).or_default().count(fate, title);
        Ok(())
    }
}

impl Watching<'_> {
    /// Looks once and does what is to do; how long to wait for the next look, if not woken.
    fn round(&mut self) -> anyhow::Result<Option<Duration>> {
        let stream = match stream(self.arguments) {
            Ok(stream) => stream,
            Err(error) => {
                self.problem(&self.arguments.folder.display().to_string(), &error.to_string())?;
                return Ok(Some(PATIENCE));
            }
        };
        let files = stream.as_ref().map(stamps).unwrap_or_default();
        let Look { ready, gone, wait } = self.folder.look(&files, Instant::now());
        for portion in ready.chunks(PORTION) {
            if self.waker.stopped() {
                return Ok(None);
            }
            let read = stream.as_ref().map_or(Ok(()), |stream| self.read(stream, (portion, &files)));
            if let Err(error) = read {
                return self.put_off(error);
            }
        }
        for file in gone {
            let removed = self.gone(&file);
            if let Err(error) = removed {
                self.folder.gone_again(file);
                return self.put_off(error);
            }
        }
        Ok(wait)
    }

    /// Reads files and writes what they hold, then says so.
    fn read(&mut self, stream: &Stream, (files, there): (&[PathBuf], &BTreeMap<PathBuf, Stamp>)) -> anyhow::Result<()> {
        let Gathered { read, problems, left_behind } = self.add(&stream.only(files))?;
        // Only now: what is said to be there is.
        self.folder.was_read(files, there);
        problems.iter().try_for_each(|problem| self.problem(&problem.place.to_string(), &problem.what))?;
        let told = read.iter().filter(|(_, read)| read.changed());
        told.map(|(file, read)| Said::Read { file, read }).try_for_each(|said| self.say(&said))?;
        // Else what is gone goes with its file, and is said then.
        let left_behind = left_behind.iter().filter(|_| !self.arguments.prune);
        left_behind.map(Said::LeftBehind).try_for_each(|said| self.say(&said))?;
        if self.arguments.reading.strict && !problems.is_empty() {
            bail!("a problem while reading, and --strict was given: what is said above to be added stands");
        }
        Ok(())
    }

    fn add(&mut self, stream: &Stream) -> Result<Gathered, LibraryError> {
        let Loaded { encoder, pool, .. } = &self.engine;
        let embed = |texts: &[&str]| pool.install(|| encoder.embed(texts, &|_| ()));
        let mut adder = self.library.adder(&embed, Timestamp::now());
        let (mut gathered, mut ended) = (Gathered::default(), Ok(()));
        stream.read(empty(), &mut |portion| {
            let mut items = pool.install(|| stream.split(portion)).into_iter();
            ended = items.try_for_each(|(item, _)| gathered.take(item, &mut adder));
            ended.is_ok()
        });
        let (_, left_behind) = ended.and_then(|()| adder.finish_told())?;
        Ok(Gathered { left_behind, ..gathered })
    }

    /// A file that is there no more: its articles stay, unless they are to go with it.
    fn gone(&mut self, file: &Path) -> anyhow::Result<()> {
        let name = file.to_string_lossy().into_owned();
        let which = Which { files: vec![name.clone()], ..Which::default() };
        if !is_gone(file, &self.arguments.folder) {
            return Ok(());
        }
        let articles = match self.arguments.prune {
            true => self.library.remove(&which)?,
            false => self.library.count(&which)?,
        };
        // A file that held no article, or whose article is known by another path now, is no news.
        if articles == 0 {
            Ok(())
        } else {
            self.say(&Said::Gone { file: &name, articles, pruned: self.arguments.prune })
        }
    }

    /// What may pass is tried again later, as files that were not written are as new as they were; anything else ends the watch.
    fn put_off(&self, error: anyhow::Error) -> anyhow::Result<Option<Duration>> {
        match error.downcast::<LibraryError>() {
            Ok(error @ (LibraryError::Busy { .. } | LibraryError::Full { .. })) => {
                self.problem(
                    &self.arguments.library.display().to_string(),
                    &format!("{error}; tried again in {} s", PATIENCE.as_secs()),
                )?;
                Ok(Some(PATIENCE))
            }
            Ok(error) => Err(advised(error)),
            Err(error) => Err(error),
        }
    }

    fn problem(&self, at: &str, what: &str) -> anyhow::Result<()> {
        if self.arguments.format == ListFormat::Text {
            say(&format!("{at}: {what}"), Level::Warning);
            return Ok(());
        }
        self.say(&Said::Problem { at, what })
    }

    fn say(&self, said: &Said<'_>) -> anyhow::Result<()> {
        said.write(self.arguments.format)
    }
}

/// The files of the folder; none where it holds no article yet.
fn stream(arguments: &WatchArgs) -> Result<Option<Stream>, CorpusError> {
    match input::files(std::slice::from_ref(&arguments.folder), &arguments.reading) {
        Err(CorpusError::EmptyFolder { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// Files as they are now; one that is gone by now is none.
fn stamps(stream: &Stream) -> BTreeMap<PathBuf, Stamp> {
    stream.files().filter_map(|file| Some((file.to_owned(), Stamp::of(file)?))).collect()
}

/// Whether a file is surely there no more: the system says so, of a folder that holds something else. A disk that was taken
/// away, or a file that may not be looked at, is no reason to forget what was read.
fn is_gone(file: &Path, folder: &Path) -> bool {
    let missing = file.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    missing && folder.read_dir().is_ok_and(|mut entries| entries.any(|entry| entry.is_ok()))
}
