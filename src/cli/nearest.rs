//! `refrain nearest`: the paragraphs nearest to a text.

use std::io::{Read, stdin};
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::args::{Format, NearestArgs};
use super::engine::Use;
use super::input::{self, Corpus};
use super::output::{self, Sink};
use super::progress::{Bar, Misuse};
use crate::collection::Collection;
use crate::corpus;
use crate::pipeline::{self, Engine};
use crate::report::nearest::{self as page, Answer};

pub(super) fn run(arguments: &NearestArgs) -> anyhow::Result<()> {
    let inputs = inputs(arguments)?;
    let format = output::format(&arguments.output)?;
    let sink = Sink::open(arguments.output.output.as_deref())?;
    let query = query(arguments)?;
    let (engine, corpus) = input::open(&inputs, &arguments.reading, &arguments.engine, Use::LookUp)?;
    let Corpus { collection, embedded } = corpus;
    let allowed = allowed_outlets(&collection, arguments)?;
    let hits = engine.pool.install(|| {
        let with = Engine { encoder: &engine.encoder, device: &engine.device };
        let embedded = embedded.map_or_else(|| pipeline::embed_all(with, &collection, &Bar::default()), Ok)?;
        let allowed = |row: usize| allowed[collection.outlet_of(row).index()];
        pipeline::lookup(&engine.encoder, &embedded.vectors, &query, arguments.k.get(), &allowed)
    })?;
    let answer = Answer { query: &query, hits: &hits, collection: &collection };
    sink.write(|out| match format {
        Format::Text => page::terminal(&answer, &output::page(&arguments.output), out),
        Format::Json => page::json(&answer, out),
        Format::Markdown => page::markdown(&answer, out),
    })
}

fn query_is_stdin(arguments: &NearestArgs) -> bool {
    arguments.query_file.is_none() && arguments.query == "-"
}

/// With `--query-file` what stands first is no query but the first input.
fn inputs(arguments: &NearestArgs) -> anyhow::Result<Vec<PathBuf>> {
    let first = arguments.query_file.is_some().then(|| PathBuf::from(&arguments.query));
    let inputs: Vec<PathBuf> = first.into_iter().chain(arguments.inputs.iter().cloned()).collect();
    if inputs.is_empty() {
        return Err(Misuse("nothing to search: expected files or folders after the query".to_owned()).into());
    }
    if query_is_stdin(arguments) && inputs.iter().any(|path| path.as_os_str() == "-") {
        return Err(Misuse("both the query and an input are standard input: expected one of them".to_owned()).into());
    }
    Ok(inputs)
}

fn query(arguments: &NearestArgs) -> anyhow::Result<String> {
    let text = match &arguments.query_file {
        Some(path) => corpus::read_text(path).with_context(|| format!("reading {}", path.display()))?,
        None if query_is_stdin(arguments) => {
            let mut text = String::new();
            stdin().read_to_string(&mut text).context("reading the query from standard input")?;
            text
        }
        None => arguments.query.clone(),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Misuse("the query is empty: expected a text to look for".to_owned()).into());
    }
    Ok(text.to_owned())
}

/// Whether each outlet may answer.
fn allowed_outlets(collection: &Collection, arguments: &NearestArgs) -> anyhow::Result<Vec<bool>> {
    for name in arguments.outlet.iter().chain(&arguments.not_outlet) {
        if !collection.outlets.contains(name) {
            bail!("no outlet \"{name}\" here: there are {}", collection.outlets.join(", "));
        }
    }
    let allowed = |name: &String| {
        (arguments.outlet.is_empty() || arguments.outlet.contains(name)) && !arguments.not_outlet.contains(name)
    };
    let allowed: Vec<bool> = collection.outlets.iter().map(allowed).collect();
    if !allowed.contains(&true) {
        return Err(Misuse("--outlet and --not-outlet leave no outlet to search".to_owned()).into());
    }
    Ok(allowed)
}
