//! Which file stands under a name: another one may have taken its place.

use std::path::Path;

/// What tells a file from every other that is there at the same time; nothing where the system does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct File(Option<(u64, u64)>);

impl File {
    /// The file at a path now.
    #[cfg(unix)]
    pub(super) fn at(path: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino())))
    }

    /// The file at a path now: not known here.
    #[cfg(not(unix))]
    pub(super) fn at(_: &Path) -> Self {
        Self(None)
    }
}
