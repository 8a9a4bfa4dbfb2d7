//! Tensors of a safetensors file: found by name, of the shape expected, of finite numbers, widened to 32 bits.
//!
//! Not here: what the tensors are for (`layer`, `words`).

use std::ops::Range;

use safetensors::tensor::{Dtype, Metadata, SafeTensors};

use super::super::EmbedError;
use super::super::folder::malformed;
use super::simd::vectorised;

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F16,
    Bf16,
    F32,
}

/// A safetensors file whose header has been read.
pub(in super::super) struct Weights<'a> {
    model: &'a str,
    bytes: &'a [u8],
    /// Bytes before the first tensor.
    header: usize,
    metadata: Metadata,
    prefix: &'static str,
}

/// Where a matrix lies in its file.
#[derive(Debug, Clone)]
pub(in super::super) struct Stored {
    at: Range<usize>,
    kind: Kind,
    columns: usize,
}

impl<'a> Weights<'a> {
    /// Reads the header. Tensors may be named from the model's own root or from `bert.`, as in upstream's checkpoints.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where the file is not safetensors or shorter than its header says.
    pub(in super::super) fn open(model: &'a str, bytes: &'a [u8]) -> Result<Self, EmbedError> {
        let (length, metadata) = SafeTensors::read_metadata(bytes)
            .map_err(|error| malformed(model, "model.safetensors", &error.to_string()))?;
        let prefix = if metadata.info("bert.embeddings.word_embeddings.weight").is_some() { "bert." } else { "" };
        // The header's length stands before it, in 8 bytes.
        Ok(Self { model, bytes, header: length + 8, metadata, prefix })
    }

    /// A matrix of `(rows, columns)`.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(in super::super) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Stored, EmbedError> {
        self.stored(name, &[rows, columns])
    }

    /// A vector, widened.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(in super::super) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, EmbedError> {
        Ok(self.all(&self.stored(name, &[length])?))
    }

    /// All numbers of a matrix, row after row.
    pub(in super::super) fn all(&self, stored: &Stored) -> Vec<f32> {
        let bytes = &self.bytes[stored.at.clone()];
        let mut values = vec![0.0; bytes.len() / stored.kind.bytes()];
        stored.kind.widen(bytes, &mut values);
        values
    }

    /// Writes a matrix of `(outputs, inputs)` as columns `first..first + outputs` of `out`, whose rows are `width` wide.
    pub(super) fn transpose(&self, stored: &Stored, out: &mut [f32], width: usize, first: usize) {
        /// Rows read at once: a cache line of each row written.
        const TOGETHER: usize = 16;
        let inputs = stored.columns;
        let mut block = vec![0.0; TOGETHER * inputs];
        let bytes = &self.bytes[stored.at.clone()];
        for (index, bytes) in bytes.chunks(TOGETHER * inputs * stored.kind.bytes()).enumerate() {
            let rows = bytes.len() / stored.kind.bytes() / inputs;
            stored.kind.widen(bytes, &mut block[..rows * inputs]);
            let at = first + index * TOGETHER;
            for (input, out) in out.chunks_exact_mut(width).enumerate() {
                for (row, value) in out[at..at + rows].iter_mut().enumerate() {
                    *value = block[row * inputs + input];
                }
            }
        }
    }

    fn stored(&self, name: &str, expected: &[usize]) -> Result<Stored, EmbedError> {
        let bad = |what: String| malformed(self.model, "model.safetensors", &what);
        let name = format!("{}{name}", self.prefix);
        let info = self.metadata.info(&name).ok_or_else(|| bad(format!("no tensor {name}")))?;
        if info.shape != expected {
            return Err(bad(format!("tensor {name} has shape {:?}: expected {expected:?}", info.shape)));
        }
        let kind = Kind::of(info.dtype)
            .ok_or_else(|| bad(format!("tensor {name} holds {:?}: expected F32, F16 or BF16", info.dtype)))?;
        let at = self.header + info.data_offsets.0..self.header + info.data_offsets.1;
        if !kind.all_finite(&self.bytes[at.clone()]) {
            return Err(bad(format!("tensor {name} holds NaN or an infinity: expected finite numbers")));
        }
        Ok(Stored { at, kind, columns: expected.last().copied().unwrap_or(1) })
    }
}

