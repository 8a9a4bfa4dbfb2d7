//! What is said on standard error: errors, warnings, hints, and on a terminal how far a run is.

use std::borrow::Cow;
use std::io::{IsTerminal, Write, stderr};
use std::sync::Mutex;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use thiserror::Error;

use crate::pipeline::Progress;
use crate::report::is_hidden;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// The run failed.
    Error,
    /// The run goes on without something.
    Warning,
    /// What to do.
    Hint,
    /// What was done beside what was asked for.
    Note,
}

/// Says something on standard error, in colour where that is a terminal that has some.
pub(super) fn say(message: &str, level: Level) {
    let (label, colour) = match level {
        Level::Error => ("error", AnsiColor::Red),
        Level::Warning => ("warning", AnsiColor::Yellow),
        Level::Hint => ("hint", AnsiColor::Cyan),
        Level::Note => ("note", AnsiColor::Green),
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    // A file name or a field may hold what steers a terminal.
    let message: String = message.chars().filter(|&c| c == '\n' || !is_hidden(c)).collect();
    // Nor may it begin a line like one of ours.
    let message = message.trim_end().replace('\n', "\n  ");
    let _ = writeln!(anstream::stderr(), "{style}{label}{style:#}: {message}");
}

/// An error with what to do about it.
#[derive(Debug, Error)]
#[error("{what}")]
pub(super) struct Advised {
    /// What went wrong.
    pub(super) what: String,
    /// What to do.
    pub(super) hint: Cow<'static, str>,
}

/// A command line that cannot be meant.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct Misuse(pub(super) String);

/// Says how a run failed, why, and what to do where that is known.
pub(super) fn fail(error: &anyhow::Error) {
    say(&chain(error), Level::Error);
    if let Some(advised) = error.downcast_ref::<Advised>() {
        say(&advised.hint, Level::Hint);
    }
}

/// An error and its causes; one that already says what its cause says is not followed by it.
fn chain(error: &anyhow::Error) -> String {
    let add = |told: String, cause: &(dyn std::error::Error + 'static)| match cause.to_string() {
        cause if told.contains(&cause) => told,
        cause => format!("{told}: {cause}"),
    };
    error.chain().skip(1).fold(error.to_string(), add)
}

/// A bar on standard error, on a terminal only.
#[derive(Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut bar) = self.0.lock() {
            act(&mut bar);
        }
    }
}

impl Progress for Bar {
    fn begin(&self, step: &str, parts: usize) {
        if !stderr().is_terminal() {
            return;
        }
        let (bar, look) = match parts {
            0 => (ProgressBar::new_spinner(), "{msg:>22} {spinner} {elapsed}"),
            _ => (ProgressBar::new(parts as u64), "{msg:>22} {wide_bar} {human_pos}/{human_len} {eta:>4} left"),
        };
        let bar = bar.with_message(step.to_owned());
        bar.set_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.with(|current| *current = Some(bar));
    }

    fn advance(&self, parts: usize) {
        self.with(|current| {
            if let Some(bar) = current {
                bar.inc(parts as u64);
            }
        });
    }

    fn note(&self, what: &str) {
        self.with(|current| match current {
            Some(bar) => bar.suspend(|| say(what, Level::Warning)),
            None => say(what, Level::Warning),
        });
    }

    fn end(&self) {
        self.with(|current| {
            if let Some(bar) = current.take() {
                bar.finish_and_clear();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = || std::io::Error::other("disk full");
        let told = anyhow::Error::new(cause()).context("writing a.md");
        assert_eq!(chain(&told), "writing a.md: disk full");
        let twice = Err::<(), _>(cause()).context("writing a.md: disk full").unwrap_err();
        assert_eq!(chain(&twice), "writing a.md: disk full");
    }
}
