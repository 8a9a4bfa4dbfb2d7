//! What the cache holds: each model with its size and what it is, read from its settings and the heads of its weights.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use walkdir::WalkDir;

use super::cache::{self, CachedRepo};
use super::{ModelId, is_listed, is_pickle, read_optional};
use crate::embed::EmbedError;
use crate::embed::folder::{Bytes, Description, MISSING, ModelFolder, malformed};

/// The longest head of a safetensors file, which is the format's own limit.
const LONGEST_HEAD: u64 = 100_000_000;

/// A model in the cache, at one commit.
#[derive(Debug)]
pub struct CachedModel {
    /// Its name.
    pub id: ModelId,
    /// Branches and tags that mean this commit.
    pub revisions: Vec<String>,
    /// The commit's hash.
    pub commit: String,
    /// Bytes of all its files on disk, those that are not needed here among them.
    pub bytes: u64,
    /// What it is, or why it does not run.
    pub description: Result<Description, EmbedError>,
}

/// The models of a cache that describe themselves, by name and commit. What has no settings of a model at all, as a file
/// of another program, is left out. An absent cache holds none.
pub fn cached_models(folder: &Path) -> Vec<CachedModel> {
    let found = cache::models(folder).into_iter().filter_map(|(id, revisions, commit)| {
        let repo = CachedRepo::new(folder, &id);
        let snapshot = repo.snapshot(&commit);
        let describes = ["modules.json", "config.json"].iter().any(|file| snapshot.join(file).exists());
        describes.then(|| CachedModel {
            bytes: bytes(&snapshot),
            description: describe(&id, &repo, &commit),
            id,
            revisions,
            commit,
        })
    });
    found.collect()
}

fn describe(id: &ModelId, repo: &CachedRepo, commit: &str) -> Result<Description, EmbedError> {
    let (name, snapshot) = (id.to_string(), repo.snapshot(commit));
    let folder = ModelFolder::from_parts(&name, |file| {
        let path = snapshot.join(file);
        if is_pickle(file) {
            return Ok(path.exists().then_some(Cow::Borrowed(&[])));
        }
        if is_listed(&snapshot, file) && !repo.knows(commit, file) {
            return Err(malformed(&name, file, MISSING.to_owned()));
        }
        if file.ends_with(".safetensors") { read_head(&path) } else { read_optional(&path) }
    })?;
    Ok(folder.description())
}

/// The head of a safetensors file, with its length before it.
fn read_head(path: &Path) -> Result<Option<Bytes>, EmbedError> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let mut head = length.to_vec();
        file.take(u64::from_le_bytes(length).min(LONGEST_HEAD)).read_to_end(&mut head)?;
        Ok(head)
    };
    match read() {
        Ok(head) => Ok(Some(Cow::Owned(head))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbedError::Read { path: path.to_owned(), source }),
    }
}

fn bytes(snapshot: &Path) -> u64 {
    let files = WalkDir::new(snapshot).follow_links(true).into_iter().flatten();
    files.filter_map(|entry| entry.metadata().ok()).filter(std::fs::Metadata::is_file).map(|file| file.len()).sum()
}