impl Stored {
    /// Widens one row into `out`; false where the matrix has no such row.
    pub(super) fn read_row(&self, file: &[u8], row: usize, out: &mut [f32]) -> bool {
        let length = self.columns * self.kind.bytes();
        let bytes = file.get(self.at.clone()).and_then(|bytes| bytes.get(row * length..(row + 1) * length));
        bytes.map(|bytes| self.kind.widen(bytes, out)).is_some()
    }
}

impl Kind {
    fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::F16 => Some(Self::F16),
            Dtype::BF16 => Some(Self::Bf16),
            Dtype::F32 => Some(Self::F32),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        if self == Self::F32 { 4 } else { 2 }
    }

    /// Widens as many numbers as `out` holds.
    fn widen(self, bytes: &[u8], out: &mut [f32]) {
        vectorised(
            #[inline(always)]
            || match self {
                Self::F16 => widen_each(bytes, out, |pair| from_f16(u16::from_le_bytes(pair))),
                Self::Bf16 => widen_each(bytes, out, |pair| from_bf16(u16::from_le_bytes(pair))),
                Self::F32 => widen_each(bytes, out, f32::from_le_bytes),
            },
        );
    }

    fn all_finite(self, bytes: &[u8]) -> bool {
        vectorised(
            #[inline(always)]
            || match self {
                Self::F16 => exponents_below(bytes, |pair| u32::from(u16::from_le_bytes(pair)), 0x7c00),
                Self::Bf16 => exponents_below(bytes, |pair| u32::from(u16::from_le_bytes(pair)), 0x7f80),
                Self::F32 => exponents_below(bytes, u32::from_le_bytes, 0x7f80_0000),
            },
        )
    }
}

#[inline(always)]
fn widen_each<const N: usize>(bytes: &[u8], out: &mut [f32], widen: impl Fn([u8; N]) -> f32) {
    let (numbers, _) = bytes.as_chunks::<N>();
    for (value, &number) in out.iter_mut().zip(numbers) {
        *value = widen(number);
    }
}

/// Whether no number has all the bits of `exponent`, which NaN and the infinities have.
#[inline(always)]
fn exponents_below<const N: usize>(bytes: &[u8], bits: impl Fn([u8; N]) -> u32, exponent: u32) -> bool {
    let (numbers, _) = bytes.as_chunks::<N>();
    // No early exit: it would keep the loop from being vectorised.
    !numbers.iter().fold(false, |found, &number| found | (bits(number) & exponent == exponent))
}

/// Exact for every finite number, subnormal ones too: the exponent's bias differs by 112.
#[inline(always)]
fn from_f16(half: u16) -> f32 {
    let half = u32::from(half);
    let unsigned = f32::from_bits((half & 0x7fff) << 13) * f32::from_bits((112 + 127) << 23);
    f32::from_bits(unsigned.to_bits() | (half & 0x8000) << 16)
}

#[inline(always)]
fn from_bf16(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_is_widened_exactly() {
        for half in 0..=u16::MAX {
            let exact = half_of(half) as f32;
            if exact.is_finite() {
                assert_eq!(from_f16(half).to_bits(), exact.to_bits(), "{half:#x}");
            }
            assert_eq!(Kind::F16.all_finite(&half.to_le_bytes()), exact.is_finite(), "{half:#x}");
        }
    }

    /// The value of a half by its definition.
    fn half_of(half: u16) -> f64 {
        let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f64::from(half & 0x3ff));
        let size = match exponent {
            0 => fraction * 2_f64.powi(-24),
            31 => f64::INFINITY,
            _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
        };
        if half >> 15 == 1 { -size } else { size }
    }

    #[test]
    fn not_finite_is_found_in_every_kind() {
        assert!(Kind::F32.all_finite(&f32::MAX.to_le_bytes()) && !Kind::F32.all_finite(&f32::NAN.to_le_bytes()));
        assert!(Kind::Bf16.all_finite(&[0x7f, 0x7f]) && !Kind::Bf16.all_finite(&[0x80, 0xff]));
        assert_eq!(from_bf16(0x3fc0), 1.5);
    }
}
