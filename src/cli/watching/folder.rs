//! What of a folder is new: files that are not as they were when they were read, once nobody writes to them any more.
//!
//! A file is read when its size and time have been the same for a while. One that is written slowly may be read before it
//! is whole, and is then read again, which is said. A file is gone when it has been missing for as long: until then it may
//! have been moved, or be written anew. No clock and no file system here: both are handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// What tells a file from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Stamp {
    /// Of a file that is there.
    pub(super) fn of(file: &Path) -> Option<Self> {
        let about = std::fs::metadata(file).ok()?;
        Some(Self { bytes: about.len(), changed: about.modified().ok() })
    }

    /// Whether it was as it is a while ago already.
    fn is_older_than(self, settle: Duration, now: SystemTime) -> bool {
        self.changed.is_some_and(|changed| now.duration_since(changed).is_ok_and(|age| age >= settle))
    }
}

/// What a look at the folder shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Files to read, by path.
    pub(super) ready: Vec<PathBuf>,
    /// Files that were read and are there no more.
    pub(super) gone: Vec<PathBuf>,
    /// When to look again, for files that are not ready; none where only a change is waited for.
    pub(super) wait: Option<Duration>,
}

/// What is known of a folder.
#[derive(Debug)]
pub(super) struct Folder {
    settle: Duration,
    /// Files as they were read; without a stamp those that the library had before.
    read: BTreeMap<PathBuf, Option<Stamp>>,
    /// Files that are to be read, and since when they are as they are.
    waiting: BTreeMap<PathBuf, (Stamp, Instant)>,
    /// Files that were read and are not there, and since when.
    missing: BTreeMap<PathBuf, Instant>,
    first: bool,
}

impl Folder {
    /// A folder of which the library holds articles of these files, among others.
    pub(super) fn new(settle: Duration, files: impl IntoIterator<Item = String>, folder: &Path) -> Self {
        let files: BTreeSet<PathBuf> = files.into_iter().map(PathBuf::from).collect();
        let read = files.into_iter().filter(|file| file.starts_with(folder)).map(|file| (file, None)).collect();
        Self { settle, read, waiting: BTreeMap::new(), missing: BTreeMap::new(), first: true }
    }

    /// Compares what is there with what was read.
    pub(super) fn look(&mut self, files: &BTreeMap<PathBuf, Stamp>, now: Instant) -> Look {
        self.waiting.retain(|file, _| files.contains_key(file));
        let ready = self.ready(files, now);
        let gone = self.gone(files, now);
        let waiting =
            self.waiting.iter().filter(|(file, _)| ready.binary_search(file).is_err()).map(|(_, (_, since))| since);
        let left = |since: &Instant| self.settle.saturating_sub(now.duration_since(*since));
        Look { wait: waiting.chain(self.missing.values()).map(left).min(), ready, gone }
    }

    fn ready(&mut self, files: &BTreeMap<PathBuf, Stamp>, now: Instant) -> Vec<PathBuf> {
        let (settle, first, clock) = (self.settle, std::mem::take(&mut self.first), SystemTime::now());
        let mut ready = Vec::new();
        for (file, &stamp) in files.iter().filter(|(file, stamp)| self.read.get(*file) != Some(&Some(**stamp))) {
            let (known, since) = self.waiting.entry(file.clone()).or_insert((stamp, now));
            if *known != stamp {
                (*known, *since) = (stamp, now);
            }
            // Before the first look nobody saw when it changed but the file system.
            if now.duration_since(*since) >= settle || first && stamp.is_older_than(settle, clock) {
                ready.push(file.clone());
            }
        }
        ready
    }

    fn gone(&mut self, files: &BTreeMap<PathBuf, Stamp>, now: Instant) -> Vec<PathBuf> {
        self.missing.retain(|file, _| !files.contains_key(file));
        for file in self.read.keys().filter(|file| !files.contains_key(*file)) {
            self.missing.entry(file.clone()).or_insert(now);
        }
        let gone = self.missing.iter().filter(|(_, since)| now.duration_since(**since) >= self.settle);
        let gone: Vec<PathBuf> = gone.map(|(file, _)| file.clone()).collect();
        for file in &gone {
            self.missing.remove(file);
            self.read.remove(file);
        }
        gone
    }

