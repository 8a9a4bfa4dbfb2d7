//! `/nearest`: the paragraphs that answer a question, as `refrain nearest --format json` writes them.
//!
//! By `GET` with parameters and by `POST` with the same names in JSON. The question is embedded together with other
//! requests' texts; it is looked up in the state that the library has then.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::app::App;
use super::articles::told;
use super::body::{Json, Share, written};
use super::held::{Keeper, State as Held};
use super::inputs;
use super::refusal::{Kind, Refusal};
use crate::embed::Manner;
use crate::library::{Library, LibraryError};
use crate::lookup::{Ask, Filter, LookupError, Text};
use crate::nearest::{Answer, Mode};
use crate::paragraph::Kind as Paragraph;
use crate::report::nearest::document;

/// Paragraphs of one answer at the most.
const MOST: usize = 100;
/// Characters of a question at the most.
const QUESTION: usize = 4_096;
/// How often a question is asked again of a library that changes meanwhile.
const TRIES: usize = 4;

/// What is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    query: String,
    #[serde(default, deserialize_with = "inputs::count")]
    k: Option<usize>,
    mode: Option<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    outlet: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    not_outlet: Vec<String>,
    from: Option<String>,
    to: Option<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    kind: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    theme: Vec<String>,
    elsewhere: Option<bool>,
}

/// A name, or a list of names. In an address names stand side by side with a line end between them, for a comma may be in one.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        More(Vec<String>),
    }
    Ok(match Option::<Names>::deserialize(from)? {
        None => Vec::new(),
        Some(Names::One(name)) => name.split('\n').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        Some(Names::More(names)) => names,
    })
}

/// What is asked, understood.
struct Wanted {
    query: String,
    k: usize,
    mode: Mode,
    filter: Filter,
    themes: Vec<String>,
    elsewhere: bool,
}

/// `GET /nearest`.
pub(super) async fn get(
    State(app): State<App>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(asked) = asked.map_err(|error| Refusal::new(Kind::Validation, error.body_text()))?;
    nearest(app, asked, None).await
}

/// `POST /nearest`.
pub(super) async fn post(State(app): State<App>, Json { value, share }: Json<Asked>) -> Result<Response, Refusal> {
    nearest(app, value, Some(share)).await
}

async fn nearest(app: App, asked: Asked, share: Option<Share>) -> Result<Response, Refusal> {
    let keeper = app.keeper()?.clone();
    let wanted = Arc::new(wanted(asked)?);
    let what = "too many questions are being looked up: ask again later";
    let place = keeper.askers.clone().try_acquire_owned().map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    // Held by who looks up as well, who goes on when who asked has gone.
    let held = Arc::new((place, share));
    let vector =
        if wanted.mode.by_meaning() || wanted.elsewhere { Some(vector(&app, &wanted.query).await?) } else { None };
    for _ in 0..TRIES {
        let (at, wanted, vector, state) = (keeper.clone(), wanted.clone(), vector.clone(), keeper.state()?);
        let held = held.clone();
        let looked = move || {
            let _held = held;
            look_up(&at, &state, &wanted, vector.as_deref())
        };
        let found = tokio::task::spawn_blocking(looked).await;
        let found = found.map_err(|_| Refusal::new(Kind::Internal, "looking up failed: a fault of refrain"))?;
        if let Some(answer) = found.map_err(refused)? {
            let failed = |error| Refusal::new(Kind::Internal, format!("writing the answer failed: {error}"));
            let written_out = serde_json::to_value(document(&answer)).map_err(failed)?;
            return Ok(written(written_out, answer.hits.len()).await);
        }
        // The file is ahead of what is kept: never half of each.
        keeper.refresh().await;
    }
    Err(Refusal::new(Kind::Unhealthy, "the library changes faster than it is read: ask again later"))
}

/// The filter, with the rows that the themes have in this state.
fn filter(library: &Library, state: &Held, wanted: &Wanted) -> Result<Filter, LibraryError> {
    if wanted.themes.is_empty() {
        return Ok(wanted.filter.clone());
    }
    let mut ids = BTreeSet::new();
    for theme in &wanted.themes {
        ids.extend(library.theme_paragraphs(theme)?);
    }
    let known = &state.shelf.ids;
    let rows = (0..known.len()).filter(|&row| ids.contains(&known[row])).collect();
    Ok(Filter { rows: Some(rows), ..wanted.filter.clone() })
}

