//! What enters a product: rows narrowed to bf16, or to bytes with a step and a zero of each row.
//!
//! Bytes: `x = step (q - zero)` with q from 0 to 255, so that a row's smallest and largest value (and zero) are the ends
//! of its own scale; weights `w = step v` with v from -127 to 127 and a step of each output. Then
//! `sum x w = step step' (sum q v - zero sum v)`, whose sums are exact. Source: Jacob et al. 2018 (arXiv 1712.05877),
//! section 2.3, with a scale of each row instead of one of all.

use super::super::aligned::per_line;
use super::super::simd::{Simd, bounds, poison, vectorised};
use super::halves::{BLOCK, narrowed, widened};
use super::kernel::{Session, prefetch};
use super::packed::Packed;
use super::tiles::Tiles;

/// Adding and taking away 1.5 * 2^23 rounds a small float to the nearest integer, whose low bits it then ends in.
const ROUND: f32 = 12_582_912.0;
/// bf16 numbers and bytes of a cache line.
const HALVES: usize = per_line::<u16>();
const BYTES: usize = per_line::<u8>();
/// The largest byte on the left.
const MOST: f32 = 255.0;
/// A range below it is none: what it would be divided into is no number.
const LEAST: f32 = f32::MIN_POSITIVE * MOST;
/// The largest byte on the right. Not 128: a scale that is the same up and down.
const MOST_SIGNED: f32 = 127.0;

/// Rows as one side of a product, and the weights that they are multiplied with.
pub(super) trait Operand: Default {
    /// The other side.
    type Weights: Send + Sync;

    /// Packs weights given by their outputs: `count` times `inner` values.
    fn pack(outputs: &[f32], sizes: (usize, usize)) -> Self::Weights;

    /// Makes room for `rows` of `width` values.
    fn fit(&mut self, rows: usize, width: usize);

    /// Narrows a row. To be inlined where loops are vectorised.
    fn set<S: Simd>(&mut self, simd: S, row: usize, values: &[f32]);

    /// As [`Operand::set`], of bf16 numbers, for which `room` has room in 32 bits.
    fn set_halves<S: Simd>(&mut self, simd: S, row: usize, values: &[u16], room: &mut [f32]);

    /// `out[r * stride + c]` is row `r` of a block times output `c` of a panel, 32 of each.
    fn multiply(&self, with: &mut Hands<'_>, weights: &Self::Weights, at: (usize, usize), out: (&mut [f32], usize));

    /// Asks for the first, second, ... of so many parts of a panel, which will be multiplied soon.
    fn prefetch(weights: &Self::Weights, panel: usize, part: (usize, usize));

    /// Where a block of bf16 numbers is written as it is, row after row, if it can be.
    fn halves_mut(&mut self, at: (usize, usize)) -> Option<&mut [u16]>;
}

/// What multiplies, and where sums of bytes stand until they mean something.
pub(super) struct Hands<'a> {
    session: &'a Session,
    whole: [i32; BLOCK * BLOCK],
}

impl<'a> Hands<'a> {
    pub(super) fn of(session: &'a Session) -> Self {
        Self { session, whole: [0; BLOCK * BLOCK] }
    }
}

/// Rows of bf16 numbers.
#[derive(Debug, Default)]
pub(super) struct HalfRows(Tiles<u16>);

/// Rows of bytes.
#[derive(Debug, Default)]
pub(super) struct ByteRows {
    tiles: Tiles<u8>,
    scales: Vec<Scale>,
}

/// What the bytes of a row mean.
#[derive(Debug, Clone, Copy, Default)]
struct Scale {
    step: f32,
    zero: f32,
}

/// Weights as bytes, what they mean, and their sums: filled up with zeros to whole panels.
pub(super) struct ByteWeights {
    packed: Packed<i8>,
    steps: Vec<f32>,
    /// The sum of each output's bytes times its step.
    sums: Vec<f32>,
}

impl Operand for HalfRows {
    type Weights = Packed<u16>;

    fn pack(outputs: &[f32], (inner, count): (usize, usize)) -> Self::Weights {
        let halves: Vec<u16> = outputs.iter().map(|&value| narrowed(value)).collect();
        let mut packed = Packed::default();
        packed.fill_from_columns(&halves, inner, (inner, count));
        packed
    }

    fn fit(&mut self, rows: usize, width: usize) {
        self.0.fit(rows, width);
    }

    #[inline(always)]
    fn set<S: Simd>(&mut self, _: S, row: usize, values: &[f32]) {
        for (line, values) in self.0.row_mut(row).zip(values.chunks(per_line::<u16>())) {
            match (<&mut [u16; HALVES]>::try_from(&mut *line), <&[f32; HALVES]>::try_from(values)) {
                (Ok(line), Ok(values)) => *line = each(values, narrowed),
                _ => line.iter_mut().zip(values).for_each(|(to, &from)| *to = narrowed(from)),
            }
        }
    }

