//! The rows nearest to each query, and the pairs that are near enough: scores as ndarray's `dot` adds them up, to the bit.

use rayon::prelude::*;

use super::super::call::Call;
use super::super::numbers::Kind;
use super::super::{Buffer, GpuError};

/// Queries and rows of one block's tile.
pub(crate) const NEAR_TILE: usize = 64;
/// Threads a block, and its bytes of shared memory: two steps of 8 components, and the tile's scores.
const THREADS: u32 = 256;
const SHARED: usize = (2 * 8 * (NEAR_TILE + 4) + NEAR_TILE * (NEAR_TILE + 1)) * size_of::<f32>();

/// Queries and rows, laid out by [`laid_out`], and which rows may answer.
#[derive(Debug)]
pub(crate) struct Sides<'a> {
    /// The queries.
    pub queries: &'a Buffer,
    /// The rows.
    pub rows: &'a Buffer,
    /// A whole number a query.
    pub query_labels: &'a Buffer,
    /// A whole number a row: a row of a query's own label does not answer it.
    pub row_labels: &'a Buffer,
    /// Added to each row's scores.
    pub offsets: &'a Buffer,
    /// Queries.
    pub query_count: usize,
    /// Rows.
    pub row_count: usize,
    /// Components of a vector.
    pub dim: usize,
}

/// The best rows of each query.
#[derive(Debug)]
pub(crate) struct Nearest<'a> {
    /// What is compared.
    pub sides: Sides<'a>,
    /// Shape `(parts, queries, k)`: rows, best first, then by row.
    pub best_rows: &'a Buffer,
    /// Their scores; minus infinity where there is no row.
    pub best_scores: &'a Buffer,
    /// Into how many parts the rows are divided, each with its own best.
    pub parts: usize,
    /// Rows a part: whole tiles.
    pub per_part: usize,
    /// Rows a query.
    pub k: usize,
}

/// Pairs of a query and a row that score enough, in no order.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    /// What is compared.
    pub sides: Sides<'a>,
    /// One whole number, which counts all pairs: 0 before.
    pub found: &'a Buffer,
    /// Query and row of as many pairs as there is room for.
    pub pair_rows: &'a Buffer,
    /// Their scores.
    pub pair_scores: &'a Buffer,
    /// The first query that is compared, and how many from there on.
    pub queries: (usize, usize),
    /// Only rows behind the query's own number.
    pub above: bool,
    /// The least score.
    pub at_least: f32,
}

/// Numbers of each of eight stretches, and of the ninth.
fn stretches(dim: usize) -> (usize, usize) {
    ((dim / 8).next_multiple_of(8), if dim.is_multiple_of(8) { 0 } else { 8 })
}

/// Vectors of `dim` components, laid out as the kernels read them: the components whose place is 0, 4, 1, 5, 2, 6, 3, 7
/// modulo 8, each filled up with zeros, then what is left over of eights.
pub(crate) fn laid_out(vectors: &[f32], dim: usize) -> Vec<f32> {
    let ((length, rest), eights) = (stretches(dim), dim / 8 * 8);
    let width = 8 * length + rest;
    let mut laid = vec![0.0; vectors.len() / dim.max(1) * width];
    laid.par_chunks_exact_mut(width.max(1)).zip(vectors.par_chunks_exact(dim.max(1))).for_each(|(to, vector)| {
        for (stretch, first) in [0, 4, 1, 5, 2, 6, 3, 7].into_iter().enumerate() {
            let part = vector[..eights].iter().skip(first).step_by(8);
            to[stretch * length..].iter_mut().zip(part).for_each(|(to, &value)| *to = value);
        }
        to[8 * length..][..dim - eights].copy_from_slice(&vector[eights..]);
    });
    laid
}

impl<'a> Sides<'a> {
    /// Numbers of a vector as it is laid out.
    fn width(&self) -> usize {
        let (length, rest) = stretches(self.dim);
        8 * length + rest
    }

    /// A call with the buffers that are read.
    fn call(&self, kernel: &'static str) -> Result<Call<'a>, GpuError> {
        Call::new(kernel, THREADS)
            .shared(SHARED)?
            .memory(self.queries, Kind::F32, self.query_count * self.width())?
            .memory(self.rows, Kind::F32, self.row_count * self.width())?
            .memory(self.query_labels, Kind::U32, self.query_count)?
            .memory(self.row_labels, Kind::U32, self.row_count)?
            .memory(self.offsets, Kind::F32, self.row_count)
    }

    /// A call with the sizes besides.
    fn sized(&self, call: Call<'a>) -> Result<Call<'a>, GpuError> {
        let (length, rest) = stretches(self.dim);
        call.int(self.query_count)?.int(self.row_count)?.int(length)?.int(rest)
    }
}

impl<'a> Nearest<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short, or for no rows a query.
    pub(crate) fn call(&self) -> Result<Call<'a>, GpuError> {
        let (sides, listed) = (&self.sides, self.parts * self.sides.query_count * self.k);
        let call = sides.call("nearest")?.blocks(sides.query_count.div_ceil(NEAR_TILE), self.parts)?;
        if self.k == 0 || !self.per_part.is_multiple_of(NEAR_TILE) {
            return Err(call.misfit("no rows a query, or parts that are not whole tiles"));
        }
        let call = call.memory(self.best_rows, Kind::U32, listed)?.memory(self.best_scores, Kind::F32, listed)?;
        sides.sized(call)?.int(self.per_part)?.int(self.k)
    }
}

impl<'a> Pairs<'a> {
    /// Its launch.
    ///
    /// # Errors
    /// [`GpuError::Misfit`] where a buffer is of another kind or too short.
    pub(crate) fn call(&self) -> Result<Call<'a>, GpuError> {
        let (sides, (first, count)) = (&self.sides, self.queries);
        let room = self.pair_scores.len();
        let call = sides.call("pairs")?.blocks(sides.row_count.div_ceil(NEAR_TILE), count.div_ceil(NEAR_TILE))?;
        if !first.is_multiple_of(NEAR_TILE) || first + count > sides.query_count {
            return Err(call.misfit("queries that do not begin with a tile, or that there are not"));
        }
        let call = call.memory(self.found, Kind::U32, 1)?;
        let call = call.memory(self.pair_rows, Kind::U32, 2 * room)?.memory(self.pair_scores, Kind::F32, room)?;
        Ok(sides.sized(call)?.int(first)?.int(room)?.int(usize::from(self.above))?.float(self.at_least))
    }
}
