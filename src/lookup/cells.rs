//! Nearly the best rows among very many: rows in cells by their nearest centroid, of which those nearest to the question
//! are scanned (an inverted file: Sivic and Zisserman 2003).
//!
//! What share of the true nearest it finds is measured when centroids are made, and so many cells are scanned that it is
//! what [`ENOUGH`] says, as far as that can be reached. Deterministic, whatever the threads. docs/lookup.md says why these
//! and not a graph (HNSW). Not here: the file in which the cells are kept (`library`).

use ndarray::Array2;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Weights;
use super::compact::{Asked, Compact};
use super::search::{Allowed, Least, Question, best, search};
use crate::nearest::{Mode, Scored};
use crate::neighbours::cells::{centroids, nearest_rows};
use crate::vectors::UnitRows;

/// Rows from which a search is approximate: below, scanning all of them takes some ten milliseconds on two cores.
pub const APPROXIMATE_FROM: usize = 400_000;
/// The share of the true ten nearest, on average over a sample, that is enough.
const ENOUGH: f64 = 0.98;
/// Rows on which it is measured, and how many nearest of each.
const SAMPLE: usize = 128;
const NEAREST: usize = 10;
/// Rows that have the most of the question's words, which are looked at wherever they lie.
const BY_WORDS: usize = 256;
/// Where centroids start from.
const SEED: u64 = 1;

/// Centroids, and which row lies in which cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Unit centroids, shape `(cells, dim)`.
    pub centroids: Array2<f32>,
    /// The cell of each row.
    pub cell_of: Vec<u32>,
    /// Cells that are scanned.
    pub probes: usize,
    /// The share of the true nearest that was found on a sample when the centroids were made, 0 to 1.
    pub recall: f64,
    /// Rows the centroids were made of.
    pub made_of: usize,
}

/// Cells, ready to be searched.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelved {
    cells: Cells,
    /// Rows, cell after cell, ascending in each, and where each cell begins.
    rows: Vec<u32>,
    starts: Vec<usize>,
    /// The rows rounded, in that order.
    compact: Compact,
}

impl Cells {
    /// Makes centroids of rows and puts each into its cell; as many cells as rows a cell.
    pub fn of(vectors: &UnitRows) -> Self {
        let centroids = centroids(vectors, ((vectors.len() as f64).sqrt() as usize).max(1), SEED);
        let cell_of = nearest_rows(vectors.view(), centroids.view()).into_iter().map(|cell| cell as u32).collect();
        let made = Self { centroids, cell_of, probes: 1, recall: 0.0, made_of: vectors.len() };
        made.measured(vectors)
    }

    /// With cells for rows of which some were known: `known[row]` is the cell of such a row.
    pub fn extended(self, vectors: &UnitRows, known: &[Option<u32>]) -> Self {
        let new: Vec<usize> = (0..vectors.len()).filter(|&row| known.get(row).copied().flatten().is_none()).collect();
        let put = nearest_rows(vectors.select(&new).view(), self.centroids.view());
        let mut cell_of: Vec<u32> = known.iter().map(|cell| cell.unwrap_or(0)).collect();
        cell_of.resize(vectors.len(), 0);
        for (row, cell) in new.into_iter().zip(put) {
            cell_of[row] = cell as u32;
        }
        Self { cell_of, ..self }
    }

    /// Doubles the cells that are scanned until enough of the true nearest are found.
    fn measured(self, vectors: &UnitRows) -> Self {
        let cells = self.centroids.nrows();
        let mut shelved = self.shelved(vectors);
        let sample: Vec<usize> = (0..vectors.len()).step_by(vectors.len().div_ceil(SAMPLE).max(1)).collect();
        let compact = Compact::of(vectors);
        let exact = others(&sample, vectors, |question| search(question, vectors, Some(&compact), None));
        drop(compact);
        loop {
            let found = others(&sample, vectors, |question| shelved.search(question, vectors, None));
            let met =
                |(exact, found): (&Vec<usize>, &Vec<usize>)| exact.iter().filter(|near| found.contains(near)).count();
            let hits: usize = exact.iter().zip(&found).map(met).sum();
            shelved.cells.recall = hits as f64 / exact.iter().map(Vec::len).sum::<usize>().max(1) as f64;
            if shelved.cells.recall >= ENOUGH || shelved.cells.probes >= cells {
                return shelved.cells;
            }
            shelved.cells.probes = (2 * shelved.cells.probes).min(cells);
        }
    }

    /// Ready to be searched; `vectors` are those of its rows.
    pub fn shelved(self, vectors: &UnitRows) -> Shelved {
        let mut starts = vec![0; self.centroids.nrows() + 1];
        self.cell_of.iter().for_each(|&cell| starts[cell as usize + 1] += 1);
        (1..starts.len()).for_each(|cell| starts[cell] += starts[cell - 1]);
        let (mut next, mut rows) = (starts.clone(), vec![0; self.cell_of.len()]);
        for (row, &cell) in self.cell_of.iter().enumerate() {
            rows[next[cell as usize]] = row as u32;
            next[cell as usize] += 1;
        }
        let compact = Compact::of_rows(vectors, &rows);
        Shelved { cells: self, rows, starts, compact }
    }
}

/// What a search finds of each row: others than itself, which is always found.
fn others(sample: &[usize], vectors: &UnitRows, find: impl Fn(&Question) -> Vec<Scored>) -> Vec<Vec<usize>> {
    let weights = Weights::default();
    let of = |&row: &usize| {
        let vector = vectors.row(row).to_vec();
        let question = Question { mode: Mode::Semantic, vector: &vector, weights: &weights, k: NEAREST + 1 };
        find(&question).into_iter().map(|hit| hit.row).filter(|near| *near != row).collect()
    };
    sample.iter().map(of).collect()
}

