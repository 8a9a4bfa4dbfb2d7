//! Models by their name on the Hugging Face hub: from the local cache, and from the hub where they are not in it.
//!
//! `id` is a model's name, `cache` the layout that huggingface_hub and hf-hub share, `fetch` what is downloaded (feature
//! `hub`), `list` what the cache holds. A model that is wholly in the cache is read without a socket being opened.
//! Which files a model needs is not listed anywhere: [`ModelFolder`] asks for them one by one, the weights last, so that
//! what is not supported is refused before they are fetched. Nothing here reads the environment.

mod cache;
mod error;
mod fetch;
mod id;
mod list;

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::EmbedError;
use super::folder::{Bytes, MISSING, ModelFolder, malformed};
use cache::CachedRepo;
pub use error::HubError;
pub use id::ModelId;
pub use list::{CachedModel, cached_models};

/// Whether this build can download (feature `hub`).
pub const DOWNLOADS: bool = cfg!(feature = "hub");

/// Where models are looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Hub {
    /// The cache: its folders are named `models--org--name`.
    pub cache: PathBuf,
    /// Where the hub is, as `https://huggingface.co`.
    pub endpoint: String,
    /// What the hub knows the user by. Sent to the endpoint alone.
    pub token: Option<String>,
    /// The address of a proxy.
    pub proxy: Option<String>,
    /// A PEM file of the certificates that are trusted; Mozilla's, compiled in, where there is none.
    pub certificates: Option<PathBuf>,
    /// What keeps downloads from being made, as "HF_HUB_OFFLINE is set"; none where they may be.
    pub offline: Option<String>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cache, endpoint, offline, .. } = self;
        f.debug_struct("Hub").field("cache", cache).field("endpoint", endpoint).field("offline", offline).finish()
    }
}

/// Is told how far a download is.
pub trait Watch {
    /// The first file of a model is about to be fetched from the endpoint.
    fn begins(&self, _model: &ModelId, _endpoint: &str) {}
    /// A file is fetched: its size, and how much of it is there from an earlier try.
    fn file_begins(&self, _name: &str, _size: u64, _held: u64) {}
    /// So many bytes more.
    fn advances(&self, _bytes: u64) {}
    /// The file is there, or cannot be had.
    fn file_ends(&self) {}
    /// All of the model is there: so many files and bytes were fetched.
    fn ends(&self, _model: &ModelId, _files: usize, _bytes: u64) {}
}

/// Nobody is told.
impl Watch for () {}

impl Hub {
    /// The model, from the cache, or where it is not wholly there from the hub, which fills the cache.
    ///
    /// # Errors
    /// [`EmbedError::Hub`] where a file is neither in the cache nor to be had; else as [`ModelFolder::from_parts`].
    pub fn open(&self, id: &ModelId, watch: &dyn Watch) -> Result<ModelFolder, EmbedError> {
        let repo = CachedRepo::new(&self.cache, id);
        let commit = repo.commit().filter(|commit| repo.snapshot(commit).is_dir());
        let missing = match &commit {
            Some(commit) => match self.read_cached(id, &repo, commit) {
                Err(EmbedError::Malformed { file, what, .. }) if what == MISSING => Some(file),
                read => return read,
            },
            None => None,
        };
        if let Some(why) = &self.offline {
            return Err(HubError::Offline {
                model: id.to_string(),
                missing,
                cache: self.cache.clone(),
                why: why.clone(),
            }
            .into());
        }
        fetch::model(self, id, &repo, commit.as_deref(), watch)
    }

    /// Reads a model from its snapshot. A file that the cache neither has nor has marked as absent is missing: other
    /// programs cache what they need alone, and another pooling is another vector. Where nothing can be downloaded the
    /// settings that a model may do without are named in a note instead, because those programs do not mark what a model
    /// lacks.
    fn read_cached(&self, id: &ModelId, repo: &CachedRepo, commit: &str) -> Result<ModelFolder, EmbedError> {
        let (snapshot, name) = (repo.snapshot(commit), id.to_string());
        let unknown = RefCell::new(Vec::new());
        let mut folder = ModelFolder::from_parts(&name, |file| {
            // Pickled weights are as good as none: safetensors may not have been fetched yet.
            if is_pickle(file) {
                return Ok(None);
            }
            let found = read_optional(&snapshot.join(file))?;
            if found.is_some() || repo.knows(commit, file) {
                return Ok(found);
            }
            if (DOWNLOADS && self.offline.is_none()) || is_listed(&snapshot, file) {
                return Err(malformed(&name, file, MISSING.to_owned()));
            }
            // Weights are read from one file or from several, and that neither is there is an error.
            if !file.contains(".safetensors") {
                unknown.borrow_mut().push(file.to_owned());
            }
            Ok(None)
        })?;
        let unknown = unknown.into_inner();
        if !unknown.is_empty() {
            folder.add_note(format!(
                "may have settings that the cache neither has nor knows to be absent ({}): it is read without them",
                unknown.join(", ")
            ));
        }
        Ok(folder)
    }

    /// The folder in the cache that holds a model's files, if there is one. They need not be all.
    pub fn folder(&self, id: &ModelId) -> Option<PathBuf> {
        let repo = CachedRepo::new(&self.cache, id);
        repo.commit().map(|commit| repo.snapshot(&commit)).filter(|folder| folder.is_dir())
    }
}

/// Whether a file is the configuration of a module that `modules.json` names. Without that file nothing names one.
fn is_listed(snapshot: &Path, file: &str) -> bool {
    Path::new(file).ends_with("config.json") && snapshot.join("modules.json").exists()
}

/// Whether a file is never read, but named where it is all there is.
fn is_pickle(file: &str) -> bool {
    file.ends_with(".bin")
}

fn read_optional(path: &Path) -> Result<Option<Bytes>, EmbedError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbedError::Read { path: path.to_owned(), source }),
    }
}

#[cfg(all(test, not(feature = "hub")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_cannot_download_reads_a_bare_model_from_the_cache() {
        let cache = tempfile::tempdir().unwrap();
        let (id, commit) = ("org/name".parse::<ModelId>().unwrap(), "1".repeat(40));
        let repo = CachedRepo::new(cache.path(), &id);
        std::fs::create_dir_all(repo.snapshot(&commit)).unwrap();
        std::fs::create_dir_all(repo.folder.join("refs")).unwrap();
        std::fs::write(repo.reference(), &commit).unwrap();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/architectures/bert");
        for file in ["config.json", "tokenizer.json", "model.safetensors"] {
            std::fs::copy(golden.join(file), repo.snapshot(&commit).join(file)).unwrap();
        }
        let hub = Hub {
            cache: cache.path().to_owned(),
            endpoint: "http://hub.example".to_owned(),
            token: None,
            proxy: None,
            certificates: None,
            offline: None,
        };
        let folder = hub.open(&id, &()).unwrap();
        assert!(folder.notes().iter().any(|note| note.contains("modules.json")), "{:?}", folder.notes());
    }
}
