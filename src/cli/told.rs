//! A batch as it is watched: a bar with rate and time left on a terminal, problems told as they come.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::progress::{self, Level};
use crate::collection::Problem;
use crate::pipeline::batch::Watch;
use crate::report::counted;

/// Problems shown one by one; the rest is counted.
pub(super) const SHOWN: usize = 20;

/// What is said while a batch runs.
pub(super) struct Told {
    bar: ProgressBar,
    /// When embedding began.
    begun: Mutex<Instant>,
    strict: bool,
    /// Of all inputs, and of those that were read by a run before.
    bytes: Option<u64>,
    before: AtomicU64,
    paragraphs: AtomicUsize,
    problems: AtomicUsize,
}

impl Told {
    /// `bytes` are those of all inputs, where they are known.
    pub(super) fn new(bytes: Option<u64>, strict: bool) -> Self {
        let (paragraphs, problems) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self {
            bar: bar(bytes),
            begun: Mutex::new(Instant::now()),
            strict,
            bytes,
            before: AtomicU64::new(0),
            paragraphs,
            problems,
        }
    }

    /// Problems so far.
    pub(super) fn problems(&self) -> usize {
        self.problems.load(Ordering::Relaxed)
    }

    /// A problem: whether to go on.
    pub(super) fn problem(&self, problem: &Problem) -> bool {
        let before = self.problems.fetch_add(1, Ordering::Relaxed);
        if before < SHOWN {
            self.bar.suspend(|| progress::say(&format!("{}: {}", problem.place, problem.what), Level::Warning));
        }
        !self.strict
    }

    /// Something to know, above the bar.
    pub(super) fn say(&self, what: &str) {
        self.bar.suspend(|| progress::say(what, Level::Note));
    }

    /// Takes the bar away, and counts the problems that were not shown.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
        let rest = self.problems().saturating_sub(SHOWN);
        if rest > 0 {
            progress::say(&format!("{} more while reading", counted(rest, "problem")), Level::Warning);
        }
    }
}

impl Watch for Told {
    fn resumed(&self, bytes: u64) {
        if let Ok(mut begun) = self.begun.lock() {
            *begun = Instant::now();
        }
        // The bar is that of what is left: what was there takes no time of this run.
        self.before.store(bytes, Ordering::Relaxed);
        if let Some(all) = self.bytes {
            self.bar.set_length(all.saturating_sub(bytes));
        }
    }

    fn embedded(&self, paragraphs: usize, bytes: u64) {
        let all = self.paragraphs.fetch_add(paragraphs, Ordering::Relaxed) + paragraphs;
        let seconds = self.begun.lock().map_or(0.0, |begun| begun.elapsed().as_secs_f64());
        let rate = all as f64 / seconds.max(1e-3);
        self.bar.set_message(format!("{} paragraphs, {rate:.0} a second", HumanCount(all as u64)));
        // Batches end in any order: the bar never goes back.
        let bytes = bytes.saturating_sub(self.before.load(Ordering::Relaxed));
        self.bar.set_position(bytes.max(self.bar.position()));
    }

    fn goes_on(&self, problem: &Problem) -> bool {
        self.problem(problem)
    }
}

fn bar(bytes: Option<u64>) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, look) = match bytes {
        None => (ProgressBar::new_spinner(), "embedding {spinner} {msg} {elapsed}"),
        Some(bytes) => (ProgressBar::new(bytes), "embedding {wide_bar} {percent}% {msg} {eta} left"),
    };
    bar.set_style(ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
