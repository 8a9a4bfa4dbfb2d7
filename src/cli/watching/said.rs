//! What a watch says on standard output: a line a change, for people or as JSON lines (`refrain.watch/1`, docs/formats.md).

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::args::ListFormat;
use crate::cli::library::add::of_left_behind;
use crate::library::{Fate, LeftBehind};
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
    /// What was added may have been another outlet's article before its file was moved.
    LeftBehind(&'a LeftBehind),
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
    LeftBehind {
        file: &'a str,
        article: &'a str,
        outlet: &'a str,
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
            ListFormat::Text => shown(&self.text()),
            ListFormat::Json => escaped(&serde_json::to_string(&self.line())?),
        };
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
            Said::LeftBehind(left) => format!("{}: {}", left.file, of_left_behind(left)),
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
            Said::LeftBehind(LeftBehind { file, article, outlet }) => EventView::LeftBehind { file, article, outlet },
            Said::Problem { at, what } => EventView::Problem { place: at, what },
            Said::Stopped => EventView::Stopped,
        };
        Line { schema: SCHEMA, at: Timestamp::now().to_string(), event }
    }
}

/// Without what steers a terminal or ends a line, which a file's name may hold.
fn shown(text: &str) -> String {
    text.chars().filter(|&c| !steers(c)).collect()
}

/// The same in JSON, where it can only stand inside a string: nothing is lost.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match steers(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}"))),
            false => text.push(c),
        }
    }
    text
}

fn steers(c: char) -> bool {
    c.is_control() || is_hidden(c)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_taken_out_of_text_and_escaped_in_json() {
        assert_eq!(shown("a\u{1b}[31m\nb\u{202e}c"), "a[31mbc");
        let json = escaped(&serde_json::to_string("a\u{9b}31m\nb\u{202e}c").unwrap());
        assert_eq!(json, "\"a\\u009b31m\\nb\\u202ec\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), "a\u{9b}31m\nb\u{202e}c");
    }
}
