//! The cache of the hub, as huggingface_hub and hf-hub lay it out, so that all three read what any of them wrote.
//!
//! A folder a model: `blobs/<etag>` holds what was downloaded, `snapshots/<commit>/<file>` links to it,
//! `refs/<revision>` holds the commit of a branch or tag, `.no_exist/<commit>/<file>` marks what a commit does not have.
//! Read here; written by `fetch/fill`.

use std::fs;
use std::path::{Path, PathBuf};

use super::ModelId;
use super::id::{is_full_commit, is_inside};

/// A model's folder in the cache.
pub(super) struct CachedRepo {
    pub(super) folder: PathBuf,
    pub(super) revision: String,
}

impl CachedRepo {
    pub(super) fn new(cache: &Path, id: &ModelId) -> Self {
        let name = hf_hub::Repo::model(id.repo().to_owned()).folder_name();
        Self { folder: cache.join(name), revision: id.revision().to_owned() }
    }

    /// The commit that the revision meant when it was last asked for.
    pub(super) fn commit(&self) -> Option<String> {
        if is_full_commit(&self.revision) {
            return Some(self.revision.clone());
        }
        let text = fs::read_to_string(self.reference()).ok()?;
        Some(text.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// The file that says what the revision means.
    pub(super) fn reference(&self) -> PathBuf {
        self.folder.join("refs").join(&self.revision)
    }

    /// The folder of a commit's files.
    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// The mark that a commit does not have a file.
    pub(super) fn absence(&self, commit: &str, file: &str) -> PathBuf {
        self.folder.join(".no_exist").join(commit).join(file)
    }

    /// Whether it is known that a commit has a file, or has not.
    pub(super) fn knows(&self, commit: &str, file: &str) -> bool {
        self.snapshot(commit).join(file).exists() || self.absence(commit, file).exists()
    }
}

/// Whether a text is the hash of a commit, and so safe in a path.
pub(super) fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What the cache holds of models: the name, and for each commit the revisions that mean it. Sorted.
pub(super) fn models(cache: &Path) -> Vec<(ModelId, Vec<String>, String)> {
    let mut found = Vec::new();
    for folder in names(cache) {
        let Some(name) = folder.strip_prefix("models--").map(|name| name.replace("--", "/")) else { continue };
        let Ok(id) = name.parse::<ModelId>() else { continue };
        let repo = CachedRepo::new(cache, &id);
        let revisions = references(&repo.folder.join("refs"), "");
        for commit in names(&repo.folder.join("snapshots")).into_iter().filter(|name| is_commit(name)) {
            let mean = revisions.iter().filter(|(_, of)| *of == commit).map(|(name, _)| name.clone()).collect();
            found.push((id.clone(), mean, commit));
        }
    }
    found
}

/// Revisions with their commits, those of nested folders among them (`refs/pr/1`).
fn references(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names(folder).into_iter().filter(|name| is_inside(name) && !name.starts_with('.')) {
        let path = folder.join(&name);
        if path.is_dir() && prefix.len() < 255 {
            found.extend(references(&path, &format!("{prefix}{name}/")));
        } else if let Ok(commit) = fs::read_to_string(&path) {
            found.push((format!("{prefix}{name}"), commit.trim().to_owned()));
        }
    }
    found
}

/// Names in a folder, sorted; none where it cannot be read.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
