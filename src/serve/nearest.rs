//! `/nearest`: the paragraphs that answer a question, or are near one of the library's own, as `refrain nearest --format json`
//! writes them.
//!
//! By `GET` with parameters and by `POST` with the same names in JSON. The question is embedded together with other
//! requests' texts; it is looked up in the state that is loaded then. Where the file was changed since, what is loaded and still
//! there answers at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::app::App;
use super::articles::told;
use super::body::{Json, Share, written};
use super::held::{Desk, Keeper, State as Held};
use super::inputs;
use super::parameters::{Known, Nothing, Parameters};
use super::refusal::{Kind, Refusal};
use crate::collection::Collection;
use crate::embed::Manner;
use crate::library::{Library, LibraryError, Look, Shelf, Sought};
use crate::lookup::{Ask, Filter, LookupError, Text};
use crate::nearest::{Answer, Mode};
use crate::paragraph::Kind as Paragraph;
use crate::report::nearest::document;

/// Paragraphs of one answer at the most.
const MOST: usize = 100;
/// Characters of a question at the most.
const QUESTION: usize = 4_096;
/// How often a question waits for another library that took the place of the one that is kept.
const TRIES: usize = 3;

/// What is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    query: Option<String>,
    paragraph: Option<String>,
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

impl Known for Asked {
    const NAMES: &'static [&'static str] =
        &["query", "paragraph", "k", "mode", "outlet", "not_outlet", "from", "to", "kind", "theme", "elsewhere"];
    const NUMBERS: &'static [&'static str] = &["k"];
    const FLAGS: &'static [&'static str] = &["elsewhere"];
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
    question: Question,
    k: usize,
    mode: Mode,
    filter: Filter,
    themes: Vec<String>,
    elsewhere: bool,
}

/// What is looked for.
enum Question {
    /// A text.
    Text(String),
    /// What a paragraph of the library says: an article, by what it is called, and the paragraph's number in it.
    Paragraph(String, usize),
}

/// `GET /nearest`.
pub(super) async fn get(State(app): State<App>, Parameters(asked): Parameters<Asked>) -> Result<Response, Refusal> {
    nearest(app, asked, None).await
}

/// `POST /nearest`.
pub(super) async fn post(
    State(app): State<App>,
    _: Parameters<Nothing>,
    Json { value, share }: Json<Asked>,
) -> Result<Response, Refusal> {
    nearest(app, value, Some(share)).await
}

