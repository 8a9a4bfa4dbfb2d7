//! NumPy's array file, version 1.0, written: float32, row-major.
//!
//! Source: NumPy Enhancement Proposal 1 (`numpy/lib/format.py`).

use std::io::{self, Write};

use crate::vectors::UnitRows;

/// The header ends on a multiple of this, so that the data is aligned.
const ALIGN: usize = 64;
/// Bytes before the header's text: magic, version, length.
const PREFIX: usize = 10;

/// Writes the head of an array of a shape; its rows follow.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_head(shape: (usize, usize), out: &mut dyn Write) -> io::Result<()> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape:?}, }}");
    let padding = (ALIGN - (PREFIX + header.len() + 1) % ALIGN) % ALIGN;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())
}

/// Writes rows of an array.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_rows(vectors: &UnitRows, out: &mut dyn Write) -> io::Result<()> {
    vectors.view().iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_header_is_aligned_and_the_values_follow() {
        let mut bytes = Vec::new();
        write_head((2, 2), &mut bytes).unwrap();
        write_rows(&UnitRows::new(array![[0.6, 0.8], [1.0, 0.0]]).unwrap(), &mut bytes).unwrap();
        assert_eq!(bytes.len(), 128 + 16);
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(bytes[10..].starts_with(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"));
        assert_eq!(bytes[127], b'\n');
        assert_eq!(&bytes[128..132], 0.6_f32.to_le_bytes());
    }
}
