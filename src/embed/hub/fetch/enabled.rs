//! A model from the hub: the files it asks for, one by one, and no other.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::ErrorKind;

use super::blob::{self, Wanted};
use super::client::{Client, Listing};
use crate::embed::folder::{Bytes, MISSING};
use crate::embed::hub::cache::CachedRepo;
use crate::embed::hub::id::is_inside;
use crate::embed::hub::{Hub, HubError, ModelId, Watch, is_pickle, read_optional};
use crate::embed::{EmbedError, ModelFolder};

/// Reads a model of which the cache lacks something, and fills the cache with what is read. A commit that is given is the
/// one to complete.
pub(in crate::embed::hub) fn model(
    hub: &Hub,
    id: &ModelId,
    repo: &CachedRepo,
    commit: Option<&str>,
    watch: &dyn Watch,
) -> Result<ModelFolder, EmbedError> {
    let client = Client::new(hub)?;
    let listing = match client.listing(id, commit.unwrap_or(id.revision())) {
        // A branch that was written anew has left the commit that is cached.
        Err(HubError::NoRevision { .. }) if commit.is_some_and(|commit| commit != id.revision()) => {
            client.listing(id, id.revision())?
        }
        listing => listing?,
    };
    let known = repo.commit();
    if known.is_none() {
        // What a broken run leaves is found by the next one, and offline what is missing can be named.
        repo.refer(&listing.commit)?;
    }
    let run =
        Run { client, id, repo, listing, watch, begun: Cell::new(false), files: Cell::new(0), bytes: Cell::new(0) };
    let folder = ModelFolder::from_parts(&id.to_string(), |file| run.read(file)).map_err(|error| run.named(error))?;
    if known.is_some_and(|known| known != run.listing.commit) {
        repo.refer(&run.listing.commit)?;
    }
    if run.files.get() > 0 {
        watch.ends(id, run.files.get(), run.bytes.get());
    }
    Ok(folder)
}

struct Run<'a> {
    client: Client<'a>,
    id: &'a ModelId,
    repo: &'a CachedRepo,
    listing: Listing,
    watch: &'a dyn Watch,
    /// Whether it was said that something is downloaded.
    begun: Cell<bool>,
    files: Cell<usize>,
    bytes: Cell<u64>,
}

impl Run<'_> {
    /// A file of the model: from the snapshot, else from the hub; none where the model does not have it.
    fn read(&self, file: &str) -> Result<Option<Bytes>, EmbedError> {
        let commit = &self.listing.commit;
        let path = self.repo.snapshot(commit).join(file);
        // A shard's name comes from a file of the model, and may be anything.
        if !is_inside(file) {
            let what = "which is no file of it".to_owned();
            return Err(EmbedError::Malformed { model: self.id.to_string(), file: file.to_owned(), what });
        }
        let there = self.listing.files.contains(file);
        if is_pickle(file) {
            return Ok(there.then_some(Cow::Borrowed(&[])));
        }
        if path.is_file() {
            return read_optional(&path);
        }
        if !there {
            self.repo.mark_absent(commit, file)?;
            return Ok(None);
        }
        let begins = || {
            if !self.begun.replace(true) {
                self.watch.begins(self.id, self.client.endpoint());
            }
        };
        let wanted = Wanted { id: self.id, commit, file };
        let (etag, fetched) = blob::fetch(&self.client, self.repo, &wanted, (self.watch, &begins))?;
        // What another commit had already is not counted.
        if let Some(bytes) = fetched {
            self.files.set(self.files.get() + 1);
            self.bytes.set(self.bytes.get() + bytes);
        }
        let path = self.repo.link(commit, file, &etag)?;
        // That it is not there now is the cache's fault, not the hub's.
        let gone = |path| HubError::Cache { path, source: ErrorKind::NotFound.into() };
        read_optional(&path)?.map(Some).ok_or_else(|| gone(path).into())
    }

    /// A file that the model lacks is missing on the hub.
    fn named(&self, error: EmbedError) -> EmbedError {
        match error {
            EmbedError::Malformed { model, file, what } if what == MISSING => {
                HubError::NoFile { model, host: self.client.host().to_owned(), file }.into()
            }
            other => other,
        }
    }
}
