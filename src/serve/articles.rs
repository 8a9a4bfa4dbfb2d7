//! `/articles`: what the library holds, and changing it.

use std::io::Cursor;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::app::App;
use super::body::{Json, Share, written};
use super::held::Keeper;
use super::parameters::{Known, Nothing, Parameters};
use super::queue::{Embedded, Failure};
use super::refusal::{Kind, Refusal};
use crate::corpus::{Item, ReadOptions, SplitArticle, Stream};
use crate::embed::{EmbedError, Embeddings, Manner};
use crate::holdings::{Added, Listed};
use crate::library::{Adder, Fate, Library, LibraryError, Which};
use crate::vectors::UnitRows;

/// Articles of one page of the list at the most.
const PAGE: usize = 1_000;
/// The outlet of a record that names none, and what its id begins with where it has none: as standard input's are called so.
const NOBODY: &str = "posted";
const PIPED: &str = "stdin";

/// Which part of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    offset: Option<usize>,
    limit: Option<usize>,
    outlet: Option<String>,
}

impl Known for Part {
    const NAMES: &'static [&'static str] = &["offset", "limit", "outlet"];
    const NUMBERS: &'static [&'static str] = &["offset", "limit"];
}

#[derive(Serialize)]
struct List {
    schema: &'static str,
    total: usize,
    offset: usize,
    articles: Vec<Listed>,
}

/// What a record became.
#[derive(Debug, Clone, Serialize)]
struct Outcome {
    record: usize,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Answer {
    schema: &'static str,
    library: String,
    #[serde(flatten)]
    added: Added,
    records: Vec<Outcome>,
}

#[derive(Serialize)]
struct Removed {
    schema: &'static str,
    removed: usize,
}

/// `GET /articles`: a part of the list, in the order in which they were added.
pub(super) async fn list(State(app): State<App>, Parameters(part): Parameters<Part>) -> Result<Response, Refusal> {
    let (offset, limit) = (part.offset.unwrap_or(0), part.limit.unwrap_or(100));
    if !(1..=PAGE).contains(&limit) {
        return Err(Refusal::new(Kind::Validation, format!("`limit` must be 1 to {PAGE}. Given: {limit}")).of("limit"));
    }
    let state = app.keeper()?.state()?;
    let wanted = |listed: &&Listed| part.outlet.as_ref().is_none_or(|outlet| *outlet == listed.outlet);
    let total = state.listed.iter().filter(wanted).count();
    let articles: Vec<Listed> = state.listed.iter().filter(wanted).skip(offset).take(limit).cloned().collect();
    let count = articles.len();
    Ok(written(List { schema: "refrain.articles/1", total, offset, articles }, count).await)
}

/// `POST /articles`: adds records, as lines of JSON have them; says of each what became of it.
pub(super) async fn add(
    State(app): State<App>,
    _: Parameters<Nothing>,
    Json { value, share }: Json<Vec<Map<String, Value>>>,
) -> Result<Response, Refusal> {
    let keeper = app.keeper()?.clone();
    let most = app.limits.request_texts;
    if value.is_empty() || value.len() > most {
        let what = format!("expected a list of 1 to {most} records. Given: {}", value.len());
        return Err(Refusal::new(if value.is_empty() { Kind::Empty } else { Kind::Validation }, what));
    }
    let (adding, at) = (app.clone(), keeper.clone());
    let answer = alone(&keeper, Some(share), move || add_all(&adding, &at, &value)).await?;
    keeper.refresh().await;
    let count = answer.records.len();
    Ok(written(answer, count).await)
}

/// `DELETE /articles/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    _: Parameters<Nothing>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let keeper = app.keeper()?.clone();
    let (path, which) = (keeper.path.clone(), Which { ids: vec![id.clone()], ..Which::default() });
    match alone(&keeper, None, move || Library::open(&path)?.remove(&which)).await? {
        0 => Err(Refusal::new(Kind::NotFound, format!("no article \"{id}\" in this library"))),
        removed => {
            keeper.refresh().await;
            Ok(written(Removed { schema: "refrain.removed/1", removed }, 1).await)
        }
    }
}

/// Changes the library when nobody else of this server does. A change that has begun goes on when who asked for it has gone,
/// and holds its place, its turn and its body's share until it is done.
async fn alone<T: Send + 'static>(
    keeper: &Keeper,
    share: Option<Share>,
    change: impl FnOnce() -> Result<T, LibraryError> + Send + 'static,
) -> Result<T, Refusal> {
    let what = "too many changes of the library wait already: ask again later";
    let place = keeper.writers.clone().try_acquire_owned();
    let place = place.map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    let held = (place, keeper.writing.clone().lock_owned().await, share);
    let changed = tokio::task::spawn_blocking(move || {
        let _held = held;
        change()
    });
    let changed = changed.await.map_err(|_| Refusal::new(Kind::Internal, "the change failed: a fault of refrain"))?;
    changed.map_err(told)
}

/// What the library says, as an answer.
#[allow(clippy::needless_pass_by_value, reason = "it is what errors are mapped by")]
pub(super) fn told(error: LibraryError) -> Refusal {
    let kind = match &error {
        LibraryError::Busy { .. }
        | LibraryError::Full { .. }
        | LibraryError::Moved { .. }
        | LibraryError::OtherModel { .. }
        // The file is gone, or no library any more: whoever looks after it brings it back.
        | LibraryError::Missing { .. }
        | LibraryError::Empty { .. }
        | LibraryError::Foreign { .. }
        | LibraryError::Newer { .. }
        | LibraryError::Damaged { .. }
        | LibraryError::Io { .. } => Kind::Unhealthy,
        LibraryError::ReadOnly { .. } => Kind::Forbidden,
        LibraryError::Embed(_) => Kind::Backend,
        _ => Kind::Internal,
    };
    Refusal::new(kind, error.to_string())
}

