//! Why a model could not be had from the hub.

use std::path::PathBuf;

use thiserror::Error;

/// Why a model could not be had by its name. No message holds the token.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HubError {
    /// Not a name the hub gives.
    #[error("\"{name}\" is no name of a model: expected org/name or org/name@revision")]
    Name {
        /// What was given.
        name: String,
    },
    /// Not wholly in the cache, and downloads are not to be made.
    #[error("model {model} {} and nothing is downloaded: {why}", lacking(missing.as_deref(), cache))]
    Offline {
        /// The model.
        model: String,
        /// The file that is missing where others are there.
        missing: Option<String>,
        /// The cache.
        cache: PathBuf,
        /// What keeps it from being downloaded.
        why: String,
    },
    /// The endpoint, the token, the proxy or the file of certificates cannot be used.
    #[error("{what} cannot be used: {why}")]
    Setting {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The host is not to be reached, or went silent.
    #[error("reaching {host}: {why}")]
    Connect {
        /// The host.
        host: String,
        /// What went wrong.
        why: String,
    },
    /// 401 or 403.
    #[error("{host} does not give out model {model} ({status}{}): it is not there, private, or gated", if *token { ", with the token it was sent" } else { "" })]
    Denied {
        /// The model.
        model: String,
        /// The host.
        host: String,
        /// 401 or 403.
        status: u16,
        /// Whether a token was sent.
        token: bool,
    },
    /// 404 for the model.
    #[error("{host} has no model {model}")]
    NoModel {
        /// The model.
        model: String,
        /// The host.
        host: String,
    },
    /// 404 for the revision.
    #[error("{host} has model {model}, but no branch, tag or commit \"{revision}\" of it")]
    NoRevision {
        /// The model.
        model: String,
        /// The host.
        host: String,
        /// The revision.
        revision: String,
    },
    /// The model lacks a file that it needs.
    #[error(
        "model {model} on {host} has no {file}: expected a model in sentence-transformers' layout, with config.json, tokenizer.json and model.safetensors"
    )]
    NoFile {
        /// The model.
        model: String,
        /// The host.
        host: String,
        /// The file.
        file: String,
    },
    /// Another answer than was asked for.
    #[error("{host} answered {what} to the request for {file}")]
    Answer {
        /// The host.
        host: String,
        /// What was asked for.
        file: String,
        /// What came.
        what: String,
    },
    /// The connection broke within a file; what came is kept.
    #[error("{file} broke off after {held} bytes{}: {why}", expected.map_or_else(String::new, |size| format!(" of {size}")))]
    Broken {
        /// The file.
        file: String,
        /// Bytes on disk.
        held: u64,
        /// Its size.
        expected: Option<u64>,
        /// What went wrong.
        why: String,
    },
    /// A file of another size than announced.
    #[error("{file} has {found} bytes: {host} announced {expected}; nothing of it is kept")]
    Size {
        /// The host.
        host: String,
        /// The file.
        file: String,
        /// Bytes that came or would have.
        found: u64,
        /// Bytes announced.
        expected: u64,
    },
    /// A file whose content is not what its checksum says.
    #[error("{file} has the {kind} {found}: {host} announced {expected}; nothing of it is kept")]
    Checksum {
        /// The host.
        host: String,
        /// The file.
        file: String,
        /// Of which kind the checksum is.
        kind: &'static str,
        /// Of what came.
        found: String,
        /// As announced.
        expected: String,
    },
    /// The cache cannot be read or written.
    #[error("the cache, {}: {source}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// This build was made without the feature `hub`.
    #[error(
        "model {model} is not wholly in the cache, and this build downloads nothing (it was built without the feature hub)"
    )]
    NoDownloads {
        /// The model.
        model: String,
    },
}

fn lacking(missing: Option<&str>, cache: &std::path::Path) -> String {
    match missing {
        Some(file) => format!("lacks {file} in the cache {}", cache.display()),
        None => format!("is not in the cache {}", cache.display()),
    }
}
