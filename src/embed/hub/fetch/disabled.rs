//! Stands in for downloads where they are not compiled in.

use crate::embed::hub::cache::CachedRepo;
use crate::embed::hub::{Hub, HubError, ModelId, Watch};
use crate::embed::{EmbedError, ModelFolder};

/// Always [`HubError::NoDownloads`].
pub(in crate::embed::hub) fn model(
    _hub: &Hub,
    id: &ModelId,
    _repo: &CachedRepo,
    _commit: Option<&str>,
    _watch: &dyn Watch,
) -> Result<ModelFolder, EmbedError> {
    Err(HubError::NoDownloads { model: id.to_string() }.into())
}
