//! The nearest rows, near pairs and nearest centroids on an NVIDIA card: [`nearest_plain`](super::exact::nearest_plain)'s
//! own answers.
//!
//! Scores are added up in the very order of the definition, in 32-bit floats, so that they are equal to the bit, ties
//! included. They are computed tile by tile and selected where they are; neither the card nor this machine ever holds a
//! matrix of all of them. All rows are on the card at once.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::exact::Neighbour;
use crate::gpu::{Buffer, Gpu, GpuError, Kind, Lane, NEAR_TILE, Nearest, Pairs, Sides, laid_out};
use crate::vectors::UnitRows;

/// Queries of one launch.
const QUERIES: usize = 16_384;
/// Blocks that keep any card's every part busy: where there are fewer tiles of queries, rows are divided into parts.
const BLOCKS: usize = 1_024;
/// Pairs there is room for at first.
const PAIRS: usize = 1 << 20;

/// Which rows may answer which query.
#[derive(Debug, Clone, Copy)]
pub enum Rule<'a> {
    /// Every row.
    Any,
    /// Every row but that of the query's own number: the queries are the rows.
    OtherRow,
    /// Rows of another label than the query's: one label a query, and one a row.
    OtherLabel(&'a [u32], &'a [u32]),
}

/// Two rows that are near enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearPair {
    /// The lower row.
    pub left: usize,
    /// The higher row.
    pub right: usize,
    /// Their cosine.
    pub cosine: f32,
}

/// For each query the `k` allowed rows of highest cosine, best first, then by row: the same as
/// [`nearest_plain`](super::exact::nearest_plain), to the bit.
///
/// `queries` has shape `(n_queries, dim)`, `rows` `(n_rows, dim)`.
///
/// # Errors
/// [`GpuError::OutOfMemory`] where the rows do not fit, [`GpuError::Misfit`] for labels that are not one each or vectors of
/// other components, or what the driver fails with.
pub fn nearest_on(
    gpu: &Gpu,
    (queries, rows): (&UnitRows, &UnitRows),
    k: usize,
    rule: Rule<'_>,
) -> Result<Vec<Vec<Neighbour>>, GpuError> {
    let k = k.min(rows.len());
    if k == 0 || queries.is_empty() {
        return Ok(vec![Vec::new(); queries.len()]);
    }
    let mut side = Side::load(gpu, rows.view(), &vec![0.0; rows.len()])?;
    let (asked, labels) = labels(rule, (queries.len(), rows.len()))?;
    let labels = side.integers(&labels)?;
    let mut found = Vec::with_capacity(queries.len());
    for start in (0..queries.len()).step_by(QUERIES) {
        let end = (start + QUERIES).min(queries.len());
        let part = queries.view().slice_move(ndarray::s![start..end, ..]);
        found.extend(side.nearest(part, (&asked[start..end], &labels), k)?);
    }
    Ok(found)
}

/// All pairs of rows whose cosine is at least `at_least`, and that `rule` allows; by left row, then by right.
///
/// # Errors
/// As [`nearest_on`].
pub fn pairs_on(gpu: &Gpu, rows: &UnitRows, at_least: f32, rule: Rule<'_>) -> Result<Vec<NearPair>, GpuError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut side = Side::load(gpu, rows.view(), &vec![0.0; rows.len()])?;
    let (_, labels) = labels(rule, (rows.len(), rows.len()))?;
    let labels = match rule {
        // Rows behind the query's own are others.
        Rule::Any | Rule::OtherRow => (0..rows.len() as u32).collect(),
        Rule::OtherLabel(..) => labels,
    };
    let labels = side.integers(&labels)?;
    let mut found = Vec::new();
    // So few queries that a number of 32 bits counts their pairs.
    let most = (u32::MAX as usize / rows.len() / NEAR_TILE).clamp(1, QUERIES / NEAR_TILE) * NEAR_TILE;
    for start in (0..rows.len()).step_by(most) {
        found.extend(side.pairs(&labels, (start, most.min(rows.len() - start)), at_least)?);
    }
    Ok(found)
}

