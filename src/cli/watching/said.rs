//! What a watch says on standard output: a line a change, for people or as JSON lines (`refrain.watch/1`, docs/formats.md).

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::args::ListFormat;
use crate::library::Fate;
use crate::report::{counted, is_hidden};

/// The name and version of the schema.
const SCHEMA: &str = "refrain.watch/1";

/// What a file held.
#[derive(Debug, Default, Serialize)]
pub(super) struct Read {
    added: usize,
    replaced: usize,
    unchanged: usize,
    /// Of its one article.
    title: Option<String>,
}

impl Read {
    pub(super) fn count(&mut self, fate: Fate, title: Option<String>) {
        match fate {
            Fate::Added => self.added += 1,
            Fate::Replaced => self.replaced += 1,
            Fate::Unchanged => self.unchanged += 1,
        }
        self.title = title.filter(|_| self.added + self.replaced + self.unchanged == 1);
    }

    /// Whether the library is another than before.
    pub(super) fn changed(&self) -> bool {
        self.added + self.replaced > 0
    }
}

/// One line.
#[derive(Debug)]
pub(super) enum Said<'a> {
    /// It begins.
    Watching { folder: &'a Path, library: &'a Path, polling: Option<Duration> },
    /// A file was read, and what is new in it is in the library.
    Read { file: &'a str, read: &'a Read },
    /// A file is there no more: its articles stay, or were removed.
    Gone { file: &'a str, articles: usize, pruned: bool },
    /// Something could not be read or written. It goes on.
    Problem { at: &'a str, what: &'a str },
    /// It ends.
    Stopped,
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    at: String,
    #[serde(flatten)]
    event: EventView<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum EventView<'a> {
    Watching {
        folder: String,
        library: String,
        poll_seconds: Option<f64>,
    },
    Read {
        file: &'a str,
        #[serde(flatten)]
        read: &'a Read,
    },
    Gone {
        file: &'a str,
        articles: usize,
        removed: bool,
    },
    Problem {
        place: &'a str,
        what: &'a str,
    },
    Stopped,
}

impl Said<'_> {
    /// Writes the line, at once.
    pub(super) fn write(&self, format: ListFormat) -> anyhow::Result<()> {
        let line = match format {
            ListFormat::Text => self.text(),
            ListFormat::Json => serde_json::to_string(&self.line())?,
        };
        // A file's name may hold what steers a terminal or begins a line; in JSON such characters are inside strings, which mean the same without.
        let line: String = line.chars().filter(|&c| !c.is_control() && !is_hidden(c)).collect();
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        Ok(out.flush()?)
    }

    fn text(&self) -> String {
        match self {
            Said::Watching { folder, library, polling } => {
                let how =
                    polling.map_or_else(String::new, |every| format!(", looking every {} s", every.as_secs_f64()));
                format!("watching {} for {}{how}; Ctrl-C ends it", folder.display(), library.display())
            }
            Said::Read { file, read } => format!("{file}: {}", of_read(read)),
            Said::Gone { file, articles, pruned } => {
                let what = if *pruned { "removed" } else { "kept; --prune removes them" };
                format!("{file}: gone; {} {what}", counted(*articles, "article"))
            }
            Said::Problem { at, what } => format!("{at}: {what}"),
            Said::Stopped => "stopped".to_owned(),
        }
    }

    fn line(&self) -> Line<'_> {
        let event = match self {
            Said::Watching { folder, library, polling } => EventView::Watching {
                folder: folder.display().to_string(),
                library: library.display().to_string(),
                poll_seconds: polling.map(|every| every.as_secs_f64()),
            },
            Said::Read { file, read } => EventView::Read { file, read },
            Said::Gone { file, articles, pruned } => EventView::Gone { file, articles: *articles, removed: *pruned },
            Said::Problem { at, what } => EventView::Problem { place: at, what },
            Said::Stopped => EventView::Stopped,
        };
        Line { schema: SCHEMA, at: Timestamp::now().to_string(), event }
    }
}

fn of_read(read: &Read) -> String {
    let Read { added, replaced, unchanged, title } = read;
    let title = title.as_ref().map(|title| format!(" “{title}”")).unwrap_or_default();
    let counts = [(*added, "added"), (*replaced, "replaced"), (*unchanged, "unchanged")];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", counted(*count, "article")))
        .collect();
    format!("{}{title}", counts.join(", "))
}
