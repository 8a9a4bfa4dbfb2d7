//! NumPy's array file: float32 matrices, row-major; written as version 1.0, read in every version.
//!
//! Source: NumPy Enhancement Proposal 1 (`numpy/lib/format.py`). Its own crate (`ndarray-npy`) parses the header with a
//! generated grammar for any Python literal, which would cost more of a build than it spares lines here.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use ndarray::Array2;
use regex::Regex;
use thiserror::Error;

use crate::vectors::UnitRows;

/// The header ends on a multiple of this, so that the data is aligned.
const ALIGN: usize = 64;
/// Bytes before the header's text: magic, version, length.
const PREFIX: usize = 10;
const MAGIC: &[u8] = b"\x93NUMPY";
/// More than any header: NumPy itself refuses longer ones.
const LONGEST_HEADER: usize = 10_000;

/// Why an array was not read.
#[derive(Debug, Error)]
pub(super) enum NpyError {
    /// The system's.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It does not begin as NumPy's files do.
    #[error("no NumPy array: expected a file as numpy.save writes it")]
    NotNpy,
    /// It is another kind of array.
    #[error(
        "{field} is {found}: expected {expected}, as numpy.save(path, numpy.ascontiguousarray(vectors, dtype='float32')) writes it"
    )]
    Kind {
        /// What of it.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// The head promises more or fewer bytes than follow.
    #[error("{found} bytes follow the head: expected {expected} for the shape {shape:?}")]
    Size {
        /// Bytes there are.
        found: usize,
        /// Bytes expected.
        expected: usize,
        /// Shape in the head.
        shape: (usize, usize),
    },
}

/// Reads a float32 matrix.
///
/// # Errors
/// [`NpyError`].
pub(super) fn read(path: &Path) -> Result<Array2<f32>, NpyError> {
    let file = File::open(path)?;
    let size = file.metadata()?.len() as usize;
    let mut raw = BufReader::new(file);
    let (header, head_bytes) = read_header(&mut raw)?;
    let shape = shape(&header)?;
    let (found, values) = (size.saturating_sub(head_bytes), shape.0.saturating_mul(shape.1));
    let expected = values.saturating_mul(size_of::<f32>());
    if found != expected {
        return Err(NpyError::Size { found, expected, shape });
    }
    let mut numbers = Vec::with_capacity(values);
    let mut four = [0; size_of::<f32>()];
    for _ in 0..values {
        raw.read_exact(&mut four)?;
        numbers.push(f32::from_le_bytes(four));
    }
    Array2::from_shape_vec(shape, numbers).map_err(|_| NpyError::Size { found, expected, shape })
}

/// The header's text, and the bytes up to its end.
fn read_header(raw: &mut impl Read) -> Result<(String, usize), NpyError> {
    let mut begin = [0; 8];
    raw.read_exact(&mut begin).map_err(short)?;
    if !begin.starts_with(MAGIC) {
        return Err(NpyError::NotNpy);
    }
    let mut length = [0; 4];
    // Version 1 has two bytes for the length, later ones four.
    let bytes = if begin[MAGIC.len()] == 1 { 2 } else { 4 };
    raw.read_exact(&mut length[..bytes]).map_err(short)?;
    let count = u32::from_le_bytes(length) as usize;
    if count > LONGEST_HEADER {
        return Err(NpyError::NotNpy);
    }
    let mut header = vec![0; count];
    raw.read_exact(&mut header).map_err(short)?;
    Ok((String::from_utf8_lossy(&header).into_owned(), begin.len() + bytes + count))
}

/// A file that ends in its head is none.
fn short(error: io::Error) -> NpyError {
    if error.kind() == io::ErrorKind::UnexpectedEof { NpyError::NotNpy } else { NpyError::Io(error) }
}

/// The shape, where the rest is as it should be.
fn shape(header: &str) -> Result<(usize, usize), NpyError> {
    let value = |name: &str, form: &str| {
        let found = Regex::new(&format!("['\"]{name}['\"]\\s*:\\s*{form}")).ok()?.captures(header)?.get(1)?;
        Some(found.as_str().to_owned())
    };
    let descr = value("descr", "['\"]([^'\"]*)['\"]").ok_or(NpyError::NotNpy)?;
    if descr != "<f4" {
        return Err(NpyError::Kind { field: "its type", found: descr, expected: "<f4" });
    }
    let order = value("fortran_order", "(True|False)").ok_or(NpyError::NotNpy)?;
    let shape = value("shape", "\\(([^)]*)\\)").ok_or(NpyError::NotNpy)?;
    let sizes: Vec<usize> = shape.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let &[rows, dim] = sizes.as_slice() else {
        return Err(NpyError::Kind {
            field: "its shape",
            found: format!("({shape})"),
            expected: "(records, dimensions)",
        });
    };
    if order == "True" {
        return Err(NpyError::Kind { field: "its order", found: "Fortran's".to_owned(), expected: "C's" });
    }
    Ok((rows, dim))
}

/// Writes the head of an array of a shape; its rows follow.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_head(shape: (usize, usize), out: &mut dyn Write) -> io::Result<()> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape:?}, }}");
    let padding = (ALIGN - (PREFIX + header.len() + 1) % ALIGN) % ALIGN;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    out.write_all(MAGIC)?;
    out.write_all(b"\x01\x00")?;
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

    fn written() -> Vec<u8> {
        let mut bytes = Vec::new();
        write_head((2, 2), &mut bytes).unwrap();
        write_rows(&UnitRows::new(array![[0.6, 0.8], [1.0, 0.0]]).unwrap(), &mut bytes).unwrap();
        bytes
    }

    fn read_bytes(bytes: &[u8]) -> Result<Array2<f32>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_header_is_aligned_and_the_values_follow() {
        let bytes = written();
        assert_eq!(bytes.len(), 128 + 16);
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(bytes[10..].starts_with(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"));
        assert_eq!(bytes[127], b'\n');
        assert_eq!(&bytes[128..132], 0.6_f32.to_le_bytes());
    }

    #[test]
    fn what_was_written_is_read_back_in_every_version() {
        let (bytes, rows) = (written(), array![[0.6, 0.8], [1.0, 0.0]]);
        assert_eq!(read_bytes(&bytes), Ok(rows.clone()));
        let longer = [b"\x93NUMPY\x02\x00\x76\x00\x00\x00", &bytes[10..]].concat();
        assert_eq!(read_bytes(&longer), Ok(rows));
    }

    #[test]
    fn what_is_no_float32_matrix_of_whole_rows_is_refused_by_what_it_is() {
        let with = |from: &str, to: &str| {
            let bytes = written();
            let head = String::from_utf8_lossy(&bytes[10..128]).replace(from, to);
            read_bytes(&[&bytes[..8], &(head.len() as u16).to_le_bytes(), head.as_bytes(), &bytes[128..]].concat())
                .unwrap_err()
        };
        assert!(with("<f4", "<f8").starts_with("its type is <f8: expected <f4, as numpy.save("));
        assert!(with("False", "True").starts_with("its order is Fortran's: expected C's"));
        assert!(with("(2, 2)", "(4,)").starts_with("its shape is (4,): expected (records, dimensions)"));
        assert_eq!(with("(2, 2)", "(3, 2)"), "16 bytes follow the head: expected 24 for the shape (3, 2)");
        assert!(read_bytes(b"{\"id\": 1}").unwrap_err().starts_with("no NumPy array"));
        assert!(read_bytes(b"").unwrap_err().starts_with("no NumPy array"));
    }
}
