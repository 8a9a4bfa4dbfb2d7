//! What ends a wait: a change in the folder, the time, or a signal to stop.
//!
//! The system's own notices (inotify, FSEvents, ReadDirectoryChangesW) where it has some for the folder; else, as for most network folders,
//! looking every few seconds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::Context;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::cli::progress::{Level, say};

/// How often is looked where the system does not tell of changes.
const FALLBACK: Duration = Duration::from_secs(5);
/// The exit code of a second signal, which waits for nothing.
const INTERRUPTED: i32 = 130;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// Something changed, or may have.
    Changed,
    /// It is to end.
    Stopped,
}

/// Waits.
pub(super) struct Waker {
    /// Kept for its notices; none where the folder is polled.
    _watcher: Option<RecommendedWatcher>,
    wakes: Receiver<()>,
    stopped: Arc<AtomicBool>,
    poll: Option<Duration>,
}

impl Waker {
    /// Takes notice of a folder and of signals.
    ///
    /// # Errors
    /// Signals cannot be had.
    pub(super) fn start(folder: &Path, poll: Option<f64>) -> anyhow::Result<Self> {
        let (sender, wakes) = channel();
        let stopped = Arc::new(AtomicBool::new(false));
        stop_on_signals(sender.clone(), Arc::clone(&stopped))?;
        let mut poll = poll.map(Duration::from_secs_f64);
        let watcher = match poll {
            Some(_) => None,
            None => match watch(folder, sender) {
                Ok(watcher) => Some(watcher),
                Err(error) => {
                    poll = Some(FALLBACK);
                    let seconds = FALLBACK.as_secs();
                    say(
                        &format!("the system does not tell of changes ({error}): looking every {seconds} s"),
                        Level::Warning,
                    );
                    None
                }
            },
        };
        Ok(Self { _watcher: watcher, wakes, stopped, poll })
    }

    /// How often it looks, where it does not wait for notices.
    pub(super) fn polls(&self) -> Option<Duration> {
        self.poll
    }

    /// Whether it is to end.
    pub(super) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits for a change, for so long at the most.
    pub(super) fn wait(&self, most: Option<Duration>) -> Woken {
        let most = most.into_iter().chain(self.poll).min();
        match most {
            // Nothing can come any more: the sender of signals lives as long as the program.
            None if self.wakes.recv().is_err() => return Woken::Stopped,
            None => (),
            Some(most) => match self.wakes.recv_timeout(most) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => return Woken::Stopped,
            },
        }
        while self.wakes.try_recv().is_ok() {}
        if self.stopped() { Woken::Stopped } else { Woken::Changed }
    }
}

fn watch(folder: &Path, sender: Sender<()>) -> notify::Result<RecommendedWatcher> {
    let wake = move |event: notify::Result<notify::Event>| {
        // That a file was read is no change, and reading is what a wake leads to. An error may hide one.
        if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
            let _ = sender.send(());
        }
    };
    let mut watcher = notify::recommended_watcher(wake)?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}

/// The first signal ends what is waited for, a second the program.
fn stop_on_signals(sender: Sender<()>, stopped: Arc<AtomicBool>) -> anyhow::Result<()> {
    let stop = move || {
        if stopped.swap(true, Ordering::SeqCst) {
            // What is committed stands.
            std::process::exit(INTERRUPTED);
        }
        let _ = sender.send(());
    };
    ctrlc::set_handler(stop).context("taking notice of signals")
}