async fn nearest(app: App, asked: Asked, share: Option<Share>) -> Result<Response, Refusal> {
    let keeper = app.keeper()?.clone();
    let wanted = Arc::new(wanted(asked)?);
    let what = "too many questions are being looked up: ask again later";
    let place = keeper.askers.clone().try_acquire_owned().map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    // Held by who looks up as well, who goes on when who asked has gone.
    let held = Arc::new((place, share));
    let vector = match &wanted.question {
        Question::Text(text) if wanted.mode.by_meaning() || wanted.elsewhere => Some(vector(&app, text).await?),
        _ => None,
    };
    for _ in 0..TRIES {
        let (at, wanted, vector, state) = (keeper.clone(), wanted.clone(), vector.clone(), keeper.state()?);
        let held = held.clone();
        let looked = move || {
            let _held = held;
            look_up(&at, &state, &wanted, vector.as_deref())
        };
        let found = tokio::task::spawn_blocking(looked).await;
        let found = found.map_err(|_| Refusal::new(Kind::Internal, "looking up failed: a fault of refrain"))?;
        if let Some(looked) = found.map_err(refused)? {
            let answer = looked?;
            let failed = |error| Refusal::new(Kind::Internal, format!("writing the answer failed: {error}"));
            let written_out = serde_json::to_value(document(&answer)).map_err(failed)?;
            return Ok(written(written_out, answer.hits.len()).await);
        }
        // Another library has the name: nothing of the one that is kept would be true of it.
        keeper.refresh().await;
    }
    Err(Refusal::new(Kind::Unhealthy, "the library was replaced by another again and again: ask again later"))
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

/// None where the file is another library's. Of one that was written to since the state was loaded what is left answers, and the
/// new state is loaded meanwhile.
fn look_up(
    keeper: &Keeper,
    state: &Held,
    wanted: &Wanted,
    vector: Option<&[f32]>,
) -> Result<Option<Result<Answer, Refusal>>, LibraryError> {
    keeper.at_desk(|desk| {
        let filter = filter(&desk.library, state, wanted)?;
        if let Some(look) = desk.library.look(&state.shelf)? {
            return Ok((Some(answer(&look, (state, desk), (wanted, filter), vector)?), true));
        }
        drop(keeper.look_now());
        let Some(look) = desk.library.look_at_what_is_left(&state.shelf)? else { return Ok((None, false)) };
        Ok((Some(answer(&look, (state, desk), (wanted, filter), vector)?), false))
    })
}

/// The answer, or that there is no such paragraph.
fn answer(
    look: &Look,
    (state, desk): (&Held, &Desk),
    (wanted, mut filter): (&Wanted, Filter),
    vector: Option<&[f32]>,
) -> Result<Result<Answer, Refusal>, LibraryError> {
    let Wanted { question, k, mode, elsewhere, .. } = wanted;
    let put = match question {
        Question::Text(text) => Put { text: text.clone(), date: None, vector: vector.map(<[f32]>::to_vec) },
        Question::Paragraph(article, place) => match look.paragraph(article, *place)? {
            Sought::At(row, own) => {
                // A paragraph is no answer to itself.
                filter.not_rows.push(row);
                Put::of(&state.shelf, row, own)
            }
            Sought::Since => return Ok(Err(came_since(article, *place))),
            Sought::Nowhere => return Ok(Err(no_paragraph(article, *place))),
        },
    };
    let text = Text { text: &put.text, date: put.date };
    let ask = Ask { text, vector: put.vector.as_deref(), mode: *mode, k: *k, filter: &filter, elsewhere: *elsewhere };
    look.answer(&desk.tokeniser, &ask).map(Ok)
}

/// A question, ready to be put.
struct Put {
    text: String,
    date: Option<Date>,
    vector: Option<Vec<f32>>,
}

impl Put {
    /// A paragraph of the library, with the vector that it has there.
    fn of(shelf: &Shelf, row: usize, own: Collection) -> Self {
        let date = own.articles.first().and_then(|article| article.date);
        let text = own.paragraphs.into_iter().next().map(|paragraph| paragraph.text).unwrap_or_default();
        Self { text, date, vector: shelf.stock.vectors.as_ref().map(|vectors| vectors.row(row).to_vec()) }
    }
}

fn came_since(article: &str, place: usize) -> Refusal {
    let what =
        format!("paragraph {place} of \"{article}\" came to the library just now, and is being loaded: ask again");
    Refusal::new(Kind::Unhealthy, what).of("paragraph")
}

fn no_paragraph(article: &str, place: usize) -> Refusal {
    let what =
        format!("no paragraph {place} of an article \"{article}\" takes part in this library: GET /articles lists ids");
    Refusal::new(Kind::Validation, what).of("paragraph")
}

fn refused(error: LibraryError) -> Refusal {
    match error {
        LibraryError::Lookup(LookupError::Filter(error)) => Refusal::new(Kind::Validation, error.to_string()),
        error @ LibraryError::NoTheme { .. } => Refusal::new(Kind::Validation, error.to_string()).of("theme"),
        error => told(error),
    }
}

fn wanted(asked: Asked) -> Result<Wanted, Refusal> {
    let Asked { query, paragraph, k, mode, outlet, not_outlet, from, to, kind, theme, elsewhere } = asked;
    let question = question(query, paragraph)?;
    let k = k.unwrap_or(10);
    if !(1..=MOST).contains(&k) {
        return Err(Refusal::new(Kind::Validation, format!("`k` must be 1 to {MOST}. Given: {k}")).of("k"));
    }
    let filter = Filter {
        outlets: outlet,
        not_outlets: not_outlet,
        from: from.map(|day| date("from", &day)).transpose()?,
        to: to.map(|day| date("to", &day)).transpose()?,
        kinds: kind.iter().map(|name| self::kind(name)).collect::<Result<_, _>>()?,
        ..Filter::default()
    };
    Ok(Wanted {
        question,
        k,
        mode: self::mode(mode.as_deref())?,
        filter,
        themes: theme,
        elsewhere: elsewhere.unwrap_or(false),
    })
}

/// A text, or a paragraph by name: one of them.
fn question(query: Option<String>, paragraph: Option<String>) -> Result<Question, Refusal> {
    let wrong = |what: &str| Err(Refusal::new(Kind::Validation, what).of("query"));
    match (query, paragraph) {
        (Some(query), None) => text(query.trim()),
        (None, Some(named)) => named_paragraph(&named),
        (None, None) => wrong("expected `query`, a text, or `paragraph`, an article's id, a colon and a number"),
        (Some(_), Some(_)) => wrong("both `query` and `paragraph` are given: expected one of them"),
    }
}

fn text(query: &str) -> Result<Question, Refusal> {
    if query.is_empty() {
        return Err(Refusal::new(Kind::Empty, "`query` cannot be empty").of("query"));
    }
    let length = query.chars().count();
    if length > QUESTION {
        let what = format!("`query` must have at most {QUESTION} characters. Given: {length}");
        return Err(Refusal::new(Kind::Validation, what).of("query"));
    }
    Ok(Question::Text(query.to_owned()))
}

fn named_paragraph(named: &str) -> Result<Question, Refusal> {
    let parts = named.rsplit_once(':').and_then(|(article, place)| Some((article.to_owned(), place.parse().ok()?)));
    parts.map(|(article, place)| Question::Paragraph(article, place)).ok_or_else(|| {
        let what = format!("`paragraph` must be an article's id, a colon and a number, as in bbc-17:3. Given: {named}");
        Refusal::new(Kind::Validation, what).of("paragraph")
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
fn kind(name: &str) -> Result<Paragraph, Refusal> {
    let content = || Paragraph::ALL.into_iter().filter(|kind| kind.is_content());
    let names = || content().map(Paragraph::code).collect::<Vec<_>>().join(", ");
    let what =
        || Refusal::new(Kind::Validation, format!("`kind` must be one of {}. Given: {name}", names())).of("kind");
    content().find(|kind| kind.code() == name).ok_or_else(what)
}
