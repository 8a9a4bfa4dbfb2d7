//! What the kernels compute, one file each: the sizes, and what must fit before they are launched.
//!
//! Rows of operands are `padded` to whole pieces of 16 bytes; what stands beyond a row's numbers is zero and stays so.
//! What index buffers hold (tokens, ends, stretches) is the caller's to check: it is read on the card.

mod attend;
mod near;
mod pool;
mod product;
mod rows;

pub use attend::{Attend, Heads, STRETCH_QUERIES};
pub(crate) use near::{NEAR_TILE, Nearest, Pairs, Sides, laid_out};
pub use pool::{MODES, Pool};
pub use product::{Product, Slope};
pub use rows::{Embed, Norm, Settle};

use super::numbers::Kind;

/// Numbers from one row of operands to the next: whole pieces of 16 bytes of halves.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(8)
}

/// The kernel of a name for each kind of operand; that of 32-bit floats for whole numbers, which no operand is.
fn by_kind(kind: Kind, [wide, f16, bf16]: [&'static str; 3]) -> &'static str {
    match kind {
        Kind::F16 => f16,
        Kind::Bf16 => bf16,
        Kind::F32 | Kind::U32 => wide,
    }
}
