//! Models of BERT's kind on NVIDIA cards: sequences packed end to end, in half precision or 32-bit floats.
//!
//! `weights` is a model's tensors on one card, `work` the memory of one batch and its way through the layers, `queue` the
//! batches of many texts, shared among the cards while more texts are tokenised. A vector depends on its own tokens alone,
//! so that it is the same bytes in any batch and on any number of cards of one make. Not here: the kernels (`gpu`).

mod queue;
mod weights;
mod work;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::EmbedError;
use super::blueprint::{Activation, Blueprint, Places};
use super::folder::{Making, ModelFolder};
use super::fused::{FusedModel, Operands, Weights};
use super::pooling::Pooling;
use crate::gpu::{Gpu, GpuError, Heads, Kind, Slope};
pub(super) use queue::{Batch, Queue};
use weights::Loaded;
use work::Work;

/// Tokens of a batch: enough that a card's every part has work in each product.
const BATCH_TOKENS: usize = 16_384;
/// Batches under way on a card: one is copied or waited for while another is computed.
const AT_ONCE: usize = 2;

/// A model on one card or several.
pub(super) struct CardModel {
    gpus: Vec<Gpu>,
    shape: Shape,
    cards: Vec<Loaded>,
    /// Those that run batches; one caller has them at a time.
    workers: Mutex<Vec<Worker>>,
    batch_tokens: usize,
    note: Option<String>,
    name: String,
}

/// The sizes of a model that a card runs.
struct Shape {
    kind: Kind,
    vocab: usize,
    hidden: usize,
    wide: usize,
    heads: Heads,
    positions: Option<Places>,
    /// Numbers of the ways its states are pooled.
    modes: Vec<u32>,
    /// Tokens of the longest sequence.
    longest: usize,
}

/// A stream on one card, and the memory of its batch.
struct Worker {
    card: usize,
    work: Work,
}

/// Why a model does not run on a card, to be read after its name; none where it does.
pub(super) fn refusal(folder: &ModelFolder) -> Option<String> {
    let family = match &folder.entry {
        Making::Transformer(blueprint, _) if takes(blueprint) => return None,
        entry => entry.name(),
    };
    Some(format!(
        "has {family}, which runs on the CPU alone; cards run BERT, DistilBERT, RoBERTa, XLM-RoBERTa and CamemBERT"
    ))
}

fn takes(blueprint: &Blueprint) -> bool {
    /// Components of the largest head that a block of the plain kernel holds.
    const MOST_HEAD: usize = 6_144;
    FusedModel::takes_tiles(blueprint, Operands::Bf16)
        && slope(blueprint.activation).is_some()
        && blueprint.first_norm.is_some()
        && blueprint.last_norm.is_none()
        && blueprint.heads.size <= MOST_HEAD
}

fn slope(activation: Activation) -> Option<Slope> {
    match activation {
        Activation::Identity => Some(Slope::Identity),
        Activation::Gelu => Some(Slope::Gelu),
        Activation::GeluTanh => Some(Slope::GeluTanh),
        Activation::Relu => Some(Slope::Relu),
        Activation::Silu => Some(Slope::Silu),
        Activation::Sigmoid | Activation::Tanh => None,
    }
}

