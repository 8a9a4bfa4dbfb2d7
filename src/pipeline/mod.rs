//! The steps joined: the one place that sees them all.
//!
//! 0. leave out what an outlet repeats through its articles; 1. embed every paragraph; 2. find each one's neighbours in other outlets; 3. themes; 4. near-duplicate
//!    coverage, for which the statements of the candidates are embedded too; 5. the theme map. Out come [`Findings`].
//!
//! A corpus of any size is embedded by [`batch`]. Not here: reading (`corpus`), showing (`report`).

pub mod batch;
mod remembered;

pub use remembered::Memory;

use std::sync::Arc;

use thiserror::Error;

use crate::article::OutletId;
use crate::collection::Collection;
use crate::corpus::set_aside_recurring;
use crate::coverage::{By, Coverage};
use crate::duplicates::{self, DuplicatesError};
use crate::embed::{EmbedError, Encoder};
use crate::findings::{Findings, Run};
use crate::gpu::{Gpu, GpuError};
use crate::layout::lay_out;
use crate::map::ThemeMap;
use crate::neighbours::cards::{Rule, nearest_on};
use crate::neighbours::cells::nearest_allowed;
use crate::neighbours::exact::Neighbour;
use crate::theme::Themes;
use crate::themes::{self, SeedVectors, ThemeSeeds, ThemesError};
use crate::vectors::UnitRows;

/// Neighbours in other outlets that become candidates, a paragraph: enough for the outlets that carry
/// one story; more come from shared wording.
const NEIGHBOURS: usize = 10;
/// Where cells for approximate neighbours start from.
const SEED: u64 = 1;

/// Why a run failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// Embedding failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// A card failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// Finding themes failed.
    #[error(transparent)]
    Themes(#[from] ThemesError),
    /// Finding near-duplicates failed.
    #[error(transparent)]
    Duplicates(#[from] DuplicatesError),
}

/// What the caller wants and decides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Themes are wanted: the user's seeds and what else steers them.
    pub themes: Option<(ThemeSeeds, themes::Options)>,
    /// Near-duplicate coverage is wanted.
    pub duplicates: Option<duplicates::Options>,
    /// A paragraph that an outlet prints in so many of its articles is boilerplate and left out; 0: none is.
    pub recurring_from: usize,
    /// Places and neighbours of all paragraphs are wanted.
    pub map: bool,
}

/// Told how far a run is. Nothing by default.
pub trait Progress: Sync {
    /// A step begins that has so many parts; 0 where they cannot be counted.
    fn begin(&self, _step: &str, _parts: usize) {}
    /// So many parts more are done.
    fn advance(&self, _parts: usize) {}
    /// The step is done.
    fn end(&self) {}
    /// Something is done otherwise than was asked for.
    fn note(&self, _what: &str) {}
}

/// No progress is told.
impl Progress for () {}

/// The encoder and what it runs on.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The loaded model.
    pub encoder: &'a Encoder,
    /// The device's name, for the record.
    pub device: &'a str,
}

/// Vectors that were made before.
#[derive(Debug)]
pub struct Embedded {
    /// One a paragraph, shape `(paragraphs, dim)`.
    pub vectors: UnitRows,
    /// Paragraphs embedded in windows.
    pub windowed: usize,
    /// Where the model ran.
    pub device: String,
    /// The numbers it ran in.
    pub precision: String,
    /// What else was embedded in earlier runs.
    pub memory: Option<Arc<dyn Memory>>,
}

/// What a plan is run on.
#[derive(Debug)]
pub struct Corpus {
    /// The articles.
    pub collection: Collection,
    /// Vectors of its paragraphs, where there are some.
    pub embedded: Option<Embedded>,
    /// The inputs as the user named them.
    pub inputs: Vec<String>,
}