/// For each row the centroid at the least Euclidean distance, the lower of two: as [`assign_plain`], to the bit.
///
/// # Errors
/// As [`nearest_on`].
pub fn assign_on(gpu: &Gpu, rows: &UnitRows, centroids: ArrayView2<'_, f32>) -> Result<Vec<usize>, GpuError> {
    if rows.is_empty() || centroids.is_empty() {
        return Ok(vec![0; rows.len()]);
    }
    // The order of memory decides in which order `dot` adds up.
    let centroids = centroids.as_standard_layout();
    let offsets: Vec<f32> = centroids.rows().into_iter().map(offset).collect();
    let mut side = Side::load(gpu, centroids.view(), &offsets)?;
    let labels = side.integers(&vec![0; centroids.nrows()])?;
    let mut found = Vec::with_capacity(rows.len());
    for start in (0..rows.len()).step_by(QUERIES) {
        let end = (start + QUERIES).min(rows.len());
        let part = rows.view().slice_move(ndarray::s![start..end, ..]);
        let near = side.nearest(part, (&vec![1; end - start], &labels), 1)?;
        found.extend(near.iter().map(|of| of.first().map_or(0, |near| near.row)));
    }
    Ok(found)
}

/// The definition of [`assign_on`]: the centroid of the highest `row . centroid - |centroid|^2 / 2`, which is that at the
/// least distance.
pub fn assign_plain(rows: &UnitRows, centroids: ArrayView2<'_, f32>) -> Vec<usize> {
    let centroids = centroids.as_standard_layout();
    let score = |row: usize, centroid: ArrayView1<'_, f32>| rows.row(row).dot(&centroid) + offset(centroid);
    let of_row = |row: usize| {
        let scores = centroids.rows().into_iter().map(|centroid| score(row, centroid)).enumerate();
        scores.fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best }).0
    };
    (0..rows.len()).map(of_row).collect()
}

fn offset(centroid: ArrayView1<'_, f32>) -> f32 {
    -0.5 * centroid.dot(&centroid)
}

/// Labels of queries and of rows.
fn labels(rule: Rule<'_>, (queries, rows): (usize, usize)) -> Result<(Vec<u32>, Vec<u32>), GpuError> {
    let misfit = |what| Err(GpuError::Misfit { kernel: "nearest", what });
    match rule {
        Rule::Any => Ok((vec![1; queries], vec![0; rows])),
        Rule::OtherRow if queries != rows => misfit("other queries than rows"),
        Rule::OtherRow => Ok(((0..queries as u32).collect(), (0..rows as u32).collect())),
        Rule::OtherLabel(asked, labels) if asked.len() != queries || labels.len() != rows => {
            misfit("labels that are not one each")
        }
        Rule::OtherLabel(asked, labels) => Ok((asked.to_vec(), labels.to_vec())),
    }
}

/// Rows on a card, and a stream of work with them.
struct Side<'a> {
    gpu: &'a Gpu,
    lane: Lane,
    held: Held,
}

/// Rows on a card.
struct Held {
    rows: Buffer,
    offsets: Buffer,
    count: usize,
    dim: usize,
}

impl<'a> Side<'a> {
    fn load(gpu: &'a Gpu, rows: ArrayView2<'_, f32>, offsets: &[f32]) -> Result<Self, GpuError> {
        let mut lane = gpu.lane()?;
        let (count, dim) = rows.dim();
        let (rows, offsets) = (floats(gpu, &mut lane, &laid(rows))?, floats(gpu, &mut lane, offsets)?);
        Ok(Self { gpu, lane, held: Held { rows, offsets, count, dim } })
    }

    fn integers(&mut self, values: &[u32]) -> Result<Buffer, GpuError> {
        let buffer = self.gpu.zeros(Kind::U32, values.len())?;
        self.lane.put(values, &buffer)?;
        Ok(buffer)
    }