    #[inline(always)]
    fn set_halves<S: Simd>(&mut self, _: S, row: usize, values: &[u16], _: &mut [f32]) {
        for (line, values) in self.0.row_mut(row).zip(values.chunks(per_line::<u16>())) {
            line.iter_mut().zip(values).for_each(|(to, &from)| *to = from);
        }
    }

    fn multiply(&self, with: &mut Hands<'_>, weights: &Self::Weights, at: (usize, usize), out: (&mut [f32], usize)) {
        with.session.halves(self.0.block(at.0), weights.panel(at.1), out.0, out.1);
    }

    fn prefetch(weights: &Self::Weights, panel: usize, part: (usize, usize)) {
        prefetch(weights.panel(panel), part);
    }

    fn halves_mut(&mut self, (block, panel): (usize, usize)) -> Option<&mut [u16]> {
        Some(self.0.step_mut(block, panel))
    }
}

impl Operand for ByteRows {
    type Weights = ByteWeights;

    fn pack(outputs: &[f32], (inner, count): (usize, usize)) -> Self::Weights {
        let mut bytes = Vec::with_capacity(outputs.len());
        let padded = count.next_multiple_of(BLOCK);
        let (mut steps, mut sums) = (vec![0.0; padded], vec![0.0; padded]);
        for (at, values) in outputs.chunks(inner.max(1)).enumerate() {
            let largest = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            let inverse = if largest < LEAST { 0.0 } else { MOST_SIGNED / largest };
            let from = bytes.len();
            bytes.extend(values.iter().map(|value| (value * inverse + ROUND).to_bits() as i8));
            steps[at] = largest / MOST_SIGNED;
            sums[at] = steps[at] * bytes[from..].iter().map(|&byte| i32::from(byte)).sum::<i32>() as f32;
        }
        let mut packed = Packed::default();
        packed.fill_from_columns(&bytes, inner, (inner, count));
        ByteWeights { packed, steps, sums }
    }

    fn fit(&mut self, rows: usize, width: usize) {
        self.tiles.fit(rows, width);
        self.scales.resize(rows.next_multiple_of(BLOCK), Scale::default());
    }

    #[inline(always)]
    fn set<S: Simd>(&mut self, simd: S, row: usize, values: &[f32]) {
        let (low, high) = bounds(simd, values, (0.0, 0.0));
        // What is no number makes the sums none either, rather than a byte like any other.
        let range = high - low + poison(simd, values);
        let inverse = if range < LEAST { 0.0 } else { MOST / range };
        let zero = (-low * inverse + ROUND) - ROUND;
        let byte = |value: f32| ((value * inverse + zero).clamp(0.0, MOST) + ROUND).to_bits() as u8;
        for (line, values) in self.tiles.row_mut(row).zip(values.chunks(BYTES)) {
            match (<&mut [u8; BYTES]>::try_from(&mut *line), <&[f32; BYTES]>::try_from(values)) {
                (Ok(line), Ok(values)) => *line = each(values, byte),
                _ => line.iter_mut().zip(values).for_each(|(to, &from)| *to = byte(from)),
            }
        }
        self.scales[row] = Scale { step: range / MOST, zero };
    }

    #[inline(always)]
    fn set_halves<S: Simd>(&mut self, simd: S, row: usize, values: &[u16], room: &mut [f32]) {
        for (to, from) in room.chunks_mut(HALVES).zip(values.chunks(HALVES)) {
            match (<&mut [f32; HALVES]>::try_from(&mut *to), <&[u16; HALVES]>::try_from(from)) {
                (Ok(to), Ok(from)) => *to = each(from, widened),
                _ => to.iter_mut().zip(from).for_each(|(to, &from)| *to = widened(from)),
            }
        }
        self.set(simd, row, &room[..values.len()]);
    }

    fn multiply(&self, with: &mut Hands<'_>, weights: &Self::Weights, at: (usize, usize), out: (&mut [f32], usize)) {
        with.session.bytes(self.tiles.block(at.0), weights.packed.panel(at.1), &mut with.whole, BLOCK);
        let columns = at.1 * BLOCK..(at.1 + 1) * BLOCK;
        let (Ok(steps), Ok(sums)) = ((&weights.steps[columns.clone()]).try_into(), (&weights.sums[columns]).try_into())
        else {
            return;
        };
        mean(&with.whole, &self.scales[at.0 * BLOCK..], (steps, sums), out);
    }

    fn prefetch(weights: &Self::Weights, panel: usize, part: (usize, usize)) {
        prefetch(weights.packed.panel(panel), part);
    }

    fn halves_mut(&mut self, _: (usize, usize)) -> Option<&mut [u16]> {
        None
    }
}

/// `apply` of each value. By itself and not in place, so that the compiler need not ask what lies where.
#[inline(always)]
pub(super) fn each<T: Copy, U: Copy + Default, const N: usize>(values: &[T; N], apply: impl Fn(T) -> U) -> [U; N] {
    let mut out = [U::default(); N];
    for at in 0..N {
        out[at] = apply(values[at]);
    }
    out
}

