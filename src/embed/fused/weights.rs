//! Tensors of safetensors files: found by name, of the shape expected, of finite numbers, widened to 32 bits.
//!
//! Not here: what the tensors are for (`layer`, `words`).

use std::borrow::Cow;
use std::ops::Range;

use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorInfo};

use super::super::EmbedError;
use super::super::folder::{File, malformed};
use super::simd::vectorised;

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F16,
    Bf16,
    F32,
}

/// A safetensors file whose header has been read.
struct Shard<'a> {
    file: &'a File,
    /// Bytes before the first tensor.
    header: usize,
    metadata: Metadata,
}

/// The tensors of one model, in one file or several.
pub(in crate::embed) struct Weights<'a> {
    shards: Vec<Shard<'a>>,
    prefix: &'static str,
}

/// Where a tensor lies.
#[derive(Debug, Clone)]
pub(in crate::embed) struct Stored {
    shard: usize,
    at: Range<usize>,
    kind: Kind,
    columns: usize,
}

impl<'a> Weights<'a> {
    /// Reads the headers. Tensors may be named from the model's own root or below one of `prefixes`: the first under
    /// which there is a tensor `known`.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where a file is not safetensors or shorter than its header says.
    pub(in crate::embed) fn open(
        files: &'a [File],
        prefixes: &[&'static str],
        known: &str,
    ) -> Result<Self, EmbedError> {
        let shards: Result<Vec<Shard>, EmbedError> = files.iter().map(Shard::open).collect();
        let mut weights = Self { shards: shards?, prefix: "" };
        let found = prefixes.iter().find(|prefix| weights.has(&format!("{prefix}{known}")));
        weights.prefix = found.copied().unwrap_or_default();
        Ok(weights)
    }

    /// Whether there is a tensor of this name, below the prefix.
    pub(super) fn has(&self, name: &str) -> bool {
        let name = format!("{}{name}", self.prefix);
        self.shards.iter().any(|shard| shard.metadata.info(&name).is_some())
    }

    /// A matrix of `(rows, columns)`.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] names the tensor that is missing, of another shape or type, or not finite.
    pub(in crate::embed) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Stored, EmbedError> {
        self.stored(name, &[rows, columns])
    }

    /// A vector, widened.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(in crate::embed) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, EmbedError> {
        Ok(self.all(&self.stored(name, &[length])?))
    }

    /// The shape a tensor has.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn shape(&self, name: &str) -> Result<&[usize], EmbedError> {
        let (_, info) = self.find(&format!("{}{name}", self.prefix))?;
        Ok(&info.shape)
    }

    /// A vector of whole numbers, of which a negative one becomes one that no table has.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub(super) fn integers(&self, name: &str) -> Result<Vec<usize>, EmbedError> {
        let (shard, info) = self.find(&format!("{}{name}", self.prefix))?;
        let shard = &self.shards[shard];
        let bytes = &shard.file.bytes[shard.range(info)];
        let whole = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        match info.dtype {
            Dtype::I64 => Ok(bytes.as_chunks().0.iter().map(|&value| whole(i64::from_le_bytes(value))).collect()),
            Dtype::I32 => {
                Ok(bytes.as_chunks().0.iter().map(|&value| whole(i32::from_le_bytes(value).into())).collect())
            }
            other => Err(shard.file.bad(format!("tensor {name} holds {other:?}: expected I64 or I32"))),
        }
    }

    /// All numbers of a tensor, row after row.
    pub(in crate::embed) fn all(&self, stored: &Stored) -> Vec<f32> {
        let bytes = &self.shards[stored.shard].file.bytes[stored.at.clone()];
        let mut values = vec![0.0; bytes.len() / stored.kind.bytes()];
        stored.kind.widen(bytes, &mut values);
        values
    }

    /// A matrix as it is stored, to be read row by row.
    pub(super) fn table(&self, stored: &Stored) -> Table {
        let file = &self.shards[stored.shard].file.bytes;
        let bytes = match file {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[stored.at.clone()]),
            Cow::Owned(bytes) => Cow::Owned(bytes[stored.at.clone()].to_vec()),
        };
        Table { bytes, kind: stored.kind, columns: stored.columns }
    }

    /// Hands out a matrix some rows at a time, with the first of them.
    pub(super) fn in_blocks(&self, stored: &Stored, mut each: impl FnMut(usize, &[f32])) {
        /// Rows read at once: a cache line of what is written by columns.
        const TOGETHER: usize = 16;
        let columns = stored.columns;
        let mut block = vec![0.0; TOGETHER * columns];
        let bytes = &self.shards[stored.shard].file.bytes[stored.at.clone()];
        for (index, bytes) in bytes.chunks(TOGETHER * columns * stored.kind.bytes()).enumerate() {
            let block = &mut block[..bytes.len() / stored.kind.bytes()];
            stored.kind.widen(bytes, block);
            each(index * TOGETHER, block);
        }
    }

    fn find(&self, name: &str) -> Result<(usize, &TensorInfo), EmbedError> {
        let found = self.shards.iter().enumerate().find_map(|(at, shard)| Some((at, shard.metadata.info(name)?)));
        found.ok_or_else(|| match self.shards.len() {
            1 => self.bad(format!("no tensor {name}")),
            several => self.bad(format!("no tensor {name} in any of {several} files")),
        })
    }

    /// The error that the tensors are not what they should be.
    pub(super) fn bad(&self, what: String) -> EmbedError {
        match &self.shards[..] {
            [one] => one.file.bad(what),
            [first, ..] => malformed(&first.file.model, "model.safetensors.index.json", what),
            [] => malformed("", "model.safetensors.index.json", "names no file".to_owned()),
        }
    }

    fn stored(&self, name: &str, expected: &[usize]) -> Result<Stored, EmbedError> {
        let name = format!("{}{name}", self.prefix);
        let (shard, info) = self.find(&name)?;
        let Shard { file, .. } = &self.shards[shard];
        if info.shape != expected {
            return Err(file.bad(format!("tensor {name} has shape {:?}: expected {expected:?}", info.shape)));
        }
        let kind = Kind::of(info.dtype)
            .ok_or_else(|| file.bad(format!("tensor {name} holds {:?}: expected F32, F16 or BF16", info.dtype)))?;
        let at = self.shards[shard].range(info);
        if !kind.all_finite(&file.bytes[at.clone()]) {
            return Err(file.bad(format!("tensor {name} holds NaN or an infinity: expected finite numbers")));
        }
        Ok(Stored { shard, at, kind, columns: expected.last().copied().unwrap_or(1) })
    }
}

impl<'a> Shard<'a> {
    fn open(file: &'a File) -> Result<Self, EmbedError> {
        let (length, metadata) = SafeTensors::read_metadata(&file.bytes).map_err(|error| file.bad(error))?;
        // The header's length stands before it, in 8 bytes.
        Ok(Self { file, header: length + 8, metadata })
    }

    fn range(&self, info: &TensorInfo) -> Range<usize> {
        self.header + info.data_offsets.0..self.header + info.data_offsets.1
    }
}

/// A matrix as it is stored: a paragraph needs a few dozen of many thousand rows.
pub(super) struct Table {
    bytes: Cow<'static, [u8]>,
    kind: Kind,
    columns: usize,
}

impl Table {
    /// Widens one row into `out`; false where the matrix has no such row.
    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) -> bool {
        let length = self.columns * self.kind.bytes();
        let bytes = row.checked_mul(length).and_then(|from| self.bytes.get(from..from.checked_add(length)?));
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