impl CardModel {
    /// Loads a model that is not refused onto each card.
    ///
    /// # Errors
    /// [`EmbedError::Malformed`] where weights are missing, of another shape or not finite; [`EmbedError::Precision`]
    /// where they do not fit the numbers asked for; [`EmbedError::Gpu`] where a card has no room for them, or fails.
    pub(super) fn load(
        folder: &ModelFolder,
        (blueprint, pooling): (&Blueprint, &Pooling),
        (gpus, kind): (&[Gpu], Kind),
    ) -> Result<Self, EmbedError> {
        let weights = Weights::open(&folder.weights, blueprint.prefixes, &blueprint.words)?;
        // Before the batches' memory is taken: where not even the weights fit, no smaller batch helps.
        let cards =
            gpus.iter().map(|gpu| Loaded::load(gpu, &weights, blueprint, kind)).collect::<Result<Vec<Loaded>, _>>()?;
        let shape = Shape::of(blueprint, pooling, (kind, folder.max_tokens.min(blueprint.most_tokens())));
        let (workers, batch_tokens, refused) = workers(gpus, &shape, &cards)?;
        let note =
            refused.map(|error| format!("runs {batch_tokens} tokens at once instead of {BATCH_TOKENS}: {error}"));
        let (workers, name) = (Mutex::new(workers), name(gpus));
        Ok(Self { gpus: gpus.to_vec(), shape, cards, workers, batch_tokens, note, name })
    }

    /// The cards, as the user names them.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The first of them.
    pub(super) fn first(&self) -> Option<&Gpu> {
        self.gpus.first()
    }

    /// What was given up for want of memory, to be read after the model's name.
    pub(super) fn note(&self) -> Option<&String> {
        self.note.as_ref()
    }

    /// The numbers it multiplies.
    pub(super) fn precision(&self) -> &'static str {
        match self.shape.kind {
            Kind::F16 => "f16",
            Kind::Bf16 => "bf16",
            Kind::F32 | Kind::U32 => "f32",
        }
    }

    /// Most tokens a batch holds, but for a longer text.
    pub(super) fn batch_tokens(&self) -> usize {
        self.batch_tokens
    }

    fn workers(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cards as the user names them: `cuda:0,1`.
pub(super) fn name(gpus: &[Gpu]) -> String {
    let ordinals: Vec<String> = gpus.iter().map(|gpu| gpu.ordinal().to_string()).collect();
    format!("cuda:{}", ordinals.join(","))
}

/// Streams and memory on each card for batches of as many tokens as fit, how many those are, and what kept them from
/// being [`BATCH_TOKENS`]. All memory is taken here, so that none is missing later.
fn workers(
    gpus: &[Gpu],
    shape: &Shape,
    cards: &[Loaded],
) -> Result<(Vec<Worker>, usize, Option<GpuError>), EmbedError> {
    let (mut tokens, mut refused) = (BATCH_TOKENS, None);
    loop {
        match workers_of(gpus, shape, cards, tokens.max(shape.longest)) {
            Err(EmbedError::Gpu(error @ GpuError::OutOfMemory { .. })) if tokens > shape.longest => {
                tokens /= 2;
                refused = Some(error);
            }
            made => return Ok((made?, tokens, refused)),
        }
    }
}

/// Streams and memory for batches of as many rows, tried out: so that the driver finishes the kernels now, and where it
/// refuses them, that is known before a text is read.
fn workers_of(gpus: &[Gpu], shape: &Shape, cards: &[Loaded], rows: usize) -> Result<Vec<Worker>, EmbedError> {
    let places = gpus.iter().enumerate().flat_map(|place| std::iter::repeat_n(place, AT_ONCE));
    let made = places.map(|(card, gpu)| Ok(Worker { card, work: Work::new(gpu, shape, rows)? }));
    let mut workers = made.collect::<Result<Vec<Worker>, GpuError>>()?;
    for worker in workers.iter_mut().step_by(AT_ONCE) {
        worker.work.run((shape, &cards[worker.card]), &[&[0]], 0)?;
    }
    Ok(workers)
}

impl Shape {
    fn of(blueprint: &Blueprint, pooling: &Pooling, (kind, longest): (Kind, usize)) -> Self {
        Self {
            kind,
            vocab: blueprint.vocab,
            hidden: blueprint.hidden,
            wide: blueprint.wide,
            heads: Heads { count: blueprint.heads.queries, size: blueprint.heads.size },
            positions: blueprint.places.clone(),
            modes: pooling.codes(),
            longest,
        }
    }
}