/// What sums of bytes mean.
fn mean(
    whole: &[i32; BLOCK * BLOCK],
    scales: &[Scale],
    (steps, sums): (&[f32; BLOCK], &[f32; BLOCK]),
    (out, stride): (&mut [f32], usize),
) {
    vectorised(
        #[inline(always)]
        || {
            let (rows, _) = whole.as_chunks::<BLOCK>();
            for ((whole, scale), out) in rows.iter().zip(scales).zip(out.chunks_mut(stride)) {
                if let Some((out, _)) = out.split_first_chunk_mut::<BLOCK>() {
                    let mut meant = [0.0; BLOCK];
                    for at in 0..BLOCK {
                        meant[at] = scale.step * (whole[at] as f32).mul_add(steps[at], -scale.zero * sums[at]);
                    }
                    *out = meant;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::halves::Halves;
    use super::super::kernel::{Kernel, Operands};
    use super::super::rows::{enter, enter_floats};
    use super::*;

    /// Multiplies 33 rows with 40 outputs, of values from -1 to 3 and from -1 to 1; the largest error of a sum.
    fn error<O: Operand>(operands: Operands, inner: usize, seed: usize) -> f32 {
        let value = |at: usize| ((at * 7_919 + seed * 104_729) % 1_009) as f32 / 1_009.0;
        let rows: Vec<f32> = (0..33 * inner).map(|at| value(at) * 4.0 - 1.0).collect();
        let outputs: Vec<f32> = (0..40 * inner).map(|at| value(at + 17) * 2.0 - 1.0).collect();
        let weights = O::pack(&outputs, (inner, 40));
        let mut left = O::default();
        left.fit(33, inner);
        enter_floats(&rows, inner, &mut left);
        let session = Kernel::best(operands).session();
        let mut most = 0.0_f32;
        for (block, panel) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let mut sums = [0.0; BLOCK * BLOCK];
            left.multiply(&mut Hands::of(&session), &weights, (block, panel), (&mut sums, BLOCK));
            for row in (0..BLOCK).filter(|row| block * BLOCK + row < 33) {
                for column in (0..BLOCK).filter(|column| panel * BLOCK + column < 40) {
                    let (left, right) =
                        (&rows[(block * BLOCK + row) * inner..], &outputs[(panel * BLOCK + column) * inner..]);
                    let exact: f32 = (0..inner).map(|k| left[k] * right[k]).sum();
                    most = most.max((sums[row * BLOCK + column] - exact).abs());
                }
            }
        }
        most
    }

    proptest! {
        #[test]
        fn products_are_near_the_exact_ones(inner in 1_usize..200, seed in 0_usize..1_000) {
            // A step of the rows is 4 / 255, one of the weights 1 / 127: half of each is lost, and grows by a root.
            let most = 0.02 * (inner as f32).sqrt() + 0.03;
            prop_assert!(error::<ByteRows>(Operands::Int8, inner, seed) < most);
            prop_assert!(error::<HalfRows>(Operands::Bf16, inner, seed) < most);
        }
    }

    #[test]
    fn zeros_and_the_ends_of_a_row_are_exact() {
        let mut rows = ByteRows::default();
        rows.fit(5, 3);
        enter_floats(
            &[0.0, 0.0, 0.0, -1.0, 0.0, 4.1, 2.0, 2.0, 2.0, 1e-37, 0.0, 0.0, 1.0, f32::NAN, 0.0],
            3,
            &mut rows,
        );
        let read = |row: usize| {
            let Scale { step, zero } = rows.scales[row];
            rows.tiles.block(0)[row * 64..][..3].iter().map(|&q| step * (f32::from(q) - zero)).collect::<Vec<f32>>()
        };
        assert_eq!((read(0), read(2)), (vec![0.0; 3], vec![2.0; 3]));
        assert!(read(3).iter().all(|value| value.abs() < 1e-37), "a range too small to divide by");
        assert!(read(4).iter().all(|value| value.is_nan()), "what is no number stays none");
        assert!(read(1)[1] == 0.0 && read(1).iter().zip([-1.0, 0.0, 4.1]).all(|(a, b)| (a - b).abs() <= 0.01));
    }

    #[test]
    fn halves_enter_as_what_they_are() {
        let values = [0.5, -3.0, 1.0];
        let mut halves = Halves::default();
        halves.fit(1, 3);
        halves.rows_mut(0)[..3].copy_from_slice(&values.map(narrowed));
        let (mut by_half, mut by_float) = (ByteRows::default(), ByteRows::default());
        by_half.fit(1, 3);
        by_float.fit(1, 3);
        enter(&halves, (1, 3), &mut by_half);
        enter_floats(&values, 3, &mut by_float);
        assert_eq!(by_half.tiles.block(0), by_float.tiles.block(0));
    }
}