/// Runs a plan on a collection. Runs on the threads of the current rayon pool; the result does not depend on their number.
///
/// # Errors
/// [`PipelineError`], by step.
pub fn run(
    engine: Engine<'_>,
    corpus: Corpus,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Findings, PipelineError> {
    let Corpus { mut collection, embedded, inputs } = corpus;
    let kept = set_aside_recurring(&mut collection, plan.recurring_from);
    let embedded = embedded.map(|embedded| Embedded { vectors: selected(embedded.vectors, &kept), ..embedded });
    let embedded = embedded.map_or_else(|| embed_all(engine, &collection, progress), Ok)?;
    let run = describe(engine, &embedded, inputs);
    let Embedded { vectors, memory, .. } = embedded;
    let themes = plan
        .themes
        .as_ref()
        .map(|(seeds, options)| {
            step("finding themes", progress, || find_themes(engine.encoder, &collection, &vectors, (seeds, *options)))
        })
        .transpose()?;
    let coverage = plan
        .duplicates
        .as_ref()
        .map(|options| find_duplicates(engine.encoder, (&collection, &vectors), options, (memory.as_deref(), progress)))
        .transpose()?;
    let quotations =
        plan.duplicates.as_ref().map(|_| step("finding quotations", progress, || duplicates::quotations(&collection)));
    let map = plan.map.then(|| map(&vectors, progress));
    Ok(Findings { run, collection, themes, coverage, quotations, map })
}

/// Near-duplicate coverage and quotations by wording alone: without a model, and without vectors.
///
/// # Errors
/// [`PipelineError::Duplicates`].
pub fn run_by_wording(corpus: Corpus, plan: &Plan, progress: &dyn Progress) -> Result<Findings, PipelineError> {
    let Corpus { mut collection, embedded: _, inputs } = corpus;
    set_aside_recurring(&mut collection, plan.recurring_from);
    let options = plan.duplicates.clone().unwrap_or_default();
    let coverage = step("comparing texts", progress, || duplicates::find_by_wording(&collection, &options))?;
    let quotations = step("finding quotations", progress, || duplicates::quotations(&collection));
    let run = Run {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: "none".to_owned(),
        dim: 0,
        max_tokens: None,
        device: "cpu".to_owned(),
        precision: "none".to_owned(),
        windowed: 0,
        inputs,
    };
    Ok(Findings { run, collection, themes: None, coverage: Some(coverage), quotations: Some(quotations), map: None })
}

/// The vectors of the rows that stay.
fn selected(vectors: UnitRows, kept: &[usize]) -> UnitRows {
    if kept.len() == vectors.len() { vectors } else { vectors.select(kept) }
}

/// Embeds all paragraphs.
///
/// # Errors
/// [`EmbedError`].
pub fn embed_all(engine: Engine<'_>, collection: &Collection, progress: &dyn Progress) -> Result<Embedded, EmbedError> {
    let texts: Vec<&str> = collection.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let (vectors, windowed) = embed(engine.encoder, "embedding paragraphs", &texts, progress)?;
    let (device, precision) = (engine.device.to_owned(), engine.encoder.precision());
    Ok(Embedded { vectors, windowed: windowed.len(), device, precision, memory: None })
}

/// Embeds texts of any kind: one row each.
///
/// # Errors
/// [`EmbedError`].
pub fn embed_texts(engine: Engine<'_>, texts: &[&str], progress: &dyn Progress) -> Result<UnitRows, EmbedError> {
    embed(engine.encoder, "embedding texts", texts, progress).map(|(vectors, _)| vectors)
}

/// Embeds texts as one step: the vectors, and the indices of texts embedded in windows.
///
/// # Errors
/// [`EmbedError`].
fn embed<T: AsRef<str> + Sync>(
    encoder: &Encoder,
    step: &str,
    texts: &[T],
    progress: &dyn Progress,
) -> Result<(UnitRows, Vec<usize>), EmbedError> {
    progress.begin(step, texts.len());
    let embedded = encoder.embed(texts, &|done| progress.advance(done));
    progress.end();
    embedded.map(|embedded| (embedded.vectors, embedded.windowed))
}

/// A step whose parts cannot be counted.
fn step<T>(name: &str, progress: &dyn Progress, work: impl FnOnce() -> T) -> T {
    progress.begin(name, 0);
    let done = work();
    progress.end();
    done
}

fn find_themes(
    encoder: &Encoder,
    collection: &Collection,
    vectors: &UnitRows,
    (seeds, options): (&ThemeSeeds, themes::Options),
) -> Result<Themes, PipelineError> {
    Ok(themes::find(collection, vectors, (seeds, &embed_seeds(encoder, seeds)?), options)?)
}

/// Extends themes that were found before with what came since: [`themes::extend`].
///
/// # Errors
/// [`PipelineError::Embed`] and [`PipelineError::Themes`].
pub fn extend_themes(
    encoder: &Encoder,
    (collection, vectors): (&Collection, &UnitRows),
    (seeds, options): (&ThemeSeeds, themes::Options),
    former: &themes::Former,
) -> Result<Themes, PipelineError> {
    Ok(themes::extend(collection, vectors, (seeds, &embed_seeds(encoder, seeds)?), options, former)?)
}

/// Embeds what describes themes.
///
/// # Errors
/// [`EmbedError`].
pub fn embed_seeds(encoder: &Encoder, seeds: &ThemeSeeds) -> Result<SeedVectors, EmbedError> {
    let texts = encoder.embed(&seeds.texts(), &|_| ())?.vectors;
    Ok(SeedVectors { texts, unrelated: encoder.embed(seeds.unrelated(), &|_| ())?.vectors })
}

fn find_duplicates(
    encoder: &Encoder,
    (collection, vectors): (&Collection, &UnitRows),
    options: &duplicates::Options,
    (memory, progress): (Option<&dyn Memory>, &dyn Progress),
) -> Result<Coverage, PipelineError> {
    if options.by == By::Wording {
        return Ok(step("comparing texts", progress, || duplicates::find_by_wording(collection, options))?);
    }
    let near = step("finding neighbours", progress, || near_in_other_outlets(encoder, collection, vectors, progress))?;
    let candidates = step("finding candidates", progress, || {
        duplicates::candidates(collection, &near).map(|found| match options.by {
            By::Paragraphs => found.of_paragraphs(collection),
            _ => found.sparing(collection, vectors),
        })
    })?;
    let texts: Vec<&str> = candidates.texts(collection).collect();
    let statements = remembered::embed_statements(encoder, &texts, memory, progress)?;
    Ok(step("comparing texts", progress, || duplicates::find(collection, vectors, &candidates, &statements, options))?)
}

/// Row pairs of two outlets of which one is among the other's nearest: lower row first, ascending, each once.
fn near_in_other_outlets(
    encoder: &Encoder,
    collection: &Collection,
    vectors: &UnitRows,
    progress: &dyn Progress,
) -> Result<Vec<(usize, usize)>, GpuError> {
    let near = nearest_in_other_outlets(encoder.card(), &collection.row_outlets(), vectors, progress)?;
    let mut pairs: Vec<(usize, usize)> = near
        .iter()
        .enumerate()
        .flat_map(|(row, found)| found.iter().map(move |near| (row.min(near.row), row.max(near.row))))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// Each row's nearest, found where the model runs; on the CPU too where the card has no room for the rows beside the
/// model, which is said.
fn nearest_in_other_outlets(
    card: Option<&Gpu>,
    outlets: &[OutletId],
    vectors: &UnitRows,
    progress: &dyn Progress,
) -> Result<Vec<Vec<Neighbour>>, GpuError> {
    if let Some(card) = card {
        let labels: Vec<u32> = outlets.iter().map(|outlet| outlet.0).collect();
        match nearest_on(card, (vectors, vectors), NEIGHBOURS, Rule::OtherLabel(&labels, &labels)) {
            Err(error @ GpuError::OutOfMemory { .. }) => {
                progress.note(&format!("neighbours are found on the CPU: {error}"));
            }
            found => return found,
        }
    }
    let found = nearest_allowed(vectors, NEIGHBOURS, &|query, row| outlets[query] != outlets[row], SEED);
    if let Some(recall) = found.recall {
        progress.note(&format!("neighbours are approximate: {:.1} % of the true ones on a sample", 100.0 * recall));
    }
    Ok(found.lists)
}

fn map(vectors: &UnitRows, progress: &dyn Progress) -> ThemeMap {
    let map = step("laying out the map", progress, || lay_out(vectors, SEED));
    if let Some(recall) = map.recall {
        progress.note(&format!(
            "the map's neighbours are approximate: {:.1} % of the true ones on a sample",
            100.0 * recall
        ));
    }
    map
}

fn describe(engine: Engine<'_>, embedded: &Embedded, inputs: Vec<String>) -> Run {
    Run {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: engine.encoder.name().to_owned(),
        dim: engine.encoder.dim(),
        max_tokens: engine.encoder.max_tokens(),
        device: embedded.device.clone(),
        precision: embedded.precision.clone(),
        windowed: embedded.windowed,
        inputs,
    }
}
