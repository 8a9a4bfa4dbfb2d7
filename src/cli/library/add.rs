//! `refrain add`: articles into a library.

use std::io::stdin;

use anyhow::bail;
use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::{advised, answer, engine_of, made_by, to_write};
use crate::cli::args::AddArgs;
use crate::cli::engine::{self, Loaded, Use};
use crate::cli::progress::Misuse;
use crate::cli::told::Told;
use crate::cli::{input, shards};
use crate::corpus::{Item, Stream};
use crate::embed::{EmbedError, Embeddings};
use crate::holdings::Added;
use crate::library::{Adder, LeftBehind, Library, is_library};
use crate::pipeline::Embedded;
use crate::pipeline::batch::Watch;
use crate::report::counted;
use crate::report::holdings as page;

pub(in crate::cli) fn run(arguments: &AddArgs) -> anyhow::Result<()> {
    if let Some(library) = arguments.inputs.iter().find(|input| is_library(input)) {
        let what =
            format!("{} is a library: expected articles, or a folder of vectors, to add to another", library.display());
        return Err(Misuse(what).into());
    }
    let added = if shards::are_shards(&arguments.inputs)? { add_vectors(arguments) } else { add_texts(arguments) }?;
    let name = arguments.library.library.display().to_string();
    super::themes::note_described(&arguments.library.library, &arguments.inputs);
    answer(&arguments.library, |_, out| page::added(&name, &added, out), |out| page::added_json(&name, &added, out))
}

/// The library, made where there is none, and the model that embeds what is added.
pub(in crate::cli) fn open(arguments: &AddArgs) -> anyhow::Result<(Library, Loaded)> {
    let path = &arguments.library.library;
    if is_library(path) {
        let library = to_write(&arguments.library)?;
        let engine = engine_of(&library, &arguments.engine, Use::Compare)?;
        library.refuse_other(&made_by(&engine, &arguments.engine)).map_err(advised)?;
        return Ok((library, engine));
    }
    // A prompt that is asked for stands before texts; else the one that the model has for texts that are looked up.
    let asked = arguments.engine.prompt.is_some() || arguments.engine.prompt_name.is_some();
    let engine = engine::load_for(&arguments.engine, if asked { Use::Compare } else { Use::LookUp })?;
    let library = Library::open_or_create(path, &made_by(&engine, &arguments.engine)).map_err(advised)?;
    Ok((library, engine))
}

fn add_texts(arguments: &AddArgs) -> anyhow::Result<Added> {
    // Before the library is made: inputs that are not there are no reason for one.
    let stream = input::stream(&arguments.inputs, &arguments.reading)?;
    let (mut library, engine) = open(arguments)?;
    let told = Told::new(stream.bytes, arguments.reading.strict);
    let embed = |texts: &[&str]| engine.pool.install(|| engine.encoder.embed(texts, &|done| told.embedded(done, 0)));
    let mut adder = library.adder(&embed, Timestamp::now());
    let ended = take_all(&stream, &engine, &told, &mut adder);
    // What waits is whole: it is written whatever stopped the rest.
    let added = adder.finish_told().map_err(advised).map(|(added, left)| tell(added, &left, &told));
    told.end();
    Ok(Added { problems: told.problems(), ..whole(ended, added)? })
}

fn take_all(stream: &Stream, engine: &Loaded, told: &Told, adder: &mut Adder<'_>) -> anyhow::Result<()> {
    let mut ended = match stream.problem() {
        Some(problem) => take(Item::Problem(problem), told, adder),
        None => Ok(()),
    };
    stream.read(stdin(), &mut |portion| {
        for (item, _) in engine.pool.install(|| stream.split(portion)) {
            ended = ended.as_ref().map_or_else(|_| Ok(()), |()| take(item, told, adder));
            if ended.is_err() {
                return false;
            }
        }
        true
    });
    ended
}

/// Something about the input was wrong, and that was to end the run.
#[derive(Debug, thiserror::Error)]
#[error("a problem while reading, and --strict was given")]
struct Strict;

