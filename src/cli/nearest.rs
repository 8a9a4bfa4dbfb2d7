//! `refrain nearest`: the paragraphs that answer a text best.

use std::collections::BTreeSet;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use rayon::ThreadPool;

use super::args::{Format, NearestArgs, OfKind};
use super::engine::{Loaded, Use};
use super::input::{self, Corpus};
use super::library;
use super::output::{self, Sink};
use super::progress::{Bar, Misuse};
use crate::collection::Collection;
use crate::corpus;
use crate::library::{Library, LibraryError, Shelf, Sought, Wanted, is_library};
use crate::lookup::{Ask, Filter, FilterError, Lexicon, LookupError, Sheet, Stock, Text, Tokeniser};
use crate::nearest::{Answer, Mode, excerpt};
use crate::pipeline::{self, Engine};
use crate::report::nearest as page;

pub(super) fn run(arguments: &NearestArgs) -> anyhow::Result<()> {
    let inputs = inputs(arguments)?;
    let format = output::format(&arguments.output)?;
    let sink = Sink::open(arguments.output.output.as_deref())?;
    let asked = asked(arguments)?;
    let answer = match library::of_inputs(&inputs)? {
        Some(path) => of_library(path, &asked, arguments)?,
        None => of_files(&inputs, &asked, arguments)?,
    };
    sink.write(|out| match format {
        Format::Text => page::terminal(&answer, &output::page(&arguments.output), out),
        Format::Json => page::json(&answer, out),
        Format::Markdown => page::markdown(&answer, out),
    })
}

/// What is asked: a text, or a paragraph of the corpus by its article's id and its number there.
enum Asked {
    Text(String),
    Paragraph(String, usize),
}

impl Asked {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Paragraph(..) => None,
        }
    }

    /// Whether the question has to be embedded.
    fn needs_model(&self, mode: Mode) -> bool {
        self.text().is_some() && mode.by_meaning()
    }
}

/// A question with its vector, ready to be put to a stock.
struct Put {
    text: Collection,
    question: String,
    vector: Option<Vec<f32>>,
    filter: Filter,
}

impl Put {
    fn ask<'a>(&'a self, arguments: &NearestArgs) -> Ask<'a> {
        let date = self.text.articles.first().and_then(|article| article.date);
        Ask {
            text: Text { text: &self.question, date },
            vector: self.vector.as_deref(),
            mode: arguments.mode.mode(),
            k: arguments.k.get(),
            filter: &self.filter,
            elsewhere: arguments.elsewhere,
        }
    }
}

fn of_library(path: &Path, asked: &Asked, arguments: &NearestArgs) -> anyhow::Result<Answer> {
    input::refuse_reading(&arguments.reading, "a library")?;
    let (mode, mut library) = (arguments.mode.mode(), Library::open_to_read(path).map_err(told)?);
    let wanted = Wanted { vectors: mode.by_meaning() || arguments.elsewhere, words: mode.by_words() };
    // The model and the library are read side by side: from a cold start each takes as long as the other.
    let (engine, shelf) = std::thread::scope(|scope| {
        let shelf = scope.spawn(|| Library::open_to_read(path)?.shelf(wanted));
        let engine = asked.needs_model(mode).then(|| library::engine_of(&library, &arguments.engine, Use::LookUp));
        (engine.transpose(), shelf.join().map_err(|_| anyhow!("reading {} failed", path.display())))
    });
    let (engine, mut shelf) = (engine?, shelf?.map_err(told)?);
    let (pool, mut tokeniser) = (pool(engine.as_ref(), arguments)?, Tokeniser::new()?);
    loop {
        if let Some(mut put) = put_to_library((&library, &shelf), engine.as_ref(), asked, arguments)? {
            put.filter.rows = of_themes(&library, &shelf, arguments)?;
            // A connection may go to another thread, and not be used by two.
            let (library, tokeniser) = (&mut library, &mut tokeniser);
            let (ask, shelf_now) = (put.ask(arguments), &shelf);
            if let Some(answer) =
                pool.get().install(move || library.answer(shelf_now, tokeniser, &ask)).map_err(told)?
            {
                return Ok(answer);
            }
        }
        // It was written to meanwhile.
        shelf = Library::open_to_read(path).and_then(|library| library.shelf(wanted)).map_err(told)?;
    }
}

