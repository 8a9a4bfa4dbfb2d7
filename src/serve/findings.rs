//! `/report`, `/themes`, `/duplicates`: what `refrain report`, `themes` and `duplicates` say of the library, found once a
//! state.
//!
//! One state is worked on at a time; whoever asks meanwhile waits, and too many are refused. It goes on when who asked first
//! has gone: somebody else waits for the same.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::response::Response;
use jiff::{Timestamp, Zoned};

use super::app::App;
use super::held::{Keeper, State as Held};
use super::refusal::{Kind, Refusal};
use crate::duplicates;
use crate::findings::Findings;
use crate::library::{Basis, Library, LibraryError, ThemeSettings};
use crate::pipeline::{self, Corpus, Embedded, Engine, Plan};
use crate::report;

/// As `refrain report` has it where nothing is said: a paragraph of so many of an outlet's articles is boilerplate.
const RECURRING_FROM: usize = 3;
/// What a report may do beyond what its own policy says: nothing, and nobody may frame it but this server's own page.
const POLICY: &str = "frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// What was found in one state, written.
#[derive(Debug)]
pub(in crate::serve) struct Rendered {
    report: Bytes,
    themes: Bytes,
    duplicates: Bytes,
}

/// `GET /report`: the HTML page.
pub(super) async fn report(State(app): State<App>) -> Result<Response, Refusal> {
    let (state, rendered) = rendered(&app).await?;
    let mut response = answer(&state, rendered.report.clone(), "text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// `GET /themes`: as `refrain themes --format json`.
pub(super) async fn themes(State(app): State<App>) -> Result<Response, Refusal> {
    let (state, rendered) = rendered(&app).await?;
    Ok(answer(&state, rendered.themes.clone(), "application/json"))
}

/// `GET /duplicates`: as `refrain duplicates --format json`.
pub(super) async fn duplicates(State(app): State<App>) -> Result<Response, Refusal> {
    let (state, rendered) = rendered(&app).await?;
    Ok(answer(&state, rendered.duplicates.clone(), "application/json"))
}

fn answer(state: &Held, body: Bytes, kind: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", state.changes())) {
        headers.insert(ETAG, tag);
    }
    response
}

/// What was found in the state there is, found now if nobody asked before.
async fn rendered(app: &App) -> Result<(Arc<Held>, Arc<Rendered>), Refusal> {
    let keeper = app.keeper()?.clone();
    let state = keeper.state()?;
    if state.about.paragraphs == 0 {
        return Err(Refusal::new(Kind::NotFound, "the library holds no paragraph yet"));
    }
    if let Some(rendered) = state.rendered.get() {
        return Ok((state.clone(), rendered.clone()));
    }
    let what = "too many wait for the report already: ask again later";
    let place = keeper.readers.clone().try_acquire_owned().map_err(|_| Refusal::new(Kind::Overloaded, what))?;
    let (finder, of) = (keeper.clone(), state.clone());
    // A task of its own, which goes on when this request is given up.
    let found = tokio::spawn(async move {
        let _place = place;
        of.rendered.get_or_try_init(|| find(&finder, &of)).await.cloned()
    });
    let failed = || Refusal::new(Kind::Internal, "finding failed: a fault of refrain");
    Ok((state, found.await.map_err(|_| failed())??))
}

async fn find(keeper: &Arc<Keeper>, state: &Arc<Held>) -> Result<Arc<Rendered>, Refusal> {
    let alone = keeper.finding.clone().lock_owned().await;
    let (keeper, changes) = (keeper.clone(), state.changes());
    let found = tokio::task::spawn_blocking(move || {
        let _alone = alone;
        // Threads of its own: who wants a vector meanwhile shares the cores, and does not wait for the end.
        let pool = rayon::ThreadPoolBuilder::new().build().map_err(|error| error.to_string())?;
        pool.install(|| run(&keeper, changes))
    });
    let failed = |why: String| Refusal::new(Kind::Internal, format!("finding themes and duplicates failed: {why}"));
    found.await.map_err(|error| failed(error.to_string()))?.map(Arc::new).map_err(failed)
}

/// Runs everything on one state of the library, with the themes that it keeps; new ones are kept.
fn run(keeper: &Keeper, changes: u64) -> Result<Rendered, String> {
    let told = |error: LibraryError| error.to_string();
    let library = Library::open_to_read(&keeper.path).map_err(told)?;
    let generation = library.generation().map_err(told)?;
    let plain = || ThemeSettings { recurring_from: RECURRING_FROM, ..ThemeSettings::default() };
    let settings = generation.as_ref().map_or_else(plain, |latest| latest.settings.clone());
    let held = library.load().map_err(told)?.without_recurring(settings.recurring_from);
    if held.changes != changes {
        return Err("the library changed meanwhile; ask again".to_owned());
    }
    let kept = library.current_themes(&held, &settings).map_err(told)?;
    let plan = Plan {
        themes: kept.is_none().then(|| (settings.seeds.clone(), settings.options)),
        duplicates: Some(duplicates::Options { today: Some(Zoned::now().date()), ..duplicates::Options::default() }),
        // Set aside above.
        recurring_from: 0,
        map: true,
    };
    let device = keeper.encoder.device();
    let precision = keeper.made_by.precision.clone();
    let embedded = Embedded { vectors: held.vectors, windowed: held.windowed, device: device.to_owned(), precision };
    let inputs = vec![keeper.path.display().to_string()];
    let corpus = Corpus { collection: held.collection, embedded: Some(embedded), inputs };
    let engine = Engine { encoder: &keeper.encoder, device };
    let mut findings = pipeline::run(engine, corpus, &plan, &()).map_err(|error| error.to_string())?;
    if kept.is_some() {
        findings.themes = kept;
    } else if let Some(themes) = &mut findings.themes {
        let basis = Basis { changes, generation: generation.map(|latest| latest.number), ids: &held.ids };
        // Where they cannot be kept they are shown all the same.
        library.place_themes(themes, basis, Some(&settings), Timestamp::now()).map_err(told)?;
    }
    Ok(write(findings))
}

/// The page of everything; the themes and the duplicates as the commands that find them alone write them.
fn write(findings: Findings) -> Rendered {
    let (mut page, mut themes, mut duplicates) = (Vec::new(), Vec::new(), Vec::new());
    // Memory takes whatever is written to it.
    let _ = report::html(&findings, None, &mut page);
    let Findings { coverage, quotations, .. } = findings;
    let alone = Findings { coverage: None, quotations: None, map: None, ..findings };
    let _ = report::json(&alone, &mut themes);
    let _ = report::json(&Findings { themes: None, coverage, quotations, ..alone }, &mut duplicates);
    Rendered { report: page.into(), themes: themes.into(), duplicates: duplicates.into() }
}
