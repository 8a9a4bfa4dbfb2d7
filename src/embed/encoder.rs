//! The encoder: texts in, unit vectors out, one batch a core.
//!
//! Vectors are the same bytes at any number of threads, because batches depend on the texts alone. Whatever else
//! is in the batch, they are the same bytes on the fused path and the same to 1e-6 a component on the plain one.

use std::ops::Range;

use candle_core::Device;
use ndarray::Array2;
use rayon::prelude::*;

use super::EmbedError;
use super::batch::{Plan, plan};
use super::folder::ModelFolder;
use super::fused::{FusedBert, Workspace};
use super::half::{HalfBert, Kernel, Workspace as HalfWorkspace};
use super::plain::PlainBert;
use super::pooling::Pooling;
use super::precision::Precision;
use super::tokens::{Window, WindowReader};
use crate::vectors::UnitRows;

/// A loaded model.
pub struct Encoder {
    name: String,
    dim: usize,
    max_tokens: usize,
    reader: WindowReader,
    engine: Engine,
    pooling: Pooling,
}

/// What runs the model.
#[allow(clippy::large_enum_variant, reason = "one a process, never in an array")]
enum Engine {
    Plain(PlainBert),
    Fused(Box<FusedBert>),
    Half(Box<HalfBert>),
}

/// Buffers of one thread, for either engine.
#[derive(Default)]
struct Buffers {
    fused: Workspace,
    half: HalfWorkspace,
}

/// What embedding gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One row a text, in the order given.
    pub vectors: UnitRows,
    /// Indices of the texts that were longer than the model reads and were embedded in windows.
    pub windowed: Vec<usize>,
}

impl Encoder {
    /// Loads a model to be run in 32 bits: fused on the CPU, plain on another device. Runs on the threads of the current
    /// rayon pool.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where weights are missing, of another shape, not finite or not safetensors, or the
    /// tokenizer is not this model's.
    pub fn load(folder: ModelFolder, device: &Device) -> Result<Self, EmbedError> {
        Self::load_at(folder, device, Precision::F32)
    }

    /// As [`Encoder::load`], in the numbers asked for.
    ///
    /// # Errors
    /// As [`Encoder::load`], and [`EmbedError::Precision`] where the processor does not multiply what is asked for.
    pub fn load_at(mut folder: ModelFolder, device: &Device, precision: Precision) -> Result<Self, EmbedError> {
        if !device.is_cpu() {
            return Self::load_plain(folder, device);
        }
        let kernel = precision.kernel()?;
        let file = std::mem::take(&mut folder.weights);
        let model = || match kernel {
            Some(kernel) => HalfBert::load(&folder.name, file, &folder.config, kernel).map(Box::new).map(Engine::Half),
            None => FusedBert::load(&folder.name, file, &folder.config).map(Box::new).map(Engine::Fused),
        };
        let (model, reader) = rayon::join(model, || WindowReader::new(&folder));
        Ok(Self::new(model?, reader?, &folder))
    }

    /// Loads a model to be run by candle's own BERT, which the fused path is measured against.
    ///
    /// # Errors
    /// As [`Encoder::load`], but for weights that are not finite.
    #[allow(clippy::needless_pass_by_value, reason = "as `load`: the folder is used up")]
    pub fn load_plain(folder: ModelFolder, device: &Device) -> Result<Self, EmbedError> {
        let model = PlainBert::load(&folder, device)?;
        let reader = WindowReader::new(&folder)?;
        Ok(Self::new(Engine::Plain(model), reader, &folder))
    }