/// The threads of the model, or such as it would have.
enum Pool<'a> {
    Model(&'a ThreadPool),
    Own(ThreadPool),
}

impl Pool<'_> {
    fn get(&self) -> &ThreadPool {
        match self {
            Self::Model(pool) => pool,
            Self::Own(pool) => pool,
        }
    }
}

fn pool<'a>(engine: Option<&'a Loaded>, arguments: &NearestArgs) -> anyhow::Result<Pool<'a>> {
    Ok(match engine {
        Some(engine) => Pool::Model(&engine.pool),
        None => Pool::Own(super::engine::pool(&arguments.engine)?),
    })
}

/// The rows of the themes asked for; none where none is.
fn of_themes(library: &Library, shelf: &Shelf, arguments: &NearestArgs) -> anyhow::Result<Option<BTreeSet<usize>>> {
    if arguments.filter.theme.is_empty() {
        return Ok(None);
    }
    let mut ids = BTreeSet::new();
    for theme in &arguments.filter.theme {
        ids.extend(library.theme_paragraphs(theme).map_err(told)?);
    }
    Ok(Some((0..shelf.ids.len()).filter(|&row| ids.contains(&shelf.ids[row])).collect()))
}

/// None where the library is no longer what the shelf was made of.
fn put_to_library(
    (library, shelf): (&Library, &Shelf),
    engine: Option<&Loaded>,
    asked: &Asked,
    arguments: &NearestArgs,
) -> anyhow::Result<Option<Put>> {
    let (article, place) = match asked {
        Asked::Text(text) => return put_text(text, engine, arguments).map(Some),
        Asked::Paragraph(article, place) => (article, *place),
    };
    let Some(look) = library.look(shelf).map_err(told)? else { return Ok(None) };
    match look.paragraph(article, place).map_err(told)? {
        Sought::At(row, text) => Ok(Some(put_paragraph(row, text, &shelf.stock, arguments))),
        Sought::Since | Sought::Nowhere => Err(no_paragraph(article, place)),
    }
}

fn of_files(inputs: &[PathBuf], asked: &Asked, arguments: &NearestArgs) -> anyhow::Result<Answer> {
    if let Some(theme) = arguments.filter.theme.first() {
        let what =
            format!("--theme {theme} is for a library: `refrain themes LIBRARY` finds its themes and keeps them");
        return Err(Misuse(what).into());
    }
    let mode = arguments.mode.mode();
    let by_meaning = mode.by_meaning() || arguments.elsewhere;
    let (engine, Corpus { collection, embedded }) = if by_meaning || input::are_vectors(inputs)? {
        let (engine, corpus) = input::open(inputs, &arguments.reading, &arguments.engine, Use::LookUp)?;
        (Some(engine), corpus)
    } else {
        (None, Corpus { collection: input::read(inputs, &arguments.reading)?, embedded: None })
    };
    let sheet = Sheet::of(&collection);
    // What cannot be asked for is refused before minutes of embedding.
    filter(arguments).allowed(&sheet).map_err(|error| told_lookup(error.into()))?;
    let vectors = match &engine {
        Some(engine) if by_meaning => {
            let with = Engine { encoder: &engine.encoder, device: &engine.device };
            let embed = || embedded.map_or_else(|| pipeline::embed_all(with, &collection, &Bar::default()), Ok);
            Some(engine.pool.install(embed)?.vectors)
        }
        _ => None,
    };
    let (lexicon, mut connection) = Lexicon::of_texts(collection.paragraphs.iter().map(|one| one.text.as_str()))?;
    let stock = Stock { sheet, vectors, compact: None, cells: None, lexicon: Some(lexicon) };
    let put = match asked {
        Asked::Text(text) => put_text(text, engine.as_ref(), arguments)?,
        Asked::Paragraph(article, place) => {
            let is = |one: &&crate::paragraph::Paragraph| {
                one.place == *place && collection.articles[one.article].id == *article
            };
            let row =
                collection.paragraphs.iter().position(|one| is(&one)).ok_or_else(|| no_paragraph(article, *place))?;
            put_paragraph(row, excerpt(&collection, &[row]), &stock, arguments)
        }
    };
    let (pool, mut tokeniser) = (pool(engine.as_ref(), arguments)?, Tokeniser::new()?);
    let (connection, tokeniser, ask) = (&mut connection, &mut tokeniser, put.ask(arguments));
    let (stock, collection) = (&stock, &collection);
    let answer = pool.get().install(move || {
        stock.answer::<LookupError>(connection, tokeniser, &ask, &|rows| Ok(excerpt(collection, rows)))
    });
    answer.map_err(told_lookup)
}

