//! NVIDIA cards: memory on them, and the kernels that run there, behind the feature `cuda`.
//!
//! The driver's library is opened when the first card is asked for, so that a binary with the feature starts anywhere;
//! nothing else of NVIDIA's is needed. `kernels/` holds the kernels' sources and what they compile to; `ops` says what each
//! computes and checks the sizes before it is launched; `enabled` speaks to the driver, `disabled` stands in without the
//! feature, with the same signatures. What index buffers hold is the caller's to check. Not here: which models run on a card and how (`embed`).

mod call;
mod error;
mod numbers;
mod ops;

#[cfg(feature = "cuda")]
mod enabled;
#[cfg(feature = "cuda")]
pub use enabled::{AVAILABLE, Buffer, Gpu, Lane};

#[cfg(not(feature = "cuda"))]
mod disabled;
#[cfg(not(feature = "cuda"))]
pub use disabled::{AVAILABLE, Buffer, Gpu, Lane};

pub use call::Call;
pub use error::GpuError;
pub use numbers::{Kind, Number, narrowed, widened};
pub use ops::{Attend, Embed, Heads, MODES, Norm, Pool, Product, STRETCH_QUERIES, Settle, Slope, padded};
pub(crate) use ops::{NEAR_TILE, Nearest, Pairs, Sides, laid_out};
