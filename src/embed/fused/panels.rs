//! Weights of 32 bits as a product reads them, and that product: one line of memory after the other.
//!
//! Columns are taken a panel at a time, and a panel is so wide that its sums with six rows fill the processor's registers.
//! Within a panel the values of one inner index lie side by side, so that a product streams through the weights once for
//! every six rows. A library for products packs its operands at every call instead, which for the dozen rows of a question
//! takes longer than the product: benches/runs has what that is worth.
//!
//! Every sum is added up in the order of the inner index, whatever rows and columns are computed beside it.

use candle_core::{Result, bail};
use rayon::prelude::*;

use super::aligned::Aligned;
use super::simd::{Simd, WithSimd, with_vectors};

/// Rows multiplied at once.
const TOGETHER: usize = 6;

/// A matrix of `(inner, columns)`, packed.
pub(super) struct Panels {
    /// Panel after panel of shape `(inner, width)`; the last is filled up with zeros.
    values: Aligned<f32>,
    inner: usize,
    columns: usize,
    width: usize,
}

impl Panels {
    /// All zeros. `inner` is not 0.
    pub(super) fn zeros(inner: usize, columns: usize) -> Self {
        let width = with_vectors(Width);
        let mut values = Aligned::default();
        values.fit(inner * columns.next_multiple_of(width));
        Self { values, inner, columns, width }
    }

    /// Sets columns from `first` on; `columns` holds them one after the other.
    pub(super) fn set(&mut self, first: usize, columns: &[f32]) {
        let (inner, width) = (self.inner, self.width);
        let (mut first, mut rest) = (first, columns);
        while !rest.is_empty() {
            // As many as lie in one panel: a line of each inner index is written whole.
            let count = (width - first % width).min(rest.len() / inner);
            let (now, later) = rest.split_at(count * inner);
            let panel = &mut self.values.all_mut()[first / width * width * inner..][..width * inner];
            for (index, line) in panel.chunks_exact_mut(width).enumerate() {
                for (column, value) in line[first % width..][..count].iter_mut().enumerate() {
                    *value = now[column * inner + index];
                }
            }
            (first, rest) = (first + count, later);
        }
    }

    /// `out = rows * self`, both row after row; on all threads of the current rayon pool where `spread`, else on this one.
    ///
    /// # Errors
    /// Where `rows` are no whole rows or `out` has not as many, which would be a mistake in this crate.
    pub(super) fn multiply(&self, rows: &[f32], out: &mut [f32], spread: bool) -> Result<()> {
        let count = rows.len() / self.inner;
        if count * self.inner != rows.len() || count * self.columns != out.len() {
            let Self { inner, columns, .. } = self;
            bail!("{} values times {inner} x {columns} into {}: expected whole rows", rows.len(), out.len());
        }
        let (full, panels) = (self.columns / self.width, self.columns.div_ceil(self.width));
        if spread {
            let sums: Vec<Vec<f32>> = (0..panels).into_par_iter().map(|panel| self.apart(panel, rows)).collect();
            sums.iter().enumerate().for_each(|(panel, sums)| self.place(panel, sums, out));
            return Ok(());
        }
        for panel in 0..full {
            self.panel(panel, rows, (out, self.columns, panel * self.width));
        }
        if full < panels {
            self.place(full, &self.apart(full, rows), out);
        }
        Ok(())
    }

    /// The sums of one panel, in rows of its width.
    fn apart(&self, panel: usize, rows: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0; rows.len() / self.inner * self.width];
        self.panel(panel, rows, (&mut sums, self.width, 0));
        sums
    }

    /// Copies the sums of one panel to where they belong.
    fn place(&self, panel: usize, sums: &[f32], out: &mut [f32]) {
        let first = panel * self.width;
        let count = self.width.min(self.columns - first);
        for (sums, out) in sums.chunks_exact(self.width).zip(out.chunks_exact_mut(self.columns)) {
            out[first..first + count].copy_from_slice(&sums[..count]);
        }
    }

    /// The sums of one panel into rows of `stride` values, from their value `at` on.
    fn panel(&self, panel: usize, rows: &[f32], (out, stride, at): (&mut [f32], usize, usize)) {
        let length = self.inner * self.width;
        let values = &self.values.all()[panel * length..][..length];
        with_vectors(Product { values, inner: self.inner, rows, out, stride, at });
    }
}

/// Vectors of a panel's line, of this many bytes each. With six rows they leave a register or more for what is multiplied:
/// AVX2 has 16 registers, AVX-512 and NEON have 32.
const fn vectors_of(bytes: usize) -> usize {
    if bytes == 32 { 2 } else { 4 }
}

/// Columns of a panel on this processor.
struct Width;