async fn vector(app: &App, query: &str) -> Result<Vec<f32>, Refusal> {
    let manner = Manner { prompt: app.model.facts.query_prompt.clone(), cut: None };
    let embedded = inputs::embed(app, vec![query.to_owned()], manner, None).await?;
    Ok(embedded.vectors.into_iter().next().unwrap_or_default())
}

/// None where the file has another state than the one that is kept.
fn look_up(
    keeper: &Keeper,
    state: &Held,
    wanted: &Wanted,
    vector: Option<&[f32]>,
) -> Result<Option<Answer>, LibraryError> {
    let Wanted { query, k, mode, elsewhere, .. } = wanted;
    let text = Text { text: query, date: None };
    keeper.at_desk(|desk| {
        let filter = &filter(&desk.library, state, wanted)?;
        let ask = Ask { text, vector, mode: *mode, k: *k, filter, elsewhere: *elsewhere };
        desk.library.answer(&state.shelf, &desk.tokeniser, &ask)
    })
}

fn refused(error: LibraryError) -> Refusal {
    match error {
        LibraryError::Lookup(LookupError::Filter(error)) => Refusal::new(Kind::Validation, error.to_string()),
        error @ LibraryError::NoTheme { .. } => Refusal::new(Kind::Validation, error.to_string()).of("theme"),
        error => told(error),
    }
}

fn wanted(asked: Asked) -> Result<Wanted, Refusal> {
    let Asked { query, k, mode, outlet, not_outlet, from, to, kind, theme, elsewhere } = asked;
    let query = query.trim().to_owned();
    if query.is_empty() {
        return Err(Refusal::new(Kind::Empty, "`query` cannot be empty").of("query"));
    }
    let length = query.chars().count();
    if length > QUESTION {
        let what = format!("`query` must have at most {QUESTION} characters. Given: {length}");
        return Err(Refusal::new(Kind::Validation, what).of("query"));
    }
    let k = k.unwrap_or(10);
    if !(1..=MOST).contains(&k) {
        return Err(Refusal::new(Kind::Validation, format!("`k` must be 1 to {MOST}. Given: {k}")).of("k"));
    }
    let filter = Filter {
        outlets: outlet,
        not_outlets: not_outlet,
        from: from.map(|day| date("from", &day)).transpose()?,
        to: to.map(|day| date("to", &day)).transpose()?,
        kinds: kind.iter().map(|name| paragraph(name)).collect::<Result<_, _>>()?,
        ..Filter::default()
    };
    Ok(Wanted {
        query,
        k,
        mode: self::mode(mode.as_deref())?,
        filter,
        themes: theme,
        elsewhere: elsewhere.unwrap_or(false),
    })
}

fn mode(asked: Option<&str>) -> Result<Mode, Refusal> {
    let Some(asked) = asked else { return Ok(Mode::Hybrid) };
    let known = Mode::ALL.into_iter().find(|mode| mode.name() == asked);
    let names = Mode::ALL.map(Mode::name).join(", ");
    known.ok_or_else(|| {
        Refusal::new(Kind::Validation, format!("`mode` must be one of {names}. Given: {asked}")).of("mode")
    })
}

fn date(field: &'static str, day: &str) -> Result<Date, Refusal> {
    let what =
        || Refusal::new(Kind::Validation, format!("`{field}` must be a day, YYYY-MM-DD. Given: {day}")).of(field);
    day.parse().map_err(|_| what())
}

/// A kind that takes part: of no other there is anything to find.
fn paragraph(name: &str) -> Result<Paragraph, Refusal> {
    let content = || Paragraph::ALL.into_iter().filter(|kind| kind.is_content());
    let names = || content().map(Paragraph::code).collect::<Vec<_>>().join(", ");
    let what =
        || Refusal::new(Kind::Validation, format!("`kind` must be one of {}. Given: {name}", names())).of("kind");
    content().find(|kind| kind.code() == name).ok_or_else(what)
}
