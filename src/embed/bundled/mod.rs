//! The model inside the binary: all-MiniLM-L6-v2, behind the feature `bundled-model`.

#[cfg(feature = "bundled-model")]
mod enabled;
#[cfg(feature = "bundled-model")]
pub use enabled::{AVAILABLE, folder};

#[cfg(not(feature = "bundled-model"))]
mod disabled;
#[cfg(not(feature = "bundled-model"))]
pub use disabled::{AVAILABLE, folder};

/// The bundled model's name.
pub const NAME: &str = "all-MiniLM-L6-v2";
