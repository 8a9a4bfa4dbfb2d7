//! `/report`, `/themes`, `/duplicates`: what `refrain report`, `themes` and `duplicates` say of the library, each found once a
//! state, when it is asked for, and kept until there is another state.
//!
//! Each part is found by one at a time; whoever asks for it meanwhile waits, takes what was found in the state they asked in or
//! a later one, and too many are refused. What is begun goes on when who asked has gone. The report takes the themes and the
//! duplicates that were found, and finds what is missing in one run, for those who ask for it alone as well. Nothing is
//! written: new themes are kept by `refrain themes` alone. Not here: the finding itself (`found`).

mod found;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::app::App;
use super::held::Keeper;
use super::parameters::{Nothing, Parameters};
use super::refusal::{Kind, Refusal};
use crate::library::Stamp;

pub(in crate::serve) use found::Found;

/// What a report may do beyond what its own policy says: nothing, and nobody may frame it but this server's own page.
const POLICY: &str = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// What is found, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Part {
    /// Themes.
    Themes,
    /// Near-duplicate coverage and quotations.
    Duplicates,
    /// Both, and the map, as a page.
    Report,
}

/// A state of the library, in one of its eras: put back to what it was, it may have changed as often and hold something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) struct Moment {
    era: u64,
    stamp: Stamp,
}

impl Moment {
    /// The state that is kept.
    fn now(keeper: &Keeper) -> Result<Self, Refusal> {
        let state = keeper.state()?;
        if state.about.paragraphs == 0 {
            return Err(Refusal::new(Kind::NotFound, "the library holds no paragraph yet"));
        }
        Ok(Self { era: state.era, stamp: state.themes().stamp.clone() })
    }

    /// Whether it is this one or a later one of the same library.
    fn is_since(&self, other: &Self) -> bool {
        let age = |one: &Self| (one.stamp.changes, one.stamp.generation, one.stamp.log);
        (self.era, &self.stamp.library) == (other.era, &other.stamp.library) && age(self) >= age(other)
    }
}

/// A part of one state, written.
#[derive(Debug, Clone)]
pub(in crate::serve) struct Written {
    of: Moment,
    text: Bytes,
}

impl Part {
    /// How many there are.
    pub(in crate::serve) const COUNT: usize = 3;

    /// Its name among the figures.
    pub(in crate::serve) fn name(self) -> &'static str {
        match self {
            Self::Themes => "themes",
            Self::Duplicates => "duplicates",
            Self::Report => "report",
        }
    }

    /// What is found where it is, itself last.
    fn parts(self) -> &'static [Self] {
        match self {
            Self::Themes => &[Self::Themes],
            Self::Duplicates => &[Self::Duplicates],
            Self::Report => &[Self::Themes, Self::Duplicates, Self::Report],
        }
    }
}

/// `GET /report`: the HTML page.
pub(super) async fn report(
    State(app): State<App>,
    _: Parameters<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut response = answer(&headers, written(&app, Part::Report).await?, "text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// `GET /themes`: as `refrain themes --format json`.
pub(super) async fn themes(
    State(app): State<App>,
    _: Parameters<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    Ok(answer(&headers, written(&app, Part::Themes).await?, "application/json"))
}

/// `GET /duplicates`: as `refrain duplicates --format json`.
pub(super) async fn duplicates(
    State(app): State<App>,
    _: Parameters<Nothing>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    Ok(answer(&headers, written(&app, Part::Duplicates).await?, "application/json"))
}

/// What was found, or that the asker has it already.
fn answer(asked: &HeaderMap, written: Written, kind: &'static str) -> Response {
    let Moment { era, stamp: Stamp { library, changes, generation, log } } = &written.of;
    let tag = format!("\"{library}.{era}.{changes}.{}.{log}\"", generation.unwrap_or(0));
    let known = has(asked, &tag);
    let mut response = Response::new(if known { Body::empty() } else { Body::from(written.text) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Whether who asks has what has this tag.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// A part of the state there is or of a later one, found now if nobody did before.
async fn written(app: &App, part: Part) -> Result<Written, Refusal> {
    let keeper = app.keeper()?.clone();
    let asked = Moment::now(&keeper)?;
    let known = |keeper: &Keeper| keeper.found().since(&asked, part);
    if let Some(written) = known(&keeper) {
        return Ok(written);
    }
    let what = "too many wait for the report already: ask again later";
    let place = keeper.readers.clone().try_acquire_owned().map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    // Who gives up while others find waits no more. Always in this order: nobody waits for who waits for them.
    let mut alone = Vec::new();
    for &part in part.parts() {
        alone.push(keeper.finding[part as usize].clone().lock_owned().await);
    }
    // Others may have found it meanwhile, or what is newer still.
    if let Some(written) = known(&keeper) {
        return Ok(written);
    }
    let (finder, era) = (keeper.clone(), Moment::now(&keeper)?.era);
    // What is begun goes on when this request is given up: who asks next waits for the same.
    let found = tokio::task::spawn_blocking(move || {
        let _held = (place, alone);
        // Threads of its own: who wants a vector meanwhile shares the cores, and does not wait for the end.
        let pool = rayon::ThreadPoolBuilder::new().build().map_err(found::failed)?;
        pool.install(|| found::run(&finder, era, part))
    });
    let found = found.await.map_err(found::failed)?;
    // It may be of a later state than the one that is kept.
    keeper.refresh().await;
    found
}