impl WithSimd for Width {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        vectors_of(size_of::<S::f32s>()) * size_of::<S::f32s>() / size_of::<f32>()
    }
}

/// Rows times one panel.
struct Product<'a> {
    values: &'a [f32],
    inner: usize,
    rows: &'a [f32],
    out: &'a mut [f32],
    stride: usize,
    at: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match vectors_of(size_of::<S::f32s>()) {
            2 => self.blocks::<S, 2>(simd),
            _ => self.blocks::<S, 4>(simd),
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn blocks<S: Simd, const VECTORS: usize>(self, simd: S) {
        let lines = S::as_simd_f32s(self.values).0.as_chunks::<VECTORS>().0;
        let blocks = self.rows.chunks(TOGETHER * self.inner).zip(self.out.chunks_mut(TOGETHER * self.stride));
        for (rows, out) in blocks {
            let to = (out, self.stride, self.at);
            match rows.len() / self.inner {
                1 => block::<S, VECTORS, 1>(simd, lines, rows, to),
                2 => block::<S, VECTORS, 2>(simd, lines, rows, to),
                3 => block::<S, VECTORS, 3>(simd, lines, rows, to),
                4 => block::<S, VECTORS, 4>(simd, lines, rows, to),
                5 => block::<S, VECTORS, 5>(simd, lines, rows, to),
                _ => block::<S, VECTORS, TOGETHER>(simd, lines, rows, to),
            }
        }
    }
}

/// So many rows times the lines of a panel.
#[inline(always)]
fn block<S: Simd, const VECTORS: usize, const ROWS: usize>(
    simd: S,
    lines: &[[S::f32s; VECTORS]],
    rows: &[f32],
    (out, stride, at): (&mut [f32], usize, usize),
) {
    let rows: [&[f32]; ROWS] = std::array::from_fn(|row| &rows[row * lines.len()..][..lines.len()]);
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (index, line) in lines.iter().enumerate() {
        for (row, sums) in rows.iter().zip(&mut sums) {
            let value = simd.splat_f32s(row[index]);
            for (sum, &weight) in sums.iter_mut().zip(line) {
                *sum = simd.mul_add_e_f32s(value, weight, *sum);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        let out = S::as_mut_simd_f32s(&mut out[row * stride + at..]).0;
        out[..VECTORS].copy_from_slice(sums);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(count: usize, salt: usize) -> Vec<f32> {
        (0..count).map(|at| ((at * 37 + salt) % 101) as f32 / 101.0 - 0.5).collect()
    }

    fn packed(stored: &[f32], inner: usize) -> Panels {
        let mut panels = Panels::zeros(inner, stored.len() / inner);
        // In two parts, as maps that are joined are.
        let (left, right) = stored.split_at(stored.len() / inner / 3 * inner);
        panels.set(0, left);
        panels.set(left.len() / inner, right);
        panels
    }

    proptest! {
        #[test]
        fn a_product_is_sums_of_products(rows in 0_usize..20, inner in 1_usize..70, columns in 1_usize..200) {
            let (left, stored) = (values(rows * inner, 11), values(columns * inner, 5));
            let mut out = vec![9.0; rows * columns];
            packed(&stored, inner).multiply(&left, &mut out, false).unwrap();
            for (at, &got) in out.iter().enumerate() {
                let (row, column) = (&left[at / columns * inner..], &stored[at % columns * inner..][..inner]);
                let sum: f32 = row.iter().zip(column).map(|(a, b)| a * b).sum();
                prop_assert!((got - sum).abs() < 1e-5, "{got} {sum}");
            }
        }

        #[test]
        fn a_row_is_the_same_bytes_in_any_company(rows in 1_usize..20, inner in 1_usize..70, columns in 1_usize..200) {
            let (left, panels) = (values(rows * inner, 3), packed(&values(columns * inner, 8), inner));
            let (mut all, mut spread) = (vec![0.0; rows * columns], vec![0.0; rows * columns]);
            panels.multiply(&left, &mut all, false).unwrap();
            panels.multiply(&left, &mut spread, true).unwrap();
            prop_assert_eq!(&all, &spread);
            for (row, expected) in left.chunks(inner).zip(all.chunks(columns)) {
                let mut alone = vec![0.0; columns];
                panels.multiply(row, &mut alone, false).unwrap();
                prop_assert_eq!(&alone[..], expected);
            }
        }
    }

    #[test]
    fn buffers_of_another_size_are_refused() {
        let panels = Panels::zeros(3, 2);
        let run = |rows: usize, out: usize| panels.multiply(&vec![0.0; rows], &mut vec![0.0; out], false).is_ok();
        assert_eq!([run(6, 4), run(5, 4), run(6, 3), run(6, 5)], [true, false, false, false]);
    }
}
