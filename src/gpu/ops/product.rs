//! A linear map and what stands after it.

use super::super::call::Call;
use super::super::numbers::Kind;
use super::super::{Buffer, GpuError};
use super::{by_kind, padded};

/// What stands after a linear map; numbered as in `kernels/product.cu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slope {
    /// Nothing.
    Identity = 0,
    /// GELU by the error function.
    Gelu = 1,
    /// GELU by tanh.
    GeluTanh = 2,
    /// Nothing below 0.
    Relu = 3,
    /// `x / (1 + e^-x)`.
    Silu = 4,
}

/// `out = slope(rows * weights^T + bias)`.
#[derive(Debug)]
pub struct Product<'a> {
    /// Shape `(count, padded inputs)`, zero beyond `inputs`.
    pub rows: &'a Buffer,
    /// Shape `(outputs, padded inputs)`, zero beyond `inputs`; of the rows' kind.
    pub weights: &'a Buffer,
    /// As many as outputs, 32-bit floats.
    pub bias: &'a Buffer,
    /// Shape `(count, padded outputs)`; of the rows' kind.
    pub out: &'a Buffer,
    /// Rows.
    pub count: usize,
    /// Numbers a row.
    pub inputs: usize,
    /// Numbers a row of the result.
    pub outputs: usize,
    /// What stands after it.
    pub slope: Slope,
}

impl<'a> Product<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short.
    pub fn call(&self) -> Result<Call<'a>, GpuError> {
        let (kind, inputs, stride) = (self.rows.kind(), padded(self.inputs), padded(self.outputs));
        let (tile, shared) = if kind == Kind::F32 {
            (64, 2 * 16 * (64 + 4) * size_of::<f32>())
        } else {
            // Three stages of 128 rows and 128 outputs, 32 inputs each; afterwards eight warps' 32 rows of 40 sums.
            (128, 3 * 2 * 128 * 32 * kind.bytes())
        };
        let kernel = by_kind(kind, ["product_f32", "product_f16", "product_bf16"]);
        Call::new(kernel, 256)
            .blocks(self.outputs.div_ceil(tile), self.count.div_ceil(tile))?
            .shared(shared)?
            .memory(self.rows, kind, self.count * inputs)?
            .memory(self.weights, kind, self.outputs * inputs)?
            .memory(self.out, kind, self.count * stride)?
            .memory(self.bias, Kind::F32, self.outputs)?
            .int(self.count)?
            .int(self.outputs)?
            .int(inputs)?
            .int(stride)?
            .int(self.slope as usize)
    }
}
