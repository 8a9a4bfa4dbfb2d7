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
use std::path::{Path, PathBuf};

use super::EmbedError;
use super::folder::{Bytes, MISSING, ModelFolder};
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
            // A transformers program caches no modules.json: that the model has none is for the hub to say.
            Some(commit) if self.offline.is_some() || repo.knows(commit, "modules.json") => {
                match read_cached(id, &repo.snapshot(commit)) {
                    Err(EmbedError::Malformed { file, what, .. }) if what == MISSING => Some(file),
                    read => return read,
                }
            }
            _ => None,
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

    /// The folder in the cache that holds a model's files, if there is one. They need not be all.
    pub fn folder(&self, id: &ModelId) -> Option<PathBuf> {
        let repo = CachedRepo::new(&self.cache, id);
        repo.commit().map(|commit| repo.snapshot(&commit)).filter(|folder| folder.is_dir())
    }
}

/// Reads a model from its snapshot. Pickled weights are as good as none: safetensors may not have been fetched yet.
fn read_cached(id: &ModelId, snapshot: &Path) -> Result<ModelFolder, EmbedError> {
    ModelFolder::from_parts(&id.to_string(), |file| {
        if is_pickle(file) { Ok(None) } else { read_optional(&snapshot.join(file)) }
    })
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