impl Shelved {
    /// The share of the true nearest that a search finds, as measured.
    pub fn recall(&self) -> f64 {
        self.cells.recall
    }

    /// As [`search`](super::search) among the rows of the nearest cells, and those that have most of the words.
    pub fn search(&self, question: &Question, vectors: &UnitRows, allowed: Allowed) -> Vec<Scored> {
        let may = |row: usize| allowed.is_none_or(|allowed| allowed[row]);
        let asked = Asked::of(question.vector);
        let shares: FxHashMap<u32, f32> =
            if question.mode.by_words() { question.weights.shares() } else { FxHashMap::default() };
        let scan = |cell: usize| {
            let entries = self.starts[cell]..self.starts[cell + 1];
            let mut scores = vec![0.0; entries.len()];
            self.compact.cosines(&asked, entries.start, &mut scores);
            let scored = entries.zip(scores).map(|(entry, score)| (entry, self.rows[entry], score));
            let scored = scored.filter(|(_, row, _)| may(*row as usize));
            scored
                .map(|(entry, row, score)| (entry, score + shares.get(&row).copied().unwrap_or(0.0)))
                .collect::<Vec<_>>()
        };
        let scanned: Vec<(usize, f32)> = self.probed(question.vector).into_par_iter().flat_map_iter(scan).collect();
        let mut lower = Least::new(question.k.max(1));
        scanned.iter().for_each(|(entry, score)| lower.offer(score - self.compact.error(*entry, &asked)));
        let least = lower.least();
        let near = scanned.iter().filter(|(entry, score)| score + self.compact.error(*entry, &asked) >= least);
        let mut rows: Vec<usize> = near.map(|(entry, _)| self.rows[*entry] as usize).collect();
        rows.extend(
            super::search::by_words(&Question { mode: Mode::Lexical, k: BY_WORDS, ..*question }, allowed)
                .iter()
                .map(|hit| hit.row),
        );
        rows.sort_unstable();
        rows.dedup();
        best(rows.into_par_iter().filter_map(|row| question.score(vectors, row)).collect(), question.k)
    }

    /// The cells nearest to a question, nearest first.
    fn probed(&self, question: &[f32]) -> Vec<usize> {
        let cosines = self.cells.centroids.dot(&ndarray::ArrayView1::from(question));
        let mut order: Vec<usize> = (0..cosines.len()).collect();
        order.sort_by(|&a, &b| cosines[b].total_cmp(&cosines[a]).then(a.cmp(&b)));
        order.truncate(self.cells.probes);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::search_plain;

    /// Rows in some bundles.
    fn rows(n: usize, bundles: usize) -> UnitRows {
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        let mut rows = Array2::from_shape_fn((n, 32), |_| 0.2 * next());
        rows.rows_mut().into_iter().enumerate().for_each(|(row, mut values)| values[row % bundles] += 1.0);
        UnitRows::normalized(rows).unwrap()
    }

    #[test]
    fn enough_are_found_and_the_words_are_too() {
        let rows = rows(4_000, 13);
        let made = Cells::of(&rows);
        assert!(made.recall >= ENOUGH && made.probes < made.centroids.nrows() / 2, "{} {}", made.recall, made.probes);
        let shelved = made.clone().shelved(&rows);
        // A row far from the question that alone has its words.
        let weights = Weights::new(vec![(6, 9.0)], 10.0);
        let vector = rows.row(0).to_vec();
        let question = Question { mode: Mode::Hybrid, vector: &vector, weights: &weights, k: 5 };
        let found = shelved.search(&question, &rows, None);
        assert!(found.iter().any(|hit| hit.row == 6));
        assert!(found.iter().all(|hit| Some(hit) == question.score(&rows, hit.row).as_ref()));
        let odd: Vec<bool> = (0..rows.len()).map(|row| row % 2 == 1).collect();
        assert!(shelved.search(&question, &rows, Some(&odd)).iter().all(|hit| hit.row % 2 == 1));
    }

    #[test]
    fn all_cells_scanned_give_the_definition_s_answer() {
        let rows = rows(600, 5);
        let mut made = Cells::of(&rows);
        made.probes = made.centroids.nrows();
        let shelved = made.shelved(&rows);
        let weights = Weights::new((0..600).step_by(9).map(|row| (row, (row % 5) as f32)).collect(), 8.0);
        for mode in [Mode::Hybrid, Mode::Semantic] {
            let vector = rows.row(17).to_vec();
            let question = Question { mode, vector: &vector, weights: &weights, k: 12 };
            assert_eq!(shelved.search(&question, &rows, None), search_plain(&question, &rows, None));
        }
    }

    #[test]
    fn rows_that_come_later_go_to_their_nearest_cell() {
        let all = rows(900, 7);
        let made = Cells::of(&all);
        let known: Vec<Option<u32>> =
            made.cell_of.iter().enumerate().map(|(row, cell)| (row % 3 > 0).then_some(*cell)).collect();
        assert_eq!(made.clone().extended(&all, &known).cell_of, made.cell_of);
        assert_eq!(made.clone().extended(&all, &[]).cell_of, made.cell_of);
    }

    #[test]
    fn the_threads_change_nothing() {
        let rows = rows(900, 7);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| Cells::of(&rows)), Cells::of(&rows));
    }
}
