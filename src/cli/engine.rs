//! From arguments to a loaded model and a pool of threads.

use std::path::Path;

use anyhow::Context;
use rayon::ThreadPool;

use super::args::EngineArgs;
use super::hub;
use super::progress::{self, Advised, Level};
use crate::embed::hub::ModelId;
use crate::embed::{self, Devices, Encoder, ModelFolder, Precision, bundled};
use crate::report::counted;

/// A loaded model, where it runs, and the threads it runs on.
pub(super) struct Loaded {
    pub(super) encoder: Encoder,
    pub(super) device: String,
    pub(super) pool: ThreadPool,
    /// Of the model's files: which model it is, whatever it is called.
    #[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "asked for by shards alone"))]
    pub(super) crc32: u32,
}

/// What stands before what is embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Texts are compared with each other.
    Compare,
    /// Questions are put to texts.
    LookUp,
}

/// Loads what the arguments name. Asked for before reading, so that a wrong model fails at once.
pub(super) fn load(arguments: &EngineArgs) -> anyhow::Result<Loaded> {
    load_for(arguments, Use::Compare)
}

/// As [`load`], with the prompts for a use.
pub(super) fn load_for(arguments: &EngineArgs, purpose: Use) -> anyhow::Result<Loaded> {
    load_at(arguments, purpose, arguments.precision)
}

/// As [`load_for`], in numbers that the arguments do not name.
pub(super) fn load_at(arguments: &EngineArgs, purpose: Use, precision: Precision) -> anyhow::Result<Loaded> {
    let devices = embed::open_device(&arguments.device)?;
    let pool = pool(arguments)?;
    let folder = model(arguments)?;
    let crc32 = folder.crc32();
    let encoder = pool.install(|| Encoder::load_on(folder, &devices, precision))?;
    for note in encoder.notes() {
        progress::say(&format!("model {} {note}", encoder.name()), Level::Warning);
    }
    let encoder = prompted(encoder, arguments, purpose)?;
    if arguments.verbose {
        progress::say(&what_runs(&encoder, &devices, pool.current_num_threads()), Level::Note);
    }
    Ok(Loaded { device: encoder.device().to_owned(), encoder, pool, crc32 })
}

fn what_runs(encoder: &Encoder, devices: &Devices, threads: usize) -> String {
    let reads =
        encoder.max_tokens().map_or("texts of any length".to_owned(), |most| format!("{most} word pieces at once"));
    // Else a note says why the devices were not taken.
    let why = if devices.name() == encoder.device() { format!(" ({})", devices.why()) } else { String::new() };
    format!(
        "model {}: {} dimensions, reads {reads}; on {}{why} in {}, instructions {}, {}",
        encoder.name(),
        encoder.dim(),
        encoder.device(),
        encoder.precision(),
        encoder.instructions(),
        counted(threads, "thread")
    )
}

/// The encoder with the prompt and the components asked for.
fn prompted(mut encoder: Encoder, arguments: &EngineArgs, purpose: Use) -> anyhow::Result<Encoder> {
    if let Some(dim) = arguments.truncate_dim {
        encoder = encoder.truncated(dim.get())?;
    }
    let prompt = match (&arguments.prompt, &arguments.prompt_name) {
        (Some(prompt), _) => Some(prompt.clone()),
        (None, Some(name)) => Some(encoder.prompt_named(name)?.to_owned()),
        (None, None) => None,
    };
    Ok(match (purpose, prompt) {
        (Use::Compare, None) => encoder,
        (Use::Compare, Some(prompt)) => encoder.with_prompt(&prompt),
        (Use::LookUp, None) => encoder.for_lookup(),
        (Use::LookUp, Some(prompt)) => encoder.for_lookup().with_query_prompt(&prompt),
    })
}

/// The threads that the arguments ask for.
pub(super) fn pool(arguments: &EngineArgs) -> anyhow::Result<ThreadPool> {
    let threads = arguments.threads.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("starting threads")
}

/// What the arguments name: a folder, else a name on the hub; the bundled model where they name none.
fn model(arguments: &EngineArgs) -> anyhow::Result<ModelFolder> {
    let Some(model) = &arguments.model else {
        if bundled::AVAILABLE {
            return Ok(bundled::folder()?);
        }
        return Err(advised("this build carries no model", "name one with --model: a folder, or org/name"));
    };
    let folder = Path::new(model);
    if folder.is_dir() {
        return Ok(ModelFolder::read(folder)?);
    }
    if bundled::AVAILABLE && model == bundled::NAME {
        return Ok(bundled::folder()?);
    }
    if folder.exists() {
        let what = format!("model {model} is a file: expected a folder in sentence-transformers' layout");
        return Err(advised(&what, "name the folder that holds it"));
    }
    let Ok(id) = model.parse::<ModelId>() else {
        let what = format!("model {model}: no such folder, and no name of a model on the hub (org/name)");
        return Err(advised(&what, "give the path of a model folder, or leave --model out for the bundled model"));
    };
    hub::open(&hub::settings(arguments.offline)?, &id)
}

fn advised(what: &str, hint: &'static str) -> anyhow::Error {
    Advised { what: what.to_owned(), hint: hint.into() }.into()
}
