//! The door to the `gemm` crate's matrix products: slices with shapes, every length checked before a pointer is made.
//!
//! One thread each; the batches run side by side. Not here: which products a model needs (`layer`).

#![allow(unsafe_code, reason = "gemm takes pointers: this file is the only one that gives it any")]

use gemm::Parallelism;

/// A matrix inside a slice: element `(r, c)` lies at `start + r * row + c * column`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Place {
    /// Rows of `width` values from the start of the slice.
    pub(super) fn rows(width: usize) -> Self {
        Self { start: 0, row: width, column: 1 }
    }

    /// The same values with rows and columns exchanged.
    pub(super) fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }

    /// Whether `rows x columns` elements lie inside a slice of `length` values.
    fn fits(self, rows: usize, columns: usize, length: usize) -> bool {
        let last = |count: usize, step: usize| count.checked_sub(1).and_then(|count| count.checked_mul(step));
        let end = last(rows, self.row)
            .zip(last(columns, self.column))
            .and_then(|(row, column)| row.checked_add(column).and_then(|offset| offset.checked_add(self.start)));
        rows == 0 || columns == 0 || end.is_some_and(|end| end < length)
    }
}

/// The sizes of a product: `(rows, inner)` times `(inner, columns)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) rows: usize,
    pub(super) inner: usize,
    pub(super) columns: usize,
}

/// `out = scale * left * right`.
///
/// # Errors
/// Where a matrix does not lie inside its slice or rows of `out` overlap; nothing is written then.
#[allow(clippy::needless_pass_by_value, reason = "`out` holds the only reference to what is written")]
pub(super) fn product(
    sizes: Sizes,
    out: (&mut [f32], Place),
    left: (&[f32], Place),
    right: (&[f32], Place),
    scale: f32,
) -> candle_core::Result<()> {
    let Sizes { rows, inner, columns } = sizes;
    let inside = out.1.fits(rows, columns, out.0.len())
        && left.1.fits(rows, inner, left.0.len())
        && right.1.fits(inner, columns, right.0.len());
    if !inside || out.1.column != 1 || out.1.row < columns {
        candle_core::bail!("a product of {rows} x {inner} and {inner} x {columns} leaves its buffers");
    }
    let (to, left_from, right_from) = (
        out.0.as_mut_ptr().wrapping_add(out.1.start),
        left.0.as_ptr().wrapping_add(left.1.start),
        right.0.as_ptr().wrapping_add(right.1.start),
    );
    // SAFETY: `fits` showed that every element gemm reads or writes lies in its slice; `out` is borrowed
    // exclusively, so nothing it writes is read as an operand; its rows do not overlap. Slices hold at most
    // isize::MAX bytes and a stride that is used is shorter than its slice, so the casts keep the value; a stride
    // of a single row or column is never followed.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            to,
            out.1.column as isize,
            out.1.row as isize,
            false,
            left_from,
            left.1.column as isize,
            left.1.row as isize,
            right_from,
            right.1.column as isize,
            right.1.row as isize,
            0.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_product_is_sums_of_products(rows in 1_usize..40, inner in 1_usize..70, columns in 1_usize..40, flip: bool) {
            let value = |at: usize| ((at * 37 + 11) % 101) as f32 / 101.0 - 0.5;
            let left: Vec<f32> = (0..rows * inner).map(value).collect();
            let right: Vec<f32> = (5..5 + inner * columns).map(value).collect();
            let place = if flip { Place::rows(inner).transposed() } else { Place::rows(columns) };
            let mut out = vec![9.0; rows * (columns + 3)];
            let to = Place::rows(columns + 3);
            product(Sizes { rows, inner, columns }, (&mut out, to), (&left, Place::rows(inner)), (&right, place), 0.5).unwrap();
            for (row, values) in out.chunks_exact(columns + 3).enumerate() {
                for (column, &got) in values[..columns].iter().enumerate() {
                    let terms = (0..inner).map(|k| left[row * inner + k] * right[k * place.row + column * place.column]);
                    prop_assert!((got - 0.5 * terms.sum::<f32>()).abs() < 1e-5);
                }
                prop_assert_eq!(&values[columns..], &[9.0; 3]);
            }
        }
    }

    #[test]
    fn a_matrix_outside_its_slice_is_refused() {
        let (left, right, mut out) = ([1.0; 6], [1.0; 6], [0.0; 4]);
        let sizes = Sizes { rows: 2, inner: 3, columns: 2 };
        let mut run =
            |to: Place, from: Place| match product(sizes, (&mut out, to), (&left, from), (&right, Place::rows(2)), 1.0)
            {
                Ok(()) => "done".to_owned(),
                Err(error) => error.to_string().lines().next().unwrap().to_owned(),
            };
        assert_eq!(run(Place::rows(2), Place::rows(3)), "done");
        let refused = "a product of 2 x 3 and 3 x 2 leaves its buffers";
        assert_eq!(run(Place::rows(3), Place::rows(3)), refused);
        assert_eq!(run(Place::rows(2), Place::rows(4)), refused);
        assert_eq!(run(Place::rows(2), Place { start: 1, ..Place::rows(3) }), refused);
        assert_eq!(run(Place::rows(2), Place { row: usize::MAX, ..Place::rows(3) }), refused);
        assert_eq!(run(Place::rows(1), Place::rows(3)), refused, "rows that overlap");
    }
}