    /// The best rows of some queries.
    fn nearest(
        &mut self,
        queries: ArrayView2<'_, f32>,
        (asked, labels): (&[u32], &Buffer),
        k: usize,
    ) -> Result<Vec<Vec<Neighbour>>, GpuError> {
        let (count, tiles) = (queries.nrows(), self.held.count.div_ceil(NEAR_TILE));
        if queries.ncols() != self.held.dim {
            return Err(GpuError::Misfit { kernel: "nearest", what: "vectors of other components" });
        }
        let per_part = tiles.div_ceil((BLOCKS / count.div_ceil(NEAR_TILE)).clamp(1, tiles)) * NEAR_TILE;
        let parts = self.held.count.div_ceil(per_part);
        let queries = floats(self.gpu, &mut self.lane, &laid(queries))?;
        let asked = self.integers(asked)?;
        let best_rows = self.gpu.zeros(Kind::U32, parts * count * k)?;
        let best_scores = self.gpu.zeros(Kind::F32, parts * count * k)?;
        let sides = self.held.sides((&queries, count), (&asked, labels));
        let call = Nearest { sides, best_rows: &best_rows, best_scores: &best_scores, parts, per_part, k }.call()?;
        self.lane.run(&call)?;
        let rows: Vec<u32> = self.lane.take(&best_rows, parts * count * k)?;
        let scores: Vec<f32> = self.lane.take(&best_scores, parts * count * k)?;
        let of_query = |query: usize| {
            let at = (0..parts).flat_map(|part| (part * count + query) * k..(part * count + query + 1) * k);
            let there = at.filter(|&at| scores[at] > f32::NEG_INFINITY);
            let mut best: Vec<Neighbour> =
                there.map(|at| Neighbour { row: rows[at] as usize, cosine: scores[at] }).collect();
            best.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.row.cmp(&b.row)));
            best.truncate(k);
            best
        };
        Ok((0..count).into_par_iter().map(of_query).collect())
    }

    /// The pairs of some rows with those behind them.
    fn pairs(&mut self, labels: &Buffer, queries: (usize, usize), at_least: f32) -> Result<Vec<NearPair>, GpuError> {
        let mut room = PAIRS;
        loop {
            let found = self.gpu.zeros(Kind::U32, 1)?;
            let pair_rows = self.gpu.zeros(Kind::U32, 2 * room)?;
            let pair_scores = self.gpu.zeros(Kind::F32, room)?;
            let sides = self.held.sides((&self.held.rows, self.held.count), (labels, labels));
            let (rows, scores) = (&pair_rows, &pair_scores);
            let call =
                Pairs { sides, found: &found, pair_rows: rows, pair_scores: scores, queries, above: true, at_least };
            let call = call.call()?;
            self.lane.run(&call)?;
            let count = self.lane.take::<u32>(&found, 1)?.first().copied().unwrap_or_default() as usize;
            if count > room {
                room = count;
                continue;
            }
            let (rows, scores) = (self.lane.take::<u32>(rows, 2 * count)?, self.lane.take::<f32>(scores, count)?);
            let both = rows.as_chunks::<2>().0.iter().zip(scores);
            let of = |(&[left, right], cosine): (&[u32; 2], f32)| (left as usize, right as usize, cosine);
            let mut pairs: Vec<NearPair> =
                both.map(of).map(|(left, right, cosine)| NearPair { left, right, cosine }).collect();
            // They come as blocks finish.
            pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
            return Ok(pairs);
        }
    }
}

impl Held {
    fn sides<'a>(
        &'a self,
        (queries, count): (&'a Buffer, usize),
        (asked, labels): (&'a Buffer, &'a Buffer),
    ) -> Sides<'a> {
        Sides {
            queries,
            rows: &self.rows,
            query_labels: asked,
            row_labels: labels,
            offsets: &self.offsets,
            query_count: count,
            row_count: self.count,
            dim: self.dim,
        }
    }
}

/// Rows as the card reads them.
fn laid(rows: ArrayView2<'_, f32>) -> Vec<f32> {
    let dim = rows.ncols();
    rows.as_slice()
        .map_or_else(|| laid_out(&rows.iter().copied().collect::<Vec<f32>>(), dim), |flat| laid_out(flat, dim))
}

fn floats(gpu: &Gpu, lane: &mut Lane, values: &[f32]) -> Result<Buffer, GpuError> {
    let buffer = gpu.zeros(Kind::F32, values.len())?;
    lane.put(values, &buffer)?;
    Ok(buffer)
}