/// Filters that leave nothing to search are a wrong command line, whatever is searched.
fn told_lookup(error: LookupError) -> anyhow::Error {
    match error {
        LookupError::Filter(error @ (FilterError::NoOutlet | FilterError::Days { .. })) => {
            Misuse(error.to_string()).into()
        }
        error => error.into(),
    }
}

fn told(error: LibraryError) -> anyhow::Error {
    match error {
        LibraryError::Lookup(error) => told_lookup(error),
        error => library::advised(error),
    }
}

fn put_text(text: &str, engine: Option<&Loaded>, arguments: &NearestArgs) -> anyhow::Result<Put> {
    let vector = match engine {
        Some(engine) if arguments.mode.mode().by_meaning() => {
            let embedded = engine.pool.install(|| engine.encoder.embed_query(text))?;
            Some(embedded.row(0).to_vec())
        }
        _ => None,
    };
    Ok(Put { text: Collection::default(), question: text.to_owned(), vector, filter: filter(arguments) })
}

/// A paragraph is no answer to itself.
fn put_paragraph(row: usize, text: Collection, stock: &Stock, arguments: &NearestArgs) -> Put {
    let vector = stock.vectors.as_ref().map(|vectors| vectors.row(row).to_vec());
    let question = text.paragraphs.first().map(|one| one.text.clone()).unwrap_or_default();
    Put { text, question, vector, filter: Filter { not_rows: vec![row], ..filter(arguments) } }
}

fn no_paragraph(article: &str, place: usize) -> anyhow::Error {
    anyhow!(
        "no paragraph {place} of an article {article:?} takes part here; `refrain list` and `refrain embed` show ids and numbers"
    )
}

fn filter(arguments: &NearestArgs) -> Filter {
    let flags = arguments.filter.clone();
    let kinds = flags.kind.into_iter().map(OfKind::kind).collect();
    Filter {
        outlets: flags.outlet,
        not_outlets: flags.not_outlet,
        from: flags.from,
        to: flags.to,
        kinds,
        ..Filter::default()
    }
}

fn query_is_stdin(arguments: &NearestArgs) -> bool {
    !query_is_input(arguments) && arguments.query == "-"
}

/// With `--query-file` or `--paragraph` what stands first is no query but the first input.
fn query_is_input(arguments: &NearestArgs) -> bool {
    arguments.query_file.is_some() || arguments.paragraph.is_some()
}

fn inputs(arguments: &NearestArgs) -> anyhow::Result<Vec<PathBuf>> {
    let first = query_is_input(arguments).then(|| PathBuf::from(&arguments.query));
    let inputs: Vec<PathBuf> = first.into_iter().chain(arguments.inputs.iter().cloned()).collect();
    let question = inputs.len() > 1 && !inputs[0].exists() && inputs.iter().any(|path| is_library(path));
    if query_is_input(arguments) && question {
        let what = format!(
            "{:?} is no input, and what to look for is given already: expected the library alone",
            arguments.query
        );
        return Err(Misuse(what).into());
    }
    if inputs.is_empty() {
        return Err(Misuse("nothing to search: expected files, folders or a library after the query".to_owned()).into());
    }
    if query_is_stdin(arguments) && inputs.iter().any(|path| path.as_os_str() == "-") {
        return Err(Misuse("both the query and an input are standard input: expected one of them".to_owned()).into());
    }
    Ok(inputs)
}

fn asked(arguments: &NearestArgs) -> anyhow::Result<Asked> {
    if let Some(named) = &arguments.paragraph {
        let parts = named.rsplit_once(':').and_then(|(article, place)| Some((article, place.parse().ok()?)));
        let Some((article, place)) = parts else {
            let what = format!("--paragraph {named}: expected an article's id, a colon and a number, as in bbc-17:3");
            return Err(Misuse(what).into());
        };
        return Ok(Asked::Paragraph(article.to_owned(), place));
    }
    query(arguments).map(Asked::Text)
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