    fn new(engine: Engine, reader: WindowReader, folder: &ModelFolder) -> Self {
        Self {
            name: folder.name.clone(),
            dim: folder.dim(),
            max_tokens: folder.max_tokens,
            pooling: folder.pooling,
            reader,
            engine,
        }
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Components a vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The numbers it is run in, for the record: "f32", or "bf16" with the instructions used.
    pub fn precision(&self) -> String {
        match &self.engine {
            Engine::Plain(_) | Engine::Fused(_) => "f32".to_owned(),
            Engine::Half(model) => format!("bf16 by {}", Kernel::name(model.kernel())),
        }
    }

    /// Tokens a window holds, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Embeds texts. Runs on the threads of the current rayon pool.
    ///
    /// `done` is told after each batch how many texts it held, a text in windows with its first. A text longer than the
    /// model reads is the mean of its windows, weighted by their tokens.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`], [`EmbedError::Run`], or [`EmbedError::Vectors`] where weights are damaged.
    pub fn embed<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
        done: &(dyn Fn(usize) + Sync),
    ) -> Result<Embeddings, EmbedError> {
        let windows = self.reader.windows(texts)?;
        let lengths: Vec<usize> = windows.iter().map(|window| window.ids.len()).collect();
        let Plan { order, batches } = plan(&lengths, self.batch_tokens());
        let pooled: Result<Vec<Vec<f32>>, EmbedError> = batches
            .par_iter()
            .map_init(Buffers::default, |work, batch| {
                let vectors = self.run(&windows, &order[batch.clone()], work)?;
                done(order[batch.clone()].iter().filter(|&&window| opens_text(&windows, window)).count());
                Ok(vectors)
            })
            .collect();
        let sums = self.sum_windows(texts.len(), &windows, &order, (&batches, &pooled?));
        Ok(Embeddings { vectors: UnitRows::normalized(sums)?, windowed: windowed(&windows) })
    }

    /// The token ids of each window a text is run in, special tokens included.
    ///
    /// # Errors
    /// [`EmbedError::Tokenise`].
    pub fn token_ids(&self, text: &str) -> Result<Vec<Vec<u32>>, EmbedError> {
        Ok(self.reader.windows(&[text])?.into_iter().map(|window| window.ids).collect())
    }

    /// Most tokens a batch holds, padding included.
    fn batch_tokens(&self) -> usize {
        match self.engine {
            // Large enough to fill a core's matrix kernel, small enough that attention scores stay in its cache.
            Engine::Plain(_) => 2_048,
            // Without padding to save, a batch is only as large as pays for reading the weights once.
            Engine::Fused(_) => 512,
            Engine::Half(_) => 1_024,
        }
    }

    /// One batch: flat unit vectors, in the order of `batch`.
    fn run(&self, windows: &[Window], batch: &[usize], work: &mut Buffers) -> candle_core::Result<Vec<f32>> {
        let ids: Vec<&[u32]> = batch.iter().map(|&window| &windows[window].ids[..]).collect();
        match &self.engine {
            Engine::Plain(model) => model.embed(&ids, self.pooling),
            Engine::Fused(model) => model.embed(&ids, self.pooling, &mut work.fused),
            Engine::Half(model) => model.embed(&ids, self.pooling, &mut work.half),
        }
    }

    /// Sums the windows of each text, weighted by their tokens: shape `(texts, dim)`.
    fn sum_windows(
        &self,
        texts: usize,
        windows: &[Window],
        order: &[usize],
        (batches, pooled): (&[Range<usize>], &[Vec<f32>]),
    ) -> Array2<f32> {
        let mut place = vec![(0, 0); windows.len()];
        for (batch, range) in batches.iter().enumerate() {
            for (row, &window) in order[range.clone()].iter().enumerate() {
                place[window] = (batch, row);
            }
        }
        let mut sums = Array2::zeros((texts, self.dim));
        // In order of window, so that the sum does not depend on how windows were batched.
        for (window, (batch, row)) in windows.iter().zip(place) {
            let weight = window.ids.len() as f32;
            let vector = &pooled[batch][row * self.dim..][..self.dim];
            for (sum, value) in sums.row_mut(window.text).iter_mut().zip(vector) {
                *sum += weight * value;
            }
        }
        sums
    }
}

/// Whether a window is the first of its text.
fn opens_text(windows: &[Window], window: usize) -> bool {
    window == 0 || windows[window - 1].text != windows[window].text
}

/// Texts of more than one window, ascending.
fn windowed(windows: &[Window]) -> Vec<usize> {
    let mut texts: Vec<usize> =
        windows.windows(2).filter(|two| two[0].text == two[1].text).map(|two| two[0].text).collect();
    texts.dedup();
    texts
}