fn add_all(app: &App, keeper: &Keeper, records: &[Map<String, Value>]) -> Result<Answer, LibraryError> {
    let mut library = Library::open(&keeper.path)?;
    library.refuse_other(&keeper.made_by)?;
    let manner = Manner { prompt: keeper.made_by.model.prompt.clone(), cut: None };
    let embed = |texts: &[&str]| embed(app, texts, &manner);
    let mut adder = library.adder(&embed, Timestamp::now()).named();
    let blank = |record| Outcome { record, outcome: "refused", id: None, problems: Vec::new() };
    let mut outcomes: Vec<Outcome> = (0..records.len()).map(blank).collect();
    let (mut taken, mut ended) = (Vec::new(), Ok(()));
    for item in items(records) {
        ended = ended.and_then(|()| take((item, records), &mut adder, (&mut outcomes, &mut taken)));
    }
    // What was taken whole is written, whatever stopped the rest.
    let finished = adder.finish_named();
    ended?;
    let (added, names) = finished?;
    for (record, name) in taken.into_iter().zip(names) {
        if let Some(outcome) = outcomes.get_mut(record) {
            outcome.id = Some(name);
        }
    }
    let problems = outcomes.iter().map(|outcome| outcome.problems.len()).sum();
    let library = keeper.path.display().to_string();
    Ok(Answer { schema: "refrain.added/1", library, added: Added { problems, ..added }, records: outcomes })
}

/// The records, read as lines of JSON are: each is one line.
fn items(records: &[Map<String, Value>]) -> Vec<Item> {
    let lines: Vec<String> = records.iter().filter_map(|record| serde_json::to_string(record).ok()).collect();
    let Ok(stream) = Stream::open(&["-".into()], ReadOptions::default()) else { return Vec::new() };
    let mut items = Vec::new();
    stream.read(Cursor::new(lines.join("\n") + "\n"), &mut |portion| {
        items.extend(stream.split(portion).into_iter().map(|(item, _)| item));
        true
    });
    items
}

/// Adds what became of a record, which is known by its line; `taken` are those that are articles, in the order of taking.
fn take(
    (item, records): (Item, &[Map<String, Value>]),
    adder: &mut Adder<'_>,
    (outcomes, taken): (&mut [Outcome], &mut Vec<usize>),
) -> Result<(), LibraryError> {
    match item {
        Item::Problem(problem) => {
            if let Some((_, outcome)) = of_line(outcomes, problem.place.line) {
                outcome.problems.push(of_request(&problem.what));
            }
        }
        Item::Article(mut split) => {
            let line = split.article.place.line;
            let problems: Vec<String> = split.problems.iter().map(|problem| of_request(&problem.what)).collect();
            let record = line.and_then(|line| records.get(line.checked_sub(1)?));
            call(&mut split, record.is_some_and(names_outlet));
            let repeated = adder.repeated(&split)?.map(|problem| problem.what);
            let fate = adder.take(*split)?;
            let Some((record, outcome)) = of_line(outcomes, line) else { return Ok(()) };
            taken.push(record);
            outcome.outcome = match fate {
                Fate::Added => "added",
                Fate::Replaced => "replaced",
                Fate::Unchanged => "unchanged",
            };
            outcome.problems.extend(problems.into_iter().chain(repeated));
        }
    }
    Ok(())
}

/// What is wrong with a record, without what only a command line can be told.
fn of_request(what: &str) -> String {
    let own = what.split("; name it with --").next().unwrap_or(what);
    if own.len() == what.len() { own.to_owned() } else { format!("{own}; expected the article's text in \"text\"") }
}

/// Whether a record says of which outlet it is.
fn names_outlet(record: &Map<String, Value>) -> bool {
    record.get("outlet").and_then(Value::as_str).is_some_and(|outlet| !outlet.trim().is_empty())
}

/// A record that names no outlet, or has no id, is not called after standard input, through which it did not come.
fn call(split: &mut SplitArticle, named: bool) {
    if !named && split.outlet == PIPED {
        NOBODY.clone_into(&mut split.outlet);
    }
    if !split.given_id
        && let Some(number) = split.article.id.strip_prefix(PIPED)
    {
        split.article.id = format!("{NOBODY}{number}");
    }
}

fn of_line(outcomes: &mut [Outcome], line: Option<usize>) -> Option<(usize, &mut Outcome)> {
    let record = line?.checked_sub(1)?;
    outcomes.get_mut(record).map(|outcome| (record, outcome))
}

/// Embeds texts in turn with those of other requests.
fn embed(app: &App, texts: &[&str], manner: &Manner) -> Result<Embeddings, EmbedError> {
    let failed = |why: String| EmbedError::Run(candle_core::Error::Msg(why));
    let (given, texts) = (texts.len(), texts.iter().map(|text| (*text).to_owned()).collect());
    let awaited = app.queue.submit_owed(texts, manner.clone()).map_err(|_| failed("the server stops".to_owned()))?;
    let embedded = awaited.blocking_recv().map_err(|_| failed("the server stopped".to_owned()))?;
    let embedded = embedded.map_err(|failure| match failure {
        Failure::Model(why) => failed(why),
        Failure::Panic => failed("the model panicked".to_owned()),
    })?;
    let Embedded { vectors, tokens, windowed } = embedded;
    if vectors.len() != given {
        return Err(failed(format!("{} vectors for {given} texts", vectors.len())));
    }
    let vectors = UnitRows::from_flat(vectors.concat(), app.model.facts.dim)?;
    Ok(Embeddings { vectors, windowed, tokens, tokens_of: Vec::new(), tokenising: Default::default() })
}