/// What was added where nothing stopped it; else why it stopped, and what stands.
fn whole(ended: anyhow::Result<()>, added: anyhow::Result<Added>) -> anyhow::Result<Added> {
    match (ended, added) {
        (Ok(()), added) => added,
        (Err(error), Ok(Added { added, replaced, .. })) if error.is::<Strict>() => {
            bail!(
                "{error}: what was read before it stands, {} added and {replaced} replaced",
                counted(added, "article")
            )
        }
        (Err(error), _) => Err(error),
    }
}

fn take(item: Item, told: &Told, adder: &mut Adder<'_>) -> anyhow::Result<()> {
    let (article, problems) = match item {
        Item::Problem(problem) => (None, vec![problem]),
        Item::Article(article) => {
            let mut problems = article.problems.clone();
            problems.extend(adder.repeated(&article).map_err(advised)?);
            (Some(article), problems)
        }
    };
    if !problems.iter().all(|problem| told.problem(problem)) {
        return Err(Strict.into());
    }
    article.map_or(Ok(()), |article| adder.take(*article).map(drop).map_err(advised))
}

/// Says what was left behind of what was added, which is now written.
fn tell(added: Added, left: &[LeftBehind], told: &Told) -> Added {
    left.iter().for_each(|one| told.say(&format!("{}: {}", one.file, of_left_behind(one))));
    added
}

/// What there is to do about an article that is there beside what may have been made of it.
pub(in crate::cli) fn of_left_behind(LeftBehind { article, outlet, .. }: &LeftBehind) -> String {
    format!(
        "says what the article {article} of {outlet} says, whose file is no longer where it was: both are kept; if the file \
         was moved, `refrain remove` takes {article} away"
    )
}

/// Adds what folders of vectors hold, without embedding it again.
fn add_vectors(arguments: &AddArgs) -> anyhow::Result<Added> {
    let AddArgs { inputs, reading, engine, .. } = arguments;
    let (items, embedded, engine) = shards::items(inputs, reading, engine)?;
    let made_by = super::MadeBy { precision: embedded.precision.clone(), ..made_by(&engine, &arguments.engine) };
    let mut library = Library::open_or_create(&arguments.library.library, &made_by).map_err(advised)?;
    library.refuse_other(&made_by).map_err(advised)?;
    let rows = rows(&items, &embedded);
    // Shards say how many texts were embedded in windows, not which: those that are longer than the model reads.
    let (encoder, most) = (&engine.encoder, engine.encoder.max_tokens().filter(|_| embedded.windowed > 0));
    let is_long = |text: &str| -> Result<bool, EmbedError> {
        // A token is a byte at least.
        let Some(most) = most.filter(|most| text.len() + encoder.prompt().len() + 2 > *most) else { return Ok(false) };
        Ok(encoder.tokens(text, encoder.prompt())? > most)
    };
    let embed = |texts: &[&str]| -> Result<Embeddings, EmbedError> {
        let rows: Vec<usize> = texts.iter().filter_map(|text| rows.get(*text).copied()).collect();
        Ok(Embeddings {
            vectors: embedded.vectors.select(&rows),
            windowed: long(texts, &is_long)?,
            tokens: 0,
            tokens_of: Vec::new(),
            tokenising: Default::default(),
        })
    };
    let told = Told::new(None, reading.strict);
    let mut adder = library.adder(&embed, Timestamp::now());
    let ended = items.iter().cloned().try_for_each(|item| take(item, &told, &mut adder));
    let added = adder.finish_told().map_err(advised).map(|(added, left)| tell(added, &left, &told));
    told.end();
    Ok(Added { problems: told.problems(), embedded: 0, ..whole(ended, added)? })
}

/// Indices of the texts that are long.
fn long(texts: &[&str], is_long: &dyn Fn(&str) -> Result<bool, EmbedError>) -> Result<Vec<usize>, EmbedError> {
    let mut found = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if is_long(text)? {
            found.push(at);
        }
    }
    Ok(found)
}

/// The row of each text.
fn rows(items: &[Item], embedded: &Embedded) -> FxHashMap<String, usize> {
    let articles = items.iter().filter_map(|item| match item {
        Item::Article(article) => Some(article),
        Item::Problem(_) => None,
    });
    let texts = articles.flat_map(|article| article.kept.iter().map(|paragraph| paragraph.text.clone()));
    texts.zip(0..embedded.vectors.len()).collect()
}
