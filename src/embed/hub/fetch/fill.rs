//! Writes the cache: references, names of blobs, marks of what is not there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::embed::hub::HubError;
use crate::embed::hub::cache::CachedRepo;

/// Counts those who write a reference.
static WRITERS: AtomicUsize = AtomicUsize::new(0);

impl CachedRepo {
    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// The file that whoever writes a blob holds locked.
    pub(super) fn lock(&self, etag: &str) -> PathBuf {
        let name = self.folder.file_name().unwrap_or_default();
        self.folder.with_file_name(".locks").join(name).join(format!("{etag}.lock"))
    }

    /// Writes what the revision means.
    ///
    /// # Errors
    /// [`HubError::Cache`].
    pub(super) fn refer(&self, commit: &str) -> Result<(), HubError> {
        if self.revision == commit {
            return Ok(());
        }
        let path = self.reference();
        make_parent(&path)?;
        // A name of its own for each writer. Revisions may be as long as names can be, so theirs is not in it.
        let count = WRITERS.fetch_add(1, Ordering::Relaxed);
        let aside = path.with_file_name(format!(".{commit}.{}.{count}", std::process::id()));
        fs::write(&aside, commit).and_then(|()| fs::rename(&aside, &path)).map_err(|source| {
            let _ = fs::remove_file(&aside);
            HubError::Cache { path, source }
        })
    }

    /// Marks that a commit does not have a file.
    ///
    /// # Errors
    /// [`HubError::Cache`].
    pub(super) fn mark_absent(&self, commit: &str, file: &str) -> Result<(), HubError> {
        let path = self.absence(commit, file);
        make_parent(&path)?;
        fs::write(&path, "").map_err(|source| HubError::Cache { path, source })
    }

    /// Gives a blob its name in a commit.
    ///
    /// # Errors
    /// [`HubError::Cache`].
    pub(super) fn link(&self, commit: &str, file: &str, etag: &str) -> Result<PathBuf, HubError> {
        let path = self.snapshot(commit).join(file);
        make_parent(&path)?;
        let make = || link(&self.blob(etag), &up_to_repo(file).join("blobs").join(etag), &path);
        let made = match make() {
            // A link to a blob that is gone would stay in the way for good.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.exists() => {
                fs::remove_file(&path).and_then(|()| make())
            }
            made => made,
        };
        match made {
            // Another process was faster.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(HubError::Cache { path, source: error }),
            _ => Ok(path),
        }
    }
}

/// From the folder of a file in a snapshot to the model's.
fn up_to_repo(file: &str) -> PathBuf {
    // Out of the commit and out of `snapshots`, then out of each folder of the file's own.
    (0..2 + file.matches('/').count()).map(|_| "..").collect()
}

#[cfg(unix)]
fn link(_blob: &Path, relative: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(relative, path)
}

/// Where links need a right that users lack, the blob is moved, as huggingface_hub does.
#[cfg(not(unix))]
fn link(blob: &Path, _relative: &Path, path: &Path) -> io::Result<()> {
    fs::rename(blob, path)
}

/// # Errors
/// [`HubError::Cache`].
pub(super) fn make_parent(path: &Path) -> Result<(), HubError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(|source| HubError::Cache { path: parent.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_that_cannot_be_written_leaves_nothing_behind() {
        let cache = tempfile::tempdir().unwrap();
        let repo = CachedRepo::new(cache.path(), &"org/name@refs/pr/1".parse().unwrap());
        // A folder stands where the file shall.
        fs::create_dir_all(repo.reference().join("x")).unwrap();
        assert!(matches!(repo.refer("abc"), Err(HubError::Cache { .. })));
        let parent = repo.reference().parent().unwrap().to_owned();
        let names: Vec<_> = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["1"]);
        fs::remove_dir_all(repo.reference()).unwrap();
        repo.refer("abc").unwrap();
        assert_eq!(fs::read_to_string(repo.reference()).unwrap(), "abc");
    }
}
