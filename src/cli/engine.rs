//! From arguments to a loaded model and a pool of threads.

use std::path::Path;

use anyhow::{Context, bail};
use rayon::ThreadPool;

use super::args::EngineArgs;
use super::hub;
use super::progress::{self, Advised, Level};
use crate::embed::hub::ModelId;
use crate::embed::{self, Devices, Encoder, ModelFolder, Precision, bundled};
use crate::model::ModelMark;
use crate::report::counted;

/// A loaded model, where it runs, and the threads it runs on.
pub(super) struct Loaded {
    pub(super) encoder: Encoder,
    pub(super) device: String,
    pub(super) pool: ThreadPool,
    /// Of the model's files: which model it is, whatever it is called.
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

/// Vectors that were made before, and how.
#[derive(Clone, Copy)]
pub(super) struct Made<'a> {
    /// Where they lie.
    pub(super) path: &'a Path,
    pub(super) model: &'a ModelMark,
    pub(super) precision: &'a str,
    /// "cpu", or what kind of card.
    pub(super) device: &'a str,
}

/// As [`load_for`], so that what is embedded can stand beside vectors that were made before.
pub(super) fn load_like(arguments: &EngineArgs, purpose: Use, made: Made<'_>) -> anyhow::Result<Loaded> {
    let engine = load_at(arguments, purpose, precision(arguments, made))?;
    let engine = fitted(engine, arguments, purpose, made)?;
    tell_precision(&engine, made);
    Ok(engine)
}

/// What else is embedded is embedded as those were, unless it is said otherwise.
fn precision(arguments: &EngineArgs, made: Made<'_>) -> Precision {
    let own = made.precision.split(' ').next().unwrap_or_default();
    let narrow = Precision::Auto == arguments.precision && made.device == "cpu";
    if narrow { own.parse().unwrap_or(Precision::Auto) } else { arguments.precision }
}

fn tell_precision(engine: &Loaded, made: Made<'_>) {
    let own = engine.encoder.precision();
    // Beside the numbers a record may name the instructions, which change nothing to speak of.
    let same = own.split(' ').next() == made.precision.split(' ').next();
    if !same || made.precision.contains(' ') && own != made.precision {
        let what = format!(
            "{} was embedded in {} on {}; what is embedded beside it is in {own} on {}",
            made.path.display(),
            made.precision,
            made.device,
            engine.device
        );
        progress::say(&what, Level::Note);
    }
}

/// The engine as the vectors were made.
fn fitted(engine: Loaded, arguments: &EngineArgs, purpose: Use, made: Made<'_>) -> anyhow::Result<Loaded> {
    let ModelMark { name, crc32, dim, prompt, .. } = made.model;
    let (Loaded { encoder, device, pool, crc32: own }, path) = (engine, made.path);
    if *crc32 != format!("{own:08x}") {
        let what = format!(
            "{} was embedded with the model {name} (files of CRC-32 {crc32}), this is {} ({own:08x})",
            path.display(),
            encoder.name()
        );
        let hint = format!("name the model that made it with --model, or embed again with {}", encoder.name());
        return Err(Advised { what, hint: hint.into() }.into());
    }
    let asked = arguments.prompt.is_some() || arguments.prompt_name.is_some();
    let encoder = match purpose {
        Use::Compare if asked && encoder.prompt() != prompt => {
            bail!(
                "{} was embedded after the prompt {prompt:?}, not {:?}: leave --prompt out",
                path.display(),
                encoder.prompt()
            );
        }
        Use::Compare => encoder.with_prompt(prompt),
        Use::LookUp => {
            if encoder.prompt() != prompt {
                let what = format!(
                    "{} was embedded after the prompt {prompt:?}; for looking up, {} is better embedded after {:?}",
                    path.display(),
                    encoder.name(),
                    encoder.prompt()
                );
                progress::say(&what, Level::Warning);
            }
            encoder
        }
    };
    if arguments.truncate_dim.is_some_and(|asked| asked.get() != *dim) {
        bail!("{} holds vectors of {dim} components: leave --truncate-dim out", path.display());
    }
    let encoder = if encoder.dim() == *dim { encoder } else { encoder.truncated(*dim)? };
    Ok(Loaded { encoder, device, pool, crc32: own })
}

impl Loaded {
    /// What is to be kept beside its vectors.
    pub(super) fn mark(&self) -> ModelMark {
        ModelMark {
            name: self.encoder.name().to_owned(),
            crc32: format!("{:08x}", self.crc32),
            dim: self.encoder.dim(),
            max_tokens: self.encoder.max_tokens(),
            prompt: self.encoder.prompt().to_owned(),
        }
    }
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
