//! `refrain models`: the models there are. `refrain models get`: one more, from the hub into the cache.

use super::args::{ListFormat, ModelsArgs, ModelsCommand};
use super::hub;
use super::output::Sink;
use crate::embed::hub::{CachedModel, ModelId, cached_models};
use crate::embed::{Description, bundled, supported};
use crate::report::Page;
use crate::report::models::{self as page, Kinds, Model, ModelList};

pub(super) fn run(arguments: &ModelsArgs) -> anyhow::Result<()> {
    match &arguments.command {
        Some(ModelsCommand::Get { model }) => get(model),
        None => list(arguments.format),
    }
}

fn get(id: &ModelId) -> anyhow::Result<()> {
    let settings = hub::settings(false)?;
    hub::open(&settings, id)?;
    let folder = settings.folder(id).unwrap_or_else(|| settings.cache.clone());
    Sink::Stdout.write(|out| writeln!(out, "{}", folder.display()))
}

fn list(format: ListFormat) -> anyhow::Result<()> {
    let cache = hub::cache();
    let supported = supported();
    let list = ModelList {
        bundled: bundled_model()?,
        cached: cache.iter().flat_map(|cache| cached_models(cache)).map(cached).collect(),
        cache: cache.map(|cache| cache.display().to_string()),
        supported: Kinds {
            architectures: supported.architectures,
            poolings: supported.poolings,
            modules: supported.modules,
        },
    };
    let columns = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let page = Page { width: columns, ..Page::default() };
    Sink::Stdout.write(|out| match format {
        ListFormat::Text => page::terminal(&list, &page, out),
        ListFormat::Json => page::json(&list, out),
    })
}

fn bundled_model() -> anyhow::Result<Option<Model>> {
    if !bundled::AVAILABLE {
        return Ok(None);
    }
    Ok(Some(described(bundled::NAME.to_owned(), Some(bundled::folder()?.description()))))
}

fn cached(found: CachedModel) -> Model {
    let (description, refused) = match found.description {
        Ok(description) => (Some(description), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Model {
        commit: Some(found.commit),
        revisions: found.revisions,
        bytes: Some(found.bytes),
        refused,
        ..described(found.id.to_string(), description)
    }
}

fn described(name: String, description: Option<Description>) -> Model {
    let description = description.map(|is| (is.architecture, is.pooling, is.dim, is.max_tokens));
    let (architecture, pooling, dim, max_tokens) =
        description.map_or((None, None, None, None), |is| (Some(is.0), is.1, is.2, is.3));
    Model {
        name,
        commit: None,
        revisions: Vec::new(),
        bytes: None,
        architecture,
        pooling,
        dim,
        max_tokens,
        refused: None,
    }
}
