//! From arguments to a loaded model and a pool of threads.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::ThreadPool;

use super::args::EngineArgs;
use super::progress::Advised;
use crate::embed::{self, Encoder, ModelFolder, bundled};

/// A loaded model, where it runs, and the threads it runs on.
pub(super) struct Loaded {
    pub(super) encoder: Encoder,
    pub(super) device: String,
    pub(super) pool: ThreadPool,
}

/// Loads what the arguments name. Asked for before reading, so that a wrong model fails at once.
pub(super) fn load(arguments: &EngineArgs) -> anyhow::Result<Loaded> {
    let (device, name) = embed::open_device(arguments.device)?;
    let pool = pool(arguments)?;
    let folder = match &arguments.model {
        Some(model) => ModelFolder::read(&model_path(model)?)?,
        None if bundled::AVAILABLE => bundled::folder()?,
        None => return Err(advised("this build carries no model", "name a model folder with --model DIR")),
    };
    let encoder = pool.install(|| Encoder::load_at(folder, &device, arguments.precision))?;
    Ok(Loaded { encoder, device: name, pool })
}

fn pool(arguments: &EngineArgs) -> anyhow::Result<ThreadPool> {
    let threads = arguments.threads.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("starting threads")
}

/// A folder as named, else org/name in the local Hugging Face cache. Nothing is downloaded.
fn model_path(model: &str) -> anyhow::Result<PathBuf> {
    let folder = Path::new(model);
    if folder.is_dir() {
        return Ok(folder.to_owned());
    }
    if folder.exists() {
        let what = format!("model {model} is a file: expected a folder in sentence-transformers' layout");
        return Err(advised(&what, "name the folder that holds it"));
    }
    let cached = || hf_hub::Cache::from_env().model(model.to_owned()).get("config.json");
    if let Some(path) = (model.split('/').count() == 2).then(cached).flatten() {
        return Ok(path.parent().map_or_else(|| folder.to_owned(), Path::to_owned));
    }
    let what =
        format!("model {model}: no such folder, and not in the local Hugging Face cache (nothing is downloaded)");
    Err(advised(&what, "give the path of a model folder, or leave --model out for the bundled model"))
}

fn advised(what: &str, hint: &'static str) -> anyhow::Error {
    Advised { what: what.to_owned(), hint }.into()
}
