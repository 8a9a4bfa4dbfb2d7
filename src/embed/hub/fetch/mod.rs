//! Models from the hub into the cache: behind the feature `hub`, so that a build without it holds no code that opens a
//! socket.
//!
//! `enabled` fetches the files that a model asks for, `blob` one file, whole or not at all, `fill` writes the cache, `client` speaks HTTP.

#[cfg(feature = "hub")]
mod blob;
#[cfg(feature = "hub")]
mod client;
#[cfg(feature = "hub")]
mod enabled;
#[cfg(feature = "hub")]
mod fill;
#[cfg(feature = "hub")]
pub(super) use enabled::model;

#[cfg(not(feature = "hub"))]
mod disabled;
#[cfg(not(feature = "hub"))]
pub(super) use disabled::model;