    /// Files were read, as they were when the look was taken: what changed meanwhile is new again.
    pub(super) fn was_read(&mut self, files: &[PathBuf], stamps: &BTreeMap<PathBuf, Stamp>) {
        for file in files {
            self.waiting.remove(file);
            self.read.insert(file.clone(), stamps.get(file).copied());
        }
    }

    /// A file that is gone is to be seen as gone again.
    pub(super) fn gone_again(&mut self, file: PathBuf) {
        self.read.insert(file, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);

    fn stamp(bytes: u64) -> Stamp {
        Stamp { bytes, changed: None }
    }

    fn files(of: &[(&str, u64)]) -> BTreeMap<PathBuf, Stamp> {
        of.iter().map(|&(file, bytes)| (PathBuf::from(file), stamp(bytes))).collect()
    }

    fn folder(held: &[&str]) -> Folder {
        Folder::new(SETTLE, held.iter().map(|&file| file.to_owned()), Path::new("news"))
    }

    fn paths(of: &[&str]) -> Vec<PathBuf> {
        of.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_file_is_ready_when_it_has_been_quiet() {
        let (mut folder, start) = (folder(&[]), Instant::now());
        let second = Duration::from_secs(1);
        let look = folder.look(&files(&[("news/a", 1)]), start);
        assert_eq!((look.ready, look.wait), (paths(&[]), Some(SETTLE)));
        // It grew: the time begins anew.
        let look = folder.look(&files(&[("news/a", 2)]), start + second);
        assert_eq!((look.ready, look.wait), (paths(&[]), Some(SETTLE)));
        assert_eq!(folder.look(&files(&[("news/a", 2)]), start + 2 * second).wait, Some(second));
        let there = files(&[("news/a", 2)]);
        assert_eq!(folder.look(&there, start + 3 * second).ready, paths(&["news/a"]));
        folder.was_read(&paths(&["news/a"]), &there);
        assert_eq!(folder.look(&there, start + 4 * second), Look::default());
        // Changed again.
        assert_eq!(folder.look(&files(&[("news/a", 3)]), start + 5 * second).wait, Some(SETTLE));
    }

    #[test]
    fn what_changed_while_it_was_read_is_read_again() {
        let (mut folder, start) = (folder(&[]), Instant::now());
        folder.look(&files(&[("news/a", 1)]), start);
        let there = files(&[("news/a", 1)]);
        assert_eq!(folder.look(&there, start + SETTLE).ready, paths(&["news/a"]));
        folder.was_read(&paths(&["news/a"]), &there);
        folder.look(&files(&[("news/a", 2)]), start + SETTLE);
        assert_eq!(folder.look(&files(&[("news/a", 2)]), start + 2 * SETTLE).ready, paths(&["news/a"]));
    }

    #[test]
    fn an_old_file_is_read_at_once_when_watching_begins() {
        let old = Stamp { bytes: 1, changed: Some(SystemTime::UNIX_EPOCH) };
        let there: BTreeMap<PathBuf, Stamp> = [(PathBuf::from("news/a"), old)].into();
        assert_eq!(folder(&[]).look(&there, Instant::now()).ready, paths(&["news/a"]));
    }

    #[test]
    fn a_file_that_is_gone_is_told_once_also_one_of_a_run_before() {
        let (mut folder, start) = (folder(&["news/a", "other/b"]), Instant::now());
        let look = folder.look(&files(&[]), start);
        assert_eq!((look.gone, look.wait), (paths(&[]), Some(SETTLE)));
        assert_eq!(folder.look(&files(&[]), start + SETTLE).gone, paths(&["news/a"]));
        assert_eq!(folder.look(&files(&[]), start + 2 * SETTLE), Look::default());
    }

    #[test]
    fn a_file_that_is_written_anew_was_never_gone() {
        let (mut folder, start) = (folder(&["news/a"]), Instant::now());
        folder.look(&files(&[]), start);
        let look = folder.look(&files(&[("news/a", 1)]), start + SETTLE);
        assert_eq!((look.gone, look.ready, look.wait), (paths(&[]), paths(&[]), Some(SETTLE)));
    }
}
